/* SPDX-License-Identifier: Apache-2.0 */
/* Tools of the escape suite: what lies outside as bait, and what a caller leaves open. */
#define _GNU_SOURCE
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* begin COMMAND...: says that it got as far as this, inside whatever is around. */
static int begin(int argc, char **argv)
{
    (void)argc;
    puts("begun");
    fflush(stdout);
    execvp(argv[0], argv);
    return fail(argv[0]);
}

/* handle PATH: its type and its bytes, for `try open-handle`. */
static int print_handle(int argc, char **argv)
{
    struct {
        struct file_handle head;
        unsigned char bytes[MAX_HANDLE_SZ];
    } handle = {.head.handle_bytes = MAX_HANDLE_SZ};
    int mount_id;

    (void)argc;
    if (name_to_handle_at(AT_FDCWD, argv[0], &handle.head, &mount_id, 0) < 0)
        return fail(argv[0]);
    printf("%d ", handle.head.handle_type);
    for (unsigned i = 0; i < handle.head.handle_bytes; i++)
        printf("%02x", handle.bytes[i]);
    putchar('\n');
    return 0;
}

/* with-pidfd FD PID COMMAND...: descriptor FD stands for that process, and isn't closed. */
static int with_pidfd(int argc, char **argv)
{
    int fd = (int)syscall(SYS_pidfd_open, atoi(argv[1]), 0);

    (void)argc;
    if (fd < 0 || dup2(fd, atoi(argv[0])) < 0)
        return fail("with-pidfd");
    execvp(argv[2], argv + 2);
    return fail(argv[2]);
}

/* swap A B SECONDS: exchange two names, over and over. */
static int swap(int argc, char **argv)
{
    struct timespec begin_time, now;

    (void)argc;
    puts("ready");
    fflush(stdout);
    clock_gettime(CLOCK_MONOTONIC, &begin_time);
    do {
        if (renameat2(AT_FDCWD, argv[0], AT_FDCWD, argv[1], RENAME_EXCHANGE) < 0 && errno != EBUSY)
            return fail("renameat2");
        usleep(200);
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while (now.tv_sec - begin_time.tv_sec < atoi(argv[2]));
    return 0;
}

/* terminal-state: what the next user of this terminal finds. */
static int terminal_state(int argc, char **argv)
{
    int exclusive = -1;

    (void)argc;
    (void)argv;
    if (ioctl(STDIN_FILENO, TIOCGEXCL, &exclusive) < 0)
        return fail("TIOCGEXCL");
    printf("exclusive %d\nforeground %d\n", exclusive, tcgetpgrp(STDIN_FILENO) == getpgrp());
    return 0;
}

const struct command bait_commands[] = {
    {"begin", 1, begin, "COMMAND...: say so, then run it"},
    {"handle", 1, print_handle, "PATH"},
    {"with-pidfd", 3, with_pidfd, "FD PID COMMAND...: descriptor FD stands for that process"},
    {"swap", 3, swap, "A B SECONDS: exchange two names, over and over"},
    {"terminal-state", 0, terminal_state, "exclusive? in the foreground?"},
    {NULL, 0, NULL, NULL},
};
