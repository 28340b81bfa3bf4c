/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steps that make the view.
 *
 * Theory of operation.
 *  - The child is in a mount namespace of its own, whose root still is the host's tree.  A staging
 *    tmpfs is attached over "/": path walks that start at the process's root don't see it, so the
 *    host's paths stay usable as sources until the pivot, and nothing of the host is covered.
 *  - Where parts of /proc are covered, the kernel lets only a mount namespace of the first user
 *    namespace have a fresh procfs.  Real root makes it there, before the user namespace, attached
 *    to nothing; all else is done within the user namespace as always.
 *  - The mirror is one recursive copy, made read-only, nosuid, nodev and private while it is not
 *    attached to anything.  Private matters: the copy would receive what the host mounts later,
 *    writable.
 *  - Everything else is made detached, restricted, and only then attached at a place that is found
 *    within the new root by openat2(RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS|RESOLVE_NO_SYMLINKS): the
 *    plan's places are canonical.  A symlink that an earlier command left behind, or swaps in right
 *    now, cannot lead a step to another place, within the view or out of it.
 *  - After the pivot both the staging tmpfs and the host's tree lie stacked over the new root,
 *    where "/.." would reach them; both are detached, and that is checked.
 *  - A place is opened anew for every step: a descriptor from before a mount would show what lies
 *    beneath it.  Only the directory in which entries are made one after the other is kept, until
 *    something is mounted over it or above it.
 *  - Masks are copies of a mount that is restricted already.  Those in the root of the fresh procfs
 *    are the one case where a place is found by its name: nobody can plant a link there.
 *  - Sources were resolved when the plan was made.  They are opened here without following any
 *    symlink and compared with what was seen then: what was swapped since is an error.
 *  - Only on private tmpfs (STEP_CREATE) are directories, files and links made, so no step of this
 *    file ever writes to a file system of the host; steps_host.c has the one that does.
 */
#include "run/child.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "kernel/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define STAGING_ROOT "root" /* where the new root is attached */
#define STAGING_FILE "file" /* an empty file without rights, the mask of files */
#define STAGING_DIR  "dir"  /* an empty directory, the mask of directories */
#define STAGING_DATA "data" /* the file of a STEP_FILE, while it is made */
#define STAGING_MASK                                                                               \
    "mask" /* where the staging directory shows once more, restricted as masks are */

#define PRIVATE (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)

/* The decimal or octal digits of @number in @buffer; there is no snprintf(3) here. */
static const char *digits(char buffer[24], uint64_t number, unsigned base)
{
    char *next = buffer + 23;

    *next = '\0';
    do {
        *--next = (char)('0' + number % base);
        number /= base;
    } while (number > 0);
    return next;
}

static int new_tmpfs(struct child *child, const struct step *step)
{
    char size[24];
    char inodes[24];
    char mode[24];
    const char *options[] = {
        "size", digits(size, step->number, 10), "nr_inodes", digits(inodes, step->number2, 10),
        "mode", digits(mode, step->mode, 8),    NULL};

    child->what = "mount tmpfs";
    return mount_new("tmpfs", options, step->attributes, child->reason, sizeof(child->reason));
}

int apply_staging(struct child *child, const struct step *step)
{
    const struct step tmpfs = {.number = 64U << 20,
                               .number2 = 64,
                               .mode = 0700,
                               .attributes = PRIVATE | MOUNT_ATTR_NOEXEC};

    (void)step;
    child->staging = new_tmpfs(child, &tmpfs);
    if (child->staging < 0)
        return child->staging;
    child->what = "fill the staging directory";
    if (mkdirat(child->staging, STAGING_ROOT, 0755) < 0 ||
        mkdirat(child->staging, STAGING_MASK, 0755) < 0 ||
        mkdirat(child->staging, STAGING_DIR, 0555) < 0 ||
        mknodat(child->staging, STAGING_FILE, S_IFREG, 0) < 0)
        return -errno;
    return 0;
}

/* The source as it was when the plan was made, or an error.  A pin's is its place in the view. */
static int open_source(struct child *child, const struct step *step)
{
    bool pin = (step->flags & STEP_PIN) != 0;
    int kind = (step->flags & STEP_ON_DIRECTORY) != 0 ? O_DIRECTORY : 0;
    int fd =
        pin ? open_in_root(child->root, step->target, kind) : open_without_symlinks(step->source);
    struct stat status;

    child->what = pin ? "find its place in the view" : "open the source";
    if (fd < 0 || step->inode == 0)
        return fd;
    if (fstat(fd, &status) == 0 && status.st_dev == step->device && status.st_ino == step->inode)
        return fd;
    child->what = "the source was replaced meanwhile";
    close(fd);
    return -ESTALE;
}

/* Show the staging directory once more within itself, restricted: a copy of a mount has what the
 * mount has, so a mask that is copied from there needs no step of its own to restrict it. */
static int make_masks(struct child *child)
{
    _cleanup_close_ int masks = mount_copy_one(child->staging, "");
    int result;

    child->what = "make the masks";
    if (masks < 0)
        return masks;
    result = mount_restrict(masks, PRIVATE | MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC, 0);
    if (result < 0)
        return result;
    if (move_mount(masks, "", child->staging, STAGING_MASK, MOVE_MOUNT_F_EMPTY_PATH) < 0 ||
        fchdir(child->staging) < 0)
        return -errno;
    return 0;
}

/* The detached @mount is the root of the view from here on. */
static int attach_root(struct child *child, int mount)
{
    child->root = mount;
    /* only now: a copy of "/" would hold the staging directory as well */
    child->what = "attach the staging directory";
    if (move_mount(child->staging, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0)
        return -errno;
    child->what = "attach the root";
    if (move_mount(child->root, "", child->staging, STAGING_ROOT, MOVE_MOUNT_F_EMPTY_PATH) < 0)
        return -errno;
    return make_masks(child);
}

int apply_mirror(struct child *child, const struct step *step)
{
    _cleanup_close_ int source = open_source(child, step);
    _cleanup_close_ int mount = -EBADF;
    int result;

    if (source < 0)
        return source;
    child->what = "copy the mount tree";
    mount = mount_copy_tree(source);
    if (mount < 0)
        return mount;
    child->what = "restrict the copy";
    result = mount_restrict(mount, step->attributes, 1);
    return result < 0 ? result : attach_root(child, take_fd(&mount));
}

/* Open the first @length bytes of @target, a directory of the view; make what is missing on the
 * way.
 */
static int make_directories(struct child *child, const char *target, size_t length)
{
    char path[PATH_MAX];
    int fd;

    if (length >= sizeof(path))
        return -ENAMETOOLONG;
    memcpy(path, target, length);
    path[length] = '\0';
    fd = open_in_root(child->root, length == 0 ? "/" : path, O_DIRECTORY);
    if (fd != -ENOENT)
        return fd;
    for (size_t i = 1; i <= length; i++) {
        _cleanup_close_ int parent = -EBADF;
        char *name;
        char saved = path[i];

        if (saved != '/' && saved != '\0')
            continue;
        path[i] = '\0';
        name = strrchr(path, '/');
        *name = '\0';
        parent = open_in_root(child->root, path[0] == '\0' ? "/" : path, O_DIRECTORY);
        *name = '/';
        if (parent < 0)
            return parent;
        if (mkdirat(parent, name + 1, 0755) < 0 && errno != EEXIST)
            return -errno;
        path[i] = saved;
    }
    path[length] = '\0';
    return open_in_root(child->root, path, O_DIRECTORY);
}

/*
 * The directory that holds @target's last component, made where it is missing; *@ret_name is that
 * component.  The child keeps the descriptor: entries of one directory come one after the other.
 */
static int open_parent(struct child *child, const char *target, const char **ret_name)
{
    size_t length = (size_t)(strrchr(target, '/') - target);

    *ret_name = target + length + 1;
    if (child->parent >= 0 && child->parent_length == length &&
        memcmp(child->parent_path, target, length) == 0)
        return child->parent;
    cleanup_close(&child->parent);
    child->parent = make_directories(child, target, length);
    child->parent_path = target;
    child->parent_length = length;
    return child->parent;
}

/* Something is mounted at @target: a directory opened before, at it or below, is not in the view.
 */
static void forget_parent(struct child *child, const char *target)
{
    size_t length = strlen(target);

    if (child->parent < 0 || length > child->parent_length ||
        memcmp(child->parent_path, target, length) != 0)
        return;
    close(take_fd(&child->parent));
}

/* Open the mount point of @step, and make it first where it lies on a private tmpfs. */
static int open_target(struct child *child, const struct step *step)
{
    const char *name;
    int parent;
    int fd;

    child->what = "find its place in the view";
    if ((step->flags & STEP_CREATE) == 0)
        return open_in_root(child->root, step->target, 0);
    child->what = "make its place in the view";
    parent = open_parent(child, step->target, &name);
    if (parent < 0)
        return parent;
    if (((step->flags & STEP_ON_DIRECTORY) != 0 ? mkdirat(parent, name, 0755)
                                                : mknodat(parent, name, S_IFREG | 0444, 0)) < 0 &&
        errno != EEXIST)
        return -errno;
    fd = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static int attach(struct child *child, int mount, const struct step *step)
{
    _cleanup_close_ int target = open_target(child, step);
    int result;

    if (target < 0)
        return target;
    child->what = "attach it";
    result = mount_attach(mount, target);
    if (result == 0)
        forget_parent(child, step->target);
    return result;
}

int apply_procfs(struct child *child, const struct step *step)
{
    /* writable until it is attached: the ids are mapped through it, whatever covers /proc here */
    child->procfs = mount_new("proc", NULL, step->attributes & ~(uint64_t)MOUNT_ATTR_RDONLY,
                              child->reason, sizeof(child->reason));
    return child->procfs < 0 ? child->procfs : 0;
}

int apply_proc(struct child *child, const struct step *step)
{
    _cleanup_close_ int mount = take_fd(&child->procfs);
    int result;

    if (mount < 0) {
        mount = mount_new("proc", NULL, step->attributes, child->reason, sizeof(child->reason));
        return mount < 0 ? mount : attach(child, mount, step);
    }
    child->what = "restrict the mount";
    result = mount_restrict(mount, step->attributes, 0);
    return result < 0 ? result : attach(child, mount, step);
}

static int hand_over(const struct child *child, int mount)
{
    struct child_tmpfs content = {.type = CHILD_TMPFS_TYPE, .step = child->step};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(mount))];
    } ancillary = {0};
    struct iovec part = {.iov_base = &content, .iov_len = sizeof(content)};
    struct msghdr message = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = ancillary.bytes,
        .msg_controllen = sizeof(ancillary),
    };
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);

    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(mount));
    memcpy(CMSG_DATA(header), &mount, sizeof(mount));
    return sendmsg(child->control, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int apply_tmpfs(struct child *child, const struct step *step)
{
    _cleanup_close_ int mount = new_tmpfs(child, step);
    int result;

    if (mount < 0)
        return mount;
    if (strcmp(step->target, "/") == 0)
        return attach_root(child, take_fd(&mount));
    result = attach(child, mount, step);
    if (result < 0 || (step->flags & STEP_WATCHED) == 0)
        return result;
    child->what = "hand it to the supervisor";
    return hand_over(child, mount);
}

int apply_devpts(struct child *child, const struct step *step)
{
    static const char *const options[] = {"ptmxmode", "0666", "mode", "0620", NULL};
    _cleanup_close_ int mount = mount_new("devpts", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
                                          child->reason, sizeof(child->reason));

    return mount < 0 ? mount : attach(child, mount, step);
}

/* A fresh one shows what the process's cgroup namespace has at its root, and nothing above.  A host
 * without the place has no view of cgroups to be replaced. */
int apply_cgroupfs(struct child *child, const struct step *step)
{
    _cleanup_close_ int mount =
        mount_new("cgroup2", NULL, step->attributes, child->reason, sizeof(child->reason));
    int result = mount < 0 ? mount : attach(child, mount, step);

    return result == -ENOENT && (step->flags & STEP_DELEGATE) == 0 ? 0 : result;
}

int apply_directory(struct child *child, const struct step *step)
{
    const char *name;
    int parent = open_parent(child, step->target, &name);

    if (parent < 0)
        return parent;
    if (mkdirat(parent, name, step->mode) < 0 && errno != EEXIST)
        return -errno;
    return 0;
}

int apply_symlink(struct child *child, const struct step *step)
{
    const char *name;
    int parent = open_parent(child, step->target, &name);

    if (parent < 0)
        return parent;
    return symlinkat(step->source, parent, name) < 0 ? -errno : 0;
}

int apply_bind(struct child *child, const struct step *step)
{
    _cleanup_close_ int source = open_source(child, step);
    _cleanup_close_ int mount = -EBADF;
    int result;

    /* what the caller may not make is not there, and the command can't make it either */
    if (source == -ENOENT && (step->flags & STEP_WHERE_THERE) != 0 && child->unmade)
        return 0;
    if (source < 0)
        return source;
    child->what = "copy the mount";
    mount = mount_copy_tree(source);
    if (mount < 0)
        return mount;
    child->what = "restrict the mount";
    result = mount_restrict(mount, step->attributes, 1);
    return result < 0 ? result : attach(child, mount, step);
}

int apply_file(struct child *child, const struct step *step)
{
    _cleanup_close_ int data = -EBADF;
    _cleanup_close_ int mount = -EBADF;
    int result;

    child->what = "write the content";
    data = openat(child->staging, STAGING_DATA, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
    if (data < 0)
        return -errno;
    result = io_write_all(data, step->data, step->size);
    if (result < 0)
        return result;
    close(take_fd(&data));
    mount = mount_copy_path(child->staging, STAGING_DATA);
    if (mount < 0)
        return mount;
    result = mount_restrict(mount, step->attributes | MOUNT_ATTR_RDONLY, 0);
    if (result == 0)
        result = attach(child, mount, step);
    if (result < 0)
        return result;
    /* the mount keeps the file; the name is free for the next one */
    child->what = "clear the staging directory";
    return unlinkat(child->staging, STAGING_DATA, 0) < 0 ? -errno : 0;
}

/* What is not there needs no mask.  What this step cannot reach with all capabilities of the
 * namespace, the command, which has none, cannot reach either.  @error is the answer of a first
 * look: a second one has to agree, so that no passing refusal leaves something unhidden. */
static bool is_out_of_reach(const struct child *child, const char *target, int error)
{
    _cleanup_close_ int again = -EBADF;

    if (error != -ENOENT && error != -ENOTDIR && error != -EACCES)
        return false;
    again = open_in_root(child->root, target, 0);
    return again == error;
}

/* In the root of a fresh procfs nobody can plant a link, so the place is found by its name: one
 * call for each of the twenty masks.  Where it is no file it is a directory, or out of reach. */
static int mask_on_procfs(struct child *child, const struct step *step)
{
    char path[sizeof(STAGING_ROOT) + 64] = STAGING_ROOT;
    size_t length = strnlen(step->target, 64);
    int error;

    if (length == 64)
        return -ENAMETOOLONG;
    memcpy(path + strlen(STAGING_ROOT), step->target, length + 1);
    child->what = "attach the mask";
    if (mount(STAGING_MASK "/" STAGING_FILE, path, NULL, MS_BIND, NULL) == 0)
        return 0;
    if (errno == ENOTDIR && mount(STAGING_MASK "/" STAGING_DIR, path, NULL, MS_BIND, NULL) == 0)
        return 0;
    error = -errno;
    return is_out_of_reach(child, step->target, error) ? 0 : error;
}

int apply_mask(struct child *child, const struct step *step)
{
    _cleanup_close_ int target = -EBADF;
    _cleanup_close_ int mount = -EBADF;
    struct stat status;

    if ((step->flags & STEP_ON_PROCFS) != 0)
        return mask_on_procfs(child, step);
    target = open_in_root(child->root, step->target, 0);
    if (target < 0 && step->inode == 0)
        return is_out_of_reach(child, step->target, target) ? 0 : target;
    child->what = "what was to be hidden has gone or was replaced meanwhile";
    if (target < 0)
        return -ESTALE;
    if (fstat(target, &status) < 0)
        return -errno;
    if (step->inode != 0 && (status.st_dev != step->device || status.st_ino != step->inode))
        return -ESTALE;
    child->what = "make the mask";
    mount = mount_copy_one(child->staging, S_ISDIR(status.st_mode) ? STAGING_MASK "/" STAGING_DIR
                                                                   : STAGING_MASK "/" STAGING_FILE);
    if (mount < 0)
        return mount;
    child->what = "attach the mask";
    return mount_attach(mount, target);
}

int apply_seal(struct child *child, const struct step *step)
{
    _cleanup_close_ int target = open_in_root(child->root, step->target, 0);

    return target < 0 ? target : mount_restrict(target, MOUNT_ATTR_RDONLY, 0);
}

/* "/.." ends at the topmost mount on the root: it must be the view and nothing stacked over it. */
static int check_root(const struct child *child)
{
    struct statx view;
    struct statx top;

    if (statx(child->root, "", AT_EMPTY_PATH, STATX_INO | STATX_MNT_ID, &view) < 0 ||
        statx(AT_FDCWD, "/..", 0, STATX_INO | STATX_MNT_ID, &top) < 0)
        return -errno;
    /* without statx(2) libc makes its answer of others, which say nothing of mounts */
    if ((view.stx_mask & top.stx_mask & STATX_MNT_ID) == 0)
        return -ENOSYS;
    return view.stx_mnt_id == top.stx_mnt_id ? 0 : -EBUSY;
}

int apply_pivot(struct child *child, const struct step *step)
{
    (void)step;
    child->what = "enter the view";
    if (fchdir(child->root) < 0)
        return -errno;
    child->what = "pivot_root";
    if (syscall(SYS_pivot_root, ".", ".") < 0)
        return -errno;
    /* The old root now lies over the new one, and the staging tmpfs over the old root: "." is
     * looked up to the top of that stack, so each call takes one away. */
    child->what = "let the host's tree go";
    if (umount2(".", MNT_DETACH) < 0 || umount2(".", MNT_DETACH) < 0)
        return -errno;
    child->what = "check that the host's tree is gone";
    if (chdir("/") < 0)
        return -errno;
    return check_root(child);
}

int apply_chdir(struct child *child, const struct step *step)
{
    (void)child;
    return chdir(step->target) < 0 ? -errno : 0;
}
