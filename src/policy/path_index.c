/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/path_index.h"

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

/* The last bits count, and the hashes of paths differ more in the first. */
static uint32_t first_slot(uint32_t hash)
{
    return hash ^ hash >> 15;
}

int path_index_make(struct arena *arena, size_t count, struct path_index *ret_index)
{
    struct path_index index = {.mask = 63};

    while (index.mask < 2 * count)
        index.mask = index.mask * 2 + 1;
    index.slots = arena_alloc(arena, ((size_t)index.mask + 1) * sizeof(*index.slots));
    if (index.slots == NULL)
        return -ENOMEM;
    *ret_index = index;
    return 0;
}

void path_index_add(struct path_index *index, uint32_t hash, size_t item)
{
    uint32_t at = first_slot(hash);

    while (index->slots[at & index->mask] != 0)
        at++;
    index->slots[at & index->mask] = (uint32_t)item + 1;
}

struct path_search path_index_search(const struct path_index *index, uint32_t hash)
{
    return (struct path_search){.index = index, .at = first_slot(hash)};
}

bool path_search_next(struct path_search *search, size_t *ret_item)
{
    uint32_t slot = search->index->slots[search->at++ & search->index->mask];

    *ret_item = (size_t)slot - 1;
    return slot != 0;
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
