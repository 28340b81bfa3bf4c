/* SPDX-License-Identifier: Apache-2.0 */
/* The system-call filter as a part of the spec. */
#ifndef POLICY_SPEC_SYSCALLS_H
#define POLICY_SPEC_SYSCALLS_H

#include "base/arena.h"
#include "base/error.h"
#include "policy/option.h"
#include "policy/spec.h"

/**
 * Parse @value of the option @id into its field of @spec; strings live in @arena, @origin too.
 * Returns 0, -EINVAL with a usage error, -ENOMEM, or -ENOSYS for an option that is none of these.
 */
int spec_syscalls_build(struct arena *arena, enum option_id id, const char *value,
                        const char *origin, struct spec *spec, struct sbx_error *err);

/** Do the settings of @spec go together?  0, or -EINVAL with a usage error. */
int spec_syscalls_check(const struct spec *spec, struct sbx_error *err);

#endif
