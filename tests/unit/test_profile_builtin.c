/* SPDX-License-Identifier: Apache-2.0 */
/* The build's reading of the shipped profiles is what their text says. */
#include "base/cleanup.h"
#include "policy/option.h"
#include "policy/profile_builtin.h"

#include <criterion/criterion.h>
#include <string.h>

static const char *text_at(uint32_t offset)
{
    return profile_builtin_texts + offset;
}

static void same_mark(struct profile_mark a, struct profile_mark b)
{
    cr_assert_eq(a.line, b.line);
    cr_assert_eq(a.column, b.column);
}

static void same_words(const struct profile_words *a, const struct profile_words *b)
{
    cr_assert_eq(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        cr_assert_str_eq(a->items[i].word, b->items[i].word);
        same_mark(a->items[i].mark, b->items[i].mark);
    }
}

static void same_conditions(const struct profile_conditions *a, const struct profile_conditions *b)
{
    cr_assert_eq(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        cr_assert_eq(a->items[i].kind, b->items[i].kind);
        cr_assert_str_eq(a->items[i].value, b->items[i].value);
        same_mark(a->items[i].mark, b->items[i].mark);
    }
}

static void same_entries(const struct profile_entries *a, const struct profile_entries *b)
{
    cr_assert_eq(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        cr_assert_eq(a->items[i].option, b->items[i].option);
        cr_assert_eq(a->items[i].action, b->items[i].action);
        cr_assert_str_eq(a->items[i].value, b->items[i].value);
        cr_assert_eq(a->items[i].optional, b->items[i].optional);
        same_conditions(&a->items[i].when, &b->items[i].when);
        same_mark(a->items[i].mark, b->items[i].mark);
    }
}

static void same_refusals(const struct profile_refusals *a, const struct profile_refusals *b)
{
    cr_assert_eq(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        cr_assert_str_eq(a->items[i].because, b->items[i].because);
        same_conditions(&a->items[i].when, &b->items[i].when);
        same_mark(a->items[i].mark, b->items[i].mark);
    }
}

Test(profile_builtin, is_what_the_text_says)
{
    cr_assert_gt(profile_builtin_count, 100);
    for (size_t i = 0; i < profile_builtin_count; i++) {
        const struct profile_builtin *builtin = &profile_builtins[i];
        const char *name = text_at(builtin->name);
        const char *text = text_at(builtin->text);
        _cleanup_arena_ struct arena *arena = arena_new();
        struct profile_problems problems = {0};
        struct profile found = {0};
        struct profile parsed = {0};

        cr_assert_eq(profile_builtin_find(arena, name, text, builtin->size, &found, NULL), 1);
        cr_assert_eq(
            profile_parse(arena, name, name, name, text, builtin->size, &parsed, &problems, NULL),
            0, "%s", name);
        cr_assert_str_eq(found.description, parsed.description);
        same_words(&found.extends, &parsed.extends);
        same_words(&found.match, &parsed.match);
        same_entries(&found.entries, &parsed.entries);
        same_refusals(&found.refusals, &parsed.refusals);
    }
}

Test(profile_builtin, is_of_that_very_text_and_name)
{
    const struct profile_builtin *builtin = &profile_builtins[0];
    const char *name = text_at(builtin->name);
    _cleanup_arena_ struct arena *arena = arena_new();
    char *text = arena_strndup(arena, text_at(builtin->text), builtin->size);
    struct profile profile = {0};

    cr_assert_eq(profile_builtin_find(arena, "other", text, builtin->size, &profile, NULL), 0);
    cr_assert_eq(profile_builtin_find(arena, name, text, builtin->size - 1, &profile, NULL), 0);
    text[builtin->size - 2] ^= 1;
    cr_assert_eq(profile_builtin_find(arena, name, text, builtin->size, &profile, NULL), 0);
    cr_assert_eq(profile.entries.count, 0);
}
