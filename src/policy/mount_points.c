/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mount points that the tree of --root lacks.
 *
 * Theory of operation.  A mount needs something to be mounted on, and a read-only tree may not be
 * changed for it.  So the deepest directory that is there is rebuilt: a small tmpfs takes its
 * place, everything that it holds is bound back at its own name, the missing directory is made
 * beside it, and the tmpfs is made read-only at the end.  A tree of one file gets all of its root
 * that way.  In a writable tree that would take the directory away from the command, which could
 * make nothing in it; there the mount point is made in the tree itself.
 */
#include "policy/mount_points.h"

#include "base/error.h"
#include "base/path.h"

#include <errno.h>
#include <string.h>

/* Entries that are attached to something that has to be there. */
static bool needs_place(const struct view_entry *entry)
{
    switch (entry->step.kind) {
    case STEP_BIND:
    case STEP_TMPFS:
    case STEP_PROC:
    case STEP_DEVPTS:
    case STEP_CGROUPFS:
    case STEP_FILE:
        return true;
    default:
        return false;
    }
}

static const struct host_place *find_place(const struct host *host, const char *target)
{
    for (size_t i = 0; i < host->tree.places.count; i++)
        if (host->tree.places.items[i].error == 0 &&
            strcmp(host->tree.places.items[i].place, target) == 0)
            return &host->tree.places.items[i];
    return NULL;
}

/* Does @around show at @target what the tree has at that very place? */
static bool shows_the_tree(struct resolve_context *context, const struct view_entry *around,
                           const char *target)
{
    const char *shown = around == NULL ? NULL : view_host_path(context->arena, around, target);
    const char *outside = host_outside(context->arena, context->host, target);

    return shown != NULL && outside != NULL && strcmp(shown, outside) == 0;
}

static int refuse(struct resolve_context *context, const struct step *step, const char *why,
                  const char *where)
{
    error_usage(context->err, step->origin, "there is no '%s' in the tree, and '%s' %s",
                step->target, where, why);
    error_add_hint(context->err, "make it in the tree, empty");
    return -EINVAL;
}

static int bind_back(struct resolve_context *context, const char *directory,
                     const struct host_entry *entry)
{
    struct view_entry back = {.step = {STEP_BIND, .origin = context->spec->root.origin}};

    back.step.target = path_join(context->arena, directory, entry->name);
    if (back.step.target == NULL)
        return error_oom(context->err);
    /* what is mounted there anyway needs no more than its name; a socket would be masked */
    if (view_at(&context->view, back.step.target) != NULL || entry->type == HOST_FILE_SOCKET)
        return 0;
    if (entry->link != NULL) {
        back.step.kind = STEP_SYMLINK;
        back.step.source = entry->link;
        return resolve_add(context, &back);
    }
    back.step.source = host_outside(context->arena, context->host, back.step.target);
    if (back.step.source == NULL)
        return error_oom(context->err);
    back.step.attributes = RESOLVE_BIND_ATTRIBUTES | MOUNT_ATTR_RDONLY;
    back.step.device = entry->device;
    back.step.inode = entry->inode;
    back.directory = entry->type == HOST_FILE_DIRECTORY;
    return resolve_add(context, &back);
}

static int rebuild(struct resolve_context *context, const struct step *step, const char *directory)
{
    const struct host_listing *listing = host_tree_listing(context->host, directory);
    struct view_entry tmpfs = {
        .step = {STEP_TMPFS, .target = directory, .origin = context->spec->root.origin,
                 .mode = 0755, .number = 1U << 20, .number2 = 2 * HOST_MAX_ENTRIES,
                 .attributes = RESOLVE_BIND_ATTRIBUTES | MOUNT_ATTR_NOEXEC},
        .directory = true,
        .seal = true,
    };
    int result;

    if (listing == NULL || listing->error == E2BIG)
        return refuse(context, step, "holds too much to be rebuilt around it", directory);
    if (listing->error != 0)
        return refuse(context, step, "can't be read by the caller", directory);
    result = resolve_add(context, &tmpfs);
    for (size_t i = 0; i < listing->count && result == 0; i++)
        result = bind_back(context, directory, &listing->items[i]);
    return result;
}

/* Nobody asked for it, and the command can make what it needs. */
static int leave_out(struct resolve_context *context, const char *target, struct plan *plan)
{
    const char *text = arena_printf(
        context->arena, "there is no '%s' in the writable tree: the host's is not shown", target);

    if (text == NULL || host_strings_add(&plan->notices, context->arena, text) < 0 ||
        view_remove(&context->view, context->arena, target) < 0)
        return error_oom(context->err);
    return 0;
}

static int make_in_tree(struct resolve_context *context, const struct view_entry *entry,
                        const struct host_place *place, struct plan *plan)
{
    struct step *step;

    if (entry->implied && entry->step.kind == STEP_FILE)
        return leave_out(context, entry->step.target, plan);
    if (!entry->directory && (entry->step.kind == STEP_BIND || entry->step.kind == STEP_FILE))
        return refuse(context, &entry->step, "is writable, so only a directory can be made in it",
                      place->there);
    step = ARENA_PUSH(context->arena, &plan->steps);
    if (step == NULL)
        return error_oom(context->err);
    *step = (struct step){.kind = STEP_HOST_DIRECTORY,
                          .target = host_outside(context->arena, context->host, place->place),
                          .source = host_outside(context->arena, context->host, place->there),
                          .mode = 0755,
                          .flags = STEP_REQUIRED,
                          .origin = entry->step.origin};
    return step->target == NULL || step->source == NULL ? error_oom(context->err) : 0;
}

static int make_for(struct resolve_context *context, const struct view_entry *entry,
                    struct plan *plan)
{
    const struct host_place *place = find_place(context->host, entry->step.target);
    const struct view_entry *around = view_around(&context->view, entry->step.target);

    if (place == NULL || strcmp(place->place, place->there) == 0 ||
        !shows_the_tree(context, around, place->place))
        return 0;
    if (!place->directory)
        return refuse(context, &entry->step, "is no directory", place->there);
    if (view_is_writable(around))
        return make_in_tree(context, entry, place, plan);
    return rebuild(context, &entry->step, place->there);
}

int mount_points_make(struct resolve_context *context, struct plan *plan)
{
    struct host_strings targets = {0};
    int result = 0;

    if (context->host->tree.path == NULL)
        return 0;
    for (size_t i = 0; i < context->view.count; i++)
        if (needs_place(&context->view.items[i]) &&
            host_strings_add(&targets, context->arena, context->view.items[i].step.target) < 0)
            return error_oom(context->err);
    /* the view changes meanwhile: what it gains has a place */
    for (size_t i = 0; i < targets.count && result == 0; i++) {
        const struct view_entry entry = *view_at(&context->view, targets.items[i]);

        result = make_for(context, &entry, plan);
    }
    return result;
}
