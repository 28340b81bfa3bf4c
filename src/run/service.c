/* SPDX-License-Identifier: Apache-2.0 */
#include "run/service.h"

#include "base/cleanup.h"
#include "kernel/peer.h"
#include "kernel/process_tree.h"
#include "run/orders.h"
#include "run/receive.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LAST_SIGNAL   64
#define EXEC_MESSAGES 4 /* HELLO, LISTENER, EXEC_FAILED, and the end of file */

/* ------------------------------------------------------------------ the entry */

int service_open(const struct plan *plan, struct service *ret_service, struct sbx_error *err)
{
    struct service service = {.plan = plan, .control = -EBADF};
    struct sbx_error ignored = {0};
    int result = 0;

    service.entry = (struct register_entry){.directory = -EBADF, .listener = -EBADF};
    for (size_t i = 0; i < SERVICE_MAX_VISITORS; i++)
        service.visitors[i] = (struct visitor){.socket = -EBADF, .exec = -EBADF};
    if (plan->state_directory != NULL)
        result = register_add(plan->state_directory, plan->name,
                              plan->scope ? NULL : plan->cgroup, /* systemd sweeps its scopes */
                              &service.entry, plan->name != NULL ? err : &ignored);
    *ret_service = service; /* also where it fails: it is closed all the same */
    if (result < 0 && plan->name != NULL)
        return result;
    return 0;
}

void service_start(struct service *service, struct attestation *attestation, int control,
                   pid_t init, uint64_t start_ms, struct refusals *refusals)
{
    service->attestation = attestation;
    service->refusals = refusals;
    service->control = control;
    service->init = init;
    service->start_ms = start_ms;
}

static void let_go(struct visitor *visitor)
{
    cleanup_close(&visitor->exec);
    cleanup_close(&visitor->socket);
    *visitor = (struct visitor){.socket = -EBADF, .exec = -EBADF};
}

void service_close(struct service *service)
{
    for (size_t i = 0; i < SERVICE_MAX_VISITORS; i++)
        let_go(&service->visitors[i]);
    register_remove(&service->entry);
}

/* ------------------------------------------------------------------ answers */

static void answer(struct visitor *visitor, const void *message, size_t size)
{
    /* one that doesn't read is let go, rather than waited for */
    if (send(visitor->socket, message, size, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)size)
        shutdown(visitor->socket, SHUT_RDWR);
}

static void answer_failed(struct visitor *visitor, uint32_t stage, int number, uint32_t detail)
{
    const struct answer_failed failed = {
        .type = ANSWER_FAILED, .stage = stage, .number = number, .detail = detail};

    visitor->failed = true;
    answer(visitor, &failed, sizeof(failed));
}

static void answer_info(const struct service *service, struct visitor *visitor)
{
    const struct plan *plan = service->plan;
    struct answer_info info = {.type = ANSWER_INFO, .supervisor = getpid(), .init = service->init};
    struct process_tree tree = {0};
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    info.age_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000 - service->start_ms;
    (void)process_tree_read(service->init, &tree); /* zero where it has just ended */
    info.processes = tree.processes;
    info.cpu_ms = tree.cpu_ms;
    info.memory = tree.memory;
    text_copy(info.name, sizeof(info.name), service->entry.name);
    text_copy(info.profile, sizeof(info.profile), plan->profile != NULL ? plan->profile : "");
    text_copy(info.command, sizeof(info.command), plan->argv[0]);
    answer(visitor, &info, sizeof(info));
}

/* ------------------------------------------------------------------ a further command */

/* The next of the strings in the text, or NULL past its end. */
static const char *next_string(char **cursor, const char *end)
{
    char *string = *cursor;
    char *nul = string >= end ? NULL : memchr(string, '\0', (size_t)(end - string));

    if (nul == NULL)
        return NULL;
    *cursor = nul + 1;
    return string;
}

/* Set @variable ("NAME=VALUE") among the @count ones of @list, which has room for one more. */
static size_t set_variable(const char **list, size_t count, const char *variable)
{
    size_t length = strcspn(variable, "=") + 1;
    size_t i = 0;

    while (i < count && strncmp(list[i], variable, length) != 0)
        i++;
    list[i] = variable;
    return i == count ? count + 1 : count;
}

/* The strings of @request from @fd, with the sandbox's own environment below the visitor's. */
static int read_strings(struct arena *arena, const struct plan *plan,
                        const struct request_exec *request, int fd, struct orders_strings *ret)
{
    size_t size = (size_t)request->strings_size;
    size_t most = plan->environment_count + request->envc + 1;
    char *text = arena_alloc(arena, size + 1);
    const char **argv = arena_alloc(arena, ((size_t)request->argc + 1) * sizeof(*argv));
    const char **environment = arena_alloc(arena, (most + 1) * sizeof(*environment));
    struct orders_strings strings = {.argc = request->argc};
    char *cursor = text;
    size_t count = plan->environment_count;
    const char *directory;

    if (text == NULL || argv == NULL || environment == NULL)
        return -ENOMEM;
    if (pread(fd, text, size, 0) != (ssize_t)size)
        return -EBADMSG;
    for (size_t i = 0; i < request->argc; i++)
        if ((argv[i] = next_string(&cursor, text + size)) == NULL)
            return -EBADMSG;
    memcpy(environment, plan->environment, count * sizeof(*environment));
    for (size_t i = 0; i < request->envc; i++) {
        const char *variable = next_string(&cursor, text + size);

        if (variable == NULL || strchr(variable, '=') == NULL)
            return -EBADMSG;
        count = set_variable(environment, count, variable);
    }
    directory = next_string(&cursor, text + size);
    if (directory == NULL || cursor != text + size)
        return -EBADMSG;
    if (directory[0] != '\0') {
        const char *pwd = arena_printf(arena, "PWD=%s", directory);

        if (pwd == NULL)
            return -ENOMEM;
        count = set_variable(environment, count, pwd);
    }
    strings.argv = argv;
    strings.environment = environment;
    strings.envc = count;
    strings.directory = directory;
    *ret = strings;
    return 0;
}

static int check_exec(const struct request_exec *request, const int *fds, size_t fd_count)
{
    struct stat status;

    if (request->argc == 0 || request->fd_count > REQUEST_MAX_FDS ||
        fd_count != 1 + (size_t)request->fd_count || request->strings_size > REQUEST_MAX_STRINGS ||
        (uint64_t)request->argc + request->envc + 1 > request->strings_size)
        return -EBADMSG;
    for (uint32_t i = 0; i < request->fd_count; i++)
        if (request->fd_targets[i] >= REQUEST_MAX_FDS ||
            request->fd_targets[i] <= (i == 0 ? -1 : request->fd_targets[i - 1]))
            return -EBADMSG;
    if (fstat(fds[0], &status) < 0 || !S_ISREG(status.st_mode))
        return -EBADMSG;
    return 0;
}

/* A directory or an O_PATH descriptor would lead out of the view: openat(0, "../.."). */
static int check_descriptor(int fd)
{
    struct stat status;
    int flags = fcntl(fd, F_GETFL);

    if (flags < 0 || fstat(fd, &status) < 0)
        return -errno;
    return (flags & O_PATH) != 0 || S_ISDIR(status.st_mode) ? -EISDIR : 0;
}

static int start_command(struct service *service, struct visitor *visitor,
                         const struct request_exec *request, const int *fds)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct orders_start start = {.message.signal_mask = request->signal_mask};
    struct orders_strings strings;
    _cleanup_close_ int file = -EBADF;
    int ends[2];
    int one = 1;
    int result =
        arena == NULL ? -ENOMEM : read_strings(arena, service->plan, request, fds[0], &strings);

    if (result == 0)
        result = file = orders_write_strings(&strings, &start.message);
    if (result >= 0 && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        result = -errno;
    if (result < 0)
        return result;
    if (setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &one, sizeof(one)) < 0) {
        result = -errno;
        close(ends[0]);
        close(ends[1]);
        return result;
    }
    orders_begin(&start, ends[1], file);
    start.message.command = service->last_command + 1;
    for (uint32_t i = 0; i < request->fd_count; i++) {
        (void)orders_add_fd(&start, fds[1 + i], request->fd_targets[i]);
        visitor->fds[i] = request->fd_targets[i];
    }
    visitor->fd_count = request->fd_count;
    result = orders_send_start(service->control, &start, MSG_DONTWAIT);
    close(ends[1]);
    if (result < 0) {
        close(ends[0]);
        return result;
    }
    visitor->exec = ends[0];
    visitor->command = ++service->last_command;
    return 0;
}

static void on_exec_request(struct service *service, struct visitor *visitor,
                            const struct request_exec *request, const int *fds, size_t fd_count)
{
    int result = visitor->command != 0 ? -EBUSY : check_exec(request, fds, fd_count);

    for (size_t i = 1; i < fd_count && result == 0; i++)
        result = check_descriptor(fds[i]);
    if (result == 0)
        result = start_command(service, visitor, request, fds);
    if (result < 0)
        answer_failed(visitor, 0, -result, 0);
}

/* A command whose refused calls nobody would hear of doesn't run. */
static void on_exec_listener(struct service *service, struct visitor *visitor, int listener)
{
    int result = refusals_add(service->refusals, listener);

    if (result == 0)
        return;
    answer_failed(visitor, WIRE_STAGE_SECCOMP, -result, 0);
    (void)orders_send_signal(service->control, visitor->command, SIGKILL, true);
}

/* It gets its GO where what is in force is what was planned; without one it ends. */
static void on_hello(struct service *service, struct visitor *visitor, pid_t pid,
                     const struct wire_hello *hello)
{
    const struct attest_command command = {.fds = visitor->fds, .fd_count = visitor->fd_count};
    int result = attestation_command(service->attestation, pid, hello, &command, NULL);

    result = result < 0 ? -EPROTO : orders_send_go(visitor->exec);
    if (result == 0)
        return;
    answer_failed(visitor, WIRE_STAGE_HANDSHAKE, -result, 0);
    close(take_fd(&visitor->exec));
}

/* The command's process: it shows itself, waits for the word, and is gone with its exec. */
static void on_exec_socket(struct service *service, struct visitor *visitor)
{
    union {
        uint32_t type;
        struct wire_hello hello;
        struct wire_exec_failed failed;
    } content;
    const uint32_t started = ANSWER_STARTED;
    _cleanup_close_ int fd = -EBADF;
    pid_t sender;
    ssize_t length = receive(visitor->exec, &content, sizeof(content), &fd, &sender);

    if (length == -EAGAIN)
        return;
    if (length <= 0) {
        close(take_fd(&visitor->exec));
        if (!visitor->failed)
            answer(visitor, &started, sizeof(started));
    } else if (length == sizeof(content.type) && content.type == WIRE_LISTENER &&
               refusals_wanted(service->refusals)) {
        on_exec_listener(service, visitor, take_fd(&fd));
    } else if (length == sizeof(content.hello) && content.type == WIRE_HELLO) {
        on_hello(service, visitor, sender, &content.hello);
    } else if (length == sizeof(content.failed) && content.type == WIRE_EXEC_FAILED) {
        answer_failed(visitor, content.failed.stage, content.failed.number, content.failed.detail);
    }
}

void service_changed(struct service *service, const struct wire_changed *changed)
{
    const struct answer_changed message = {
        .type = ANSWER_CHANGED, .change = changed->change, .value = changed->value};

    for (size_t i = 0; i < SERVICE_MAX_VISITORS; i++) {
        struct visitor *visitor = &service->visitors[i];

        if (visitor->socket < 0 || visitor->command != changed->command)
            continue;
        /* what its exec socket has to say came before its end */
        for (int left = EXEC_MESSAGES; left > 0 && visitor->exec >= 0; left--)
            on_exec_socket(service, visitor);
        answer(visitor, &message, sizeof(message));
        if (changed->change == WIRE_EXITED || changed->change == WIRE_KILLED) {
            visitor->command = 0;
            shutdown(visitor->socket, SHUT_RDWR);
        }
    }
}

/* ------------------------------------------------------------------ visitors */

/* What runs inside, in this sandbox or another, has the caller's uid as well. */
static bool is_own(int socket)
{
    struct ucred peer;
    socklen_t size = sizeof(peer);

    return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
           (peer.uid == geteuid() || peer.uid == 0) && peer_check_outside(socket) == 0;
}

static void on_listener(struct service *service)
{
    int fd = accept4(service->entry.listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd < 0)
        return;
    for (size_t i = 0; i < SERVICE_MAX_VISITORS && is_own(fd); i++) {
        if (service->visitors[i].socket >= 0)
            continue;
        service->visitors[i] = (struct visitor){.socket = fd, .exec = -EBADF};
        return;
    }
    close(fd);
}

static void on_goodbye(struct service *service, struct visitor *visitor)
{
    if (visitor->command != 0 && service->control >= 0)
        (void)orders_send_signal(service->control, visitor->command, SIGKILL, true);
    let_go(visitor);
}

static void on_request(struct service *service, struct visitor *visitor,
                       const union request *request, size_t length, const int *fds, size_t fd_count)
{
    if (length == sizeof(request->exec) && request->type == REQUEST_EXEC) {
        on_exec_request(service, visitor, &request->exec, fds, fd_count);
    } else if (length == sizeof(request->type) && request->type == REQUEST_INFO) {
        answer_info(service, visitor);
    } else if (length == sizeof(request->stop) && request->type == REQUEST_STOP) {
        service->stop = true;
        service->stop_grace = request->stop.grace_ms;
    } else if (length == sizeof(request->signal) && request->type == REQUEST_SIGNAL &&
               visitor->command != 0 && request->signal.signal > 0 &&
               request->signal.signal <= LAST_SIGNAL) {
        (void)orders_send_signal(service->control, visitor->command, request->signal.signal,
                                 request->signal.to_group != 0);
    }
}

static size_t descriptors_of(struct msghdr *message, int fds[static 1 + REQUEST_MAX_FDS])
{
    const struct cmsghdr *header = CMSG_FIRSTHDR(message);
    size_t size;

    if (header == NULL || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
        return 0;
    size = header->cmsg_len - CMSG_LEN(0);
    memcpy(fds, CMSG_DATA(header), size);
    return size / sizeof(int);
}

static void on_visitor(struct service *service, struct visitor *visitor)
{
    union request request;
    int fds[1 + REQUEST_MAX_FDS];
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(fds))];
    } ancillary;
    struct iovec part = {.iov_base = &request, .iov_len = sizeof(request)};
    struct msghdr message = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = ancillary.bytes,
        .msg_controllen = sizeof(ancillary),
    };
    ssize_t length = recvmsg(visitor->socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    size_t fd_count;

    if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (length <= 0) {
        on_goodbye(service, visitor);
        return;
    }
    fd_count = descriptors_of(&message, fds);
    if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0 && service->control >= 0)
        on_request(service, visitor, &request, (size_t)length, fds, fd_count);
    for (size_t i = 0; i < fd_count; i++)
        close(fds[i]);
}

size_t service_watch(const struct service *service, struct pollfd *watched)
{
    size_t used = 1;

    watched[0] = (struct pollfd){.fd = service->entry.listener, .events = POLLIN};
    for (size_t i = 0; i < SERVICE_MAX_VISITORS; i++) {
        const struct visitor *visitor = &service->visitors[i];

        watched[1 + 2 * i] = (struct pollfd){.fd = visitor->socket, .events = POLLIN};
        watched[2 + 2 * i] = (struct pollfd){.fd = visitor->exec, .events = POLLIN};
        if (visitor->socket >= 0 || visitor->exec >= 0)
            used = 3 + 2 * i;
    }
    /* unused places count for poll(2) too, which refuses more than RLIMIT_NOFILE of them */
    return used;
}

void service_handle(struct service *service, const struct pollfd *watched, size_t count)
{
    for (size_t i = 0; i < SERVICE_MAX_VISITORS && 2 + 2 * i < count; i++) {
        struct visitor *visitor = &service->visitors[i];

        if (watched[2 + 2 * i].revents != 0 && visitor->exec >= 0)
            on_exec_socket(service, visitor);
        if (watched[1 + 2 * i].revents != 0 && visitor->socket >= 0)
            on_visitor(service, visitor);
    }
    /* last: a new visitor may take a slot that was just left */
    if (watched[0].revents != 0)
        on_listener(service);
}
