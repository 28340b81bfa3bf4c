/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/idmap.h"

#include "base/cleanup.h"
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>

#define PROC "/proc/"

int idmap_write_file(int proc, const char *path, const char *text)
{
    /* relative to an open procfs, whatever is mounted at /proc */
    const char *name = proc < 0 ? path : path + strlen(PROC);
    _cleanup_close_ int fd = openat(proc, name, O_WRONLY | O_CLOEXEC);

    return fd < 0 ? -errno : io_write_all(fd, text, strlen(text));
}

int idmap_write(int proc, const char *uids, const char *gids, const char **ret_file)
{
    const char *const writes[][2] = {
        {PROC "self/setgroups", "deny"},
        {PROC "self/uid_map", uids},
        {PROC "self/gid_map", gids},
    };
    int result = 0;

    for (size_t i = 0; i < ARRAY_SIZE(writes) && result == 0; i++) {
        if (ret_file != NULL)
            *ret_file = writes[i][0];
        result = idmap_write_file(proc, writes[i][0], writes[i][1]);
    }
    return result;
}
