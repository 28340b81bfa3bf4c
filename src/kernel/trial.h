/* SPDX-License-Identifier: Apache-2.0 */
/*
 * To try something that may be refused, hang or kill: in a process of its own, and in namespaces of
 * its own, which go away with it.  So nothing that is tried leaves a trace, and a file system that
 * never answers costs no more than the time limit.
 */
#ifndef KERNEL_TRIAL_H
#define KERNEL_TRIAL_H

#include <stddef.h>
#include <stdint.h>

/** How far a trial came. */
enum trial_stage {
    TRIAL_STAGE_CLONE, /* the process, or its namespaces, could not be made */
    TRIAL_STAGE_MAPS,  /* the ids of its user namespace could not be mapped */
    TRIAL_STAGE_TRIED, /* the function was called, and returned or died */
    TRIAL_STAGE_HUNG,  /* it was called, and did not return in time */
};

struct trial {
    uint64_t namespaces; /* CLONE_NEW*; in a new user namespace the caller's ids mean themselves */
    unsigned timeout_ms;
    /** What is tried: 0 or a negative errno.  It runs in a copy of a process that may have had
     * threads, so it may make system calls, and nothing that takes a lock or memory. */
    int (*function)(const void *argument, void *result);
    const void *argument;
};

/**
 * Run @trial.  Its function finds @size zeroed bytes at its second parameter, and what it writes
 * there is in @ret_result after it, also where it failed, died or hung half way.
 *
 * Returns what the function returned; or a negative errno: that of @ret_stage (if not NULL),
 * -ECHILD where the function was killed, -ETIMEDOUT where it hung.  Then it has been sent SIGKILL,
 * but is not waited for: a process that waits for a dead file system can't die. Any thread; does
 * not touch the caller's signal handlers, but expects SIGCHLD not to be ignored.
 */
int trial_run(const struct trial *trial, void *ret_result, size_t size,
              enum trial_stage *ret_stage);

#endif
