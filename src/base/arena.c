/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <errno.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Under AddressSanitizer each piece is a block of its own, from calloc(3), so that what runs over
 * its end is seen. */
#if defined(__SANITIZE_ADDRESS__)
#define PIECES_APART true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PIECES_APART true
#endif
#endif
#ifndef PIECES_APART
#define PIECES_APART false
#endif

#define BLOCK_SIZE (UINT64_C(64) << 10) /* a multiple of all sizes of pages */

struct block {
    alignas(max_align_t) struct block *next;
    size_t used; /* of all bytes, this head included */
    size_t size;
};

struct arena {
    struct block *blocks;
};

/* Memory that is zero already: malloc(3) would touch pages of its own, and what is handed out once
 * need not be cleared again.  What is too large for a block is one thing, and is soon all in use:
 * its pages are asked for at once. */
static struct block *block_new(size_t size)
{
    int populate = size > BLOCK_SIZE ? MAP_POPULATE : 0;
    struct block *block;

    if (PIECES_APART) {
        block = calloc(1, size);
    } else {
        size = (size + BLOCK_SIZE - 1) & ~(BLOCK_SIZE - 1);
        block =
            mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | populate, -1, 0);
    }
    if (block == NULL || block == MAP_FAILED)
        return NULL;
    block->size = size;
    block->used = sizeof(*block);
    return block;
}

static void block_free(struct block *block)
{
    if (PIECES_APART)
        free(block);
    else
        munmap(block, block->size);
}

/* It lies in its own first block. */
struct arena *arena_new(void)
{
    struct arena first = {0};
    struct arena *arena = arena_alloc(&first, sizeof(*arena));

    if (arena != NULL)
        *arena = first;
    return arena;
}

void arena_free(struct arena *arena)
{
    struct block *block = arena == NULL ? NULL : arena->blocks;

    while (block != NULL) {
        struct block *next = block->next;

        block_free(block);
        block = next;
    }
}

void cleanup_arena(struct arena **arena)
{
    arena_free(*arena);
}

/* A block with room for @size bytes, which is the first of @arena then. */
static struct block *block_with(struct arena *arena, size_t size)
{
    struct block *block = arena->blocks;

    if (!PIECES_APART && block != NULL && block->size - block->used >= size)
        return block;
    block = block_new(sizeof(*block) + size);
    if (block == NULL)
        return NULL;
    block->next = arena->blocks;
    arena->blocks = block;
    return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    const size_t align = PIECES_APART ? 1 : alignof(max_align_t);
    struct block *block;
    void *result;

    if (size > SIZE_MAX / 2)
        return NULL;
    size = (size + align - 1) & ~(align - 1);
    block = block_with(arena, size);
    if (block == NULL)
        return NULL;
    result = (char *)block + block->used;
    block->used += size;
    return result;
}

void arena_warm(struct arena *arena, size_t size)
{
    struct block *block = PIECES_APART || size > SIZE_MAX / 2 ? NULL : block_with(arena, size);

    if (block != NULL)
        memset((char *)block + block->used, 0, size);
}

void *arena_memdup(struct arena *arena, const void *data, size_t size)
{
    void *copy = arena_alloc(arena, size);

    if (copy != NULL && size > 0)
        memcpy(copy, data, size);
    return copy;
}

char *arena_strndup(struct arena *arena, const char *text, size_t length)
{
    char *copy;

    length = strnlen(text, length);
    copy = arena_alloc(arena, length + 1);
    if (copy != NULL)
        memcpy(copy, text, length);
    return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return arena_memdup(arena, text, strlen(text) + 1);
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    char *text;
    int length;

    va_start(arguments, format);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0)
        return NULL;
    text = arena_alloc(arena, (size_t)length + 1);
    if (text == NULL)
        return NULL;
    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return text;
}

int arena_reserve(struct arena *arena, void *items, size_t count, size_t *capacity, size_t size,
                  size_t wanted)
{
    void **storage = items;
    void *grown;

    if (wanted <= *capacity)
        return 0;
    grown = wanted > SIZE_MAX / 2 / size ? NULL : arena_alloc(arena, wanted * size);
    if (grown == NULL)
        return -ENOMEM;
    if (count > 0)
        memcpy(grown, *storage, count * size);
    *storage = grown;
    *capacity = wanted;
    return 0;
}

void *arena_grow(struct arena *arena, void *items, size_t *count, size_t *capacity, size_t size)
{
    void **storage = items;
    size_t wanted = *capacity == 0 ? 8 : *capacity * 2;

    if (*count == *capacity && arena_reserve(arena, items, *count, capacity, size, wanted) < 0)
        return NULL;
    return (char *)*storage + size * (*count)++;
}
