/* SPDX-License-Identifier: Apache-2.0 */
/* /proc/self/mountinfo, see proc(5). */
#ifndef KERNEL_MOUNTINFO_H
#define KERNEL_MOUNTINFO_H

#include "kernel/host.h"

/**
 * Parse the whole text of a mountinfo file (changed in place) into @ret_mounts, in @arena.
 * Returns 0, -EBADMSG for a line that is not of the documented form, or -ENOMEM.
 */
int mountinfo_parse(struct arena *arena, char *text, struct host_mounts *ret_mounts);

/** Read and parse that of the caller. 0 or a negative errno. */
int mountinfo_read(struct arena *arena, struct host_mounts *ret_mounts, struct sbx_error *err);

/** The kernel writes space, tab, newline and backslash as \ooo: take that back, in place. */
void mountinfo_unescape(char *text);

/** The mount that a canonical path lies on: the last one whose point is the longest; or NULL. */
const struct host_mount *mountinfo_find(const struct host_mounts *mounts, const char *path);

/**
 * Does a mount cover a part of /proc?  The kernel then lets nobody but real root make a fresh
 * procfs ("mount too revealing").  Mounts on its permanently empty directories cover nothing.
 */
bool mountinfo_covers_proc(const struct host_mounts *mounts);

#endif
