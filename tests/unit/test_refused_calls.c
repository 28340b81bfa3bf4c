/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/refused_calls.h"

#include "base/cleanup.h"
#include "kernel/compat.h"
#include "kernel/trial.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* In a child, under a filter that answers two calls so: what is said?  Criterion's workers have
 * threads. */
static int say_under(unsigned one, unsigned other, unsigned number, char *ret_names, size_t size)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, one, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, other, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | number),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {ARRAY_SIZE(code), code};
    int ends[2];
    int status = 0;
    ssize_t length;
    pid_t child;

    cr_assert_eq(pipe(ends), 0);
    child = fork();
    cr_assert_neq(child, -1);
    if (child == 0) {
        char names[512];
        unsigned count;

        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
            prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
            _exit(99);
        count = refused_calls(names, sizeof(names));
        if (write(ends[1], names, strlen(names)) < 0)
            _exit(98);
        _exit((int)count);
    }
    close(ends[1]);
    length = read(ends[0], ret_names, size - 1);
    ret_names[length > 0 ? length : 0] = '\0';
    close(ends[0]);
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int nothing(const void *argument, void *result)
{
    (void)argument;
    (void)result;
    return 0;
}

static void need_namespaces(void)
{
    const struct trial trial = {.namespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWUTS,
                                .timeout_ms = 2000,
                                .function = nothing};
    char none;

    if (trial_run(&trial, &none, 0, NULL) < 0)
        cr_skip_test("no user namespaces here");
}

Test(refused_calls, none_where_nothing_refuses)
{
    char names[512] = "unset";

    if (say_under(SYS_getppid, SYS_getppid, EPERM, names, sizeof(names)) == 0)
        cr_expect_str_eq(names, "");
    else /* this machine has a filter around the tests */
        cr_expect_neq(names[0], '\0');
}

Test(refused_calls, each_by_its_name)
{
    static const int numbers[] = {ENOSYS, EPERM, EACCES};
    char names[512];

    need_namespaces();
    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
        unsigned number = (unsigned)numbers[i];

        cr_expect_eq(say_under(SYS_openat2, SYS_fsmount, number, names, sizeof(names)), 2);
        cr_expect_str_eq(names, "openat2, fsmount");
        cr_expect_eq(say_under(SYS_unshare, SYS_unshare, number, names, sizeof(names)), 1);
        cr_expect_str_eq(names, "unshare");
    }
}

/* What a kernel may lack is no fault of its; a filter that refuses it is. */
Test(refused_calls, what_sbx_does_without)
{
    char names[512];

    need_namespaces();
    cr_expect_eq(say_under(SYS_faccessat2, SYS_keyctl, ENOSYS, names, sizeof(names)), 0, "%s",
                 names);
    cr_expect_eq(say_under(SYS_faccessat2, SYS_keyctl, EPERM, names, sizeof(names)), 2);
    cr_expect_str_eq(names, "faccessat2, keyctl");
    cr_expect_eq(
        say_under(SYS_landlock_create_ruleset, SYS_landlock_add_rule, ENOSYS, names, sizeof(names)),
        0, "%s", names);
}

/* Other answers are the kernel's: the arguments are nonsense. */
Test(refused_calls, another_answer_is_no_refusal)
{
    char names[512];

    need_namespaces();
    cr_expect_eq(say_under(SYS_openat2, SYS_fsmount, EBUSY, names, sizeof(names)), 0, "%s", names);
}

Test(refused_calls, no_more_than_there_is_room_for)
{
    char names[8];

    (void)refused_calls(names, sizeof(names));
    cr_expect_lt(strlen(names), sizeof(names));
}
