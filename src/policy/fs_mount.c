/* SPDX-License-Identifier: Apache-2.0 */
/* What the list of mounts says of a path: flags, propagation, the mounts below. */
#include "base/path.h"
#include "policy/fs_judgement.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

const char *fs_flags_text(struct arena *arena, uint64_t attributes)
{
    static const struct {
        uint64_t attribute;
        const char *word;
    } words[] = {
        {MOUNT_ATTR_NOSUID, ",nosuid"},           {MOUNT_ATTR_NODEV, ",nodev"},
        {MOUNT_ATTR_NOEXEC, ",noexec"},           {MOUNT_ATTR_NOATIME, ",noatime"},
        {MOUNT_ATTR_STRICTATIME, ",strictatime"}, {MOUNT_ATTR_NODIRATIME, ",nodiratime"},
        {MOUNT_ATTR_NOSYMFOLLOW, ",nosymfollow"}, {MOUNT_ATTR_IDMAP, ",idmapped"},
    };
    char text[128];
    char *end = stpcpy(text, (attributes & MOUNT_ATTR_RDONLY) != 0 ? "ro" : "rw");

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if ((attributes & words[i].attribute) != 0)
            end = stpcpy(end, words[i].word);
    if ((attributes & MOUNT_ATTR__ATIME) == MOUNT_ATTR_RELATIME)
        stpcpy(end, ",relatime");
    return arena_strdup(arena, text);
}

static const char *propagation_of(const struct host_mount *mount)
{
    if (mount->unbindable)
        return "unbindable";
    if (mount->shared != 0)
        return mount->master != 0 ? "shared slave" : "shared";
    return mount->master != 0 ? "slave" : "private";
}

/* ------------------------------------------------------------------ the mounts below */

/* A row of the table while the tree is made. */
struct node {
    const struct host_mount *mount;
    size_t order; /* its place in the table: a later mount lies over an earlier one */
};

static int by_parent(const void *left, const void *right)
{
    const struct node *a = left;
    const struct node *b = right;
    int order = path_compare(a->mount->point, b->mount->point);

    if (a->mount->parent != b->mount->parent)
        return a->mount->parent < b->mount->parent ? -1 : 1;
    if (order != 0)
        return order;
    return a->order < b->order ? -1 : a->order > b->order;
}

struct tree {
    struct arena *arena;
    const struct node *nodes; /* sorted by parent, then by point */
    size_t count;
    struct sbx_fs_submount *items;
    size_t used;
    size_t capacity;
};

/* The index of the first node whose parent is @id, or of where it would be. */
static size_t first_child(const struct tree *tree, int id)
{
    size_t low = 0;
    size_t high = tree->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (tree->nodes[middle].mount->parent < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_child(const struct tree *tree, size_t index, int id)
{
    return index < tree->count && tree->nodes[index].mount->parent == id;
}

/* Does a mount lie over the root of @mount? */
static bool is_covered(const struct tree *tree, const struct host_mount *mount)
{
    for (size_t i = first_child(tree, mount->id); is_child(tree, i, mount->id); i++)
        if (strcmp(tree->nodes[i].mount->point, mount->point) == 0)
            return true;
    return false;
}

static int add_submount(struct tree *tree, const struct host_mount *mount, unsigned level)
{
    struct sbx_fs_submount *item;

    item = arena_grow(tree->arena, &tree->items, &tree->used, &tree->capacity, sizeof(*item));
    if (item == NULL)
        return -ENOMEM;
    *item = (struct sbx_fs_submount){
        .point = mount->point,
        .type = mount->type,
        .source = mount->source,
        .flags = fs_flags_text(tree->arena, mount->attributes),
        .level = level,
        .covered = is_covered(tree, mount),
    };
    return item->flags == NULL ? -ENOMEM : 0;
}

/* One mount whose children are being gone through. */
struct frame {
    size_t next; /* the child to look at next */
    int id;
};

/*
 * All mounts below mount @id: parents first, in the order of their points.  Those right on it count
 * where they are below @real (NULL: all).  Mounts can be stacked a hundred thousand deep, so this
 * does not recurse; and no table, however it was made, can have it go on for ever: each node is
 * visited once.
 */
static int walk(struct tree *tree, int id, const char *real)
{
    struct frame *stack = arena_alloc(tree->arena, (tree->count + 1) * sizeof(*stack));
    size_t depth = 1;
    size_t visited = 0;

    if (stack == NULL)
        return -ENOMEM;
    stack[0] = (struct frame){first_child(tree, id), id};
    while (depth > 0) {
        struct frame *top = &stack[depth - 1];
        const struct host_mount *mount;

        if (!is_child(tree, top->next, top->id) || visited > tree->count) {
            depth--;
            continue;
        }
        mount = tree->nodes[top->next++].mount;
        if (mount->id == mount->parent ||
            (depth == 1 && real != NULL && !path_is_below(mount->point, real)))
            continue;
        visited++;
        if (add_submount(tree, mount, (unsigned)depth) < 0)
            return -ENOMEM;
        if (depth <= tree->count)
            stack[depth++] = (struct frame){first_child(tree, mount->id), mount->id};
    }
    return 0;
}

static int find_submounts(struct arena *arena, const struct host_mounts *mounts, int id,
                          struct sbx_fs_path *path)
{
    struct node *nodes = arena_alloc(arena, (mounts->count + 1) * sizeof(*nodes));
    struct tree tree = {.arena = arena, .nodes = nodes, .count = mounts->count};
    int r;

    if (nodes == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < mounts->count; i++)
        nodes[i] = (struct node){&mounts->items[i], i};
    qsort(nodes, mounts->count, sizeof(*nodes), by_parent);
    r = walk(&tree, id, path->real);
    path->submounts = tree.items;
    path->submount_count = tree.used;
    return r;
}

int fs_describe_mount(struct arena *arena, const struct fs_facts *facts,
                      const struct host_mounts *mounts, struct sbx_fs_path *path)
{
    const struct host_mount *mount = facts->mount;

    path->id = mount->id;
    path->point = mount->point;
    path->root = mount->root;
    path->device = arena_printf(arena, "%u:%u", mount->major, mount->minor);
    path->flags = fs_flags_text(arena, mount->attributes);
    path->propagation = propagation_of(mount);
    path->peer_group = mount->shared;
    path->master = mount->master;
    path->type = mount->type;
    path->source = mount->source;
    path->super_options = mount->super_options;
    if (path->device == NULL || path->flags == NULL)
        return -ENOMEM;
    return find_submounts(arena, mounts, mount->id, path);
}
