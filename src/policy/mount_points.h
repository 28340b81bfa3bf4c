/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_MOUNT_POINTS_H
#define POLICY_MOUNT_POINTS_H

#include "policy/resolve_context.h"

/**
 * Give every entry of the view a place to be mounted on, where the tree of --root lacks it; the
 * steps that change a writable tree are appended to @plan.  Nothing without --root.
 *
 * Returns 0; -EINVAL with a usage error where a place can't be made; or -ENOMEM.
 */
int mount_points_make(struct resolve_context *context, struct plan *plan);

#endif
