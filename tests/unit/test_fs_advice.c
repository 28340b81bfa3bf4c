/* SPDX-License-Identifier: Apache-2.0 */
/* What a sandbox shows at a path; tests/cli/fs.bats tries whether it is true. */
#include "policy/fs_judgement.h"

#include "base/cleanup.h"

#include <criterion/criterion.h>
#include <string.h>

/* The words with spaces between; "-" for none, "+" for "nothing is needed". */
static const char *join(struct arena *arena, const char *const *words)
{
    if (words == NULL)
        return "-";
    if (words[0] == NULL)
        return "+";
    cr_assert_null(words[2]);
    return arena_printf(arena, "%s %s", words[0], words[1]);
}

Test(fs_advice, by_place)
{
    static const struct fs_caller caller = {.homes = {"/home/al", NULL}, .cwd = "/home/al/w"};
    static const struct {
        const char *real, *type, *kind, *shown, *read_only, *writable;
    } rows[] = {
        {"/proc", "proc", "directory", "fresh", "+", "--proc rw"},
        {"/proc/1", "proc", "directory", "fresh", "+", "--proc rw"},
        {"/proc/sys/kernel", "proc", "directory", "fresh", "+", "-"},
        {"/proc/sys/fs/binfmt_misc", "binfmt_misc", "directory", "mirrored", "+",
         "-w /proc/sys/fs/binfmt_misc"},
        {"/proc/kcore", "proc", "file", "hidden", "--ro /proc/kcore", "-w /proc/kcore"},
        {"/sys", "sysfs", "directory", "the host's", "+", "-w /sys"},
        {"/sys/fs/cgroup/x", "cgroup2", "directory", "hidden", "--ro /sys/fs/cgroup/x",
         "-w /sys/fs/cgroup/x"},
        {"/dev", "devtmpfs", "directory", "of its own", "--ro /dev", "-w /dev"},
        {"/dev/null", "devtmpfs", "device", "device", "+", "+"},
        {"/dev/kvm", "devtmpfs", "device", "nothing", "-", "--dev-node /dev/kvm"},
        {"/dev/shm", "tmpfs", "directory", "private", "--ro /dev/shm", "-w /dev/shm"},
        {"/dev/pts", "devpts", "directory", "devpts", "--ro /dev/pts", "-w /dev/pts"},
        {"/dev/net", "devtmpfs", "directory", "nothing", "--ro /dev/net", "-w /dev/net"},
        {"/", "ext4", "directory", "the host's tree", "+", "-w /"},
        {"/usr", "ext4", "directory", "the host's", "+", "-w /usr"},
        {"/tmp", "ext4", "directory", "private: empty", "--ro /tmp", "-w /tmp"},
        {"/tmp/x", "ext4", "directory", "/tmp is private", "--ro /tmp/x", "-w /tmp/x"},
        {"/tmpx", "ext4", "directory", "the host's", "+", "-w /tmpx"},
        {"/home/al", "ext4", "directory", "private", "--ro /home/al", "-w /home/al"},
        {"/home/al/x", "ext4", "file", "/home/al is private", "--ro /home/al/x", "-w /home/al/x"},
        {"/home/al/w", "ext4", "directory", "working", "+", "-w /home/al/w"},
        {"/home/al/w/x", "ext4", "file", "working", "+", "-w /home/al/w/x"},
        {"/home/bob", "ext4", "directory", "the host's", "+", "-w /home/bob"},
        {"/srv/a:b\\c", "ext4", "directory", "the host's", "+", "-w /srv/a\\:b\\\\c"},
        {"/srv/c/proc", "proc", "directory", "the host's", "+", "-w /srv/c/proc"},
        {"/etc/shadow", "ext4", "file", "the host's", "+", "-w /etc/shadow"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        _cleanup_arena_ struct arena *arena = arena_new();
        struct sbx_fs_path path = {
            .real = rows[i].real, .type = rows[i].type, .kind = rows[i].kind};

        cr_assert_eq(fs_advise(arena, &caller, &path), 0);
        cr_expect_not_null(strstr(path.shown, rows[i].shown), "%s: %s", rows[i].real, path.shown);
        cr_expect_str_eq(join(arena, path.read_only), rows[i].read_only, "%s", rows[i].real);
        cr_expect_str_eq(join(arena, path.writable), rows[i].writable, "%s", rows[i].real);
    }
}

Test(fs_advice, by_caller)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    const struct fs_caller root = {.homes = {"/root", NULL}, .cwd = "/root", .is_root = true};
    struct sbx_fs_path path = {.real = "/etc/shadow", .type = "ext4", .kind = "file"};

    cr_assert_eq(fs_advise(arena, &root, &path), 0);
    cr_expect_not_null(strstr(path.shown, "hidden"));
    /* a home that is the working directory is not put back */
    path.real = "/root/x";
    cr_assert_eq(fs_advise(arena, &root, &path), 0);
    cr_expect_str_eq(join(arena, path.read_only), "--ro /root/x");
    path = (struct sbx_fs_path){.real = "/proc", .type = "proc", .kind = "directory"};
    cr_assert_eq(fs_advise(arena, &root, &path), 0);
    cr_expect_null(strstr(path.shown, "covered"));
    cr_assert_eq(fs_advise(arena, &(const struct fs_caller){.proc_covered = true}, &path), 0);
    cr_expect_not_null(strstr(path.shown, "covered"));
    path.real = NULL;
    path.read_only = path.writable = NULL;
    cr_assert_eq(fs_advise(arena, &root, &path), 0);
    cr_expect_not_null(strstr(path.shown, "unknown"));
    cr_expect_null(path.read_only);
}

Test(fs_advice, procfs_is_explained_in_two_sentences)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    const struct fs_caller caller = {0};
    struct sbx_fs_path path = {.real = "/proc", .type = "proc", .kind = "directory", .depth = 2};

    cr_assert_eq(fs_advise(arena, &caller, &path), 0);
    cr_assert_not_null(path.explanation);
    path = (struct sbx_fs_path){.real = "/sys", .type = "sysfs", .kind = "directory"};
    cr_assert_eq(fs_advise(arena, &caller, &path), 0);
    cr_expect_null(path.explanation);
    /* where a procfs were another, this would not be true of it */
    path = (struct sbx_fs_path){.real = "/proc", .type = "proc", .kind = "directory", .depth = 0};
    cr_assert_eq(fs_advise(arena, &caller, &path), 0);
    cr_expect_null(path.explanation);
}
