/* SPDX-License-Identifier: Apache-2.0 */
/* Which mechanism holds which limit: a cgroup of the sandbox's own, or resource limits. */
#ifndef POLICY_RESOLVE_LIMITS_H
#define POLICY_RESOLVE_LIMITS_H

#include "policy/plan.h"

/** Does @spec ask for anything that a cgroup holds, or could hold? */
bool limits_want_cgroup(const struct spec *spec);

/**
 * Choose the cgroup in which the sandbox's own is made, and fill *@ret_steps with its steps, or
 * none where nothing needs one.  Fills plan->cgroup, plan->scope, which says whether the steps come
 * after the clone, and plan->pids_in_cgroup.  Pure.  Returns 0, -ENOMEM, or -EINVAL with an error
 * that says why a limit can't be held here and what to do.
 */
int resolve_limits(struct arena *arena, const struct spec *spec, const struct host *host,
                   struct plan *plan, struct steps *ret_steps, struct sbx_error *err);

#endif
