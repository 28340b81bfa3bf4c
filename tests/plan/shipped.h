/* SPDX-License-Identifier: Apache-2.0 */
/* The shipped profiles, for plans on hosts that are text files. */
#ifndef TESTS_PLAN_SHIPPED_H
#define TESTS_PLAN_SHIPPED_H

#include "plan/fixture.h"
#include "policy/setting.h"

/** Where their files lie: beside the program under test, or in the source tree. In @arena. */
const char *shipped_directory(struct arena *arena);

/**
 * Append to @settings what the shipped profile @name comes to on the host of @fixture.  An origin
 * is "--rw build.yaml:12:5", so that a plan is held to the same as one by options.
 * 0, or a negative errno with @err filled, where the profile refuses to run there, or can't: it
 * grants something of a home, and there is none.
 */
int shipped_settings(struct arena *arena, const struct fixture *fixture, const char *name,
                     struct settings *settings, struct sbx_error *err);

#endif
