/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/hint.h"

#include "kernel/fault.h"
#include "policy/diagnosis.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* What the user asked for and cannot have so; what the host has in the way is in diagnosis.c. */
static const struct {
    const char *operation;
    int number;
    const char *text;
} hints[] = {
    {"exec", E2BIG, "its arguments and variables are too long for sbx exec"},
    {"working-directory", ENOENT, "it was removed, or lies outside the root: cd to another"},
    {"working-directory", EACCES, "a directory above it may not be searched: cd to another"},
    {"host-directory", EACCES,
     "the writable tree of --root lacks this mount point, and the caller may not make it there"},
    {"host-directory", EPERM,
     "the writable tree of --root lacks this mount point, and the caller may not make it there"},
    {"host-directory", EROFS,
     "the writable tree of --root lacks this mount point, and lies on a read-only file system"},
    {"rlimit", EPERM,
     "no limit can be above the caller's own hard one: see the output of `ulimit -Ha`"},
    {"scope", ETIMEDOUT,
     "see whether the manager works: systemctl [--user] status; a cgroup that the caller may "
     "change "
     "can be named with --cgroup-parent instead"},
    {"scope", ECONNREFUSED, "nobody answers on that bus: log out and in again, or restart dbus"},
    {"scope", EACCES,
     "the manager does not let this caller; have a cgroup of your own and name it with "
     "--cgroup-parent"},
    {"scope", EXDEV,
     "processes have other numbers here than where the manager is, so it can't be told which one "
     "to move: run sbx outside the container, or name a cgroup with --cgroup-parent"},
    {"scope", ENOENT, "sbx-scope was removed: install sbx again"},
    {"cgroup", EBUSY,
     "a process came into it meanwhile, and one with processes can't limit those below it: run sbx "
     "again"},
    {"cgroup", ESTALE, "it was replaced while sbx was starting; run it again"},
    {"cgroup", EACCES,
     "the caller may not move a process there: it takes the right to write to cgroup.procs of a "
     "cgroup that both are in"},
    {"cgroup", EAGAIN,
     "a cgroup above allows no more below it: see its cgroup.max.descendants and "
     "cgroup.max.depth"},
    {"cgroup", ENOSYS,
     "a system-call filter around sbx hides clone3(2), without which no process is born in a "
     "cgroup"},
    {"cgroup-limit", ENOENT,
     "this kernel can't hold this limit (io.weight takes CONFIG_BLK_CGROUP_IOCOST): leave it out"},
    {"cgroup-limit", EBUSY, "the memory that is in use already is more than that"},
    {"bind", ESTALE, "it changed while sbx was starting; run it again, and look who changes it"},
    {"bind", ENOENT,
     "its place does not exist in the view, and the host's tree is read-only: put it below a "
     "--tmpfs directory, or make the place on the host"},
    {"file", ENOENT, "its place does not exist in the view: put it below a --tmpfs directory"},
    {"tmpfs", ENOENT,
     "a mount point must exist in the view: choose an existing directory or one below /tmp"},
    {"mask", ESTALE, "run it again, and look who changes it; nothing was run unhidden"},
    {"mask", ELOOP, "a part of the path became a symbolic link while sbx was starting"},
    {"bind", EINVAL, "a file can be put over a file only, a directory over a directory"},
    {"report", ESTALE,
     "the command moved the directory: what is under that name is not the report; put it where the "
     "command cannot write"},
    {"report", EINVAL, "name a file; a FIFO or a character device is written to"},
    {"report", ENXIO, "nobody reads from it: start the reader first"},
    {"report", ENOENT, "the directory must exist"},
    {"report", EISDIR, "name a file in that directory"},
    {"report", EACCES, "choose a directory that can be written to"},
    {"report", EROFS, "choose a directory that can be written to"},
    {"bind", ELOOP, "a part of the path became a symbolic link while sbx was starting"},
    {"bind", ENOTDIR, "a file can be put over a file only, a directory over a directory"},
    {"file", ENOTDIR, "a file can be put over a file only"},
    {"tmpfs", ENOTDIR, "a directory can be put over a directory only"},
    {"host-directory", ENOTDIR,
     "profiles are read from there, so the command must not make it: something else is in the way"},
    {"host-directory", ELOOP, "a part of the path became a symbolic link while sbx was starting"},
    {"bind", EACCES,
     "a sandbox has no more rights than its user: root's own rights over others' files are gone "
     "inside"},
    {"chdir", ENOENT,
     "the directory is not in the view: choose another with --cd, or show it with --ro or --rw"},
    {"chdir", EACCES, "the directory may not be entered: choose another with --cd"},
    {"chdir", ENOTDIR, "choose a directory with --cd"},
};

/* What the user asked for, or NULL. */
static const char *find_own(const char *operation, int number)
{
    for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
        if (strcmp(hints[i].operation, operation) == 0 && hints[i].number == number)
            return hints[i].text;
    return NULL;
}

const char *hint_find(const char *operation, int number, unsigned faults)
{
    const char *own = find_own(operation, number);
    const struct diagnosis *diagnosis = diagnosis_find(operation, number, faults);

    if (own != NULL)
        return own;
    return diagnosis == NULL ? NULL : diagnosis->hint;
}

bool hint_wants_calls(const char *operation, int number, unsigned faults)
{
    const struct diagnosis *diagnosis = diagnosis_find(operation, number, faults);

    if (find_own(operation, number) != NULL)
        return false;
    return diagnosis == NULL ? number == ENOSYS : diagnosis->some_call;
}

void hint_of_calls(const char *names, unsigned faults, char *ret_hint, size_t size)
{
    if ((faults & FAULT_SECCOMP) != 0)
        snprintf(ret_hint, size,
                 "the system-call filter around sbx refuses %s: run sbx outside it, or allow that "
                 "(docker: `--security-opt seccomp=unconfined`)",
                 names);
    else
        snprintf(ret_hint, size,
                 "this kernel lacks %s: sbx needs Linux 5.12 or later, and all of its calls",
                 names);
}

const char *hint_general(int number)
{
    static const struct {
        int number;
        const char *text;
    } general[] = {
        {EPERM, "a security module or a filter around sbx may refuse it: see `sbx doctor`, and the "
                "kernel's log"},
        {EACCES, "a security module or the permissions of a directory may refuse it: see `sbx "
                 "doctor`, and the kernel's log"},
        {ENOSYS, "the kernel lacks it, or a filter around sbx hides it: see `sbx doctor`"},
        {EINVAL, "this kernel may not know what sbx asked for: see `sbx doctor`"},
        {ENFILE, "the machine has too many open files: end some programs, or as root raise "
                 "fs.file-max"},
        {ENOSPC, "a disk is full, or one of the kernel's limits is reached: see `df`, and "
                 "/proc/sys/user/"},
        {EINTR, "it was interrupted: run it again"},
        {EAGAIN, "something it needs is short just now: run it again"},
        {EIO, "the kernel met an error of a device or a file system: see its log"},
    };

    for (size_t i = 0; i < sizeof(general) / sizeof(general[0]); i++)
        if (general[i].number == number)
            return general[i].text;
    return number > 0 ? "`sbx doctor` says what this host allows and what it lacks" : NULL;
}
