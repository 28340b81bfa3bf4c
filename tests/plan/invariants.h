/* SPDX-License-Identifier: Apache-2.0 */
/* What holds for every plan, whatever was asked for on whichever host. */
#ifndef TESTS_PLAN_INVARIANTS_H
#define TESTS_PLAN_INVARIANTS_H

#include "plan/fixture.h"
#include "policy/plan.h"

/** One plan with all it was made from. */
struct planned {
    struct arena *arena;
    const char *name; /* for messages */
    const struct fixture *fixture;
    struct spec spec;
    struct host host;
    struct plan plan;
};

/** Check them all; each one broken fails the running test, which goes on. */
void invariants_check(const struct planned *planned);

/** Those of limits and of paths, which invariants_check() holds as well. */
void invariants_of_limits(const struct planned *planned);
void invariants_of_paths(const struct planned *planned);

#endif
