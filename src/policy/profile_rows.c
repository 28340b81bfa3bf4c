/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which rows count, and in which order.
 *
 * Rules for paths are applied in order, and the later of two for one place decides.  Rows whose
 * paths are the same word for word are settled here, so any order would do for what is left, but
 * for one case: a place that has two names, by a symbolic link.  Such rows keep their order: within
 * an option they are sorted by the place, then by age; and options are put in an order that suits
 * all such pairs, which is the table's where there are none.
 */
#include "policy/profile_work.h"

#include "base/path.h"
#include "policy/option.h"
#include "policy/profile_rule.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define RULES (OPTION_DEV_NODE + 1) /* rules for paths are the first options of the table */

/* Options whose rows replace each other where their keys are the same. */
static int family_of(const struct sbx_option *option)
{
    if (profile_is_rule(option))
        return OPTION_RO;
    if (option->id == OPTION_DENY_SYSCALL)
        return OPTION_ALLOW_SYSCALL;
    return option->id == OPTION_QUIET ? OPTION_VERBOSE : option->id;
}

/* A sign that two numbers differ in, for a comparison. */
static int by_number(size_t left, size_t right)
{
    return left < right ? -1 : left > right;
}

static int by_key(const void *left, const void *right)
{
    const struct profile_row *a = *(struct profile_row *const *)left;
    const struct profile_row *b = *(struct profile_row *const *)right;
    int families[] = {family_of(a->option), family_of(b->option)};
    int keys;

    if (families[0] != families[1])
        return families[0] < families[1] ? -1 : 1;
    keys = strcmp(a->key, b->key);
    return keys != 0 ? keys : by_number(a->sequence, b->sequence);
}

static int by_place(const void *left, const void *right)
{
    const struct profile_row *a = *(struct profile_row *const *)left;
    const struct profile_row *b = *(struct profile_row *const *)right;
    int places = strcmp(a->place, b->place);

    return places != 0 ? places : by_number(a->sequence, b->sequence);
}

static int by_order(const void *left, const void *right)
{
    const struct profile_row *a = left;
    const struct profile_row *b = right;
    int places;

    if (a->order != b->order)
        return a->order < b->order ? -1 : 1;
    places = path_compare(a->place, b->place);
    return places != 0 ? places : by_number(a->sequence, b->sequence);
}

/* The rows that are on; NULL out of memory. */
static struct profile_row **rows_on(struct arena *arena, struct profile_rows *rows,
                                    size_t *ret_count)
{
    struct profile_row **on = arena_alloc(arena, (rows->count + 1) * sizeof(struct profile_row *));

    *ret_count = 0;
    for (size_t i = 0; on != NULL && i < rows->count; i++)
        if (!rows->items[i].off)
            on[(*ret_count)++] = &rows->items[i];
    return on;
}

int profile_rows_settle(struct arena *arena, struct profile_rows *rows)
{
    size_t count;
    struct profile_row **on = rows_on(arena, rows, &count);
    size_t next;

    if (on == NULL)
        return -ENOMEM;
    /* pointers are what is sorted */
    qsort(on, count, sizeof(struct profile_row *), by_key);
    for (size_t first = 0; first < count; first = next) {
        size_t winner = first;

        for (next = first; next < count; next++) {
            if (family_of(on[next]->option) != family_of(on[first]->option) ||
                strcmp(on[next]->key, on[first]->key) != 0)
                break;
            if (!on[next]->absent || on[winner]->absent)
                winner = next;
        }
        for (size_t i = first; i < next; i++)
            on[i]->off = i != winner;
    }
    return 0;
}

/* Where one option has to come before another; a row for which that is so, for the message. */
struct precedence {
    const struct profile_row *reason[RULES][RULES];
};

static void note_precedence(struct profile_row **on, size_t count, struct precedence *precedence)
{
    size_t next;

    for (size_t first = 0; first < count; first = next) {
        const struct profile_row *last = on[first];

        for (next = first; next < count && strcmp(on[next]->place, on[first]->place) == 0; next++)
            if (profile_is_rule(on[next]->option) && !on[next]->absent)
                last = on[next];
        for (size_t i = first; i < next; i++)
            if (profile_is_rule(on[i]->option) && !on[i]->absent && profile_is_rule(last->option) &&
                on[i]->option != last->option)
                precedence->reason[on[i]->option->id][last->option->id] = last;
    }
}

/* Put the rule options in order: each time the first one of the table that none has to precede. */
static int order_options(const struct precedence *precedence, int order[static RULES],
                         const struct profile_row **ret_crossed)
{
    bool placed[RULES] = {false};

    for (int position = 0; position < RULES; position++) {
        const struct profile_row *reason = NULL;
        int option;

        for (option = 0; option < RULES; option++) {
            bool free = !placed[option];

            for (int other = 0; other < RULES && free; other++)
                if (!placed[other] && precedence->reason[other][option] != NULL) {
                    reason = precedence->reason[other][option];
                    free = false;
                }
            if (free)
                break;
        }
        if (option == RULES) {
            *ret_crossed = reason;
            return -EINVAL;
        }
        placed[option] = true;
        order[option] = position;
    }
    return 0;
}

int profile_rows_sort(struct arena *arena, struct profile_rows *rows,
                      const struct profile_row **ret_crossed)
{
    struct precedence precedence = {0};
    int order[RULES];
    size_t count;
    struct profile_row **on = rows_on(arena, rows, &count);
    int r;

    if (on == NULL)
        return -ENOMEM;
    qsort(on, count, sizeof(struct profile_row *), by_place);
    note_precedence(on, count, &precedence);
    r = order_options(&precedence, order, ret_crossed);
    if (r < 0)
        return r;
    for (size_t i = 0; i < rows->count; i++) {
        int id = rows->items[i].option->id;

        rows->items[i].order = id < RULES ? order[id] : id;
    }
    if (rows->count > 0)
        qsort(rows->items, rows->count, sizeof(*rows->items), by_order);
    return 0;
}
