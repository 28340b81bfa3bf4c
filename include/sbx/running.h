/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The caller's running sandboxes: list them, run one more command in one, end one.  See sbx-ps(1),
 * sbx-exec(1), sbx-stop(1), sbx-stats(1).
 *
 * A sandbox can be found as long as its supervisor (sbx_plan_run()) runs, by its --name or the name
 * that was made up for it.  Only the user that started it, and root as that user, reach it.
 */
#ifndef SBX_RUNNING_H
#define SBX_RUNNING_H

#include <sbx/run.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What is known of a running sandbox. Plain data; strings may be empty. */
struct sbx_running {
    char name[64];
    int answers;        /**< 0: its supervisor is stopped or busy, and nothing below is known */
    int pid;            /**< of its supervisor, as that sees itself */
    unsigned processes; /**< inside, pid 1 included */
    uint64_t age_ms;
    uint64_t cpu_ms; /**< used by everything inside so far */
    uint64_t memory; /**< bytes; resident, with shared pages as often as they are shared */
    char profile[80];
    char command[128]; /**< argv[0] of the first command, cut */
};

/**
 * All of them, sorted by name, as an array of *@ret_count that the caller frees with free(3); NULL
 * and 0 where there are none.  Entries of sandboxes that have died are taken away.  Returns 0;
 * -EPERM where the register isn't the caller's alone; or another negative errno with @err.
 */
int sbx_running_list(struct sbx_running **ret_list, size_t *ret_count, struct sbx_error *err);

/** One of them.  0; -ENOENT with a usage error where none of that name runs; or as above. */
int sbx_running_get(const char *name, struct sbx_running *ret_running, struct sbx_error *err);

/** Print it as one JSON object on one line.  0, -ENOMEM or -EIO. */
int sbx_running_print_json(const struct sbx_running *running, FILE *stream, struct sbx_error *err);

/**
 * End it: SIGTERM to its first command, and SIGKILL to all that is inside when it hasn't ended
 * after @grace (a time as the options take it, NULL: two seconds).  Returns 0 when nothing of it is
 * left, or as sbx_running_get().
 */
int sbx_running_stop(const char *name, const char *grace, struct sbx_error *err);

/** A further command. All pointers are borrowed. */
struct sbx_exec {
    const char *const *command;   /**< argv, NULL-terminated, not empty */
    const char *const *variables; /**< "NAME=VALUE" to set besides those of the first command;
                                       NULL-terminated, or NULL */
    const char *directory;        /**< where it starts, a path inside; NULL: as the first one */
};

/**
 * Start a command in the running sandbox @name, with the caller's descriptors 0, 1 and 2, and wait
 * for it.  It is started by the sandbox's own pid 1 and has the same isolation as the first one.
 * With SBX_RUN_JOB_CONTROL in @flags signals of the caller are passed on to it, and no other thread
 * may run.  Returns 0 with *@ret_report (outcome, exit code, signal, error) filled; or as
 * sbx_running_get(), and nothing was started.
 */
int sbx_running_exec(const char *name, const struct sbx_exec *exec, unsigned flags,
                     struct sbx_report *ret_report, struct sbx_error *err);

#ifdef __cplusplus
}
#endif
#endif
