/* SPDX-License-Identifier: Apache-2.0 */
/* Is what came of a disturbed launch one of the outcomes that are allowed? */
#ifndef JUDGE_H
#define JUDGE_H

#include "trace.h"
#include "world.h"

enum verdict {
    VERDICT_NONE,
    VERDICT_FAILED,    /* none of the below: a fault in sbx */
    VERDICT_CLOSED,    /* the command did not start: 125, what failed, a hint */
    VERDICT_ISOLATED,  /* it ran, with all the isolation of an undisturbed launch */
    VERDICT_DEGRADED,  /* it ran, and what was missing is named in the report */
    VERDICT_LATE,      /* it ran, isolated; then sbx failed: 125, what failed, a hint */
    VERDICT_REFUSED,   /* its exec failed: 126 or 127, and a message */
    VERDICT_KILLED,    /* killed by the case itself, and nothing was left */
    VERDICT_LIBC,      /* libc gave up, in its own words, and nothing has run */
    VERDICT_UNREACHED, /* the call was not made in this launch, which was isolated */
    VERDICT_COUNT
};

extern const char *const verdict_names[VERDICT_COUNT];

#define JUDGE_MAX_REASON 1000

/** Say what became of a launch disturbed as @which says; @facts are those of an undisturbed one.
 * Where it FAILED, @reason says why. */
enum verdict judge(const struct fault_case *which, const struct trace_result *result,
                   const struct world_output *output, const char *facts,
                   char reason[static JUDGE_MAX_REASON]);

#endif
