/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/profile.h"

#include <errno.h>
#include <string.h>

#define MAX_LABEL 96 /* bytes of a label in an origin: struct sbx_error has room for 128 */

/* Line @line of @text, without its end; NULL where there is no such line, or out of memory. */
static const char *line_of(struct arena *arena, const char *text, unsigned line)
{
    size_t length;

    for (unsigned i = 1; i < line && text != NULL; i++) {
        text = strchr(text, '\n');
        text = text == NULL ? NULL : text + 1;
    }
    if (text == NULL || line == 0)
        return NULL;
    length = strcspn(text, "\n");
    if (length > 0 && text[length - 1] == '\r')
        length--;
    return arena_strndup(arena, text, length);
}

int profile_problem_add(struct arena *arena, struct profile_problems *problems, const char *file,
                        const char *text, struct profile_mark mark, const char *message,
                        const char *hint)
{
    struct profile_problem *problem = ARENA_PUSH(arena, problems);

    if (problem == NULL)
        return -ENOMEM;
    *problem = (struct profile_problem){
        .file = file,
        .mark = mark,
        .text = text == NULL ? NULL : line_of(arena, text, mark.line),
        .message = message,
        .hint = hint,
    };
    return 0;
}

char *profile_origin(struct arena *arena, const struct profile *profile, struct profile_mark mark)
{
    const char *label = profile->label;
    size_t length = strlen(label);

    if (length <= MAX_LABEL)
        return arena_printf(arena, "%s:%u:%u", label, mark.line, mark.column);
    /* the end tells more than the beginning; no UTF-8 character is cut in two */
    label += length - MAX_LABEL;
    while (((unsigned char)*label & 0xc0) == 0x80)
        label++;
    return arena_printf(arena, "...%s:%u:%u", label, mark.line, mark.column);
}
