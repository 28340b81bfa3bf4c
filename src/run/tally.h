/* SPDX-License-Identifier: Apache-2.0 */
/* What a report says of a run whatever its end was: who it was, and what it used. */
#ifndef RUN_TALLY_H
#define RUN_TALLY_H

#include "policy/plan.h"

#include <sbx/run.h>
#include <stdint.h>
#include <sys/types.h>

/** The time that a run is measured by: CLOCK_MONOTONIC, milliseconds. */
uint64_t tally_now_ms(void);

/** Start @ret_report with what @plan knows. */
void tally_begin(const struct plan *plan, struct sbx_report *ret_report);

/** Wait for @pid, a child, and add what it and all below it have used.  Returns wait(2)'s status.
 */
int tally_reap(pid_t pid, struct sbx_report *report);

#endif
