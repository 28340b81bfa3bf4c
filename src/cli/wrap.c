/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/wrap.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The length of the word that @text begins with; a command between backquotes is one word. */
static int word_length(const char *text)
{
    bool quoted = false;
    int length = 0;

    for (; text[length] != '\0' && (quoted || text[length] != ' '); length++)
        if (text[length] == '`')
            quoted = !quoted && strchr(text + length + 1, '`') != NULL;
    return length;
}

/* Columns that the @length bytes of @text take: its characters. */
static int width_of(const char *text, int length)
{
    int width = 0;

    for (int i = 0; i < length; i++)
        width += ((unsigned char)text[i] & 0xc0) != 0x80;
    return width;
}

void wrap_print(const char *text, int column)
{
    int used = column;

    while (*text != '\0') {
        int length = word_length(text);
        int width = width_of(text, length);

        if (used > column && used + 1 + width > WRAP_WIDTH) {
            printf("\n%*s", column, "");
            used = column;
        } else if (used > column) {
            putchar(' ');
            used++;
        }
        printf("%.*s", length, text);
        used += width;
        text += length;
        text += strspn(text, " ");
    }
    putchar('\n');
}
