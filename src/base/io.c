/* SPDX-License-Identifier: Apache-2.0 */
#include "base/io.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Twice the room: a copy of the full @buffer, in @arena. */
static char *grow(struct arena *arena, const char *buffer, size_t *capacity)
{
    char *grown = arena_alloc(arena, *capacity * 2 + 1);

    if (grown == NULL)
        return NULL;
    memcpy(grown, buffer, *capacity);
    *capacity *= 2;
    return grown;
}

int io_read_file(struct arena *arena, int directory, const char *path, size_t limit,
                 char **ret_data, size_t *ret_size)
{
    struct stat status;

    return io_read_known(arena, directory, path, limit, ret_data, ret_size, &status);
}

int io_read_known(struct arena *arena, int directory, const char *path, size_t limit,
                  char **ret_data, size_t *ret_size, struct stat *ret_status)
{
    _cleanup_close_ int fd = openat(directory, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    char first[8192]; /* most files are shorter */
    char *buffer = first;
    size_t capacity = sizeof(first);
    size_t used = 0;

    if (fd < 0 || fstat(fd, ret_status) < 0)
        return -errno;
    if (!S_ISREG(ret_status->st_mode))
        return S_ISDIR(ret_status->st_mode) ? -EISDIR : -EINVAL;
    for (;;) {
        ssize_t got;

        if (used == capacity && (buffer = grow(arena, buffer, &capacity)) == NULL)
            return -ENOMEM;
        got = read(fd, buffer + used, capacity - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            break;
        used += (size_t)got;
        if (used > limit)
            return -EFBIG;
        if (io_is_whole(ret_status, used))
            break;
    }
    *ret_data = buffer == first ? arena_alloc(arena, used + 1) : buffer;
    if (*ret_data == NULL)
        return -ENOMEM;
    if (buffer == first)
        memcpy(*ret_data, first, used);
    if (ret_size != NULL)
        *ret_size = used;
    return 0;
}

bool io_is_whole(const struct stat *status, size_t used)
{
    return status->st_size > 0 && used == (size_t)status->st_size;
}

int io_write_all(int fd, const void *data, size_t size)
{
    const char *next = data;

    while (size > 0) {
        ssize_t written = write(fd, next, size);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -errno;
        next += written;
        size -= (size_t)written;
    }
    return 0;
}
