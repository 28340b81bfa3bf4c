/* SPDX-License-Identifier: Apache-2.0 */
/* Launching a plan: one clone, and what init needs to start the command. */
#ifndef RUN_LAUNCH_H
#define RUN_LAUNCH_H

#include "policy/plan.h"

#include <signal.h>

/** A sandbox that is being set up or runs.  Descriptors are owned; -EBADF where not open. */
struct launch {
    pid_t pid;   /* the sandbox's pid 1, as the caller sees it */
    int pidfd;   /* of the same */
    int control; /* to the child and then init */
    int exec;    /* to the command's process, until its exec */
};

/**
 * Clone the child that executes @plan, and send init its orders.  @signal_mask is what the command
 * is to start with, @ignore_sigchld whether it is to ignore SIGCHLD, @cgroup the directory of the
 * cgroup that it is born in, or negative.  Returns 0 with *@ret_launch
 * filled, to be released with launch_end(); or a negative errno with @err, and nothing is left.
 */
int launch_start(const struct plan *plan, const sigset_t *signal_mask, bool ignore_sigchld,
                 int cgroup, struct launch *ret_launch, struct sbx_error *err);

/** Close the descriptors. */
void launch_end(struct launch *launch);

#endif
