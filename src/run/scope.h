/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A scope from systemd, as a place for the cgroup of a run: see systemd.scope(5).
 *
 * Theory of operation.  The kernel lets a process be moved, or cloned, into a cgroup only by who
 * may write to cgroup.procs of the nearest cgroup that the old and the new place share.  For an
 * ordinary user in a login session that one is root's: whatever is delegated in a scope, sbx can't
 * clone into it from outside.  So a service manager has to move somebody, and there were three to
 * choose from:
 *
 *  - sbx itself.  It would leave the service or session that it was started in for good, and what
 *    stops that one would stop sbx no more; in a program that uses the library, the whole program.
 *  - a process that clones the sandbox in its place, with all of sbx's memory.
 *  - the sandbox's own first process, right after its birth: this one.
 *
 * The child is cloned where sbx is, into its namespaces, and waits.  It has run nothing but that
 * wait and holds nothing but its copy of sbx's memory, which it got from sbx's own allowance.  The
 * manager is asked by the helper sbx-scope, which needs libsystemd, to make a scope with two
 * processes in it: the child and the helper.  From there on all is the caller's: Delegate= gives it
 * the scope's cgroup, so sbx, from where it is, makes the leaf, the limits and the place inside
 * (cgroup_run.h), and moves both within the scope; then it lets the child go on.
 *
 * The helper stays in the scope, in a leaf.  systemd removes a scope and every cgroup in it the
 * moment it is empty, and the figures of a run are read after its last process has ended.  It ends
 * when sbx closes its socket, or dies; then systemd cleans up, so a killed sbx leaves nothing.
 *
 * What is believed: nothing that the manager, the bus or the helper says.  The path comes from the
 * kernel (/proc/PID/cgroup), of two children that have not been waited for, so their numbers are
 * theirs; both have to be in a cgroup of the name that was made up for this run.  Anything else, or
 * no answer in time, ends the run before the child has done a step.  A manager in another PID
 * namespace would move processes that only have the same number: the helper finds that out before
 * it asks for anything.
 */
#ifndef RUN_SCOPE_H
#define RUN_SCOPE_H

#include "policy/plan.h"

struct scope {
    pid_t helper; /* 0: there is no scope */
    int socket;   /* to it */
};

#define SCOPE_NONE ((struct scope){.socket = -EBADF})

/**
 * Have a scope made for @step (STEP_SCOPE) with @child in it.  Returns its cgroup's directory, a
 * close-on-exec descriptor, with *@ret_scope to be given to scope_end(); or a negative errno with
 * @err, and the helper is gone.  It takes SCOPE_ANSWER_MS at most.
 */
int scope_start(const struct step *step, pid_t child, struct scope *ret_scope,
                struct sbx_error *err);

/** Let the scope go: when everything in it has ended, systemd removes it. */
void scope_end(struct scope *scope);

#endif
