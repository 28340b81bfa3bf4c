/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/profile_builtin.h"

#include "policy/option.h"

#include <errno.h>
#include <string.h>

static const char *text_at(uint32_t offset)
{
    return profile_builtin_texts + offset;
}

static int take_words(struct arena *arena, struct profile_builtin_span span,
                      struct profile_words *words)
{
    for (unsigned i = span.first; i < span.first + span.count; i++) {
        const struct profile_builtin_word *from = &profile_builtin_words[i];
        struct profile_word *word = ARENA_PUSH(arena, words);

        if (word == NULL)
            return -ENOMEM;
        *word = (struct profile_word){.word = text_at(from->word),
                                      .mark = {.line = from->line, .column = from->column}};
    }
    return 0;
}

static int take_conditions(struct arena *arena, struct profile_builtin_span span,
                           struct profile_conditions *when)
{
    for (unsigned i = span.first; i < span.first + span.count; i++) {
        const struct profile_builtin_condition *from = &profile_builtin_conditions[i];
        struct profile_condition *condition = ARENA_PUSH(arena, when);

        if (condition == NULL)
            return -ENOMEM;
        *condition =
            (struct profile_condition){.kind = (enum profile_condition_kind)from->kind,
                                       .value = text_at(from->value),
                                       .mark = {.line = from->line, .column = from->column}};
    }
    return 0;
}

static int take_entries(struct arena *arena, struct profile_builtin_span span,
                        struct profile_entries *entries)
{
    for (unsigned i = span.first; i < span.first + span.count; i++) {
        const struct profile_builtin_entry *from = &profile_builtin_entries[i];
        struct profile_entry *entry = ARENA_PUSH(arena, entries);

        if (entry == NULL)
            return -ENOMEM;
        *entry = (struct profile_entry){.option = option_by_id((enum option_id)from->option),
                                        .action = (enum profile_action)from->action,
                                        .value = text_at(from->value),
                                        .optional = from->optional,
                                        .mark = {.line = from->line, .column = from->column}};
        if (take_conditions(arena, from->when, &entry->when) < 0)
            return -ENOMEM;
    }
    return 0;
}

static int take_refusals(struct arena *arena, struct profile_builtin_span span,
                         struct profile_refusals *refusals)
{
    for (unsigned i = span.first; i < span.first + span.count; i++) {
        const struct profile_builtin_refusal *from = &profile_builtin_refusals[i];
        struct profile_refusal *refusal = ARENA_PUSH(arena, refusals);

        if (refusal == NULL)
            return -ENOMEM;
        *refusal = (struct profile_refusal){.because = text_at(from->because),
                                            .mark = {.line = from->line, .column = from->column}};
        if (take_conditions(arena, from->when, &refusal->when) < 0)
            return -ENOMEM;
    }
    return 0;
}

int profile_builtin_find(struct arena *arena, const char *name, const char *text, size_t size,
                         struct profile *profile, struct sbx_error *err)
{
    const struct profile_builtin *builtin = NULL;

    for (size_t i = 0; i < profile_builtin_count && builtin == NULL; i++)
        if (profile_builtins[i].size == size &&
            strcmp(text_at(profile_builtins[i].name), name) == 0)
            builtin = &profile_builtins[i];
    if (builtin == NULL || memcmp(text_at(builtin->text), text, size) != 0)
        return 0;
    profile->description = text_at(builtin->description);
    if (take_words(arena, builtin->extends, &profile->extends) < 0 ||
        take_words(arena, builtin->match, &profile->match) < 0 ||
        take_entries(arena, builtin->entries, &profile->entries) < 0 ||
        take_refusals(arena, builtin->refusals, &profile->refusals) < 0)
        return error_oom(err);
    return 1;
}

int profile_read(struct arena *arena, const char *name, const char *label, const char *file,
                 const char *text, size_t size, struct profile *ret_profile,
                 struct profile_problems *problems, struct sbx_error *err)
{
    struct profile profile = {.name = name, .label = label, .file = file, .text = text};
    int r = profile_builtin_find(arena, name, text, size, &profile, err);

    if (r == 0)
        return profile_parse(arena, name, label, file, text, size, ret_profile, problems, err);
    if (r > 0)
        *ret_profile = profile;
    return r < 0 ? r : 0;
}
