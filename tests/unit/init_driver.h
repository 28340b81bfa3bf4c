/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A supervisor in small, for test_init.c: it executes the embedded init as pid 1 of new user, pid
 * and mount namespaces and speaks its protocol message by message.  Where something goes wrong
 * that is not the subject of a test, the test fails on the spot.
 */
#ifndef TESTS_INIT_DRIVER_H
#define TESTS_INIT_DRIVER_H

#include "init/wire.h"
#include "run/init_image.h"
#include "run/receive.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <linux/securebits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 15000

#define FIRST     7 /* the number of the first command */
#define ARGV(...) ((const char *const[]){__VA_ARGS__, NULL})
#define PATH      "PATH=/usr/local/bin:/usr/bin:/bin"

enum launch_flags {
    LAUNCH_FRESH_PROC = 1,
    LAUNCH_WITHOUT_NO_NEW_PRIVS = 2,
    LAUNCH_WITHOUT_PID_NAMESPACE = 4,
    LAUNCH_IGNORING_HANGUP = 8,
    LAUNCH_IGNORING_CHILDREN = 16,
    LAUNCH_BLOCKING_SIGNALS = 32,
    LAUNCH_FRESH_PTS = 64,
    LAUNCH_EMPTY_PTS = 128,
};

struct sandbox {
    pid_t init; /* as the host numbers it */
    int control;
};

/** What a command is to be; zero means: no strings, descriptors, limits. */
struct request {
    const char *const *argv;
    const char *const *environment;
    const char *directory;
    uint64_t signal_mask;
    bool session;
    uint32_t terminal;
    uint32_t fd_count;
    int fds[WIRE_MAX_FDS];
    int targets[WIRE_MAX_FDS];
};

/** Skip the test for want of @feature, unless the environment says that it must work. */
static inline void skip_without(const char *feature, const char *why)
{
    const char *must_work = getenv("SBX_TEST_MUST_WORK");

    if (must_work != NULL && strstr(must_work, feature) != NULL)
        cr_assert_fail("%s must work here, but: %s", feature, why);
    cr_skip_test("no %s here: %s", feature, why);
}

/* ---- the launch ---- */

static inline bool write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

    if (fd >= 0)
        close(fd);
    return written;
}

static inline bool map_own_ids(uid_t uid, gid_t gid)
{
    char uid_map[64], gid_map[64];

    snprintf(uid_map, sizeof(uid_map), "%u %u 1\n", uid, uid);
    snprintf(gid_map, sizeof(gid_map), "%u %u 1\n", gid, gid);
    return write_file("/proc/self/setgroups", "deny") &&
           write_file("/proc/self/uid_map", uid_map) && write_file("/proc/self/gid_map", gid_map);
}

static inline void prepare_signals(unsigned flags)
{
    sigset_t all;

    sigfillset(&all);
    for (int number = 1; number < SIGRTMIN; number++)
        if (number != SIGKILL && number != SIGSTOP)
            signal(number, SIG_DFL);
    if (flags & LAUNCH_IGNORING_HANGUP)
        signal(SIGHUP, SIG_IGN);
    if (flags & LAUNCH_IGNORING_CHILDREN)
        signal(SIGCHLD, SIG_IGN);
    sigprocmask((flags & LAUNCH_BLOCKING_SIGNALS) ? SIG_BLOCK : SIG_UNBLOCK, &all, NULL);
}

/** Exec init as the launcher would; returns only where that fails. */
static inline void become_init(unsigned flags, int image, int control)
{
    static char name[] = "sbx-init";
    char *const argv[] = {name, NULL};
    char *const environment[] = {NULL};

    if ((flags & (LAUNCH_FRESH_PROC | LAUNCH_FRESH_PTS | LAUNCH_EMPTY_PTS)) != 0 &&
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return;
    if ((flags & LAUNCH_FRESH_PROC) != 0 &&
        mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
        return;
    if ((flags & LAUNCH_FRESH_PTS) != 0 &&
        mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "ptmxmode=0666") < 0)
        return;
    if ((flags & LAUNCH_EMPTY_PTS) != 0 && mount("none", "/dev/pts", "tmpfs", 0, NULL) < 0)
        return;
    /* So that uid 0 of the namespace has no capability after the exec. */
    if (prctl(PR_SET_SECUREBITS, SECURE_ALL_BITS | SECURE_ALL_LOCKS, 0, 0, 0) < 0)
        return;
    if (!(flags & LAUNCH_WITHOUT_NO_NEW_PRIVS) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return;
    prepare_signals(flags);
    if (dup2(control, 0) < 0)
        return;
    close(1);
    close(2);
    syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC);
    syscall(SYS_execveat, image, "", argv, environment, AT_EMPTY_PATH);
}

static inline int image_file(void)
{
    size_t size = (size_t)(sbx_init_image_end - sbx_init_image);
    int fd = memfd_create("sbx-init", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, sbx_init_image, size), (ssize_t)size);
    cr_assert_eq(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE),
                 0);
    return fd;
}

/** Start init, without a CONFIG.  Skips the test where the host allows no namespaces. */
static inline struct sandbox launch(unsigned flags)
{
    struct clone_args args = {.flags = CLONE_NEWUSER | CLONE_NEWNS, .exit_signal = SIGCHLD};
    uid_t uid = geteuid();
    gid_t gid = getegid();
    int image = image_file();
    int pair[2], trouble[2], number = 0;
    struct sandbox sandbox;

    cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    cr_assert_eq(pipe2(trouble, O_CLOEXEC), 0);
    if (!(flags & LAUNCH_WITHOUT_PID_NAMESPACE))
        args.flags |= CLONE_NEWPID;
    sandbox.init = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
    if (sandbox.init < 0)
        skip_without("userns", strerror(errno));
    if (sandbox.init == 0) {
        if (map_own_ids(uid, gid))
            become_init(flags, image, pair[1]);
        number = errno;
        (void)!write(trouble[1], &number, sizeof(number));
        _exit(99);
    }
    close(image);
    close(pair[1]);
    close(trouble[1]);
    if (read(trouble[0], &number, sizeof(number)) != 0) {
        waitpid(sandbox.init, NULL, 0);
        skip_without((flags & LAUNCH_FRESH_PROC) ? "proc" : "userns", strerror(number));
    }
    close(trouble[0]);
    sandbox.control = pair[0];
    return sandbox;
}

/** Init's exit code once it has ended, or minus the signal that killed it. */
static inline int init_result(const struct sandbox *sandbox)
{
    int status = 0;

    cr_assert_eq(waitpid(sandbox->init, &status, 0), sandbox->init, "init is gone already");
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* ---- messages ---- */

static inline void send_bytes(int socket, const void *data, size_t size, const int *fds,
                              size_t fd_count)
{
    union {
        struct cmsghdr align;
        unsigned char space[CMSG_SPACE(sizeof(int) * (WIRE_MAX_FDS + 3))];
    } control = {.space = {0}};
    struct iovec vector = {.iov_base = (void *)data, .iov_len = size};
    struct msghdr header = {.msg_iov = &vector, .msg_iovlen = 1};

    if (fd_count > 0) {
        header.msg_control = &control;
        header.msg_controllen = CMSG_SPACE(sizeof(int) * fd_count);
        control.align.cmsg_level = SOL_SOCKET;
        control.align.cmsg_type = SCM_RIGHTS;
        control.align.cmsg_len = CMSG_LEN(sizeof(int) * fd_count);
        memcpy(CMSG_DATA(&control.align), fds, sizeof(int) * fd_count);
    }
    cr_assert_eq(sendmsg(socket, &header, MSG_NOSIGNAL), (ssize_t)size, "sendmsg: %s",
                 strerror(errno));
}

static inline void send_config(const struct sandbox *sandbox, const struct wire_rlimit *rlimits,
                               uint32_t rlimit_count, const struct sock_filter *filter,
                               uint32_t filter_length)
{
    struct {
        struct wire_config head;
        struct sock_filter filter[64];
    } config = {.head = {.type = WIRE_CONFIG,
                         .rlimit_count = rlimit_count,
                         .filter_length = filter_length}};

    if (rlimit_count > 0)
        memcpy(config.head.rlimits, rlimits, rlimit_count * sizeof(*rlimits));
    if (filter_length > 0)
        memcpy(config.filter, filter, filter_length * sizeof(*filter));
    send_bytes(sandbox->control, &config, sizeof(config.head) + filter_length * sizeof(*filter),
               NULL, 0);
}

/** Append @count strings to @file; returns the bytes written. */
static inline size_t write_strings(int file, const char *const *strings, uint32_t *ret_count)
{
    size_t size = 0;

    *ret_count = 0;
    for (; strings != NULL && strings[*ret_count] != NULL; (*ret_count)++) {
        size_t length = strlen(strings[*ret_count]) + 1;

        cr_assert_eq(write(file, strings[*ret_count], length), (ssize_t)length);
        size += length;
    }
    return size;
}

/** Send START.  Returns our end of the exec socket. */
static inline int send_start(const struct sandbox *sandbox, uint32_t number,
                             const struct request *request)
{
    const char *const directory[] = {request->directory == NULL ? "" : request->directory, NULL};
    struct wire_start start = {.type = WIRE_START,
                               .command = number,
                               .signal_mask = request->signal_mask,
                               .session = request->session,
                               .terminal = request->terminal,
                               .fd_count = request->fd_count};
    int fds[WIRE_MAX_FDS + 2], pair[2], on = 1;
    int strings = memfd_create("strings", MFD_CLOEXEC);
    uint32_t one;

    cr_assert_geq(strings, 0);
    start.strings_size = write_strings(strings, request->argv, &start.argc);
    start.strings_size += write_strings(strings, request->environment, &start.envc);
    start.strings_size += write_strings(strings, directory, &one);
    cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    cr_assert_eq(setsockopt(pair[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)), 0);
    fds[0] = pair[1];
    fds[1] = strings;
    memcpy(fds + 2, request->fds, request->fd_count * sizeof(int));
    memcpy(start.fd_targets, request->targets, request->fd_count * sizeof(int));
    send_bytes(sandbox->control, &start, sizeof(start), fds, 2 + request->fd_count);
    close(pair[1]);
    close(strings);
    return pair[0];
}

static inline void wait_readable(int fd, const char *what)
{
    struct pollfd source = {.fd = fd, .events = POLLIN};

    cr_assert_eq(poll(&source, 1, PATIENCE_MS), 1, "nothing came: %s", what);
}

/** Wait for one message of the exec socket, as receive() has it.  Returns its length. */
static inline ssize_t receive_word(int exec_socket, void *buffer, size_t size, int *ret_fd,
                                   pid_t *ret_sender)
{
    ssize_t length;

    wait_readable(exec_socket, "a word of the command's process");
    length = receive(exec_socket, buffer, size, ret_fd, ret_sender);
    cr_assert_gt(length, 0, "the command's process has ended without a word");
    cr_assert_gt(*ret_sender, 0, "the kernel doesn't say whose word it is");
    return length;
}

/** Wait for TERMINAL.  Returns the master. */
static inline int expect_terminal(int exec_socket)
{
    uint32_t type = 0;
    pid_t sender;
    int master;

    cr_assert_eq(receive_word(exec_socket, &type, sizeof(type), &master, &sender),
                 (ssize_t)sizeof(type));
    cr_assert_eq(type, WIRE_TERMINAL);
    cr_assert_geq(master, 0, "no terminal came");
    return master;
}

/** Wait for HELLO.  Returns the command's pid as the host numbers it. */
static inline pid_t expect_hello_saying(int exec_socket, struct wire_hello *ret_hello)
{
    pid_t sender;
    int none;

    cr_assert_eq(receive_word(exec_socket, ret_hello, sizeof(*ret_hello), &none, &sender),
                 (ssize_t)sizeof(*ret_hello));
    cr_assert_eq(ret_hello->type, WIRE_HELLO);
    cr_assert_lt(none, 0, "a descriptor nobody asked for");
    return sender;
}

static inline pid_t expect_hello(int exec_socket)
{
    struct wire_hello hello;

    return expect_hello_saying(exec_socket, &hello);
}

/** Is the next word that something has failed? */
static inline bool fails_before_hello(int exec_socket)
{
    uint32_t type = 0;

    wait_readable(exec_socket, "HELLO or a failure");
    cr_assert_eq(recv(exec_socket, &type, sizeof(type), MSG_PEEK), (ssize_t)sizeof(type));
    return type == WIRE_EXEC_FAILED;
}

static inline void send_go(int exec_socket)
{
    uint32_t type = WIRE_GO;
    ssize_t length = send(exec_socket, &type, sizeof(type), MSG_NOSIGNAL);

    /* one that has given up is not there any more: what it said is looked at later */
    cr_assert(length == (ssize_t)sizeof(type) || errno == EPIPE, "GO: %s", strerror(errno));
}

/** Wait for EXEC_FAILED or the end of file.  Returns whether the exec failed; closes the socket. */
static inline bool exec_failed(int exec_socket, struct wire_exec_failed *ret_failed)
{
    ssize_t length;

    wait_readable(exec_socket, "the exec's result");
    length = recv(exec_socket, ret_failed, sizeof(*ret_failed), 0);
    cr_assert(length == 0 || length == (ssize_t)sizeof(*ret_failed), "got %zd bytes", length);
    cr_assert(length == 0 || ret_failed->type == WIRE_EXEC_FAILED);
    close(exec_socket);
    return length > 0;
}

static inline struct wire_changed expect_changed(const struct sandbox *sandbox)
{
    struct wire_changed changed = {0};

    wait_readable(sandbox->control, "CHANGED");
    cr_assert_eq(recv(sandbox->control, &changed, sizeof(changed), 0), (ssize_t)sizeof(changed),
                 "init has ended without a word");
    cr_assert_eq(changed.type, WIRE_CHANGED);
    return changed;
}

static inline void send_signal(const struct sandbox *sandbox, uint32_t number, int signal_number,
                               bool to_group)
{
    struct wire_signal order = {
        .type = WIRE_SIGNAL, .command = number, .signal = signal_number, .to_group = to_group};

    send_bytes(sandbox->control, &order, sizeof(order), NULL, 0);
}

/* ---- one whole run ---- */

struct setup {
    unsigned flags;
    const struct wire_rlimit *rlimits;
    uint32_t rlimit_count;
    const struct sock_filter *filter;
    uint32_t filter_length;
    struct request request; /* 0, 1 and 2 are added where it has no descriptors */
};

struct result {
    bool failed; /* then only failure and init_code mean anything */
    struct wire_exec_failed failure;
    struct wire_changed changed;
    int init_code;
    char output[16384];
};

/** Read @fd to its end, which must come. */
static inline void read_all(int fd, char *buffer, size_t size)
{
    size_t used = 0;
    ssize_t count;

    do {
        wait_readable(fd, "output or its end");
        count = read(fd, buffer + used, size - 1 - used);
        cr_assert_geq(count, 0);
        used += (size_t)count;
        cr_assert_lt(used, size - 1, "too much output");
    } while (count > 0);
    buffer[used] = '\0';
    close(fd);
}

/** /dev/null as 0, the pipe @output as 1 and 2. */
static inline void usual_descriptors(struct request *request, int output)
{
    request->fd_count = 3;
    for (int i = 0; i < 3; i++)
        request->targets[i] = i;
    request->fds[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    request->fds[1] = request->fds[2] = output;
}

static inline struct result run(const struct setup *setup)
{
    struct sandbox sandbox = launch(setup->flags);
    struct request request = setup->request;
    struct result result = {0};
    int output[2], exec_socket;

    cr_assert_eq(pipe2(output, O_CLOEXEC), 0);
    if (request.fd_count == 0)
        usual_descriptors(&request, output[1]);
    send_config(&sandbox, setup->rlimits, setup->rlimit_count, setup->filter, setup->filter_length);
    exec_socket = send_start(&sandbox, FIRST, &request);
    close(output[1]);
    if (!fails_before_hello(exec_socket)) {
        expect_hello(exec_socket);
        send_go(exec_socket);
    }
    result.failed = exec_failed(exec_socket, &result.failure);
    read_all(output[0], result.output, sizeof(result.output));
    result.changed = expect_changed(&sandbox);
    cr_assert_eq(result.changed.command, FIRST);
    result.init_code = init_result(&sandbox);
    close(sandbox.control);
    return result;
}

static inline struct result run_shell_with(struct setup setup, const char *script)
{
    struct result result;

    setup.request.argv = ARGV("sh", "-c", script);
    setup.request.environment = ARGV(PATH);
    result = run(&setup);
    cr_assert_not(result.failed, "exec failed: stage %u, %s", result.failure.stage,
                  strerror(result.failure.number));
    cr_assert_eq(result.init_code, WIRE_INIT_DONE);
    return result;
}

static inline struct result run_shell(const char *script)
{
    return run_shell_with((struct setup){0}, script);
}

static inline void assert_ended(const struct wire_changed *changed, enum wire_change change,
                                int value)
{
    cr_assert_eq(changed->change, change, "change %u with %d", changed->change, changed->value);
    cr_assert_eq(changed->value, value, "change %u with %d", changed->change, changed->value);
}

/** A command that is left running, its output in a pipe. */
struct session {
    struct sandbox sandbox;
    int output;
    int input;
    pid_t pid; /* as the host numbers it */
};

static inline struct session start_shell(const char *script)
{
    struct session session = {.sandbox = launch(0)};
    struct request request = {.argv = ARGV("sh", "-c", script), .environment = ARGV(PATH)};
    struct wire_exec_failed failure;
    int output[2], input[2], exec_socket;

    cr_assert_eq(pipe2(output, O_CLOEXEC), 0);
    cr_assert_eq(pipe2(input, O_CLOEXEC), 0);
    usual_descriptors(&request, output[1]);
    close(request.fds[0]);
    request.fds[0] = input[0];
    send_config(&session.sandbox, NULL, 0, NULL, 0);
    exec_socket = send_start(&session.sandbox, FIRST, &request);
    session.pid = expect_hello(exec_socket);
    send_go(exec_socket);
    cr_assert_not(exec_failed(exec_socket, &failure));
    close(output[1]);
    close(input[0]);
    session.output = output[0];
    session.input = input[1];
    return session;
}

static inline void expect_line(const struct session *session, const char *line)
{
    char buffer[128] = "";
    size_t used = 0;

    do {
        wait_readable(session->output, line);
        cr_assert_eq(read(session->output, buffer + used, 1), 1, "end of output before %s", line);
    } while (buffer[used++] != '\n' && used < sizeof(buffer) - 1);
    buffer[used - 1] = '\0';
    cr_assert_str_eq(buffer, line);
}

static inline void expect_change(const struct session *session, enum wire_change change, int value)
{
    struct wire_changed changed = expect_changed(&session->sandbox);

    cr_assert_eq(changed.command, FIRST);
    assert_ended(&changed, change, value);
}

#endif
