/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes on their way from one descriptor to another, neither of which ever waits. */
#ifndef RUN_CHANNEL_H
#define RUN_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>

#define CHANNEL_SIZE 65536

/** What has been read and not yet written is data[begin..end). */
struct channel {
    size_t begin;
    size_t end;
    char data[CHANNEL_SIZE];
};

static inline bool channel_is_empty(const struct channel *channel)
{
    return channel->begin == channel->end;
}

static inline bool channel_has_room(const struct channel *channel)
{
    return channel->end < CHANNEL_SIZE;
}

/**
 * Read from @fd, which is non-blocking, as long as there is something and room for it.  Returns 0
 * where there may be more; -EAGAIN where there is nothing now; -ENODATA at the end of file; or
 * another negative errno.
 */
int channel_fill(struct channel *channel, int fd);

/**
 * Write to @fd, which is non-blocking.  Returns 0 where nothing is left; -EAGAIN where the rest has
 * to wait; or another negative errno.
 */
int channel_drain(struct channel *channel, int fd);

#endif
