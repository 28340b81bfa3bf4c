/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_RESOLVE_MOUNTS_H
#define POLICY_RESOLVE_MOUNTS_H

#include "policy/plan.h"

/** Append the steps that make the view to @plan; a part of resolve(). 0 or a negative errno. */
int resolve_mounts(struct arena *arena, const struct spec *spec, const struct host *host,
                   struct plan *plan, struct sbx_error *err);

#endif
