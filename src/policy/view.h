/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The view: what the command sees where, as a list of entries by path.
 *
 * Entries are added in the order of their authority (defaults, implied grants, then options); a
 * later entry for the same path takes the place of an earlier one.  view_steps() then sorts them,
 * so that a directory comes before what lies in it, leaves out what a later word has hidden, and
 * turns the rest into steps.
 */
#ifndef POLICY_VIEW_H
#define POLICY_VIEW_H

#include "base/path_index.h"
#include "policy/plan.h"

struct view_entry {
    struct step step;
    bool asked;       /* an option asked for it: a default below it gives way */
    bool implied;     /* STEP_BIND, STEP_FILE: nobody asked; it goes where a bind is around it */
    bool writable;    /* the command may write here */
    bool device;      /* a device node, or a directory of them */
    bool directory;   /* STEP_MASK, STEP_BIND: it is known to be one */
    bool seal;        /* STEP_TMPFS: made read-only once it is complete */
    bool absent;      /* STEP_MASK: nothing was there when the plan was made */
    size_t length;    /* of step.target; set by view_add() */
    const char *host; /* STEP_MASK: the path of the host that it hides, where that is known */
};

struct view {
    struct view_entry *items;
    size_t count;
    size_t capacity;
    struct path_index by_target;
    bool devices_only; /* set by view_steps(): no bind shows anything of /dev but devices */
    bool rule_for_dev; /* the same: one Landlock rule does for all devices in /dev */
};

/** Make room for @count entries. 0 or -ENOMEM. */
int view_reserve(struct view *view, struct arena *arena, size_t count);

/** Add @entry, or put it in the place of the one with the same target. 0 or -ENOMEM. */
int view_add(struct view *view, struct arena *arena, const struct view_entry *entry);

/** The deepest entry at or above @path that covers it (a bind, tmpfs or mask), or NULL. */
const struct view_entry *view_covering(const struct view *view, const char *path);

/** The same, but only what is strictly above @path; masks over nothing and pins don't count. */
const struct view_entry *view_around(const struct view *view, const char *path);

/** Take the entry with this very target out again. 0 or -ENOMEM. */
int view_remove(struct view *view, struct arena *arena, const char *target);

/** The entry with this very target, or NULL. */
const struct view_entry *view_at(const struct view *view, const char *target);

/** Does @entry show the host's files and let the command write to them? */
bool view_is_writable(const struct view_entry *entry);

/** The host's path that @entry, a bind or the mirror, shows at @path; NULL where none, or -ENOMEM.
 */
const char *view_host_path(struct arena *arena, const struct view_entry *entry, const char *path);

/** Where @entry, a bind or the mirror, shows the host's @path: NULL where it doesn't. */
const char *view_shown_at(struct arena *arena, const struct view_entry *entry, const char *path);

/**
 * Bind each directory above @target over itself, if it lies in a writable bind and is not a mount
 * point yet ("pin"): the command could rename it otherwise, with @target, and make another one in
 * its place.  The lowest @missing of them are bound only where they are there.  To be called after
 * view_prune().  0 or -ENOMEM.
 */
int view_pin(struct view *view, struct arena *arena, const char *target, const char *origin,
             unsigned missing);

/** view_pin() for all that an option asked for and that a rename could undo. */
int view_pin_asked(struct view *view, struct arena *arena);

/** Would a private or hidden directory of the view hide the host's @path? */
bool view_hides(const struct view *view, const char *path);

/**
 * Mask the host's @path (canonical) wherever a bind of a directory above it shows it, except where
 * another entry covers that place.  @mask says all but its target.  To be called after all other
 * entries are there.
 */
int view_mask_source(struct view *view, struct arena *arena, const char *path,
                     const struct view_entry *mask);

/**
 * Mask every host socket that still shows, unless it was asked for by its own path.
 * To be called after all other entries are there.
 */
int view_mask_sockets(struct view *view, struct arena *arena, const struct host *host);

/** Leave out the entries that give way to others. 0 or -ENOMEM. */
int view_prune(struct view *view, struct arena *arena);

/** Append the steps to @plan, in the order of the paths, and the Landlock rules of what is
 * writable. */
int view_steps(struct view *view, struct arena *arena, struct plan *plan);

#endif
