/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are made to be slow: every bound is told, and what is within it is taken. */
#include "base/cleanup.h"
#include "policy/profile.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

struct trial {
    struct arena *arena;
    char *text;
    size_t size;
    size_t capacity;
    struct profile profile;
    struct profile_problems problems;
};

static struct trial trial_new(struct arena *arena, const char *head)
{
    struct trial trial = {.arena = arena, .capacity = 4U << 20};

    trial.text = arena_alloc(arena, trial.capacity);
    cr_assert_not_null(trial.text);
    trial.size = strlen(head);
    memcpy(trial.text, head, trial.size);
    return trial;
}

/* @count times @piece. */
static void repeat(struct trial *trial, size_t count, const char *piece)
{
    size_t length = strlen(piece);

    cr_assert_lt(trial->size + count * length, trial->capacity);
    for (size_t i = 0; i < count; i++) {
        memcpy(trial->text + trial->size, piece, length);
        trial->size += length;
    }
    trial->text[trial->size] = '\0';
}

static int read_it(struct trial *trial)
{
    struct sbx_error err = {0};

    return profile_read(trial->arena, "a", "a.yaml", "a.yaml", trial->text, trial->size,
                        &trial->profile, &trial->problems, &err);
}

Test(profile_limits, entries)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct trial trial = trial_new(arena, "sbx: 1\nfilesystem:\n hide:\n");

    repeat(&trial, 4096, " - /a\n");
    cr_assert_eq(read_it(&trial), 0);
    cr_expect_eq(trial.profile.entries.count, 4096);
    repeat(&trial, 100000, " - /a\n");
    cr_assert_eq(read_it(&trial), -EINVAL);
    cr_assert_eq(trial.problems.count, 1);
    cr_expect_str_eq(trial.problems.items[0].message, "the file has more than 4096 entries");
    cr_expect_eq(trial.problems.items[0].mark.line, 4100);
    cr_expect_str_eq(trial.problems.items[0].text, " - /a");
}

Test(profile_limits, problems)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct trial trial = trial_new(arena, "sbx: 1\nfilesystem:\n rw:\n");

    repeat(&trial, 40, " - ''\n");
    cr_assert_eq(read_it(&trial), -EINVAL);
    cr_expect_eq(trial.problems.count, 40);
    trial.problems.count = 0;
    repeat(&trial, 100000, " - ''\n");
    cr_assert_eq(read_it(&trial), -EINVAL);
    cr_assert_eq(trial.problems.count, 51, "fifty, and how many more there are");
    cr_expect_eq(trial.problems.items[50].mark.line, 0);
    cr_expect_null(trial.problems.items[50].text);
    cr_expect(strstr(trial.problems.items[50].message, "more problems") != NULL, "%s",
              trial.problems.items[50].message);
}

Test(profile_limits, depth)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct trial trial = trial_new(arena, "sbx: 1\nx: ");

    /* the mapping of the file is the first level */
    repeat(&trial, PROFILE_MAX_DEPTH - 1, "[");
    repeat(&trial, PROFILE_MAX_DEPTH - 1, "]");
    cr_assert_eq(read_it(&trial), -EINVAL);
    cr_assert_eq(trial.problems.count, 1);
    cr_expect_str_eq(trial.problems.items[0].message, "unknown key 'x'");
    trial = trial_new(arena, "sbx: 1\nx: ");
    repeat(&trial, 500000, "[");
    cr_assert_eq(read_it(&trial), -EINVAL);
    cr_assert_eq(trial.problems.count, 1);
    cr_expect_str_eq(trial.problems.items[0].message, "lists and mappings are nested too deeply");
    cr_expect_eq(trial.problems.items[0].mark.column, 4 + PROFILE_MAX_DEPTH - 1);
}

Test(profile_limits, size)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct trial trial = trial_new(arena, "sbx: 1\n");

    repeat(&trial, PROFILE_MAX_SIZE - trial.size, "#");
    cr_assert_eq(trial.size, PROFILE_MAX_SIZE);
    cr_assert_eq(read_it(&trial), 0);
    repeat(&trial, 1, "#");
    cr_assert_eq(read_it(&trial), -EINVAL);
    cr_assert_eq(trial.problems.count, 1);
    cr_expect_str_eq(trial.problems.items[0].message, "the file is larger than 1 MiB");
}
