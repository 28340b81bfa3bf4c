/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/hint.h"

#include "kernel/fault.h"

#include <errno.h>
#include <string.h>

/* The first row that fits counts.  A NULL operation fits all, faults of 0 fit every host. */
static const struct {
    const char *operation;
    int number;
    unsigned faults;
    const char *text;
} hints[] = {
    {"namespaces", ENOSPC, FAULT_NO_USERNS_LEFT | FAULT_NESTED_USERNS,
     "no user namespace may be made here: sbx cannot run inside another sandbox of sbx, nor where "
     "user.max_user_namespaces is 0"},
    {"namespaces", ENOSPC, FAULT_NO_USERNS_LEFT,
     "user namespaces are switched off: as root, sysctl user.max_user_namespaces=15000"},
    {"namespaces", ENOSPC, 0,
     "a limit on namespaces is reached: see /proc/sys/user/, and whether user namespaces are "
     "nested more than 32 deep"},
    {"namespaces", EPERM, FAULT_USERNS_CLONE_OFF,
     "user namespaces are off for ordinary users: as root, sysctl "
     "kernel.unprivileged_userns_clone=1"},
    {"probe", ENOENT, 0, "/proc is not mounted here: mount -t proc proc /proc"},
    {"working-directory", ENOENT, 0, "it was removed, or lies outside the root: cd to another"},
    {"working-directory", EACCES, 0, "a directory above it may not be searched: cd to another"},
    {"namespaces", EPERM, FAULT_CHROOT,
     "a process in a chroot may not make user namespaces: start sbx outside it, or enter the tree "
     "with pivot_root instead of chroot"},
    {"namespaces", EPERM, FAULT_SECCOMP,
     "a system-call filter around sbx refuses it; in a container, allow user namespaces (docker: "
     "--security-opt seccomp=unconfined); sbx cannot run inside another sandbox of sbx"},
    {"namespaces", ENOSYS, 0, "sbx needs Linux 5.12 or later"},
    {"namespaces", EINVAL, 0,
     "this kernel lacks one of the namespaces: it needs CONFIG_USER_NS and the others"},
    {"namespaces", EAGAIN, 0, "the limit on this user's processes is reached: ulimit -u"},
    {NULL, EPERM, FAULT_APPARMOR_USERNS,
     "AppArmor allows user namespaces here but takes their capabilities away: install a profile "
     "for sbx with `userns,`, or as root sysctl kernel.apparmor_restrict_unprivileged_userns=0"},
    {NULL, EACCES, FAULT_APPARMOR_USERNS,
     "AppArmor allows user namespaces here but takes their capabilities away: install a profile "
     "for sbx with `userns,`, or as root sysctl kernel.apparmor_restrict_unprivileged_userns=0"},
    {"namespaces", EPERM, 0,
     "user namespaces are refused here: in a chroot, or by a security module or setting of the "
     "host; try `unshare -U true`, and see its log"},
    {NULL, ENOSYS, FAULT_NO_NEW_MOUNT_API,
     "the kernel has no mount_setattr(2): sbx needs Linux 5.12 or later (or a filter around sbx "
     "hides it)"},
    {"id-map", EROFS, 0,
     "/proc is read-only here, so ids cannot be mapped: remount it writable outside the sandbox"},
    {"userns-limit", EROFS, 0,
     "/proc is read-only here: remount it writable, or use --userns, which keeps nested user "
     "namespaces"},
    {"proc", EPERM, FAULT_PROC_COVERED,
     "parts of /proc are covered by other mounts (a container, lxcfs), and the kernel then refuses "
     "an ordinary user a fresh one: run sbx where /proc is whole (docker: --security-opt "
     "systempaths=unconfined); sbx cannot run inside another sandbox of sbx"},
    {"proc", EPERM, FAULT_PROC_READ_ONLY,
     "the caller's /proc is read-only, and so must the fresh one be: leave --proc rw and --userns "
     "out"},
    {"proc", EPERM, 0, "the kernel shows a fresh procfs only to those who see a whole one"},
    {"rlimit", EPERM, 0,
     "no limit can be above the caller's own hard one: see the output of `ulimit -Ha`"},
    {"keyring", EDQUOT, 0, "the quota of key rings is used up: see /proc/sys/kernel/keys/maxkeys"},
    {"bind", ESTALE, 0, "it changed while sbx was starting; run it again, and look who changes it"},
    {"bind", ENOENT, 0,
     "its place does not exist in the view, and the host's tree is read-only: put it below a "
     "--tmpfs directory, or make the place on the host"},
    {"file", ENOENT, 0, "its place does not exist in the view: put it below a --tmpfs directory"},
    {"tmpfs", ENOENT, 0,
     "a mount point must exist in the view: choose an existing directory or one below /tmp"},
    {"mask", ESTALE, 0, "run it again, and look who changes it; nothing was run unhidden"},
    {"mask", ELOOP, 0, "a part of the path became a symbolic link while sbx was starting"},
    {"bind", EINVAL, 0, "a file can be put over a file only, a directory over a directory"},
    {"report", ESTALE, 0,
     "the command moved the directory: what is under that name is not the report; put it where the "
     "command cannot write"},
    {"report", EINVAL, 0, "name a file; a FIFO or a character device is written to"},
    {"report", ENXIO, 0, "nobody reads from it: start the reader first"},
    {"report", ENOENT, 0, "the directory must exist"},
    {"report", EISDIR, 0, "name a file in that directory"},
    {"report", EACCES, 0, "choose a directory that can be written to"},
    {"report", EROFS, 0, "choose a directory that can be written to"},
    {"bind", ELOOP, 0, "a part of the path became a symbolic link while sbx was starting"},
    {"bind", ENOTDIR, 0, "a file can be put over a file only, a directory over a directory"},
    {"file", ENOTDIR, 0, "a file can be put over a file only"},
    {"tmpfs", ENOTDIR, 0, "a directory can be put over a directory only"},
    {"host-directory", ENOTDIR, 0,
     "profiles are read from there, so the command must not make it: something else is in the way"},
    {"host-directory", ELOOP, 0,
     "a part of the path became a symbolic link while sbx was starting"},
    {"bind", EACCES, 0,
     "a sandbox has no more rights than its user: root's own rights over others' files are gone "
     "inside"},
    {"chdir", ENOENT, 0,
     "the directory is not in the view: choose another with --cd, or show it with --ro or --rw"},
    {"chdir", EACCES, 0, "the directory may not be entered: choose another with --cd"},
    {"chdir", ENOTDIR, 0, "choose a directory with --cd"},
    {"mirror", ENOSPC, 0, "the limit on mounts is reached: as root, sysctl fs.mount-max=200000"},
    {"init", EACCES, 0,
     "the kernel refuses to execute memory files: as root, sysctl vm.memfd_noexec=0"},
    {"launch", EACCES, 0,
     "the kernel refuses to execute memory files: as root, sysctl vm.memfd_noexec=0"},
    {"launch", EFBIG, 0, "the caller's limit on file sizes is too low for sbx itself: ulimit -f"},
    {"launch", EMFILE, 0, "the limit on open descriptors is reached: ulimit -n"},
    {"launch", ENFILE, 0, "the machine has too many open files"},
    {NULL, EMFILE, 0, "the limit on open descriptors is reached: ulimit -n"},
    {NULL, ENOMEM, 0, "the machine or the caller's cgroup is out of memory"},
    {NULL, EPERM, FAULT_SECCOMP,
     "a system-call filter around sbx may refuse it: that of a container, or of another sandbox"},
};

const char *hint_find(const char *operation, int number, unsigned faults)
{
    for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
        if (hints[i].operation != NULL && strcmp(hints[i].operation, operation) != 0)
            continue;
        if (hints[i].number != number)
            continue;
        if ((hints[i].faults & faults) == hints[i].faults)
            return hints[i].text;
    }
    return NULL;
}
