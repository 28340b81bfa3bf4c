/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking up paths and each directory above them: a hash table of item numbers, and a walk from the
 * root down along a path that hashes on the way.
 */
#ifndef POLICY_PATH_INDEX_H
#define POLICY_PATH_INDEX_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A hash table of numbers of items; 0 is a free slot, 1 the first item. */
struct path_index {
    uint32_t *slots;
    uint32_t mask;
};

/** One for @count items, in @arena. 0 or -ENOMEM. */
int path_index_make(struct arena *arena, size_t count, struct path_index *ret_index);

/** Add item number @item; there has to be room. */
void path_index_add(struct path_index *index, uint32_t hash, size_t item);

/** Go on hashing with a number, or with @length bytes of @text. */
uint32_t path_hash_number(uint32_t hash, uint32_t number);
uint32_t path_hash(uint32_t hash, const char *text, size_t length);

/** A search: the items that may have a hash, one after the other.  The caller tells which has. */
struct path_search {
    const struct path_index *index;
    uint32_t at;
};

struct path_search path_index_search(const struct path_index *index, uint32_t hash);
/** The next one; false: there is no more. */
bool path_search_next(struct path_search *search, size_t *ret_item);

/** A directory at or above a path: its first bytes. Zero but for path at the start of a walk. */
struct path_prefix {
    const char *path;
    size_t length;
    uint32_t hash; /* of these bytes */
};

/** The next longer one: "/" first, the path itself last; then false. */
bool path_prefix_next(struct path_prefix *prefix);

/** Is it the same as @point? */
bool path_prefix_is(const char *point, const struct path_prefix *prefix);

#endif
