/* SPDX-License-Identifier: Apache-2.0 */
/* The other side of run/service.h: asking the supervisor of a running sandbox. */
#ifndef RUN_VISIT_H
#define RUN_VISIT_H

#include "base/error.h"
#include "run/request.h"

#include <sbx/run.h>
#include <stdbool.h>

/** Ask what it is. 0 or a negative errno. */
int visit_ask(int socket);

/** The answer, until @deadline_ms of CLOCK_MONOTONIC. 0; -ETIMEDOUT; or another negative errno. */
int visit_hear(int socket, uint64_t deadline_ms, struct answer_info *ret_info);

/** Ask for its end and wait for that. 0 or a negative errno. */
int visit_stop(int socket, uint64_t grace_ms);

struct visit_command {
    const char *const *argv;
    size_t argc;
    const char *const *variables;
    size_t variable_count;
    const char *directory; /* "": where the first command is */
};

/**
 * Have a further command started and wait for it; with @pass_signals the caller's signals go to it.
 * 0 with *@ret_report filled, or a negative errno with @err: nothing was started.
 */
int visit_exec(int socket, const struct visit_command *command, bool pass_signals,
               struct sbx_report *ret_report, struct sbx_error *err);

#endif
