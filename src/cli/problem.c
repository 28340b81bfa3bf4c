/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/problem.h"

#include "cli/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN 100 /* bytes of the line that are shown around the caret */

void cleanup_problems(struct sbx_problems **problems)
{
    sbx_problems_free(*problems);
}

void cleanup_profile(struct sbx_profile **profile)
{
    sbx_profile_free(*profile);
}

/* The byte at which character @column (from 1) of @text begins. */
static size_t byte_of(const char *text, unsigned column)
{
    size_t byte = 0;

    while (text[byte] != '\0' && column > 1) {
        byte++;
        /* the bytes after the first of a UTF-8 character */
        while ((text[byte] & 0xc0) == 0x80)
            byte++;
        column--;
    }
    return byte;
}

static bool starts_character(char byte)
{
    return ((unsigned char)byte & 0xc0) != 0x80;
}

/* The line, cut to what stands around the caret, and the caret under its place. */
static void print_line(const struct sbx_problem *problem)
{
    const char *text = problem->text;
    size_t at = byte_of(text, problem->column);
    size_t from = at > SHOWN ? at - SHOWN / 2 : 0;
    size_t length;
    char part[SHOWN * 2 + 1];
    char shown[SHOWN * 8];
    char before[SHOWN * 8];

    while (from > 0 && !starts_character(text[from]))
        from--;
    length = strnlen(text + from, sizeof(part) - 1);
    while (length > 0 && !starts_character(text[from + length]) && text[from + length] != '\0')
        length--;
    memcpy(part, text + from, length);
    part[length] = '\0';
    message_escape(shown, sizeof(shown), part);
    part[at - from < length ? at - from : length] = '\0';
    message_escape(before, sizeof(before), part);
    fprintf(stderr, "%5u | %s\n      | ", problem->line, shown);
    for (const char *byte = before; *byte != '\0'; byte++)
        if (starts_character(*byte))
            fputc(' ', stderr);
    fputs("^\n", stderr);
}

static void print_problem(const struct sbx_problem *problem)
{
    char place[MESSAGE_MAX];
    char message[MESSAGE_MAX];

    message_escape(place, sizeof(place), problem->file);
    message_escape(message, sizeof(message), problem->message);
    if (problem->line == 0)
        fprintf(stderr, "sbx: %s: %s\n", place, message);
    else
        fprintf(stderr, "sbx: %s:%u:%u: %s\n", place, problem->line, problem->column, message);
    if (problem->line != 0 && problem->text != NULL)
        print_line(problem);
    if (problem->hint == NULL)
        return;
    message_escape(message, sizeof(message), problem->hint);
    fprintf(stderr, "hint: %s\n", message);
}

void problems_print(const struct sbx_problems *problems)
{
    struct sbx_problem problem;

    for (size_t i = 0; sbx_problems_get(problems, i, &problem); i++)
        print_problem(&problem);
}
