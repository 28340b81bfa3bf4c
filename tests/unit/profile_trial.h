/* SPDX-License-Identifier: Apache-2.0 */
/* A profile's text, read, and what was told about it. */
#ifndef TESTS_UNIT_PROFILE_TRIAL_H
#define TESTS_UNIT_PROFILE_TRIAL_H

#include "policy/profile.h"

#include "base/arena.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One file, read. */
struct trial {
    struct arena *arena;
    struct profile profile;
    struct profile_problems problems;
    struct sbx_error err;
    int r;
};

static inline void read_bytes(struct trial *trial, const char *name, const char *text, size_t size)
{
    char *copy;

    *trial = (struct trial){.arena = arena_new()};
    cr_assert_not_null(trial->arena);
    /* where a byte past the end is read, a sanitizer sees it */
    copy = malloc(size + 1);
    cr_assert_not_null(copy);
    memcpy(copy, text, size);
    copy[size] = '\0';
    trial->profile.name = "unchanged";
    trial->r = profile_read(trial->arena, name, "x.yaml", "/p/x.yaml",
                            arena_memdup(trial->arena, copy, size + 1), size, &trial->profile,
                            &trial->problems, &trial->err);
    free(copy);
    if (trial->r == 0)
        cr_expect_eq(trial->problems.count, 0, "%s", text);
    else
        cr_expect_str_eq(trial->profile.name, "unchanged", "written on failure: %s", text);
}

static inline void read_text(struct trial *trial, const char *text)
{
    read_bytes(trial, "x", text, strlen(text));
}

/* All problems as "LINE:COLUMN: MESSAGE", a line each. */
static inline const char *told(struct trial *trial)
{
    const char *all = "";

    for (size_t i = 0; i < trial->problems.count; i++) {
        const struct profile_problem *problem = &trial->problems.items[i];

        all = arena_printf(trial->arena, "%s%u:%u: %s\n", all, problem->mark.line,
                           problem->mark.column, problem->message);
        cr_assert_not_null(all);
        cr_expect_str_eq(problem->file, "/p/x.yaml");
    }
    return all;
}

static inline void expect(const char *text, const char *problems)
{
    struct trial trial;

    read_text(&trial, text);
    cr_expect_eq(trial.r, problems[0] == '\0' ? 0 : -EINVAL, "%s", text);
    cr_expect_str_eq(told(&trial), problems, "%s\ngave\n%sinstead of\n%s", text, told(&trial),
                     problems);
    arena_free(trial.arena);
}

struct wrong {
    const char *text;
    const char *problems;
};

#define HEAD "sbx: 1\n"
#define FS   "sbx: 1\nfilesystem:\n"

#endif
