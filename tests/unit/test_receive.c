/* SPDX-License-Identifier: Apache-2.0 */
/* What comes along with a message of a process inside. */
#include "run/receive.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Send a word with @count copies of descriptor 0. */
static void send_with(int socket, size_t count)
{
    union {
        struct cmsghdr header;
        unsigned char space[CMSG_SPACE(8 * sizeof(int))];
    } control = {0};
    char word = 'w';
    struct iovec part = {.iov_base = &word, .iov_len = 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    int zero = 0;

    control.header = (struct cmsghdr){.cmsg_len = CMSG_LEN(count * sizeof(int)),
                                      .cmsg_level = SOL_SOCKET,
                                      .cmsg_type = SCM_RIGHTS};
    for (size_t i = 0; i < count; i++)
        memcpy(CMSG_DATA(&control.header) + i * sizeof(int), &zero, sizeof(zero));
    if (count > 0) {
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    }
    cr_assert_eq(sendmsg(socket, &message, 0), 1);
}

static int open_descriptors(void)
{
    int count = 0;

    for (int fd = 0; fd < 256; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

Test(receive, one_descriptor_is_taken_and_of_more_none_stays_open)
{
    for (size_t sent = 0; sent <= 8; sent++) {
        int ends[2];
        int fd;
        char word;
        int before;

        cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
        send_with(ends[0], sent);
        before = open_descriptors();
        cr_expect_eq(receive(ends[1], &word, 1, &fd, NULL), 1, "%zu", sent);
        cr_expect_eq(fd >= 0, sent > 0, "%zu", sent);
        cr_expect_eq(open_descriptors(), before + (sent > 0), "%zu", sent);
        if (fd >= 0) {
            cr_expect_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
            close(fd);
        }
        close(ends[0]);
        cr_expect_eq(receive(ends[1], &word, 1, &fd, NULL), 0, "the end of file");
        close(ends[1]);
    }
}

Test(receive, nothing_to_be_had)
{
    int ends[2];
    char word;
    int fd;
    pid_t sender = 1;

    cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    cr_expect_eq(receive(ends[1], &word, 1, &fd, &sender), -EAGAIN);
    cr_expect_lt(fd, 0);
    cr_expect_eq(sender, 0);
    cr_expect_eq(receive(-1, &word, 1, &fd, NULL), -EBADF);
    close(ends[0]);
    close(ends[1]);
}
