/* SPDX-License-Identifier: Apache-2.0 */
/* One message of init's or of a command's socket, with what came along. */
#ifndef RUN_RECEIVE_H
#define RUN_RECEIVE_H

#include <stddef.h>
#include <sys/types.h>

/**
 * Receive a message from @socket into @buffer of @size bytes, without waiting.  Returns its length;
 * 0 at the end of file; -EAGAIN where there is nothing now; another negative errno where the socket
 * is of no use any more.  *@ret_fd is the close-on-exec descriptor that came along, the caller's
 * from then on, or -EBADF.  *@ret_sender, which may be NULL, is who sent it, or 0 where the kernel
 * doesn't say: that takes SO_PASSCRED, see unix(7).
 */
ssize_t receive(int socket, void *buffer, size_t size, int *ret_fd, pid_t *ret_sender);

#endif
