/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sbx-init: pid 1 of a sandbox.
 *
 * Theory of operation
 *
 * The launcher makes the namespaces and the view, gives up every capability, sets no_new_privs
 * and Landlock, and then executes this program by descriptor, from a sealed memory file, with an
 * empty environment, one argument and one descriptor: 0, the control socket.  Init takes orders
 * from that socket (wire.h), starts commands, reaps, and reports.  It lives among hostile
 * processes of its own uid; what keeps it out of their hands:
 *
 *   - It is a new program.  After a mere fork, /proc/1 would show the launcher's memory: its
 *     arguments, its environment, its descriptors.  The exec leaves nothing of that, and gives the
 *     process an mm that belongs to the sandbox's user namespace.
 *   - It is not dumpable.  So nobody inside may trace it, read its memory, follow a link in
 *     /proc/1/fd, or take the control socket with pidfd_getfd(2).  Forked children inherit that
 *     until their exec: a hostile command can kill one that is being started beside it, not more.
 *   - It has no signal handler.  The kernel drops every signal that a process inside sends to the
 *     pid 1 of its namespace unless that has a handler for it, SIGKILL and SIGSTOP included.  Only
 *     SIGCHLD is blocked and read from a signalfd; a forged one makes init look for dead
 *     children and find none.
 *   - It reads nothing that they could write: no file, no environment, no other socket.  All
 *     messages come from the supervisor; one that is malformed means that something is broken,
 *     and init ends, and so does the sandbox.
 *   - It has no capability: whoever got hold of it would still be where the command is, behind the
 *     same namespaces and Landlock rules.  And it is small: no stdio, no heap.
 *
 * What the supervisor builds on:
 *
 *   - Init's end is the sandbox's end: the kernel kills every process of the namespace and reaps
 *     them before the parent sees init's exit.  Init exits when the first command has ended and
 *     when the control socket is closed, however the supervisor came to die.
 *   - The command's status can't be forged: it is what waitid(2) tells the real parent, sent over a
 *     socket that a forked child closes first of all.
 *   - Init and each command have a process group of their own.  kill(0, ...) and kill(-1, ...)
 *     from inside hit nobody outside.  And because init is in the same session, but another
 *     group, than the command, that group is not an orphaned one: Ctrl-Z stops it.
 *   - A signal is sent only to a command that init has not yet reaped; until then the kernel gives
 *     neither its pid nor its process group's number to anybody else.
 *   - All commands, whoever asks for them and when, take the one way through command_run() with
 *     the one lockdown of the one CONFIG, on top of what init itself inherited and cannot undo:
 *     they have the same isolation by construction.
 *   - After START init closes every descriptor that came with it: it holds no end of a pipe that
 *     somebody waits for, no terminal, no file of the caller.
 *
 * Dispositions of signals pass through init unchanged (nohup's ignored SIGHUP reaches the
 * command), but for SIGCHLD: ignored, it would make the kernel reap instead of init.  Init takes
 * the default and every command gets back what was inherited.
 */
#include "init/command.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CONTROL     0
#define LAST_SIGNAL 64

/* Children reaped before the control socket is looked at again: an endless stream of dying
 * orphans must not keep the supervisor's word, or its end, from being heard. */
#define REAP_AT_ONCE 256

struct running {
    pid_t pid; /* 0: a free slot */
    uint32_t number;
};

struct init {
    struct {
        struct wire_config head;
        struct sock_filter filter[WIRE_MAX_FILTER];
    } config;
    struct lockdown lockdown;
    struct running running[WIRE_MAX_RUNNING];
    pid_t first; /* 0: no START yet */
    int signal_fd;
};

struct message {
    union {
        uint32_t type;
        struct wire_start start;
        struct wire_signal signal;
    } body;
    size_t length;
    int fds[2 + WIRE_MAX_FDS];
    size_t fd_count;
};

static _Noreturn void leave(enum wire_init_exit code)
{
    _exit(code);
}

/** For what holds unless the system is broken. */
static void must(bool holds, enum wire_init_exit otherwise)
{
    if (!holds)
        leave(otherwise);
}

static void set_up(struct init *init)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigset_t mask;

    must(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0, WIRE_INIT_SYSTEM_FAILURE);
    must(prctl(PR_SET_NAME, "sbx-init", 0, 0, 0) == 0, WIRE_INIT_SYSTEM_FAILURE);
    /* What all the rest rests on, and what only the launcher can do. */
    must(getpid() == 1, WIRE_INIT_NOT_ISOLATED);
    must(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1, WIRE_INIT_NOT_ISOLATED);
    /* The launcher left nothing open; a command must not depend on that. */
    must(syscall(SYS_close_range, CONTROL + 1, UINT_MAX, 0) == 0, WIRE_INIT_SYSTEM_FAILURE);
    must(fcntl(CONTROL, F_SETFD, FD_CLOEXEC) == 0, WIRE_INIT_SYSTEM_FAILURE);
    /* A session leader can't and needn't. */
    must(setpgid(0, 0) == 0 || getpgrp() == getpid(), WIRE_INIT_SYSTEM_FAILURE);

    must(sigaction(SIGCHLD, &action, &init->lockdown.child_action) == 0, WIRE_INIT_SYSTEM_FAILURE);
    sigemptyset(&mask);
    sigaddset(&mask, SIGCHLD);
    must(sigprocmask(SIG_SETMASK, &mask, NULL) == 0, WIRE_INIT_SYSTEM_FAILURE);
    init->signal_fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
    must(init->signal_fd >= 0, WIRE_INIT_SYSTEM_FAILURE);
}

/* ---- messages ---- */

/** Receive a message; returns its length, 0 where there is none now.  No supervisor: no return. */
static size_t receive(struct msghdr *header, int flags)
{
    ssize_t length = recvmsg(CONTROL, header, flags | MSG_CMSG_CLOEXEC);

    if (length < 0 && (errno == EINTR || errno == EAGAIN))
        return 0;
    must(length > 0, WIRE_INIT_HUNG_UP);
    must((header->msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0, WIRE_INIT_BAD_MESSAGE);
    return (size_t)length;
}

/** The first message is CONFIG and only the first: commands can't differ in their lockdown. */
static void receive_config(struct init *init)
{
    struct wire_config *config = &init->config.head;
    struct iovec vector = {.iov_base = &init->config, .iov_len = sizeof(init->config)};
    struct msghdr header = {.msg_iov = &vector, .msg_iovlen = 1};
    size_t length;

    do
        length = receive(&header, 0);
    while (length == 0);
    must(length >= sizeof(*config) && config->type == WIRE_CONFIG &&
             config->rlimit_count <= WIRE_MAX_RLIMITS && config->filter_length <= WIRE_MAX_FILTER,
         WIRE_INIT_BAD_MESSAGE);
    must(length == sizeof(*config) + config->filter_length * sizeof(struct sock_filter),
         WIRE_INIT_BAD_MESSAGE);
    must(config->listen == 0 || (config->listen == 1 && config->filter_length > 0),
         WIRE_INIT_BAD_MESSAGE);
    init->lockdown.config = config;
    init->lockdown.filter = init->config.filter;
}

static bool receive_message(struct message *ret_message)
{
    union {
        struct cmsghdr align;
        unsigned char space[CMSG_SPACE(sizeof(ret_message->fds))];
    } control;
    struct iovec vector = {.iov_base = &ret_message->body, .iov_len = sizeof(ret_message->body)};
    struct msghdr header = {.msg_iov = &vector,
                            .msg_iovlen = 1,
                            .msg_control = &control,
                            .msg_controllen = sizeof(control)};
    const struct cmsghdr *descriptors;
    size_t size;

    ret_message->length = receive(&header, MSG_DONTWAIT);
    ret_message->fd_count = 0;
    if (ret_message->length == 0)
        return false;
    must(ret_message->length >= sizeof(ret_message->body.type), WIRE_INIT_BAD_MESSAGE);
    descriptors = CMSG_FIRSTHDR(&header);
    if (descriptors == NULL)
        return true;
    /* One block of descriptors, and nothing after it. */
    size = descriptors->cmsg_len - CMSG_LEN(0);
    must(descriptors->cmsg_level == SOL_SOCKET && descriptors->cmsg_type == SCM_RIGHTS &&
             size <= sizeof(ret_message->fds) && header.msg_controllen == CMSG_SPACE(size),
         WIRE_INIT_BAD_MESSAGE);
    memcpy(ret_message->fds, CMSG_DATA(descriptors), size);
    ret_message->fd_count = size / sizeof(int);
    return true;
}

/* ---- commands ---- */

static struct running *find_number(struct init *init, uint32_t number)
{
    for (size_t i = 0; i < WIRE_MAX_RUNNING; i++)
        if (init->running[i].pid != 0 && init->running[i].number == number)
            return &init->running[i];
    return NULL;
}

/** The slot of @pid, or a free one for 0. */
static struct running *find_pid(struct init *init, pid_t pid)
{
    for (size_t i = 0; i < WIRE_MAX_RUNNING; i++)
        if (init->running[i].pid == pid)
            return &init->running[i];
    return NULL;
}

static void check_start(struct init *init, const struct message *message)
{
    const struct wire_start *start = &message->body.start;

    must(message->length == sizeof(*start) && start->fd_count <= WIRE_MAX_FDS &&
             message->fd_count == 2 + (size_t)start->fd_count,
         WIRE_INIT_BAD_MESSAGE);
    for (uint32_t i = 0; i < start->fd_count; i++)
        must(start->fd_targets[i] > (i == 0 ? -1 : start->fd_targets[i - 1]),
             WIRE_INIT_BAD_MESSAGE);
    must(start->terminal == 0 || (start->session && start->terminal <= 7), WIRE_INIT_BAD_MESSAGE);
    for (uint32_t i = 0; i < start->fd_count; i++)
        must(start->fd_targets[i] > 2 || (start->terminal & (1U << start->fd_targets[i])) == 0,
             WIRE_INIT_BAD_MESSAGE);
    must(find_number(init, start->command) == NULL, WIRE_INIT_BAD_MESSAGE);
}

/** Fork the command into @slot.  Returns its pid, or a negative errno. */
static pid_t fork_command(struct init *init, struct command *command, struct running *slot)
{
    pid_t pid = fork();

    if (pid < 0)
        return -errno;
    if (pid == 0) {
        close(CONTROL);
        close(init->signal_fd);
        command_run(command, &init->lockdown);
    }
    /* Here too, so that a SIGNAL to the group right behind START finds it.  But who leads a group
     * can't make a session any more. */
    if (!command->start->session)
        setpgid(pid, pid);
    slot->pid = pid;
    slot->number = command->start->command;
    return pid;
}

/** Start the command of @message.  Returns its pid, or a negative errno where there is none. */
static pid_t start_command(struct init *init, struct message *message)
{
    struct command command = {.start = &message->body.start,
                              .exec_socket = message->fds[0],
                              .strings_file = message->fds[1],
                              .fds = message->fds + 2};
    struct running *slot = find_pid(init, 0);
    int result = slot == NULL ? -EAGAIN : 0;

    if (result == 0)
        result = strings_map(command.start, message->fds[1], &command.strings);
    must(result != -EBADMSG, WIRE_INIT_BAD_MESSAGE);
    if (result == 0) {
        result = fork_command(init, &command, slot);
        strings_unmap(&command.strings);
    }
    if (result < 0)
        command_report(command.exec_socket, WIRE_STAGE_FORK, -result, 0);
    for (size_t i = 0; i < message->fd_count; i++)
        close(message->fds[i]);
    return result;
}

static void handle_start(struct init *init, struct message *message)
{
    pid_t pid;

    check_start(init, message);
    pid = start_command(init, message);
    if (init->first == 0) {
        /* Without its first command the sandbox has no purpose. */
        must(pid > 0, WIRE_INIT_DONE);
        init->first = pid;
    }
}

static void handle_signal(struct init *init, const struct message *message)
{
    const struct wire_signal *order = &message->body.signal;
    const struct running *target;

    must(message->length == sizeof(*order) && message->fd_count == 0 && order->signal > 0 &&
             order->signal <= LAST_SIGNAL,
         WIRE_INIT_BAD_MESSAGE);
    target = find_number(init, order->command);
    /* None: it ended while the order was on its way. */
    if (target != NULL)
        kill(order->to_group ? -target->pid : target->pid, order->signal);
}

static void handle_control(struct init *init)
{
    struct message message;

    if (!receive_message(&message))
        return;
    switch (message.body.type) {
    case WIRE_START:
        handle_start(init, &message);
        break;
    case WIRE_SIGNAL:
        handle_signal(init, &message);
        break;
    default:
        leave(WIRE_INIT_BAD_MESSAGE);
    }
}

/* ---- children ---- */

/** Tell what became of a command.  May wait for a stopped supervisor, but not for a dead one. */
static void report_change(uint32_t number, enum wire_change change, int value)
{
    struct wire_changed changed = {
        .type = WIRE_CHANGED, .command = number, .change = change, .value = value};
    ssize_t length;

    do
        length = send(CONTROL, &changed, sizeof(changed), MSG_NOSIGNAL);
    while (length < 0 && errno == EINTR);
    must(length == sizeof(changed), WIRE_INIT_HUNG_UP);
}

static void handle_child(struct init *init, const siginfo_t *info)
{
    struct running *command = find_pid(init, info->si_pid);
    enum wire_change change;

    if (command == NULL)
        return; /* an orphan */
    switch (info->si_code) {
    case CLD_EXITED:
        change = WIRE_EXITED;
        break;
    case CLD_KILLED:
    case CLD_DUMPED:
        change = WIRE_KILLED;
        break;
    case CLD_STOPPED:
        change = WIRE_STOPPED;
        break;
    case CLD_CONTINUED:
        change = WIRE_CONTINUED;
        break;
    default:
        return; /* CLD_TRAPPED is for tracers */
    }
    report_change(command->number, change, info->si_status);
    if (change == WIRE_EXITED || change == WIRE_KILLED) {
        if (command->pid == init->first)
            leave(WIRE_INIT_DONE);
        command->pid = 0;
    }
}

/** Handle what children have done; true where there may be more. */
static bool reap(struct init *init)
{
    for (int i = 0; i < REAP_AT_ONCE; i++) {
        siginfo_t info = {.si_pid = 0};

        /* __WALL: also children that announce their end by another signal than SIGCHLD. */
        if (waitid(P_ALL, 0, &info, WEXITED | WSTOPPED | WCONTINUED | WNOHANG | __WALL) < 0) {
            must(errno == ECHILD || errno == EINTR, WIRE_INIT_SYSTEM_FAILURE);
            return errno == EINTR;
        }
        if (info.si_pid == 0)
            return false;
        handle_child(init, &info);
    }
    return true;
}

static void drain_signal_fd(int fd)
{
    struct signalfd_siginfo info[2];

    while (read(fd, info, sizeof(info)) > 0)
        continue;
}

int main(void)
{
    static struct init init;
    bool more_children = false;

    set_up(&init);
    receive_config(&init);
    for (;;) {
        struct pollfd sources[] = {{.fd = CONTROL, .events = POLLIN},
                                   {.fd = init.signal_fd, .events = POLLIN}};
        int count = poll(sources, 2, more_children ? 0 : -1);

        must(count >= 0 || errno == EINTR, WIRE_INIT_SYSTEM_FAILURE);
        if (count < 0)
            continue;
        if (sources[0].revents != 0)
            handle_control(&init);
        if (sources[1].revents != 0)
            drain_signal_fd(init.signal_fd);
        if (sources[1].revents != 0 || more_children)
            more_children = reap(&init);
    }
}
