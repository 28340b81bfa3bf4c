/* SPDX-License-Identifier: Apache-2.0 */
/* Which terminal the command gets: what --tty means for the descriptors that the caller has. */
#ifndef POLICY_TERMINAL_H
#define POLICY_TERMINAL_H

#include "kernel/host.h"
#include "policy/spec.h"

enum plan_terminal_mode {
    PLAN_TERMINAL_SHARED, /* the caller's, if there is one, in the caller's session */
    PLAN_TERMINAL_OWN,    /* a session and a pseudo-terminal of the command's own */
    PLAN_TERMINAL_NONE,   /* a session of its own, without a terminal */
};

struct plan_terminal {
    enum plan_terminal_mode mode;
    unsigned replaced; /* bit n, n up to 2: descriptor n is a terminal that the command won't get */
    bool keyboard;     /* what is typed at the caller's terminal goes to the command's own */
    const char *origin; /* who asked for it */
};

/** Decide on @spec and the descriptors of @host.  Pure. */
struct plan_terminal terminal_decide(const struct spec *spec, const struct host *host);

/** Is descriptor @fd, from 0 to 2, one that is replaced? */
static inline bool terminal_replaces(const struct plan_terminal *terminal, int fd)
{
    return fd >= 0 && fd <= 2 && (terminal->replaced & (1U << fd)) != 0;
}

/**
 * The system-call filter keeps the command from typing into a terminal that it shares (TIOCSTI),
 * and from what else would outlive it there.  Who asked @spec for none that does?  NULL: nobody,
 * the terminal is guarded.  Pure.
 */
const char *terminal_unguarded_by(const struct spec *spec);

/**
 * Would --keep-fd hand over a terminal though the command is to have none of the caller's?
 * 0, or -EINVAL with a usage error.  Pure.
 */
int terminal_check(const struct spec *spec, const struct host *host, struct sbx_error *err);

#endif
