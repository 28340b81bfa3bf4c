/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes on their way from one descriptor to another, neither of which ever waits. */
#ifndef RUN_CHANNEL_H
#define RUN_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CHANNEL_SIZE 65536

/** How many bytes may pass, through all channels that share it. */
struct meter {
    uint64_t left;
    uint64_t passed;
    bool exceeded; /* there were more */
};

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
 * Read from @fd, which is non-blocking, as long as there is something and room for it.  Where
 * @meter is not NULL it counts, and where there is more than may pass that is thrown away.  Returns
 * 0 where there may be more; -EAGAIN where there is nothing now; -ENODATA at the end of file;
 * -EDQUOT where @meter is exceeded; or another negative errno.
 */
int channel_fill(struct channel *channel, int fd, struct meter *meter);

/** Write some of the @size bytes of @data to @fd, without waiting; as write(2), or write(2) itself.
 */
typedef ssize_t (*channel_write)(int fd, const void *data, size_t size);

/**
 * Write to @fd with @write_some.  Returns 0 where nothing is left; -EAGAIN where the rest has to
 * wait; or another negative errno.
 */
int channel_drain(struct channel *channel, int fd, channel_write write_some);

#endif
