/* SPDX-License-Identifier: Apache-2.0 */
/* Launch a plan, wait for its end, and say how it ended. */
#ifndef RUN_SUPERVISE_H
#define RUN_SUPERVISE_H

#include "policy/plan.h"

#include <sbx/run.h>

/**
 * Run @plan as documented at sbx_plan_run(), except for the file of --report.
 * Returns 0 where the command was started or looked for, else a negative errno with @err filled.
 */
int supervise(const struct plan *plan, unsigned flags, struct sbx_report *ret_report,
              struct sbx_error *err);

#endif
