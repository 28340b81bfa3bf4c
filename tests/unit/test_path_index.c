/* SPDX-License-Identifier: Apache-2.0 */
#include "base/path_index.h"

#include <criterion/criterion.h>
#include <string.h>

static size_t count_found(const struct path_index *index, uint32_t hash)
{
    struct path_search search = path_index_search(index, hash);
    size_t count = 0;
    size_t item;

    while (path_search_next(&search, &item))
        count++;
    return count;
}

Test(path_index, an_empty_one_has_nothing)
{
    const struct path_index index = {0};

    cr_expect_eq(count_found(&index, 0), 0);
    cr_expect_eq(count_found(&index, 4711), 0);
}

Test(path_index, it_grows_and_keeps_all)
{
    enum { MANY = 5000 };
    _cleanup_arena_ struct arena *arena = arena_new();
    struct path_index index = {0};

    for (uint32_t i = 0; i < MANY; i++)
        cr_assert_eq(path_index_add(&index, arena, path_hash_number(0, i), i), 0);
    for (uint32_t i = 0; i < MANY; i++) {
        struct path_search search = path_index_search(&index, path_hash_number(0, i));
        size_t item = MANY;

        cr_assert(path_search_next(&search, &item));
        cr_assert_eq(item, i);
        cr_assert_not(path_search_next(&search, &item));
    }
    cr_expect_eq(count_found(&index, path_hash_number(0, MANY)), 0);
}

/* Of two with one hash the first is found first, also when the table has grown. */
Test(path_index, one_hash_in_the_order_of_adding)
{
    enum { MANY = 300 };
    _cleanup_arena_ struct arena *arena = arena_new();
    struct path_index index = {0};
    struct path_search search;
    size_t item;

    for (size_t i = 0; i < MANY; i++)
        cr_assert_eq(path_index_add(&index, arena, UINT32_MAX, i), 0);
    search = path_index_search(&index, UINT32_MAX);
    for (size_t i = 0; i < MANY; i++)
        cr_assert(path_search_next(&search, &item) && item == i, "%zu", i);
    cr_expect_not(path_search_next(&search, &item));
    cr_expect_eq(count_found(&index, 0), 0);
}

/* Others may lie between, in the slots that would be theirs. */
Test(path_index, hashes_that_begin_at_one_slot)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct path_index index = {0};
    const uint32_t near[] = {5, 6, 5, 7, 6, 5};

    for (size_t i = 0; i < sizeof(near) / sizeof(*near); i++)
        cr_assert_eq(path_index_add(&index, arena, near[i], i), 0);
    cr_expect_eq(count_found(&index, 5), 3);
    cr_expect_eq(count_found(&index, 6), 2);
    cr_expect_eq(count_found(&index, 7), 1);
    cr_expect_eq(count_found(&index, 8), 0);
}

Test(path_index, room_is_made_at_once)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct path_index index = {0};
    const struct path_slot *slots;

    cr_assert_eq(path_index_reserve(&index, arena, 1000), 0);
    slots = index.slots;
    for (uint32_t i = 0; i < 1000; i++)
        cr_assert_eq(path_index_add(&index, arena, path_hash_number(1, i), i), 0);
    cr_expect_eq(index.slots, slots);
    cr_expect_eq(path_index_reserve(&index, arena, 10), 0);
    cr_expect_eq(index.slots, slots, "never made smaller");
}

Test(path_index, the_walk_hashes_what_the_whole_has)
{
    static const char *const paths[] = {"/", "/a", "/a/bc", "/a/bc/def", "//x", "/a/"};

    for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
        struct path_prefix place = {.path = paths[i]};
        size_t steps = 0;

        while (path_prefix_next(&place)) {
            char text[32] = {0};

            memcpy(text, paths[i], place.length);
            cr_expect_eq(place.hash, path_prefix_whole(text).hash, "%s in %s", text, paths[i]);
            cr_expect(path_prefix_is(text, &place));
            steps++;
        }
        cr_expect_eq(place.length, strlen(paths[i]));
        cr_expect_gt(steps, 0);
    }
}
