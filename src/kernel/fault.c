/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/fault.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "kernel/capability.h"
#include "kernel/mountinfo.h"
#include "kernel/process.h"
#include "kernel/trial.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define SMALL_FILE 65536
#define TIMEOUT_MS 2000

/* One line of /proc/sys that is in the way when it has this value. */
static const struct {
    const char *path;
    const char *value;
    unsigned fault;
} sysctls[] = {
    {"/proc/sys/user/max_user_namespaces", "0", FAULT_NO_USERNS_LEFT},
    {"/proc/sys/user/max_mnt_namespaces", "0", FAULT_NO_MNT_LEFT},
    {"/proc/sys/user/max_pid_namespaces", "0", FAULT_NO_PID_LEFT},
    {"/proc/sys/user/max_net_namespaces", "0", FAULT_NO_NET_LEFT},
    {"/proc/sys/user/max_ipc_namespaces", "0", FAULT_NO_IPC_LEFT},
    {"/proc/sys/user/max_uts_namespaces", "0", FAULT_NO_UTS_LEFT},
    {"/proc/sys/user/max_cgroup_namespaces", "0", FAULT_NO_CGROUP_LEFT},
    {"/proc/sys/kernel/unprivileged_userns_clone", "0", FAULT_USERNS_CLONE_OFF},
    {"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1", FAULT_APPARMOR_USERNS},
};

static unsigned fault_of_sysctls(struct arena *arena)
{
    unsigned faults = 0;
    char *text;

    for (size_t i = 0; i < ARRAY_SIZE(sysctls); i++) {
        if (io_read_file(arena, AT_FDCWD, sysctls[i].path, SMALL_FILE, &text, NULL) < 0)
            continue;
        text[strcspn(text, "\n")] = '\0';
        if (strcmp(text, sysctls[i].value) == 0)
            faults |= sysctls[i].fault;
    }
    /* these two are about the unprivileged */
    if (capability_is_effective(CAP_SYS_ADMIN))
        faults &= ~(unsigned)(FAULT_APPARMOR_USERNS | FAULT_USERNS_CLONE_OFF);
    return faults;
}

/* Of the caller itself: its filter, its privileges, the names of its ids. */
static unsigned fault_of_status(struct arena *arena)
{
    unsigned faults = 0;
    char *text;

    if (io_read_file(arena, AT_FDCWD, "/proc/self/status", SMALL_FILE, &text, NULL) == 0) {
        faults |= strstr(text, "\nSeccomp:\t2") != NULL ? FAULT_SECCOMP : 0;
        faults |= strstr(text, "\nNoNewPrivs:\t1") != NULL ? FAULT_NO_NEW_PRIVS : 0;
    }
    if (io_read_file(arena, AT_FDCWD, "/proc/self/uid_map", SMALL_FILE, &text, NULL) == 0) {
        faults |= strstr(text, "4294967295") == NULL ? FAULT_NESTED_USERNS : 0;
        faults |= text[0] == '\0' ? FAULT_IDS_UNMAPPED : 0;
    }
    /* "NAME (enforce)"; of another security module the older file has another form */
    if ((io_read_file(arena, AT_FDCWD, "/proc/self/attr/apparmor/current", SMALL_FILE, &text,
                      NULL) == 0 ||
         io_read_file(arena, AT_FDCWD, "/proc/self/attr/current", SMALL_FILE, &text, NULL) == 0) &&
        strstr(text, " (enforce)") != NULL)
        faults |= FAULT_APPARMOR_CONFINED;
    if (geteuid() == 0 && !capability_is_effective(CAP_SETFCAP))
        faults |= FAULT_NO_SETFCAP;
    return faults;
}

/*
 * In a chroot that is not itself a mount, the list of mounts has no "/".  In one that is, another
 * process of the same mount namespace has another root; whether that may be looked at depends on
 * whose it is.
 */
static bool has_other_root(const char *process)
{
    struct stat mine;
    struct stat theirs;
    struct statx my_root;
    struct statx their_root;
    char path[64];

    snprintf(path, sizeof(path), "/proc/%s/ns/mnt", process);
    if (stat("/proc/self/ns/mnt", &mine) < 0 || stat(path, &theirs) < 0 ||
        mine.st_ino != theirs.st_ino)
        return false;
    snprintf(path, sizeof(path), "/proc/%s/root", process);
    if (statx(AT_FDCWD, "/", 0, STATX_INO | STATX_MNT_ID, &my_root) < 0 ||
        statx(AT_FDCWD, path, 0, STATX_INO | STATX_MNT_ID, &their_root) < 0)
        return false;
    return my_root.stx_mnt_id != their_root.stx_mnt_id || my_root.stx_ino != their_root.stx_ino;
}

static unsigned fault_of_mounts(struct arena *arena)
{
    struct host_mounts mounts = {0};
    struct statvfs proc;
    unsigned faults = 0;
    bool has_root = false;
    char parent[32];

    if (statvfs("/proc", &proc) == 0 && (proc.f_flag & ST_RDONLY) != 0)
        faults |= FAULT_PROC_READ_ONLY;
    if (mountinfo_read(arena, &mounts, NULL) < 0)
        return faults;
    for (size_t i = 0; i < mounts.count; i++)
        has_root = has_root || strcmp(mounts.items[i].point, "/") == 0;
    if (mountinfo_covers_proc(&mounts))
        faults |= FAULT_PROC_COVERED;
    snprintf(parent, sizeof(parent), "%d", getppid());
    if (!has_root || has_other_root("1") || has_other_root(parent))
        faults |= FAULT_CHROOT;
    return faults;
}

/* A user namespace with a shared root directory is impossible: the kernel says EINVAL before it
 * looks at anything else.  Any other answer is a filter's. */
static int ask_for_the_impossible(const void *argument, void *result)
{
    int pidfd = -EBADF;
    pid_t pid = process_clone(CLONE_NEWUSER | CLONE_FS, -EBADF, &pidfd);

    (void)argument;
    (void)result;
    if (pid == 0)
        _exit(0);
    return pid < 0 ? (int)pid : 0;
}

static int ask_for_mount_setattr(const void *argument, void *result)
{
    (void)argument;
    (void)result;
    return mount_setattr(-1, "", 0, NULL, 0) < 0 ? -errno : 0;
}

static int do_nothing(const void *argument, void *result)
{
    (void)argument;
    (void)result;
    return 0;
}

/* Is there a user namespace that gives no rights? */
static unsigned fault_of_rights(void)
{
    const struct trial trial = {
        .namespaces = CLONE_NEWUSER, .timeout_ms = TIMEOUT_MS, .function = do_nothing};
    enum trial_stage stage;
    char nothing;
    int result = trial_run(&trial, &nothing, 0, &stage);

    return stage == TRIAL_STAGE_MAPS && (result == -EPERM || result == -EACCES)
               ? FAULT_NO_RIGHTS_INSIDE
               : 0;
}

static unsigned fault_of_calls(void)
{
    struct trial trial = {.timeout_ms = TIMEOUT_MS, .function = ask_for_the_impossible};
    enum trial_stage stage;
    unsigned faults = 0;
    char nothing;
    int result = trial_run(&trial, &nothing, 0, &stage);

    if (stage == TRIAL_STAGE_TRIED && result == -ECHILD)
        faults |= FAULT_FILTER_NAMESPACES | FAULT_FILTER_KILLS;
    else if (stage == TRIAL_STAGE_TRIED && result != -EINVAL)
        faults |= FAULT_FILTER_NAMESPACES;
    trial.function = ask_for_mount_setattr;
    if (trial_run(&trial, &nothing, 0, &stage) == -ENOSYS && stage == TRIAL_STAGE_TRIED)
        faults |= FAULT_NO_NEW_MOUNT_API;
    return (faults & FAULT_FILTER_KILLS) != 0 ? faults : faults | fault_of_rights();
}

unsigned fault_probe(void)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    unsigned faults = fault_of_calls();

    if (arena == NULL)
        return faults;
    return faults | fault_of_sysctls(arena) | fault_of_status(arena) | fault_of_mounts(arena);
}
