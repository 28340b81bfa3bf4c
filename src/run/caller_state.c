/* SPDX-License-Identifier: Apache-2.0 */
#include "run/caller_state.h"

#include "run/forward.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* With SIGCHLD ignored the kernel throws a child's status and usage away, see wait(2). */
static bool stop_ignoring_sigchld(struct sigaction *ret_saved)
{
    const struct sigaction standard = {.sa_handler = SIG_DFL};
    bool ignored;

    sigaction(SIGCHLD, NULL, ret_saved);
    ignored = ret_saved->sa_handler == SIG_IGN || (ret_saved->sa_flags & SA_NOCLDWAIT) != 0;
    if (ignored)
        sigaction(SIGCHLD, &standard, NULL);
    return ignored;
}

static void block(sigset_t *ret_signals)
{
    sigset_t blocked;

    forward_fill(ret_signals);
    blocked = *ret_signals;
    /* a supervisor in the background must be able to take the terminal back */
    sigaddset(&blocked, SIGTTOU);
    sigaddset(&blocked, SIGTTIN);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
}

/* What a terminal's file lets whom do; 0 for anything else. */
static mode_t terminal_mode(int fd)
{
    struct stat status;

    return fstat(fd, &status) == 0 && S_ISCHR(status.st_mode) && isatty(fd) ? status.st_mode : 0;
}

static int remember_files(struct caller_state *state, struct sbx_error *err)
{
    for (int fd = 0; fd <= 2; fd++) {
        state->file_flags[fd] = fcntl(fd, F_GETFL);
        if (state->file_flags[fd] < 0 && errno != EBADF)
            return error_set(err, SBX_ERROR_SETUP, errno, "descriptors", NULL,
                             "cannot look at descriptor %d", fd);
        state->modes[fd] = terminal_mode(fd);
    }
    return 0;
}

int caller_state_take(struct caller_state *ret_state, bool forward, sigset_t *ret_signals,
                      struct sbx_error *err)
{
    struct caller_state state = {.blocked = forward};
    int result = remember_files(&state, err);

    if (result < 0)
        return result;
    /* not by libc, which keeps signals of its own out of it */
    sigemptyset(&state.mask);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, NULL, &state.mask, sizeof(uint64_t));
    if (forward)
        block(ret_signals);
    state.ignored_sigchld = stop_ignoring_sigchld(&state.sigchld);
    *ret_state = state;
    return 0;
}

void caller_state_restore_files(const struct caller_state *state)
{
    for (int fd = 0; fd <= 2; fd++) {
        if (state->file_flags[fd] >= 0 && fcntl(fd, F_GETFL) != state->file_flags[fd])
            (void)fcntl(fd, F_SETFL, state->file_flags[fd]);
        if (state->modes[fd] != 0 && terminal_mode(fd) != state->modes[fd])
            (void)fchmod(fd, state->modes[fd] & 07777);
    }
}

void caller_state_restore_signals(const struct caller_state *state)
{
    if (state->ignored_sigchld)
        sigaction(SIGCHLD, &state->sigchld, NULL);
    if (state->blocked)
        sigprocmask(SIG_SETMASK, &state->mask, NULL);
}
