/* SPDX-License-Identifier: Apache-2.0 */
/* Small files, read and written whole. */
#ifndef BASE_IO_H
#define BASE_IO_H

#include "base/arena.h"

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

/**
 * Read all of the regular file @path, at most @limit bytes, into memory of @arena with a NUL after
 * it. Returns 0; -EFBIG where it is longer; -EISDIR or -EINVAL where it is no file; or another
 * negative errno.
 */
int io_read_file(struct arena *arena, int directory, const char *path, size_t limit,
                 char **ret_data, size_t *ret_size);

/** The same; *@ret_status tells which file it was. */
int io_read_known(struct arena *arena, int directory, const char *path, size_t limit,
                  char **ret_data, size_t *ret_size, struct stat *ret_status);

/**
 * Were @used bytes all of the regular file @status, so that no read has to find its end?  Files of
 * procfs and sysfs don't say how long they are: there the end has to be found.
 */
bool io_is_whole(const struct stat *status, size_t used);

/** Write all of @size bytes to @fd. 0 or a negative errno. Async-signal-safe. */
int io_write_all(int fd, const void *data, size_t size);

#endif
