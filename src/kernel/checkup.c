/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The namespaces of an attempt are made as a run makes them: all by one clone, or, where only real
 * root can make a procfs, that first and the user namespace after it.
 */
#include "kernel/checkup.h"

#include "base/cleanup.h"
#include "kernel/checkup_internal.h"
#include "kernel/fault.h"
#include "kernel/idmap.h"
#include "kernel/mount.h"
#include "kernel/mountinfo.h"

#include <errno.h>
#include <sched.h>
#include <string.h>

#ifndef CLONE_NEWCGROUP
#define CLONE_NEWCGROUP 0x02000000
#endif

#define TIMEOUT_MS 3000

static const struct {
    uint64_t namespaces;
    int (*function)(const struct attempt_context *context);
} rows[ATTEMPT_COUNT] = {
    [ATTEMPT_USER_NAMESPACE] = {CLONE_NEWUSER, attempt_nothing},
    [ATTEMPT_MOUNT_NAMESPACE] = {CLONE_NEWUSER | CLONE_NEWNS, attempt_nothing},
    [ATTEMPT_PID_NAMESPACE] = {CLONE_NEWUSER | CLONE_NEWPID, attempt_nothing},
    [ATTEMPT_NETWORK_NAMESPACE] = {CLONE_NEWUSER | CLONE_NEWNET, attempt_nothing},
    [ATTEMPT_IPC_NAMESPACE] = {CLONE_NEWUSER | CLONE_NEWIPC, attempt_nothing},
    [ATTEMPT_UTS_NAMESPACE] = {CLONE_NEWUSER | CLONE_NEWUTS, attempt_nothing},
    [ATTEMPT_CGROUP_NAMESPACE] = {CLONE_NEWUSER | CLONE_NEWCGROUP, attempt_nothing},
    [ATTEMPT_MIRROR] = {CLONE_NEWUSER | CLONE_NEWNS, attempt_mirror},
    [ATTEMPT_PROCFS] = {CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID, attempt_procfs},
    [ATTEMPT_DEVPTS] = {CLONE_NEWUSER | CLONE_NEWNS, attempt_devpts},
    [ATTEMPT_SECCOMP] = {0, attempt_seccomp},
    [ATTEMPT_LANDLOCK] = {0, attempt_landlock},
    [ATTEMPT_SYSFS] = {CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET, attempt_sysfs},
    [ATTEMPT_OVERLAY] = {CLONE_NEWUSER | CLONE_NEWNS, attempt_overlay},
    [ATTEMPT_NOTIFICATIONS] = {0, attempt_notifications},
    [ATTEMPT_PID_MAX] = {CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID, attempt_pid_max},
    [ATTEMPT_TUN] = {CLONE_NEWUSER | CLONE_NEWNET, attempt_tun},
    [ATTEMPT_SYSTEMD] = {0, attempt_systemd},
};

/* What the process of an attempt needs to know. */
struct task {
    enum attempt_kind kind;
    bool procfs_first;
    char uids[64];
    char gids[64];
    char manager[64];
};

/* Real root's way: a PID namespace is there, now procfs, then the rest. */
static int enter_after_procfs(const struct task *task, int *ret_procfs, struct attempt *attempt)
{
    int procfs = mount_new("proc", NULL, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
                           attempt->reason, sizeof(attempt->reason));

    if (procfs < 0)
        return procfs;
    *ret_procfs = procfs;
    attempt->stage = TRIAL_STAGE_CLONE;
    if (unshare((int)(rows[task->kind].namespaces & ~(uint64_t)CLONE_NEWPID)) < 0)
        return -errno;
    attempt->stage = TRIAL_STAGE_MAPS;
    return idmap_write(procfs, task->uids, task->gids, NULL);
}

static int perform(const void *argument, void *result)
{
    const struct task *task = argument;
    struct attempt *attempt = result;
    struct attempt_context context = {
        .procfs = -EBADF, .manager = task->manager, .attempt = attempt};
    int error = 0;

    attempt->stage = TRIAL_STAGE_TRIED;
    if (task->procfs_first)
        error = enter_after_procfs(task, &context.procfs, attempt);
    if (error < 0)
        return error;
    attempt->stage = TRIAL_STAGE_TRIED;
    return rows[task->kind].function(&context);
}

static void attempt_make(const struct checkup *checkup, const struct host *host,
                         enum attempt_kind kind, struct attempt *ret_attempt)
{
    bool in_namespaces = rows[kind].namespaces != 0;
    struct task task = {.kind = kind, .procfs_first = in_namespaces && checkup->procfs_first};
    const struct trial trial = {
        .namespaces = task.procfs_first ? CLONE_NEWPID : rows[kind].namespaces,
        .timeout_ms = TIMEOUT_MS,
        .function = perform,
        .argument = &task,
    };
    struct attempt attempt = {0};
    enum trial_stage stage;
    int result;

    if (in_namespaces && (checkup->faults & FAULT_FILTER_KILLS) != 0)
        return;
    snprintf(task.uids, sizeof(task.uids), "%u %u 1\n", host->uid, host->uid);
    snprintf(task.gids, sizeof(task.gids), "%u %u 1\n", host->gid, host->gid);
    snprintf(task.manager, sizeof(task.manager), "/run/user/%u/systemd/private", host->uid);
    result = trial_run(&trial, &attempt, sizeof(attempt), &stage);
    attempt.made = true;
    attempt.error = -result;
    if (stage != TRIAL_STAGE_TRIED || !task.procfs_first)
        attempt.stage = stage;
    *ret_attempt = attempt;
}

int checkup_probe(struct arena *arena, const struct host *host, struct checkup *ret_checkup)
{
    struct checkup checkup = {
        .faults = fault_probe(),
        .is_root = host->is_root,
        .procfs_first = host->is_admin && mountinfo_covers_proc(&host->mounts),
        .mounts = host->mounts.count,
    };

    for (unsigned kind = 0; kind < ATTEMPT_COUNT; kind++)
        attempt_make(&checkup, host, (enum attempt_kind)kind, &checkup.attempts[kind]);
    if (checkup_read(arena, host, &checkup) < 0)
        return -ENOMEM;
    *ret_checkup = checkup;
    return 0;
}
