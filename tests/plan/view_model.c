/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/view_model.h"

#include "base/path.h"

#include <string.h>
#include <sys/mount.h>

bool view_is_mount(const struct step *step)
{
    switch (step->kind) {
    case STEP_MIRROR:
    case STEP_PROC:
    case STEP_TMPFS:
    case STEP_DEVPTS:
    case STEP_CGROUPFS:
    case STEP_DIRECTORY:
    case STEP_SYMLINK:
    case STEP_BIND:
    case STEP_FILE:
    case STEP_MASK:
        return true;
    default:
        return false;
    }
}

/* A directory that was made on a tmpfs is a part of that tmpfs. */
static bool holds_others(const struct step *step)
{
    return view_is_mount(step) && step->kind != STEP_DIRECTORY && step->kind != STEP_SYMLINK &&
           step->kind != STEP_FILE;
}

const struct step *view_decides(const struct plan *plan, const char *path, bool below)
{
    const struct step *found = NULL;

    for (size_t i = 0; i < plan->steps.count; i++) {
        const struct step *step = &plan->steps.items[i];

        if (below ? holds_others(step) && path_is_below(path, step->target)
                  : view_is_mount(step) && path_is_within(path, step->target))
            if (found == NULL || path_is_within(step->target, found->target))
                found = step;
    }
    return found;
}

const char *view_shows(struct arena *arena, const struct plan *plan, const char *path)
{
    const struct step *step = view_decides(plan, path, false);

    if (step == NULL || (step->kind != STEP_BIND && step->kind != STEP_MIRROR))
        return NULL;
    return path_join(arena, step->source, path_relative(path, step->target));
}

static bool is_sealed(const struct plan *plan, const char *target)
{
    for (size_t i = 0; i < plan->steps.count; i++)
        if (plan->steps.items[i].kind == STEP_SEAL &&
            strcmp(plan->steps.items[i].target, target) == 0)
            return true;
    return false;
}

bool view_lets_write(const struct plan *plan, const char *path)
{
    const struct step *step = view_decides(plan, path, false);

    while (step != NULL && (step->kind == STEP_DIRECTORY || step->kind == STEP_SYMLINK))
        step = view_decides(plan, step->target, true);
    if (step == NULL)
        return false;
    switch (step->kind) {
    case STEP_TMPFS:
        return (step->attributes & MOUNT_ATTR_RDONLY) == 0 && !is_sealed(plan, step->target);
    case STEP_MIRROR:
    case STEP_BIND:
    case STEP_PROC:
    case STEP_CGROUPFS:
        return (step->attributes & MOUNT_ATTR_RDONLY) == 0;
    default:
        return false;
    }
}

bool view_is_pin(const struct step *step)
{
    return step->kind == STEP_BIND && (step->flags & STEP_PIN) != 0;
}

/* rename(2) and rmdir(2) fail with EBUSY for a mount point, and for nothing else that lies in a
 * writable mount.  A private tmpfs goes away with the sandbox. */
bool view_lets_move(struct arena *arena, const struct plan *plan, const char *path)
{
    while (strcmp(path = path_parent(arena, path), "/") != 0) {
        const struct step *step = view_decides(plan, path, false);

        if (step != NULL && (step->kind == STEP_BIND || step->kind == STEP_MIRROR) &&
            (step->attributes & MOUNT_ATTR_RDONLY) == 0 && strcmp(step->target, path) != 0)
            return true;
    }
    return false;
}

const char *view_say(struct arena *arena, const struct plan *plan, const char *path)
{
    const struct step *step = view_decides(plan, path, false);
    const char *host = view_shows(arena, plan, path);
    const char *access = view_lets_write(plan, path) ? "writable" : "read-only";

    if (step == NULL)
        return "nothing";
    if (host != NULL)
        return arena_printf(arena, "host %s, %s", host, access);
    switch (step->kind) {
    case STEP_TMPFS:
        return arena_printf(arena, "%s of the tmpfs at %s, %s",
                            strcmp(path, step->target) == 0 ? "top" : "part", step->target, access);
    case STEP_MASK:
        return arena_printf(arena, "hidden at %s", step->target);
    case STEP_PROC:
        return arena_printf(arena, "procfs, %s", access);
    case STEP_CGROUPFS:
        return arena_printf(arena, "the run's own cgroup, %s", access);
    case STEP_SYMLINK:
        return arena_printf(arena, "link to %s", step->source);
    case STEP_DIRECTORY:
        return arena_printf(arena, "directory, %s", access);
    case STEP_FILE:
        return "a copy of a file";
    default:
        return "a device";
    }
}
