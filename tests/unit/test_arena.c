/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdalign.h>
#include <stdint.h>
#include <string.h>

Test(arena, memory_is_zeroed_aligned_and_separate)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    unsigned char *pieces[500];

    cr_assert_not_null(arena);
    for (size_t i = 0; i < 500; i++) {
        size_t size = i % 97;

        pieces[i] = arena_alloc(arena, size);
        cr_assert_not_null(pieces[i]);
        cr_expect_eq((uintptr_t)pieces[i] % alignof(max_align_t), 0);
        for (size_t j = 0; j < size; j++)
            cr_assert_eq(pieces[i][j], 0, "piece %zu is not zeroed", i);
        memset(pieces[i], (int)(i & 0xff), size);
    }
    for (size_t i = 0; i < 500; i++)
        for (size_t j = 0; j < i % 97; j++)
            cr_assert_eq(pieces[i][j], i & 0xff, "piece %zu was overwritten", i);
}

Test(arena, large_pieces_and_impossible_ones)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    char *small = arena_strdup(arena, "small");
    char *large = arena_alloc(arena, 1 << 20);
    char *after = arena_strdup(arena, "after");

    cr_assert_not_null(large);
    memset(large, 'x', 1 << 20);
    cr_expect_str_eq(small, "small");
    cr_expect_str_eq(after, "after");
    cr_expect_null(arena_alloc(arena, SIZE_MAX));
    cr_expect_null(arena_alloc(arena, SIZE_MAX - 8));
    cr_expect_str_eq(after, "after");
}

/* What is made ready is what is handed out next; asking for what can't be had does no harm. */
Test(arena, warm_memory_is_zeroed_and_the_rest_stays)
{
    static const size_t sizes[] = {0, 1, 4096, 65536, 300000};
    _cleanup_arena_ struct arena *arena = arena_new();
    char *before = arena_strdup(arena, "before");

    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        char *piece;

        arena_warm(arena, sizes[i]);
        piece = arena_alloc(arena, sizes[i]);
        cr_assert_not_null(piece);
        for (size_t j = 0; j < sizes[i]; j++)
            cr_assert_eq(piece[j], 0);
        memset(piece, 'x', sizes[i]);
        cr_expect_str_eq(arena_strdup(arena, "after"), "after");
    }
    arena_warm(arena, SIZE_MAX);
    arena_warm(arena, SIZE_MAX / 2);
    cr_expect_str_eq(before, "before");
    cr_expect_str_eq(arena_strdup(arena, "last"), "last");
}

Test(arena, copies)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    char text[] = "hello world";
    char *whole = arena_strdup(arena, text);
    char *part = arena_strndup(arena, text, 5);
    char *beyond = arena_strndup(arena, text, 500);
    char *bytes = arena_memdup(arena, "a\0b", 4);
    char *printed = arena_printf(arena, "%s-%d", "n", 42);

    memset(text, 'x', sizeof(text) - 1);
    cr_expect_str_eq(whole, "hello world");
    cr_expect_str_eq(part, "hello");
    cr_expect_str_eq(beyond, "hello world");
    cr_expect_arr_eq(bytes, "a\0b", 4);
    cr_expect_str_eq(printed, "n-42");
    cr_expect_str_eq(arena_strdup(arena, ""), "");
    cr_expect_not_null(arena_memdup(arena, "", 0));
}

Test(arena, prints_more_than_a_block)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    char *text = arena_printf(arena, "%40000d", 7);

    cr_assert_not_null(text);
    cr_expect_eq(strlen(text), 40000);
    cr_expect_eq(text[39999], '7');
}

Test(arena, grows_arrays)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct {
        struct item {
            int number;
            const char *text;
        } * items;
        size_t count;
        size_t capacity;
    } array = {0};

    for (int i = 0; i < 1000; i++) {
        struct item *item = ARENA_PUSH(arena, &array);

        cr_assert_not_null(item);
        cr_assert_eq(item->number, 0, "not zeroed");
        cr_assert_null(item->text, "not zeroed");
        item->number = i;
        item->text = "set";
    }
    cr_assert_eq(array.count, 1000);
    for (int i = 0; i < 1000; i++)
        cr_assert_eq(array.items[i].number, i);
}

Test(arena, free_takes_null)
{
    struct arena *arena = NULL;

    arena_free(NULL);
    cleanup_arena(&arena);
    cr_expect_null(arena);
}

Test(arena, room_that_was_reserved)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct {
        int *items;
        size_t count;
        size_t capacity;
    } array = {0};
    const int *first;

    cr_assert_eq(ARENA_RESERVE(arena, &array, 0), 0);
    cr_expect_null(array.items);
    *ARENA_PUSH(arena, &array) = 7;
    cr_assert_eq(ARENA_RESERVE(arena, &array, 100), 0);
    cr_expect_eq(array.count, 1);
    cr_expect_eq(array.items[0], 7, "what was there is kept");
    first = array.items;
    for (int i = 1; i < 100; i++)
        *ARENA_PUSH(arena, &array) = i;
    cr_expect_eq(array.items, first, "it was not copied again");
    cr_assert_eq(ARENA_RESERVE(arena, &array, 50), 0);
    cr_expect_eq(array.items, first, "there is room already");
    cr_expect_eq(ARENA_RESERVE(arena, &array, SIZE_MAX / 2), -ENOMEM);
    cr_expect_eq(array.items, first);
    *ARENA_PUSH(arena, &array) = 100;
    cr_expect_eq(array.items[99], 99);
    cr_expect_eq(array.count, 101);
}
