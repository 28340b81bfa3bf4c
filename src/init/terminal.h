/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INIT_TERMINAL_H
#define INIT_TERMINAL_H

/**
 * Make a pseudo-terminal in the sandbox's own devpts and make it the controlling terminal of the
 * caller, who leads a session without one.  Returns 0 with both ends, close-on-exec, or a negative
 * errno.  See pty(7) and ioctl_tty(2).
 */
int terminal_new(int *ret_master, int *ret_slave);

#endif
