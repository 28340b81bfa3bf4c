/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory of operation.  One poll loop over: init's control socket, the exec socket of the command,
 * pid 1's descriptor, signals, the time limit, and the caller's parent.  Nothing the command does
 * reaches this loop but through init: its status comes from init's waitid(2), its process id from
 * the credentials that the kernel attaches.  The loop ends when pid 1 has been reaped; the kernel
 * reaps pid 1 last, so then nothing of the sandbox is left.
 */
#include "run/supervision.h"

#include "base/cleanup.h"
#include "init/wire.h"
#include "kernel/process.h"
#include "run/child.h"
#include "run/forward.h"
#include "run/limits.h"
#include "run/orders.h"
#include "run/receive.h"
#include "run/suspend.h"
#include "run/tally.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

#define FIRST_COMMAND 0 /* its number on the wire; see struct wire_start */

static void send_signal(struct supervision *self, int signal, bool to_group)
{
    /* never waits: a flood of signals must not keep the time limit from being minded */
    (void)orders_send_signal(self->launch.control, FIRST_COMMAND, signal, to_group);
}

void supervision_kill(struct supervision *self)
{
    (void)process_send_kill(self->launch.pidfd);
}

/* Without a watch over it nothing inside may go on. */
static void give_up(struct supervision *self, int number)
{
    if (self->broken == 0)
        self->broken = number;
    supervision_kill(self);
}

/* Nobody waits any longer for whoever reads it. */
static void abandon_output(struct supervision *self)
{
    relay_abandon(self->relay);
    output_abandon(self->output);
}

/* ------------------------------------------------------------------ stop and go */

static void command_stopped(struct supervision *self, int signal)
{
    struct terminal *terminal = &self->terminal;
    bool wants_terminal = signal == SIGTTIN || signal == SIGTTOU;
    bool had_it = terminal->given;

    if ((self->flags & SBX_RUN_JOB_CONTROL) == 0 || terminal->fd < 0)
        return;
    if (wants_terminal && terminal_is_ours(terminal)) {
        terminal_give(terminal);
        send_signal(self, SIGCONT, true);
        return;
    }
    /* a stop that the terminal has no part in is the command's own: a time limit goes on */
    if (!had_it && !wants_terminal && !self->stop_typed)
        return;
    self->stop_typed = false;
    terminal_take(terminal);
    suspend_self(wants_terminal ? signal : SIGTSTP, had_it && signal == SIGTSTP,
                 self->watched[AT_TIMER].fd);
    if ((had_it || wants_terminal) && terminal_is_ours(terminal))
        terminal_give(terminal);
    send_signal(self, SIGCONT, true);
}

/* Stop the group of a command that shares no terminal, and stop.  Where Ctrl-Z was typed, the rest
 * of the caller's job has got it as well. */
static void suspend_apart(struct supervision *self, int signal)
{
    bool stopped;

    relay_suspend(self->relay);
    send_signal(self, SIGSTOP, true); /* SIGTSTP does nothing to a session's leader */
    stopped = suspend_self(signal, false, self->watched[AT_TIMER].fd);
    relay_resume(self->relay, stopped);
    send_signal(self, SIGCONT, true);
}

/* ------------------------------------------------------------------ what is heard */

static void on_changed(struct supervision *self, const struct wire_changed *changed)
{
    if (changed->command != FIRST_COMMAND) {
        service_changed(&self->service, changed);
        return;
    }
    switch (changed->change) {
    case WIRE_EXITED:
        self->ending.ended = true;
        self->report->exit_code = changed->value;
        break;
    case WIRE_KILLED:
        self->ending.ended = true;
        self->report->signal = changed->value;
        break;
    case WIRE_STOPPED:
        command_stopped(self, changed->value);
        break;
    default:
        break;
    }
}

static void on_view(struct supervision *self, const struct child_view *view)
{
    if (self->ending.interrupted == 0 &&
        attestation_view(&self->attestation, self->launch.pid, view->landlock_error,
                         &self->ending.deviation) < 0)
        supervision_kill(self);
}

/* False where there was nothing to be heard. */
static bool on_control(struct supervision *self)
{
    union {
        uint32_t type;
        struct child_failure failure;
        struct child_tmpfs tmpfs;
        struct child_view view;
        struct wire_changed changed;
    } content;
    _cleanup_close_ int fd = -EBADF;
    ssize_t length = receive(self->launch.control, &content, sizeof(content), &fd, NULL);

    if (length == -EAGAIN)
        return false;
    if (length < 0)
        give_up(self, (int)-length);
    if (length <= 0)
        self->watched[AT_CONTROL].fd = -1;
    else if (length == sizeof(content.failure) && content.type == CHILD_FAILURE_TYPE)
        self->ending.failure = content.failure;
    else if (length == sizeof(content.tmpfs) && content.type == CHILD_TMPFS_TYPE && fd >= 0)
        fullness_add(&self->fullness, take_fd(&fd), content.tmpfs.step);
    else if (length == sizeof(content.view) && content.type == CHILD_VIEW_TYPE)
        on_view(self, &content.view);
    else if (length == sizeof(content.changed) && content.type == WIRE_CHANGED)
        on_changed(self, &content.changed);
    else
        supervision_kill(self); /* nothing else is ever sent */
    return length > 0;
}

/* The command's process waits: it gets its GO where what is in force is what was planned. */
static void on_hello(struct supervision *self, pid_t command, const struct wire_hello *hello)
{
    int result;

    /* what the child had to say came before */
    while (self->watched[AT_CONTROL].fd >= 0 && on_control(self))
        continue;
    if (self->ending.interrupted != 0) /* all is killed already, and must not be let go */
        return;
    if (self->ending.deviation.kind != SBX_ERROR_NONE ||
        attestation_command(&self->attestation, command, hello, &self->first,
                            &self->ending.deviation) < 0) {
        supervision_kill(self);
        return;
    }
    self->command = command;
    result = relay_start(self->relay, take_fd(&self->master));
    if (result == 0 && (self->flags & SBX_RUN_JOB_CONTROL) != 0)
        terminal_start(&self->terminal, command);
    self->ending.let_go = result == 0;
    if (result == 0)
        result = orders_send_go(self->launch.exec);
    if (result < 0) /* it would wait for ever */
        give_up(self, -result);
}

/* What the command is refused will be told here; without that it doesn't run. */
static void on_listener(struct supervision *self, int listener)
{
    int result = refusals_add(&self->refusals, listener);

    if (result == 0)
        return;
    self->ending.unwatched = -result;
    supervision_kill(self);
}

static void on_refusals(struct supervision *self)
{
    if (!refusals_handle(&self->refusals) || self->ending.timed_out)
        return;
    self->ending.refused = true;
    supervision_kill(self);
}

static void on_exec(struct supervision *self)
{
    union {
        uint32_t type;
        struct wire_hello hello;
        struct wire_exec_failed failed;
    } content;
    _cleanup_close_ int fd = -EBADF;
    pid_t sender;
    ssize_t length = receive(self->launch.exec, &content, sizeof(content), &fd, &sender);

    if (length == -EAGAIN)
        return;
    if (length < 0)
        give_up(self, (int)-length);
    if (length <= 0) {
        self->watched[AT_EXEC].fd = -1;
        self->ending.started = self->ending.let_go && self->ending.exec_failed.type == 0;
    } else if (length == sizeof(content.type) && content.type == WIRE_TERMINAL) {
        cleanup_close(&self->master);
        self->master = take_fd(&fd);
    } else if (length == sizeof(content.type) && content.type == WIRE_LISTENER) {
        on_listener(self, take_fd(&fd));
    } else if (length == sizeof(content.hello) && content.type == WIRE_HELLO) {
        on_hello(self, sender, &content.hello);
    } else if (length == sizeof(content.failed) && content.type == WIRE_EXEC_FAILED) {
        self->ending.exec_failed = content.failed;
    }
}

/* Signals that mean sbx itself where the command shares no terminal; true: not to be passed on. */
static bool on_signal_apart(struct supervision *self, uint32_t signal)
{
    bool own = self->plan->terminal.mode == PLAN_TERMINAL_OWN;

    if (self->plan->terminal.mode == PLAN_TERMINAL_SHARED)
        return false;
    if (signal == SIGTSTP)
        suspend_apart(self, SIGTSTP);
    else if (signal == SIGCONT)
        relay_resume(self->relay, true);
    else if (signal == SIGWINCH)
        relay_resize(self->relay);
    else if (self->gone && forward_asks_to_end(signal))
        abandon_output(self);
    return signal == SIGTSTP || (signal == SIGWINCH && own);
}

static void on_signal(struct supervision *self)
{
    struct signalfd_siginfo info;

    if (read(self->watched[AT_SIGNALS].fd, &info, sizeof(info)) != sizeof(info))
        return;
    if (self->command == 0) {
        /* nobody to pass it on to: a signal that asks for an end ends the set-up */
        if (forward_asks_to_end((int)info.ssi_signo)) {
            self->ending.interrupted = (int)info.ssi_signo;
            supervision_kill(self);
        }
        return;
    }
    if (on_signal_apart(self, info.ssi_signo))
        return;
    self->stop_typed = info.ssi_signo == SIGTSTP && info.ssi_code == SI_KERNEL;
    /* what the terminal sends goes to a whole group, what kill(1) sends to one process */
    send_signal(self, (int)info.ssi_signo, info.ssi_code == SI_KERNEL);
}

static void arm(int timer, uint64_t milliseconds)
{
    const struct itimerspec when = {
        .it_value = {.tv_sec = (time_t)(milliseconds / 1000),
                     .tv_nsec = (long)(milliseconds % 1000) * 1000000},
    };

    (void)timerfd_settime(timer, 0, &when, NULL);
}

/* Ask the command to end, and kill everything inside when it hasn't after @grace_ms. */
static void ask_to_end(struct supervision *self, uint64_t grace_ms)
{
    if (self->command == 0 || grace_ms == 0) {
        supervision_kill(self);
        return;
    }
    send_signal(self, SIGTERM, true);
    send_signal(self, SIGCONT, true); /* a stopped command could not hear it */
    arm(self->watched[AT_TIMER].fd, grace_ms);
}

static void on_timer(struct supervision *self)
{
    uint64_t count;

    if (read(self->watched[AT_TIMER].fd, &count, sizeof(count)) != sizeof(count))
        return;
    if (self->gone) { /* in time, but whoever reads its output isn't */
        abandon_output(self);
        return;
    }
    if (self->ending.timed_out || self->stopped) {
        supervision_kill(self);
        return;
    }
    self->ending.timed_out = true;
    ask_to_end(self, self->plan->grace_ms);
}

static void on_service(struct supervision *self, size_t count)
{
    service_handle(&self->service, self->watched + AT_COUNT, count);
    if (!self->service.stop)
        return;
    self->service.stop = false;
    self->stopped = true;
    if (self->watched[AT_TIMER].fd < 0)
        self->watched[AT_TIMER].fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (self->watched[AT_TIMER].fd < 0)
        supervision_kill(self); /* nothing could end it later */
    else
        ask_to_end(self, self->service.stop_grace);
}

/* More output than may pass ends the run, whatever the command has done meanwhile. */
static void mind_meter(struct supervision *self)
{
    if (!self->meter.exceeded || self->ending.over_output || self->ending.timed_out)
        return;
    self->ending.over_output = true;
    supervision_kill(self);
}

static void on_output(struct supervision *self)
{
    relay_pump(self->relay, &self->watched[AT_RELAY]);
    if (relay_wants_stop(self->relay))
        suspend_apart(self, SIGTTOU);
    output_pump(self->output, &self->watched[AT_OUTPUT]);
    mind_meter(self);
}

/* Everything inside has ended; what it has written may still be on its way. */
static void on_gone(struct supervision *self)
{
    self->gone = true;
    self->report->wall_ms = tally_now_ms() - self->start;
    /* a reader that takes nothing must not keep sbx past its time */
    if (self->ending.timed_out)
        arm(self->watched[AT_TIMER].fd, self->plan->grace_ms > 0 ? self->plan->grace_ms : 1);
    relay_finish(self->relay);
    output_finish(self->output);
    mind_meter(self);
}

/* ------------------------------------------------------------------ the loop */

int supervision_watch(struct supervision *self, const sigset_t *signals, pid_t parent,
                      struct sbx_error *err)
{
    struct pollfd *watched = self->watched;
    int number = 0;

    watched[AT_CONTROL].fd = self->launch.control;
    watched[AT_EXEC].fd = self->launch.exec;
    watched[AT_PIDFD].fd = self->launch.pidfd;
    watched[AT_REFUSALS].fd = self->refusals.events;
    if ((self->flags & SBX_RUN_JOB_CONTROL) != 0) {
        watched[AT_SIGNALS].fd = signalfd(-1, signals, SFD_CLOEXEC | SFD_NONBLOCK);
        number = watched[AT_SIGNALS].fd < 0 ? errno : number;
    }
    if (self->plan->time_ms > 0) {
        watched[AT_TIMER].fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
        number = watched[AT_TIMER].fd < 0 ? errno : number;
        arm(watched[AT_TIMER].fd, self->plan->time_ms);
    }
    if (self->plan->die_with_parent) {
        int fd = process_open(parent);

        watched[AT_PARENT].fd = fd;
        /* the parent was there when sbx started, and it may have died before it was opened */
        self->ending.orphaned = fd == -ESRCH || getppid() != parent;
        number = fd < 0 && !self->ending.orphaned ? -fd : number;
    }
    return number == 0 ? 0
                       : error_set(err, SBX_ERROR_SETUP, number, "supervise", NULL,
                                   "cannot watch over the sandbox");
}

void supervision_loop(struct supervision *self)
{
    struct pollfd *watched = self->watched;

    if (self->ending.orphaned)
        supervision_kill(self);
    for (;;) {
        size_t visitors = service_watch(&self->service, watched + AT_COUNT);
        int wait_ms = relay_watch(self->relay, &watched[AT_RELAY]);

        output_watch(self->output, &watched[AT_OUTPUT]);
        if (poll(watched, AT_COUNT + visitors, wait_ms) < 0) {
            if (errno == EINTR || errno == EAGAIN) /* what it filled in before is out of date */
                continue;
            /* more than RLIMIT_NOFILE can't be watched */
            give_up(self, errno == EINVAL ? EMFILE : errno);
            return;
        }
        if (watched[AT_REFUSALS].revents != 0)
            on_refusals(self);
        if (watched[AT_EXEC].fd >= 0 && watched[AT_EXEC].revents != 0)
            on_exec(self);
        if (watched[AT_CONTROL].fd >= 0 && watched[AT_CONTROL].revents != 0)
            on_control(self);
        if (watched[AT_SIGNALS].fd >= 0 && watched[AT_SIGNALS].revents != 0)
            on_signal(self);
        if (watched[AT_TIMER].fd >= 0 && watched[AT_TIMER].revents != 0)
            on_timer(self);
        on_service(self, visitors);
        if (watched[AT_PARENT].revents != 0 && !self->ending.orphaned) {
            self->ending.orphaned = true;
            supervision_kill(self);
            if (self->gone)
                abandon_output(self);
        }
        on_output(self);
        /* last: what init and the command said before it ended has been read */
        if (watched[AT_PIDFD].revents != 0 && watched[AT_CONTROL].fd < 0 &&
            watched[AT_EXEC].fd < 0) {
            watched[AT_PIDFD].fd = -1;
            on_gone(self);
        }
        if (self->gone && relay_is_dry(self->relay) && output_is_dry(self->output))
            return;
    }
}
