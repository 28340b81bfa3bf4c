/* SPDX-License-Identifier: Apache-2.0 */
/* Tries on the terminal that the caller shares. */
#define _GNU_SOURCE
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kd.h>
#include <linux/tiocl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

/* The kernel looks at the low 32 bits only, so a filter that compares all 64 can be passed by. */
static unsigned long with_high_bits(int argc, char **argv, unsigned long request)
{
    return argc > 0 && strcmp(argv[0], "highbits") == 0 ? request | (1UL << 36) : request;
}

static int open_terminal(void)
{
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);

    return fd >= 0 ? fd : 0;
}

static int try_tiocsti(int argc, char **argv)
{
    int fd = open_terminal();

    for (const char *text = "touch INJECTED\n"; *text != '\0'; text++)
        if (syscall(SYS_ioctl, fd, with_high_bits(argc, argv, TIOCSTI), text) < 0)
            return refused("ioctl(TIOCSTI)");
    return verdict(0, "ioctl(TIOCSTI)");
}

/* Its errno tells: ENOTTY from the terminal driver, EPERM from a filter. */
static int try_tioclinux(int argc, char **argv)
{
    char code[2] = {TIOCL_GETSHIFTSTATE, 0};
    long result = syscall(SYS_ioctl, open_terminal(), with_high_bits(argc, argv, TIOCLINUX), code);

    return result < 0 && errno == ENOTTY ? verdict(0, "ioctl(TIOCLINUX)")
                                         : verdict(result, "ioctl(TIOCLINUX)");
}

/* The line discipline that it has already: harmless, and the kernel takes the call. */
static int try_tiocsetd(int argc, char **argv)
{
    int discipline = N_TTY;

    return verdict(
        syscall(SYS_ioctl, open_terminal(), with_high_bits(argc, argv, TIOCSETD), &discipline),
        "ioctl(TIOCSETD)");
}

static int try_tiocexcl(int argc, char **argv)
{
    return verdict(syscall(SYS_ioctl, open_terminal(), with_high_bits(argc, argv, TIOCEXCL)),
                   "ioctl(TIOCEXCL)");
}

/* The keyboard mode that every console has by now; ENOTTY is the driver's, not a filter's. */
static int try_kdskbmode(int argc, char **argv)
{
    long result =
        syscall(SYS_ioctl, open_terminal(), with_high_bits(argc, argv, KDSKBMODE), K_UNICODE);

    return result < 0 && errno == ENOTTY ? verdict(0, "ioctl(KDSKBMODE)")
                                         : verdict(result, "ioctl(KDSKBMODE)");
}

/* What was taken is given back: the kernel keeps the terminal open for it. */
static int try_tioccons(int argc, char **argv)
{
    long result = syscall(SYS_ioctl, open_terminal(), with_high_bits(argc, argv, TIOCCONS));
    int console, outcome = verdict(result, "ioctl(TIOCCONS)");

    if (result == 0) {
        console = open("/dev/console", O_WRONLY | O_NOCTTY | O_CLOEXEC);
        if (console < 0 || ioctl(console, TIOCCONS) < 0)
            puts("the console could not be given back");
    }
    return outcome;
}

/* Make a group of our own the terminal's foreground group, and leave it so. */
static int try_take_foreground(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    setpgid(0, 0);
    signal(SIGTTOU, SIG_IGN);
    return verdict(tcsetpgrp(open_terminal(), getpgrp()), "tcsetpgrp");
}

/* Settings that leave a shell deaf: no echo, no lines, no signals. */
static int try_raw_terminal(int argc, char **argv)
{
    struct termios settings;
    int fd = open_terminal();

    (void)argc;
    (void)argv;
    if (tcgetattr(fd, &settings) < 0)
        return refused("tcgetattr");
    cfmakeraw(&settings);
    signal(SIGTTOU, SIG_IGN);
    return verdict(tcsetattr(fd, TCSANOW, &settings), "tcsetattr");
}

const struct command terminal_tries[] = {
    {"tiocsti", 0, try_tiocsti, "[highbits]: type into the terminal"},
    {"tioclinux", 0, try_tioclinux, "[highbits]: paste into the terminal"},
    {"tiocsetd", 0, try_tiocsetd, "[highbits]: set its line discipline"},
    {"tiocexcl", 0, try_tiocexcl, "[highbits]: nobody may open it again"},
    {"kdskbmode", 0, try_kdskbmode, "[highbits]: set a console's keyboard mode"},
    {"tioccons", 0, try_tioccons, "[highbits]: take the console's messages"},
    {"take-foreground", 0, try_take_foreground, "take it from the caller's job"},
    {"raw-terminal", 0, try_raw_terminal, "leave it without echo"},
    {NULL, 0, NULL, NULL},
};
