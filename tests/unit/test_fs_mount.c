/* SPDX-License-Identifier: Apache-2.0 */
/* What the list of mounts says of a path. */
#include "policy/fs_judgement.h"

#include "base/cleanup.h"
#include "kernel/mountinfo.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/mount.h>

Test(fs_mount, flags_as_mountinfo_writes_them)
{
    static const struct {
        uint64_t attributes;
        const char *text;
    } rows[] = {
        {0, "rw,relatime"},
        {MOUNT_ATTR_STRICTATIME, "rw,strictatime"},
        {MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOATIME, "ro,noatime"},
        {MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NODIRATIME |
             MOUNT_ATTR_NOSYMFOLLOW | MOUNT_ATTR_IDMAP,
         "rw,nosuid,nodev,noexec,nodiratime,nosymfollow,idmapped,relatime"},
        {MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC |
             MOUNT_ATTR_STRICTATIME | MOUNT_ATTR_NODIRATIME | MOUNT_ATTR_NOSYMFOLLOW |
             MOUNT_ATTR_IDMAP,
         "ro,nosuid,nodev,noexec,strictatime,nodiratime,nosymfollow,idmapped"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        _cleanup_arena_ struct arena *arena = arena_new();

        cr_expect_str_eq(fs_flags_text(arena, rows[i].attributes), rows[i].text);
    }
}

/* The answers for mount @id of a made-up table, where a path leads to @real. */
static struct sbx_fs_path describe(struct arena *arena, const char *table, int id, const char *real)
{
    struct host_mounts mounts = {0};
    struct fs_facts facts = {0};
    struct sbx_fs_path path = {.real = real};

    cr_assert_eq(mountinfo_parse(arena, arena_strdup(arena, table), &mounts), 0);
    for (size_t i = 0; i < mounts.count; i++)
        if (mounts.items[i].id == id)
            facts.mount = &mounts.items[i];
    cr_assert_not_null(facts.mount);
    cr_assert_eq(fs_describe_mount(arena, &facts, &mounts, &path), 0);
    return path;
}

Test(fs_mount, propagation)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    static const char table[] = "1 0 0:1 / / rw - t s rw\n"
                                "2 1 0:2 / /a rw shared:7 - t s rw\n"
                                "3 1 0:3 / /b rw master:7 - t s rw\n"
                                "4 1 0:4 / /c rw shared:8 master:7 - t s rw\n"
                                "5 1 0:5 / /d rw unbindable - t s rw\n";
    static const struct {
        const char *text;
        uint64_t group, master;
    } rows[] = {
        {"private", 0, 0},      {"shared", 7, 0},     {"slave", 0, 7},
        {"shared slave", 8, 7}, {"unbindable", 0, 0},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const struct sbx_fs_path path = describe(arena, table, (int)i + 1, "/");

        cr_expect_str_eq(path.propagation, rows[i].text);
        cr_expect_eq(path.peer_group, rows[i].group);
        cr_expect_eq(path.master, rows[i].master);
    }
}

/* The points of all submounts with their levels: "1/a 2/a/b". */
static const char *tree_of(struct arena *arena, const char *table, int id, const char *real)
{
    const struct sbx_fs_path path = describe(arena, table, id, real);
    const char *text = "";

    for (size_t i = 0; i < path.submount_count; i++)
        text = arena_printf(arena, "%s%s%u%s%s", text, i == 0 ? "" : " ", path.submounts[i].level,
                            path.submounts[i].point, path.submounts[i].covered ? "!" : "");
    return text;
}

Test(fs_mount, the_tree_below)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    static const char table[] = "9 1 0:9 / /usr-local rw - t s rw\n"
                                "1 0 0:1 / / rw - t s rw\n"
                                "5 4 0:5 / /usr/lib/x/y rw - t s rw\n"
                                "3 1 0:3 / /usr rw - t s rw\n"
                                "4 3 0:4 / /usr/lib/x rw - t s rw\n"
                                "6 3 0:6 / /usr/bin rw - t s rw\n"
                                "7 6 0:7 / /usr/bin rw - t s rw\n"
                                "8 7 0:8 / /usr/bin/deep rw - t s rw\n"
                                "10 77 0:10 / /usr/orphan rw - t s rw\n";

    cr_expect_str_eq(tree_of(arena, table, 1, "/"),
                     "1/usr 2/usr/bin! 3/usr/bin 4/usr/bin/deep 2/usr/lib/x 3/usr/lib/x/y "
                     "1/usr-local");
    cr_expect_str_eq(tree_of(arena, table, 3, "/usr"),
                     "1/usr/bin! 2/usr/bin 3/usr/bin/deep 1/usr/lib/x 2/usr/lib/x/y");
    cr_expect_str_eq(tree_of(arena, table, 3, "/usr/lib"), "1/usr/lib/x 2/usr/lib/x/y");
    cr_expect_str_eq(tree_of(arena, table, 3, "/usr/lib/x"), "",
                     "the path itself would be on that mount");
    cr_expect_str_eq(tree_of(arena, table, 3, "/usr/share"), "");
    cr_expect_str_eq(tree_of(arena, table, 7, "/usr/bin"), "1/usr/bin/deep");
    cr_expect_str_eq(tree_of(arena, table, 3, NULL),
                     "1/usr/bin! 2/usr/bin 3/usr/bin/deep 1/usr/lib/x 2/usr/lib/x/y",
                     "without a path: all of the mount");
}

/* No kernel writes such tables; whatever writes one, we come to an end. */
Test(fs_mount, tables_that_can_not_be, .timeout = 20)
{
    _cleanup_arena_ struct arena *arena = arena_new();

    describe(arena, "1 1 0:1 / / rw - t s rw\n", 1, "/");
    describe(arena, "1 2 0:1 / / rw - t s rw\n2 1 0:2 / /a rw - t s rw\n", 1, "/");
    describe(arena, "1 0 0:1 / / rw - t s rw\n1 1 0:2 / /a rw - t s rw\n", 1, "/");
    describe(arena,
             "1 3 0:1 / / rw - t s rw\n2 1 0:2 / /a rw - t s rw\n2 1 0:2 / /a rw - t s rw\n"
             "3 2 0:3 / /a/b rw - t s rw\n",
             1, "/");
}

Test(fs_mount, ten_thousand_side_by_side_and_on_top_of_each_other, .timeout = 60)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_free_ char *text = NULL;
    struct sbx_fs_path path;
    size_t size;
    FILE *stream = open_memstream(&text, &size);

    fprintf(stream, "1 0 0:1 / / rw - t s rw\n");
    for (int i = 2; i < 10002; i++)
        fprintf(stream, "%d 1 0:%d / /m/%d rw - t s rw\n", i, i, i);
    for (int i = 10002; i < 20002; i++)
        fprintf(stream, "%d %d 0:%d / /s rw - t s rw\n", i, i == 10002 ? 1 : i - 1, i);
    fclose(stream);
    path = describe(arena, text, 1, "/");
    cr_expect_eq(path.submount_count, 20000);
    cr_expect_str_eq(path.submounts[0].point, "/m/10");
    cr_expect_eq(path.submounts[19999].level, 10000);
    cr_expect_not(path.submounts[19999].covered);
    cr_expect(path.submounts[19998].covered);
}
