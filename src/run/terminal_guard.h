/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process that restores a terminal's settings where sbx itself no longer can: after SIGKILL.
 *
 * Theory of operation.  The guard is a fork that keeps two descriptors: the terminal and the read
 * end of a pipe, the write end of which sbx alone has; its end of file says that sbx is gone.  The
 * guard has a process group of its own and blocks all signals, so that what kills sbx's job does
 * not kill it; where sbx ends in good order it kills the guard.  It restores nothing where the
 * settings are no longer those that sbx had made: then the shell was faster.
 */
#ifndef RUN_TERMINAL_GUARD_H
#define RUN_TERMINAL_GUARD_H

#include <errno.h>
#include <sys/types.h>
#include <termios.h>

struct terminal_guard {
    pid_t pid; /* 0: there is none */
    int pidfd; /* owned, like the next */
    int alive; /* write end of the pipe */
};

#define TERMINAL_GUARD_NONE                                                                        \
    (struct terminal_guard)                                                                        \
    {                                                                                              \
        .pidfd = -EBADF, .alive = -EBADF                                                           \
    }

/**
 * Start a guard over @terminal that puts @before in the place of @during.  Returns 0 or a negative
 * errno; to be ended with terminal_guard_end() in both cases.
 */
int terminal_guard_start(struct terminal_guard *guard, int terminal, const struct termios *before,
                         const struct termios *during);

/** End the guard, which then does nothing more; nothing where there is none. */
void terminal_guard_end(struct terminal_guard *guard);

#endif
