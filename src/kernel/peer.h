/* SPDX-License-Identifier: Apache-2.0 */
/* Who is at the other end of a socket. */
#ifndef KERNEL_PEER_H
#define KERNEL_PEER_H

/**
 * Is the process at the other end of @socket, a connected one of AF_UNIX, in the caller's own PID
 * namespace, and not in one below it, as all of a sandbox are?  It counts where it connected, or
 * where it listens; see SO_PEERCRED in unix(7).  Returns 0; -EPERM where it isn't; -ESRCH where it
 * has ended; or another negative errno where that can't be told.  Thread-safe.
 */
int peer_check_outside(int socket);

#endif
