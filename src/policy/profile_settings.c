/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From layers to settings.
 *
 * Every entry becomes rows: the value with its variables replaced, and the key by which a later
 * entry takes its place.  A row stays in the list when its condition doesn't hold or its path is
 * missing, because `remove` of a later layer may name it; it is left out at the end.
 */
#include "policy/profile_work.h"

#include "base/path.h"
#include "policy/option.h"
#include "policy/profile_rule.h"
#include "policy/value.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

struct settling {
    struct profile_work work;
    struct profile_rows rows;
};

int profile_work_problem(struct profile_work *work, const struct profile *profile,
                         struct profile_mark mark, const char *message, const char *hint)
{
    if (message == NULL || profile_problem_add(work->arena, work->problems, profile->file,
                                               profile->text, mark, message, hint) < 0)
        return error_oom(work->err);
    work->wrong = true;
    return 0;
}

/* Something wrong with an entry. */
static int problem(struct settling *settling, const struct profile_entry *entry,
                   const char *message, const char *hint)
{
    return profile_work_problem(&settling->work, settling->work.profile, entry->mark, message,
                                hint);
}

/* ------------------------------------------------------------------ rows */

static int push(struct settling *settling, const struct profile_entry *entry,
                const struct profile_row *row)
{
    struct profile_row *slot = ARENA_PUSH(settling->work.arena, &settling->rows);

    if (slot == NULL)
        return error_oom(settling->work.err);
    *slot = *row;
    slot->option = entry->option;
    slot->written = entry->value;
    slot->profile = settling->work.profile;
    slot->mark = entry->mark;
    slot->sequence = settling->rows.count;
    return 0;
}

/* An entry that stands for nothing now; a later layer may still remove it. */
static int push_off(struct settling *settling, const struct profile_entry *entry,
                    const char *pattern)
{
    return push(settling, entry,
                &(struct profile_row){
                    .value = "", .key = "", .place = "", .pattern = pattern, .off = true});
}

static int push_rule(struct settling *settling, const struct profile_entry *entry,
                     const struct profile_rule *rule, const struct profile_row *row)
{
    struct profile_row complete = *row;

    complete.value = profile_rule_value(settling->work.arena, entry->option, rule);
    complete.key = rule->target;
    complete.place = host_path_leads_to(settling->work.arena, settling->work.host, rule->target);
    if (complete.value == NULL || complete.place == NULL)
        return error_oom(settling->work.err);
    return push(settling, entry, &complete);
}

/* ------------------------------------------------------------------ add */

/* The paths that a pattern stands for. */
static int add_matches(struct settling *settling, const struct profile_entry *entry,
                       const char *pattern)
{
    struct arena *arena = settling->work.arena;
    const struct host_pattern *fact = host_pattern_find(settling->work.host, pattern);

    if (fact == NULL)
        return error_set(settling->work.err, SBX_ERROR_INTERNAL, ENODATA, "profile", pattern,
                         "nobody looked for '%s'", pattern);
    if (fact->error == E2BIG)
        return problem(settling, entry,
                       arena_printf(arena, "'%s' stands for too many paths", pattern),
                       "name the directory that they are in");
    if (fact->error != 0)
        return problem(settling, entry,
                       arena_printf(arena, "cannot tell what '%s' stands for: %s", pattern,
                                    strerrordesc_np(fact->error)),
                       "the caller of sbx has to be able to read the directories on the way");
    if (fact->matches.count == 0 && !entry->optional && entry->option->id != OPTION_HIDE)
        return problem(settling, entry,
                       arena_printf(arena, "nothing fits the pattern '%s'", pattern),
                       "add \"optional: true\" where there may be nothing");
    if (fact->matches.count == 0)
        return push_off(settling, entry, pattern);
    for (size_t i = 0; i < fact->matches.count; i++) {
        const char *path = fact->matches.items[i];
        int r = push_rule(settling, entry,
                          &(struct profile_rule){.source = path, .target = path, .rest = ""},
                          &(struct profile_row){.pattern = pattern});

        if (r < 0)
            return r;
    }
    return 0;
}

static int add_rule(struct settling *settling, const struct profile_entry *entry,
                    struct profile_rule *rule, bool off)
{
    struct profile_row row = {.off = off};
    int number = 0;
    int missing = 0;

    if (rule->pattern != NULL)
        return off ? push_off(settling, entry, rule->pattern)
                   : add_matches(settling, entry, rule->pattern);
    rule->optional = rule->optional || entry->optional;
    if (rule->optional && rule->source != NULL && !off)
        missing = profile_path_missing(&settling->work, rule->source, &number);
    if (missing < 0)
        return missing;
    /* a bind is handed on all the same: then the plan can say that its path is missing */
    row.absent = missing && entry->option->kind == SBX_VALUE_BIND && number == ENOENT;
    row.off = off || (missing && !row.absent);
    return push_rule(settling, entry, rule, &row);
}

static bool is_choice(const struct sbx_option *option, const char *value)
{
    unsigned index;

    return option->choices != NULL && value_choice(value, "", option->choices, &index, NULL) == 0;
}

/* What the option has against @value, that was written with variables. */
static int check_value(struct settling *settling, const struct profile_entry *entry,
                       const char *value)
{
    struct arena *arena = settling->work.arena;
    struct sbx_error err = {0};
    int r = strcmp(value, entry->value) == 0
                ? 0
                : spec_check_value(arena, entry->option, value, "", &err);

    if (r == -ENOMEM)
        return error_oom(settling->work.err);
    return r == 0 ? 0
                  : problem(settling, entry, arena_strdup(arena, err.message),
                            err.hint[0] == '\0' ? NULL : arena_strdup(arena, err.hint));
}

/* The key of a value that is no rule: what a later one has to share. NULL out of memory. */
static const char *key_of(struct arena *arena, const struct sbx_option *option, const char *value)
{
    if (option->kind == SBX_VALUE_ENV || option->kind == SBX_VALUE_RLIMIT)
        return arena_strndup(arena, value, strcspn(value, "="));
    return option->repeatable ? value : "";
}

static int add_plain(struct settling *settling, const struct profile_entry *entry,
                     const char *value, bool off)
{
    struct arena *arena = settling->work.arena;
    const char *key;
    int r = off ? 0 : check_value(settling, entry, value);

    if (r < 0)
        return r;
    if (entry->option->kind == SBX_VALUE_PATH && !is_choice(entry->option, value))
        value = path_absolute(arena, settling->work.host->cwd, value);
    key = value == NULL ? NULL : key_of(arena, entry->option, value);
    if (key == NULL)
        return error_oom(settling->work.err);
    return push(settling, entry,
                &(struct profile_row){.value = value, .key = key, .place = key, .off = off});
}

static int add_entry(struct settling *settling, const struct profile_entry *entry)
{
    struct profile_work *work = &settling->work;
    struct expand_fault fault = {0};
    struct profile_rule rule = {0};
    const char *value;
    int on = profile_conditions_hold(work, &entry->when);
    int r;

    if (on < 0)
        return on;
    r = expand_value(work->arena, entry->option, entry->value, work->host, &value, &fault);
    if (r == 0 && !profile_is_rule(entry->option))
        return add_plain(settling, entry, value, on == 0);
    if (r == 0)
        r = profile_rule_parse(work->arena, entry->option, entry->value, value, work->host->cwd,
                               false, &rule, &fault);
    if (r == 0)
        return add_rule(settling, entry, &rule, on == 0);
    if (r == -ENOMEM)
        return error_oom(work->err);
    /* a variable that is not set is no fault of an entry that does not count */
    return on ? problem(settling, entry, fault.message, fault.hint)
              : push_off(settling, entry, NULL);
}

/* ------------------------------------------------------------------ remove */

/* What an entry of `remove` names. */
struct removal {
    const char *key;     /* or NULL */
    const char *pattern; /* or NULL */
};

static bool is_removed(const struct profile_entry *entry, const struct removal *removal,
                       const struct profile_row *row)
{
    if (row->option != entry->option)
        return false;
    if (entry->action == PROFILE_REMOVE_ALL || strcmp(row->written, entry->value) == 0)
        return true;
    if (removal->pattern != NULL)
        return row->pattern != NULL && strcmp(row->pattern, removal->pattern) == 0;
    return removal->key != NULL && row->key[0] != '\0' && strcmp(row->key, removal->key) == 0;
}

/* 0; -EINVAL with @ret_fault; -ENOMEM. */
static int read_removal(struct settling *settling, const struct profile_entry *entry,
                        struct removal *ret_removal, struct expand_fault *ret_fault)
{
    struct profile_work *work = &settling->work;
    struct profile_rule rule;
    const char *value;
    int r = expand_value(work->arena, entry->option, entry->value, work->host, &value, ret_fault);

    if (r < 0)
        return r;
    if (!profile_is_rule(entry->option)) {
        ret_removal->key = key_of(work->arena, entry->option, value);
        return ret_removal->key == NULL ? -ENOMEM : 0;
    }
    r = profile_rule_parse(work->arena, entry->option, entry->value, value, work->host->cwd, true,
                           &rule, ret_fault);
    if (r == 0)
        *ret_removal = (struct removal){.key = rule.target, .pattern = rule.pattern};
    return r;
}

static size_t remove_rows(struct settling *settling, const struct profile_entry *entry,
                          const struct removal *removal)
{
    struct profile_rows *rows = &settling->rows;
    size_t before = rows->count;

    rows->count = 0;
    for (size_t i = 0; i < before; i++)
        if (!is_removed(entry, removal, &rows->items[i]))
            rows->items[rows->count++] = rows->items[i];
    return before - rows->count;
}

static int remove_entry(struct settling *settling, const struct profile_entry *entry)
{
    struct arena *arena = settling->work.arena;
    struct expand_fault fault = {0};
    struct removal removal = {0};
    int on = profile_conditions_hold(&settling->work, &entry->when);
    int r = 0;

    if (on <= 0)
        return on;
    if (entry->action == PROFILE_REMOVE)
        r = read_removal(settling, entry, &removal, &fault);
    if (r == -ENOMEM)
        return error_oom(settling->work.err);
    if (remove_rows(settling, entry, &removal) > 0)
        return 0;
    if (r < 0)
        return problem(settling, entry, fault.message, fault.hint);
    /* a flag that is false is a wish, not a claim that it was true */
    if (entry->optional || entry->option->kind == SBX_VALUE_FLAG)
        return 0;
    return problem(settling, entry,
                   entry->action == PROFILE_REMOVE_ALL
                       ? arena_printf(arena, "no '%s' was inherited that could be removed",
                                      entry->option->name)
                       : arena_printf(arena, "there is no inherited %s '%s' to remove",
                                      entry->option->name, entry->value),
                   "\"sbx profile show\" of what this one extends has the entries; optional: true "
                   "lets one be missing");
}

/* ------------------------------------------------------------------ layers */

static int refuse(struct profile_work *work)
{
    const struct profile_refusals *refusals = &work->profile->refusals;

    for (size_t i = 0; i < refusals->count; i++) {
        int r = profile_conditions_hold(work, &refusals->items[i].when);

        if (r < 0)
            return r;
        if (r == 0)
            continue;
        error_set(work->err, SBX_ERROR_USAGE, 0, "refuse", NULL, "%s", refusals->items[i].because);
        error_add_origin(work->err,
                         profile_origin(work->arena, work->profile, refusals->items[i].mark));
        error_add_hint(work->err,
                       "go to another directory, or choose another profile with --profile");
        return -EPERM;
    }
    return 0;
}

static int add_layer(struct settling *settling, const struct profile *profile)
{
    int r = 0;

    settling->work.profile = profile;
    /* what is inherited is taken back before anything is added: the order in the file is free */
    for (size_t i = 0; i < profile->entries.count && r == 0; i++)
        if (profile->entries.items[i].action != PROFILE_ADD)
            r = remove_entry(settling, &profile->entries.items[i]);
    for (size_t i = 0; i < profile->entries.count && r == 0; i++)
        if (profile->entries.items[i].action == PROFILE_ADD)
            r = add_entry(settling, &profile->entries.items[i]);
    return r;
}

/* The rows that count, in their order. */
static int finish(struct settling *settling, struct settings *settings)
{
    struct profile_work *work = &settling->work;
    const struct profile_row *crossed = NULL;
    int r = profile_rows_settle(work->arena, &settling->rows);

    if (r == 0)
        r = profile_rows_sort(work->arena, &settling->rows, &crossed);
    if (r < 0 && crossed == NULL)
        return error_oom(work->err);
    if (r < 0) {
        r = profile_work_problem(
            work, crossed->profile, crossed->mark,
            arena_printf(work->arena,
                         "'%s' is '%s' by a link, and an earlier rule names it "
                         "otherwise",
                         crossed->key, crossed->place),
            "give a place the same name in all rules");
        return r < 0 ? r : -EINVAL;
    }
    for (size_t i = 0; i < settling->rows.count && r == 0; i++) {
        const struct profile_row *row = &settling->rows.items[i];
        const char *origin;

        if (row->off)
            continue;
        origin = profile_origin(work->arena, row->profile, row->mark);
        r = origin == NULL
                ? error_oom(work->err)
                : settings_add(settings, work->arena, row->option, row->value, origin, work->err);
    }
    return r;
}

int profile_settings(struct arena *arena, const struct profile_layers *layers,
                     const struct host *host, struct settings *settings,
                     struct profile_problems *problems, struct sbx_error *err)
{
    struct settling settling = {
        .work = {.arena = arena, .host = host, .problems = problems, .err = err}};
    int r = 0;

    for (size_t i = 0; i < layers->count && r == 0; i++)
        r = add_layer(&settling, layers->items[i].profile);
    /* what is wrong is told first: it is so wherever the profile is used */
    for (size_t i = 0; i < layers->count && r == 0 && !settling.work.wrong; i++) {
        settling.work.profile = layers->items[i].profile;
        r = refuse(&settling.work);
    }
    if (r == 0 && settling.work.wrong)
        r = -EINVAL;
    return r < 0 ? r : finish(&settling, settings);
}
