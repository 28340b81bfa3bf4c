/* SPDX-License-Identifier: Apache-2.0 */
#include "base/path.h"

#include "base/cleanup.h"

#include <criterion/criterion.h>
#include <string.h>

Test(path, absolute)
{
    static const struct {
        const char *base, *path, *expected;
    } cases[] = {
        {"/b", "/a", "/a"},
        {"/b", "a", "/b/a"},
        {"/", "a", "/a"},
        {"/b", ".", "/b"},
        {"/b", "", "/b"},
        {"/b", "..", "/"},
        {"/b", "../..", "/"},
        {"/b/c", "../d", "/b/d"},
        {"/b", "./a/./b/.", "/b/a/b"},
        {"/b", "/", "/"},
        {"/b", "//", "/"},
        {"/b", "///a//b///", "/a/b"},
        {"/b", "/a/..", "/"},
        {"/b", "/../../a", "/a"},
        {"/b", "/a/../b/../c", "/c"},
        {"/b", "/a/b/c/../../d", "/a/d"},
        {"/b", "/...", "/..."},
        {"/b", "/..a/.b", "/..a/.b"},
        {"/b", "/a/b..", "/a/b.."},
        {"/b/", "a", "/b/a"},
        {"/b/../c", "a", "/c/a"},
    };
    _cleanup_arena_ struct arena *arena = arena_new();

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        cr_expect_str_eq(path_absolute(arena, cases[i].base, cases[i].path), cases[i].expected,
                         "'%s' at '%s'", cases[i].path, cases[i].base);
}

Test(path, within_below_relative)
{
    static const struct {
        const char *path, *ancestor, *relative;
    } cases[] = {
        {"/a", "/a", ""},        {"/a/b", "/a", "b"},
        {"/a/b/c", "/a", "b/c"}, {"/ab", "/a", NULL},
        {"/a", "/a/b", NULL},    {"/a", "/", "a"},
        {"/", "/", ""},          {"/b", "/a", NULL},
        {"/", "/a", NULL},       {"/a/bc/d", "/a/b", NULL},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        const char *relative = path_relative(cases[i].path, cases[i].ancestor);
        bool within = cases[i].relative != NULL;
        bool below = within && cases[i].relative[0] != '\0';

        if (within) {
            cr_assert_not_null(relative, "'%s' in '%s'", cases[i].path, cases[i].ancestor);
            cr_expect_str_eq(relative, cases[i].relative);
            cr_expect(relative >= cases[i].path &&
                          relative <= cases[i].path + strlen(cases[i].path),
                      "not a pointer into the path");
        } else {
            cr_expect_null(relative, "'%s' in '%s'", cases[i].path, cases[i].ancestor);
        }
        cr_expect_eq(path_is_within(cases[i].path, cases[i].ancestor), within, "'%s' in '%s'",
                     cases[i].path, cases[i].ancestor);
        cr_expect_eq(path_is_below(cases[i].path, cases[i].ancestor), below, "'%s' below '%s'",
                     cases[i].path, cases[i].ancestor);
    }
}

Test(path, join_and_parent)
{
    _cleanup_arena_ struct arena *arena = arena_new();

    cr_expect_str_eq(path_join(arena, "/a", "b"), "/a/b");
    cr_expect_str_eq(path_join(arena, "/", "b"), "/b");
    cr_expect_str_eq(path_join(arena, "/a/", "b/c"), "/a/b/c");
    cr_expect_str_eq(path_join(arena, "/a", ""), "/a");
    cr_expect_str_eq(path_join(arena, "/", ""), "/");
    cr_expect_str_eq(path_parent(arena, "/a/b"), "/a");
    cr_expect_str_eq(path_parent(arena, "/a"), "/");
    cr_expect_str_eq(path_parent(arena, "/"), "/");
    cr_expect_str_eq(path_parent(arena, "/a/b/c d"), "/a/b");
}

Test(path, order_puts_a_directory_right_before_what_is_below_it)
{
    /* In this order; '-' and ' ' are lower than '/' as bytes, which must not matter. */
    static const char *const ordered[] = {
        "/",    "/a",   "/a/b",   "/a/b/c", "/a/b/z", "/a/c",
        "/a b", "/a-b", "/a-b/c", "/aa",    "/b",     "/\xff",
    };

    for (size_t i = 0; i < ARRAY_SIZE(ordered); i++)
        for (size_t j = 0; j < ARRAY_SIZE(ordered); j++) {
            int order = path_compare(ordered[i], ordered[j]);

            cr_expect_eq((order > 0) - (order < 0), (i > j) - (i < j), "'%s' and '%s' gave %d",
                         ordered[i], ordered[j], order);
        }
}

Test(path, the_root_by_its_names)
{
    static const char *const roots[] = {"/", "//", "/.", "/./", "//./."};
    static const char *const others[] = {"", ".", "..", "/..", "/x", "/.x", "/x/", "x/", "/./x"};

    for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++)
        cr_expect(path_is_root(roots[i]), "'%s'", roots[i]);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        cr_expect_not(path_is_root(others[i]), "'%s'", others[i]);
}

Test(path, normal)
{
    static const char *const normal[] = {"/", "/a", "/a/b", "/.a", "/..a/b..", "/...", "/a b/\n"};
    static const char *const others[] = {"",        "a",    "./a",  "//",    "/a/",
                                         "/a//b",   "/./a", "/a/.", "/..",   "/a/..",
                                         "/a/../b", "/.",   "//a",  "/a/./b"};

    for (size_t i = 0; i < sizeof(normal) / sizeof(normal[0]); i++)
        cr_expect(path_is_normal(normal[i]), "'%s'", normal[i]);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        cr_expect_not(path_is_normal(others[i]), "'%s'", others[i]);
}
