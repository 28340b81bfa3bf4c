/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/guard.h"

#include "base/path.h"
#include "policy/places.h"

#include <errno.h>
#include <string.h>

#define ORIGIN "profiles"

/* How many components @path has below @ancestor. */
static unsigned depth_below(const char *path, const char *ancestor)
{
    const char *rest = path_relative(path, ancestor);
    unsigned count = rest == NULL || rest[0] == '\0' ? 0 : 1;

    for (; count > 0 && *rest != '\0'; rest++)
        count += *rest == '/';
    return count;
}

static unsigned count_missing(const struct host_place *fact)
{
    return depth_below(fact->place, fact->there);
}

static int refuse_grant(struct resolve_context *context, const struct step *bind,
                        const struct host_place *fact)
{
    error_usage(context->err, bind->origin, "'%s' holds profiles: it is never writable inside",
                fact->path);
    error_add_hint(context->err, "a profile is edited outside the sandbox; --ro shows it inside");
    return -EINVAL;
}

static int refuse_place(struct resolve_context *context, const struct step *bind, const char *what,
                        const char *is)
{
    error_usage(context->err, bind->origin,
                "'%s' is %s in the writable '%s', so the profiles below it can't be guarded", what,
                is, bind->source);
    error_add_hint(context->err, "grant a directory that doesn't hold it");
    return -EINVAL;
}

/* What lies in the user's own directories is for the user alone. */
static bool is_private(const struct host *host, const char *path)
{
    const char *owned[] = {host_getenv(host, "XDG_CONFIG_HOME"), host_getenv(host, "HOME"),
                           host->passwd_home};

    for (size_t i = 0; i < sizeof(owned) / sizeof(owned[0]); i++)
        if (owned[i] != NULL && strcmp(owned[i], "/") != 0 && path_is_within(path, owned[i]))
            return true;
    return false;
}

static int make_directory(struct resolve_context *context, const struct host_place *fact,
                          struct plan *plan)
{
    struct step *step;

    for (size_t i = 0; i < plan->steps.count; i++)
        if (plan->steps.items[i].kind == STEP_HOST_DIRECTORY &&
            strcmp(plan->steps.items[i].target, fact->place) == 0)
            return 0;
    step = ARENA_PUSH(context->arena, &plan->steps);
    if (step == NULL)
        return error_oom(context->err);
    *step = (struct step){.kind = STEP_HOST_DIRECTORY,
                          .target = fact->place,
                          .source = fact->there,
                          .mode = is_private(context->host, fact->path) ? 0700 : 0755,
                          .origin = ORIGIN};
    return 0;
}

/* The read-only bind over @target, which @around shows; unless something is hidden there. */
static int add_guard(struct resolve_context *context, const struct view_entry *around,
                     const char *target, unsigned missing, bool directory)
{
    struct view_entry guard = {
        .step = {STEP_BIND, .target = target, .origin = ORIGIN,
                 .source = view_host_path(context->arena, around, target),
                 .attributes = around->step.attributes | MOUNT_ATTR_RDONLY,
                 .flags = STEP_PIN | (missing > 0 ? STEP_WHERE_THERE : 0)},
        .directory = directory,
    };

    if (guard.step.source == NULL)
        return error_oom(context->err);
    if (view_covering(&context->view, target)->step.kind == STEP_MASK)
        return 0;
    return resolve_add(context, &guard);
}

/* Is there something at @target that was put there, so that nothing around it shows? */
static bool is_replaced(const struct view *view, const char *target)
{
    const struct view_entry *entry = view_at(view, target);

    return entry != NULL && !entry->absent && (entry->step.flags & STEP_PIN) == 0;
}

/* Is it a directory of profiles, and not one profile by a link or by the name of its file? */
static bool is_named_directory(const struct host_place *fact)
{
    return strcmp(strrchr(fact->path, '/'), "/profiles") == 0;
}

/* @entry is a writable bind, and would show profiles at @target. */
static int guard_at(struct resolve_context *context, const struct host_place *fact,
                    const struct view_entry *entry, const char *target, struct plan *plan)
{
    unsigned missing = count_missing(fact);
    int result = 0;

    if (view_around(&context->view, target) != entry || is_replaced(&context->view, target))
        return 0;
    if (!fact->directory && (missing > 0 || is_named_directory(fact)))
        return refuse_place(context, &entry->step, fact->there, "a file");
    if (missing > 0 && !is_named_directory(fact))
        return 0; /* the profile that a link named is gone */
    if (missing > 0)
        result = make_directory(context, fact, plan);
    return result < 0 ? result : add_guard(context, entry, target, missing, fact->directory);
}

/* One of the names of the directory of @fact, or with @link of a link on the way to it. */
struct guarded {
    const struct host_place *fact;
    const char *link;
    const char *place;
};

/* What lies over @target, or what the place at @target is shown by, has to stay there. */
static int pin_at(struct resolve_context *context, const struct guarded *guarded,
                  const struct view_entry *entry, const char *target)
{
    const struct view_entry *around = view_around(&context->view, target);
    unsigned missing = guarded->link != NULL ? 0 : count_missing(guarded->fact);

    if (missing > 0)
        missing--; /* the directory itself is one of them, and no directory above it */
    if (around != entry) {
        target = around->step.target;
        missing = 0;
    }
    return view_pin(&context->view, context->arena, target, ORIGIN, missing) < 0
               ? error_oom(context->err)
               : 0;
}

/* What the writable bind @entry means for @guarded; with @pin the last part of it. */
static int guard_in(struct resolve_context *context, const struct guarded *guarded,
                    const struct view_entry *entry, bool pin, struct plan *plan)
{
    const char *target;

    if (guarded->link == NULL && path_is_within(entry->step.source, guarded->place))
        return refuse_grant(context, &entry->step, guarded->fact);
    if (!path_is_below(guarded->place, entry->step.source))
        return 0;
    /* a bind of the very file that is in the way stays a file */
    if (guarded->link == NULL && !guarded->fact->directory &&
        depth_below(guarded->place, entry->step.source) <= count_missing(guarded->fact))
        return 0;
    target = view_shown_at(context->arena, entry, guarded->place);
    if (target == NULL)
        return error_oom(context->err);
    if (pin)
        return pin_at(context, guarded, entry, target);
    if (guarded->link == NULL)
        return guard_at(context, guarded->fact, entry, target, plan);
    if (view_around(&context->view, target) == entry)
        return refuse_place(context, &entry->step, guarded->link, "a link");
    return 0;
}

/* In each writable bind, at each of the names that @path has on the host. */
static int guard_path(struct resolve_context *context, const struct host_place *fact,
                      const char *link, bool pin, struct plan *plan)
{
    struct guarded guarded = {.fact = fact, .link = link};
    struct host_strings places = {0};
    int result = places_find(context->arena, &context->host->mounts,
                             link != NULL ? link : fact->place, &places);

    if (result < 0)
        return error_oom(context->err);
    /* the view grows meanwhile, by what is no writable bind of its own */
    for (size_t i = 0, count = context->view.count; i < count; i++) {
        if (!view_is_writable(&context->view.items[i]) ||
            (context->view.items[i].step.flags & STEP_PIN) != 0)
            continue;
        for (size_t k = 0; k < places.count && result == 0; k++) {
            guarded.place = places.items[k];
            result = guard_in(context, &guarded, &context->view.items[i], pin, plan);
        }
    }
    return result;
}

int guard_profiles(struct resolve_context *context, struct plan *plan)
{
    const struct host_strings *paths = &context->host->profile_directories;
    int result = 0;

    /* pins come last: by then it is settled what lies where */
    for (int pin = 0; pin < 2; pin++)
        for (size_t i = 0; i < paths->count && result == 0; i++) {
            const struct host_place *fact = host_place_find(context->host, paths->items[i]);

            if (fact == NULL)
                continue; /* nothing is writable */
            for (size_t k = 0; k < fact->links.count && result == 0; k++)
                result = guard_path(context, fact, fact->links.items[k], pin == 1, plan);
            /* what ends in a loop of links leads nowhere, for sbx neither */
            if (result == 0 && fact->error == 0)
                result = guard_path(context, fact, NULL, pin == 1, plan);
        }
    return result;
}

/* A link in a writable directory can be replaced, whatever lies over the place it leads to: what an
 * option keeps read-only by such a name would be free under it. */
static int guard_link(struct resolve_context *context, const struct spec_mount *mount)
{
    const char *path = path_absolute(context->arena, context->host->cwd, mount->target);
    const struct host_place *fact = path == NULL ? NULL : host_inside_place(context->host, path);

    if (path == NULL)
        return error_oom(context->err);
    for (size_t i = 0; fact != NULL && i < fact->links.count; i++) {
        const char *link = fact->links.items[i];
        const struct view_entry *around = view_around(&context->view, link);
        const char *host = around == NULL ? NULL : view_host_path(context->arena, around, link);
        const char *outside = host_outside(context->arena, context->host, link);

        if (outside == NULL)
            return error_oom(context->err);
        if (!view_is_writable(around) || host == NULL || strcmp(host, outside) != 0)
            continue;
        error_usage(context->err, mount->origin,
                    "'%s' is a link in the writable '%s': the command could put something else in "
                    "its place",
                    link, around->step.target);
        error_add_hint(context->err, "put what it leads to in its place, or name that instead");
        return -EINVAL;
    }
    return 0;
}

int guard_links(struct resolve_context *context)
{
    int result = 0;

    for (size_t i = 0; i < context->spec->mounts.count && result == 0; i++)
        if (context->spec->mounts.items[i].kind == SPEC_MOUNT_RO)
            result = guard_link(context, &context->spec->mounts.items[i]);
    return result;
}

/* Will a STEP_HOST_DIRECTORY have made @path by the time it is hidden? */
static bool is_made(const struct plan *plan, const char *path)
{
    for (size_t i = 0; i < plan->steps.count; i++)
        if (plan->steps.items[i].kind == STEP_HOST_DIRECTORY &&
            path_is_within(plan->steps.items[i].target, path))
            return true;
    return false;
}

int guard_notices(struct resolve_context *context, struct plan *plan)
{
    for (size_t i = 0; i < context->spec->mounts.count; i++) {
        const struct spec_mount *mount = &context->spec->mounts.items[i];
        bool is_ro = mount->kind == SPEC_MOUNT_RO && mount->optional;
        const struct host_path *fact = is_ro ? resolve_fact(context, mount->source)
                                             : resolve_inside_fact(context, mount->target);
        const char *target;
        const char *text;

        if ((mount->kind != SPEC_MOUNT_HIDE && !is_ro) || fact == NULL ||
            (fact->error != ENOENT && fact->error != ENOTDIR))
            continue;
        target = resolve_target(context, mount->target);
        if (target == NULL)
            return -ENOMEM;
        if (!view_is_writable(view_around(&context->view, target)) || is_made(plan, target))
            continue;
        text = arena_printf(context->arena, "'%s' is missing: the command can make it", target);
        if (text == NULL || host_strings_add_new(&plan->notices, context->arena, text) < 0)
            return -ENOMEM;
    }
    return 0;
}

int guard_register(struct resolve_context *context)
{
    const char *path = context->host->state_directory;
    const struct host_place *fact = path == NULL ? NULL : host_place_find(context->host, path);
    const struct view_entry mask = {
        .step = {STEP_MASK, .origin = "running sandboxes"}, .asked = true, .directory = true};

    if (fact == NULL || fact->error != 0)
        return 0;
    for (size_t i = 0; i < context->view.count; i++) {
        const struct view_entry *entry = &context->view.items[i];

        if (entry->step.kind != STEP_BIND || !path_is_within(entry->step.source, fact->place))
            continue;
        error_usage(context->err, entry->step.origin,
                    "'%s' is the register of running sandboxes: it is never shown inside",
                    entry->step.source);
        error_add_hint(context->err, "sbx ps, exec and stop are for outside");
        return -EINVAL;
    }
    return view_mask_source(&context->view, context->arena, fact->place, &mask) < 0
               ? error_oom(context->err)
               : 0;
}
