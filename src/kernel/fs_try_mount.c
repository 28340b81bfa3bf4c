/* SPDX-License-Identifier: Apache-2.0 */
/* Which flags of a mount are locked, and whether it takes an id map. */
#include "kernel/fs_try.h"

#include "base/cleanup.h"
#include "kernel/idmap.h"
#include "kernel/mount.h"
#include "kernel/process.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

static int change(int mount, uint64_t clear, uint64_t set)
{
    struct mount_attr attr = {.attr_clr = clear, .attr_set = set};

    return mount_setattr(mount, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0 ? -errno : 0;
}

/* Take @flag off, or for access times choose another mode; EPERM is what a lock answers. */
static void try_flag(int mount, uint64_t flag, uint64_t attributes, struct fs_locks *locks)
{
    uint64_t other =
        (attributes & MOUNT_ATTR_NOATIME) != 0 ? MOUNT_ATTR_STRICTATIME : MOUNT_ATTR_NOATIME;
    int r = change(mount, flag, flag == MOUNT_ATTR__ATIME ? other : 0);

    if (r == 0 || r == -EPERM)
        locks->tried |= flag;
    else
        locks->other = r;
    if (r == -EPERM)
        locks->locked |= flag;
}

/*
 * The copy of the mount as a new user namespace gets it.  Root loses its rights over other people's
 * directories with the new user namespace.  Where that is in the way, the directory is entered
 * before: the working directory goes along into the new mount namespace.  A dead server is asked
 * for leave to do so, which is why it is not always done.
 */
static int enter_and_copy(const struct fs_target *target, struct fs_locks *locks)
{
    _cleanup_close_ int fd = fs_reopen(target);
    bool entered;

    if (fd < 0)
        return fd;
    entered = target->enter && target->directory && fchdir(fd) == 0;
    locks->entered = unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0 ? -errno : FS_WORKED;
    if (locks->entered < 0)
        return locks->entered;
    (void)fs_make_private(); /* an unbindable mount can't be copied; where this fails, that tells */
    return mount_copy_path(AT_FDCWD, entered ? "" : target->path);
}

int fs_try_locks(const void *argument, void *result)
{
    static const uint64_t flags[] = {MOUNT_ATTR_RDONLY,     MOUNT_ATTR_NOSUID,
                                     MOUNT_ATTR_NODEV,      MOUNT_ATTR_NOEXEC,
                                     MOUNT_ATTR_NODIRATIME, MOUNT_ATTR_NOSYMFOLLOW};
    const struct fs_target *target = argument;
    struct fs_locks *locks = result;
    _cleanup_close_ int copy = enter_and_copy(target, locks);

    locks->copied = fs_outcome(copy);
    if (copy < 0)
        return 0;
    for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
        if ((target->attributes & flags[i]) != 0)
            try_flag(copy, flags[i], target->attributes, locks);
    try_flag(copy, MOUNT_ATTR__ATIME, target->attributes, locks);
    /* last, because it changes something: to add a restriction is always allowed */
    locks->control = fs_outcome(change(copy, 0, MOUNT_ATTR_NODEV));
    return 0;
}

/* "/proc/PID/NAME" */
static void process_file(char text[static 64], pid_t pid, const char *name)
{
    stpcpy(stpcpy(fs_write_number(stpcpy(text, "/proc/"), (unsigned)pid), "/"), name);
}

static int write_map(pid_t pid, const char *name, unsigned id)
{
    char path[64];
    char line[64];

    process_file(path, pid, name);
    stpcpy(fs_write_number(stpcpy(fs_write_number(line, id), " "), id), " 1\n");
    return idmap_write_file(-1, path, line);
}

/* A user namespace other than ours, whose map says that the caller's ids are themselves. */
static int make_namespace(void)
{
    _cleanup_close_ int pidfd = -EBADF;
    pid_t pid = process_clone(CLONE_NEWUSER, -EBADF, &pidfd);
    char path[64];
    int fd = -EBADF;
    int r;

    if (pid < 0)
        return (int)pid;
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        while (pause() < 0)
            ;
    }
    process_file(path, pid, "setgroups");
    r = idmap_write_file(-1, path, "deny");
    if (r == 0)
        r = write_map(pid, "uid_map", geteuid());
    if (r == 0)
        r = write_map(pid, "gid_map", getegid());
    process_file(path, pid, "ns/user");
    if (r == 0)
        fd = open(path, O_RDONLY | O_CLOEXEC);
    if (r == 0 && fd < 0)
        r = -errno;
    process_kill(pidfd, pid);
    return r < 0 ? r : fd;
}

int fs_try_idmap(const void *argument, void *result)
{
    struct fs_idmap *idmap = result;
    _cleanup_close_ int fd = fs_reopen(argument);
    _cleanup_close_ int namespace = make_namespace();
    _cleanup_close_ int copy = -EBADF;
    struct mount_attr attr = {.attr_set = MOUNT_ATTR_IDMAP};

    idmap->namespace = fs_outcome(namespace);
    if (namespace < 0)
        return 0;
    if (fd >= 0)
        (void)fs_make_private(); /* as above */
    copy = fd < 0 ? fd : mount_copy_tree(fd);
    idmap->copied = fs_outcome(copy);
    if (copy < 0)
        return 0;
    attr.userns_fd = (uint64_t) namespace;
    idmap->mapped =
        mount_setattr(copy, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0 ? -errno : FS_WORKED;
    return 0;
}
