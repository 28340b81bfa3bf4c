/* SPDX-License-Identifier: Apache-2.0 */
/* The command's environment: an allow-list of the caller's variables, and what was asked for. */
#ifndef POLICY_ENVIRONMENT_H
#define POLICY_ENVIRONMENT_H

#include "policy/plan.h"

/** Is @entry ("NAME=value") one of the variables that are passed on unasked? */
bool environment_is_passed(const char *entry);

/** Fill @plan's environment, in @arena. 0 or -ENOMEM. Pure. */
int environment_make(struct arena *arena, const struct spec *spec, const struct host *host,
                     const char *workdir, struct plan *plan);

#endif
