/* SPDX-License-Identifier: Apache-2.0 */
#include "run/visit.h"

#include "base/cleanup.h"
#include "run/failure.h"
#include "run/forward.h"
#include "run/orders.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>

static int wait_for(int socket, uint64_t deadline_ms)
{
    struct pollfd watched = {.fd = socket, .events = POLLIN};

    for (;;) {
        struct timespec now;
        int64_t left;
        int result;

        clock_gettime(CLOCK_MONOTONIC, &now);
        left = (int64_t)deadline_ms - (int64_t)now.tv_sec * 1000 - now.tv_nsec / 1000000;
        result = poll(&watched, 1, left > 0 ? (int)left : 0);
        if (result > 0)
            return 0;
        if (result == 0)
            return -ETIMEDOUT;
        if (errno != EINTR)
            return -errno;
    }
}

static int say(int socket, const void *message, size_t size)
{
    return send(socket, message, size, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int visit_ask(int socket)
{
    const uint32_t type = REQUEST_INFO;

    return say(socket, &type, sizeof(type));
}

int visit_hear(int socket, uint64_t deadline_ms, struct answer_info *ret_info)
{
    union answer answer;
    int result = wait_for(socket, deadline_ms);
    ssize_t length;

    if (result < 0)
        return result;
    length = recv(socket, &answer, sizeof(answer), MSG_DONTWAIT);
    if (length < 0)
        return -errno;
    if (length != sizeof(answer.info) || answer.type != ANSWER_INFO)
        return length == 0 ? -ECONNRESET : -EPROTO;
    *ret_info = answer.info;
    ret_info->name[sizeof(ret_info->name) - 1] = '\0';
    ret_info->profile[sizeof(ret_info->profile) - 1] = '\0';
    ret_info->command[sizeof(ret_info->command) - 1] = '\0';
    return 0;
}

int visit_stop(int socket, uint64_t grace_ms)
{
    const struct request_stop request = {.type = REQUEST_STOP, .grace_ms = grace_ms};
    struct pollfd watched = {.fd = socket, .events = POLLIN};
    int result = say(socket, &request, sizeof(request));
    ssize_t length = 1;
    char nothing;

    /* the supervisor closes its end when everything inside has ended */
    while (result == 0 && length != 0) {
        if (poll(&watched, 1, -1) < 0 && errno != EINTR)
            return -errno;
        length = recv(socket, &nothing, 1, MSG_DONTWAIT);
        if (length < 0 && errno != EAGAIN && errno != EINTR)
            result = -errno;
    }
    return result;
}

/* ------------------------------------------------------------------ a further command */

static int send_request(int socket, const struct visit_command *command, int strings,
                        struct request_exec *request)
{
    int fds[1 + REQUEST_MAX_FDS] = {strings};
    size_t count = 1;
    struct iovec part = {.iov_base = request, .iov_len = sizeof(*request)};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(fds))];
    } ancillary = {0};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = ancillary.bytes};
    struct cmsghdr *header;

    request->type = REQUEST_EXEC;
    request->argc = (uint32_t)command->argc;
    request->envc = (uint32_t)command->variable_count;
    for (int fd = 0; fd < REQUEST_MAX_FDS; fd++) {
        if (fcntl(fd, F_GETFD) < 0)
            continue;
        fds[count++] = fd;
        request->fd_targets[request->fd_count++] = fd;
    }
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(header), fds, count * sizeof(int));
    return sendmsg(socket, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int request_command(int socket, const struct visit_command *command,
                           const sigset_t *signal_mask)
{
    const struct orders_strings strings = {
        .argv = command->argv,
        .argc = command->argc,
        .environment = command->variables,
        .envc = command->variable_count,
        .directory = command->directory,
    };
    struct wire_start start = {0};
    struct request_exec request = {0};
    _cleanup_close_ int file = orders_write_strings(&strings, &start);

    if (file < 0)
        return file;
    if (start.strings_size > REQUEST_MAX_STRINGS)
        return -E2BIG;
    request.strings_size = start.strings_size;
    for (int signal = 1; signal < 64; signal++)
        if (sigismember(signal_mask, signal) == 1)
            request.signal_mask |= UINT64_C(1) << (signal - 1);
    return send_request(socket, command, file, &request);
}

struct visit {
    int socket;
    int signals; /* -EBADF: none are passed on */
    const struct visit_command *command;
    struct sbx_report *report;
    bool started;
    bool ended;
    int interrupted; /* a signal that came before it started */
};

static void on_signal(struct visit *visit)
{
    struct request_signal request = {.type = REQUEST_SIGNAL};
    struct signalfd_siginfo info;

    if (read(visit->signals, &info, sizeof(info)) != sizeof(info))
        return;
    if (!visit->started && forward_asks_to_end((int)info.ssi_signo)) {
        visit->interrupted = (int)info.ssi_signo;
        return;
    }
    request.signal = (int32_t)info.ssi_signo;
    request.to_group = info.ssi_code == SI_KERNEL; /* what the terminal sends goes to a group */
    (void)say(visit->socket, &request, sizeof(request));
}

static void on_changed(struct visit *visit, const struct answer_changed *changed)
{
    if (changed->change == WIRE_EXITED) {
        visit->report->outcome = SBX_OUTCOME_EXITED;
        visit->report->exit_code = changed->value;
    } else if (changed->change == WIRE_KILLED) {
        visit->report->outcome = SBX_OUTCOME_SIGNALED;
        visit->report->signal = changed->value;
    } else if (changed->change == WIRE_STOPPED && visit->signals >= 0) {
        kill(getpid(), SIGSTOP); /* until SIGCONT, which is passed on */
        return;
    } else {
        return;
    }
    visit->ended = true;
}

static int on_failed(struct visit *visit, const struct answer_failed *failed, struct sbx_error *err)
{
    const struct wire_exec_failed exec = {
        .stage = failed->stage, .number = failed->number, .detail = failed->detail};

    visit->ended = true;
    if (failed->stage == WIRE_STAGE_EXEC) {
        failure_of_exec(visit->command->argv[0], NULL, &exec, visit->report);
        return 0;
    }
    if (failed->stage == 0 && failed->number == EISDIR) {
        error_usage(err, "descriptor",
                    "standard input, output or error is a directory: it would "
                    "lead out of the sandbox");
        error_add_hint(err, "redirect it: </dev/null, >/dev/null or 2>/dev/null");
        return -EINVAL;
    }
    if (failed->stage == WIRE_STAGE_HANDSHAKE && failed->number == EPROTO)
        return error_set(err, SBX_ERROR_SETUP, 0, "attest", NULL,
                         "what was found in force before the command's exec is not what the "
                         "sandbox was planned with");
    if (failed->stage == WIRE_STAGE_CHDIR)
        return error_set(err, SBX_ERROR_SETUP, failed->number, "chdir", visit->command->directory,
                         "cannot enter '%s'", visit->command->directory);
    return error_set(err, SBX_ERROR_SETUP, failed->number, "exec", NULL,
                     "the sandbox can't start the command");
}

static int on_answer(struct visit *visit, struct sbx_error *err)
{
    union answer answer;
    ssize_t length = recv(visit->socket, &answer, sizeof(answer), MSG_DONTWAIT);

    if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (length <= 0) { /* the sandbox has ended, and the command with it */
        visit->ended = true;
        if (!visit->started)
            return error_set(err, SBX_ERROR_SETUP, ECONNRESET, "exec", NULL,
                             "the sandbox ended before the command started");
        visit->report->outcome = SBX_OUTCOME_SIGNALED;
        visit->report->signal = SIGKILL;
        text_copy(visit->report->cause, sizeof(visit->report->cause), "sandbox-ended");
        return 0;
    }
    if (length == sizeof(answer.type) && answer.type == ANSWER_STARTED)
        visit->started = true;
    else if (length == sizeof(answer.failed) && answer.type == ANSWER_FAILED)
        return on_failed(visit, &answer.failed, err);
    else if (length == sizeof(answer.changed) && answer.type == ANSWER_CHANGED)
        on_changed(visit, &answer.changed);
    return 0;
}

static int loop(struct visit *visit, struct sbx_error *err)
{
    struct pollfd watched[] = {{.fd = visit->socket, .events = POLLIN},
                               {.fd = visit->signals, .events = POLLIN}};
    char name[SIGNAL_NAME_SIZE];
    int result = 0;

    while (result == 0 && !visit->ended) {
        if (poll(watched, ARRAY_SIZE(watched), -1) < 0 && errno != EINTR)
            return error_set(err, SBX_ERROR_SETUP, errno, "exec", NULL, "cannot wait for it");
        if (watched[0].revents != 0)
            result = on_answer(visit, err);
        if (result == 0 && watched[1].revents != 0)
            on_signal(visit);
        if (visit->interrupted != 0)
            return error_set(err, SBX_ERROR_SETUP, EINTR, "exec", NULL,
                             "interrupted by %s before the command started",
                             signal_name(visit->interrupted, name));
    }
    return result;
}

int visit_exec(int socket, const struct visit_command *command, bool pass_signals,
               struct sbx_report *ret_report, struct sbx_error *err)
{
    struct visit visit = {
        .socket = socket, .signals = -EBADF, .command = command, .report = ret_report};
    sigset_t signals;
    sigset_t mask;
    int result;

    *ret_report = (struct sbx_report){.outcome = SBX_OUTCOME_SETUP_FAILED, .exit_code = -1};
    sigprocmask(SIG_SETMASK, NULL, &mask);
    if (pass_signals) {
        forward_fill(&signals);
        sigprocmask(SIG_BLOCK, &signals, NULL);
        visit.signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    }
    result = pass_signals && visit.signals < 0 ? -errno : request_command(socket, command, &mask);
    if (result < 0)
        error_set(err, SBX_ERROR_SETUP, -result, "exec", NULL,
                  "cannot send the command to the sandbox");
    else
        result = loop(&visit, err);
    cleanup_close(&visit.signals);
    if (pass_signals)
        sigprocmask(SIG_SETMASK, &mask, NULL);
    return result;
}
