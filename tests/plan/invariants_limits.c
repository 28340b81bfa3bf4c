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

/* Output that is to be counted has no other way out than through sbx. */
static void check_output(const struct planned *planned)
{
    const struct plan *plan = &planned->plan;
    unsigned found = 0;

    for (size_t i = 0; i < plan->steps.count; i++)
        found += plan->steps.items[i].kind == STEP_OUTPUT;
    cr_expect_eq(found, planned->spec.max_output.origin != NULL, "%s", planned->name);
    if (planned->spec.max_output.origin == NULL) {
        cr_expect_eq(plan->output.piped, 0, "%s", planned->name);
        return;
    }
    cr_expect_neq(plan->terminal.mode, PLAN_TERMINAL_SHARED, "%s", planned->name);
    for (int number = 1; number <= 2; number++) {
        const struct host_fd *fd = host_fd_find(&planned->host, number);

        cr_expect_eq(output_pipes(&plan->output, number) ||
                         terminal_replaces(&plan->terminal, number),
                     fd != NULL && (fd->writable || fd->terminal), "%s: descriptor %d",
                     planned->name, number);
    }
    for (size_t i = 0; i < plan->landlock.count; i++)
        cr_expect(plan->landlock.items[i].kind != LANDLOCK_RULE_DESCRIPTOR ||
                      plan->landlock.items[i].fd > 2,
                  "%s: the caller's file could be opened again", planned->name);
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
    if (wanted->parent.origin != NULL || wanted->view == SPEC_CGROUP_DELEGATE)
        cr_expect_not_null(planned->plan.cgroup, "%s: --cgroup-parent", planned->name);
    check_output(planned);
}
