/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the command and what the caller has as standard output and standard error, to count what
 * passes (--max-output).  What is a terminal is relay.h's; both share a meter.
 *
 * Theory of operation.  The command has the write end of a pipe in the place of 1 and of 2; where
 * both lead to the same stream it is one pipe, so that their order is kept.  A pipe's bytes go
 * through a buffer of a fixed size: while the reader at the far end takes nothing the pipe fills,
 * and the command waits in write(2) as it would without sbx.  When that reader has gone, the pipe
 * is closed, and the command gets SIGPIPE.  Nothing here ever waits for either side, so a slow
 * reader holds up neither signals nor the time limit.
 *
 * The caller's descriptors are shared with other processes, so none is made non-blocking: a pipe is
 * opened once more for that, a socket is asked with each send(2), files and devices don't wait.
 */
#ifndef RUN_OUTPUT_H
#define RUN_OUTPUT_H

#include "policy/output.h"
#include "run/channel.h"

#include <poll.h>

struct output;

enum { OUTPUT_POLL_COUNT = 4 }; /* two pipes, and where they lead */

/**
 * What @plan needs before the launch.  @standard has the caller's descriptors 0 to 2, and gets
 * pipes in the place of those that are counted; @meter, which is borrowed, counts.  Returns 0 with
 * *@ret_output, to be released with output_free(), NULL where no pipe is needed; or a negative
 * errno with @err.  All functions below do nothing for NULL.
 */
int output_new(const struct plan_output *plan, struct meter *meter, int standard[static 3],
               struct output **ret_output, struct sbx_error *err);

/** The command's descriptors are on their way: close ours of them. */
void output_launched(struct output *output);

/** What to wait for. */
void output_watch(const struct output *output, struct pollfd watched[static OUTPUT_POLL_COUNT]);

/** Pass on what can be. */
void output_pump(struct output *output, const struct pollfd watched[static OUTPUT_POLL_COUNT]);

/** Nothing runs inside any more: pass on what is left. */
void output_finish(struct output *output);

/** Has all been passed on, or given up? */
bool output_is_dry(const struct output *output);

/** Give up what has not been passed on. */
void output_abandon(struct output *output);

/** Was output lost because it could not be written?  0, or a negative errno with @err. */
int output_check_written(const struct output *output, struct sbx_error *err);

void output_free(struct output *output);

#endif
