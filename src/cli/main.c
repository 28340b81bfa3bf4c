/* SPDX-License-Identifier: Apache-2.0 */
/* sbx: the command line.  It knows the public headers of libsbx only. */
#include "cli/message.h"
#include "cli/verb.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/*
 * Descriptors 0, 1 and 2 have to be open: else the next file that is opened becomes one of them,
 * and with it a part of the command's view.  Returns false where /dev/null can't stand in.
 */
static bool open_standard_descriptors(bool *ret_stdout_closed)
{
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
            continue;
        /* All lower ones are open, so this one is the lowest that is free. */
        if (open("/dev/null", O_RDWR | O_NOCTTY) != fd)
            return false;
        if (fd == STDOUT_FILENO)
            *ret_stdout_closed = true;
    }
    return true;
}

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
    const char *word;

    if (!open_standard_descriptors(&call.stdout_closed))
        return EXIT_SBX_FAILED;
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
