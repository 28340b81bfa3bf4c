/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/diagnosis.h"

#include "kernel/fault.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

enum condition {
    NESTED_IN_SBX,
    USERNS_LIMIT,
    MNT_LIMIT,
    PID_LIMIT,
    NET_LIMIT,
    IPC_LIMIT,
    UTS_LIMIT,
    CGROUP_LIMIT,
    SOME_LIMIT,
    FILTER,
    FILTER_KILLS,
    USERNS_CLONE_OFF,
    IDS_UNMAPPED,
    CHROOT,
    APPARMOR,
    APPARMOR_CONFINED,
    USERNS_REFUSED,
    NO_SETFCAP,
    NO_RIGHTS,
    OLD_KERNEL,
    OLD_OR_FILTERED,
    NO_NAMESPACES,
    PROCESS_LIMIT,
    NO_PROC,
    READ_ONLY_PROC,
    READ_ONLY_PROC_LIMIT,
    MASKED_PROC,
    READ_ONLY_FRESH_PROC,
    NO_WHOLE_PROC,
    KEY_QUOTA,
    KEYS_HIDDEN,
    MOUNT_LIMIT,
    MEMORY_FILES,
    FILE_SIZE_LIMIT,
    OPEN_FILES_LIMIT,
    OPEN_FILES_OF_MACHINE,
    NO_MEMORY,
    SOME_FILTER,
    LANDLOCK_MISSING,
    LANDLOCK_OFF,
    SECCOMP_MISSING,
    /* of what no default run needs */
    MASKED_SYS,
    NO_OVERLAY,
    OLD_OVERLAY,
    FILTER_WITH_SUPERVISOR,
    NO_NOTIFICATIONS,
    NO_CGROUP2,
    NO_DELEGATION,
    NO_NEWUIDMAP,
    NEWUIDMAP_WITHOUT_POWER,
    NO_SUBORDINATE_IDS,
    NO_TUN,
    TUN_CLOSED,
    NO_PASTA,
    NO_USER_MANAGER,
    SHARED_PID_MAX,
    CONDITION_COUNT,
};

#define ROW_OF(name, cause, fix, some_call)                                                        \
    {                                                                                              \
        name, cause, fix, cause ": " fix, false, some_call                                         \
    }
#define ROW(name, cause, fix) ROW_OF(name, cause, fix, false)
#define LIMIT_ROW(kind, meaning)                                                                   \
    ROW("max-" kind "-namespaces", meaning " namespaces are switched off",                         \
        "as root, `sysctl user.max_" kind "_namespaces=15000`")

static const struct diagnosis conditions[CONDITION_COUNT] = {
    [NESTED_IN_SBX] =
        ROW("no-nested-namespaces", "no user namespace may be made here",
            "sbx cannot run inside another sandbox of sbx without --userns, nor where "
            "user.max_user_namespaces is 0"),
    [USERNS_LIMIT] = LIMIT_ROW("user", "user"),
    [MNT_LIMIT] = LIMIT_ROW("mnt", "mount"),
    [PID_LIMIT] = LIMIT_ROW("pid", "process-id"),
    [NET_LIMIT] = LIMIT_ROW("net", "network"),
    [IPC_LIMIT] = LIMIT_ROW("ipc", "IPC"),
    [UTS_LIMIT] = LIMIT_ROW("uts", "host-name (UTS)"),
    [CGROUP_LIMIT] = LIMIT_ROW("cgroup", "cgroup"),
    [SOME_LIMIT] = ROW("namespace-limit", "a limit on namespaces is reached",
                       "see /proc/sys/user/, and whether user namespaces are nested more than 32 "
                       "deep"),
    [FILTER] = ROW("filter", "a system-call filter around sbx refuses user namespaces",
                   "in a container, allow them (docker: `--security-opt seccomp=unconfined`; a "
                   "systemd unit: `RestrictNamespaces=no`); sbx cannot run inside another sandbox "
                   "of sbx"),
    [FILTER_KILLS] =
        ROW("filter-kills", "a system-call filter around sbx kills who asks for a user namespace",
            "run sbx outside it (a systemd unit: `SystemCallFilter=` without its "
            "default of killing, `RestrictNamespaces=no`)"),
    [USERNS_CLONE_OFF] =
        ROW("unprivileged-userns-clone", "user namespaces are off for ordinary users",
            "as root, `sysctl kernel.unprivileged_userns_clone=1`"),
    [IDS_UNMAPPED] =
        ROW("unmapped-ids", "the user namespace that sbx was started in has no name for its user",
            "map it there, as `unshare -U --map-current-user` does"),
    [CHROOT] = ROW("chroot", "a process in a chroot may not make user namespaces",
                   "start sbx outside it, or enter the tree with pivot_root instead of chroot"),
    [APPARMOR] = {"apparmor",
                  "AppArmor allows user namespaces here but takes their capabilities away",
                  "as root, put the profile that `sbx doctor` prints into " APPARMOR_PROFILE
                  " and `apparmor_parser -r " APPARMOR_PROFILE "`; or, for all programs, `sysctl "
                  "kernel.apparmor_restrict_unprivileged_userns=0`",
                  "AppArmor allows user namespaces here but takes their capabilities away: "
                  "as root, put the profile that `sbx doctor` prints into " APPARMOR_PROFILE
                  " and `apparmor_parser -r " APPARMOR_PROFILE "`; or, for all programs, `sysctl "
                  "kernel.apparmor_restrict_unprivileged_userns=0`",
                  true, false},
    [APPARMOR_CONFINED] =
        ROW("apparmor-profile", "the AppArmor profile that sbx is started under may refuse it",
            "in a container, start that without it (docker: `--security-opt "
            "apparmor=unconfined`); elsewhere, allow it in the profile that `cat "
            "/proc/self/attr/current` names"),
    [USERNS_REFUSED] =
        ROW("refused", "user namespaces are refused here, in a chroot or by a security module",
            "leave the chroot, or try `unshare -U true` and look into the kernel's log"),
    [NO_SETFCAP] = ROW("root-without-setfcap",
                       "root without CAP_SETFCAP may not map itself into a user namespace",
                       "run sbx as an ordinary user, or give it the capability (docker: "
                       "`--cap-add SETFCAP`)"),
    [NO_RIGHTS] =
        ROW("no-rights-inside", "a user namespace can be made here, but gives no rights inside it",
            "a security module may do that: look into the kernel's log"),
    [OLD_KERNEL] =
        ROW("old-kernel", "the kernel has no mount_setattr(2)", "sbx needs Linux 5.12 or later"),
    [OLD_OR_FILTERED] =
        ROW("filtered-mount-setattr",
            "mount_setattr(2) is hidden by the system-call filter around sbx, or the kernel is "
            "older than Linux 5.12, which has it",
            "allow it (docker: `--security-opt seccomp=unconfined`), or use a later kernel"),
    [NO_NAMESPACES] = ROW("no-namespaces", "this kernel lacks one of the namespaces",
                          "it needs CONFIG_USER_NS and the others"),
    [PROCESS_LIMIT] = ROW("process-limit", "the limit on this user's processes is reached",
                          "raise it with `ulimit -u`, or end some"),
    [NO_PROC] = ROW("no-proc", "/proc is not mounted here", "`mount -t proc proc /proc`"),
    [READ_ONLY_PROC] = ROW("read-only-proc", "/proc is read-only here, so ids cannot be mapped",
                           "remount it writable outside the sandbox: `mount -o remount,rw /proc`"),
    [READ_ONLY_PROC_LIMIT] =
        ROW("read-only-proc", "/proc is read-only here",
            "remount it writable, or use --userns, which keeps nested user namespaces"),
    [MASKED_PROC] =
        ROW("masked-proc",
            "parts of /proc are covered by other mounts (a container, lxcfs), and the kernel then "
            "refuses an ordinary user a fresh one",
            "run sbx where /proc is whole (docker: `--security-opt systempaths=unconfined`), or as "
            "root with CAP_SYS_ADMIN, which gets one before the user namespace is made; sbx cannot "
            "run inside another sandbox of sbx"),
    [READ_ONLY_FRESH_PROC] =
        ROW("read-only-proc", "the caller's /proc is read-only, and so must the fresh one be",
            "leave --proc rw and --userns out"),
    [NO_WHOLE_PROC] =
        ROW_OF("no-whole-proc", "the kernel shows a fresh procfs only to those who see a whole one",
               "mount one where sbx is started: `mount -t proc proc /proc`", true),
    [KEY_QUOTA] =
        ROW("key-quota", "the quota of key rings is used up", "see /proc/sys/kernel/keys/maxkeys"),
    [KEYS_HIDDEN] = ROW("keys-hidden",
                        "a system-call filter around sbx hides keyctl(2) but not all of key rings, "
                        "and the caller's keys would pass",
                        "allow keyctl(2), or hide add_key(2) and request_key(2) as well"),
    [MOUNT_LIMIT] = ROW("mount-limit", "the limit on mounts is reached",
                        "as root, `sysctl fs.mount-max=200000`"),
    [MEMORY_FILES] = ROW("memory-files", "the kernel refuses to execute memory files",
                         "as root, `sysctl vm.memfd_noexec=0`"),
    [FILE_SIZE_LIMIT] =
        ROW("file-size-limit", "the caller's limit on file sizes is too low for sbx itself",
            "raise it with `ulimit -f`"),
    [OPEN_FILES_LIMIT] = ROW("open-files-limit", "the limit on open descriptors is reached",
                             "raise it with `ulimit -n`"),
    [OPEN_FILES_OF_MACHINE] = ROW("open-files-of-machine", "the machine has too many open files",
                                  "end some programs, or as root raise fs.file-max"),
    [NO_MEMORY] = ROW("no-memory", "the machine or the caller's cgroup is out of memory",
                      "end some programs, or raise the cgroup's limit"),
    [SOME_FILTER] = ROW_OF("filter", "a system-call filter around sbx may refuse it",
                           "run sbx outside it, or allow what it refuses (docker: `--security-opt "
                           "seccomp=unconfined`); sbx cannot run inside another sandbox of sbx",
                           true),
    [LANDLOCK_MISSING] = ROW("landlock-missing", "the kernel has no Landlock, or a filter hides it",
                             "use Linux 5.19 or later, built with CONFIG_SECURITY_LANDLOCK"),
    [LANDLOCK_OFF] = ROW("landlock-off", "the kernel has Landlock, but it is not switched on",
                         "add landlock to lsm= on the kernel's command line: "
                         "`cat /sys/kernel/security/lsm` says what is on"),
    [SECCOMP_MISSING] = ROW("seccomp-missing", "the kernel cannot filter system calls",
                            "use one that is built with CONFIG_SECCOMP_FILTER"),
    [MASKED_SYS] = ROW("masked-sys", "parts of /sys are covered by other mounts (a container)",
                       "start sbx where /sys is whole"),
    [NO_OVERLAY] = ROW("no-overlay", "the kernel has no overlay file system, or it is not loaded",
                       "as root, `modprobe overlay`"),
    [OLD_OVERLAY] = ROW("old-overlay", "the kernel refuses overlays in a user namespace",
                        "use Linux 5.11 or later, which allows them"),
    [FILTER_WITH_SUPERVISOR] =
        ROW("supervised", "a filter around sbx has a supervisor already, and there can be one only",
            "start sbx outside it"),
    [NO_NOTIFICATIONS] = ROW("no-notifications", "the kernel cannot notify of system calls",
                             "use Linux 5.5 or later"),
    [NO_CGROUP2] = ROW("no-cgroup2", "the caller's cgroup of version 2 is not mounted here",
                       "as root, `mount -t cgroup2 none /sys/fs/cgroup`, or boot with "
                       "systemd.unified_cgroup_hierarchy=1"),
    [NO_DELEGATION] = ROW("no-delegation", "the caller may not make cgroups below its own",
                          "have systemd's manager of this user make them: log in by a session of "
                          "systemd's with a bus (dbus-user-session), or as root, `loginctl "
                          "enable-linger` and the user's name"),
    [NO_NEWUIDMAP] = ROW("no-newuidmap", "newuidmap is not in PATH",
                         "as root, `apt-get install uidmap`, or the shadow-utils of your system"),
    [NEWUIDMAP_WITHOUT_POWER] =
        ROW("newuidmap-without-power",
            "newuidmap has no power here: it is not set-user-ID, or the caller has no_new_privs",
            "as root, `chmod u+s` it, or start sbx without no_new_privs"),
    [NO_SUBORDINATE_IDS] =
        ROW("no-subordinate-ids", "/etc/subuid and /etc/subgid have no range of this user",
            "as root, `usermod --add-subuids 100000-165535 --add-subgids "
            "100000-165535` and the user's name"),
    [NO_TUN] = ROW("no-tun", "there is no /dev/net/tun",
                   "as root, `modprobe tun`; in a container, let it in (docker: "
                   "`--device /dev/net/tun`)"),
    [TUN_CLOSED] = ROW("tun-closed", "/dev/net/tun is not open to this user",
                       "as root, `chmod 0666 /dev/net/tun`: it gives no right outside a network "
                       "namespace of one's own"),
    [NO_PASTA] = ROW("no-pasta", "pasta is not in PATH", "as root, `apt-get install passt`"),
    [NO_USER_MANAGER] = ROW("no-user-manager", "no service manager of this user is running",
                            "log in by a session of systemd's, or as root, `loginctl "
                            "enable-linger` and the user's name"),
    [SHARED_PID_MAX] = ROW("shared-pid-max", "kernel.pid_max is one number for the whole machine",
                           "use Linux 6.14 or later"),
};

/* The first row that fits counts.  A NULL operation fits all, faults of 0 fit every host. */
static const struct {
    const char *operation;
    int number;
    unsigned faults;
    enum condition condition;
} rows[] = {
    {"namespaces", ENOSPC, FAULT_NO_USERNS_LEFT | FAULT_NESTED_USERNS, NESTED_IN_SBX},
    {"namespaces", ENOSPC, FAULT_NO_USERNS_LEFT, USERNS_LIMIT},
    {"namespaces", ENOSPC, FAULT_NO_MNT_LEFT, MNT_LIMIT},
    {"namespaces", ENOSPC, FAULT_NO_PID_LEFT, PID_LIMIT},
    {"namespaces", ENOSPC, FAULT_NO_NET_LEFT, NET_LIMIT},
    {"namespaces", ENOSPC, FAULT_NO_IPC_LEFT, IPC_LIMIT},
    {"namespaces", ENOSPC, FAULT_NO_UTS_LEFT, UTS_LIMIT},
    {"namespaces", ENOSPC, FAULT_NO_CGROUP_LEFT, CGROUP_LIMIT},
    {"namespaces", ENOSPC, 0, SOME_LIMIT},
    {"network-enter", ENOSPC, FAULT_NO_NET_LEFT, NET_LIMIT},
    {"network-enter", ENOSPC, 0, SOME_LIMIT},
    {"network", EAGAIN, 0, PROCESS_LIMIT},
    /* a filter comes before all that the kernel looks at */
    {"namespaces", ECHILD, FAULT_FILTER_KILLS, FILTER_KILLS},
    {"namespaces", EPERM, FAULT_FILTER_NAMESPACES, FILTER},
    {"namespaces", EACCES, FAULT_FILTER_NAMESPACES, FILTER},
    {"namespaces", ENOSYS, FAULT_FILTER_NAMESPACES, FILTER},
    {"namespaces", EPERM, FAULT_USERNS_CLONE_OFF, USERNS_CLONE_OFF},
    {"namespaces", EPERM, FAULT_IDS_UNMAPPED, IDS_UNMAPPED},
    {"namespaces", EPERM, FAULT_CHROOT, CHROOT},
    {"namespaces", EPERM, FAULT_APPARMOR_CONFINED, APPARMOR_CONFINED},
    {"namespaces", EACCES, FAULT_APPARMOR_CONFINED, APPARMOR_CONFINED},
    {"namespaces", EPERM, FAULT_APPARMOR_USERNS, APPARMOR},
    {"namespaces", EACCES, FAULT_APPARMOR_USERNS, APPARMOR},
    {"namespaces", EPERM, FAULT_NO_RIGHTS_INSIDE, NO_RIGHTS},
    {"namespaces", EPERM, FAULT_SECCOMP, FILTER},
    {"namespaces", EPERM, 0, USERNS_REFUSED},
    {"namespaces", EACCES, 0, USERNS_REFUSED},
    {"namespaces", ENOSYS, 0, OLD_KERNEL},
    {"namespaces", EINVAL, 0, NO_NAMESPACES},
    {"namespaces", EAGAIN, 0, PROCESS_LIMIT},
    {"probe", ENOENT, 0, NO_PROC},
    {"id-map", EROFS, 0, READ_ONLY_PROC},
    {"id-map", ENOENT, 0, NO_PROC},
    {"id-map", EPERM, FAULT_NO_SETFCAP, NO_SETFCAP},
    {"id-map", EPERM, FAULT_APPARMOR_CONFINED, APPARMOR_CONFINED},
    {"id-map", EPERM, FAULT_APPARMOR_USERNS, APPARMOR},
    {"id-map", EPERM, 0, NO_RIGHTS},
    {"id-map", EACCES, FAULT_APPARMOR_CONFINED, APPARMOR_CONFINED},
    {"id-map", EACCES, FAULT_APPARMOR_USERNS, APPARMOR},
    {"id-map", EACCES, 0, NO_RIGHTS},
    {"userns-limit", EROFS, 0, READ_ONLY_PROC_LIMIT},
    {"proc", EPERM, FAULT_PROC_COVERED, MASKED_PROC},
    {"proc", EPERM, FAULT_APPARMOR_USERNS, APPARMOR},
    {"proc", EPERM, FAULT_PROC_READ_ONLY, READ_ONLY_FRESH_PROC},
    {"proc", EPERM, 0, NO_WHOLE_PROC},
    {"keyring", EDQUOT, 0, KEY_QUOTA},
    {"keyring", ENOSYS, 0, KEYS_HIDDEN},
    {"mirror", ENOSPC, 0, MOUNT_LIMIT},
    {"init", EACCES, 0, MEMORY_FILES},
    {"launch", EACCES, 0, MEMORY_FILES},
    {"launch", EFBIG, 0, FILE_SIZE_LIMIT},
    {"launch", EMFILE, 0, OPEN_FILES_LIMIT},
    {"launch", ENFILE, 0, OPEN_FILES_OF_MACHINE},
    /* a kernel that has filters around sbx can filter; and Landlock is done without by the launch
     */
    {"landlock", ENOSYS, FAULT_SECCOMP, SOME_FILTER},
    {"seccomp", ENOSYS, FAULT_SECCOMP, SOME_FILTER},
    {"landlock", ENOSYS, 0, LANDLOCK_MISSING},
    {"landlock", EOPNOTSUPP, 0, LANDLOCK_OFF},
    {"seccomp", ENOSYS, 0, SECCOMP_MISSING},
    {"seccomp", EINVAL, 0, SECCOMP_MISSING},
    {"sysfs", EPERM, 0, MASKED_SYS},
    {"overlay", ENODEV, 0, NO_OVERLAY},
    {"overlay", EPERM, 0, OLD_OVERLAY},
    {"notifications", EBUSY, 0, FILTER_WITH_SUPERVISOR},
    {"notifications", EINVAL, 0, NO_NOTIFICATIONS},
    {"delegation", ENOENT, 0, NO_CGROUP2},
    {"delegation", EACCES, 0, NO_DELEGATION},
    {"subordinate-ids", ENOENT, 0, NO_NEWUIDMAP},
    {"subordinate-ids", EPERM, 0, NEWUIDMAP_WITHOUT_POWER},
    {"subordinate-ids", ENODATA, 0, NO_SUBORDINATE_IDS},
    {"tun", ENOENT, 0, NO_TUN},
    {"tun", ENODEV, 0, NO_TUN},
    {"tun", ENXIO, 0, NO_TUN},
    {"tun", EACCES, 0, TUN_CLOSED},
    {"tun", EPERM, 0, TUN_CLOSED},
    {"pasta", ENOENT, 0, NO_PASTA},
    {"systemd", ENOENT, 0, NO_USER_MANAGER},
    {"systemd", ECONNREFUSED, 0, NO_USER_MANAGER},
    {"pid-max", ENOTSUP, 0, SHARED_PID_MAX},
    {NULL, EPERM, FAULT_APPARMOR_CONFINED, APPARMOR_CONFINED},
    {NULL, EACCES, FAULT_APPARMOR_CONFINED, APPARMOR_CONFINED},
    {NULL, EPERM, FAULT_APPARMOR_USERNS, APPARMOR},
    {NULL, EACCES, FAULT_APPARMOR_USERNS, APPARMOR},
    {NULL, ENOSYS, FAULT_NO_NEW_MOUNT_API | FAULT_SECCOMP, OLD_OR_FILTERED},
    {NULL, ENOSYS, FAULT_NO_NEW_MOUNT_API, OLD_KERNEL},
    {NULL, EMFILE, 0, OPEN_FILES_LIMIT},
    {NULL, ENOMEM, 0, NO_MEMORY},
    {NULL, ENOSYS, FAULT_SECCOMP, SOME_FILTER},
    {NULL, EPERM, FAULT_SECCOMP, SOME_FILTER},
    {NULL, ECHILD, FAULT_SECCOMP, SOME_FILTER},
};

const struct diagnosis *diagnosis_find(const char *operation, int number, unsigned faults)
{
    /* where procfs comes first, the namespaces are made in two steps */
    if (strcmp(operation, "unshare") == 0)
        operation = "namespaces";
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].operation != NULL && strcmp(rows[i].operation, operation) != 0)
            continue;
        if (rows[i].number == number && (rows[i].faults & faults) == rows[i].faults)
            return &conditions[rows[i].condition];
    }
    return NULL;
}
