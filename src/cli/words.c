/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/words.h"

#include "cli/message.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Does @word name @option?  *@ret_value is what follows "=" or the letter, NULL where nothing does.
 */
static bool names(const char *word, const struct words_option *option, const char **ret_value)
{
    size_t length = strlen(option->name);

    *ret_value = NULL;
    if (strncmp(word, option->name, length) == 0 && (word[length] == '\0' || word[length] == '=')) {
        *ret_value = word[length] == '=' ? word + length + 1 : NULL;
        return true;
    }
    if (option->letter == 0 || word[0] != '-' || word[1] != option->letter)
        return false;
    *ret_value = word[2] != '\0' ? word + 2 : NULL;
    return true;
}

static int refuse(const char *verb, const char *format, const char *word, struct sbx_error *err)
{
    char hint[64];
    char message[256];

    snprintf(hint, sizeof(hint), "\"sbx %s --help\" says more", verb);
    /* NOLINTNEXTLINE(clang-diagnostic-format-nonliteral): one of those below */
    snprintf(message, sizeof(message), "%s '%.200s'", format, word);
    return message_usage(err, verb, hint, "%s", message);
}

/* Take the option at words[at]; returns how many words it had, or a negative errno. */
static int take(const char *verb, char **words, int at, const struct words_option *options,
                struct sbx_error *err)
{
    for (const struct words_option *option = options; option->name != NULL; option++) {
        const char *value;
        int used = 1;
        int r;

        if (!names(words[at], option, &value))
            continue;
        if (option->flag != NULL) {
            if (value != NULL)
                return refuse(verb, "a value is given to", option->name, err);
            *option->flag = true;
            return 1;
        }
        if (value == NULL) {
            value = words[at + 1];
            used = 2;
        }
        if (value == NULL)
            return refuse(verb, "there is no value for", option->name, err);
        r = option->take(option->context, value, err);
        return r < 0 ? r : used;
    }
    return refuse(verb, "unknown option", words[at], err);
}

int words_parse(const char *verb, char **words, const struct words_option *options,
                struct sbx_error *err)
{
    int at = 0;

    while (words[at] != NULL && words[at][0] == '-' && words[at][1] != '\0') {
        int r;

        if (strcmp(words[at], "--") == 0)
            return at + 1;
        if (strcmp(words[at], "--help") == 0 || strcmp(words[at], "-h") == 0)
            return -1;
        r = take(verb, words, at, options, err);
        if (r < 0)
            return -EINVAL;
        at += r;
    }
    return at;
}
