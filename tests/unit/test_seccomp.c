/* SPDX-License-Identifier: Apache-2.0 */
/* kernel/seccomp.c: rules to a program; the programs are tried on the running kernel. */
#include "kernel/seccomp.h"

#include "base/cleanup.h"

#include <criterion/criterion.h>
#include <limits.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* What a child under @rules gets from getpriority(@first, @second): errno, or -1 for success. */
static int try_getpriority(const struct seccomp_rule *rules, size_t count, long first, long second)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct sock_filter *filter;
    struct sock_fprog program;
    size_t length;
    int status = 0;
    pid_t child;

    cr_assert_eq(seccomp_compile(arena, rules, count, ENOSYS, &filter, &length, NULL), 0);
    program = (struct sock_fprog){(unsigned short)length, filter};
    child = fork();
    if (child == 0) {
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
            prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
            _exit(254);
        errno = 0;
        /* A sanitizer's _exit would make calls that the rules don't have. */
        syscall(SYS_exit_group, syscall(SYS_getpriority, first, second) < 0 ? errno : 255);
        __builtin_trap(); /* a wrong program refuses even the end */
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status), "killed by signal %d", WTERMSIG(status));
    cr_assert_neq(WEXITSTATUS(status), 254, "the kernel refused the program");
    return WEXITSTATUS(status) == 255 ? -1 : WEXITSTATUS(status);
}

/* The calls that the child itself needs. */
#define FRAME                                                                                      \
    {.name = "exit_group", .verdict = SECCOMP_ALLOW},                                              \
    {                                                                                              \
        .name = "exit", .verdict = SECCOMP_ALLOW                                                   \
    }

#define IF(verdict_, error_, ...)                                                                  \
    {                                                                                              \
        .name = "getpriority", .verdict = verdict_, .error = error_, .matches = { __VA_ARGS__ }    \
    }
#define LOW UINT32_MAX

Test(seccomp, first_rule_that_matches_decides)
{
    const struct seccomp_rule rules[] = {
        FRAME,
        IF(SECCOMP_FAIL, EDOM, {0, LOW, 7}),
        IF(SECCOMP_ALLOW, 0, {0, LOW, 0}, {1, LOW, 0}),
        IF(SECCOMP_FAIL, EBUSY, {0, LOW, 0}, {1, 3, 3}),
        IF(SECCOMP_FAIL, EXDEV, {0, LOW, 0}),
        IF(SECCOMP_FAIL, EMFILE, {1, LOW, 5}),
        IF(SECCOMP_FAIL, ENFILE, {0, LOW, 7}), /* the first rule has it */
    };
    const size_t count = ARRAY_SIZE(rules);
    const long high = 0x12345L << 32;

    cr_expect_eq(try_getpriority(rules, count, 7, 0), EDOM);
    cr_expect_eq(try_getpriority(rules, count, 7, 5), EDOM);
    cr_expect_eq(try_getpriority(rules, count, 7 | high, 5), EDOM);
    cr_expect_eq(try_getpriority(rules, count, 0, 0), -1);
    cr_expect_eq(try_getpriority(rules, count, high, high), -1);
    cr_expect_eq(try_getpriority(rules, count, 0, 3), EBUSY);
    cr_expect_eq(try_getpriority(rules, count, 0, 0xff), EBUSY);
    cr_expect_eq(try_getpriority(rules, count, 0, 2), EXDEV);
    cr_expect_eq(try_getpriority(rules, count, 0, 5), EXDEV);
    cr_expect_eq(try_getpriority(rules, count, 9, 5), EMFILE);
    cr_expect_eq(try_getpriority(rules, count, 9, 6), ENOSYS, "no rule matches: the default");
}

Test(seccomp, last_rule_without_conditions)
{
    const struct seccomp_rule rules[] = {
        FRAME,
        IF(SECCOMP_FAIL, EDOM, {0, LOW, 7}),
        IF(SECCOMP_FAIL, ENOSYS, {0, LOW, 8}), /* the default's verdict */
        {.name = "getpriority", .verdict = SECCOMP_ALLOW},
    };

    cr_expect_eq(try_getpriority(rules, ARRAY_SIZE(rules), 7, 0), EDOM);
    cr_expect_eq(try_getpriority(rules, ARRAY_SIZE(rules), 8, 0), ENOSYS);
    cr_expect_eq(try_getpriority(rules, ARRAY_SIZE(rules), 0, 0), -1);
    cr_expect_eq(try_getpriority(rules, ARRAY_SIZE(rules), 99, 0), EINVAL, "the kernel's own");
}

Test(seccomp, whole_argument_and_success_without_effect)
{
    const struct seccomp_rule rules[] = {
        FRAME,
        IF(SECCOMP_FAIL, EDOM, {0, UINT64_MAX, 1L << 40}),
        IF(SECCOMP_FAIL, 0, {0, 1UL << 63, 1UL << 63}),
        {.name = "getpriority", .verdict = SECCOMP_FAIL, .error = EBUSY},
    };

    cr_expect_eq(try_getpriority(rules, ARRAY_SIZE(rules), 1L << 40, 0), EDOM);
    cr_expect_eq(try_getpriority(rules, ARRAY_SIZE(rules), LONG_MIN | 99, 0), -1, "not even made");
    cr_expect_eq(try_getpriority(rules, ARRAY_SIZE(rules), 1L << 40 | 1, 0), EBUSY);
    cr_expect_eq(try_getpriority(rules, ARRAY_SIZE(rules), 0, 0), EBUSY);
}

Test(seccomp, call_without_rule_gets_default)
{
    const struct seccomp_rule rules[] = {FRAME};

    cr_expect_eq(try_getpriority(rules, ARRAY_SIZE(rules), 0, 0), ENOSYS);
}

/* The rules of other calls must not matter to a call: many calls, some with conditions. */
Test(seccomp, many_calls)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct seccomp_rule rules[400] = {FRAME};
    size_t count = 2;

    for (int number = 0; number < 300; number++) {
        const char *name = seccomp_syscall_name(arena, number);

        if (name == NULL || strcmp(name, "exit") == 0 || strcmp(name, "exit_group") == 0)
            continue;
        if (number % 7 == 0 && strcmp(name, "getpriority") != 0)
            rules[count++] = (struct seccomp_rule){
                .name = name, .verdict = SECCOMP_FAIL, .error = EDOM, .matches = {{0, LOW, 7}}};
        rules[count++] = (struct seccomp_rule){
            .name = name, .verdict = SECCOMP_FAIL, .error = strcmp(name, "getpriority") ? 1 : 77};
    }
    cr_assert_gt(count, 250);
    cr_expect_eq(try_getpriority(rules, count, 7, 0), 77);
}

Test(seccomp, refuses_what_cannot_be_meant)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    const struct seccomp_rule twice[] = {{.name = "read", .verdict = SECCOMP_ALLOW},
                                         {.name = "write", .verdict = SECCOMP_ALLOW},
                                         {.name = "read", .verdict = SECCOMP_FAIL, .error = 1}};
    const struct seccomp_rule unknown[] = {{.name = "raed", .verdict = SECCOMP_ALLOW}};
    struct sock_filter *filter = NULL;
    struct sbx_error err = {0};
    size_t length = 0;

    cr_expect_eq(seccomp_compile(arena, twice, 3, ENOSYS, &filter, &length, &err), -EINVAL);
    cr_expect_not_null(strstr(err.message, "read"), "%s", err.message);
    err = (struct sbx_error){0};
    cr_expect_eq(seccomp_compile(arena, unknown, 1, ENOSYS, &filter, &length, &err), -EINVAL);
    cr_expect_not_null(strstr(err.message, "raed"), "%s", err.message);
    cr_expect_null(filter);
    cr_expect_eq(length, 0);
}

/* Such a rule would be a refusal that never comes. */
Test(seccomp, refuses_what_can_never_match)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    const struct seccomp_match never[] = {
        {0, 6, 1}, {5, LOW, 1UL << 32}, {1, 1UL << 63, 1}, {6, LOW, 0}};
    const struct seccomp_match sometimes[] = {
        {0, 6, 2}, {5, LOW, LOW}, {1, 1UL << 63, 1UL << 63}, {5, LOW, 0}};
    struct sock_filter *filter = NULL;
    size_t length = 0;

    for (size_t i = 0; i < ARRAY_SIZE(never); i++) {
        const struct seccomp_rule wrong[] = {FRAME, IF(SECCOMP_FAIL, EPERM, {2, LOW, 1}, never[i])};
        struct sbx_error err = {0};

        cr_expect_eq(
            seccomp_compile(arena, wrong, ARRAY_SIZE(wrong), ENOSYS, &filter, &length, &err),
            -EINVAL);
        cr_expect_not_null(strstr(err.message, "getpriority"), "%s", err.message);
        cr_expect_null(filter);
    }
    for (size_t i = 0; i < ARRAY_SIZE(never); i++) {
        const struct seccomp_rule right[] = {FRAME,
                                             IF(SECCOMP_FAIL, EPERM, {2, LOW, 1}, sometimes[i])};

        cr_expect_eq(
            seccomp_compile(arena, right, ARRAY_SIZE(right), ENOSYS, &filter, &length, NULL), 0);
    }
}

/* More rules than the kernel takes: an error, not half a filter. */
Test(seccomp, refuses_what_is_too_long)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct seccomp_rule *rules = arena_alloc(arena, 3000 * sizeof(*rules));
    struct sock_filter *filter = NULL;
    struct sbx_error err = {0};
    size_t length = 0;

    for (unsigned i = 0; i < 3000; i++)
        rules[i] = (struct seccomp_rule){.name = "getpriority",
                                         .verdict = SECCOMP_FAIL,
                                         .error = EDOM,
                                         .matches = {{0, LOW, i}, {1, LOW, 3000 - i}}};
    cr_expect_eq(seccomp_compile(arena, rules, 3000, ENOSYS, &filter, &length, &err), -EINVAL);
    cr_expect_null(filter);
    cr_expect_neq(err.message[0], '\0');
}

Test(seccomp, names)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    char *nearest;

    cr_expect(seccomp_syscall_exists("ptrace"));
    cr_expect(seccomp_syscall_exists("socketcall"), "of other architectures");
    cr_expect(seccomp_syscall_exists("mseal"), "newer than the library");
    cr_expect_not(seccomp_syscall_exists("ptarce"));
    cr_expect_not(seccomp_syscall_exists(""));
    cr_expect_not(seccomp_syscall_exists("-1"));
    cr_expect_eq(seccomp_syscall_number("ptrace"), SYS_ptrace);
    cr_expect_eq(seccomp_syscall_number("socketcall"), -1);
    cr_expect_eq(seccomp_syscall_number("nonsense"), -1);
    cr_expect_str_eq(seccomp_syscall_name(arena, SYS_ptrace), "ptrace");
    cr_expect_str_eq(seccomp_syscall_name(arena, 462), "mseal");
    cr_expect_null(seccomp_syscall_name(arena, 511));

    nearest = seccomp_syscall_nearest(arena, "ptarce");
    cr_assert_not_null(nearest);
    cr_expect_str_eq(nearest, "ptrace");
    nearest = seccomp_syscall_nearest(arena, "msael");
    cr_assert_not_null(nearest);
    cr_expect_str_eq(nearest, "mseal");
    cr_expect_null(seccomp_syscall_nearest(arena, "completely_different"));
    cr_expect_null(seccomp_syscall_nearest(arena, ""));
    cr_expect_null(seccomp_syscall_nearest(
        arena, "a_name_that_is_much_longer_than_that_of_any_system_call_in_the_kernel"));
}
