/* SPDX-License-Identifier: Apache-2.0 */
/* What holds for the limits of every plan. */
#include "plan/invariants.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/resource.h>

/* How many steps set this limit: @file of a cgroup, or @resource. */
static unsigned count(const struct planned *planned, const char *file, uint64_t resource)
{
    unsigned found = 0;

    for (size_t i = 0; i < planned->plan.steps.count; i++) {
        const struct step *step = &planned->plan.steps.items[i];

        found += (step->kind == STEP_CGROUP_LIMIT && strcmp(step->target, file) == 0) ||
                 (step->kind == STEP_RLIMIT && step->number == resource);
    }
    return found;
}

/* A limit that was asked for is held by something, by one thing, and by what can hold it. */
void invariants_of_limits(const struct planned *planned)
{
    const struct spec_cgroup *wanted = &planned->spec.cgroup;
    const uint64_t none = UINT64_MAX;
    const struct {
        const char *file;
        bool asked;
    } rows[] = {
        {"memory.max", wanted->memory.origin != NULL},
        {"memory.swap.max", wanted->memory.origin != NULL || wanted->swap.origin != NULL},
        {"memory.oom.group", wanted->memory.origin != NULL || wanted->swap.origin != NULL},
        {"cpu.max", wanted->cpus.origin != NULL},
        {"cpuset.cpus", wanted->cpuset.origin != NULL},
        {"io.weight", wanted->io_weight.origin != NULL},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        cr_expect_eq(count(planned, rows[i].file, none), rows[i].asked, "%s: %s", planned->name,
                     rows[i].file);
    cr_expect_eq(count(planned, "pids.max", RLIMIT_NPROC), planned->spec.pids.origin != NULL,
                 "%s: --pids", planned->name);
    cr_expect(!planned->host.is_root || count(planned, "", RLIMIT_NPROC) == 0,
              "%s: the kernel does not count root's processes", planned->name);
    if (wanted->parent.origin != NULL)
        cr_expect_not_null(planned->plan.cgroup, "%s: --cgroup-parent", planned->name);
}
