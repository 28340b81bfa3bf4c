/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All mounts that the caller sees: by listmount(2) and statmount(2) where the kernel has all that
 * is asked of them (Linux 6.15), else by /proc/self/mountinfo.  Both say the same; only the first
 * know the unique id of a mount, and need no /proc.
 */
#ifndef KERNEL_MOUNT_TABLE_H
#define KERNEL_MOUNT_TABLE_H

#include "kernel/host.h"

/** Read it into *@ret_mounts, in @arena. 0 or a negative errno. */
int mount_table_read(struct arena *arena, struct host_mounts *ret_mounts, struct sbx_error *err);

/** By listmount(2) and statmount(2) alone: -EOPNOTSUPP where they don't say all. */
int mount_table_statmount(struct arena *arena, struct host_mounts *ret_mounts);

#endif
