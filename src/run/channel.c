/* SPDX-License-Identifier: Apache-2.0 */
#include "run/channel.h"

#include <errno.h>
#include <unistd.h>

/* How much to ask for where @room is free: one byte past what may pass tells that there is more. */
static size_t wanted(size_t room, const struct meter *meter)
{
    return meter != NULL && meter->left < room ? (size_t)meter->left + 1 : room;
}

/* @count bytes have come: how many of them may pass? */
static size_t count_in(size_t count, struct meter *meter)
{
    if (meter == NULL)
        return count;
    if (count > meter->left) {
        count = (size_t)meter->left;
        meter->exceeded = true;
    }
    meter->left -= count;
    meter->passed += count;
    return count;
}

int channel_fill(struct channel *channel, int fd, struct meter *meter)
{
    while (channel_has_room(channel)) {
        ssize_t count =
            read(fd, channel->data + channel->end, wanted(CHANNEL_SIZE - channel->end, meter));

        if (count == 0)
            return -ENODATA;
        if (count > 0)
            channel->end += count_in((size_t)count, meter);
        else if (errno != EINTR)
            return -errno;
        if (meter != NULL && meter->exceeded)
            return -EDQUOT;
    }
    return 0;
}

int channel_drain(struct channel *channel, int fd, channel_write write_some)
{
    while (!channel_is_empty(channel)) {
        ssize_t count =
            write_some(fd, channel->data + channel->begin, channel->end - channel->begin);

        if (count >= 0)
            channel->begin += (size_t)count;
        else if (errno != EINTR)
            return -errno;
    }
    channel->begin = channel->end = 0;
    return 0;
}
