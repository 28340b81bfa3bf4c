/* SPDX-License-Identifier: Apache-2.0 */
/*
 * profilegen: print the index of profiles, see kernel/profile_index.h.
 *
 *     profilegen FILE.yaml...    lines "PROGRAM PROFILE", sorted by program, on standard output
 *
 * A host tool of the build: it is not installed.  It ends with 1 and a message where a file can't
 * be read, has something wrong in it, or wants a program that another one has already.
 */
#include "base/cleanup.h"
#include "base/io.h"
#include "policy/profile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct line {
    const char *program;
    const char *profile;
};

struct lines {
    struct line *items;
    size_t count;
    size_t capacity;
};

static int compare_lines(const void *left, const void *right)
{
    const struct line *a = left;
    const struct line *b = right;

    return strcmp(a->program, b->program);
}

static int add_profile(struct arena *arena, const char *path, struct lines *lines,
                       struct sbx_error *err)
{
    const char *base = strrchr(path, '/') == NULL ? path : strrchr(path, '/') + 1;
    const char *name = arena_strndup(arena, base, strcspn(base, "."));
    struct profile_problems problems = {0};
    struct profile profile;
    char *text;
    size_t size;
    int r = name == NULL ? -ENOMEM
                         : io_read_file(arena, AT_FDCWD, path, PROFILE_MAX_SIZE, &text, &size);

    if (r < 0)
        return error_set(err, SBX_ERROR_SETUP, -r, "profile", path, "'%s' can't be read", path);
    r = profile_parse(arena, name, base, path, text, size, &profile, &problems, err);
    if (r == -EINVAL)
        return error_set(err, SBX_ERROR_USAGE, 0, "profile", path, "'%s' is not correct", path);
    for (size_t i = 0; r == 0 && i < profile.match.count; i++) {
        struct line *line = ARENA_PUSH(arena, lines);

        if (line == NULL)
            return error_oom(err);
        *line = (struct line){.program = profile.match.items[i].word, .profile = name};
    }
    return r;
}

static int print_index(struct arena *arena, char **paths, struct sbx_error *err)
{
    struct lines lines = {0};
    int r = 0;

    for (; r == 0 && *paths != NULL; paths++)
        r = add_profile(arena, *paths, &lines, err);
    if (r < 0)
        return r;
    if (lines.count > 0)
        qsort(lines.items, lines.count, sizeof(*lines.items), compare_lines);
    for (size_t i = 0; i < lines.count; i++) {
        if (i > 0 && strcmp(lines.items[i - 1].program, lines.items[i].program) == 0)
            return error_set(err, SBX_ERROR_USAGE, 0, "profile", NULL, "both %s and %s match '%s'",
                             lines.items[i - 1].profile, lines.items[i].profile,
                             lines.items[i].program);
        printf("%s %s\n", lines.items[i].program, lines.items[i].profile);
    }
    return fflush(stdout) == 0 ? 0
                               : error_set(err, SBX_ERROR_SETUP, errno, "write", NULL, "output");
}

int main(int argc, char **argv)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct sbx_error err = {0};

    (void)argc;
    if (arena == NULL || print_index(arena, argv + 1, &err) < 0) {
        fprintf(stderr, "profilegen: %s\n", arena == NULL ? "out of memory" : err.message);
        return 1;
    }
    return 0;
}
