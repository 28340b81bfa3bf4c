/* SPDX-License-Identifier: Apache-2.0 */
/* Launching a plan: one clone, and what init needs to start the command. */
#ifndef RUN_LAUNCH_H
#define RUN_LAUNCH_H

#include "policy/plan.h"
#include "run/cgroup_run.h"

#include <signal.h>

/** A sandbox that is being set up or runs.  Descriptors are owned; -EBADF where not open. */
struct launch {
    pid_t pid;   /* the sandbox's pid 1, as the caller sees it */
    int pidfd;   /* of the same */
    int control; /* to the child and then init */
    int exec;    /* to the command's process, until its exec */
};

/** What a launch takes besides the plan. */
struct launch_inputs {
    const sigset_t *signal_mask; /* what the command is to start with */
    bool ignore_sigchld;         /* it is to ignore SIGCHLD */
    struct cgroup_run *cgroup;   /* to be filled: the cgroup that it is in, or none */
    int standard[3];             /* the descriptors it has as 0, 1 and 2; negative: none */
};

/**
 * Make the cgroup, clone the child that executes @plan, and send init its orders.  Returns 0 with
 * *@ret_launch filled, to be released with launch_end(); or a negative errno with @err, and nothing
 * is left but @given->cgroup, which is the caller's to end.
 */
int launch_start(const struct plan *plan, const struct launch_inputs *given,
                 struct launch *ret_launch, struct sbx_error *err);

/** Close the descriptors. */
void launch_end(struct launch *launch);

#endif
