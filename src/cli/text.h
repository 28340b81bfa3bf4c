/* SPDX-License-Identifier: Apache-2.0 */
/* Text from outside on standard output. */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

/** The columns that @text takes: its characters. */
int text_width(const char *text);

/** Print @text escaped as messages are (message_escape()). */
void text_print_escaped(const char *text);

#endif
