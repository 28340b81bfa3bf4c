/* SPDX-License-Identifier: Apache-2.0 */
#include "run/receive.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* One descriptor is ever sent with a message; of more, which init never sends, none stays open. */
static void take_descriptors(const struct cmsghdr *header, int *fd)
{
    size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(*fd);

    for (size_t i = 0; i < count; i++) {
        int came;

        memcpy(&came, CMSG_DATA(header) + i * sizeof(came), sizeof(came));
        if (*fd < 0)
            *fd = came;
        else
            close(came);
    }
}

/* What came along with @message. */
static void take_ancillary(struct msghdr *message, int *fd, pid_t *sender)
{
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != NULL;
         header = CMSG_NXTHDR(message, header)) {
        struct ucred credentials;

        if (header->cmsg_level != SOL_SOCKET)
            continue;
        if (header->cmsg_type == SCM_RIGHTS)
            take_descriptors(header, fd);
        if (header->cmsg_type != SCM_CREDENTIALS)
            continue;
        memcpy(&credentials, CMSG_DATA(header), sizeof(credentials));
        *sender = credentials.pid;
    }
}

ssize_t receive(int socket, void *buffer, size_t size, int *ret_fd, pid_t *ret_sender)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(sizeof(int))];
    } ancillary;
    struct iovec part = {.iov_base = buffer, .iov_len = size};
    struct msghdr message = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = ancillary.bytes,
        .msg_controllen = sizeof(ancillary),
    };
    ssize_t length;
    pid_t sender = 0;

    /* A peer that closes its socket with messages unread makes the next recv(2) fail once with
     * ECONNRESET, before what it had sent itself: the message and the end of file come after. */
    do
        length = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    while (length < 0 && (errno == EINTR || errno == ECONNRESET));

    *ret_fd = -EBADF;
    if (length < 0)
        length = -errno;
    if (length > 0)
        take_ancillary(&message, ret_fd, &sender);
    /* a descriptor came, and there was no number left for it */
    if (length > 0 && (message.msg_flags & MSG_CTRUNC) != 0 && *ret_fd < 0)
        length = -EMFILE;
    if (ret_sender != NULL)
        *ret_sender = sender;
    return length;
}
