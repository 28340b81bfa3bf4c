/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/verdict.h"

#include "kernel/fault.h"
#include "policy/apparmor.h"
#include "policy/diagnosis.h"
#include "policy/landlock_abi.h"

#include <errno.h>
#include <string.h>

#define NO_RUN "no sandbox can be made: `sbx run` ends with 125"
#define NO_DEFAULT_RUN                                                                             \
    "a sandbox without the network cannot be made: only `sbx run --net host` can work"
#define NOT_USED(what) "nothing: " what

/* An attempt, in the order in which they are shown. */
struct row {
    enum attempt_kind kind;
    const char *name;
    const char *title;
    const char *operation; /* as the step of a run that does it */
    unsigned limit;        /* the fault of its own that a namespace can have */
    bool used;
    const char *cost;
};

static const struct row rows[] = {
    {ATTEMPT_USER_NAMESPACE, "user-namespaces", "user namespaces", "namespaces",
     FAULT_NO_USERNS_LEFT, true, NO_RUN},
    {ATTEMPT_MOUNT_NAMESPACE, "mount-namespaces", "mount namespaces", "namespaces",
     FAULT_NO_MNT_LEFT, true, NO_RUN},
    {ATTEMPT_PID_NAMESPACE, "pid-namespaces", "PID namespaces", "namespaces", FAULT_NO_PID_LEFT,
     true, NO_RUN},
    {ATTEMPT_NETWORK_NAMESPACE, "network-namespaces", "network namespaces", "namespaces",
     FAULT_NO_NET_LEFT, true, NO_DEFAULT_RUN},
    {ATTEMPT_IPC_NAMESPACE, "ipc-namespaces", "IPC namespaces", "namespaces", FAULT_NO_IPC_LEFT,
     true, NO_RUN},
    {ATTEMPT_UTS_NAMESPACE, "uts-namespaces", "UTS namespaces (host name)", "namespaces",
     FAULT_NO_UTS_LEFT, true, NO_RUN},
    {ATTEMPT_CGROUP_NAMESPACE, "cgroup-namespaces", "cgroup namespaces", "namespaces",
     FAULT_NO_CGROUP_LEFT, true, NO_RUN},
    {ATTEMPT_MIRROR, "mount-setattr", "read-only mirror of / (mount_setattr)", "mirror", 0, true,
     NO_RUN},
    {ATTEMPT_PROCFS, "procfs", "fresh procfs", "proc", 0, true, NO_RUN},
    {ATTEMPT_DEVPTS, "devpts", "fresh devpts", "devpts", 0, true, NO_RUN},
    {ATTEMPT_SECCOMP, "seccomp", "system-call filter (seccomp)", "seccomp", 0, true,
     "only `sbx run --seccomp off` can work"},
    {ATTEMPT_LANDLOCK, "landlock", "Landlock", "landlock", 0, true, NO_RUN},
    {ATTEMPT_SYSFS, "sysfs", "fresh sysfs", "sysfs", 0, false,
     NOT_USED("/sys is a mirror of the host's")},
    {ATTEMPT_OVERLAY, "overlay", "overlay in a user namespace", "overlay", 0, false,
     NOT_USED("sbx makes no overlays yet")},
    {ATTEMPT_NOTIFICATIONS, "seccomp-notifications", "seccomp notifications", "notifications", 0,
     false, "`--on-refusal notify` and `kill`, and with them the profile judge, can't work"},
    {ATTEMPT_PID_MAX, "pid-max", "pid_max of its own in a PID namespace", "pid-max", 0, false,
     NOT_USED("--pids does without it")},
    {ATTEMPT_TUN, "tun", "/dev/net/tun", "tun", 0, false,
     NOT_USED("sbx has no user-mode network yet")},
    {ATTEMPT_SYSTEMD, "systemd-user", "systemd user manager", "systemd", 0, false,
     NOT_USED("whether limits can be held is said by the check of cgroups")},
};

const char *sbx_check_state_name(enum sbx_check_state state)
{
    static const char *const names[] = {[SBX_CHECK_WORKS] = "works",
                                        [SBX_CHECK_LIMITED] = "limited",
                                        [SBX_CHECK_FAILS] = "fails",
                                        [SBX_CHECK_UNKNOWN] = "unknown"};

    return names[state];
}

int verdict_explain(struct arena *arena, const struct checkup *checkup, unsigned faults,
                    const char *operation, int number, struct sbx_check *check)
{
    const struct diagnosis *diagnosis = diagnosis_find(operation, number, faults);

    if (diagnosis == NULL)
        return 0;
    check->cause = diagnosis->cause;
    check->fix = diagnosis->fix;
    if (!diagnosis->apparmor)
        return 0;
    check->file = APPARMOR_PROFILE;
    check->file_text = apparmor_profile(arena, checkup->program);
    return check->file_text == NULL ? -ENOMEM : 0;
}

/* The step of a run that fails where this attempt has. */
static const char *operation_of(const struct row *row, const struct attempt *attempt)
{
    if (attempt->stage == TRIAL_STAGE_CLONE)
        return "namespaces";
    if (attempt->stage == TRIAL_STAGE_MAPS)
        return "id-map";
    /* real root's procfs comes before the namespaces */
    return strcmp(row->operation, "namespaces") == 0 ? "proc" : row->operation;
}

static const char *describe_error(struct arena *arena, const struct attempt *attempt)
{
    const char *text = strerrordesc_np(attempt->error);

    if (attempt->error == EBADE)
        return "it was done, but had no effect";
    if (attempt->error == ECHILD)
        return "who tried it was killed";
    if (text == NULL)
        text = "unknown error";
    return attempt->reason[0] == '\0' ? text
                                      : arena_printf(arena, "%s (%s)", text, attempt->reason);
}

/* Does this attempt say nothing of its own, as the namespaces that it needs can't be made? */
static bool is_untried(const struct checkup *checkup, const struct row *row,
                       const struct attempt *attempt)
{
    const struct attempt *user = &checkup->attempts[ATTEMPT_USER_NAMESPACE];

    if (attempt->error == 0 || attempt->stage == TRIAL_STAGE_TRIED)
        return false;
    return row->limit == 0 || (row->kind != ATTEMPT_USER_NAMESPACE && user->error != 0);
}

static int judge_failure(struct arena *arena, const struct checkup *checkup, const struct row *row,
                         const struct attempt *attempt, struct sbx_check *check)
{
    /* of several limits that are 0, this kind of namespace has its own */
    unsigned faults = row->limit == 0 || row->kind == ATTEMPT_USER_NAMESPACE
                          ? checkup->faults & ~(FAULTS_OF_LIMITS & ~(unsigned)FAULT_NO_USERNS_LEFT)
                          : checkup->faults & ~(FAULTS_OF_LIMITS & ~row->limit);

    check->state = SBX_CHECK_FAILS;
    check->cost = row->cost;
    check->finding = describe_error(arena, attempt);
    if (check->finding == NULL)
        return -ENOMEM;
    return verdict_explain(arena, checkup, faults, operation_of(row, attempt), attempt->error,
                           check);
}

static int judge_landlock(struct arena *arena, const struct checkup *checkup,
                          struct sbx_check *check)
{
    const struct attempt *attempt = &checkup->attempts[ATTEMPT_LANDLOCK];
    unsigned long abi = attempt->value;

    if (abi == 0) {
        check->state = SBX_CHECK_LIMITED;
        check->cost = "no second guard on writes: a file that is standard input can be opened for "
                      "writing by the command; `--net host` is refused";
        return verdict_explain(arena, checkup, checkup->faults, "landlock", attempt->error, check);
    }
    check->finding = arena_printf(arena, "ABI %lu", abi);
    if (check->finding == NULL)
        return -ENOMEM;
    if (abi >= LANDLOCK_ABI_SCOPES)
        return 0;
    check->state = SBX_CHECK_LIMITED;
    check->cost =
        abi < LANDLOCK_ABI_USABLE
            ? "sbx does without it, as files could not be moved between directories: no "
              "second guard on writes; `--net host` is refused"
        : abi < LANDLOCK_ABI_TRUNCATE
            ? "`--net host` is refused, as nothing closes the host's abstract sockets; with "
              "a file as standard input truncate(2) is refused, as nothing else keeps the "
              "file from being emptied"
            : "`--net host` is refused, as nothing closes the host's abstract sockets";
    check->cause = "the kernel's Landlock is older than sbx can make full use of";
    check->fix = "use Linux 6.12 or later; or `--net host-abstract`, with the host's abstract "
                 "sockets";
    return 0;
}

/* The new namespace has the largest number there is, whatever the machine's is; where that is the
 * same, who may write it tells, but root may write the machine's too. */
static int judge_pid_max(struct arena *arena, const struct checkup *checkup,
                         struct sbx_check *check)
{
    const struct attempt *attempt = &checkup->attempts[ATTEMPT_PID_MAX];

    if (attempt->error != 0) {
        check->state = SBX_CHECK_UNKNOWN;
        check->finding = "not tried without a fresh procfs";
        return 0;
    }
    if (checkup->pid_max > 0 && attempt->value != (unsigned long)checkup->pid_max)
        return 0;
    if (attempt->writable && !checkup->is_root)
        return 0;
    check->cost = NOT_USED("--pids does without it");
    if (checkup->is_root || (checkup->faults & FAULT_PROC_READ_ONLY) != 0) {
        check->state = SBX_CHECK_UNKNOWN;
        check->finding = "it can't be told without writing to what may be the machine's own";
        return 0;
    }
    check->state = SBX_CHECK_FAILS;
    return verdict_explain(arena, checkup, checkup->faults, "pid-max", ENOTSUP, check);
}

static int judge(struct arena *arena, const struct checkup *checkup, const struct row *row,
                 struct sbx_check *check)
{
    const struct attempt *attempt = &checkup->attempts[row->kind];

    *check = (struct sbx_check){.name = row->name, .title = row->title, .used = row->used};
    if (!attempt->made) {
        check->state = SBX_CHECK_UNKNOWN;
        check->finding = "not tried: a system-call filter would kill sbx for it";
        return 0;
    }
    if (attempt->stage == TRIAL_STAGE_HUNG) {
        check->state = SBX_CHECK_UNKNOWN;
        check->finding = "there was no answer in time";
        check->cost = row->cost;
        return 0;
    }
    if (is_untried(checkup, row, attempt)) {
        check->state = SBX_CHECK_UNKNOWN;
        check->finding = checkup->attempts[ATTEMPT_USER_NAMESPACE].error != 0
                             ? "not tried without a user namespace"
                             : "not tried without the namespace that it needs";
        return 0;
    }
    if (row->kind == ATTEMPT_LANDLOCK && (attempt->value == 0 || attempt->error == 0))
        return judge_landlock(arena, checkup, check);
    if (row->kind == ATTEMPT_PID_MAX)
        return judge_pid_max(arena, checkup, check);
    if (attempt->error != 0)
        return judge_failure(arena, checkup, row, attempt, check);
    if (row->kind == ATTEMPT_PROCFS && checkup->procfs_first)
        check->finding = "/proc is covered here: root's is made before the user namespace";
    return 0;
}

int verdict_add(struct arena *arena, const struct checkup *checkup, struct checks *checks)
{
    bool readings = false;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sbx_check *check;

        /* what is read comes between what a default run needs and what it does without */
        if (!rows[i].used && !readings && verdict_add_limits(arena, checkup, checks) < 0)
            return -ENOMEM;
        readings = readings || !rows[i].used;
        check = ARENA_PUSH(arena, checks);
        if (check == NULL || judge(arena, checkup, &rows[i], check) < 0)
            return -ENOMEM;
    }
    return verdict_add_readings(arena, checkup, checks);
}
