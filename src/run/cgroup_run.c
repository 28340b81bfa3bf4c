/* SPDX-License-Identifier: Apache-2.0 */
#include "run/cgroup_run.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "run/cgroup_place.h"
#include "run/step.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define DELEGATED_CGROUPS "256"
#define DELEGATED_DEPTH   "8"

static int failed(const struct step *step, int number, struct sbx_error *err)
{
    error_set(err, SBX_ERROR_SETUP, number, step_ops[step->kind].name, step->target, "%s %s",
              step_ops[step->kind].failure, step->target);
    error_add_origin(err, step->origin);
    return -number;
}

static int open_parent(const struct step *step, struct cgroup_run *run)
{
    struct stat status;

    run->parent = cgroup_open(step->target);
    if (run->parent < 0)
        return run->parent;
    if (fstat(run->parent, &status) < 0)
        return -errno;
    if (status.st_dev != step->device || status.st_ino != step->inode)
        return -ESTALE;
    run->shared = cgroup_place_share(run->parent);
    return run->shared < 0 ? run->shared : 0;
}

static int leave_parent(struct cgroup_run *run)
{
    run->leaf = cgroup_place_make(run->parent, CGROUP_SUPERVISOR, run->leaf_name);
    return run->leaf < 0 ? run->leaf : cgroup_move(run->leaf, 0);
}

/* The helper into a leaf, and the child for now: a cgroup with processes can't limit those below.
 */
static int leave_scope(struct cgroup_run *run, pid_t child)
{
    int r;

    run->leaf = cgroup_place_make(run->parent, CGROUP_SUPERVISOR, run->leaf_name);
    r = run->leaf < 0 ? run->leaf : cgroup_move(run->leaf, run->scope.helper);
    return r < 0 ? r : cgroup_move(run->leaf, child);
}

static int enable_controllers(struct cgroup_run *run, unsigned controllers)
{
    char names[CGROUP_NAMES_SIZE];

    if (controllers == 0)
        return 0;
    run->enabled = controllers;
    return cgroup_set(run->parent, "cgroup.subtree_control",
                      cgroup_controllers_print(controllers, "+", names));
}

/* How many cgroups there may be below the limits, and how deep: `inside` is one. */
static int bound_descendants(const struct cgroup_run *run)
{
    int r = cgroup_set(run->directory, "cgroup.max.descendants",
                       run->delegated ? DELEGATED_CGROUPS : "1");

    if (r == 0 && run->delegated)
        r = cgroup_set(run->directory, "cgroup.max.depth", DELEGATED_DEPTH);
    return r;
}

static int make_directories(const struct step *step, struct cgroup_run *run)
{
    char names[CGROUP_NAMES_SIZE];
    int r;

    run->directory = cgroup_place_make(run->parent, CGROUP_SANDBOX, run->name);
    if (run->directory < 0)
        return run->directory;
    run->delegated = (step->flags & STEP_DELEGATE) != 0;
    r = bound_descendants(run);
    if (r == 0 && run->delegated && step->number2 != 0)
        r = cgroup_set(run->directory, "cgroup.subtree_control",
                       cgroup_controllers_print((unsigned)step->number2, "+", names));
    if (r < 0)
        return r;
    run->inside = cgroup_make(run->directory, CGROUP_INSIDE);
    return run->inside < 0 ? run->inside : 0;
}

static int make(const struct step *step, pid_t child, struct cgroup_run *run)
{
    bool scope = run->scope.helper > 0;
    int r = scope ? 0 : open_parent(step, run);

    if (r < 0)
        return r;
    if (!scope)
        cgroup_place_sweep(run->parent);
    if ((step->flags & STEP_LEAVE) != 0)
        r = scope ? leave_scope(run, child) : leave_parent(run);
    if (r == 0)
        r = enable_controllers(run, (unsigned)step->number);
    return r < 0 ? r : make_directories(step, run);
}

/* Without support for swap in the kernel there is none to be bounded. */
static bool is_needless(const struct step *step, int number)
{
    return number == ENOENT && strcmp(step->target, "memory.swap.max") == 0 &&
           access("/proc/swaps", F_OK) < 0 && errno == ENOENT;
}

static int execute(const struct step *step, pid_t child, struct cgroup_run *run,
                   struct sbx_error *err)
{
    int r = 0;

    switch (step->kind) {
    case STEP_SCOPE:
        run->parent = scope_start(step, child, &run->scope, err);
        return run->parent < 0 ? run->parent : 0;
    case STEP_CGROUP:
        r = make(step, child, run);
        break;
    case STEP_CGROUP_LIMIT:
        r = cgroup_set(run->directory, step->target, step->source);
        if (r < 0 && is_needless(step, -r))
            r = 0;
        break;
    default:
        break;
    }
    return r < 0 ? failed(step, -r, err) : 0;
}

int cgroup_run_start(const struct plan *plan, pid_t child, struct cgroup_run *ret_run,
                     struct sbx_error *err)
{
    struct cgroup_run run = CGROUP_RUN_NONE;
    int r = 0;

    *ret_run = CGROUP_RUN_NONE;
    for (size_t i = 0; r == 0 && i < plan->steps.count; i++)
        r = execute(&plan->steps.items[i], child, &run, err);
    if (r == 0 && plan->scope) {
        r = cgroup_move(run.inside, child);
        if (r < 0)
            error_set(err, SBX_ERROR_SETUP, -r, "cgroup", plan->cgroup,
                      "cannot move the sandbox into its cgroup, in %s", plan->cgroup);
    }
    if (r < 0) {
        cgroup_run_end(&run);
        return r;
    }
    *ret_run = run;
    return 0;
}

bool cgroup_run_is_clone_error(int number)
{
    return number == EACCES || number == EBUSY || number == EOPNOTSUPP || number == ENOENT ||
           number == ENODEV || number == ENOSYS;
}

/* Back to where sbx was, if no other run is there that needs the controllers. */
static void return_to_parent(struct cgroup_run *run)
{
    char names[CGROUP_NAMES_SIZE];

    if (run->leaf < 0 || !cgroup_place_is_last(run->parent, run->shared, run->leaf_name))
        return;
    if (run->enabled != 0 && cgroup_set(run->parent, "cgroup.subtree_control",
                                        cgroup_controllers_print(run->enabled, "-", names)) < 0)
        return;
    if (cgroup_move(run->parent, 0) == 0)
        (void)cgroup_remove(run->parent, run->leaf_name);
}

void cgroup_run_end(struct cgroup_run *run)
{
    if (run->directory >= 0) {
        (void)cgroup_kill(run->directory);
        (void)cgroup_remove_tree(run->directory, CGROUP_INSIDE);
        (void)cgroup_remove(run->parent, run->name);
    }
    if (run->scope.helper > 0) {
        scope_end(&run->scope);
        if (run->leaf >= 0)
            (void)cgroup_remove(run->parent, run->leaf_name);
    } else {
        return_to_parent(run);
    }
    cleanup_close(&run->inside);
    cleanup_close(&run->directory);
    cleanup_close(&run->leaf);
    cleanup_close(&run->shared);
    cleanup_close(&run->parent);
    *run = CGROUP_RUN_NONE;
}
