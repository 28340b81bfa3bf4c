/* SPDX-License-Identifier: Apache-2.0 */
/* Routing netlink (rtnetlink(7)).  The build makes the message, with libnl; the child sends it. */
#ifndef KERNEL_NETLINK_H
#define KERNEL_NETLINK_H

#include <linux/netlink.h>
#include <stddef.h>

/** A request that asks for an acknowledgement: plain data. */
union netlink_request {
    struct nlmsghdr header; /* nlmsg_len: how many of the bytes count */
    unsigned char bytes[64];
};

/** Bring the loopback interface of a new network namespace up.  Made by src/tools/netlinkgen.c. */
extern const union netlink_request netlink_loopback_up;

/** Send @request and wait for its acknowledgement. 0 or a negative errno. */
int netlink_send(const union netlink_request *request);

#endif
