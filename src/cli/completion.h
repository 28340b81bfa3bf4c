/* SPDX-License-Identifier: Apache-2.0 */
/* Completion scripts, printed on standard output from the option table and the table of verbs. */
#ifndef CLI_COMPLETION_H
#define CLI_COMPLETION_H

#include <sbx/option.h>
#include <stdbool.h>

void completion_bash(void);
void completion_zsh(void);
void completion_fish(void);

/** Can a value of this option be, or contain, a path? */
bool completion_is_path(const struct sbx_option *option);

/** Print @text with each byte of @special behind a backslash. */
void completion_escaped(const char *text, const char *special);

/** Print the words of "none|host" with @separator between them. */
void completion_choices(const char *choices, const char *separator);

#endif
