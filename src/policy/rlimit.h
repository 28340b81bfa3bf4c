/* SPDX-License-Identifier: Apache-2.0 */
/* Resource limits (setrlimit(2)) by their names in prlimit(1). */
#ifndef POLICY_RLIMIT_H
#define POLICY_RLIMIT_H

#include "policy/spec.h"

/** The name of RLIMIT_* @resource: "as", "nofile"; NULL where it has none.  Pure. */
const char *rlimit_name(uint64_t resource);

/**
 * "NAME=SOFT[:HARD]" into *@ret_limit.  A value is a number, in bytes with K M G where the limit
 * is one of memory, a time where it is one of time, or "unlimited"; without HARD both are SOFT.
 * Returns 0; -EINVAL with a usage error for a limit that is unknown, has an option of its own, or
 * means nothing to the kernel; or -ENOMEM.  Pure.
 */
int rlimit_parse(struct arena *arena, const char *text, const char *origin,
                 struct spec_rlimit *ret_limit, struct sbx_error *err);

#endif
