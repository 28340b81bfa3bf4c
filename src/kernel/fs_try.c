/* SPDX-License-Identifier: Apache-2.0 */
/* Where a path leads; and what the other tries share. */
#include "kernel/fs_try.h"

#include "base/cleanup.h"
#include "kernel/compat.h"
#include "kernel/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Not the server of a network or FUSE file system is asked: what the kernel remembers will do. */
static int look(int fd, unsigned mask, struct statx *ret_info)
{
    if (syscall(SYS_statx, fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, mask, ret_info) < 0)
        return -errno;
    return 0;
}

char *fs_write_number(char *text, unsigned number)
{
    char digits[16];
    size_t count = 0;

    do
        digits[count++] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    while (count > 0)
        *text++ = digits[--count];
    *text = '\0';
    return text;
}

/* The path of @fd without links: by /proc, or where there is none, for a directory, by going there
 * (this process does nothing else).  "" where it can't be told. */
static void find_real(int fd, char real[static PATH_MAX])
{
    char link[32];
    ssize_t length;

    fs_write_number(stpcpy(link, "/proc/self/fd/"), (unsigned)fd);
    length = readlink(link, real, PATH_MAX - 1);
    if (length > 0)
        real[length] = '\0';
    else if (fchdir(fd) < 0 || syscall(SYS_getcwd, real, (size_t)PATH_MAX) < 0)
        real[0] = '\0';
    if (real[0] != '/') /* "(unreachable)/x", "pipe:[7]" */
        real[0] = '\0';
}

/* Close descriptors @first to @last. */
static void let_go(unsigned first, unsigned last)
{
    if (first > last || syscall(SYS_close_range, first, last, 0U) == 0)
        return;
    for (unsigned fd = first; fd <= last && fd < 1024; fd++)
        close((int)fd);
}

/* Is @path a name for one of the caller's descriptors? */
static bool names_descriptor(const char *path)
{
    static const char *const beginnings[] = {"/dev/fd/", "/dev/std", "/proc/self/fd/",
                                             "/proc/thread-self/fd/"};

    for (size_t i = 0; i < ARRAY_SIZE(beginnings); i++)
        if (strncmp(path, beginnings[i], strlen(beginnings[i])) == 0)
            return true;
    return false;
}

/*
 * Open @path as O_PATH, and close all that came from the caller.  A process that a dead file system
 * holds can't be killed: it would keep a pipe to the next program open as long as that lasts.  So
 * it is closed before, except where it may be what is asked about; and then nothing is looked up
 * that could hang.
 */
static int open_alone(const char *path)
{
    bool late = names_descriptor(path);
    int fd;

    if (!late)
        let_go(0, UINT_MAX);
    fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    if (late) {
        let_go(fd + 1U, UINT_MAX);
        if (fd > 0)
            let_go(0, fd - 1U);
    }
    return fd;
}

int fs_try_place(const void *argument, void *result)
{
    struct fs_place *place = result;
    _cleanup_close_ int fd = open_alone(argument);
    struct statx info = {0};
    int r = fd < 0 ? fd : look(fd, STATX_TYPE | STATX_UID | STATX_MNT_ID, &info);

    if (r == 0 && (info.stx_mask & STATX_MNT_ID) == 0)
        r = -EOPNOTSUPP;
    if (r == 0) {
        place->mount_id = info.stx_mnt_id;
        place->major = info.stx_dev_major;
        place->minor = info.stx_dev_minor;
        place->mode = info.stx_mode & (uint32_t)S_IFMT;
        place->owner = info.stx_uid;
        find_real(fd, place->real);
        if (look(fd, STATX_MNT_ID_UNIQUE, &info) == 0 && (info.stx_mask & STATX_MNT_ID_UNIQUE) != 0)
            place->unique_id = info.stx_mnt_id;
    }
    place->opened = fs_outcome(r);
    return 0;
}

int fs_reopen(const struct fs_target *target)
{
    int fd = open_alone(target->path);
    struct statx info = {0};
    int r = fd < 0 ? fd : look(fd, STATX_TYPE, &info);

    /* Not its inode: /proc/self is another directory for each process. */
    if (r == 0 && (info.stx_dev_major != target->major || info.stx_dev_minor != target->minor))
        r = -ESTALE;
    if (r < 0 && fd >= 0)
        close(fd);
    return r < 0 ? r : fd;
}

int fs_make_private(void)
{
    return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ? -errno : 0;
}
