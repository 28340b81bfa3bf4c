/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of profile_settings() share. */
#ifndef POLICY_PROFILE_WORK_H
#define POLICY_PROFILE_WORK_H

#include "policy/profile.h"

#include <stdbool.h>
#include <stddef.h>

struct profile_work {
    struct arena *arena;
    const struct host *host;
    const struct profile *profile; /* the layer at hand */
    struct profile_problems *problems;
    bool wrong; /* a problem was added */
    struct sbx_error *err;
};

/** Add a problem at @mark of @profile; NULL @message means no memory for it.  0 or -ENOMEM. */
int profile_work_problem(struct profile_work *work, const struct profile *profile,
                         struct profile_mark mark, const char *message, const char *hint);

/**
 * Do all of @conditions hold?  1 or 0; 0 with a problem added where a path of theirs can't be told;
 * or a negative errno with the error filled.
 */
int profile_conditions_hold(struct profile_work *work, const struct profile_conditions *conditions);

/** Is @path, absolute, missing (ENOENT, ENOTDIR: in *@ret_error)?  1, 0, or a negative errno. */
int profile_path_missing(struct profile_work *work, const char *path, int *ret_error);

/** One setting to be. */
struct profile_row {
    const struct sbx_option *option;
    const char *value;
    const char *key;     /* what a later row of its family with the same one replaces */
    const char *place;   /* the key without links, as far as that is known */
    const char *pattern; /* that it stands for, or NULL */
    const char *written; /* the value as it stands in the profile */
    const struct profile *profile;
    struct profile_mark mark;
    size_t sequence;
    int order;   /* of its option */
    bool off;    /* its condition doesn't hold, nothing is there for it, or a later one is */
    bool absent; /* handed on as optional, and missing now: it replaces nothing */
};

struct profile_rows {
    struct profile_row *items;
    size_t count;
    size_t capacity;
};

/** Of the rows that replace each other leave only the last on. 0 or -ENOMEM. */
int profile_rows_settle(struct arena *arena, struct profile_rows *rows);

/**
 * Sort @rows by option and path.  Of two rules for one place that have different names for it (by a
 * link) the later one comes last, as it decides.  Returns 0; -ENOMEM; -EINVAL with *@ret_crossed
 * where that can't be had.
 */
int profile_rows_sort(struct arena *arena, struct profile_rows *rows,
                      const struct profile_row **ret_crossed);

#endif
