/* SPDX-License-Identifier: Apache-2.0 */
/* What holds for the paths of every plan, and for who may write where. */
#include "plan/invariants.h"

#include "base/path.h"
#include "plan/view_model.h"
#include "run/step.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/mount.h>

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

/* Was it --rw, or --home with a directory, that has this origin? */
static bool asks_to_write(const struct spec *spec, const char *origin)
{
    for (size_t i = 0; i < spec->mounts.count; i++)
        if (spec->mounts.items[i].kind == SPEC_MOUNT_RW &&
            strcmp(spec->mounts.items[i].origin, origin) == 0)
            return true;
    return spec->home == SPEC_HOME_DIRECTORY && strcmp(spec->home_option.origin, origin) == 0;
}

/* Nothing of the host is writable that no rule asked for; and a pin follows what it lies in. */
static void check_writable(const struct planned *planned, const struct step *step)
{
    if ((step->kind != STEP_BIND && step->kind != STEP_MIRROR) || view_is_pin(step) ||
        (step->attributes & MOUNT_ATTR_RDONLY) != 0)
        return;
    cr_expect(asks_to_write(&planned->spec, step->origin),
              "%s: %s '%s' [%s]: nobody asked to write", planned->name, step_ops[step->kind].name,
              step->target, step->origin);
}

void invariants_of_paths(const struct planned *planned)
{
    for (size_t i = 0; i < planned->plan.steps.count; i++) {
        check_plain(planned, &planned->plan.steps.items[i]);
        check_writable(planned, &planned->plan.steps.items[i]);
    }
}
