/* SPDX-License-Identifier: Apache-2.0 */
/* Limits that only a cgroup can hold, as a part of the spec. */
#ifndef POLICY_SPEC_CGROUP_H
#define POLICY_SPEC_CGROUP_H

#include "base/arena.h"
#include "base/error.h"
#include "policy/option.h"
#include "policy/spec.h"

/**
 * Parse @value of the option @id into its field of @cgroup; strings live in @arena, @origin too.
 * Returns 0, -EINVAL with a usage error, -ENOMEM, or -ENOSYS for an option that is none of these.
 */
int spec_cgroup_build(struct arena *arena, enum option_id id, const char *value, const char *origin,
                      struct spec_cgroup *cgroup, struct sbx_error *err);

#endif
