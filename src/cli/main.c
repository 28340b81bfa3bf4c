/* SPDX-License-Identifier: Apache-2.0 */
/* sbx: the command line.  It knows the public headers of libsbx only. */
#include "cli/descriptors.h"
#include "cli/message.h"
#include "cli/verb.h"

#include <string.h>
#include <unistd.h>

static int unknown_verb(const char *word)
{
    struct sbx_error err = {0};

    if (word[0] == '-')
        message_usage(&err, "command line", "options follow the verb: sbx run [OPTIONS] -- COMMAND",
                      "unknown option '%s'", word);
    else
        message_usage(&err, "command line",
                      "\"sbx run -- COMMAND\" runs a command in a sandbox; \"sbx help\" says more",
                      "unknown verb '%s'", word);
    return verb_failed(&err);
}

int main(int argc, char **argv)
{
    struct call call = {.argv = argv};
    struct sbx_error err = {0};
    int closed = descriptors_open();
    const char *word;

    if (closed < 0)
        return EXIT_SBX_FAILED;
    call.stdout_closed = (closed & 1 << STDOUT_FILENO) != 0;
    if (argc < 2) {
        message_usage(&err, "command line", "write sbx run -- COMMAND; \"sbx help\" says more",
                      "there is no verb");
        return verb_failed(&err);
    }
    word = argv[1];
    call.words = argv + 2;
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        return cmd_help(&call);
    if (strcmp(word, "--version") == 0)
        return cmd_version(&call);
    for (const struct verb *verb = verbs; verb->name != NULL; verb++)
        if (strcmp(verb->name, word) == 0)
            return verb->run(&call);
    return unknown_verb(word);
}
