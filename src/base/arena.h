/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An arena: memory that is handed out piece by piece and given back all at once.  A spec, a host
 * and a plan each live in one, so their many small strings need no owner of their own.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

/** Return a new empty arena, or NULL out of memory.  Free it with arena_free(). */
struct arena *arena_new(void);
/** Give everything back.  NULL is fine. */
void arena_free(struct arena *arena);
void cleanup_arena(struct arena **arena);
#define _cleanup_arena_ __attribute__((cleanup(cleanup_arena)))

/** Zeroed, suitably aligned memory owned by @arena; NULL out of memory. */
void *arena_alloc(struct arena *arena, size_t size);
/**
 * Have the next @size bytes that are asked for ready, so that using them needs no page fault.  For
 * a time in which there is nothing else to do; where it fails, that costs time later and no more.
 */
void arena_warm(struct arena *arena, size_t size);
/** A copy of @text, of its first @length bytes plus NUL, or of @size bytes; NULL out of memory. */
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t length);
void *arena_memdup(struct arena *arena, const void *data, size_t size);
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/**
 * Grow a zero-initialised array {items, count, capacity} by one and return the new, zeroed element;
 * NULL out of memory.  Old storage stays in the arena, so pointers to elements may go stale.
 */
void *arena_grow(struct arena *arena, void *items, size_t *count, size_t *capacity, size_t size);
/** Make room for @wanted elements in all where there is less, so that growing need not copy.  0 or
 * -ENOMEM. */
int arena_reserve(struct arena *arena, void *items, size_t count, size_t *capacity, size_t size,
                  size_t wanted);
#define ARENA_RESERVE(arena, array, wanted)                                                        \
    arena_reserve((arena), &(array)->items, (array)->count, &(array)->capacity,                    \
                  sizeof(*(array)->items), (wanted))
#define ARENA_PUSH(arena, array)                                                                   \
    ((__typeof__((array)->items))arena_grow((arena), &(array)->items, &(array)->count,             \
                                            &(array)->capacity, sizeof(*(array)->items)))

#endif
