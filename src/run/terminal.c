/* SPDX-License-Identifier: Apache-2.0 */
#include "run/terminal.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

void terminal_open(struct terminal *terminal)
{
    struct stat device;
    struct stat other;

    *terminal = (struct terminal){.fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)};
    if (terminal->fd < 0) {
        terminal->fd = -EBADF;
        return;
    }
    terminal->own = getpgrp();
    if (tcgetattr(terminal->fd, &terminal->caller_settings) < 0) {
        close(terminal->fd);
        terminal->fd = -EBADF;
        return;
    }
    terminal->ours = terminal_is_ours(terminal);
    /* /dev/tty has a device number of its own, so the descriptors are compared with each other */
    terminal->complete = tcgetsid(0) == getsid(0) && fstat(0, &device) == 0;
    for (int fd = 1; fd <= 2; fd++)
        terminal->complete = terminal->complete && isatty(fd) && fstat(fd, &other) == 0 &&
                             other.st_rdev == device.st_rdev;
}

bool terminal_is_ours(const struct terminal *terminal)
{
    return terminal->fd >= 0 && tcgetpgrp(terminal->fd) == terminal->own;
}

void terminal_start(struct terminal *terminal, pid_t group)
{
    terminal->group = group;
    if (terminal->complete && terminal_is_ours(terminal))
        terminal_give(terminal);
}

void terminal_give(struct terminal *terminal)
{
    if (terminal->fd < 0 || terminal->group <= 0)
        return;
    if (terminal->have_command_settings)
        (void)tcsetattr(terminal->fd, TCSANOW, &terminal->command_settings);
    if (tcsetpgrp(terminal->fd, terminal->group) == 0)
        terminal->given = terminal->held = true;
}

void terminal_take(struct terminal *terminal)
{
    if (terminal->fd < 0 || !terminal->held)
        return;
    terminal->held = false;
    terminal->have_command_settings = tcgetattr(terminal->fd, &terminal->command_settings) == 0;
    (void)tcsetpgrp(terminal->fd, terminal->own);
    (void)tcsetattr(terminal->fd, TCSANOW, &terminal->caller_settings);
}

/* Is the foreground group one that has no process any more?  Such a one was the command's, which
 * can make itself the foreground group unasked; a living one is the caller's shell's choice. */
static bool foreground_is_dead(const struct terminal *terminal)
{
    pid_t group = tcgetpgrp(terminal->fd);

    return group <= 1 || (kill(-group, 0) < 0 && errno == ESRCH);
}

void terminal_close(struct terminal *terminal)
{
    bool taken = false; /* by the command, unasked */

    if (terminal->fd < 0)
        return;
    terminal_take(terminal);
    if (terminal->ours && foreground_is_dead(terminal))
        taken = tcsetpgrp(terminal->fd, terminal->own) == 0;
    if (terminal_is_ours(terminal)) {
        (void)ioctl(terminal->fd, TIOCNXCL);
        (void)tcflow(terminal->fd, TCOON);
        /* in a pipeline they may be those of another member, such as less(1) */
        if (terminal->given || taken)
            (void)tcsetattr(terminal->fd, TCSANOW, &terminal->caller_settings);
    }
    close(terminal->fd);
    terminal->fd = -EBADF;
}
