/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/host_internal.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "base/path.h"
#include "kernel/mount.h"
#include "kernel/mountinfo.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#define UNIX_TABLE_LIMIT (64U << 20)

enum host_file_type host_file_type_of(mode_t mode)
{
    if (S_ISDIR(mode))
        return HOST_FILE_DIRECTORY;
    if (S_ISREG(mode))
        return HOST_FILE_REGULAR;
    if (S_ISSOCK(mode))
        return HOST_FILE_SOCKET;
    if (S_ISCHR(mode) || S_ISBLK(mode))
        return HOST_FILE_DEVICE;
    return HOST_FILE_OTHER;
}

/* All but the canonical path. */
static void describe(const struct stat *status, struct host_path *fact)
{
    fact->type = host_file_type_of(status->st_mode);
    fact->device = status->st_dev;
    fact->inode = status->st_ino;
    fact->owner = status->st_uid;
}

int host_path_describe(struct arena *arena, int fd, const char *path, struct host_path *ret_path)
{
    struct host_path fact = {.path = path, .type = HOST_FILE_MISSING};
    struct stat status;
    char link[PATH_MAX];
    char name[64];
    ssize_t length;

    if (fstat(fd, &status) < 0) {
        fact.error = errno;
        *ret_path = fact;
        return 0;
    }
    describe(&status, &fact);
    snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    length = readlink(name, link, sizeof(link));
    if (length < 0 || length == (ssize_t)sizeof(link) || link[0] != '/') {
        fact.error = length < 0 ? errno : ENAMETOOLONG;
    } else {
        fact.canonical = arena_strndup(arena, link, (size_t)length);
        if (fact.canonical == NULL)
            return -ENOMEM;
    }
    *ret_path = fact;
    return 0;
}

bool host_is_answer(int error)
{
    return error == 0 || error == ENOENT || error == ENOTDIR || error == ELOOP ||
           error == ENAMETOOLONG;
}

bool host_is_no_answer(int error)
{
    return error == ENOMEM || error == EMFILE || error == ENFILE || error == ENOSYS;
}

void cleanup_host_near(struct host_near *near)
{
    cleanup_close(&near->fd);
}

/* Open the first @length bytes of @path in the place of what is open; the latter stays where that
 * can't be done. */
static int go_near(struct host_near *near, const char *path, size_t length)
{
    char parent[PATH_MAX];
    int fd;

    if (near->fd >= 0 && near->length == length && memcmp(near->path, path, length) == 0)
        return 0;
    if (length >= sizeof(parent))
        return -ENAMETOOLONG;
    memcpy(parent, path, length);
    parent[length] = '\0';
    fd = open_without_symlinks(parent);
    if (fd < 0)
        return fd;
    cleanup_close(&near->fd);
    *near = (struct host_near){.path = path, .length = length, .fd = fd};
    return 0;
}

/* What the normal @path is, where no part of it is a link; -ELOOP where one is. */
static int look_without_links(struct host_near *near, const char *path, struct stat *ret_status)
{
    const char *name = strrchr(path, '/') + 1;
    size_t length = (size_t)(name - path) - 1;
    int result = length == 0 ? 0 : go_near(near, path, length);

    if (result < 0)
        return result;
    /* "/" and what lies in it need no directory */
    if (fstatat(length == 0 ? AT_FDCWD : near->fd, length == 0 ? path : name, ret_status,
                AT_SYMLINK_NOFOLLOW) < 0)
        return -errno;
    return S_ISLNK(ret_status->st_mode) ? -ELOOP : 0;
}

static int look_at(struct arena *arena, struct host_near *near, const char *path,
                   struct host_path *ret_path)
{
    struct stat status;
    int result = path_is_normal(path) ? look_without_links(near, path, &status) : -ELOOP;

    if (result == 0) {
        /* no link on the way: the path is the canonical one */
        *ret_path = (struct host_path){.path = path, .canonical = path};
        describe(&status, ret_path);
        return 0;
    }
    /* what stops a walk before its first link stops one that follows links as well */
    if (result != -ENOENT && result != -ENOTDIR && result != -EACCES) {
        _cleanup_close_ int fd = open(path, O_PATH | O_CLOEXEC);

        if (fd >= 0)
            return host_path_describe(arena, fd, path, ret_path);
        result = -errno;
    }
    *ret_path = (struct host_path){.path = path, .type = HOST_FILE_MISSING, .error = -result};
    return 0;
}

int host_path_ask(struct arena *arena, const struct host *host, const char *path,
                  struct host_path *ret_path)
{
    const struct host_path *known = host_path_find(host, path);

    if (known == NULL)
        return host_path_probe(arena, path, ret_path);
    *ret_path = *known;
    return 0;
}

int host_path_probe(struct arena *arena, const char *path, struct host_path *ret_path)
{
    _cleanup_host_near_ struct host_near near = HOST_NEAR_NONE;

    return host_path_probe_near(arena, &near, path, ret_path);
}

int host_path_probe_near(struct arena *arena, struct host_near *near, const char *path,
                         struct host_path *ret_path)
{
    int result = look_at(arena, near, path, ret_path);
    int error = ret_path->error;

    if (result < 0 || host_is_answer(error))
        return result;
    result = look_at(arena, near, path, ret_path);
    if (result < 0 || host_is_answer(ret_path->error))
        return result;
    return ret_path->error != error || host_is_no_answer(error) ? -ret_path->error : 0;
}

static int add_alias(struct arena *arena, struct host *host, const char *path, const char *alias)
{
    struct host_alias *slot = ARENA_PUSH(arena, &host->aliases);

    if (slot == NULL)
        return -ENOMEM;
    slot->path = path;
    slot->alias = alias;
    return 0;
}

/* A second mount of the same file system shows the path if its root is at or above it, and a part
 * of it if its root lies below. */
static int add_alias_of_mount(struct arena *arena, struct host *host, const char *path,
                              const char *place, const char *inner, const struct host_mount *mount)
{
    struct host_path original;
    struct host_path other;
    const char *rest = path_relative(inner, mount->root);
    char *shown;

    if (rest == NULL) {
        if (path_is_below(mount->root, inner) && strcmp(mount->point, "/") != 0 &&
            !path_is_within(mount->point, path))
            return add_alias(arena, host, path, mount->point);
        return 0;
    }
    shown = path_join(arena, mount->point, rest);
    if (shown == NULL)
        return -ENOMEM;
    if (path_is_within(shown, path))
        return 0;
    if (host_path_probe(arena, place, &original) < 0 || host_path_probe(arena, shown, &other) < 0)
        return -ENOMEM;
    if (original.type == HOST_FILE_MISSING || other.device != original.device ||
        other.inode != original.inode || other.type != original.type)
        return 0; /* covered by another mount */
    return add_alias(arena, host, path, shown);
}

/* Where else the canonical @place, which is @path or is mounted below it, shows. */
static int add_aliases_of(struct arena *arena, struct host *host, const char *path,
                          const char *place)
{
    const struct host_mount *home = mountinfo_find(&host->mounts, place);
    char *inner;

    if (home == NULL)
        return 0;
    inner = path_join(arena, home->root, path_relative(place, home->point));
    if (inner == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < host->mounts.count; i++) {
        const struct host_mount *mount = &host->mounts.items[i];
        int result;

        if (mount == home || mount->major != home->major || mount->minor != home->minor)
            continue;
        result = add_alias_of_mount(arena, host, path, place, inner, mount);
        if (result < 0)
            return result;
    }
    return 0;
}

int host_aliases_probe(struct arena *arena, struct host *host, const char *path)
{
    int result = add_aliases_of(arena, host, path, path);

    /* what is mounted below a hidden directory may be mounted elsewhere as well */
    for (size_t i = 0; i < host->mounts.count && result == 0; i++)
        if (path_is_below(host->mounts.items[i].point, path))
            result = add_aliases_of(arena, host, path, host->mounts.items[i].point);
    return result;
}
