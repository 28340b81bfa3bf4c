/* SPDX-License-Identifier: Apache-2.0 */
/* Routing netlink (rtnetlink(7)).  libnl builds the message; the child sends the bytes. */
#ifndef KERNEL_NETLINK_H
#define KERNEL_NETLINK_H

#include "base/arena.h"
#include "base/error.h"

/** The request that brings the loopback interface of a new network namespace up, in @arena. */
int netlink_loopback_request(struct arena *arena, const void **ret_message, size_t *ret_size,
                             struct sbx_error *err);

/** Send a request that asks for an acknowledgement and wait for it. 0 or a negative errno. */
int netlink_send(const void *message, size_t size);

#endif
