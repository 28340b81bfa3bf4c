/* SPDX-License-Identifier: Apache-2.0 */
/*
 * netlinkgen: print builtin_netlink.c, the requests that kernel/netlink.h declares, on standard
 * output.  Exit code 1 on an error.
 *
 * A host tool of the build: it is not installed.  libnl makes the messages here, so that what sends
 * them, a child between clone and exec, allocates nothing.
 */
#include "kernel/netlink.h"

#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <stdio.h>

/* The loopback interface is the first one that a network namespace gets (netns_init). */
#define LOOPBACK_INDEX 1

static struct nl_msg *loopback_up(void)
{
    struct nl_msg *message = nlmsg_alloc_simple(RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK);
    struct ifinfomsg link = {
        .ifi_family = AF_UNSPEC,
        .ifi_index = LOOPBACK_INDEX,
        .ifi_flags = IFF_UP,
        .ifi_change = IFF_UP,
    };

    if (message != NULL && nlmsg_append(message, &link, sizeof(link), NLMSG_ALIGNTO) == 0)
        return message;
    nlmsg_free(message);
    return NULL;
}

int main(void)
{
    struct nl_msg *message = loopback_up();
    const struct nlmsghdr *header = message == NULL ? NULL : nlmsg_hdr(message);

    if (header == NULL || header->nlmsg_len > sizeof(union netlink_request)) {
        fprintf(stderr, "netlinkgen: the message can't be made\n");
        nlmsg_free(message);
        return 1;
    }
    printf("/* Made by netlinkgen: don't change it by hand. */\n"
           "#include \"kernel/netlink.h\"\n\n"
           "const union netlink_request netlink_loopback_up = {.bytes = {");
    for (unsigned i = 0; i < header->nlmsg_len; i++)
        printf("%s0x%02x", i == 0 ? "" : ", ", ((const unsigned char *)header)[i]);
    printf("}};\n");
    nlmsg_free(message);
    return fflush(stdout) == 0 ? 0 : 1;
}
