/* SPDX-License-Identifier: Apache-2.0 */
#include "run/terminal.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
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
        terminal->given = true;
}

void terminal_take(struct terminal *terminal)
{
    if (terminal->fd < 0 || !terminal->given)
        return;
    terminal->have_command_settings = tcgetattr(terminal->fd, &terminal->command_settings) == 0;
    (void)tcsetpgrp(terminal->fd, terminal->own);
    (void)tcsetattr(terminal->fd, TCSANOW, &terminal->caller_settings);
}

void terminal_close(struct terminal *terminal)
{
    terminal_take(terminal);
    cleanup_close(&terminal->fd);
    terminal->fd = -EBADF;
}
