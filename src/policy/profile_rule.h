/* SPDX-License-Identifier: Apache-2.0 */
/* A rule for a path (--ro, --rw, --hide, --tmpfs, --file, --dev-node), as a profile has it. */
#ifndef POLICY_PROFILE_RULE_H
#define POLICY_PROFILE_RULE_H

#include "policy/profile_expand.h"

#include <stdbool.h>

/** One rule, taken apart.  All paths are absolute and lexically normal. */
struct profile_rule {
    const char *source;  /* on the host; NULL for a tmpfs and a pattern */
    const char *target;  /* inside; NULL for a pattern */
    const char *pattern; /* for host_pattern_find(); NULL where the rule names one path */
    const char *rest;    /* of a tmpfs: its options, with their colon; "" where it has none */
    bool noexec;
    bool optional;
};

/** Is @option one of the rules for paths? */
bool profile_is_rule(const struct sbx_option *option);

/**
 * Take @expanded apart, what expand_value() made of @written.  Where all of its `*`, `?` and `[`
 * are written as [*], [?] and [[], it is no pattern, but a path that has them.  @key_only: the rule
 * is named for `remove`, and a --file may be without its source.  Relative paths start at @cwd.
 * Returns 0; -EINVAL with @ret_fault filled; -ENOMEM.
 */
int profile_rule_parse(struct arena *arena, const struct sbx_option *option, const char *written,
                       const char *expanded, const char *cwd, bool key_only,
                       struct profile_rule *ret_rule, struct expand_fault *ret_fault);

/** The one form that @rule, no pattern, has as a setting's value; NULL out of memory. */
const char *profile_rule_value(struct arena *arena, const struct sbx_option *option,
                               const struct profile_rule *rule);

/**
 * How @value, a setting's, is written in a profile, so that nothing in it is taken for a variable,
 * a pattern or a home.  NULL out of memory.
 */
const char *profile_literal(struct arena *arena, const struct sbx_option *option,
                            const char *value);

#endif
