/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/refused_calls.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "kernel/compat.h"
#include "kernel/landlock.h"
#include "kernel/trial.h"

#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TIMEOUT_MS 2000
#define NOTHING    (-1L) /* no such descriptor, command or set of flags */

/* Each with arguments for which the kernel has no answer but EINVAL, EFAULT, EBADF or the like. */
static const struct {
    const char *name;
    long number;
    long arguments[5];
    bool may_lack; /* sbx does without it where the kernel has none */
} calls[] = {
    {"mount_setattr", SYS_mount_setattr, {NOTHING, 0, NOTHING, 0, 0}, false},
    {"openat2", SYS_openat2, {NOTHING, 0, 0, 0, 0}, false},
    {"open_tree", SYS_open_tree, {NOTHING, 0, NOTHING, 0, 0}, false},
    {"move_mount", SYS_move_mount, {NOTHING, 0, NOTHING, 0, NOTHING}, false},
    {"fsopen", SYS_fsopen, {0, NOTHING, 0, 0, 0}, false},
    {"fsconfig", SYS_fsconfig, {NOTHING, NOTHING, 0, 0, 0}, false},
    {"fsmount", SYS_fsmount, {NOTHING, NOTHING, 0, 0, 0}, false},
    {"mount", SYS_mount, {0, 0, 0, 0, 0}, false},
    {"umount2", SYS_umount2, {0, NOTHING, 0, 0, 0}, false},
    {"pivot_root", SYS_pivot_root, {0, 0, 0, 0, 0}, false},
    {"close_range", SYS_close_range, {1, 0, 0, 0, 0}, false},
    {"execveat", SYS_execveat, {NOTHING, 0, 0, 0, NOTHING}, false},
    {"memfd_create", SYS_memfd_create, {0, NOTHING, 0, 0, 0}, false},
    {"statx", SYS_statx, {NOTHING, 0, NOTHING, 0, 0}, false},
    {"faccessat2", SYS_faccessat2, {NOTHING, 0, NOTHING, 0, 0}, true},
    {"seccomp", SYS_seccomp, {NOTHING, 0, 0, 0, 0}, false},
    {"setns", SYS_setns, {NOTHING, NOTHING, 0, 0, 0}, false},
    {"unshare", SYS_unshare, {NOTHING, 0, 0, 0, 0}, false},
    {"keyctl", SYS_keyctl, {NOTHING, 0, 0, 0, 0}, true},
    {"sethostname", SYS_sethostname, {0, NOTHING, 0, 0, 0}, false},
    {"setdomainname", SYS_setdomainname, {0, NOTHING, 0, 0, 0}, false},
    {"signalfd4", SYS_signalfd4, {NOTHING, 0, 0, NOTHING, 0}, false},
    {"timerfd_create", SYS_timerfd_create, {NOTHING, NOTHING, 0, 0, 0}, false},
    {"pidfd_open", SYS_pidfd_open, {NOTHING, NOTHING, 0, 0, 0}, false},
    {"flock", SYS_flock, {NOTHING, 0, 0, 0, 0}, false},
    {"landlock_add_rule", SYS_landlock_add_rule, {NOTHING, 0, 0, NOTHING, 0}, false},
    {"landlock_restrict_self", SYS_landlock_restrict_self, {NOTHING, NOTHING, 0, 0, 0}, false},
};

struct answers {
    int numbers[ARRAY_SIZE(calls)]; /* errno, 0 where it wasn't asked */
};

/* In namespaces of its own, where the kernel itself refuses nothing for want of a right. */
static int ask(const void *argument, void *result)
{
    struct answers *answers = result;
    bool landlock = landlock_version() > 0;

    (void)argument;
    for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
        const long *with = calls[i].arguments;

        /* without the first of its calls Landlock is done without */
        if (!landlock && (calls[i].number == SYS_landlock_add_rule ||
                          calls[i].number == SYS_landlock_restrict_self))
            continue;
        if (syscall(calls[i].number, with[0], with[1], with[2], with[3], with[4]) < 0)
            answers->numbers[i] = errno;
    }
    return 0;
}

static bool is_refused(size_t call, int number)
{
    return number == EPERM || number == EACCES || (number == ENOSYS && !calls[call].may_lack);
}

unsigned refused_calls(char *ret_names, size_t size)
{
    const struct trial trial = {.namespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWUTS,
                                .timeout_ms = TIMEOUT_MS,
                                .function = ask};
    struct answers answers = {0};
    char names[1024] = "";
    size_t used = 0;
    unsigned count = 0;

    (void)trial_run(&trial, &answers, sizeof(answers), NULL);
    for (size_t i = 0; i < ARRAY_SIZE(calls) && used < sizeof(names); i++)
        if (is_refused(i, answers.numbers[i])) {
            used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s",
                                     count == 0 ? "" : ", ", calls[i].name);
            count++;
        }
    text_copy(ret_names, size, names);
    return count;
}
