/* SPDX-License-Identifier: Apache-2.0 */
/* Messages with descriptors, and whether any of these is left open. */
#ifndef TESTS_FUZZ_DESCRIPTORS_H
#define TESTS_FUZZ_DESCRIPTORS_H

#include "fuzz/fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define DESCRIPTORS_MOST 128

/** What was open before a run: the fuzzer's own. */
struct descriptors {
    bool open[DESCRIPTORS_MOST];
};

static inline void descriptors_remember(struct descriptors *ret_before)
{
    for (int fd = 0; fd < DESCRIPTORS_MOST; fd++)
        ret_before->open[fd] = fcntl(fd, F_GETFD) >= 0;
}

/** How many are open that were not before; they are closed. */
static inline unsigned descriptors_close_new(const struct descriptors *before)
{
    unsigned count = 0;

    for (int fd = 3; fd < DESCRIPTORS_MOST; fd++)
        if (!before->open[fd] && fcntl(fd, F_GETFD) >= 0) {
            close(fd);
            count++;
        }
    return count;
}

static inline void descriptors_pair(int ret_ends[static 2])
{
    CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ret_ends) == 0,
          "%s", strerror(errno));
}

/** A memory file that holds @content. */
static inline int descriptors_memory(const void *content, size_t size)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);

    CHECK(fd >= 0 && write(fd, content, size) == (ssize_t)size, "%s", strerror(errno));
    return fd;
}

/** Send @message with @fds; false where the other end is closed, or has no room. */
static inline bool descriptors_send(int socket, const void *message, size_t size, const int *fds,
                                    size_t count)
{
    struct iovec part = {.iov_base = (void *)message, .iov_len = size};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(16 * sizeof(int))];
    } ancillary = {0};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};

    CHECK(count <= 16);
    if (count > 0) {
        ancillary.header.cmsg_level = SOL_SOCKET;
        ancillary.header.cmsg_type = SCM_RIGHTS;
        ancillary.header.cmsg_len = CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(&ancillary.header), fds, count * sizeof(int));
        header.msg_control = ancillary.bytes;
        header.msg_controllen = CMSG_SPACE(count * sizeof(int));
    }
    return sendmsg(socket, &header, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)size;
}

/** A descriptor of a kind that @input chooses; a memory file of strings more often than others. */
static inline int descriptors_any(struct input *input, const void *strings, size_t size)
{
    int ends[2];

    switch (input_number(input, 1) % 8) {
    case 0:
        return open("/", O_PATH | O_CLOEXEC);
    case 1:
        return open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    case 2:
        return open("/dev/null", O_RDWR | O_CLOEXEC);
    case 3:
        descriptors_pair(ends);
        close(ends[1]);
        return ends[0];
    default:
        return descriptors_memory(strings, size);
    }
}

/** Raw bytes as a message, with descriptors of any kind. */
static inline void descriptors_send_any(int socket, struct input *input)
{
    size_t count = input_number(input, 1) % 8;
    struct input strings = input_part(input, input_number(input, 1));
    struct input message;
    int fds[8];

    for (size_t i = 0; i < count; i++)
        fds[i] = descriptors_any(input, strings.data, strings.size);
    message = input_part(input, input_number(input, 2));
    if (message.size > 0)
        (void)descriptors_send(socket, message.data, message.size, fds, count);
    for (size_t i = 0; i < count; i++)
        close(fds[i]);
}

#endif
