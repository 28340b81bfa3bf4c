/* SPDX-License-Identifier: Apache-2.0 */
/* How the command's output is counted: what --max-output means for descriptors 1 and 2. */
#ifndef POLICY_OUTPUT_H
#define POLICY_OUTPUT_H

#include "policy/terminal.h"

struct plan_output {
    const char *origin; /* who asked for the limit; NULL: nobody, and nothing is counted */
    uint64_t most;      /* bytes that may pass, of both descriptors together */
    unsigned piped;     /* bit n, n 1 or 2: descriptor n is a pipe to sbx, which counts */
    bool joined;        /* both are, and they are one and the same pipe */
};

/**
 * Decide on @spec and the descriptors of @host.  What @terminal replaces needs no further pipe: it
 * is relayed already, and counted there.  Pure.
 */
struct plan_output output_decide(const struct spec *spec, const struct host *host,
                                 const struct plan_terminal *terminal);

/** Could output go past the count?  0, or -EINVAL with a usage error.  Pure. */
int output_check(const struct spec *spec, const struct host *host, struct sbx_error *err);

/** Is descriptor @fd a pipe to sbx in the place of what the caller has there? */
static inline bool output_pipes(const struct plan_output *output, int fd)
{
    return fd >= 1 && fd <= 2 && (output->piped & (1U << fd)) != 0;
}

#endif
