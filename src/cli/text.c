/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/text.h"

#include "cli/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int text_width(const char *text)
{
    int width = 0;

    for (; *text != '\0'; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

void text_print_escaped(const char *text)
{
    size_t size = 4 * strlen(text) + 1; /* the longest that a byte becomes is \xNN */
    char *escaped = malloc(size);
    char cut[MESSAGE_MAX];

    if (escaped != NULL)
        message_escape(escaped, size, text);
    else
        message_escape(cut, sizeof(cut), text);
    fputs(escaped != NULL ? escaped : cut, stdout);
    free(escaped);
}
