/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stacking depth of a file system, by what the kernel lets be stacked on it.
 *
 * Theory of operation
 *
 * No interface tells s_stack_depth.  An overlay has that of its deepest layer plus one, and the
 * kernel refuses more than two.  So a read-only overlay over a directory of depth d works where
 * d <= 1, and an overlay over that one where d = 0.  It is a property of the file system, so any
 * directory of it serves as well as the one that was asked about.
 *
 * EINVAL has other causes too, and each is told apart:
 * - mounts below that are locked, or an unbindable mount: a copy of the mount alone is refused for
 *   the same reasons, before any overlay is there;
 * - no overlay can be made at all: the control, two overlays over a directory of a tmpfs;
 * - a kind of directory that no overlay takes (case-insensitive, automounted): the kernel looks at
 *   the layers one after the other and only then at their depth.  So an overlay over the directory
 *   and one that is missing ends with ENOENT where the directory is taken, else with EINVAL.
 *
 * All is put together in a tmpfs that lies over the root of a mount namespace of our own; being the
 * working directory, it makes every layer's path one word, whatever the real one is.  The root is
 * made private before: as root, without a user namespace, the tmpfs would appear on the host.
 */
#include "kernel/fs_try.h"

#include "base/cleanup.h"
#include "kernel/mount.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CHILDREN 256 /* directories that are tried in one directory */

/* What the functions here hand on. */
struct bench {
    const struct fs_target *target;
    struct fs_overlay *result;
    int staging; /* open until the process ends */
};

static int make_overlay(const char *lower)
{
    /* ids of the host have no meaning for trusted.* in a user namespace */
    const char *const options[] = {"lowerdir", lower, "userxattr", NULL, NULL};

    return mount_new("overlay", options, 0, NULL, 0);
}

/* Attach @mount to the new directory @name of the staging area, or over what is there already. */
static int attach(const struct bench *bench, int mount, const char *name)
{
    if (mkdirat(bench->staging, name, 0755) < 0 && errno != EEXIST)
        return -errno;
    if (move_mount(mount, "", bench->staging, name, MOVE_MOUNT_F_EMPTY_PATH) < 0)
        return -errno;
    return 0;
}

static int make_staging(struct bench *bench)
{
    _cleanup_close_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int r;

    bench->staging = mount_new("tmpfs", NULL, 0, NULL, 0);
    if (bench->staging < 0 || root < 0)
        return bench->staging < 0 ? bench->staging : -errno;
    r = mount_attach(bench->staging, root);
    if (r == 0 &&
        (fchdir(bench->staging) < 0 || mkdir("empty", 0755) < 0 || mkdir("control", 0755) < 0))
        r = -errno;
    return r;
}

/*
 * An overlay over directory @name and the empty one, attached as @place.  0; -EINVAL where the
 * depth is the reason; -EMEDIUMTYPE where the directory is none that an overlay takes; another
 * errno.
 */
static int stack(const struct bench *bench, const char *name, const char *place)
{
    char lower[64];
    _cleanup_close_ int overlay = -EBADF;

    stpcpy(stpcpy(lower, name), ":empty");
    overlay = make_overlay(lower);
    if (overlay == -EINVAL) {
        stpcpy(stpcpy(lower, name), ":missing");
        overlay = make_overlay(lower);
        return overlay == -ENOENT ? -EINVAL : -EMEDIUMTYPE;
    }
    return overlay < 0 ? overlay : attach(bench, overlay, place);
}

static int try_control(const struct bench *bench)
{
    int r = stack(bench, "control", "control-1");

    return r < 0 ? r : stack(bench, "control-1", "control-2");
}

/* Could @directory be a layer?  Then the question is answered, else try another. */
static bool try_directory(const struct bench *bench, int directory, const char *name)
{
    struct fs_overlay *result = bench->result;
    _cleanup_close_ int copy = mount_copy_one(directory, "");
    int r = copy < 0 ? copy : attach(bench, copy, "layer");

    if (r < 0)
        return false;
    r = stack(bench, "layer", "first");
    if (name == NULL)
        result->accepted_alone = r == -EMEDIUMTYPE ? r : FS_WORKED;
    if (r == -EMEDIUMTYPE)
        return false;
    if (name != NULL)
        for (size_t i = 0; i + 1 < sizeof(result->found_at) && name[i] != '\0'; i++)
            result->found_at[i] = name[i];
    result->first = fs_outcome(r);
    result->found = FS_WORKED;
    if (r == 0)
        result->second = fs_outcome(stack(bench, "first", "second"));
    return true;
}

/* As linux_dirent64 of getdents(2), which no header has. */
struct entry {
    uint64_t inode;
    int64_t offset;
    unsigned short length;
    unsigned char type;
    char name[];
};

/* The directories in @directory that are on its mount.  Not O_DIRECTORY: that would have the kernel
 * mount what is to be mounted there on a visit. */
static bool try_children(const struct bench *bench, int directory)
{
    _Alignas(struct entry) char buffer[8192];
    _cleanup_close_ int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int tried = 0;
    long length;

    while (fd >= 0 && tried < CHILDREN &&
           (length = syscall(SYS_getdents64, fd, buffer, sizeof(buffer))) > 0) {
        for (long at = 0; at < length && tried < CHILDREN;) {
            const struct entry *entry = (const void *)(buffer + at);
            _cleanup_close_ int child = -EBADF;

            at += entry->length;
            if ((entry->type != DT_DIR && entry->type != DT_UNKNOWN) ||
                strcmp(entry->name, ".") == 0 || strcmp(entry->name, "..") == 0)
                continue;
            child = open_on_same_mount(directory, entry->name, 0);
            tried++;
            if (child >= 0 && try_directory(bench, child, entry->name))
                return true;
        }
    }
    return false;
}

/* The directory that a file lies in, where both are on one mount. */
static bool try_parent(const struct bench *bench)
{
    const struct fs_target *target = bench->target;
    _cleanup_close_ int parent = -EBADF;
    _cleanup_close_ int file = -EBADF;

    if (target->parent == NULL)
        return false;
    parent = open(target->parent, O_PATH | O_CLOEXEC);
    file = parent < 0 ? -EBADF : open_on_same_mount(parent, target->name, 0);
    if (file < 0)
        return false;
    return try_directory(bench, parent, target->parent) || try_children(bench, parent);
}

/* Other places where the list of mounts has the same file system. */
static bool try_others(const struct bench *bench)
{
    const struct fs_target *target = bench->target;

    for (size_t i = 0; i < FS_OTHERS && target->others[i] != NULL; i++) {
        _cleanup_close_ int fd = open(target->others[i], O_PATH | O_CLOEXEC);
        struct statx info = {0};

        /* the place may be covered by another mount; on btrfs, st_dev never says the same */
        if (fd < 0 ||
            syscall(SYS_statx, fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, &info) < 0 ||
            info.stx_dev_major != target->fs_major || info.stx_dev_minor != target->fs_minor)
            continue;
        if (try_directory(bench, fd, target->others[i]) || try_children(bench, fd))
            return true;
    }
    return false;
}

int fs_try_overlay(const void *argument, void *result)
{
    struct fs_overlay *overlay = result;
    struct bench bench = {.target = argument, .result = overlay, .staging = -EBADF};
    _cleanup_close_ int fd = fs_reopen(bench.target);
    _cleanup_close_ int alone = -EBADF;
    _cleanup_close_ int alone_private = -EBADF;
    _cleanup_close_ int whole = -EBADF;

    overlay->reopened = fs_outcome(fd);
    if (fd < 0)
        return 0;
    alone = mount_copy_one(fd, "");
    overlay->alone = fs_outcome(alone);
    overlay->made_private = fs_outcome(fs_make_private());
    if (overlay->made_private < 0)
        return 0;
    alone_private = mount_copy_one(fd, "");
    overlay->alone_private = fs_outcome(alone_private);
    whole = mount_copy_tree(fd);
    overlay->whole = fs_outcome(whole);
    overlay->staging = fs_outcome(make_staging(&bench));
    if (overlay->staging < 0)
        return 0;
    overlay->control = fs_outcome(try_control(&bench));
    if (overlay->control < 0)
        return 0;
    if (bench.target->directory && (try_directory(&bench, fd, NULL) || try_children(&bench, fd)))
        return 0;
    if (try_parent(&bench) || try_others(&bench))
        return 0;
    overlay->found = -ENOENT;
    return 0;
}
