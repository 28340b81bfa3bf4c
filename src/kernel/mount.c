/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/mount.h"

#include "base/cleanup.h"
#include "kernel/compat.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int mount_copy_path(int directory, const char *path)
{
    int fd = open_tree(directory, path,
                       OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | AT_EMPTY_PATH);

    return fd < 0 ? -errno : fd;
}

int mount_copy_one(int directory, const char *path)
{
    int fd = open_tree(directory, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);

    return fd < 0 ? -errno : fd;
}

int mount_copy_tree(int fd)
{
    return mount_copy_path(fd, "");
}

int mount_restrict(int fd, uint64_t attributes, int recursive)
{
    struct mount_attr attr = {.attr_set = attributes, .propagation = MS_PRIVATE};
    unsigned flags = AT_EMPTY_PATH | (recursive ? (unsigned)AT_RECURSIVE : 0);

    return mount_setattr(fd, "", flags, &attr, sizeof(attr)) < 0 ? -errno : 0;
}

int mount_restrict_tree(const char *path, uint64_t attributes)
{
    struct mount_attr attr = {.attr_set = attributes, .propagation = MS_PRIVATE};

    return mount_setattr(AT_FDCWD, path, AT_RECURSIVE, &attr, sizeof(attr)) < 0 ? -errno : 0;
}

#define COPY_ENTRY                                                                                 \
    (OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW |    \
     AT_NO_AUTOMOUNT)

int mount_copy_entry(int directory, const char *name)
{
    int fd = open_tree(directory, name, COPY_ENTRY);

    return fd < 0 ? -errno : fd;
}

int mount_copy_restricted(int directory, const char *name, uint64_t attributes)
{
    struct mount_attr attr = {.attr_set = attributes, .propagation = MS_PRIVATE};
    long fd = syscall(SYS_open_tree_attr, directory, name, COPY_ENTRY, &attr, sizeof(attr));

    return fd < 0 ? -errno : (int)fd;
}

int mount_attach(int mount, int target)
{
    if (move_mount(mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
        return -errno;
    return 0;
}

/* The kernel explains a refused file system in messages that are read from its context: "e TEXT".
 */
static void read_reason(int context, char *ret_reason, size_t size)
{
    ssize_t length;

    if (ret_reason == NULL || size == 0)
        return;
    length = read(context, ret_reason, size - 1);
    ret_reason[length > 0 ? length : 0] = '\0';
    if (length > 2 && ret_reason[1] == ' ')
        memmove(ret_reason, ret_reason + 2, (size_t)length - 1);
    ret_reason[strcspn(ret_reason, "\n")] = '\0';
}

int mount_new(const char *type, const char *const *options, uint64_t attributes, char *ret_reason,
              size_t reason_size)
{
    _cleanup_close_ int context = fsopen(type, FSOPEN_CLOEXEC);
    int result = 0;
    int fd;

    if (ret_reason != NULL && reason_size > 0)
        ret_reason[0] = '\0';
    if (context < 0)
        return -errno;
    for (; options != NULL && options[0] != NULL && result == 0; options += 2) {
        if (options[1] == NULL)
            result = fsconfig(context, FSCONFIG_SET_FLAG, options[0], NULL, 0);
        else
            result = fsconfig(context, FSCONFIG_SET_STRING, options[0], options[1], 0);
    }
    if (result == 0)
        result = fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
    fd = result < 0 ? -1 : fsmount(context, FSMOUNT_CLOEXEC, (unsigned)attributes);
    if (fd < 0) {
        int saved = errno;

        read_reason(context, ret_reason, reason_size);
        return -saved;
    }
    return fd;
}

static int open_how(int directory, const char *path, int flags, uint64_t resolve)
{
    struct open_how how = {
        .flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
        .resolve = resolve,
    };
    int fd;

    /* EAGAIN: a rename elsewhere raced with the walk of "..", see openat2(2) */
    for (int tries = 0; tries < 128; tries++) {
        fd = (int)syscall(SYS_openat2, directory, path, &how, sizeof(how));
        if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
            break;
    }
    return fd < 0 ? -errno : fd;
}

int open_in_root(int root, const char *path, int flags)
{
    return open_how(root, path, O_PATH | flags,
                    RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS);
}

int open_as_root(int root, const char *path, int flags)
{
    return open_how(root, path, flags, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

int open_on_same_mount(int directory, const char *name, int flags)
{
    return open_how(directory, name, O_PATH | flags,
                    RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS);
}

int open_without_symlinks(const char *path)
{
    return open_how(AT_FDCWD, path, O_PATH, RESOLVE_NO_SYMLINKS);
}
