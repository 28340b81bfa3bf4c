/* SPDX-License-Identifier: Apache-2.0 */
/* Text for people, on standard output, in lines that are not too long. */
#ifndef CLI_WRAP_H
#define CLI_WRAP_H

/** The longest line, unless one word is longer. */
#define WRAP_WIDTH 80

/**
 * Print @text from @column on, where the line stands now, in lines of at most WRAP_WIDTH that start
 * at @column, and end the last one.  What stands between backquotes is not broken.
 */
void wrap_print(const char *text, int column);

#endif
