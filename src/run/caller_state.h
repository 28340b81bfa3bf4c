/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run changes of the process that it is called in, and gives back: signals, flags that the
 * caller's open files share with the command (O_NONBLOCK and the like), and the mode of a terminal,
 * of which the command is the owner: others could read from it what is typed later.
 */
#ifndef RUN_CALLER_STATE_H
#define RUN_CALLER_STATE_H

#include "base/error.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct caller_state {
    sigset_t mask;
    bool blocked;         /* it is another one meanwhile */
    bool ignored_sigchld; /* meanwhile it isn't */
    struct sigaction sigchld;
    int file_flags[3]; /* fcntl(2) flags of 0, 1 and 2; -1 where not open */
    mode_t modes[3];   /* of those that are a terminal; else 0 */
};

/**
 * Remember all of it.  SIGCHLD is no longer ignored; with @forward the signals that are passed on
 * to the command, @ret_signals, are blocked for the calling thread.  0, or a negative errno with
 * @err filled, and nothing is changed then.
 */
int caller_state_take(struct caller_state *ret_state, bool forward, sigset_t *ret_signals,
                      struct sbx_error *err);

/** The caller's files are as they were. */
void caller_state_restore_files(const struct caller_state *state);

/** And its signals. */
void caller_state_restore_signals(const struct caller_state *state);

#endif
