/* SPDX-License-Identifier: Apache-2.0 */
/* How a run ended: from what was heard of it to the outcome in the report. */
#ifndef RUN_JUDGE_H
#define RUN_JUDGE_H

#include "init/wire.h"
#include "policy/plan.h"
#include "run/cgroup_run.h"
#include "run/child.h"

#include <sbx/run.h>

/** What the supervisor has heard. */
struct ending {
    struct sbx_error deviation;          /* kind NONE: what is in force is what was planned */
    struct child_failure failure;        /* type 0: none */
    struct wire_exec_failed exec_failed; /* type 0: none */
    bool let_go;                         /* it got its GO */
    bool started;                        /* the command's exec succeeded */
    bool ended;                          /* init told how it ended: the report has that already */
    bool timed_out;                      /* the wall-time limit has passed */
    bool over_output;                    /* more than --max-output lets pass was written */
    bool refused;                        /* a refused system call was to end the run */
    int unwatched;                       /* errno: refused system calls could not be told */
    bool orphaned;                       /* the caller's parent has died */
    int interrupted;                     /* a signal that came before the command was there */
};

/**
 * Fill in @report's outcome and cause, from what init told, or from pid 1's own @init_status where
 * it could not.  Returns 0; or a negative errno with @err where the command did not start.
 */
int judge(const struct plan *plan, const struct cgroup_run *cgroup, const struct ending *ending,
          int init_status, struct sbx_report *report, struct sbx_error *err);

#endif
