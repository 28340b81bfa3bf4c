/* SPDX-License-Identifier: Apache-2.0 */
/* The default view: the rows that hold when nobody asks for anything. */
#ifndef POLICY_DEFAULT_VIEW_H
#define POLICY_DEFAULT_VIEW_H

#include "policy/view.h"

#include <sys/mount.h>

/** What a fresh procfs always has; --proc decides whether it is read-only as well. */
#define DEFAULT_VIEW_PROC_ATTRIBUTES (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

/** Paths of the host whose facts default_view_add() needs; NULL-terminated. */
extern const char *const default_view_paths[];

/** Places of the view's root, which is the host's or that of --root, that it needs to know. */
extern const char *const default_view_places[];

/** Files that belong to root and must not be read even by a root without capabilities. */
extern const char *const root_secrets[];

/** Is @path, or what it lies in, masked by default, for root (@is_root) or for everyone? */
bool default_view_masks(const char *path, bool is_root);

/**
 * Add the host's tree, /proc with its masks and mirrored submounts, /sys masks, /dev, and the
 * private directories to the empty @view.  0 or -ENOMEM.
 */
int default_view_add(struct view *view, struct arena *arena, const struct spec *spec,
                     const struct host *host);

/** A private tmpfs at @target that takes at most @percent of the host's memory. 0 or -ENOMEM. */
int default_view_add_tmpfs(struct view *view, struct arena *arena, const struct host *host,
                           const char *target, uint32_t mode, unsigned percent, const char *origin);

#endif
