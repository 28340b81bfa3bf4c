/* SPDX-License-Identifier: Apache-2.0 */
/* The cgroups of runs beside each other in one parent: names, locks, and what dead ones left. */
#ifndef RUN_CGROUP_PLACE_H
#define RUN_CGROUP_PLACE_H

#include "run/cgroup_run.h"

#include <stdbool.h>

#define CGROUP_SANDBOX    "sbx-sandbox-"
#define CGROUP_SUPERVISOR "sbx-supervisor-"
#define CGROUP_INSIDE     "inside"

/** Make a cgroup @prefix + random in @parent, lock it, and write its name to @ret_name.  Returns
 * its descriptor, which holds the lock, or a negative errno. */
int cgroup_place_make(int parent, const char *prefix, char ret_name[static CGROUP_RUN_NAME_SIZE]);

/** Remove from @parent what runs left that were killed; others' and living ones' stay. */
void cgroup_place_sweep(int parent);

/** Say that a run uses @parent: a descriptor that holds a shared lock, or a negative errno. */
int cgroup_place_share(int parent);

/** Does nobody else use it: no run that shares the lock @shared, no cgroup but @name? If so, nobody
 * can begin to before @shared is closed. */
bool cgroup_place_is_last(int parent, int shared, const char *name);

#endif
