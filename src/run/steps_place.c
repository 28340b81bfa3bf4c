/* SPDX-License-Identifier: Apache-2.0 */
#include "run/place.h"

#include "kernel/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A step leaves a handful of descriptors open; launches with a limit of 32 are to work. */
#define LEFT_OPEN_MOST 10

/* The least descriptor from @first on that Landlock is to be told of; negative: there is none. */
static int next_kept(const struct landlock_rules *rules, int first)
{
    int next = -EBADF;

    for (size_t i = 0; i < rules->count; i++) {
        const struct landlock_rule *rule = &rules->items[i];

        if (rule->kind == LANDLOCK_RULE_DESCRIPTOR && rule->fd >= first &&
            (next < 0 || rule->fd < next))
            next = rule->fd;
    }
    return next;
}

static int free_number(const struct child *child, int first)
{
    while (next_kept(&child->plan->landlock, first) == first)
        first++;
    return first;
}

static int close_from(const struct child *child, int first)
{
    for (int kept = 0; kept >= 0; first = kept + 1) {
        kept = next_kept(&child->plan->landlock, first);
        if (kept != first &&
            syscall(SYS_close_range, (unsigned)first, kept < 0 ? ~0U : (unsigned)kept - 1, 0U) < 0)
            return -errno;
    }
    return 0;
}

int place_begin(struct child *child)
{
    int to_control = free_number(child, STDERR_FILENO + 1);
    int to_init = free_number(child, to_control + 1);
    int init = child->inputs->init;

    /* where one lies at the other's place, it goes out of the way */
    if (init == to_control)
        init = fcntl(init, F_DUPFD_CLOEXEC, to_init + 1);
    if (init < 0 ||
        (child->control != to_control && dup3(child->control, to_control, O_CLOEXEC) < 0))
        return -errno;
    child->control = to_control;
    if (init != to_init && dup3(init, to_init, O_CLOEXEC) < 0)
        return -errno;
    child->init = to_init;
    child->swept_from = to_init + 1;
    return close_from(child, child->swept_from);
}

void place_hold(struct child *child, int fd)
{
    if (fd >= child->swept_from)
        child->swept_from = fd + 1;
}

int place_leave_open(struct child *child, int fd)
{
    if (fd >= 0)
        child->left_open++;
    return fd;
}

int place_sweep(struct child *child)
{
    if (child->left_open < LEFT_OPEN_MOST)
        return 0;
    child->left_open = 0;
    child->entered = -EBADF;
    child->place.fd = -EBADF;
    child->source.fd = -EBADF;
    return close_from(child, child->swept_from);
}

/* ---- directories ---- */

/* Open @path, a directory of the view; make what is missing on the way. */
static int make_directories(struct child *child, char *path)
{
    size_t length = strlen(path);
    int fd = open_in_root(child->root, path, O_DIRECTORY);

    if (fd != -ENOENT)
        return fd;
    for (size_t i = 1; i <= length; i++) {
        char saved = path[i];
        char *name;
        int parent;

        if (saved != '/' && saved != '\0')
            continue;
        path[i] = '\0';
        name = strrchr(path, '/');
        *name = '\0';
        parent = place_leave_open(
            child, open_in_root(child->root, path[0] == '\0' ? "/" : path, O_DIRECTORY));
        *name = '/';
        if (parent < 0)
            return parent;
        if (mkdirat(parent, name + 1, 0755) < 0 && errno != EEXIST)
            return -errno;
        path[i] = saved;
    }
    return open_in_root(child->root, path, O_DIRECTORY);
}

static bool knows(const struct child_directory *known, const char *path, size_t length)
{
    return known->fd >= 0 && known->length == length && memcmp(known->path, path, length) == 0;
}

/* The directory part of @path in @buffer, "/" for one in the root. */
static int copy_directory(char buffer[PATH_MAX], const char *path, size_t length)
{
    if (length >= PATH_MAX)
        return -ENAMETOOLONG;
    memcpy(buffer, path, length);
    memcpy(buffer + length, "/", length == 0 ? 2 : 1);
    buffer[length == 0 ? 1 : length] = '\0';
    return 0;
}

int place_directory(struct child *child, const char *target, bool make, const char **ret_name)
{
    size_t length = (size_t)(strrchr(target, '/') - target);
    char path[PATH_MAX];
    int fd;

    *ret_name = target + length + 1;
    if (length == 0)
        return child->root;
    if (knows(&child->place, target, length))
        return child->place.fd;
    fd = copy_directory(path, target, length);
    if (fd < 0)
        return fd;
    fd = make ? make_directories(child, path) : open_in_root(child->root, path, O_DIRECTORY);
    if (fd >= 0)
        child->place = (struct child_directory){.fd = fd, .path = target, .length = length};
    return place_leave_open(child, fd);
}

int place_source_directory(struct child *child, const char *source, const char **ret_name)
{
    size_t length = (size_t)(strrchr(source, '/') - source);
    char path[PATH_MAX];
    int fd;

    *ret_name = source + length + 1;
    if (knows(&child->source, source, length))
        return child->source.fd;
    fd = copy_directory(path, source, length);
    if (fd < 0)
        return fd;
    fd = open_without_symlinks(path);
    if (fd >= 0)
        child->source = (struct child_directory){.fd = fd, .path = source, .length = length};
    return place_leave_open(child, fd);
}

void place_know(struct child *child, int fd, const char *path)
{
    child->place = (struct child_directory){.fd = fd, .path = path, .length = strlen(path)};
}

void place_forget(struct child *child, const char *target)
{
    size_t length = strlen(target);

    if (length <= child->place.length && memcmp(child->place.path, target, length) == 0)
        child->place.fd = -EBADF;
}

int place_enter(struct child *child, int fd)
{
    if (child->entered == fd)
        return 0;
    child->entered = -EBADF;
    if (fchdir(fd) < 0)
        return -errno;
    child->entered = fd;
    return 0;
}

/* ---- mount points ---- */

static int make_mount_point(int directory, const char *name, const struct step *step)
{
    if (((step->flags & STEP_ON_DIRECTORY) != 0
             ? mkdirat(directory, name, 0755)
             : mknodat(directory, name, S_IFREG | 0444, 0)) < 0 &&
        errno != EEXIST)
        return -errno;
    return 0;
}

int place_attach(struct child *child, int mount, const struct step *step)
{
    bool make = (step->flags & STEP_CREATE) != 0;
    const char *name;
    int directory;
    int result = 0;

    child->what = make ? "make its place in the view" : "find its place in the view";
    directory = place_directory(child, step->target, make, &name);
    if (directory < 0)
        return directory;
    if (make)
        result = make_mount_point(directory, name, step);
    if (result < 0)
        return result;
    if (move_mount(mount, "", directory, name, MOVE_MOUNT_F_EMPTY_PATH) < 0) {
        child->what = errno == ENOENT ? child->what : "attach it";
        return -errno;
    }
    place_forget(child, step->target);
    return 0;
}

int place_mount_point(struct child *child, const struct step *step, const char **ret_name)
{
    int fd;
    int result;

    if ((step->flags & STEP_CREATE) == 0) {
        *ret_name = ".";
        fd = place_leave_open(child, open_in_root(child->root, step->target, O_DIRECTORY));
        return fd < 0 ? fd : place_enter(child, fd);
    }
    /* nobody but this process can make a link on a private tmpfs */
    fd = place_directory(child, step->target, true, ret_name);
    result = fd < 0 ? fd : make_mount_point(fd, *ret_name, step);
    return result < 0 ? result : place_enter(child, fd);
}
