/* SPDX-License-Identifier: Apache-2.0 */
#include "run/relay.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "run/channel.h"
#include "run/terminal_guard.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* No signal tells a job that runs in the background that the shell has made it the foreground. */
#define FOREGROUND_CHECK_MS 250

struct relay {
    struct plan_terminal plan;
    int caller;         /* the caller's terminal; -EBADF: hung up, or given up */
    int command;        /* master of the command's terminal, or the pipe with its output */
    int slave;          /* see relay.h */
    int ends[2];        /* descriptors for the command, until it has them: /dev/null, pipe */
    bool keyboard;      /* what is typed is for the command */
    bool raw;           /* and the terminal is set so */
    bool wants_stop;    /* see relay_wants_stop() */
    bool ignore_tostop; /* sbx can't be stopped: nobody would continue it */
    bool ending;        /* nothing runs inside any more */
    bool dry;           /* and there is nothing more to read */
    pid_t own;          /* sbx's process group */
    struct terminal_guard guard;
    bool have_settings;
    struct termios settings; /* of the caller's terminal, as found in the foreground */
    struct meter *meter;     /* of the output; NULL: nobody counts */
    struct channel output;
    struct channel input;
};

static void close_fd(int *fd)
{
    cleanup_close(fd);
    *fd = -EBADF;
}

/* ------------------------------------------------------------------ the caller's terminal */

/* Open @path if it is the terminal of @fd: /dev/tty may be another one, and the name of a
 * pseudo-terminal's master makes a new pair. */
static int open_same(const char *path, int fd)
{
    _cleanup_close_ int again = open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    unsigned wanted;
    unsigned found;

    if (again < 0)
        return -errno;
    if (ioctl(fd, TIOCGDEV, &wanted) < 0 || ioctl(again, TIOCGDEV, &found) < 0)
        return -errno;
    return wanted == found ? take_fd(&again) : -ENXIO;
}

/* The terminal of @fd once more, for the relay alone.  Its name may be another user's (su). */
static int open_again(int fd)
{
    char path[32];
    int again = open_same("/dev/tty", fd);

    if (again >= 0)
        return again;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return open_same(path, fd);
}

/* Where there is no job control on this terminal everybody is in the foreground. */
static bool in_foreground(const struct relay *relay)
{
    pid_t group = tcgetpgrp(relay->caller);

    return group < 0 || group == relay->own;
}

/* In the background they would be those of the shell's line editor; later on, perhaps our own. */
static bool find_settings(struct relay *relay)
{
    if (!relay->have_settings && in_foreground(relay))
        relay->have_settings = tcgetattr(relay->caller, &relay->settings) == 0;
    return relay->have_settings;
}

static void enter_raw(struct relay *relay)
{
    struct termios raw;

    if (!relay->keyboard || relay->ending || relay->caller < 0 || !in_foreground(relay) ||
        !find_settings(relay))
        return;
    raw = relay->settings;
    cfmakeraw(&raw);
    /* without one, SIGKILL leaves the terminal raw */
    if (relay->guard.pid == 0)
        (void)terminal_guard_start(&relay->guard, relay->caller, &relay->settings, &raw);
    relay->raw = tcsetattr(relay->caller, TCSANOW, &raw) == 0;
    relay_resize(relay);
}

static void leave_raw(struct relay *relay)
{
    /* in the background it is somebody else's, who has set it as needed */
    if (relay->raw && relay->caller >= 0 && in_foreground(relay))
        (void)tcsetattr(relay->caller, TCSANOW, &relay->settings);
    relay->raw = false;
}

/* It is gone: let the command's terminal hang up as well. */
static void hang_up(struct relay *relay)
{
    leave_raw(relay);
    close_fd(&relay->caller);
    close_fd(&relay->command);
    close_fd(&relay->slave);
}

void relay_resize(struct relay *relay)
{
    struct winsize size;

    if (relay == NULL || relay->slave < 0)
        return;
    /* an equal size tells nobody anything; another one sends SIGWINCH to the group in front */
    if (ioctl(relay->caller, TIOCGWINSZ, &size) == 0)
        (void)ioctl(relay->command, TIOCSWINSZ, &size);
}

/* ------------------------------------------------------------------ beginning */

/* The descriptors that have no terminal at their other end. */
static int open_ends(struct relay *relay, int standard[static 3])
{
    bool input = terminal_replaces(&relay->plan, 0);
    int pipe_ends[2];

    if (input) {
        standard[0] = relay->ends[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (standard[0] < 0)
            return -errno;
    }
    if ((relay->plan.replaced & ~1U) == 0)
        return 0;
    if (pipe2(pipe_ends, O_CLOEXEC) < 0)
        return -errno;
    relay->command = pipe_ends[0];
    relay->ends[1] = pipe_ends[1];
    for (int fd = 1; fd <= 2; fd++)
        if (terminal_replaces(&relay->plan, fd))
            standard[fd] = pipe_ends[1];
    return fcntl(pipe_ends[0], F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

static int open_terminal(struct relay *relay, int standard[static 3])
{
    int fd = 0;

    while (!terminal_replaces(&relay->plan, fd))
        fd++;
    relay->caller = open_again(standard[fd]);
    if (relay->caller < 0)
        return relay->caller;
    relay->own = getpgrp();
    if (relay->plan.mode == PLAN_TERMINAL_NONE)
        return open_ends(relay, standard);
    for (fd = 0; fd <= 2; fd++)
        if (terminal_replaces(&relay->plan, fd))
            standard[fd] = -EBADF;
    return 0;
}

int relay_new(const struct plan_terminal *terminal, bool job_control, struct meter *meter,
              int standard[static 3], struct relay **ret_relay, struct sbx_error *err)
{
    struct relay *relay;
    int result;

    *ret_relay = NULL;
    if (terminal->replaced == 0)
        return 0;
    relay = calloc(1, sizeof(*relay));
    if (relay == NULL)
        return error_oom(err);
    relay->plan = *terminal;
    relay->meter = meter;
    relay->keyboard = terminal->keyboard && job_control;
    relay->guard = TERMINAL_GUARD_NONE;
    relay->caller = relay->command = relay->slave = relay->ends[0] = relay->ends[1] = -EBADF;
    result = open_terminal(relay, standard);
    if (result < 0) {
        relay_free(relay);
        error_set(err, SBX_ERROR_SETUP, -result, "terminal", NULL,
                  "cannot stand between the terminal and the command");
        error_add_hint(err, "--tty inherit shares the terminal with the command");
        return result;
    }
    *ret_relay = relay;
    return 0;
}

void relay_launched(struct relay *relay)
{
    if (relay == NULL)
        return;
    close_fd(&relay->ends[0]);
    close_fd(&relay->ends[1]);
}

/* The new terminal begins with the settings of the caller's, where these are not somebody else's
 * (another member's of a pipeline, the shell's): then with the kernel's own. */
static int set_up_master(struct relay *relay)
{
    struct termios settings;

    if (fcntl(relay->command, F_SETFL, O_NONBLOCK) < 0)
        return -errno;
    relay->slave = ioctl(relay->command, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (relay->slave < 0)
        return -errno;
    if (relay->keyboard && find_settings(relay))
        settings = relay->settings;
    else if (tcgetattr(relay->slave, &settings) < 0)
        return -errno;
    if (!relay->keyboard)
        settings.c_oflag &= ~(tcflag_t)OPOST; /* the caller's terminal isn't raw: it does this */
    return tcsetattr(relay->slave, TCSANOW, &settings) < 0 ? -errno : 0;
}

int relay_start(struct relay *relay, int master)
{
    int result;

    if (relay == NULL || relay->plan.mode != PLAN_TERMINAL_OWN) {
        cleanup_close(&master);
        return 0;
    }
    if (master < 0)
        return -EPROTO;
    relay->command = master;
    result = set_up_master(relay);
    if (result < 0)
        return result;
    relay_resize(relay);
    enter_raw(relay);
    return 0;
}

/* ------------------------------------------------------------------ passing on */

int relay_watch(const struct relay *relay, struct pollfd watched[static RELAY_POLL_COUNT])
{
    struct pollfd *caller = &watched[RELAY_CALLER];
    struct pollfd *command = &watched[RELAY_COMMAND];

    *caller = *command = (struct pollfd){.fd = -1};
    if (relay == NULL)
        return -1;
    caller->fd = relay->caller; /* without events too: a hang-up is always told */
    if (relay->raw && channel_has_room(&relay->input))
        caller->events |= POLLIN;
    if (!channel_is_empty(&relay->output))
        caller->events |= POLLOUT;
    if (!relay->ending && channel_has_room(&relay->output))
        command->events |= POLLIN;
    if (!relay->ending && !channel_is_empty(&relay->input))
        command->events |= POLLOUT;
    if (command->events != 0)
        command->fd = relay->command;
    return relay->keyboard && !relay->raw && !relay->ending && relay->caller >= 0
               ? FOREGROUND_CHECK_MS
               : -1;
}

static void read_keyboard(struct relay *relay)
{
    int result = channel_fill(&relay->input, relay->caller, NULL);

    /* an empty read is somebody's "stty min 0": a hang-up is told by poll(2) */
    if (result == 0 || result == -EAGAIN || result == -ENODATA)
        return;
    if (result == -EIO && !in_foreground(relay))
        relay->raw = false; /* the shell has taken it, and has set it as it needs it */
    else
        hang_up(relay);
}

/* Output waits where a background job may not write; it would be stopped if it did. */
static bool may_write(const struct relay *relay)
{
    struct termios now;

    return relay->ignore_tostop || in_foreground(relay) || tcgetattr(relay->caller, &now) < 0 ||
           (now.c_lflag & TOSTOP) == 0;
}

static void write_output(struct relay *relay)
{
    int result;

    relay->wants_stop = !may_write(relay);
    if (relay->wants_stop)
        return;
    result = channel_drain(&relay->output, relay->caller, write);
    if (result < 0 && result != -EAGAIN)
        hang_up(relay);
}

static void read_output(struct relay *relay)
{
    int result = channel_fill(&relay->output, relay->command, relay->meter);

    if (result < 0 && (result != -EAGAIN || relay->ending))
        relay->dry = true; /* the end of the pipe, or of everything */
    if (result < 0 && result != -EAGAIN)
        close_fd(&relay->command);
}

void relay_pump(struct relay *relay, const struct pollfd watched[static RELAY_POLL_COUNT])
{
    short caller = watched[RELAY_CALLER].revents;

    if (relay == NULL || relay->caller < 0)
        return;
    if ((caller & (POLLHUP | POLLERR | POLLNVAL)) != 0) {
        hang_up(relay);
        return;
    }
    if (relay->keyboard && !relay->raw)
        enter_raw(relay);
    if ((caller & POLLIN) != 0)
        read_keyboard(relay);
    if (relay->command >= 0 && watched[RELAY_COMMAND].revents != 0)
        read_output(relay);
    if (relay->caller >= 0 && !channel_is_empty(&relay->output))
        write_output(relay);
    if (relay->command >= 0 && !channel_is_empty(&relay->input) && !relay->ending)
        (void)channel_drain(&relay->input, relay->command, write);
    if (relay->ending && relay->command >= 0 && channel_has_room(&relay->output) && !relay->dry)
        read_output(relay);
}

bool relay_wants_stop(const struct relay *relay)
{
    return relay != NULL && relay->wants_stop;
}

/* ------------------------------------------------------------------ stop and go */

void relay_suspend(struct relay *relay)
{
    if (relay != NULL)
        leave_raw(relay);
}

void relay_resume(struct relay *relay, bool stopped)
{
    if (relay == NULL)
        return;
    relay->ignore_tostop = relay->ignore_tostop || (relay->wants_stop && !stopped);
    relay->wants_stop = false;
    relay->raw = false; /* after a SIGSTOP the settings may be anything */
    enter_raw(relay);
}

/* ------------------------------------------------------------------ the end */

void relay_finish(struct relay *relay)
{
    static const struct pollfd nothing[RELAY_POLL_COUNT];

    if (relay == NULL)
        return;
    relay->ending = true;
    relay_pump(relay, nothing);
}

bool relay_is_dry(const struct relay *relay)
{
    return relay == NULL || relay->caller < 0 ||
           ((relay->dry || relay->command < 0) && channel_is_empty(&relay->output));
}

void relay_abandon(struct relay *relay)
{
    if (relay != NULL)
        hang_up(relay);
}

void relay_free(struct relay *relay)
{
    if (relay == NULL)
        return;
    relay_launched(relay);
    hang_up(relay);
    terminal_guard_end(&relay->guard);
    free(relay);
}
