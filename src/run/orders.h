/* SPDX-License-Identifier: Apache-2.0 */
/* What the supervisor tells init (init/wire.h): the messages with their descriptors. */
#ifndef RUN_ORDERS_H
#define RUN_ORDERS_H

#include "base/error.h"
#include "init/wire.h"

#include <stdbool.h>
#include <stddef.h>

/** A command to be started. Descriptors are borrowed. */
struct orders_start {
    struct wire_start message;
    int fds[WIRE_MAX_FDS + 2];
    size_t fd_count;
};

/** The strings of a command: each list has @argc or @envc elements. */
struct orders_strings {
    const char *const *argv;
    size_t argc;
    const char *const *environment;
    size_t envc;
    const char *directory; /* "": where init is */
};

/**
 * A memory file with @strings, and their numbers in @message.  Returns its close-on-exec
 * descriptor, or a negative errno.
 */
int orders_write_strings(const struct orders_strings *strings, struct wire_start *message);

/** Begin @start: the exec socket and the memory file come first. */
void orders_begin(struct orders_start *start, int exec, int strings);

/** Add the descriptor that the command is to have as @target. 0, or -E2BIG. */
int orders_add_fd(struct orders_start *start, int fd, int target);

/** Send it; waits only where @flags (of sendmsg(2)) let it. 0 or a negative errno. */
int orders_send_start(int control, const struct orders_start *start, int flags);

/** Send a message that has no descriptors; as orders_send_start(). */
int orders_send_signal(int control, uint32_t command, int signal, bool to_group);

/** Let the command on the other end of @exec start.  0, also where it is gone; or a negative errno:
 * then it waits for ever. */
int orders_send_go(int exec);

#endif
