/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/text.h"

#include "cli/message.h"

#include <stdio.h>

int text_width(const char *text)
{
    int width = 0;

    for (; *text != '\0'; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

void text_print_escaped(const char *text)
{
    char escaped[MESSAGE_MAX];

    message_escape(escaped, sizeof(escaped), text);
    fputs(escaped, stdout);
}
