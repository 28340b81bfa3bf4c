/* SPDX-License-Identifier: Apache-2.0 */
/* sbx completion: pick the shell. */
#include "cli/completion.h"
#include "cli/message.h"
#include "cli/verb.h"

#include <stdio.h>
#include <string.h>

const struct completion_verb completion_profile_verbs[] = {
    {"list", "--names", COMPLETION_NOTHING, "all profiles"},
    {"show", "--yaml", COMPLETION_PROFILE, "what a profile comes to"},
    {"check", NULL, COMPLETION_FILE, "say all that is wrong in a file"},
    {"which", NULL, COMPLETION_COMMAND, "the profile that a command gets"},
    {"path", NULL, COMPLETION_NOTHING, "the directories of profiles"},
    {"schema", NULL, COMPLETION_NOTHING, "the JSON Schema, for editors"},
    {"diff", NULL, COMPLETION_PROFILE, "how two profiles differ"},
    {NULL, NULL, COMPLETION_NOTHING, NULL},
};

bool completion_is_profile(const struct sbx_option *option)
{
    return strcmp(option->name, "profile") == 0;
}

bool completion_is_path(const struct sbx_option *option)
{
    return option->kind == SBX_VALUE_PATH || option->kind == SBX_VALUE_BIND ||
           option->kind == SBX_VALUE_TMPFS || option->kind == SBX_VALUE_FILE;
}

void completion_escaped(const char *text, const char *special)
{
    for (; *text != '\0'; text++) {
        if (strchr(special, *text) != NULL)
            putchar('\\');
        putchar(*text);
    }
}

void completion_choices(const char *choices, const char *separator)
{
    for (; *choices != '\0'; choices++) {
        if (*choices == '|')
            fputs(separator, stdout);
        else
            putchar(*choices);
    }
}

int cmd_completion(const struct call *call)
{
    static const struct {
        const char *name;
        void (*print)(void);
    } shells[] = {{"bash", completion_bash}, {"zsh", completion_zsh}, {"fish", completion_fish}};
    const char *word = call->words[0];
    struct sbx_error err = {0};

    if (word != NULL && (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0))
        return verb_help(call, "completion");
    for (size_t i = 0; word != NULL && call->words[1] == NULL && i < 3; i++) {
        if (strcmp(shells[i].name, word) == 0) {
            shells[i].print();
            return verb_flush(call);
        }
    }
    if (word == NULL)
        message_usage(&err, "completion", "write sbx completion bash, zsh or fish",
                      "there is no shell");
    else
        message_usage(&err, "completion", "write sbx completion bash, zsh or fish",
                      "unknown argument '%s'", call->words[1] != NULL ? call->words[1] : word);
    return verb_failed(&err);
}
