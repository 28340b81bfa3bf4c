/* SPDX-License-Identifier: Apache-2.0 */
/* What a report says of limits: what holds each of them, which were reached, what was used. */
#ifndef RUN_LIMITS_H
#define RUN_LIMITS_H

#include "run/cgroup_run.h"
#include "run/channel.h"

#include <stdbool.h>

/** Add the limits of @plan to @report, each with the mechanism that holds it. */
void limits_list(const struct plan *plan, struct sbx_report *report);

/** Add one more limit that was in force; nothing where the report has no room. */
void limits_add(struct sbx_report *report, const char *name, const char *mechanism, bool reached);

/** The limit @name was reached: that is how the run has ended. */
void limits_reach(struct sbx_report *report, const char *name);

/** What @meter has counted of the output; NULL: nothing has. */
void limits_count_output(const struct meter *meter, struct sbx_report *report);

/** Why the run is out of memory, as a report's cause: "memory" for the sandbox's own limit,
 * "host-memory" for one outside of it; NULL where it is not. @run has been measured. */
const char *limits_memory_cause(const struct cgroup_run *run);

/** The set-up failed with @err: was it for want of memory?  Adds the hint that says so. */
void limits_explain(const struct cgroup_run *run, struct sbx_error *err);

#endif
