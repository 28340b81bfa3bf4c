/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing a cgroup's files: with ordinary files in their place. */
#include "kernel/cgroup.h"

#include "unit/scratch.h"

Test(cgroup, controllers_by_name)
{
    char names[CGROUP_NAMES_SIZE];
    unsigned all = CGROUP_CPU | CGROUP_CPUSET | CGROUP_IO | CGROUP_MEMORY | CGROUP_PIDS;

    cr_expect_eq(cgroup_controllers_parse("cpuset cpu io memory hugetlb pids rdma misc\n"), all);
    cr_expect_eq(cgroup_controllers_parse("cpu,cpuacct"), CGROUP_CPU);
    cr_expect_eq(cgroup_controllers_parse("name=systemd"), 0);
    cr_expect_eq(cgroup_controllers_parse("cpus pid mem memoryx"), 0);
    cr_expect_eq(cgroup_controllers_parse(""), 0);
    cr_expect_str_eq(cgroup_controllers_print(all, "+", names), "+cpu +cpuset +io +memory +pids");
    cr_expect_str_eq(cgroup_controllers_print(CGROUP_PIDS, "-", names), "-pids");
    cr_expect_str_eq(cgroup_controllers_print(0, "+", names), "");
}

Test(cgroup, numbers_of_a_file)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    _cleanup_close_ int directory = open(scratch.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    uint64_t value = 7;

    scratch_file(&scratch, "memory.peak", "65536\n");
    scratch_file(&scratch, "memory.max", "max\n");
    scratch_file(&scratch, "empty", "");
    cr_assert_eq(cgroup_get_number(directory, "memory.peak", &value), 0);
    cr_expect_eq(value, 65536);
    cr_expect_eq(cgroup_get_number(directory, "memory.max", &value), -EBADMSG);
    cr_expect_eq(cgroup_get_number(directory, "empty", &value), -EBADMSG);
    cr_expect_eq(cgroup_get_number(directory, "missing", &value), -ENOENT);
}

Test(cgroup, keys_of_a_file)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    _cleanup_close_ int directory = open(scratch.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    uint64_t value = 7;

    scratch_file(&scratch, "memory.events", "low 0\nmax 12\noom 1\noom_kill 3\nbad x\n");
    cr_assert_eq(cgroup_get_key(directory, "memory.events", "low", &value), 0);
    cr_expect_eq(value, 0);
    cr_assert_eq(cgroup_get_key(directory, "memory.events", "oom", &value), 0);
    cr_expect_eq(value, 1, "not that of oom_kill");
    cr_assert_eq(cgroup_get_key(directory, "memory.events", "oom_kill", &value), 0);
    cr_expect_eq(value, 3);
    cr_expect_eq(cgroup_get_key(directory, "memory.events", "kill", &value), -ENODATA);
    cr_expect_eq(cgroup_get_key(directory, "memory.events", "bad", &value), -EBADMSG);
    cr_expect_eq(cgroup_get_key(directory, "missing", "low", &value), -ENOENT);
}

Test(cgroup, a_file_that_is_too_long_is_not_cut)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    _cleanup_close_ int directory = open(scratch.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    char text[4];

    scratch_file(&scratch, "a", "123\n");
    scratch_file(&scratch, "b", "12\n");
    cr_expect_eq(cgroup_get(directory, "a", text, sizeof(text)), -EFBIG);
    cr_assert_eq(cgroup_get(directory, "b", text, sizeof(text)), 0);
    cr_expect_str_eq(text, "12");
}

Test(cgroup, only_a_cgroup_is_opened)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();

    cr_expect_eq(cgroup_open(scratch.path), -EMEDIUMTYPE);
    cr_expect_eq(cgroup_open("/no/such"), -ENOENT);
    scratch_file(&scratch, "file", "");
    cr_expect_eq(cgroup_open(scratch_path(&scratch, "file")), -ENOTDIR);
    scratch_link(&scratch, "link", ".");
    cr_expect_eq(cgroup_open(scratch_path(&scratch, "link")), -ELOOP, "a link is followed");
}

/* A command may have made them, and taken every right away. */
Test(cgroup, a_tree_is_removed_whatever_its_rights)
{
    static const char *const made[] = {"t", "t/a", "t/a/b", "t/a/b/c", "t/d", "stays"};
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    _cleanup_close_ int parent = open(scratch.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    for (size_t i = 0; i < ARRAY_SIZE(made); i++)
        cr_assert_eq(mkdirat(parent, made[i], 0700), 0);
    cr_assert_eq(symlinkat("../stays", parent, "t/link"), 0);
    for (size_t i = 5; i-- > 0;)
        cr_assert_eq(fchmodat(parent, made[i], 0, 0), 0);
    cr_expect_eq(cgroup_remove_tree(parent, "t"), -ENOTEMPTY, "what is no cgroup stays");
    cr_expect_eq(faccessat(parent, "t/a", F_OK, 0), -1);
    cr_expect_eq(faccessat(parent, "stays", F_OK, 0), 0);
    cr_assert_eq(unlinkat(parent, "t/link", 0), 0);
    cr_expect_eq(cgroup_remove_tree(parent, "t"), 0);
    cr_expect_eq(faccessat(parent, "t", F_OK, 0), -1);
    cr_expect_eq(cgroup_remove_tree(parent, "t"), 0, "gone already");
}
