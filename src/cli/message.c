/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/message.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/*
 * The length of the UTF-8 character at @text and its number; 0 for bytes that are none (cut,
 * overlong, a surrogate, past U+10FFFF).
 */
static size_t read_character(const unsigned char *text, uint32_t *ret_character)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t character;
    size_t length;

    if (text[0] < 0x80) {
        *ret_character = text[0];
        return 1;
    }
    if (text[0] >= 0xc2 && text[0] <= 0xdf)
        length = 2;
    else if (text[0] >= 0xe0 && text[0] <= 0xef)
        length = 3;
    else if (text[0] >= 0xf0 && text[0] <= 0xf4)
        length = 4;
    else
        return 0;
    character = text[0] & (0x7fU >> length);
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        character = character << 6 | (text[i] & 0x3fU);
    }
    if (character < smallest[length] || character > 0x10ffff ||
        (character >= 0xd800 && character <= 0xdfff))
        return 0;
    *ret_character = character;
    return length;
}

/* Could this character end a line, start an escape sequence, or show text in another order? */
static bool is_unsafe(uint32_t character)
{
    return character < 0x20 || (character >= 0x7f && character <= 0x9f) || character == 0x61c ||
           character == 0x200e || character == 0x200f ||
           (character >= 0x2028 && character <= 0x202e) ||
           (character >= 0x2066 && character <= 0x2069);
}

size_t message_escape(char *buffer, size_t size, const char *text)
{
    const unsigned char *read = (const unsigned char *)text;
    size_t used = 0;

    while (*read != '\0') {
        char piece[8];
        uint32_t character = 0;
        size_t length = read_character(read, &character);
        size_t bytes = length == 0 ? 1 : length;

        if (length > 0 && !is_unsafe(character)) {
            memcpy(piece, read, length);
            piece[length] = '\0';
        } else if (character == '\n') {
            strcpy(piece, "\\n");
        } else if (character == '\t') {
            strcpy(piece, "\\t");
        } else if (character >= 0x80) {
            snprintf(piece, sizeof(piece), "\\u%04x", character & 0xffff);
        } else {
            snprintf(piece, sizeof(piece), "\\x%02x", *read);
        }
        if (used + strlen(piece) >= size)
            break;
        memcpy(buffer + used, piece, strlen(piece));
        used += strlen(piece);
        read += bytes;
    }
    if (size > 0)
        buffer[used] = '\0';
    return used;
}

/* Append @text to @buffer; a newline at the end of it always finds room. */
static void append(char *buffer, size_t size, const char *text, bool escape)
{
    size_t used = strlen(buffer);

    if (escape)
        message_escape(buffer + used, size - used, text);
    else
        snprintf(buffer + used, size - used, "%s", text);
}

/* Who is out of memory at the very start has no library yet that knows a hint. */
static const char *hint_of(const struct sbx_error *err)
{
    if (err->hint[0] == '\0' && err->number == ENOMEM)
        return "there is too little memory: end some programs, or raise the limit (ulimit -v, a "
               "cgroup)";
    return err->hint;
}

void message_format(char *buffer, size_t size, const struct sbx_error *err)
{
    const char *hint = hint_of(err);

    buffer[0] = '\0';
    append(buffer, size, "sbx: ", false);
    if (err->origin[0] != '\0') {
        append(buffer, size, err->origin, true);
        append(buffer, size, ": ", false);
    }
    append(buffer, size, err->message[0] != '\0' ? err->message : "something failed", true);
    if (err->number != 0) {
        append(buffer, size, ": ", false);
        append(buffer, size, strerror(err->number), true);
    }
    append(buffer, size, "\n", false);
    if (hint[0] != '\0') {
        append(buffer, size, "hint: ", false);
        append(buffer, size, hint, true);
        append(buffer, size, "\n", false);
    }
}

void message_error(const struct sbx_error *err)
{
    char buffer[MESSAGE_MAX];
    /* a file that is as long as the caller's RLIMIT_FSIZE lets it be: no reason to die of a signal
     */
    void (*saved)(int) = signal(SIGXFSZ, SIG_IGN);

    /* One write, so that two processes' lines don't mix; there is nobody to tell if it fails. */
    message_format(buffer, sizeof(buffer), err);
    fputs(buffer, stderr);
    signal(SIGXFSZ, saved);
}

void message_note(const char *format, ...)
{
    char text[1024];
    char escaped[MESSAGE_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    message_escape(escaped, sizeof(escaped), text);
    fprintf(stderr, "sbx: %s\n", escaped);
}

int message_usage(struct sbx_error *err, const char *origin, const char *hint, const char *format,
                  ...)
{
    va_list arguments;

    *err = (struct sbx_error){.kind = SBX_ERROR_USAGE};
    va_start(arguments, format);
    vsnprintf(err->message, sizeof(err->message), format, arguments);
    va_end(arguments);
    if (origin != NULL)
        snprintf(err->origin, sizeof(err->origin), "%s", origin);
    if (hint != NULL)
        snprintf(err->hint, sizeof(err->hint), "%s", hint);
    return -EINVAL;
}
