/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/peer.h"

#include "base/cleanup.h"
#include "kernel/compat.h"
#include "kernel/process.h"
#include "kernel/process_facts.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

/* The very process, which its number alone is not: that is used again when it has ended.  Before
 * Linux 6.5 there is only the number. */
static int open_peer(int socket, pid_t pid)
{
    int pidfd = -1;
    socklen_t size = sizeof(pidfd);

    if (getsockopt(socket, SOL_SOCKET, COMPAT_SO_PEERPIDFD, &pidfd, &size) == 0)
        return pidfd;
    return errno == ENOPROTOOPT ? process_open(pid) : -errno;
}

static bool has_ended(int pidfd)
{
    struct pollfd watched = {.fd = pidfd, .events = POLLIN};

    return poll(&watched, 1, 0) != 0;
}

int peer_check_outside(int socket)
{
    _cleanup_process_text_ struct process_text text = {0};
    _cleanup_close_ int own = open("/proc/thread-self", O_PATH | O_DIRECTORY | O_CLOEXEC);
    _cleanup_close_ int pidfd = -EBADF;
    _cleanup_close_ int other = -EBADF;
    struct ucred peer;
    socklen_t size = sizeof(peer);
    int depth;
    int result;

    if (own < 0 || getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
        return -errno;
    if (peer.pid <= 0) /* in no namespace that the caller sees */
        return -EPERM;
    pidfd = open_peer(socket, peer.pid);
    if (pidfd < 0)
        return pidfd;
    other = process_directory(peer.pid);
    if (other < 0)
        return other;
    depth = process_depth(&text, own);
    result = depth < 0 ? depth : process_depth(&text, other);
    if (result < 0)
        return result;
    if (has_ended(pidfd))
        return -ESRCH;
    return result == depth ? 0 : -EPERM;
}
