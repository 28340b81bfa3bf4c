/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/resolve_limits.h"

#include "base/cleanup.h"
#include "base/cpu_list.h"
#include "policy/cgroup_choice.h"

#include <errno.h>
#include <inttypes.h>

#define CPU_PERIOD 100000 /* microseconds; the kernel's default of cpu.max */

static bool is_delegated(const struct spec *spec)
{
    return spec->cgroup.view == SPEC_CGROUP_DELEGATE;
}

bool limits_want_cgroup(const struct spec *spec)
{
    const struct spec_cgroup *wanted = &spec->cgroup;

    return wanted->memory.origin != NULL || wanted->swap.origin != NULL ||
           wanted->cpus.origin != NULL || wanted->io_weight.origin != NULL ||
           wanted->cpuset.origin != NULL || wanted->parent.origin != NULL || is_delegated(spec) ||
           spec->pids.origin != NULL;
}

/* Which controllers are needed, each with the first option that needs it. */
static struct cgroup_wish wish_of(const struct spec *spec, const struct host *host)
{
    const struct spec_cgroup *wanted = &spec->cgroup;
    const struct {
        const char *origin;
        unsigned controller;
    } rows[] = {
        {wanted->memory.origin, CGROUP_MEMORY},
        {wanted->swap.origin, CGROUP_MEMORY},
        {wanted->cpus.origin, CGROUP_CPU},
        {wanted->io_weight.origin, CGROUP_IO},
        {wanted->cpuset.origin, CGROUP_CPUSET},
        /* without these it would be of little use */
        {is_delegated(spec) ? wanted->view_origin : NULL, CGROUP_MEMORY | CGROUP_PIDS},
    };
    struct cgroup_wish wish = {.parent_origin = wanted->parent.origin};

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        if (rows[i].origin == NULL)
            continue;
        wish.needs |= rows[i].controller;
        if (wish.origin == NULL || (host->cgroups.v1 & rows[i].controller) != 0)
            wish.origin = rows[i].origin;
    }
    if (wish.origin == NULL)
        wish.origin = wanted->parent.origin;
    if (spec->pids.origin != NULL)
        wish.also = CGROUP_PIDS;
    if (is_delegated(spec))
        wish.also = CGROUP_CPU | CGROUP_CPUSET | CGROUP_IO | CGROUP_PIDS;
    return wish;
}

static int push(struct arena *arena, struct steps *steps, const struct step *step,
                struct sbx_error *err)
{
    struct step *slot = ARENA_PUSH(arena, steps);

    if (slot == NULL)
        return error_oom(err);
    *slot = *step;
    return 0;
}

static int push_limit(struct arena *arena, struct steps *steps, const char *file, const char *value,
                      const char *origin, struct sbx_error *err)
{
    if (value == NULL)
        return error_oom(err);
    return push(arena, steps,
                &(struct step){
                    .kind = STEP_CGROUP_LIMIT, .target = file, .source = value, .origin = origin},
                err);
}

static const char *number(struct arena *arena, uint64_t value)
{
    return arena_printf(arena, "%" PRIu64, value);
}

/* With a memory limit swap is bounded as well: else it would be a limit on RAM alone.  When it
 * comes to the worst all ends at once, not one process in the middle of a build. */
static int add_memory(struct arena *arena, const struct spec_cgroup *wanted, struct steps *steps,
                      struct sbx_error *err)
{
    const char *memory = wanted->memory.origin;
    const char *swap = wanted->swap.origin != NULL ? wanted->swap.origin : memory;
    int r = 0;

    if (memory != NULL)
        r = push_limit(arena, steps, "memory.max", number(arena, wanted->memory.value), memory,
                       err);
    if (r == 0 && swap != NULL)
        r = push_limit(arena, steps, "memory.swap.max", number(arena, wanted->swap.value), swap,
                       err);
    if (r == 0 && swap != NULL)
        r = push_limit(arena, steps, "memory.oom.group", "1", swap, err);
    return r;
}

static int add_processors(struct arena *arena, const struct spec_cgroup *wanted,
                          struct steps *steps, struct sbx_error *err)
{
    int r = 0;

    if (wanted->cpus.origin != NULL)
        r = push_limit(arena, steps, "cpu.max",
                       arena_printf(arena, "%" PRIu64 " %d",
                                    wanted->cpus.value * (CPU_PERIOD / 100), CPU_PERIOD),
                       wanted->cpus.origin, err);
    if (r == 0 && wanted->cpuset.origin != NULL)
        r = push_limit(arena, steps, "cpuset.cpus", wanted->cpuset.value, wanted->cpuset.origin,
                       err);
    if (r == 0 && wanted->io_weight.origin != NULL)
        r = push_limit(arena, steps, "io.weight", number(arena, wanted->io_weight.value),
                       wanted->io_weight.origin, err);
    return r;
}

/* Where none of the processors is there the kernel takes all of the parent's instead. */
static int check_cpuset(struct arena *arena, const struct spec_text *wanted,
                        const struct host_cgroup *parent, struct sbx_error *err)
{
    struct cpu_list list;
    struct cpu_list all;

    if (wanted->origin == NULL || cpu_list_parse(wanted->value, &list) < 0)
        return 0;
    if (parent->cpus != NULL && cpu_list_parse(parent->cpus, &all) == 0 &&
        cpu_list_is_within(&list, &all))
        return 0;
    error_usage(err, wanted->origin, "the processors '%s' are not all to be had: %s has %s",
                wanted->value, parent->path,
                parent->cpus != NULL ? parent->cpus : "an unknown set");
    error_add_hint(err, parent->cpus == NULL ? "see cpuset.cpus.effective there"
                                             : arena_printf(arena, "choose from %s", parent->cpus));
    return -EINVAL;
}

static int refuse_pids_of_root(const struct spec *spec, const struct host *host,
                               struct sbx_error *err)
{
    error_usage(err, spec->pids.origin, "the kernel does not count root's processes");
    error_add_hint(err, host->cgroups.systemd
                            ? "run the command as an ordinary user: --as USER; or where sbx can "
                              "make a cgroup: systemd-run --scope -p Delegate=yes sbx run ..."
                            : "run the command as an ordinary user: --as USER; or where sbx can "
                              "make a cgroup, with the controller pids");
    return -EINVAL;
}

/* The scope that comes first, where the cgroup is made in one. */
static int add_scope(struct arena *arena, const struct host_scope *scope, const char *origin,
                     struct steps *steps, struct sbx_error *err)
{
    struct host_scope *copy = arena_alloc(arena, sizeof(*copy));

    if (copy == NULL)
        return error_oom(err);
    *copy = *scope;
    return push(arena, steps,
                &(struct step){.kind = STEP_SCOPE,
                               .source = scope->helper,
                               .target = scope->user ? "systemd's user manager" : "systemd",
                               .data = copy,
                               .origin = origin},
                err);
}

/* Where the cgroup is made, and why there. */
static int add_place(struct arena *arena, const struct spec *spec,
                     const struct cgroup_choice *choice, const char *origin, struct plan *plan,
                     struct steps *steps, struct sbx_error *err)
{
    const struct host_cgroup *parent = choice->parent;
    const char *asked = spec->cgroup.parent.origin;
    struct step step = {.kind = STEP_CGROUP,
                        .target = parent->path,
                        .number = choice->enable,
                        .device = parent->device,
                        .inode = parent->inode,
                        .number2 = choice->controllers,
                        .flags = (choice->move ? STEP_LEAVE : 0) |
                                 (is_delegated(spec) ? STEP_DELEGATE : 0),
                        .origin = asked != NULL ? asked : origin};
    int r = 0;

    step.data = asked != NULL ? "as asked for"
                : parent->own ? "the one that sbx is in"
                              : "above the one that sbx is in";
    if (choice->scope != NULL) {
        r = add_scope(arena, choice->scope, origin, steps, err);
        step.target = "the scope";
        step.data = "the caller's own";
        step.inode = 0;
        plan->scope = true;
    }
    plan->cgroup = step.target;
    return r < 0 ? r : push(arena, steps, &step, err);
}

static int add_cgroup(struct arena *arena, const struct spec *spec,
                      const struct cgroup_choice *choice, const char *origin, struct plan *plan,
                      struct steps *steps, struct sbx_error *err)
{
    int r = add_place(arena, spec, choice, origin, plan, steps, err);

    plan->pids_in_cgroup = spec->pids.origin != NULL && (choice->controllers & CGROUP_PIDS) != 0;
    if (r == 0)
        r = check_cpuset(arena, &spec->cgroup.cpuset, choice->parent, err);
    if (r == 0)
        r = add_memory(arena, &spec->cgroup, steps, err);
    /* init counts, as for a resource limit */
    if (r == 0 && plan->pids_in_cgroup)
        r = push_limit(arena, steps, "pids.max", number(arena, spec->pids.value + 1),
                       spec->pids.origin, err);
    if (r == 0)
        r = add_processors(arena, &spec->cgroup, steps, err);
    return r;
}

int resolve_limits(struct arena *arena, const struct spec *spec, const struct host *host,
                   struct plan *plan, struct steps *ret_steps, struct sbx_error *err)
{
    struct cgroup_wish wish = wish_of(spec, host);
    bool needed = wish.needs != 0 || spec->cgroup.parent.origin != NULL;
    struct cgroup_choice choice = {0};

    *ret_steps = (struct steps){0};
    if (!limits_want_cgroup(spec))
        return 0;
    /* --pids alone is worth a cgroup only where that can hold it */
    if (!needed)
        wish = (struct cgroup_wish){.needs = CGROUP_PIDS, .origin = spec->pids.origin};
    choice = cgroup_choose(host, &wish);
    if (choice.parent == NULL && needed)
        return cgroup_refuse(arena, host, &wish, err);
    /* and a scope only where a resource limit can't: root's processes aren't counted */
    if (!needed && choice.scope != NULL && !host->is_root)
        return 0;
    if (spec->pids.origin != NULL && host->is_root && (choice.controllers & CGROUP_PIDS) == 0)
        return refuse_pids_of_root(spec, host, err);
    return choice.parent == NULL
               ? 0
               : add_cgroup(arena, spec, &choice, wish.origin, plan, ret_steps, err);
}
