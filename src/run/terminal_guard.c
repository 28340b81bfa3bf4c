/* SPDX-License-Identifier: Apache-2.0 */
#include "run/terminal_guard.h"

#include "base/cleanup.h"
#include "kernel/process.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/* The control flags are the driver's to change.  The kernel knows characters up to VEOL2; what a
 * libc has room for behind them is not settled. */
static bool is_set_to(int terminal, const struct termios *settings)
{
    struct termios now;

    return tcgetattr(terminal, &now) == 0 && now.c_iflag == settings->c_iflag &&
           now.c_oflag == settings->c_oflag && now.c_lflag == settings->c_lflag &&
           memcmp(now.c_cc, settings->c_cc, VEOL2 + 1) == 0;
}

/* Only system calls: sbx may have had threads.  Keeps nothing else open, above all not what tells
 * the sandbox that sbx is gone. */
_Noreturn static void stand_guard(int terminal, int pipe_end, const struct termios *before,
                                  const struct termios *during)
{
    sigset_t all;
    char byte;

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL); /* SIGTTOU too: it is in the background */
    setpgid(0, 0);
    prctl(PR_SET_NAME, "sbx-terminal", 0, 0, 0);
    terminal = fcntl(terminal, F_DUPFD, 3);
    pipe_end = fcntl(pipe_end, F_DUPFD, 3);
    if (terminal < 0 || pipe_end < 0 || dup2(terminal, 0) < 0 || dup2(pipe_end, 1) < 0 ||
        syscall(SYS_close_range, 2U, ~0U, 0U) < 0)
        _exit(1);
    if (read(1, &byte, 1) == 0 && is_set_to(0, during))
        (void)tcsetattr(0, TCSANOW, before);
    _exit(0);
}

int terminal_guard_start(struct terminal_guard *guard, int terminal, const struct termios *before,
                         const struct termios *during)
{
    int ends[2];
    pid_t pid;

    *guard = TERMINAL_GUARD_NONE;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    pid = process_clone(0, -EBADF, &guard->pidfd);
    if (pid == 0) {
        close(ends[1]);
        stand_guard(terminal, ends[0], before, during);
    }
    close(ends[0]);
    guard->alive = ends[1];
    if (pid < 0) {
        guard->pidfd = -EBADF;
        return (int)pid;
    }
    guard->pid = pid;
    (void)setpgid(pid, pid); /* it does so itself, but perhaps later than our job is killed */
    return 0;
}

void terminal_guard_end(struct terminal_guard *guard)
{
    process_kill(guard->pidfd, guard->pid);
    cleanup_close(&guard->alive);
    cleanup_close(&guard->pidfd);
    *guard = TERMINAL_GUARD_NONE;
}
