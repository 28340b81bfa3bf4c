/* SPDX-License-Identifier: Apache-2.0 */
#include "run/orders.h"

#include "base/cleanup.h"
#include "base/io.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

/* Strings on their way to a file, with the NUL after each. */
struct outlet {
    int fd;
    size_t used;
    char buffer[4096];
    uint64_t size; /* of all strings */
};

static int flush(struct outlet *outlet)
{
    int result = io_write_all(outlet->fd, outlet->buffer, outlet->used);

    outlet->used = 0;
    return result;
}

static int write_string(struct outlet *outlet, const char *text)
{
    size_t length = strlen(text) + 1;
    int result = 0;

    outlet->size += length;
    if (length > sizeof(outlet->buffer) - outlet->used)
        result = flush(outlet);
    if (result < 0)
        return result;
    if (length > sizeof(outlet->buffer))
        return io_write_all(outlet->fd, text, length);
    memcpy(outlet->buffer + outlet->used, text, length);
    outlet->used += length;
    return 0;
}

int orders_write_strings(const struct orders_strings *strings, struct wire_start *message)
{
    _cleanup_close_ int fd = memfd_create("sbx-command", MFD_CLOEXEC);
    struct outlet outlet = {.fd = fd};
    int result = fd < 0 ? -errno : 0;

    for (size_t i = 0; i < strings->argc && result == 0; i++)
        result = write_string(&outlet, strings->argv[i]);
    for (size_t i = 0; i < strings->envc && result == 0; i++)
        result = write_string(&outlet, strings->environment[i]);
    if (result == 0)
        result = write_string(&outlet, strings->directory);
    if (result == 0)
        result = flush(&outlet);
    if (result < 0)
        return result;
    message->strings_size = outlet.size;
    message->argc = (uint32_t)strings->argc;
    message->envc = (uint32_t)strings->envc;
    return take_fd(&fd);
}

void orders_begin(struct orders_start *start, int exec, int strings)
{
    start->message.type = WIRE_START;
    start->message.fd_count = 0;
    start->fds[0] = exec;
    start->fds[1] = strings;
    start->fd_count = 2;
}

/* Init takes them in the order of the numbers that they are to have. */
int orders_add_fd(struct orders_start *start, int fd, int target)
{
    size_t at = start->message.fd_count;

    if (at == WIRE_MAX_FDS)
        return -E2BIG;
    while (at > 0 && start->message.fd_targets[at - 1] > target) {
        start->message.fd_targets[at] = start->message.fd_targets[at - 1];
        start->fds[at + 2] = start->fds[at + 1];
        at--;
    }
    start->message.fd_targets[at] = target;
    start->fds[at + 2] = fd;
    start->message.fd_count++;
    start->fd_count++;
    return 0;
}

int orders_send_start(int control, const struct orders_start *start, int flags)
{
    struct iovec part = {.iov_base = (void *)&start->message, .iov_len = sizeof(start->message)};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(start->fds))];
    } ancillary = {0};
    struct msghdr message = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = ancillary.bytes,
        .msg_controllen = CMSG_SPACE(start->fd_count * sizeof(int)),
    };
    struct cmsghdr *header = &ancillary.header;

    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(start->fd_count * sizeof(int));
    memcpy(CMSG_DATA(header), start->fds, start->fd_count * sizeof(int));
    return sendmsg(control, &message, MSG_NOSIGNAL | flags) < 0 ? -errno : 0;
}

int orders_send_signal(int control, uint32_t command, int signal, bool to_group)
{
    const struct wire_signal message = {
        .type = WIRE_SIGNAL, .command = command, .signal = signal, .to_group = to_group};

    return send(control, &message, sizeof(message), MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

int orders_send_go(int exec)
{
    const uint32_t go = WIRE_GO;
    ssize_t length;

    do
        length = send(exec, &go, sizeof(go), MSG_NOSIGNAL);
    while (length < 0 && errno == EINTR);
    return length < 0 && errno != EPIPE && errno != ECONNRESET ? -errno : 0;
}
