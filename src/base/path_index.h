/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking up paths and each directory above them: a hash table of item numbers, and a walk from the
 * root down along a path that hashes on the way.
 */
#ifndef BASE_PATH_INDEX_H
#define BASE_PATH_INDEX_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** One place of the table; item 0 is none, 1 the first. */
struct path_slot {
    uint32_t hash;
    uint32_t item;
};

/** A hash table of numbers of items.  Zero it to begin with an empty one. */
struct path_index {
    struct path_slot *slots;
    size_t size; /* a power of two */
    size_t used; /* at most half of them */
};

/** Have room for @count items in all, in @arena. 0 or -ENOMEM. */
int path_index_reserve(struct path_index *index, struct arena *arena, size_t count);

/** Add item number @item. 0 or -ENOMEM. */
int path_index_add(struct path_index *index, struct arena *arena, uint32_t hash, size_t item);

/** A search: the items that have a hash, one after the other, in the order in which they came. */
struct path_search {
    const struct path_index *index;
    uint32_t hash;
    size_t at;
};

struct path_search path_index_search(const struct path_index *index, uint32_t hash);
/** The next one; false: there is no more. */
bool path_search_next(struct path_search *search, size_t *ret_item);

/** Go on hashing with a number, or with @length bytes of @text. */
uint32_t path_hash_number(uint32_t hash, uint32_t number);
uint32_t path_hash(uint32_t hash, const char *text, size_t length);

/** A directory at or above a path: its first bytes. Zero but for path at the start of a walk. */
struct path_prefix {
    const char *path;
    size_t length;
    uint32_t hash; /* of these bytes */
};

/** All of @path. */
struct path_prefix path_prefix_whole(const char *path);

/** The next longer one: "/" first, the path itself last; then false. */
bool path_prefix_next(struct path_prefix *prefix);

/** Is it the same as @point? */
bool path_prefix_is(const char *point, const struct path_prefix *prefix);

#endif
