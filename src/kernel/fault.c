/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/fault.h"

#include "base/arena.h"
#include "base/io.h"
#include "kernel/mountinfo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/statvfs.h>

#define SMALL_FILE 65536

static int reads_as(struct arena *arena, const char *path, const char *value)
{
    char *text;

    if (io_read_file(arena, AT_FDCWD, path, SMALL_FILE, &text, NULL) < 0)
        return 0;
    text[strcspn(text, "\n")] = '\0';
    return strcmp(text, value) == 0;
}

static unsigned fault_of_mounts(struct arena *arena)
{
    struct host_mounts mounts = {0};
    unsigned faults = 0;
    int has_root = 0;

    if (mountinfo_read(arena, &mounts, NULL) < 0)
        return 0;
    for (size_t i = 0; i < mounts.count; i++)
        has_root = has_root || strcmp(mounts.items[i].point, "/") == 0;
    if (mountinfo_covers_proc(&mounts))
        faults |= FAULT_PROC_COVERED;
    return has_root ? faults : faults | FAULT_CHROOT;
}

unsigned fault_probe(void)
{
    struct arena *arena = arena_new();
    struct statvfs proc;
    unsigned faults = 0;
    char *text;

    if (arena == NULL)
        return 0;
    if (reads_as(arena, "/proc/sys/user/max_user_namespaces", "0"))
        faults |= FAULT_NO_USERNS_LEFT;
    if (reads_as(arena, "/proc/sys/kernel/unprivileged_userns_clone", "0"))
        faults |= FAULT_USERNS_CLONE_OFF;
    if (reads_as(arena, "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1"))
        faults |= FAULT_APPARMOR_USERNS;
    if (io_read_file(arena, AT_FDCWD, "/proc/self/status", SMALL_FILE, &text, NULL) == 0 &&
        strstr(text, "\nSeccomp:\t2") != NULL)
        faults |= FAULT_SECCOMP;
    if (io_read_file(arena, AT_FDCWD, "/proc/self/uid_map", SMALL_FILE, &text, NULL) == 0 &&
        strstr(text, "4294967295") == NULL)
        faults |= FAULT_NESTED_USERNS;
    if (statvfs("/proc", &proc) == 0 && (proc.f_flag & ST_RDONLY) != 0)
        faults |= FAULT_PROC_READ_ONLY;
    if (mount_setattr(-1, "", 0, NULL, 0) < 0 && errno == ENOSYS)
        faults |= FAULT_NO_NEW_MOUNT_API;
    faults |= fault_of_mounts(arena);
    arena_free(arena);
    return faults;
}
