/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/places.h"

#include "base/cleanup.h"

#include <criterion/criterion.h>
#include <string.h>

#define ROW(i, p, x, y, r, at, t)                                                                  \
    {                                                                                              \
        .id = (i), .parent = (p), .major = (x), .minor = (y), .root = (r), .point = (at),          \
        .type = (t)                                                                                \
    }

static struct host_mount mounts[] = {
    ROW(21, 1, 8, 1, "/", "/", "ext4"),
    ROW(22, 21, 8, 2, "/", "/home", "ext4"),
    ROW(23, 22, 8, 2, "/al", "/home/al", "ext4"),
    ROW(24, 21, 8, 2, "/", "/mnt/disk", "ext4"),
    ROW(25, 21, 8, 2, "/al/.config/sbx", "/opt/sbx", "ext4"),
    ROW(26, 21, 8, 2, "/al", "/srv/old/al", "ext4"),
    ROW(27, 21, 8, 9, "/", "/srv/old", "ext4"), /* covers the one before */
    ROW(28, 21, 8, 9, "/al", "/opt/other", "ext4"),
    ROW(29, 24, 0, 40, "/", "/mnt/disk/bob", "tmpfs"),
};
static const struct host_mounts table = {mounts, ARRAY_SIZE(mounts), ARRAY_SIZE(mounts)};

static void expect(const char *path, const char *expected)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct host_strings places = {0};
    const char *text = "";

    cr_assert_eq(places_find(arena, &table, path, &places), 0);
    for (size_t i = 0; i < places.count; i++)
        text = arena_printf(arena, "%s%s%s", text, i > 0 ? " " : "", places.items[i]);
    cr_expect_str_eq(text, expected);
}

Test(places, what_one_mount_shows_is_at_one_place)
{
    expect("/etc", "/etc");
    expect("/", "/");
}

Test(places, each_mount_that_shows_it)
{
    expect("/home/al/x", "/home/al/x /mnt/disk/al/x");
    expect("/mnt/disk/al/x", "/mnt/disk/al/x /home/al/x");
}

Test(places, a_mount_of_something_above_or_below_it)
{
    expect("/home/al/.config/sbx/profiles",
           "/home/al/.config/sbx/profiles /mnt/disk/al/.config/sbx/profiles /opt/sbx/profiles");
    /* a part of it */
    expect("/home/al/.config", "/home/al/.config /mnt/disk/al/.config /opt/sbx");
}

/* /srv/old/al is still in the table, and nobody can get there. */
Test(places, what_another_mount_covers_does_not_show)
{
    expect("/srv/old/al", "/srv/old/al /opt/other");
    expect("/home/bob/x", "/home/bob/x");
}

Test(places, without_a_table_there_is_the_path_itself)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    const struct host_mounts none = {0};
    struct host_mount loop[] = {ROW(1, 1, 8, 1, "/", "/", "x"), ROW(2, 1, 8, 1, "/", "/", "x")};
    const struct host_mounts looped = {loop, 2, 2};
    struct host_strings places = {0};

    cr_assert_eq(places_find(arena, &none, "/a", &places), 0);
    cr_expect_eq(places.count, 1);
    cr_expect_str_eq(places.items[0], "/a");
    cr_assert_eq(places_find(arena, &looped, "/a", &places), 0);
    cr_expect_eq(places.count, 1);
}
