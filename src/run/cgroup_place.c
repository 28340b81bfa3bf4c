/* SPDX-License-Identifier: Apache-2.0 */
#include "run/cgroup_place.h"

#include "base/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>

#define NAME_TRIES  16
#define LOCK_TRIES  100
#define LOCK_PAUSE  10000000 /* nanoseconds between two tries */
#define SWEEP_LIMIT 64       /* directories that one run looks at: the next one goes on */

static bool is_still_there(int parent, const char *name, int fd)
{
    struct stat opened;
    struct stat there;

    return fstat(fd, &opened) == 0 && fstatat(parent, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
           opened.st_ino == there.st_ino && opened.st_dev == there.st_dev;
}

/* Between its birth and its lock another run's sweep may take a directory away: then another one is
 * made. */
int cgroup_place_make(int parent, const char *prefix, char ret_name[static CGROUP_RUN_NAME_SIZE])
{
    for (unsigned i = 0; i < NAME_TRIES; i++) {
        _cleanup_close_ int fd = -EBADF;
        uint64_t random;

        if (getrandom(&random, sizeof(random), 0) != sizeof(random))
            return -EIO;
        snprintf(ret_name, CGROUP_RUN_NAME_SIZE, "%s%016llx", prefix, (unsigned long long)random);
        fd = cgroup_make(parent, ret_name);
        if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && is_still_there(parent, ret_name, fd))
            return take_fd(&fd);
        if (fd < 0 && fd != -EEXIST && fd != -ENOENT)
            return fd;
    }
    return -EAGAIN;
}

static bool is_sandbox(const char *name)
{
    return strncmp(name, CGROUP_SANDBOX, sizeof(CGROUP_SANDBOX) - 1) == 0;
}

static bool is_supervisor(const char *name)
{
    return strncmp(name, CGROUP_SUPERVISOR, sizeof(CGROUP_SUPERVISOR) - 1) == 0;
}

/* Its owner is gone.  The kernel has killed a sandbox with it, or does so right now; in the leaf of
 * a supervisor there may be others that it had started, which are none of ours. */
static void sweep_one(int parent, const char *name)
{
    _cleanup_close_ int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat status;

    if (fd < 0 || fstat(fd, &status) < 0 || status.st_uid != geteuid() ||
        flock(fd, LOCK_EX | LOCK_NB) < 0)
        return;
    if (is_supervisor(name)) {
        (void)unlinkat(parent, name, AT_REMOVEDIR);
        return;
    }
    (void)cgroup_kill(fd);
    (void)cgroup_remove_tree(fd, CGROUP_INSIDE);
    (void)cgroup_remove(parent, name);
}

static DIR *open_entries(int parent)
{
    int fd = openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = fd < 0 ? NULL : fdopendir(fd);

    if (stream == NULL)
        cleanup_close(&fd);
    return stream;
}

void cgroup_place_sweep(int parent)
{
    _cleanup_closedir_ DIR *stream = open_entries(parent);
    const struct dirent *entry;
    unsigned count = 0;

    while (stream != NULL && count < SWEEP_LIMIT && (entry = readdir(stream)) != NULL)
        if (is_sandbox(entry->d_name) || is_supervisor(entry->d_name)) {
            sweep_one(parent, entry->d_name);
            count++;
        }
}

static int lock(int fd, short type)
{
    struct flock request = {.l_type = type, .l_whence = SEEK_SET};

    return fcntl(fd, F_OFD_SETLK, &request) < 0 ? -errno : 0;
}

int cgroup_place_share(int parent)
{
    const struct timespec pause = {.tv_nsec = LOCK_PAUSE};
    _cleanup_close_ int fd =
        openat(parent, "cgroup.subtree_control", O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    int r = fd < 0 ? -errno : -EAGAIN;

    /* one that goes back holds it for a moment */
    for (unsigned i = 0; fd >= 0 && i < LOCK_TRIES; i++) {
        r = lock(fd, F_RDLCK);
        if (r != -EAGAIN && r != -EACCES)
            break;
        nanosleep(&pause, NULL);
    }
    return r < 0 ? r : take_fd(&fd);
}

bool cgroup_place_is_last(int parent, int shared, const char *name)
{
    _cleanup_closedir_ DIR *stream = NULL;
    const struct dirent *entry;

    if (lock(shared, F_WRLCK) < 0)
        return false;
    stream = open_entries(parent);
    if (stream == NULL)
        return false;
    while ((entry = readdir(stream)) != NULL)
        if (entry->d_type != DT_REG && strcmp(entry->d_name, ".") != 0 &&
            strcmp(entry->d_name, "..") != 0 && strcmp(entry->d_name, name) != 0)
            return false;
    return true;
}
