/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/state_directory.h"

#include "base/cleanup.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_usable(const char *path, uid_t uid)
{
    struct stat status;

    return path != NULL && path[0] == '/' && stat(path, &status) == 0 && S_ISDIR(status.st_mode) &&
           status.st_uid == uid && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

int runtime_directory_find(struct arena *arena, const char *runtime, uid_t uid,
                           const char **ret_path)
{
    char *standard = arena_printf(arena, "/run/user/%u", uid);

    if (standard == NULL)
        return -ENOMEM;
    *ret_path = is_usable(runtime, uid) ? runtime : is_usable(standard, uid) ? standard : NULL;
    return 0;
}

const char *state_directory_path(struct arena *arena, const char *runtime, uid_t uid)
{
    const char *directory;

    if (runtime_directory_find(arena, runtime, uid, &directory) < 0)
        return NULL;
    if (directory != NULL)
        return path_absolute(arena, directory, "sbx");
    if (uid == 0 && is_usable("/run", uid))
        return "/run/sbx";
    return arena_printf(arena, "/tmp/sbx-%u", uid);
}

int state_directory_open(const char *path, int make)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    _cleanup_close_ int fd = -EBADF;
    struct stat status;

    fd = open(path, flags);
    if (fd < 0 && make && (errno == ENOENT || errno == EACCES)) {
        if (mkdir(path, 0700) < 0 && errno != EEXIST)
            return -errno;
        fd = open(path, flags);
    }
    if (fd < 0)
        return errno == ELOOP || errno == ENOTDIR || errno == EACCES ? -EPERM : -errno;
    if (fstat(fd, &status) < 0)
        return -errno;
    if (status.st_uid != geteuid() || (status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return -EPERM;
    return take_fd(&fd);
}
