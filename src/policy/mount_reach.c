/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/mount_reach.h"

#include "policy/path_index.h"

#include <errno.h>
#include <string.h>

struct table {
    const struct host_mounts *mounts;
    struct path_index by_place; /* the parent's id and the mount point */
    struct path_index by_id;
};

static int make_table(struct arena *arena, const struct host_mounts *mounts, struct table *ret)
{
    struct table table = {.mounts = mounts};

    if (path_index_make(arena, mounts->count, &table.by_place) < 0 ||
        path_index_make(arena, mounts->count, &table.by_id) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < mounts->count; i++) {
        const struct host_mount *mount = &mounts->items[i];
        uint32_t hash = path_hash(0, mount->point, strlen(mount->point));

        path_index_add(&table.by_place, path_hash_number(hash, (uint32_t)mount->parent), i);
        path_index_add(&table.by_id, path_hash_number(0, (uint32_t)mount->id), i);
    }
    *ret = table;
    return 0;
}

/* Is something mounted on the mount @parent at @place? */
static bool has(const struct table *table, int parent, const struct path_prefix *place)
{
    const struct path_index *index = &table->by_place;

    for (uint32_t at = path_hash_slot(path_hash_number(place->hash, (uint32_t)parent));; at++) {
        uint32_t slot = index->slots[at & index->mask];

        if (slot == 0)
            return false;
        if (table->mounts->items[slot - 1].parent == parent &&
            path_prefix_is(table->mounts->items[slot - 1].point, place))
            return true;
    }
}

/* The index of the mount with @id, or the count where there is none. */
static size_t find_id(const struct table *table, int id)
{
    const struct path_index *index = &table->by_id;

    for (uint32_t at = path_hash_slot(path_hash_number(0, (uint32_t)id));; at++) {
        uint32_t slot = index->slots[at & index->mask];

        if (slot == 0)
            return table->mounts->count;
        if (table->mounts->items[slot - 1].id == id)
            return slot - 1;
    }
}

/* Is something mounted between the root of @parent and @mount, which lies on it? */
static bool is_overmounted(const struct table *table, const struct host_mount *mount,
                           const struct host_mount *parent)
{
    struct path_prefix place = {.path = mount->point};
    size_t from = strlen(parent->point);

    while (path_prefix_next(&place) && mount->point[place.length] != '\0')
        if (place.length >= from && has(table, parent->id, &place))
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
        reached = !is_overmounted(table, mount, &table->mounts->items[parent]) &&
                  is_reached(table, parent, reach);
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
        const char *point = mounts->items[i].point;
        struct path_prefix place = {.path = point, .length = strlen(point)};

        place.hash = path_hash(0, point, place.length);
        shown[i] = is_reached(&table, i, reach) && !has(&table, mounts->items[i].id, &place);
    }
    *ret_shown = shown;
    return 0;
}
