/* SPDX-License-Identifier: Apache-2.0 */
/* The attempts themselves: what one finds here agrees with what is done here by other means. */
#include "kernel/checkup.h"

#include "base/cleanup.h"
#include "kernel/fault.h"
#include "kernel/landlock.h"
#include "kernel/mountinfo.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct checkup examine(struct arena *arena, struct host *host)
{
    struct checkup checkup;

    cr_assert_eq(host_probe_caller(arena, (const char *const *)environ, host, NULL), 0);
    cr_assert_eq(mountinfo_read(arena, &host->mounts, NULL), 0);
    cr_assert_eq(checkup_probe(arena, host, &checkup), 0);
    return checkup;
}

static int nothing(const void *argument, void *result)
{
    (void)argument;
    (void)result;
    return 0;
}

Test(checkup, agrees_with_a_plain_clone)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    const struct trial trial = {
        .namespaces = CLONE_NEWUSER, .timeout_ms = 10000, .function = nothing};
    struct host host;
    struct checkup checkup = examine(arena, &host);
    char byte;

    cr_expect_eq(checkup.attempts[ATTEMPT_USER_NAMESPACE].error,
                 -trial_run(&trial, &byte, 0, NULL));
    cr_expect_eq(checkup.attempts[ATTEMPT_LANDLOCK].value, (unsigned long)landlock_abi());
    for (size_t i = 0; i < ATTEMPT_COUNT; i++)
        cr_expect(checkup.attempts[i].made);
    cr_expect_eq(checkup.mounts, host.mounts.count);
    cr_expect_gt(checkup.pid_max, 0);
    cr_assert_not_null(checkup.program);
    cr_expect_not_null(strstr(checkup.program, "unit-tests"));
}

/* Whoever calls has what it had: no filter, no domain, no new mount, no child. */
Test(checkup, leaves_nothing_behind)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct host_mounts after = {0};
    struct host host;
    struct stat before_root;
    struct stat after_root;

    cr_assert_eq(stat("/", &before_root), 0);
    examine(arena, &host);
    cr_assert_eq(stat("/", &after_root), 0);
    cr_expect_eq(before_root.st_ino, after_root.st_ino);
    cr_assert_eq(mountinfo_read(arena, &after, NULL), 0);
    cr_expect_eq(after.count, host.mounts.count);
    cr_expect_eq(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 0);
    cr_expect_eq(prctl(PR_GET_SECCOMP, 0, 0, 0, 0), 0);
    cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1);
    cr_expect_eq(errno, ECHILD);
}

Test(fault, a_process_without_new_privileges)
{
    unsigned before = fault_probe();

    cr_expect_eq(before & FAULT_NO_NEW_PRIVS, 0);
    cr_expect_eq(before & FAULT_FILTER_KILLS, 0);
    cr_assert_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    cr_expect_eq(fault_probe(), before | FAULT_NO_NEW_PRIVS);
}
