/* SPDX-License-Identifier: Apache-2.0 */
/* What holds for the paths of every plan. */
#include "plan/invariants.h"

#include "base/path.h"
#include "plan/view_model.h"
#include "run/step.h"

#include <criterion/criterion.h>
#include <string.h>

/* Absolute, without "..", "." and empty parts: what is printed is what the kernel is given. */
static bool is_plain(const struct planned *planned, const char *path)
{
    return path[0] == '/' && strcmp(path_absolute(planned->arena, "/", path), path) == 0;
}

static void check_plain(const struct planned *planned, const struct step *step)
{
    /* what is in a file may be made up */
    bool has_source = step->kind == STEP_BIND || step->kind == STEP_MIRROR ||
                      (step->kind == STEP_FILE && step->source != NULL);

    if (view_is_mount(step) || step->kind == STEP_HOST_DIRECTORY || step->kind == STEP_CHDIR ||
        step->kind == STEP_SEAL)
        cr_expect(is_plain(planned, step->target), "%s: %s '%s' [%s]: the target", planned->name,
                  step_ops[step->kind].name, step->target, step->origin);
    if (has_source)
        cr_expect(is_plain(planned, step->source), "%s: %s from '%s' [%s]: the source",
                  planned->name, step_ops[step->kind].name, step->source, step->origin);
}

void invariants_of_paths(const struct planned *planned)
{
    for (size_t i = 0; i < planned->plan.steps.count; i++)
        check_plain(planned, &planned->plan.steps.items[i]);
}
