/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/mount_table.h"
#include "kernel/mountinfo.h"

#include "base/cleanup.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static int parse(struct arena *arena, const char *text, struct host_mounts *mounts)
{
    return mountinfo_parse(arena, arena_strdup(arena, text), mounts);
}

Test(mountinfo, a_line_of_the_manual)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct host_mounts mounts = {0};

    cr_assert_eq(parse(arena,
                       "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root "
                       "rw,errors=continue\n",
                       &mounts),
                 0);
    cr_assert_eq(mounts.count, 1);
    cr_expect_eq(mounts.items[0].id, 36);
    cr_expect_eq(mounts.items[0].parent, 35);
    cr_expect_eq(mounts.items[0].major, 98);
    cr_expect_eq(mounts.items[0].minor, 0);
    cr_expect_str_eq(mounts.items[0].root, "/mnt1");
    cr_expect_str_eq(mounts.items[0].point, "/mnt2");
    cr_expect_str_eq(mounts.items[0].type, "ext3");
}

Test(mountinfo, optional_fields_are_none_or_many)
{
    static const char *const lines[] = {
        "1 0 0:1 / / rw - tmpfs none rw",
        "1 0 0:1 / / rw shared:1 - tmpfs none rw",
        "1 0 0:1 / / rw shared:7 master:3 propagate_from:2 unbindable - tmpfs none rw",
        "1 0 0:1 / / rw something-new:5 - tmpfs none rw",
        "1 0 0:1 / / rw - tmpfs  rw",   /* the source may be empty */
        "1 0 0:1 / / rw - tmpfs - rw",  /* or a hyphen itself */
        "1 0 0:1 / / rw - tmpfs a b c", /* more than is documented */
    };

    for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
        _cleanup_arena_ struct arena *arena = arena_new();
        struct host_mounts mounts = {0};

        cr_assert_eq(parse(arena, lines[i], &mounts), 0, "%s", lines[i]);
        cr_assert_eq(mounts.count, 1, "%s", lines[i]);
        cr_expect_str_eq(mounts.items[0].type, "tmpfs", "%s", lines[i]);
        cr_expect_str_eq(mounts.items[0].point, "/", "%s", lines[i]);
    }
}

Test(mountinfo, escapes_are_taken_back)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct host_mounts mounts = {0};

    cr_assert_eq(parse(arena,
                       "1 0 0:1 /a\\040b /tab\\011new\\012line\\134back rw - fuse.x\\040y n rw\n"
                       "2 1 0:1 /x\\043y /caf\303\251\\040\\040 rw - tmpfs n rw\n"
                       "3 1 0:1 / /short\\04 rw - tmpfs n rw\n"
                       "4 1 0:1 / /not\\octal\\089\\400\\ rw - tmpfs n rw\n"
                       "5 1 0:1 / /\\134040 rw - tmpfs n rw\n"
                       "6 1 0:1 / /\\377 rw - tmpfs n rw\n",
                       &mounts),
                 0);
    cr_assert_eq(mounts.count, 6);
    cr_expect_str_eq(mounts.items[0].root, "/a b");
    cr_expect_str_eq(mounts.items[0].point, "/tab\tnew\nline\\back");
    cr_expect_str_eq(mounts.items[0].type, "fuse.x y");
    cr_expect_str_eq(mounts.items[1].root, "/x#y");
    cr_expect_str_eq(mounts.items[1].point, "/caf\303\251  ");
    cr_expect_str_eq(mounts.items[2].point, "/short\\04");
    cr_expect_str_eq(mounts.items[3].point, "/not\\octal\\089\\400\\");
    cr_expect_str_eq(mounts.items[4].point, "/\\040", "an escape is taken back once");
    cr_expect_str_eq(mounts.items[5].point, "/\377");
}

/* No path has a NUL; taken back, it would cut the rest off. */
Test(mountinfo, a_nul_is_no_escape)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct host_mounts mounts = {0};

    cr_assert_eq(parse(arena, "1 0 0:1 / /a\\000b\\001 rw - tmpfs none rw", &mounts), 0);
    cr_expect_str_eq(mounts.items[0].point, "/a\\000b\1");
}

Test(mountinfo, flags_and_options)
{
    static const struct {
        const char *line;
        uint64_t attributes;
        const char *source;
        const char *options;
    } rows[] = {
        {"1 0 0:1 / / rw - tmpfs none rw", MOUNT_ATTR_STRICTATIME, "none", "rw"},
        {"1 0 0:1 / / ro,relatime - tmpfs none rw", MOUNT_ATTR_RDONLY, "none", "rw"},
        {"1 0 0:1 / / rw,nosuid,nodev,noexec,noatime,nodiratime,nosymfollow,idmapped - tmpfs n rw",
         MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOATIME |
             MOUNT_ATTR_NODIRATIME | MOUNT_ATTR_NOSYMFOLLOW | MOUNT_ATTR_IDMAP,
         "n", "rw"},
        {"1 0 0:1 / / rw,relatime - tmpfs  rw,size=4k", 0, "", "rw,size=4k"},
        {"1 0 0:1 / / rw,relatime - tmpfs - ro,a=b", 0, "-", "ro,a=b"},
        {"1 0 0:1 / / rw,relatime - cifs //h/my\\040share rw,user=a\\054b c", 0, "//h/my share",
         "rw,user=a,b c"},
        {"1 0 0:1 / / rw,relatime - tmpfs", 0, "", ""},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        _cleanup_arena_ struct arena *arena = arena_new();
        struct host_mounts mounts = {0};

        cr_assert_eq(parse(arena, rows[i].line, &mounts), 0, "%s", rows[i].line);
        cr_expect_eq(mounts.items[0].attributes, rows[i].attributes, "%s", rows[i].line);
        cr_expect_str_eq(mounts.items[0].source, rows[i].source, "%s", rows[i].line);
        cr_expect_str_eq(mounts.items[0].super_options, rows[i].options, "%s", rows[i].line);
    }
}

/* Each line counts for itself, whatever the one before it has. */
Test(mountinfo, options_are_those_of_the_line)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct host_mounts mounts = {0};

    cr_assert_eq(parse(arena,
                       "1 0 0:1 / /a rw,relatime - tmpfs n rw\n"
                       "2 0 0:1 / /b rw,relatime - tmpfs n rw\n"
                       "3 0 0:1 / /c rw,relatime,nosuid - tmpfs n rw\n"
                       "4 0 0:1 / /d rw - tmpfs n rw\n"
                       "5 0 0:1 / /e ro - tmpfs n rw\n"
                       "6 0 0:1 / /f rw,relatime - tmpfs n rw\n"
                       "7 0 0:1 / /g\\040 rw,relatime shared:1 - tmpfs n\\040 rw\n",
                       &mounts),
                 0);
    cr_assert_eq(mounts.count, 7);
    cr_expect_eq(mounts.items[0].attributes, 0);
    cr_expect_eq(mounts.items[1].attributes, 0);
    cr_expect_eq(mounts.items[2].attributes, MOUNT_ATTR_NOSUID);
    cr_expect_eq(mounts.items[3].attributes, MOUNT_ATTR_STRICTATIME);
    cr_expect_eq(mounts.items[4].attributes, MOUNT_ATTR_RDONLY | MOUNT_ATTR_STRICTATIME);
    cr_expect_eq(mounts.items[5].attributes, 0);
    cr_expect_eq(mounts.items[6].attributes, 0);
    cr_expect_str_eq(mounts.items[6].point, "/g ", "an escape counts also in the last line only");
    cr_expect_str_eq(mounts.items[6].source, "n ");
}

Test(mountinfo, propagation)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct host_mounts mounts = {0};

    cr_assert_eq(parse(arena,
                       "1 0 0:1 / / rw - tmpfs n rw\n"
                       "2 0 0:1 / / rw shared:7 - tmpfs n rw\n"
                       "3 0 0:1 / / rw shared:7 master:3 propagate_from:2 new:5 - tmpfs n rw\n"
                       "4 0 0:1 / / rw unbindable - tmpfs n rw\n",
                       &mounts),
                 0);
    cr_expect_eq(mounts.items[0].shared, 0);
    cr_expect_not(mounts.items[0].unbindable);
    cr_expect_eq(mounts.items[1].shared, 7);
    cr_expect_eq(mounts.items[1].master, 0);
    cr_expect_eq(mounts.items[2].shared, 7);
    cr_expect_eq(mounts.items[2].master, 3);
    cr_expect_eq(mounts.items[2].propagate_from, 2);
    cr_expect(mounts.items[3].unbindable);
}

/* What the tests of the command line compare for made-up mounts, for those of this machine. */
Test(mountinfo, statmount_says_the_same)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct host_mounts old = {0};
    struct host_mounts new = {0};

    if (mount_table_statmount(arena, &new) < 0)
        cr_skip_test("this kernel's statmount does not say all");
    cr_assert_eq(mountinfo_read(arena, &old, NULL), 0);
    cr_assert_eq(new.count, old.count);
    for (size_t i = 0; i < old.count; i++) {
        const struct host_mount *a = &old.items[i];
        const struct host_mount *b = NULL;

        for (size_t k = 0; k < new.count; k++)
            if (new.items[k].id == a->id)
                b = &new.items[k];
        cr_assert_not_null(b, "%s", a->point);
        cr_expect_eq(b->parent, a->parent);
        cr_expect_eq(b->major, a->major);
        cr_expect_eq(b->minor, a->minor);
        cr_expect_str_eq(b->root, a->root);
        cr_expect_str_eq(b->point, a->point);
        cr_expect_str_eq(b->type, a->type);
        cr_expect_str_eq(b->source, a->source);
        cr_expect_str_eq(b->super_options, a->super_options);
        cr_expect_eq(b->attributes, a->attributes, "%s", a->point);
        cr_expect_eq(b->shared, a->shared);
        cr_expect_eq(b->master, a->master);
        cr_expect_eq(b->propagate_from, a->propagate_from);
        cr_expect_eq(b->unbindable, a->unbindable);
        cr_expect_neq(b->unique_id, 0);
    }
}

Test(mountinfo, no_lines_are_no_mounts)
{
    static const char *const texts[] = {"", "\n", "\n\n"};

    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        _cleanup_arena_ struct arena *arena = arena_new();
        struct host_mounts mounts = {.count = 7};

        cr_expect_eq(parse(arena, texts[i], &mounts), 0);
        cr_expect_eq(mounts.count, 0);
    }
}

Test(mountinfo, what_is_not_of_the_form_is_refused)
{
    static const char *const lines[] = {
        "x",
        "36",
        "36 35",
        "36 35 98:0",
        "36 35 98:0 /",
        "36 35 98:0 / /",
        "36 35 98:0 / / rw",
        "36 35 98:0 / / rw -",
        "36 35 98:0 / / rw ext4 /dev/root rw",
        "36 35 98:0 / / rw master:1 ext4 /dev/root rw",
        "x6 35 98:0 / / rw - ext4 /dev/root rw",
        "36x 35 98:0 / / rw - ext4 /dev/root rw",
        "36 y 98:0 / / rw - ext4 /dev/root rw",
        "36 35z 98:0 / / rw - ext4 /dev/root rw",
        "36 35 98 / / rw - ext4 /dev/root rw",
        "36 35 98: / / rw - ext4 /dev/root rw",
        "36 35 :0 / / rw - ext4 /dev/root rw",
        "36 35 98:0x / / rw - ext4 /dev/root rw",
        "36 35 98-0 / / rw - ext4 /dev/root rw",
        /* more than an id or a device's number can be */
        "2147483648 35 98:0 / / rw - ext4 /dev/root rw",
        "36 6511111116 98:0 / / rw - ext4 /dev/root rw",
        "36 35 4294967296:0 / / rw - ext4 /dev/root rw",
        "36 35 98:99999999999999999999 / / rw - ext4 /dev/root rw",
    };

    for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
        _cleanup_arena_ struct arena *arena = arena_new();
        struct host_mounts mounts = {.count = 7};
        const char *text = arena_printf(
            arena, "1 0 0:1 / / rw - tmpfs n rw\n%s\n2 1 0:2 / /x rw - tmpfs n rw\n", lines[i]);

        cr_expect_eq(parse(arena, text, &mounts), -EBADMSG, "%s", lines[i]);
        cr_expect_eq(mounts.count, 7, "%s: written only on success", lines[i]);
    }
}

Test(mountinfo, a_thousand_mounts)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_free_ char *text = NULL;
    struct host_mounts mounts = {0};
    size_t size;
    FILE *stream = open_memstream(&text, &size);

    for (int i = 0; i < 1000; i++)
        fprintf(stream, "%d 1 0:%d / /m/%d rw - tmpfs n rw\n", i + 2, i, i);
    fclose(stream);
    cr_assert_eq(mountinfo_parse(arena, text, &mounts), 0);
    cr_assert_eq(mounts.count, 1000);
    cr_expect_str_eq(mounts.items[999].point, "/m/999");
    cr_expect_eq(mounts.items[999].minor, 999);
}

static const char *point_of(const struct host_mounts *mounts, const char *path)
{
    const struct host_mount *mount = mountinfo_find(mounts, path);

    return mount == NULL ? "(none)" : mount->point;
}

Test(mountinfo, find_takes_the_longest_point)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct host_mounts mounts = {0};

    cr_assert_eq(parse(arena,
                       "3 1 0:3 / /home/al rw - ext4 n rw\n"
                       "1 0 0:1 / / rw - ext4 n rw\n"
                       "2 1 0:2 / /home rw - ext4 n rw\n",
                       &mounts),
                 0);
    cr_expect_str_eq(point_of(&mounts, "/"), "/");
    cr_expect_str_eq(point_of(&mounts, "/etc"), "/");
    cr_expect_str_eq(point_of(&mounts, "/home"), "/home");
    cr_expect_str_eq(point_of(&mounts, "/home/al"), "/home/al");
    cr_expect_str_eq(point_of(&mounts, "/home/al/x"), "/home/al");
    cr_expect_str_eq(point_of(&mounts, "/home/alice"), "/home", "a name is not its beginning");
    cr_expect_str_eq(point_of(&mounts, "/homes"), "/");
}

/* What was mounted last at one place lies on top. */
Test(mountinfo, find_takes_the_last_of_a_stack)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct host_mounts mounts = {0};

    cr_assert_eq(parse(arena,
                       "1 0 0:1 / / rw - ext4 n rw\n"
                       "2 1 0:2 / /m rw - autofs n rw\n"
                       "3 2 0:3 / /m rw - nfs n rw\n",
                       &mounts),
                 0);
    cr_expect_eq(mountinfo_find(&mounts, "/m/x")->id, 3);
    cr_expect_eq(mountinfo_find(&mounts, "/m")->id, 3);
}

Test(mountinfo, find_in_a_chroot_may_find_nothing)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct host_mounts mounts = {0};

    cr_expect_null(mountinfo_find(&mounts, "/"));
    cr_assert_eq(parse(arena, "2 1 0:2 / /proc rw - proc n rw\n", &mounts), 0);
    cr_expect_null(mountinfo_find(&mounts, "/etc"));
}

Test(mountinfo, this_machine)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct host_mounts mounts = {0};
    struct sbx_error err = {0};
    const struct host_mount *proc;
    struct stat status;

    cr_assert_eq(mountinfo_read(arena, &mounts, &err), 0, "%s", err.message);
    cr_assert_gt(mounts.count, 0);
    proc = mountinfo_find(&mounts, "/proc/self");
    cr_assert_not_null(proc);
    cr_expect_str_eq(proc->type, "proc");
    cr_assert_eq(stat("/proc", &status), 0);
    cr_expect_eq(makedev(proc->major, proc->minor), status.st_dev);
}
