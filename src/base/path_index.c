/* SPDX-License-Identifier: Apache-2.0 */
#include "base/path_index.h"

#include <errno.h>
#include <string.h>

uint32_t path_hash_number(uint32_t hash, uint32_t number)
{
    return (hash ^ number) * 0x9e3779b1U;
}

uint32_t path_hash(uint32_t hash, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)text[i]) * 16777619U;
    return hash;
}

/* ---- the table ---- */

/* The last bits count, and the hashes of paths differ more in the first. */
static size_t first_slot(uint32_t hash)
{
    return hash ^ hash >> 15;
}

static void put(struct path_index *index, struct path_slot slot)
{
    size_t at = first_slot(slot.hash);

    while (index->slots[at & (index->size - 1)].item != 0)
        at++;
    index->slots[at & (index->size - 1)] = slot;
}

int path_index_reserve(struct path_index *index, struct arena *arena, size_t count)
{
    struct path_index grown = {.size = 64, .used = index->used};

    if (count <= index->size / 2)
        return 0;
    while (grown.size / 2 < count)
        grown.size *= 2;
    grown.slots = arena_alloc(arena, grown.size * sizeof(*grown.slots));
    if (grown.slots == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < index->size; i++)
        if (index->slots[i].item != 0)
            put(&grown, index->slots[i]);
    *index = grown;
    return 0;
}

int path_index_add(struct path_index *index, struct arena *arena, uint32_t hash, size_t item)
{
    if (path_index_reserve(index, arena, index->used + 1) < 0)
        return -ENOMEM;
    put(index, (struct path_slot){.hash = hash, .item = (uint32_t)item + 1});
    index->used++;
    return 0;
}

struct path_search path_index_search(const struct path_index *index, uint32_t hash)
{
    return (struct path_search){.index = index, .hash = hash, .at = first_slot(hash)};
}

bool path_search_next(struct path_search *search, size_t *ret_item)
{
    const struct path_index *index = search->index;

    if (index->used == 0)
        return false;
    for (;;) {
        const struct path_slot *slot = &index->slots[search->at++ & (index->size - 1)];

        if (slot->item == 0)
            return false;
        *ret_item = slot->item - 1;
        if (slot->hash == search->hash)
            return true;
    }
}

/* ---- the walk ---- */

struct path_prefix path_prefix_whole(const char *path)
{
    size_t length = strlen(path);

    return (struct path_prefix){path, length, path_hash(0, path, length)};
}

bool path_prefix_next(struct path_prefix *prefix)
{
    size_t length = prefix->length;

    if (length > 0 && prefix->path[length] == '\0')
        return false;
    length++;
    while (prefix->length > 0 && prefix->path[length] != '\0' && prefix->path[length] != '/')
        length++;
    prefix->hash = path_hash(prefix->hash, prefix->path + prefix->length, length - prefix->length);
    prefix->length = length;
    return true;
}

bool path_prefix_is(const char *point, const struct path_prefix *prefix)
{
    return strncmp(point, prefix->path, prefix->length) == 0 && point[prefix->length] == '\0';
}
