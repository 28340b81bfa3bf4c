/* SPDX-License-Identifier: Apache-2.0 */
#include "seccomp_random.h"

#include "base/cleanup.h"

#define ARGUMENTS 6

static unsigned chance(uint64_t *state, unsigned limit)
{
    *state = *state * 6364136223846793005UL + 1442695040888963407UL;
    return (unsigned)(*state >> 33) % limit;
}

static uint64_t random_word(uint64_t *state)
{
    return (uint64_t)chance(state, 1U << 31) << 40 ^ (uint64_t)chance(state, 1U << 31) << 20 ^
           chance(state, 1U << 31);
}

static struct seccomp_match random_match(uint64_t *state, unsigned index)
{
    const uint64_t masks[] = {UINT32_MAX,
                              UINT32_MAX,
                              UINT64_MAX,
                              1UL << chance(state, 64),
                              random_word(state) | 1,
                              random_word(state) & UINT32_MAX,
                              random_word(state) << 32,
                              (uint64_t)UINT32_MAX << 32};
    uint64_t mask = masks[chance(state, ARRAY_SIZE(masks))];

    if (mask == 0)
        mask = UINT64_MAX;
    switch (chance(state, 5)) {
    case 0:
        return (struct seccomp_match){index, mask, 0};
    case 1:
        return (struct seccomp_match){index, mask, mask};
    case 2:
        return (struct seccomp_match){index, mask, random_word(state) & mask};
    default: /* of few values, so that rules meet */
        return (struct seccomp_match){index, mask, chance(state, 4) & mask};
    }
}

static struct seccomp_rule random_rule(uint64_t *state, const char *name, unsigned most_matches)
{
    struct seccomp_rule rule = {.name = name,
                                .verdict = chance(state, 2) ? SECCOMP_ALLOW : SECCOMP_FAIL,
                                .error = (int)chance(state, 4)};
    unsigned used = 0;

    for (unsigned i = chance(state, most_matches + 1); i > 0; i--) {
        const unsigned index = chance(state, ARGUMENTS);
        unsigned at = 0;

        if (used & 1U << index) /* libseccomp takes each argument once */
            continue;
        used |= 1U << index;
        while (rule.matches[at].mask != 0)
            at++;
        rule.matches[at] = random_match(state, index);
    }
    return rule;
}

struct random_rules random_rules(struct arena *arena, uint64_t seed, unsigned sparse,
                                 unsigned plain)
{
    struct random_rules rules = {0};
    uint64_t *state = &seed;

    for (int number = 0; number < 512; number++) {
        const char *name = seccomp_syscall_name(arena, number);
        struct seccomp_rule rule;

        if (name == NULL || chance(state, sparse) != 0)
            continue;
        for (unsigned more = chance(state, plain) == 0 ? 1 + chance(state, 4) : 0; more > 0;
             more--) {
            rule = random_rule(state, name, 3);
            if (rule.matches[0].mask != 0)
                *ARENA_PUSH(arena, &rules) = rule;
        }
        if (chance(state, 5) != 0)
            *ARENA_PUSH(arena, &rules) = random_rule(state, name, 0);
    }
    return rules;
}
