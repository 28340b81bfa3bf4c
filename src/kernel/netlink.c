/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/netlink.h"

#include "base/cleanup.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <sys/socket.h>

/* The loopback interface is the first one that a network namespace gets (netns_init). */
#define LOOPBACK_INDEX 1

static void cleanup_message(struct nl_msg **message)
{
    nlmsg_free(*message);
}

int netlink_loopback_request(struct arena *arena, const void **ret_message, size_t *ret_size,
                             struct sbx_error *err)
{
    __attribute__((cleanup(cleanup_message))) struct nl_msg *message =
        nlmsg_alloc_simple(RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK);
    struct ifinfomsg link = {
        .ifi_family = AF_UNSPEC,
        .ifi_index = LOOPBACK_INDEX,
        .ifi_flags = IFF_UP,
        .ifi_change = IFF_UP,
    };
    const struct nlmsghdr *header;
    const void *copy;

    if (message == NULL || nlmsg_append(message, &link, sizeof(link), NLMSG_ALIGNTO) < 0)
        return error_oom(err);
    header = nlmsg_hdr(message);
    copy = arena_memdup(arena, header, header->nlmsg_len);
    if (copy == NULL)
        return error_oom(err);
    *ret_message = copy;
    *ret_size = header->nlmsg_len;
    return 0;
}

int netlink_send(const void *message, size_t size)
{
    _cleanup_close_ int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    union {
        struct nlmsghdr header;
        char bytes[1024];
    } answer;
    const struct nlmsgerr *error;
    ssize_t length;

    if (fd < 0)
        return -errno;
    if (send(fd, message, size, MSG_NOSIGNAL) != (ssize_t)size)
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
