/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory of operation
 *
 * The rules for one call stand in the program as they stand in the list.  Each is a row of tests;
 * the first test that fails goes on to the next rule, and after the last test that holds comes the
 * verdict.  A test looks at 32 bits, as all of BPF does: a match of 64 bits is one or two tests,
 * and a half of which no bit is asked isn't looked at.
 *
 * The accumulator holds one word, and is loaded for each test.  Only where a rule tests the very
 * word that the rule before it has left there, whichever of its tests failed, the load is saved:
 * "ioctl, but not these five commands" loads the command once.
 */
#include "kernel/seccomp_internal.h"

#include <linux/seccomp.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the lower half of an argument comes second here"
#endif

#define ARGUMENTS 6 /* of struct seccomp_data */
#define MAX_TESTS (2 * SECCOMP_MAX_MATCHES)

/* (the word at @offset of struct seccomp_data & @mask) == @value */
struct test {
    uint32_t offset;
    uint32_t mask;
    uint32_t value;
};

struct tests {
    struct test items[MAX_TESTS];
    size_t count;
};

bool seccomp_has_condition(const struct seccomp_rule *rule)
{
    return rule->matches[0].mask != 0;
}

bool seccomp_can_match(const struct seccomp_rule *rule)
{
    for (size_t i = 0; i < SECCOMP_MAX_MATCHES && rule->matches[i].mask != 0; i++)
        if (rule->matches[i].index >= ARGUMENTS ||
            (rule->matches[i].value & ~rule->matches[i].mask) != 0)
            return false;
    return true;
}

static void add_test(struct tests *tests, uint32_t offset, uint32_t mask, uint32_t value)
{
    if (mask != 0)
        tests->items[tests->count++] = (struct test){offset, mask, value};
}

static struct tests tests_of(const struct seccomp_rule *rule)
{
    struct tests tests = {.count = 0};

    for (size_t i = 0; i < SECCOMP_MAX_MATCHES && rule->matches[i].mask != 0; i++) {
        const struct seccomp_match *match = &rule->matches[i];
        uint32_t offset =
            (uint32_t)(offsetof(struct seccomp_data, args) + match->index * sizeof(uint64_t));

        add_test(&tests, offset, (uint32_t)match->mask, (uint32_t)match->value);
        add_test(&tests, offset + (uint32_t)sizeof(uint32_t), (uint32_t)(match->mask >> 32),
                 (uint32_t)(match->value >> 32));
    }
    return tests;
}

static bool is_one_bit(uint32_t mask)
{
    return (mask & (mask - 1)) == 0;
}

/* Some bits of the word have to be set and others not: the others are cut off first. */
static bool needs_cut(const struct test *test)
{
    return test->mask != UINT32_MAX && test->value != 0 && !is_one_bit(test->mask);
}

static struct bpf_target write_test(struct bpf_writer *writer, const struct test *test,
                                    bool is_loaded, struct bpf_target yes, struct bpf_target no)
{
    if (test->mask == UINT32_MAX || needs_cut(test))
        bpf_write_jump(writer, BPF_JEQ, test->value, yes, no);
    else if (test->value == 0)
        bpf_write_jump(writer, BPF_JSET, test->mask, no, yes);
    else
        bpf_write_jump(writer, BPF_JSET, test->mask, yes, no);
    if (needs_cut(test))
        bpf_write(writer, BPF_ALU | BPF_AND | BPF_K, test->mask);
    if (!is_loaded)
        bpf_write(writer, BPF_LD | BPF_W | BPF_ABS, test->offset);
    return bpf_start(writer);
}

/* Whichever test of @before fails, the accumulator then has the word that @tests begins with. */
static bool is_loaded_by(const struct tests *before, const struct tests *tests)
{
    for (size_t i = 0; i < before->count; i++)
        if (before->items[i].offset != tests->items[0].offset || needs_cut(&before->items[i]))
            return false;
    return before->count > 0;
}

static struct bpf_target verdict_of(const struct seccomp_rule *rule)
{
    struct bpf_target verdict = {.is_return = true, .value = SECCOMP_RET_ALLOW};

    if (rule->verdict == SECCOMP_FAIL)
        verdict.value = SECCOMP_RET_ERRNO | ((uint32_t)rule->error & SECCOMP_RET_DATA);
    return verdict;
}

struct bpf_target seccomp_write_call(struct bpf_writer *writer, const struct seccomp_call *call,
                                     struct bpf_target otherwise)
{
    for (size_t i = call->count; i > 0; i--) {
        const struct seccomp_rule *rule = &call->items[i - 1];
        struct tests tests = tests_of(rule), before = {.count = 0};
        struct bpf_target target = verdict_of(rule);

        if (i > 1)
            before = tests_of(&call->items[i - 2]);
        for (size_t j = tests.count; j > 0; j--)
            target = write_test(writer, &tests.items[j - 1],
                                j == 1 && is_loaded_by(&before, &tests), target, otherwise);
        otherwise = target;
    }
    return otherwise;
}
