/* SPDX-License-Identifier: Apache-2.0 */
/* Variables, "~" and patterns in a profile's values. */
#ifndef POLICY_PROFILE_EXPAND_H
#define POLICY_PROFILE_EXPAND_H

#include "kernel/host.h"
#include "policy/setting.h"

/** What went wrong with an expansion; message and hint live in the arena. */
struct expand_fault {
    const char *message;
    const char *hint;
};

/**
 * Replace ${NAME}, ${NAME:-default} and "$$" in @value, and a "~" at the start of each path in it,
 * as the kind of @option says where paths start; what is inserted is escaped as that kind wants it,
 * so that it cannot add a field, and where @value is a pattern, so that it stands for itself.
 * @caller NULL stands for any caller at all: only what no caller could have is a fault then, and
 * the result is for a check of its form.
 * Returns 0 with *@ret_value in @arena; -EINVAL with @ret_fault filled; -ENOMEM.
 */
int expand_value(struct arena *arena, const struct sbx_option *option, const char *value,
                 const struct host *caller, const char **ret_value, struct expand_fault *ret_fault);

/** The same for a path of a condition: no fields, no escapes. */
int expand_path(struct arena *arena, const char *path, const struct host *caller,
                const char **ret_path, struct expand_fault *ret_fault);

/**
 * Does @value, as written in a profile, have `*`, `?` or `[` in a host path of @option where they
 * count (ro, rw, hide, dev-node)?  What a variable stands for never counts.
 */
bool expand_is_pattern(const struct sbx_option *option, const char *value);

#endif
