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

uint32_t path_hash_slot(uint32_t hash)
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
    uint32_t at = path_hash_slot(hash);

    while (index->slots[at & index->mask] != 0)
        at++;
    index->slots[at & index->mask] = (uint32_t)item + 1;
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
