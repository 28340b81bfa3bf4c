/* SPDX-License-Identifier: Apache-2.0 */
/* Which mounts of a namespace can be seen, and which lie beneath others. */
#ifndef POLICY_MOUNT_REACH_H
#define POLICY_MOUNT_REACH_H

#include "kernel/host.h"

/**
 * *@ret_shown says of each of @mounts, those of one namespace, whether the root of it shows at its
 * mount point: no other mount lies on it, or between it and where it is.  In @arena. 0 or -ENOMEM.
 */
int mount_reach_find(struct arena *arena, const struct host_mounts *mounts, bool **ret_shown);

#endif
