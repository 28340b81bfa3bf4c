/* SPDX-License-Identifier: Apache-2.0 */
/* Which signals of the caller are passed on to a command. */
#ifndef RUN_FORWARD_H
#define RUN_FORWARD_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

static const int forward_signals[] = {SIGHUP,  SIGINT,   SIGQUIT, SIGTERM, SIGUSR1,
                                      SIGUSR2, SIGWINCH, SIGTSTP, SIGCONT};

/** The set of them. */
static inline void forward_fill(sigset_t *ret_signals)
{
    sigemptyset(ret_signals);
    for (size_t i = 0; i < sizeof(forward_signals) / sizeof(forward_signals[0]); i++)
        sigaddset(ret_signals, forward_signals[i]);
}

/** Does @signal ask for an end, where there is nobody to pass it on to? */
static inline bool forward_asks_to_end(int signal)
{
    return signal == SIGHUP || signal == SIGINT || signal == SIGQUIT || signal == SIGTERM;
}

#endif
