/* SPDX-License-Identifier: Apache-2.0 */
#include "run/channel.h"

#include <errno.h>
#include <unistd.h>

int channel_fill(struct channel *channel, int fd)
{
    while (channel_has_room(channel)) {
        ssize_t count = read(fd, channel->data + channel->end, CHANNEL_SIZE - channel->end);

        if (count == 0)
            return -ENODATA;
        if (count > 0)
            channel->end += (size_t)count;
        else if (errno != EINTR)
            return -errno;
    }
    return 0;
}

int channel_drain(struct channel *channel, int fd)
{
    while (!channel_is_empty(channel)) {
        ssize_t count = write(fd, channel->data + channel->begin, channel->end - channel->begin);

        if (count >= 0)
            channel->begin += (size_t)count;
        else if (errno != EINTR)
            return -errno;
    }
    channel->begin = channel->end = 0;
    return 0;
}
