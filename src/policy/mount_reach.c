/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/mount_reach.h"

#include "base/path.h"
#include "base/path_index.h"

#include <errno.h>
#include <string.h>

struct table {
    const struct host_mounts *mounts;
    uint32_t *hashes;           /* of the mount points */
    struct path_index by_place; /* the parent's id and the mount point */
    struct path_index by_id;
};

static int make_table(struct arena *arena, const struct host_mounts *mounts, struct table *ret)
{
    struct table table = {.mounts = mounts};

    table.hashes = arena_alloc(arena, mounts->count * sizeof(*table.hashes));
    if (table.hashes == NULL || path_index_reserve(&table.by_place, arena, mounts->count) < 0 ||
        path_index_reserve(&table.by_id, arena, mounts->count) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < mounts->count; i++) {
        const struct host_mount *mount = &mounts->items[i];
        uint32_t hash = path_prefix_whole(mount->point).hash;

        table.hashes[i] = hash;
        if (path_index_add(&table.by_place, arena, path_hash_number(hash, (uint32_t)mount->parent),
                           i) < 0 ||
            path_index_add(&table.by_id, arena, path_hash_number(0, (uint32_t)mount->id), i) < 0)
            return -ENOMEM;
    }
    *ret = table;
    return 0;
}

/* Is something mounted on the mount @parent at @place? */
static bool has(const struct table *table, int parent, const struct path_prefix *place)
{
    struct path_search search =
        path_index_search(&table->by_place, path_hash_number(place->hash, (uint32_t)parent));
    size_t i;

    while (path_search_next(&search, &i))
        if (table->mounts->items[i].parent == parent &&
            path_prefix_is(table->mounts->items[i].point, place))
            return true;
    return false;
}

/* The mount point of the mount at @index. */
static struct path_prefix point_of(const struct table *table, size_t index)
{
    const char *point = table->mounts->items[index].point;

    return (struct path_prefix){point, strlen(point), table->hashes[index]};
}

/* The index of the mount with @id, or the count where there is none. */
static size_t find_id(const struct table *table, int id)
{
    struct path_search search = path_index_search(&table->by_id, path_hash_number(0, (uint32_t)id));
    size_t i;

    while (path_search_next(&search, &i))
        if (table->mounts->items[i].id == id)
            return i;
    return table->mounts->count;
}

/* Is something mounted between the root of the mount at @parent and @mount, which lies on it? */
static bool is_overmounted(const struct table *table, const struct host_mount *mount, size_t parent)
{
    int on = table->mounts->items[parent].id;
    struct path_prefix place = point_of(table, parent);
    size_t from = place.length;

    /* a path of the same namespace leads through its parent's: the walk can begin there */
    if (!path_is_within(mount->point, place.path))
        place = (struct path_prefix){0};
    place.path = mount->point;
    for (; mount->point[place.length] != '\0'; path_prefix_next(&place))
        if (place.length >= from && has(table, on, &place))
            return true;
    return false;
}

enum reach { REACH_UNKNOWN, REACH_BUSY, REACH_OPEN, REACH_CLOSED };

/* Can a path lead to what is mounted at @index, whatever lies on that in turn? */
static bool is_reached(const struct table *table, size_t index, unsigned char *reach)
{
    const struct host_mount *mount = &table->mounts->items[index];
    size_t parent = find_id(table, mount->parent);
    bool reached = true;

    if (reach[index] != REACH_UNKNOWN)
        return reach[index] != REACH_CLOSED;
    reach[index] = REACH_BUSY; /* a mount that is its own parent is a root */
    if (parent < table->mounts->count && parent != index)
        reached = !is_overmounted(table, mount, parent) && is_reached(table, parent, reach);
    reach[index] = reached ? REACH_OPEN : REACH_CLOSED;
    return reached;
}

int mount_reach_find(struct arena *arena, const struct host_mounts *mounts, bool **ret_shown)
{
    unsigned char *reach = arena_alloc(arena, mounts->count + 1);
    bool *shown = arena_alloc(arena, (mounts->count + 1) * sizeof(*shown));
    struct table table;

    if (reach == NULL || shown == NULL || make_table(arena, mounts, &table) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < mounts->count; i++) {
        const struct path_prefix place = point_of(&table, i);

        shown[i] = is_reached(&table, i, reach) && !has(&table, mounts->items[i].id, &place);
    }
    *ret_shown = shown;
    return 0;
}
