/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/host_trial.h"

#include "base/cleanup.h"
#include "kernel/host_internal.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* @rest below the scratch directory. */
static const char *in(const struct scratch *scratch, const char *rest)
{
    return arena_printf(scratch->arena, "%s%s", scratch->path, rest);
}

static struct host_place place_of(const struct scratch *scratch, const char *rest)
{
    struct host_place place;

    cr_assert_eq(host_place_probe(scratch->arena, "", in(scratch, rest), &place), 0);
    cr_expect_str_eq(place.path, in(scratch, rest));
    return place;
}

static void make_directory(const struct scratch *scratch, const char *rest)
{
    cr_assert_eq(mkdir(in(scratch, rest), 0755), 0);
}

static void make_link(const struct scratch *scratch, const char *text, const char *rest)
{
    cr_assert_eq(symlink(text, in(scratch, rest)), 0);
}

Test(host_places, a_directory_is_where_it_is)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    struct host_place place;

    make_directory(&scratch, "/a");
    place = place_of(&scratch, "/a");
    cr_expect_str_eq(place.place, in(&scratch, "/a"));
    cr_expect_str_eq(place.there, in(&scratch, "/a"));
    cr_expect(place.directory);
    cr_expect_eq(place.links.count, 0);
    cr_expect_eq(place.error, 0);
}

Test(host_places, what_is_missing_has_a_place_too)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    struct host_place place;

    make_directory(&scratch, "/a");
    place = place_of(&scratch, "/a/b/c");
    cr_expect_str_eq(place.place, in(&scratch, "/a/b/c"));
    cr_expect_str_eq(place.there, in(&scratch, "/a"));
    cr_expect(place.directory);
}

Test(host_places, each_link_on_the_way_is_told)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    struct host_place place;

    make_directory(&scratch, "/dot");
    make_directory(&scratch, "/dot/v2");
    make_link(&scratch, "v2", "/dot/current");
    make_link(&scratch, "./dot/../dot/current/config", "/.config"); /* config is missing */
    place = place_of(&scratch, "/.config/sbx");
    cr_expect_str_eq(place.place, in(&scratch, "/dot/v2/config/sbx"));
    cr_expect_str_eq(place.there, in(&scratch, "/dot/v2"));
    cr_assert_eq(place.links.count, 2);
    cr_expect_str_eq(place.links.items[0], in(&scratch, "/.config"));
    cr_expect_str_eq(place.links.items[1], in(&scratch, "/dot/current"));
}

Test(host_places, an_absolute_link)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    struct host_place place;

    make_directory(&scratch, "/a");
    make_directory(&scratch, "/a/b");
    make_link(&scratch, in(&scratch, "/a"), "/l");
    place = place_of(&scratch, "/l/b");
    cr_expect_str_eq(place.place, in(&scratch, "/a/b"));
    cr_expect_str_eq(place.there, in(&scratch, "/a/b"));
    cr_expect_eq(place.links.count, 1);
}

Test(host_places, a_file_in_the_way)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    struct host_place place;

    scratch_file(&scratch, "f", "");
    place = place_of(&scratch, "/f/sbx");
    cr_expect_str_eq(place.place, in(&scratch, "/f/sbx"));
    cr_expect_str_eq(place.there, in(&scratch, "/f"));
    cr_expect_not(place.directory);
}

Test(host_places, links_in_a_circle_lead_nowhere)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    struct host_place place;

    make_link(&scratch, "b", "/a");
    make_link(&scratch, "a", "/b");
    place = place_of(&scratch, "/a/x");
    cr_expect_eq(place.error, ELOOP);
    cr_expect_eq(place.links.count, 2);
}

Test(host_places, an_absolute_link_to_what_is_missing_is_there_as_far_as_it_is)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    struct host_place place;

    make_directory(&scratch, "/deep");
    scratch_link(&scratch, "deep/link", "/nothing-of-this/at-all");
    place = place_of(&scratch, "/deep/link/x");
    cr_expect_str_eq(place.place, "/nothing-of-this/at-all/x");
    cr_expect_str_eq(place.there, "/");
    cr_expect(place.directory);
}
