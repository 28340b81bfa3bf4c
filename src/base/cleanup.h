/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ownership in one word: a variable declared with one of these gives back what it holds when it
 * goes out of scope; take_fd() and take_ptr() hand it over instead.
 */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(function) __attribute__((cleanup(function)))
#define ARRAY_SIZE(array)   (sizeof(array) / sizeof((array)[0]))

static inline void cleanup_free(void *pointer)
{
    free(*(void **)pointer);
}

static inline void cleanup_close(const int *fd)
{
    if (*fd >= 0) {
        int saved = errno;

        close(*fd);
        errno = saved;
    }
}

static inline void cleanup_fclose(FILE **stream)
{
    if (*stream != NULL)
        fclose(*stream);
}

static inline void cleanup_closedir(DIR **directory)
{
    if (*directory != NULL)
        closedir(*directory);
}

#define _cleanup_free_     _cleanup_(cleanup_free)
#define _cleanup_close_    _cleanup_(cleanup_close)
#define _cleanup_fclose_   _cleanup_(cleanup_fclose)
#define _cleanup_closedir_ _cleanup_(cleanup_closedir)

/** Return the descriptor and leave -EBADF behind, so that its cleanup does nothing. */
static inline int take_fd(int *fd)
{
    int taken = *fd;

    *fd = -EBADF;
    return taken;
}

/** Return the pointer and leave NULL behind. */
#define take_ptr(pointer)                                                                          \
    ({                                                                                             \
        __typeof__(pointer) *_slot = &(pointer);                                                   \
        __typeof__(pointer) _taken = *_slot;                                                       \
        *_slot = NULL;                                                                             \
        _taken;                                                                                    \
    })

#endif
