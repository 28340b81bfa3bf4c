/* SPDX-License-Identifier: Apache-2.0 */
/* Turning what went wrong in the child, in init or in the command's start into an error. */
#ifndef RUN_FAILURE_H
#define RUN_FAILURE_H

#include "init/wire.h"
#include "policy/plan.h"
#include "run/child.h"

#include <sbx/run.h>

/** A step of the set-up failed: fill @err, return a negative errno. */
int failure_of_step(const struct plan *plan, const struct child_failure *failure,
                    struct sbx_error *err);

/**
 * The command's process failed before its exec: where the command itself is at fault, fill
 * ret_report's outcome and error and return 0; else fill @err and return a negative errno.
 */
int failure_of_command(const struct plan *plan, const struct wire_exec_failed *failed,
                       struct sbx_report *ret_report, struct sbx_error *err);

/** The sandbox ended before the command started, and nobody said why. A negative errno. */
int failure_of_launch(int interrupted, int orphaned, int init_status, struct sbx_error *err);

/**
 * The exec of @command failed: fill the outcome and error of @report.  @tree is that of --root, or
 * NULL.
 */
void failure_of_exec(const char *command, const char *tree, const struct wire_exec_failed *failed,
                     struct sbx_report *report);

#endif
