/* SPDX-License-Identifier: Apache-2.0 */
/* In which cgroup can that of a sandbox be made, and where in none, why not? */
#ifndef POLICY_CGROUP_CHOICE_H
#define POLICY_CGROUP_CHOICE_H

#include "base/arena.h"
#include "base/error.h"
#include "kernel/host.h"

/** What is asked for. */
struct cgroup_wish {
    unsigned needs;            /* controllers without which a limit can't be held */
    unsigned also;             /* those that are used where they can be had */
    const char *origin;        /* who needs it, for messages */
    const char *parent_origin; /* who named the parent; NULL: nobody */
};

/** The answer. */
struct cgroup_choice {
    const struct host_cgroup *parent; /* where the sandbox's cgroup is made; NULL: nowhere */
    const struct host_scope *scope;   /* a scope of it, below parent; NULL: in parent itself */
    unsigned controllers;             /* those of the wish that it will have */
    unsigned enable;                  /* of these, those that the parent doesn't give out yet */
    bool move;                        /* the caller is in the parent, and has to leave it first */
};

/** That of --cgroup-parent; else the nearest cgroup that can, upwards from the caller's own; else a
 * scope that a service manager makes. */
struct cgroup_choice cgroup_choose(const struct host *host, const struct cgroup_wish *wish);

/**
 * Say why there is none for @wish: fill @err, with the way out as its hint.  -EINVAL, or -ENOMEM.
 */
int cgroup_refuse(struct arena *arena, const struct host *host, const struct cgroup_wish *wish,
                  struct sbx_error *err);

#endif
