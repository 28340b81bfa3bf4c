/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/netlink.h"

#include "base/cleanup.h"

#include <errno.h>
#include <sys/socket.h>

int netlink_send(const union netlink_request *request)
{
    _cleanup_close_ int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    union {
        struct nlmsghdr header;
        char bytes[1024];
    } answer;
    const size_t size = request->header.nlmsg_len;
    const struct nlmsgerr *error;
    ssize_t length;

    if (fd < 0)
        return -errno;
    if (send(fd, request, size, MSG_NOSIGNAL) != (ssize_t)size)
        return errno != 0 ? -errno : -EIO;
    do
        length = recv(fd, &answer, sizeof(answer), 0);
    while (length < 0 && errno == EINTR);
    if (length < 0)
        return -errno;
    if ((size_t)length < NLMSG_LENGTH(sizeof(*error)) || answer.header.nlmsg_type != NLMSG_ERROR)
        return -EPROTO;
    error = NLMSG_DATA(&answer.header);
    return error->error;
}
