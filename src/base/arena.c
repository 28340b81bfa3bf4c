/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <errno.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Under AddressSanitizer each piece is a block of its own, so that what runs over its end is seen.
 */
#if defined(__SANITIZE_ADDRESS__)
#define BLOCK_SIZE 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BLOCK_SIZE 0
#endif
#endif
#ifndef BLOCK_SIZE
#define BLOCK_SIZE 65472 /* of 64 KiB, less what a block and malloc(3) put before it */
#endif

struct block {
    struct block *next;
    size_t used;
    size_t size;
    alignas(max_align_t) unsigned char data[];
};

struct arena {
    struct block *blocks;
};

struct arena *arena_new(void)
{
    return calloc(1, sizeof(struct arena));
}

void arena_free(struct arena *arena)
{
    if (arena == NULL)
        return;
    while (arena->blocks != NULL) {
        struct block *next = arena->blocks->next;

        free(arena->blocks);
        arena->blocks = next;
    }
    free(arena);
}

void cleanup_arena(struct arena **arena)
{
    arena_free(*arena);
}

void *arena_alloc(struct arena *arena, size_t size)
{
    const size_t align = BLOCK_SIZE == 0 ? 1 : alignof(max_align_t);
    struct block *block = arena->blocks;
    void *result;

    if (size > SIZE_MAX / 2)
        return NULL;
    size = (size + align - 1) & ~(align - 1);
    if (block == NULL || block->size - block->used < size) {
        size_t capacity = size > BLOCK_SIZE ? size : BLOCK_SIZE;

        /* not calloc(3): what is never handed out need not be touched */
        block = malloc(sizeof(*block) + capacity);
        if (block == NULL)
            return NULL;
        block->used = 0;
        block->size = capacity;
        block->next = arena->blocks;
        arena->blocks = block;
    }
    result = block->data + block->used;
    block->used += size;
    return memset(result, 0, size);
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
