/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kernel/seccomp.c: the program's verdicts are those of libseccomp for the same rules, and those
 * that the rules promise.  For all numbers, and around each constant that a rule looks for; for the
 * built-in policies, for random rules, and for programs with far jumps.
 */
#include "base/cleanup.h"
#include "bpf_machine.h"
#include "policy/syscalls.h"
#include "seccomp_random.h"
#include "seccomp_reference.h"

#include <criterion/criterion.h>
#include <linux/audit.h>
#include <seccomp.h>
#include <string.h>

#define ARGUMENTS 6
#define PAST_ALL  1100 /* numbers up to this are tried one by one */

struct subject {
    const struct seccomp_rule *rules;
    size_t count;
    const struct sock_filter *filter;
    size_t length;
    const struct seccomp_reference *reference;
    unsigned wrong;
    unsigned tried;
};

static struct subject subject_of(struct arena *arena, const struct seccomp_rule *rules,
                                 size_t count, int default_error)
{
    struct subject subject = {.rules = rules, .count = count};
    struct sbx_error err = {0};
    struct sock_filter *filter;

    cr_assert_eq(
        seccomp_compile(arena, rules, count, default_error, &filter, &subject.length, &err), 0,
        "%s", err.message);
    subject.filter = filter;
    subject.reference = seccomp_reference_new(arena, rules, count, default_error);
    return subject;
}

static void try(struct subject *subject, const struct seccomp_data *data)
{
    const struct bpf_outcome outcome = bpf_run(subject->filter, subject->length, data);
    const uint32_t libseccomp = seccomp_reference_run(subject->reference, data),
                   promised = seccomp_promised(subject->reference, data);

    subject->tried++;
    if (!outcome.is_broken && outcome.verdict == promised && outcome.verdict == libseccomp)
        return;
    subject->wrong++;
    cr_expect(subject->wrong > 5, /* enough is told */
              "call %d of %#x (%#llx %#llx %#llx %#llx %#llx %#llx): %s%#x, not %#x; "
              "libseccomp %#x",
              data->nr, data->arch, data->args[0], data->args[1], data->args[2], data->args[3],
              data->args[4], data->args[5], outcome.is_broken ? "broken, " : "", outcome.verdict,
              promised, libseccomp);
}

/* numbers and architectures */

static void try_numbers(struct subject *subject, uint32_t architecture)
{
    static const uint32_t starts[] = {0,          0x3ffffff0, 0x40000000,           0x7ffffff0,
                                      0x80000000, 0xc0000000, 0xffffffff - PAST_ALL};
    struct seccomp_data data = {.arch = architecture};

    for (size_t i = 0; i < ARRAY_SIZE(starts); i++)
        for (uint32_t number = 0; number <= PAST_ALL; number++) {
            data.nr = (int)(starts[i] + number);
            try(subject, &data);
        }
    for (int bit = 0; bit < 32; bit++)
        for (uint32_t number = 0; number < 512; number += 3) {
            data.nr = (int)(number ^ 1U << bit);
            try(subject, &data);
        }
}

static void try_architectures(struct subject *subject)
{
    static const uint32_t others[] = {AUDIT_ARCH_I386,
                                      AUDIT_ARCH_X86_64,
                                      AUDIT_ARCH_ARM,
                                      AUDIT_ARCH_AARCH64,
                                      AUDIT_ARCH_RISCV64,
                                      AUDIT_ARCH_S390X,
                                      0,
                                      UINT32_MAX};
    const uint32_t native = seccomp_arch_native();

    try_numbers(subject, native);
    for (size_t i = 0; i < ARRAY_SIZE(others); i++)
        if (others[i] != native)
            try_numbers(subject, others[i]);
    for (int bit = 0; bit < 32; bit++)
        for (int number = 0; number < 512; number++)
            try(subject, &(struct seccomp_data){.nr = number, .arch = native ^ 1U << bit});
}

/* arguments */

struct values {
    uint64_t *items;
    size_t count;
    size_t capacity;
};

static void add_value(struct arena *arena, struct values *values, uint64_t value)
{
    *ARENA_PUSH(arena, values) = value;
}

/* Around @match: each bit of it and beside it changed, and one more and less. */
static void add_near(struct arena *arena, struct values *values, const struct seccomp_match *match)
{
    const uint64_t full = match->value | ~match->mask;

    for (int bit = 0; bit < 64; bit++) {
        add_value(arena, values, match->value ^ 1UL << bit);
        add_value(arena, values, full ^ 1UL << bit);
    }
    add_value(arena, values, match->value);
    add_value(arena, values, full);
    add_value(arena, values, match->value + 1);
    add_value(arena, values, match->value - 1);
}

/* The same in short, for all combinations. */
static void add_nearest(struct arena *arena, struct values *values,
                        const struct seccomp_match *match)
{
    add_value(arena, values, match->value);
    add_value(arena, values, match->value | ~match->mask);
    add_value(arena, values, match->value ^ (match->mask & -match->mask));
}

static void add_matches(struct arena *arena, struct values *near, struct values *nearest,
                        const struct seccomp_rule *rule)
{
    for (size_t i = 0; i < SECCOMP_MAX_MATCHES && rule->matches[i].mask != 0; i++) {
        add_near(arena, &near[rule->matches[i].index], &rule->matches[i]);
        add_nearest(arena, &nearest[rule->matches[i].index], &rule->matches[i]);
    }
}

/* Start from arguments that fit @rule and change one at a time. */
static void try_around_rule(struct subject *subject, const struct seccomp_rule *rule, int number,
                            const struct values *near, uint64_t others)
{
    struct seccomp_data fitting = {.nr = number, .arch = seccomp_arch_native()};

    for (size_t i = 0; i < ARGUMENTS; i++)
        fitting.args[i] = others;
    for (size_t i = 0; i < SECCOMP_MAX_MATCHES && rule->matches[i].mask != 0; i++)
        fitting.args[rule->matches[i].index] =
            rule->matches[i].value | (others & ~rule->matches[i].mask);
    for (size_t i = 0; i < ARGUMENTS; i++)
        for (size_t j = 0; j < near[i].count; j++) {
            struct seccomp_data data = fitting;

            data.args[i] = near[i].items[j];
            try(subject, &data);
        }
}

/* All combinations of the nearest values. */
static void try_combinations(struct subject *subject, struct seccomp_data *data,
                             const struct values *nearest, size_t argument)
{
    if (argument == ARGUMENTS) {
        try(subject, data);
        return;
    }
    data->args[argument] = 0;
    try_combinations(subject, data, nearest, argument + 1);
    for (size_t i = 0; i < nearest[argument].count; i++) {
        data->args[argument] = nearest[argument].items[i];
        try_combinations(subject, data, nearest, argument + 1);
    }
}

static void try_arguments(struct subject *subject, bool combine)
{
    for (size_t i = 0; i < subject->count; i++) {
        _cleanup_arena_ struct arena *arena = arena_new();
        const char *name = subject->rules[i].name;
        const int number = seccomp_syscall_number(name);
        struct values near[ARGUMENTS] = {0}, nearest[ARGUMENTS] = {0};
        struct seccomp_data data = {.nr = number, .arch = seccomp_arch_native()};

        if (number < 0 || subject->rules[i].matches[0].mask == 0 ||
            (i > 0 && strcmp(subject->rules[i - 1].name, name) == 0))
            continue;
        for (size_t j = i; j < subject->count && strcmp(subject->rules[j].name, name) == 0; j++)
            add_matches(arena, near, nearest, &subject->rules[j]);
        for (size_t j = i; j < subject->count && strcmp(subject->rules[j].name, name) == 0; j++) {
            try_around_rule(subject, &subject->rules[j], number, near, 0);
            try_around_rule(subject, &subject->rules[j], number, near, UINT64_MAX);
        }
        if (combine)
            try_combinations(subject, &data, nearest, 0);
    }
}

/* the policies */

static const struct syscalls_request policies[] = {
    {.policy = SPEC_SECCOMP_DEFAULT},
    {.policy = SPEC_SECCOMP_DEFAULT, .userns = true},
    {.policy = SPEC_SECCOMP_STRICT},
    {.policy = SPEC_SECCOMP_STRICT, .userns = true},
};

Test(seccomp_compile, builtin_policies)
{
    for (size_t i = 0; i < ARRAY_SIZE(policies); i++) {
        _cleanup_arena_ struct arena *arena = arena_new();
        const struct sock_filter *builtin;
        struct seccomp_rule *rules;
        struct subject subject;
        size_t count, length;

        cr_assert_eq(syscalls_rules(arena, &policies[i], &rules, &count, NULL), 0);
        subject = subject_of(arena, rules, count, SYSCALLS_UNKNOWN_ERROR);
        cr_assert_eq(syscalls_filter(arena, &policies[i], &builtin, &length, NULL), 0);
        cr_assert_eq(length, subject.length, "what a run loads is what is tested here");
        cr_assert_eq(memcmp(builtin, subject.filter, length * sizeof(*builtin)), 0);
        try_architectures(&subject);
        try_arguments(&subject, true);
        cr_expect_eq(subject.wrong, 0, "%u of %u are wrong", subject.wrong, subject.tried);
        cr_expect_gt(subject.tried, 100000);
    }
}

/* A call without conditions is decided by its number: then the kernel keeps the verdict. */
Test(seccomp_compile, number_alone_decides)
{
    for (size_t i = 0; i < ARRAY_SIZE(policies); i++) {
        _cleanup_arena_ struct arena *arena = arena_new();
        const struct sock_filter *filter;
        struct seccomp_rule *rules;
        unsigned most_steps = 0;
        size_t count, length;

        cr_assert_eq(syscalls_rules(arena, &policies[i], &rules, &count, NULL), 0);
        cr_assert_eq(syscalls_filter(arena, &policies[i], &filter, &length, NULL), 0);
        for (int number = 0; number < PAST_ALL; number++) {
            const struct seccomp_data data = {.nr = number, .arch = seccomp_arch_native()};
            const struct bpf_outcome outcome = bpf_run(filter, length, &data);
            bool has_conditions = false;

            for (size_t j = 0; j < count; j++)
                has_conditions |= seccomp_syscall_number(rules[j].name) == number &&
                                  rules[j].matches[0].mask != 0;
            cr_expect_eq(outcome.looked_at_arguments, has_conditions, "%d", number);
            if (!has_conditions && outcome.steps > most_steps)
                most_steps = outcome.steps;
        }
        cr_expect_leq(length, 200, "%zu instructions", length);
        cr_expect_leq(most_steps, 13, "%u instructions for one call", most_steps);
    }
}

Test(seccomp_compile, random_rules)
{
    size_t longest = 0;

    for (unsigned seed = 0; seed < 300; seed++) {
        _cleanup_arena_ struct arena *arena = arena_new();
        const struct random_rules rules = random_rules(arena, seed, 1 + seed % 7, 2 + seed % 60);
        struct subject subject = subject_of(arena, rules.items, rules.count, (int)seed % 3);

        try_numbers(&subject, seccomp_arch_native());
        try_numbers(&subject, AUDIT_ARCH_I386);
        try_arguments(&subject, false);
        cr_assert_eq(subject.wrong, 0, "seed %u: %u of %u are wrong", seed, subject.wrong,
                     subject.tried);
        if (subject.length > longest)
            longest = subject.length;
    }
    cr_expect_gt(longest, 1000, "jumps over more than 255 instructions are among them");
}

/* Calls with the same rules share them; those whose rules differ in one thing don't. */
Test(seccomp_compile, nearly_the_same_rules)
{
    static const struct seccomp_rule rules[] = {
        {"chmod", SECCOMP_FAIL, EPERM, {{1, UINT32_MAX, 5}, {2, 12, 8}}},
        {"chmod", SECCOMP_ALLOW, 0, {{0}}},
        {"fchmod", SECCOMP_FAIL, EPERM, {{3, UINT32_MAX, 5}, {2, 12, 8}}}, /* argument */
        {"fchmod", SECCOMP_ALLOW, 0, {{0}}},
        {"chown", SECCOMP_FAIL, EPERM, {{1, UINT32_MAX, 4}, {2, 12, 8}}}, /* value */
        {"chown", SECCOMP_ALLOW, 0, {{0}}},
        {"fchown", SECCOMP_FAIL, EPERM, {{1, UINT32_MAX, 5}, {2, 28, 8}}}, /* mask */
        {"fchown", SECCOMP_ALLOW, 0, {{0}}},
        {"mkdir", SECCOMP_FAIL, EPERM, {{1, UINT32_MAX, 5}}}, /* one match less */
        {"mkdir", SECCOMP_ALLOW, 0, {{0}}},
        {"mknod", SECCOMP_FAIL, EPERM, {{1, UINT32_MAX, 5}, {2, 12, 8}, {3, 1, 1}}}, /* more */
        {"mknod", SECCOMP_ALLOW, 0, {{0}}},
        {"kill", SECCOMP_FAIL, EACCES, {{1, UINT32_MAX, 5}, {2, 12, 8}}}, /* error */
        {"kill", SECCOMP_ALLOW, 0, {{0}}},
        {"tkill", SECCOMP_ALLOW, 0, {{1, UINT32_MAX, 5}, {2, 12, 8}}}, /* verdict */
        {"tkill", SECCOMP_FAIL, EPERM, {{0}}},
        {"link", SECCOMP_FAIL, EPERM, {{1, UINT32_MAX, 5}, {2, 12, 8}}}, /* one rule less */
    };
    _cleanup_arena_ struct arena *arena = arena_new();
    struct subject subject = subject_of(arena, rules, ARRAY_SIZE(rules), ENOSYS), once, thrice;
    const struct seccomp_rule same[] = {
        rules[0],
        rules[1],
        {"read", SECCOMP_FAIL, EPERM, {{1, UINT32_MAX, 5}, {2, 12, 8}}},
        {"read", SECCOMP_ALLOW, 0, {{0}}},
        {"tkill", SECCOMP_FAIL, EPERM, {{1, UINT32_MAX, 5}, {2, 12, 8}}},
        {"tkill", SECCOMP_ALLOW, 0, {{0}}}};

    try_arguments(&subject, true);
    once = subject_of(arena, same, 2, ENOSYS);
    thrice = subject_of(arena, same, ARRAY_SIZE(same), ENOSYS);
    try_arguments(&thrice, true);
    cr_expect_eq(subject.wrong + thrice.wrong, 0);
    cr_expect_leq(thrice.length, once.length + 4, "%zu and %zu", thrice.length, once.length);
}
