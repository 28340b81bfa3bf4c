/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kernel/seccomp.c: the running kernel comes to the verdicts that the rules promise.  So that all
 * calls can be made, none is: in the program that is loaded each verdict is an errno of its own.
 */
#include "base/cleanup.h"
#include "policy/syscalls.h"
#include "seccomp_random.h"
#include "seccomp_reference.h"

#include <criterion/criterion.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* What stands for two verdicts; the others are an errno already. */
#define ALLOWED    4001
#define KILLED     4002
#define NEVER_MADE (-2)
#define MOST       40000 /* calls that are tried for one program */
#define PAST_ALL   1100

/* A call and what came of it, in memory that the child shares. */
struct call {
    struct seccomp_data data;
    long result;
};

static uint32_t disguised(uint32_t verdict)
{
    switch (verdict) {
    case SECCOMP_RET_ALLOW:
        return SECCOMP_RET_ERRNO | ALLOWED;
    case SECCOMP_RET_KILL_PROCESS:
        return SECCOMP_RET_ERRNO | KILLED;
    default:
        return verdict;
    }
}

/* uretprobe and uprobe: the kernel puts them into programs itself and lets them pass any filter. */
static bool passes_always(int number)
{
    const int names[] = {seccomp_syscall_number("uretprobe"), seccomp_syscall_number("uprobe")};

    return number >= 0 && (number == names[0] || number == names[1]);
}

static void add_call(struct call *calls, size_t *count, struct seccomp_data data)
{
    data.arch = seccomp_arch_native();
    if (*count < MOST && !passes_always(data.nr))
        calls[(*count)++] = (struct call){data, NEVER_MADE};
}

static void add_numbers(struct call *calls, size_t *count)
{
    for (int number = 0; number <= PAST_ALL; number++) {
        add_call(calls, count, (struct seccomp_data){.nr = number});
        add_call(calls, count, (struct seccomp_data){.nr = 0x40000000 | number});
        add_call(calls, count, (struct seccomp_data){.nr = -1 - number});
    }
}

/* Arguments that fit @rule, and then each time with one bit of them changed. */
static void add_arguments(struct call *calls, size_t *count, const struct seccomp_rule *rule)
{
    struct seccomp_data fitting = {.nr = seccomp_syscall_number(rule->name)};

    if (fitting.nr < 0)
        return;
    for (size_t i = 0; i < SECCOMP_MAX_MATCHES && rule->matches[i].mask != 0; i++)
        fitting.args[rule->matches[i].index] = rule->matches[i].value;
    add_call(calls, count, fitting);
    for (size_t i = 0; i < SECCOMP_MAX_MATCHES && rule->matches[i].mask != 0; i++)
        for (int bit = 0; bit < 64; bit++) {
            struct seccomp_data data = fitting;

            data.args[rule->matches[i].index] ^= 1UL << bit;
            add_call(calls, count, data);
        }
}

/* Nothing is left of system calls then, not even the end: a child ends by an illegal instruction.
 */
static _Noreturn void make_calls(struct call *calls, size_t count, struct sock_filter *filter,
                                 size_t length)
{
    const struct sock_fprog program = {(unsigned short)length, filter};

    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || signal(SIGILL, SIG_DFL) == SIG_ERR ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
        _exit(1);
    for (size_t i = 0; i < count; i++) {
        const unsigned long long *args = calls[i].data.args;
        const long r =
            syscall(calls[i].data.nr, args[0], args[1], args[2], args[3], args[4], args[5]);

        calls[i].result = r == -1 ? errno : r;
    }
    __builtin_trap();
}

static void expect_promised(const struct seccomp_rule *rules, size_t rule_count)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    const size_t size = MOST * sizeof(struct call);
    struct call *calls =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    const struct seccomp_reference *reference =
        seccomp_reference_new(arena, rules, rule_count, ENOSYS);
    struct sock_filter *filter;
    size_t length, count = 0;
    unsigned wrong = 0;
    int status = 0;
    pid_t child;

    cr_assert_neq(calls, MAP_FAILED);
    cr_assert_eq(seccomp_compile(arena, rules, rule_count, ENOSYS, &filter, &length, NULL), 0);
    for (size_t i = 0; i < length; i++)
        if (filter[i].code == (BPF_RET | BPF_K))
            filter[i].k = disguised(filter[i].k);
    add_numbers(calls, &count);
    for (size_t i = 0; i < rule_count; i++)
        add_arguments(calls, &count, &rules[i]);
    cr_assert_lt(count, MOST, "there is room for all");
    child = fork();
    cr_assert_neq(child, -1);
    if (child == 0)
        make_calls(calls, count, filter, length);
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGILL, "status %#x", (unsigned)status);
    for (size_t i = 0; i < count; i++) {
        const uint32_t promised = disguised(seccomp_promised(reference, &calls[i].data));

        cr_expect(calls[i].result == (long)(promised & SECCOMP_RET_DATA) || wrong++ > 5,
                  "call %d: %ld, not %u", calls[i].data.nr, calls[i].result,
                  promised & SECCOMP_RET_DATA);
    }
    cr_expect_eq(wrong, 0, "%u of %zu are wrong", wrong, count);
    munmap(calls, size);
}

Test(seccomp_kernel, policies)
{
    for (unsigned i = 0; i < 2 * SYSCALLS_BUILTIN_POLICIES; i++) {
        _cleanup_arena_ struct arena *arena = arena_new();
        const struct syscalls_request request = {.policy = i / 2, .userns = i % 2};
        struct seccomp_rule *rules;
        size_t count;

        cr_assert_eq(syscalls_rules(arena, &request, &rules, &count, NULL), 0);
        expect_promised(rules, count);
    }
}

/* Programs of all lengths: the last seeds give more rules with conditions than any policy has. */
Test(seccomp_kernel, random_rules)
{
    for (unsigned seed = 0; seed < 20; seed++) {
        _cleanup_arena_ struct arena *arena = arena_new();
        const struct random_rules rules = random_rules(arena, seed, 1 + seed % 4, 22 - seed);

        expect_promised(rules.items, rules.count);
    }
}
