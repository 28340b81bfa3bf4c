/* SPDX-License-Identifier: Apache-2.0 */
/* Completion scripts, printed on standard output from the option table and the table of verbs. */
#ifndef CLI_COMPLETION_H
#define CLI_COMPLETION_H

#include <sbx/option.h>
#include <stdbool.h>

void completion_bash(void);
void completion_zsh(void);
void completion_fish(void);

/** What a word after `sbx profile VERB` is. */
enum completion_word {
    COMPLETION_NOTHING,
    COMPLETION_PROFILE, /* a profile's name, or a file */
    COMPLETION_FILE,
    COMPLETION_COMMAND,
};

/** A verb below `sbx profile`. */
struct completion_verb {
    const char *name;
    const char *option; /* "--yaml", or NULL */
    enum completion_word word;
    const char *summary;
};

/** Ends with a NULL name. */
extern const struct completion_verb completion_profile_verbs[];

/** Is the value of this option a profile? */
bool completion_is_profile(const struct sbx_option *option);

/** Can a value of this option be, or contain, a path? */
bool completion_is_path(const struct sbx_option *option);

/** Print @text with each byte of @special behind a backslash. */
void completion_escaped(const char *text, const char *special);

/** Print the words of "none|host" with @separator between them. */
void completion_choices(const char *choices, const char *separator);

#endif
