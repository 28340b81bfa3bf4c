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
 *  - What comes from the host is copied detached, restricted, and only then attached.  A fresh
 * tmpfs or devpts has its restrictions from mount(2) and nothing in it.
 *  - Places are found within the new root by openat2(RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS|
 *    RESOLVE_NO_SYMLINKS): the plan's places are canonical.  A symlink that an earlier command left
 *    behind, or swaps in right now, cannot lead a step to another place, within the view or out of
 *    it.  run/place.h has the details.
 *  - After the pivot both the staging tmpfs and the host's tree lie stacked over the new root,
 *    where "/.." would reach them; both are detached, and that is checked.
 *  - Sources were resolved when the plan was made.  They are opened here without following any
 *    symlink and compared with what was seen then: what was swapped since is an error.
 *  - Only on private tmpfs (STEP_CREATE) are directories, files and links made, so no step of this
 *    file ever writes to a file system of the host; steps_host.c has the one that does.
 */
#include "run/steps.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "kernel/mount.h"
#include "run/place.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* The flags of mount(2) for what a mount may not do have the numbers of MOUNT_ATTR_*. */
_Static_assert(MS_RDONLY == MOUNT_ATTR_RDONLY && MS_NOSUID == MOUNT_ATTR_NOSUID &&
                   MS_NODEV == MOUNT_ATTR_NODEV && MS_NOEXEC == MOUNT_ATTR_NOEXEC,
               "attributes go to mount(2) as they are");

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

static char *append(char *end, const char *text)
{
    size_t length = strlen(text);

    memcpy(end, text, length + 1);
    return end + length;
}

int new_tmpfs(struct child *child, const struct step *step)
{
    char size[24];
    char inodes[24];
    char mode[24];
    const char *options[] = {
        "size", digits(size, step->number, 10), "nr_inodes", digits(inodes, step->number2, 10),
        "mode", digits(mode, step->mode, 8),    NULL};

    child->what = "mount tmpfs";
    return place_leave_open(
        child, mount_new("tmpfs", options, step->attributes, child->reason, sizeof(child->reason)));
}

int mount_tmpfs(const struct step *step, const char *name)
{
    char buffer[24];
    char options[128];
    char *end = append(options, "size=");

    end = append(end, digits(buffer, step->number, 10));
    end = append(end, ",nr_inodes=");
    end = append(end, digits(buffer, step->number2, 10));
    end = append(end, ",mode=");
    append(end, digits(buffer, step->mode, 8));
    return mount("none", name, "tmpfs", (unsigned long)step->attributes, options) < 0 ? -errno : 0;
}

int copy_restricted(struct child *child, int directory, const char *name, uint64_t attributes)
{
    int fd = child->copies_twice
                 ? -ENOSYS
                 : place_leave_open(child, mount_copy_restricted(directory, name, attributes));
    int result;

    if (fd >= 0)
        return fd;
    /* an older kernel, or a filter that knows an older one; and two calls tell which half failed */
    child->copies_twice = fd == -ENOSYS || fd == -EPERM;
    fd = place_leave_open(child, mount_copy_entry(directory, name));
    if (fd == -ENOENT)
        return fd;
    child->what = "copy the mount";
    if (fd < 0)
        return fd;
    child->what = "restrict the mount";
    result = mount_restrict(fd, attributes, 1);
    return result < 0 ? result : fd;
}

/* With the inode known, what a last component that has become a link leads to is told from what the
 * plan has seen.  Without, and for a pin, which is in the view, no link is followed at all. */
static int copy_unchecked(struct child *child, const struct step *step)
{
    bool pin = (step->flags & STEP_PIN) != 0;
    int kind = (step->flags & STEP_ON_DIRECTORY) != 0 ? O_DIRECTORY : 0;
    const char *name = "";
    int fd;

    child->what = pin ? "find its place in the view" : "open the source";
    if (pin)
        fd = place_leave_open(child, open_in_root(child->root, step->target, kind));
    else if (step->inode == 0)
        fd = place_leave_open(child, open_without_symlinks(step->source));
    else
        fd = place_source_directory(child, step->source, &name);
    return fd < 0 ? fd : copy_restricted(child, fd, name, step->attributes);
}

int copy_source(struct child *child, const struct step *step)
{
    struct stat status;
    int fd = copy_unchecked(child, step);

    if (fd < 0 || step->inode == 0)
        return fd;
    if (fstat(fd, &status) == 0 && status.st_dev == step->device && status.st_ino == step->inode)
        return fd;
    child->what = "the source was replaced meanwhile";
    return -ESTALE;
}

int apply_procfs(struct child *child, const struct step *step)
{
    /* writable until it is attached: the ids are mapped through it, whatever covers /proc here */
    child->procfs = mount_new("proc", NULL, step->attributes & ~(uint64_t)MOUNT_ATTR_RDONLY,
                              child->reason, sizeof(child->reason));
    place_hold(child, child->procfs);
    return child->procfs < 0 ? child->procfs : 0;
}

int apply_proc(struct child *child, const struct step *step)
{
    int mount = child->procfs;
    int result = 0;

    if (mount < 0) {
        mount = place_leave_open(
            child, mount_new("proc", NULL, step->attributes, child->reason, sizeof(child->reason)));
    } else {
        child->what = "restrict the mount";
        result = mount_restrict(mount, step->attributes, 0);
    }
    if (mount < 0 || result < 0)
        return mount < 0 ? mount : result;
    result = place_attach(child, mount, step);
    if (result == 0)
        place_know(child, mount, step->target);
    return result;
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

static int apply_root_tmpfs(struct child *child, const struct step *step)
{
    child->root = new_tmpfs(child, step);
    place_hold(child, child->root);
    return child->root < 0 ? child->root : 0;
}

/* In the place that was found or made; 1: not so, for a reason that another way has to tell. */
static int mount_in_place(struct child *child, const struct step *step,
                          int (*mount_here)(const struct step *step, const char *name))
{
    const char *name;

    if (place_mount_point(child, step, &name) < 0 || mount_here(step, name) < 0)
        return 1;
    place_forget(child, step->target);
    return 0;
}

int apply_tmpfs(struct child *child, const struct step *step)
{
    int result;
    int mount;

    if (strcmp(step->target, "/") == 0)
        return apply_root_tmpfs(child, step);
    result = mount_in_place(child, step, mount_tmpfs);
    if (result != 0) {
        mount = new_tmpfs(child, step);
        result = mount < 0 ? mount : place_attach(child, mount, step);
    }
    if (result < 0 || (step->flags & STEP_WATCHED) == 0)
        return result;
    child->what = "hand it to the supervisor";
    mount = place_leave_open(child, open_in_root(child->root, step->target, O_DIRECTORY));
    return mount < 0 ? mount : hand_over(child, mount);
}

static int mount_devpts(const struct step *step, const char *name)
{
    (void)step;
    return mount("none", name, "devpts", MS_NOSUID | MS_NOEXEC, "ptmxmode=0666,mode=0620") < 0
               ? -errno
               : 0;
}

int apply_devpts(struct child *child, const struct step *step)
{
    static const char *const options[] = {"ptmxmode", "0666", "mode", "0620", NULL};
    int mount;

    if (mount_in_place(child, step, mount_devpts) == 0)
        return 0;
    mount =
        place_leave_open(child, mount_new("devpts", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
                                          child->reason, sizeof(child->reason)));
    return mount < 0 ? mount : place_attach(child, mount, step);
}

/* A fresh one shows what the process's cgroup namespace has at its root, and nothing above.  A host
 * without the place has no view of cgroups to be replaced. */
int apply_cgroupfs(struct child *child, const struct step *step)
{
    int mount = place_leave_open(
        child, mount_new("cgroup2", NULL, step->attributes, child->reason, sizeof(child->reason)));
    int result = mount < 0 ? mount : place_attach(child, mount, step);

    return result == -ENOENT && (step->flags & STEP_DELEGATE) == 0 ? 0 : result;
}

int apply_directory(struct child *child, const struct step *step)
{
    const char *name;
    int parent = place_directory(child, step->target, true, &name);

    if (parent < 0)
        return parent;
    if (mkdirat(parent, name, step->mode) < 0 && errno != EEXIST)
        return -errno;
    return 0;
}

int apply_symlink(struct child *child, const struct step *step)
{
    const char *name;
    int parent = place_directory(child, step->target, true, &name);

    if (parent < 0)
        return parent;
    return symlinkat(step->source, parent, name) < 0 ? -errno : 0;
}

/* Nothing but devices is taken from the host's /dev from here on, and all of them are to be
 * restricted alike.  Its mounts are this process's own, so they are restricted where they are: what
 * is copied of them needs no call of its own for that.  False: /dev may be no mount. */
static bool restrict_dev(struct child *child, uint64_t attributes)
{
    if (attributes == 0)
        return false;
    if (child->dev_attributes == 0 && mount_restrict_tree("/dev", attributes) == 0)
        child->dev_attributes = attributes;
    return child->dev_attributes == attributes;
}

/* By its name, where only root can have made a link; what has got there is looked at.  1: not so,
 * the way of all binds has to tell why. */
static int bind_device(struct child *child, const struct step *step)
{
    struct stat status;
    const char *name;

    if (!restrict_dev(child, step->attributes) || place_mount_point(child, step, &name) < 0 ||
        mount(step->source, name, NULL, MS_BIND, NULL) < 0)
        return 1;
    if (fstatat(child->entered, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
        (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode)) &&
        (step->inode == 0 || (status.st_dev == step->device && status.st_ino == step->inode)))
        return 0;
    child->what = "the source was replaced meanwhile";
    return -ESTALE;
}

int apply_bind(struct child *child, const struct step *step)
{
    int mount = (step->flags & STEP_OF_DEV) != 0 ? bind_device(child, step) : 1;

    if (mount <= 0)
        return mount;
    mount = copy_source(child, step);

    /* what the caller may not make is not there, and the command can't make it either */
    if (mount == -ENOENT && (step->flags & STEP_WHERE_THERE) != 0 && child->unmade)
        return 0;
    return mount < 0 ? mount : place_attach(child, mount, step);
}

/* In the staging directory, by a name of its own, which shows in the directory of the masks as well
 * and is restricted there. */
int apply_file(struct child *child, const struct step *step)
{
    char path[sizeof(STAGING_MASK "/") + 24] = STAGING_MASK "/";
    char buffer[24];
    const char *name = digits(buffer, child->step, 10);
    int data;
    int mount;
    int result;

    append(path + strlen(path), name);
    child->what = "write the content";
    data = place_leave_open(
        child, openat(child->staging, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444));
    if (data < 0)
        return -errno;
    result = io_write_all(data, step->data, step->size);
    if (result < 0)
        return result;
    child->what = "copy the mount";
    mount = place_leave_open(child, mount_copy_one(child->staging, path));
    return mount < 0 ? mount : place_attach(child, mount, step);
}

int apply_seal(struct child *child, const struct step *step)
{
    int target = place_leave_open(child, open_in_root(child->root, step->target, 0));

    return target < 0 ? target : mount_restrict(target, MOUNT_ATTR_RDONLY, 0);
}
