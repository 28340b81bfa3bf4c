/* SPDX-License-Identifier: Apache-2.0 */
/* The filter that asks, and what a supervisor finds out about a call: against the kernel itself. */
#include "kernel/seccomp_notify.h"

#include "filtered_child.h"

#include <linux/audit.h>

#define LAST_NUMBER 520

static const struct syscalls_request requests[] = {
    {.policy = SPEC_SECCOMP_DEFAULT},
    {.policy = SPEC_SECCOMP_STRICT},
    {.policy = SPEC_SECCOMP_DEFAULT, .userns = true},
};

static struct seccomp_data call(int number, uint64_t first, uint64_t second)
{
    return (struct seccomp_data){
        .nr = number,
#ifdef __x86_64__
        .arch = AUDIT_ARCH_X86_64,
#else
        .arch = AUDIT_ARCH_AARCH64,
#endif
        .args = {first, second},
    };
}

static uint32_t verdict(const struct sock_filter *filter, size_t length, struct seccomp_data data)
{
    uint32_t action = 0;

    cr_assert_eq(seccomp_evaluate(filter, length, &data, &action), 0, "call %d", data.nr);
    return action;
}

static bool is_refusal(uint32_t action)
{
    uint32_t error = action & SECCOMP_RET_DATA;

    return (action & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO && error != 0 && error != ENOSYS;
}

/* It asks where the first one refuses, and says the same of everything else. */
Test(seccomp_notify, only_refusals_are_asked_about)
{
    static const uint64_t arguments[] = {0, 1, 2, 16, 0x10000000, 0x5412, UINT64_MAX};
    _cleanup_arena_ struct arena *arena = arena_new();
    unsigned refused = 0, allowed = 0;

    for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
        const struct sock_filter *filter, *asking;
        size_t length;

        cr_assert_eq(syscalls_filter(arena, &requests[i], &filter, &length, NULL), 0);
        asking = seccomp_notifying(arena, filter, length);
        cr_assert_not_null(asking);
        for (int number = 0; number < LAST_NUMBER; number++)
            for (size_t k = 0; k < ARRAY_SIZE(arguments) * ARRAY_SIZE(arguments); k++) {
                struct seccomp_data data = call(number, arguments[k % ARRAY_SIZE(arguments)],
                                                arguments[k / ARRAY_SIZE(arguments)]);
                uint32_t plain = verdict(filter, length, data);
                uint32_t asked = verdict(asking, length, data);

                cr_assert_eq(asked, is_refusal(plain) ? SECCOMP_RET_USER_NOTIF : plain, "call %d",
                             number);
                refused += is_refusal(plain);
                allowed += plain == SECCOMP_RET_ALLOW;
            }
    }
    cr_expect_gt(refused, 1000);
    cr_expect_gt(allowed, 1000);
}

Test(seccomp_notify, a_foreign_architecture_is_killed_as_before)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct seccomp_data data = call(1, 0, 0);
    const struct sock_filter *filter;
    size_t length;

    data.arch = AUDIT_ARCH_ARM;
    cr_assert_eq(syscalls_filter(arena, &requests[0], &filter, &length, NULL), 0);
    cr_expect_eq(verdict(seccomp_notifying(arena, filter, length), length, data),
                 SECCOMP_RET_KILL_PROCESS);
}

static const struct syscalls_request *in_child;

/* Calls that the evaluation says are refused: what does the kernel's own make of them? */
static void refused_calls(struct report *report)
{
    static const uint64_t arguments[] = {0, 1, 0x10000000};
    struct arena *arena = arena_new();
    const struct sock_filter *filter;
    size_t length;
    unsigned seen = 0;

    if (syscalls_filter(arena, in_child, &filter, &length, NULL) < 0)
        _exit(97);
    for (int number = 0; number < LAST_NUMBER; number++)
        for (size_t i = 0; i < ARRAY_SIZE(arguments); i++) {
            struct seccomp_data data = call(number, arguments[i], 0);
            uint32_t action = 0;

            if (seccomp_evaluate(filter, length, &data, &action) < 0 || !is_refusal(action))
                continue;
            seen++;
            FAILS((int)(action & SECCOMP_RET_DATA), number, arguments[i], 0, 0, 0, 0, 0);
        }
    HOLDS(seen > 40);
}

Test(seccomp_notify, the_evaluation_is_the_kernels)
{
    for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
        in_child = &requests[i];
        expect_good(in_child, refused_calls);
    }
}

Test(seccomp_notify, programs_that_nobody_makes)
{
    struct seccomp_data data = call(1, 0, 0);
    const struct sock_filter outside[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, sizeof(data)),
                                          BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    const struct sock_filter unknown[] = {BPF_STMT(BPF_ALU | BPF_XOR | BPF_K, 1),
                                          BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    const struct sock_filter no_end[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0)};
    const struct sock_filter far[] = {BPF_JUMP(BPF_JMP | BPF_JA, UINT32_MAX, 0, 0),
                                      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    uint32_t action = 0;

    cr_expect_eq(seccomp_evaluate(outside, 2, &data, &action), -EINVAL);
    cr_expect_eq(seccomp_evaluate(unknown, 2, &data, &action), -EINVAL);
    cr_expect_eq(seccomp_evaluate(no_end, 1, &data, &action), -EINVAL);
    cr_expect_eq(seccomp_evaluate(far, 2, &data, &action), -EINVAL);
    cr_expect_eq(seccomp_evaluate(far, 0, &data, &action), -EINVAL);
}

Test(seccomp_notify, what_is_no_listener)
{
    struct seccomp_refusal refusal;

    cr_expect_eq(seccomp_receive(-1, &refusal), -EBADF);
    cr_expect_eq(seccomp_refuse(-1, 1, EPERM), -EBADF);
}
