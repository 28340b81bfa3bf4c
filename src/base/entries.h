/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The entries of an open directory, by getdents64(2): without the four calls and the memory that
 * fdopendir(3) takes besides.
 */
#ifndef BASE_ENTRIES_H
#define BASE_ENTRIES_H

#include <dirent.h>
#include <stdalign.h>

/** One walk.  Set fd to a directory opened for reading, from whose place it starts; all else 0. */
struct entries {
    int fd; /* stays the caller's */
    long size;
    long at;
    alignas(struct dirent64) char buffer[4096];
};

/**
 * The next entry, "." and ".." among them, good until the call after; NULL with errno 0 at the end,
 * or with the errno of the failure.
 */
const struct dirent64 *entries_next(struct entries *entries);

#endif
