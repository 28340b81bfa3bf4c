/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cgroup of one run: made before the clone, measured when all is over, removed.
 *
 * Theory of operation.  Two directories are made in the cgroup that the plan names:
 *
 *     PARENT/sbx-sandbox-RANDOM          the limits
 *     PARENT/sbx-sandbox-RANDOM/inside   the processes, from pid 1's birth on
 *
 * The sandbox's cgroup namespace has `inside` as its root.  A command that may mount it (--userns)
 * owns its files as the caller does: so the limits lie one level above, where it can't reach, and
 * it can make no cgroups of its own there (cgroup.max.descendants).  With --cgroup delegate it can,
 * up to a number, and has the controllers for them; what it does there can only be less than the
 * limits above allow.  By default it sees `inside` read-only, at /sys/fs/cgroup.  A cgroup is used
 * once: Linux 6.1 kills at birth what is cloned into one that was killed.
 *
 * Who owns a directory is said by a lock on it (flock(2)), which the kernel gives back when sbx
 * dies, however it dies: the next run in the same parent removes those whose lock is free.
 *
 * Where sbx itself is in the parent, it moves into PARENT/sbx-supervisor-RANDOM, because a cgroup
 * with processes can't limit those below it, and back when the last run there is over.  That takes
 * the controllers away from every cgroup there, so runs share a lock on cgroup.subtree_control and
 * the one that goes back needs it alone.  It is one of fcntl(2), whose exclusive form takes the
 * right to write: nobody else's read lock can do more than keep sbx in its leaf.
 *
 * Where PARENT is a scope that was made for this run (run/scope.h), the child is there already, and
 * waits; it is the scope's helper that moves into the leaf, and the scope is nobody else's.
 */
#ifndef RUN_CGROUP_RUN_H
#define RUN_CGROUP_RUN_H

#include "policy/plan.h"
#include "run/scope.h"

#include <sbx/run.h>

#define CGROUP_RUN_NAME_SIZE 40

struct cgroup_run {
    struct scope scope; /* that the parent is; or none */
    int parent;         /* directory that the plan names; -EBADF: the run has no cgroup */
    int shared;         /* its cgroup.subtree_control, locked */
    int directory;      /* the sandbox's cgroup, locked */
    int inside;         /* the one in it that the processes are in */
    int leaf;           /* the one that sbx moved into, locked; -EBADF: it did not move */
    unsigned enabled;   /* controllers that were switched on for it */
    bool delegated;     /* the command may have made cgroups in inside */
    char name[CGROUP_RUN_NAME_SIZE];
    char leaf_name[CGROUP_RUN_NAME_SIZE];
    uint64_t kills; /* once measured: processes killed for want of memory, all at once, */
    bool ran_out;   /* and whether that was by the limit of this cgroup */
};

/** One without a cgroup. */
#define CGROUP_RUN_NONE                                                                            \
    ((struct cgroup_run){.scope = SCOPE_NONE,                                                      \
                         .parent = -EBADF,                                                         \
                         .shared = -EBADF,                                                         \
                         .directory = -EBADF,                                                      \
                         .inside = -EBADF,                                                         \
                         .leaf = -EBADF})

/**
 * Execute the plan's steps that are sbx's own, if there are any: before the clone, or where the
 * plan has a scope when @child waits, which is put into the cgroup.  Returns 0 with *@ret_run
 * filled, to be given to cgroup_run_end(); or a negative errno with @err, and nothing is left.
 */
int cgroup_run_start(const struct plan *plan, pid_t child, struct cgroup_run *ret_run,
                     struct sbx_error *err);

/** Can this errno of clone3(2) come from the cgroup alone? */
bool cgroup_run_is_clone_error(int number);

/** Add to @report what the cgroup counted: to be called when everything inside has ended. */
void cgroup_run_measure(struct cgroup_run *run, struct sbx_report *report);

/** Kill what is left, remove the cgroup, and undo what was done for it. */
void cgroup_run_end(struct cgroup_run *run);

#endif
