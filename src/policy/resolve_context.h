/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of resolve_mounts() share while they work the view out. */
#ifndef POLICY_RESOLVE_CONTEXT_H
#define POLICY_RESOLVE_CONTEXT_H

#include "policy/view.h"

#include <sys/mount.h>

#define RESOLVE_BIND_ATTRIBUTES (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)

struct resolve_context {
    struct view view;
    struct arena *arena;
    const struct spec *spec;
    const struct host *host;
    struct sbx_error *err;
    const char *homes[2]; /* canonical homes that are hidden, NULL-padded */
    struct {
        const struct host_path **items;
        size_t count;
        size_t capacity;
    } writable; /* what an option lets the command write to, where it is there */
};

/** The host's fact about @path, absolute or relative to the caller's directory, or NULL. */
const struct host_path *resolve_fact(const struct resolve_context *context, const char *path);

/** The same for a path of the view's root, which may be that of --root. */
const struct host_path *resolve_inside_fact(const struct resolve_context *context,
                                            const char *path);

/** view_add(), with the error filled. */
int resolve_add(struct resolve_context *context, const struct view_entry *entry);

/**
 * What the command can write to, an earlier command may have filled with links: a name there that
 * leads out of it is not what the user meant.  Returns 0, or -EINVAL with a usage error.
 */
int resolve_check_link(struct resolve_context *context, const char *name,
                       const struct host_path *fact, const char *origin);

/** The place in the view that the user's @path means, in the arena; NULL out of memory. */
const char *resolve_target(const struct resolve_context *context, const char *path);

#endif
