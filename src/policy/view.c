/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/view.h"

#include "base/path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

/* ---- looking up: asked of each entry for each directory above it, by an index ---- */

/* The entry with the target that @place is, or NULL. */
static struct view_entry *entry_at(const struct view *view, const struct path_prefix *place)
{
    struct path_search search = path_index_search(&view->by_target, place->hash);
    size_t i;

    while (path_search_next(&search, &i))
        if (view->items[i].length == place->length &&
            memcmp(view->items[i].step.target, place->path, place->length) == 0)
            return &view->items[i];
    return NULL;
}

int view_reserve(struct view *view, struct arena *arena, size_t count)
{
    return ARENA_RESERVE(arena, view, count) < 0
               ? -ENOMEM
               : path_index_reserve(&view->by_target, arena, count);
}

/* Some entries are gone, so that others have another number. */
static int index_anew(struct view *view, struct arena *arena)
{
    view->by_target = (struct path_index){0};
    if (path_index_reserve(&view->by_target, arena, view->count) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < view->count; i++)
        if (path_index_add(&view->by_target, arena,
                           path_prefix_whole(view->items[i].step.target).hash, i) < 0)
            return -ENOMEM;
    return 0;
}

int view_add(struct view *view, struct arena *arena, const struct view_entry *entry)
{
    const struct path_prefix target = path_prefix_whole(entry->step.target);
    struct view_entry *slot = entry_at(view, &target);

    if (slot == NULL) {
        slot = ARENA_PUSH(arena, view);
        if (slot == NULL ||
            path_index_add(&view->by_target, arena, target.hash, view->count - 1) < 0)
            return -ENOMEM;
    }
    *slot = *entry;
    slot->length = target.length;
    return 0;
}

int view_remove(struct view *view, struct arena *arena, const char *target)
{
    size_t kept = 0;

    for (size_t i = 0; i < view->count; i++)
        if (strcmp(view->items[i].step.target, target) != 0)
            view->items[kept++] = view->items[i];
    view->count = kept;
    return index_anew(view, arena);
}

const struct view_entry *view_at(const struct view *view, const char *target)
{
    const struct path_prefix place = path_prefix_whole(target);

    return entry_at(view, &place);
}

/* Does this entry decide what is seen below its target? */
static bool covers(const struct view_entry *entry)
{
    switch (entry->step.kind) {
    case STEP_MIRROR:
    case STEP_BIND:
    case STEP_TMPFS:
    case STEP_MASK:
    case STEP_PROC:
    case STEP_DEVPTS:
    case STEP_CGROUPFS:
        return true;
    default:
        return false;
    }
}

/* Is @other strictly below @entry? */
static bool is_above(const struct view_entry *entry, const struct view_entry *other)
{
    return path_is_below(other->step.target, entry->step.target);
}

/* The deepest entry strictly above @path that covers it and that @counts, NULL for all. */
static const struct view_entry *deepest(const struct view *view, const char *path,
                                        bool (*counts)(const struct view_entry *entry))
{
    struct path_prefix place = {.path = path};
    const struct view_entry *found = NULL;

    while (path_prefix_next(&place) && path[place.length] != '\0') {
        const struct view_entry *entry = entry_at(view, &place);

        if (entry != NULL && covers(entry) && (counts == NULL || counts(entry)))
            found = entry;
    }
    return found;
}

const struct view_entry *view_covering(const struct view *view, const char *path)
{
    const struct view_entry *same = view_at(view, path);

    return same != NULL && covers(same) ? same : deepest(view, path, NULL);
}

static bool is_empty_kind(const struct view_entry *entry)
{
    return entry != NULL && (entry->step.kind == STEP_TMPFS || entry->step.kind == STEP_MASK);
}

bool view_hides(const struct view *view, const char *path)
{
    return is_empty_kind(view_covering(view, path));
}

static bool shows_host(const struct view_entry *entry)
{
    return entry->step.kind == STEP_BIND || entry->step.kind == STEP_MIRROR;
}

bool view_is_writable(const struct view_entry *entry)
{
    return entry != NULL && shows_host(entry) && !entry->device &&
           (entry->step.attributes & MOUNT_ATTR_RDONLY) == 0;
}

static bool is_there_to_stay(const struct view_entry *entry)
{
    return !entry->absent && ((entry->step.flags & STEP_PIN) == 0 || !view_is_writable(entry));
}

const struct view_entry *view_around(const struct view *view, const char *path)
{
    return deepest(view, path, is_there_to_stay);
}

const char *view_host_path(struct arena *arena, const struct view_entry *entry, const char *path)
{
    const char *rest = path_relative(path, entry->step.target);

    return !shows_host(entry) || rest == NULL ? NULL : path_join(arena, entry->step.source, rest);
}

const char *view_shown_at(struct arena *arena, const struct view_entry *entry, const char *path)
{
    const char *rest;

    if (!shows_host(entry))
        return NULL;
    rest = path_relative(path, entry->step.source);
    return rest == NULL ? NULL : path_join(arena, entry->step.target, rest);
}

int view_mask_source(struct view *view, struct arena *arena, const char *path,
                     const struct view_entry *mask)
{
    /* the view grows while it is walked; masks are never what shows a path */
    for (size_t i = 0, count = view->count; i < count; i++) {
        const struct view_entry *entry = &view->items[i];
        const char *shown = view_shown_at(arena, entry, path);
        struct view_entry placed = *mask;

        if (shown == NULL)
            continue;
        /* a bind of the very path was asked for by its name */
        if ((entry->asked || entry->implied) && strcmp(entry->step.source, path) == 0)
            continue;
        if (view_covering(view, shown) != entry)
            continue;
        placed.step.target = shown;
        placed.host = path;
        if (view_add(view, arena, &placed) < 0)
            return -ENOMEM;
    }
    return 0;
}

static bool is_mount_point(const struct view_entry *entry)
{
    return entry != NULL && (covers(entry) || entry->step.kind == STEP_FILE);
}

int view_pin(struct view *view, struct arena *arena, const char *target, const char *origin,
             unsigned missing)
{
    const char *path = path_parent(arena, target);

    for (unsigned level = 0; path != NULL && strcmp(path, "/") != 0; level++) {
        const struct view_entry *around = deepest(view, path, NULL);
        struct view_entry pin = {
            .step = {STEP_BIND, .target = path, .origin = origin,
                     .flags = STEP_PIN | (level < missing ? STEP_WHERE_THERE : 0)},
            .directory = true,
        };

        if (!is_mount_point(view_at(view, path)) && view_is_writable(around)) {
            pin.step.source = view_host_path(arena, around, path);
            pin.step.attributes = around->step.attributes;
            if (pin.step.source == NULL || view_add(view, arena, &pin) < 0)
                return -ENOMEM;
        }
        path = path_parent(arena, path);
    }
    return path == NULL ? -ENOMEM : 0;
}

/* Is it something that a rename of a directory above it would undo?  A writable bind within
 * another lets the command do no more than it may do anyway. */
static bool is_undone_by_rename(const struct view *view, const struct view_entry *entry)
{
    const struct view_entry *around;

    if (!entry->asked || entry->absent)
        return false;
    switch (entry->step.kind) {
    case STEP_BIND:
        return !entry->device && !view_is_writable(entry);
    case STEP_TMPFS:
    case STEP_FILE:
        return true;
    case STEP_MASK:
        /* of the host's places that the same thing shows at, not all show in the view */
        around = view_around(view, entry->step.target);
        return around != NULL && shows_host(around) && entry->host != NULL &&
               path_is_same_below(entry->step.target, around->step.target, entry->host,
                                  around->step.source);
    default:
        return false;
    }
}

int view_pin_asked(struct view *view, struct arena *arena)
{
    /* the view grows while it is walked; a pin needs no pin */
    for (size_t i = 0, count = view->count; i < count; i++) {
        const struct step step = view->items[i].step;

        if (is_undone_by_rename(view, &view->items[i]) &&
            view_pin(view, arena, step.target, step.origin, 0) < 0)
            return -ENOMEM;
    }
    return 0;
}

int view_mask_sockets(struct view *view, struct arena *arena, const struct host *host)
{
    const struct view_entry mask = {.step = {STEP_MASK, .origin = "host socket"}};

    for (size_t i = 0; i < host->sockets.count; i++)
        if (view_mask_source(view, arena, host->sockets.items[i], &mask) < 0)
            return -ENOMEM;
    for (size_t i = 0; i < host->aliases.count; i++)
        if (host_strings_contain(&host->sockets, host->aliases.items[i].path) &&
            view_mask_source(view, arena, host->aliases.items[i].alias, &mask) < 0)
            return -ENOMEM;
    return 0;
}

static int compare_entries(const void *left, const void *right)
{
    const struct view_entry *const *a = left;
    const struct view_entry *const *b = right;

    return path_compare((*a)->step.target, (*b)->step.target);
}

/* The entries in the order of their paths, in @arena; NULL: no memory. */
static struct view_entry **sorted(const struct view *view, struct arena *arena)
{
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): the elements are pointers */
    struct view_entry **order = arena_alloc(arena, (view->count + 1) * sizeof(*order));

    if (order == NULL)
        return NULL;
    for (size_t i = 0; i < view->count; i++)
        order[i] = &view->items[i];
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): the elements are pointers */
    qsort(order, view->count, sizeof(*order), compare_entries);
    return order;
}

static bool is_asked(const struct view_entry *entry)
{
    return entry->asked;
}

/* A default gives way where an option hides the directory around it; a default that would have to
 * be made (a directory, a link, a private tmpfs) also where its place is not private any more. */
static bool gives_way(const struct view *view, const struct view_entry *entry, bool any_asked)
{
    bool made = entry->step.kind == STEP_DIRECTORY || entry->step.kind == STEP_SYMLINK;
    bool mounted_in_proc = entry->step.kind == STEP_BIND && !entry->implied &&
                           path_is_below(entry->step.target, "/proc");
    const struct view_entry *around;

    if (entry->asked)
        return false;
    if (any_asked && is_empty_kind(deepest(view, entry->step.target, is_asked)))
        return true;
    if (entry->step.kind != STEP_MASK && !entry->implied && !made && !mounted_in_proc)
        return false;
    around = deepest(view, entry->step.target, NULL);
    /* what the host mounted below its /proc has no place in a home that is there */
    if (mounted_in_proc)
        return around != NULL && around->step.kind == STEP_TMPFS;
    if (entry->step.kind == STEP_MASK)
        return is_empty_kind(around) || (around != NULL && around->step.kind == STEP_DEVPTS);
    /* what a bind around it shows already, and perhaps writable, is not bound once more; a copy
     * with a line more stays in the host's own directory, and has no place in another's */
    if (entry->implied && around != NULL && around->step.kind == STEP_BIND)
        return entry->step.kind != STEP_FILE ||
               strcmp(around->step.source, around->step.target) != 0;
    return made && (around == NULL || around->step.kind != STEP_TMPFS);
}

int view_prune(struct view *view, struct arena *arena)
{
    bool *leaves = arena_alloc(arena, (view->count + 1) * sizeof(*leaves));
    bool any_asked = false;
    size_t kept = 0;

    if (leaves == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < view->count; i++)
        any_asked = any_asked || view->items[i].asked;
    for (size_t i = 0; i < view->count; i++)
        leaves[i] = gives_way(view, &view->items[i], any_asked);
    for (size_t i = 0; i < view->count; i++)
        if (!leaves[i])
            view->items[kept++] = view->items[i];
    if (kept == view->count)
        return 0;
    view->count = kept;
    return index_anew(view, arena);
}

/* A hidden directory with something in it has to be a directory that can hold mount points.  In
 * the order of the paths, what lies in it comes next. */
static void make_room(struct view_entry *entry, const struct view_entry *next)
{
    if (entry->step.kind != STEP_MASK || !is_above(entry, next))
        return;
    entry->step.kind = STEP_TMPFS;
    entry->step.mode = 0555;
    entry->step.number = 1U << 20;
    entry->step.number2 = 1024;
    entry->step.attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
    entry->seal = true;
}

static bool is_dev(const struct view_entry *entry)
{
    return entry->step.kind == STEP_TMPFS && entry->seal && strcmp(entry->step.target, "/dev") == 0;
}

/* One rule for devices is as good as one for each, where nothing else lies in a /dev that is
 * sealed: links, and what has a rule of its own that allows more. */
static bool suffices_for_dev(const struct view *view)
{
    const struct view_entry *dev = view_at(view, "/dev");

    for (size_t i = 0; i < view->count; i++) {
        const struct view_entry *entry = &view->items[i];

        if (path_is_below(entry->step.target, "/dev") && !entry->device &&
            entry->step.kind != STEP_SYMLINK && !(entry->writable && !entry->seal))
            return false;
    }
    return dev != NULL && is_dev(dev);
}

static int add_landlock_rule(const struct view *view, struct arena *arena, struct plan *plan,
                             const struct view_entry *entry)
{
    bool devices = entry->device;
    struct landlock_rule *rule;

    if (view->rule_for_dev && (is_dev(entry) || path_is_below(entry->step.target, "/dev")))
        devices = is_dev(entry);
    if (!devices && (entry->device || !entry->writable || entry->seal))
        return 0;
    rule = ARENA_PUSH(arena, &plan->landlock);
    if (rule == NULL)
        return -ENOMEM;
    rule->kind = devices ? LANDLOCK_RULE_DEVICE : LANDLOCK_RULE_TREE;
    rule->path = entry->step.target;
    rule->fd = -EBADF;
    return 0;
}

/* Nobody but root could plant a link in what the kernel shows there, nor put it elsewhere. */
static bool shows_sysfs(const struct view_entry *around)
{
    const char *shown = around == NULL ? NULL : around->step.source;

    return shown != NULL && shows_host(around) && strcmp(shown, around->step.target) == 0 &&
           (strcmp(shown, "/") == 0 || strcmp(shown, "/sys") == 0);
}

/* Does @around show at the mask's place what the mask is to hide? */
static bool shows_hidden(struct arena *arena, const struct view_entry *around,
                         const struct view_entry *mask)
{
    const char *host = around == NULL || mask->host == NULL
                           ? NULL
                           : view_host_path(arena, around, mask->step.target);

    return host != NULL && strcmp(host, mask->host) == 0;
}

/* Is what the view shows of the host's /dev nothing but devices?  The mirror is taken before. */
static bool shows_devices_only(const struct view *view)
{
    for (size_t i = 0; i < view->count; i++) {
        const struct view_entry *entry = &view->items[i];

        if (entry->step.kind == STEP_BIND && !entry->device &&
            path_is_within(entry->step.source, "/dev"))
            return false;
    }
    return true;
}

/* @around: what covers the entry's target from above, or NULL. */
static int emit(const struct view *view, struct arena *arena, struct plan *plan,
                const struct view_entry *entry, const struct view_entry *around)
{
    struct step *step = ARENA_PUSH(arena, &plan->steps);

    if (step == NULL)
        return -ENOMEM;
    *step = entry->step;
    if (around != NULL && around->step.kind == STEP_TMPFS)
        step->flags |= STEP_CREATE;
    if (around == NULL || around->step.kind != STEP_PROC)
        step->flags &= ~(unsigned)STEP_ON_PROCFS;
    if (!shows_sysfs(around))
        step->flags &= ~(unsigned)STEP_ON_SYSFS;
    /* what is to be found there is the host's only where the host shows */
    if (step->kind == STEP_MASK && !shows_hidden(arena, around, entry))
        step->inode = 0;
    if (step->kind == STEP_TMPFS || step->kind == STEP_PROC || step->kind == STEP_DEVPTS ||
        entry->directory)
        step->flags |= STEP_ON_DIRECTORY;
    if (step->kind == STEP_BIND && entry->device && (step->flags & STEP_CREATE) != 0 &&
        path_is_below(step->source, "/dev") && view->devices_only)
        step->flags |= STEP_OF_DEV;
    return add_landlock_rule(view, arena, plan, entry);
}

/* Right after the root: a copy of "/" would hold the staging directory as well. */
static int emit_staging(struct arena *arena, struct plan *plan)
{
    struct step *step = ARENA_PUSH(arena, &plan->steps);

    if (step == NULL)
        return -ENOMEM;
    *step = (struct step){.kind = STEP_STAGING, .origin = "default"};
    return 0;
}

/* In the order of the paths, whatever covers an entry is one of those that the walk is in. */
static int emit_all(const struct view *view, struct arena *arena, struct plan *plan,
                    struct view_entry *const *order)
{
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): the elements are pointers */
    const struct view_entry **within = arena_alloc(arena, (view->count + 1) * sizeof(*within));
    size_t depth = 0;

    if (within == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < view->count; i++) {
        const struct view_entry *entry = order[i];

        while (depth > 0 && !is_above(within[depth - 1], entry))
            depth--;
        if (emit(view, arena, plan, entry, depth > 0 ? within[depth - 1] : NULL) < 0 ||
            (strcmp(entry->step.target, "/") == 0 && emit_staging(arena, plan) < 0))
            return -ENOMEM;
        if (covers(entry))
            within[depth++] = entry;
    }
    return 0;
}

static int emit_seals(const struct view *view, struct arena *arena, struct plan *plan,
                      struct view_entry *const *order)
{
    for (size_t i = 0; i < view->count; i++) {
        struct step *step;

        if (!order[i]->seal)
            continue;
        step = ARENA_PUSH(arena, &plan->steps);
        if (step == NULL)
            return -ENOMEM;
        *step = (struct step){
            .kind = STEP_SEAL, .target = order[i]->step.target, .origin = order[i]->step.origin};
    }
    return 0;
}

int view_steps(struct view *view, struct arena *arena, struct plan *plan)
{
    struct view_entry **order = sorted(view, arena);

    if (order == NULL)
        return -ENOMEM;
    for (size_t i = 0; i + 1 < view->count; i++)
        make_room(order[i], order[i + 1]);
    view->devices_only = shows_devices_only(view);
    view->rule_for_dev = suffices_for_dev(view);
    return emit_all(view, arena, plan, order) < 0 || emit_seals(view, arena, plan, order) < 0
               ? -ENOMEM
               : 0;
}
