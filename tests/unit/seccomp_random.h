/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of seccomp rules that nobody thought of; the same seed gives the same list. */
#ifndef TESTS_SECCOMP_RANDOM_H
#define TESTS_SECCOMP_RANDOM_H

#include "kernel/seccomp.h"

struct random_rules {
    struct seccomp_rule *items;
    size_t count;
    size_t capacity;
};

/**
 * Rules in @arena for about one known system call out of @sparse, with conditions for about one of
 * @plain of those; no rule has an argument twice.
 */
struct random_rules random_rules(struct arena *arena, uint64_t seed, unsigned sparse,
                                 unsigned plain);

#endif
