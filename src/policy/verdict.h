/* SPDX-License-Identifier: Apache-2.0 */
/* What the answers of a checkup mean for a user of sbx. Pure. */
#ifndef POLICY_VERDICT_H
#define POLICY_VERDICT_H

#include "kernel/checkup.h"

#include <sbx/check.h>

struct checks {
    struct sbx_check *items;
    size_t count;
    size_t capacity;
};

/**
 * Append a check for each thing that @checkup looked at, in the order in which they are shown.
 * Strings are constant or live in @arena.  0 or -ENOMEM.
 */
int verdict_add(struct arena *arena, const struct checkup *checkup, struct checks *checks);

/**
 * Append what stays in force though nobody asked for it, or is remarkable about the caller:
 * supplementary groups, @masked sockets of the host, and how the caller itself is restricted.
 * 0 or -ENOMEM.
 */
int verdict_add_notes(struct arena *arena, unsigned faults, const struct host *host,
                      const struct host_strings *masked, struct host_strings *notes);

/**
 * Fill in what diagnosis.h knows of @operation that failed with @number on such a host: cause, fix,
 * and the file that the fix needs.  0 or -ENOMEM.
 */
int verdict_explain(struct arena *arena, const struct checkup *checkup, unsigned faults,
                    const char *operation, int number, struct sbx_check *check);

/** The parts of verdict_add() on what was read: limits; cgroup, subordinate ids and programs. */
int verdict_add_limits(struct arena *arena, const struct checkup *checkup, struct checks *checks);
int verdict_add_readings(struct arena *arena, const struct checkup *checkup, struct checks *checks);

#endif
