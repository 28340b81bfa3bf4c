/* SPDX-License-Identifier: Apache-2.0 */
/* What counts as planned, on made-up plans and facts. */
#include "policy/attest.h"

#include "base/cleanup.h"
#include "kernel/capability.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>

#define RO    MOUNT_ATTR_RDONLY
#define QUIET (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)
#define ALL   (RO | QUIET | MOUNT_ATTR_NOEXEC)

/* ---- a plan, and facts that are as planned ---- */

static struct step steps[] = {
    {.kind = STEP_NAMESPACES, .origin = "default", .number = CLONE_NEWUSER | CLONE_NEWNS},
    {.kind = STEP_ID_MAP, .origin = "--uid #1", .source = "7 1000 1\n", .target = "100 100 1\n"},
    {.kind = STEP_USERNS_LIMIT, .origin = "default"},
    {.kind = STEP_HOSTNAME, .origin = "default", .target = "sbx"},
    {.kind = STEP_KEYRING, .origin = "default"},
    {.kind = STEP_MIRROR,
     .origin = "default",
     .source = "/",
     .target = "/",
     .attributes = RO | QUIET},
    {.kind = STEP_TMPFS,
     .origin = "default",
     .target = "/dev",
     .attributes = QUIET,
     .number = 1U << 20,
     .number2 = 1024,
     .mode = 0755},
    {.kind = STEP_PROC, .origin = "default", .target = "/proc", .attributes = ALL},
    {.kind = STEP_MASK, .origin = "default", .target = "/proc/kcore"},
    {.kind = STEP_MASK, .origin = "--hide #1", .target = "/secret", .inode = 5, .device = 1},
    {.kind = STEP_BIND,
     .origin = "--rw #1",
     .source = "/data",
     .target = "/data",
     .attributes = QUIET},
    {.kind = STEP_BIND,
     .origin = "--ro #1",
     .source = "/data/a",
     .target = "/mnt/b",
     .attributes = RO | QUIET},
    {.kind = STEP_TMPFS,
     .origin = "default",
     .target = "/tmp",
     .attributes = QUIET,
     .number = 5000,
     .number2 = 10,
     .mode = 01777},
    {.kind = STEP_CGROUPFS, .origin = "default", .target = "/cgroup", .attributes = ALL},
    {.kind = STEP_SEAL, .origin = "default", .target = "/dev"},
    {.kind = STEP_CHDIR, .origin = "default", .target = "/w"},
    {.kind = STEP_CAPABILITIES, .origin = "default"},
    {.kind = STEP_NO_NEW_PRIVS, .origin = "default"},
    {.kind = STEP_LANDLOCK, .origin = "default", .number = 7},
    {.kind = STEP_PROCESS_GROUP, .origin = "default"},
    {.kind = STEP_RLIMIT, .origin = "default", .number = RLIMIT_CORE, .number2 = 1, .number3 = 1},
    {.kind = STEP_SECCOMP, .origin = "default"},
};

static struct host_mount host_items[] = {
    {.id = 1, .parent = 0, .point = "/", .root = "/", .type = "ext4", .major = 8, .shared = 1},
    {.id = 2, .parent = 1, .point = "/proc", .root = "/", .type = "proc", .minor = 20},
    {.id = 3, .parent = 1, .point = "/tmp", .root = "/", .type = "tmpfs", .minor = 21},
    {.id = 4, .parent = 1, .point = "/mnt/b", .root = "/", .type = "xfs", .major = 8, .minor = 2},
    {.id = 5, .parent = 1, .point = "/cgroup", .root = "/", .type = "cgroup2", .minor = 25},
};
static const struct host_mounts host = {.items = host_items, .count = ARRAY_SIZE(host_items)};

#define MOUNT(n, p, at, from, fs, dev, attr)                                                       \
    {                                                                                              \
        .id = (n), .parent = (p), .point = (at), .root = (from), .type = (fs), .minor = (dev),     \
        .attributes = (attr), .super_options = ""                                                  \
    }
#define TMPFS(n, p, at, dev, attr, options)                                                        \
    {                                                                                              \
        .id = (n), .parent = (p), .point = (at), .root = "/", .type = "tmpfs", .minor = (dev),     \
        .attributes = (attr), .super_options = (options)                                           \
    }
#define DISK(n, p, at, from, attr)                                                                 \
    {                                                                                              \
        .id = (n), .parent = (p), .point = (at), .root = (from), .type = "ext4", .major = 8,       \
        .attributes = (attr), .super_options = ""                                                  \
    }

static const struct host_mount whole[] = {
    DISK(10, 1, "/", "/", RO | QUIET),
    MOUNT(11, 10, "/proc", "/", "proc", 20, RO | QUIET),      /* beneath the fresh one */
    MOUNT(12, 10, "/tmp", "/", "tmpfs", 21, RO | QUIET),      /* beneath the private one */
    MOUNT(13, 12, "/tmp/deep", "/", "ext4", 22, ALL),         /* the same, below that */
    MOUNT(14, 10, "/usr", "/", "ext4", 23, ALL),              /* part of the mirror */
    MOUNT(15, 10, "/dev/host", "/", "tmpfs", 24, RO | QUIET), /* behind /dev */
    TMPFS(20, 10, "/dev", 30, RO | QUIET, "rw,size=1024k,nr_inodes=1024,mode=755"),
    MOUNT(21, 11, "/proc", "/", "proc", 31, ALL),
    MOUNT(22, 10, "/secret", "/dir", "tmpfs", 32, ALL),
    DISK(23, 10, "/data", "/data", QUIET),
    MOUNT(24, 23, "/data/sub", "/", "ext4", 33, QUIET),
    DISK(25, 10, "/mnt/b", "/data/a", RO | QUIET),
    TMPFS(26, 12, "/tmp", 34, QUIET, "rw,size=8k,nr_inodes=10,uid=1000"),
    MOUNT(16, 10, "/cgroup", "/", "cgroup2", 25, ALL), /* beneath the run's own */
    MOUNT(27, 16, "/cgroup", "/user/sbx-1-x", "cgroup2", 25, ALL),
};
#define COUNT ARRAY_SIZE(whole)

struct trial {
    struct arena *arena;
    struct plan plan;
    struct host_mount items[COUNT + 1];
    struct host_mounts mounts;
    bool kcore; /* there is one to be masked */
    struct attest attest;
    struct attest_facts facts;
    struct attest_command command;
};

static void trial_end(struct trial *trial)
{
    arena_free(trial->arena);
}
#define _cleanup_trial_ _cleanup_(trial_end)

static const uint64_t limits[][2] = {{1, 1}};
static const int32_t descriptors[] = {0, 1, 2};
static int open_fds[] = {0, 1, 2, 9};

static struct trial trial_new(void)
{
    struct trial trial = {
        .arena = arena_new(),
        .plan = {.steps = {.items = steps, .count = ARRAY_SIZE(steps)},
                 .tries = PLAN_TRY_USERNS | PLAN_TRY_LANDLOCK},
        .mounts = {.count = COUNT},
        .command = {.first = true, .fds = descriptors, .fd_count = 3},
        .facts = {.here = {1, 2, 3, 4, 5, 6, 7},
                  .inside = {101, 102, 3, 4, 5, 6, 7},
                  .uid_map = "         7       1000          1\n",
                  .gid_map = " 100 100 1\n",
                  .fds = {.items = open_fds, .count = ARRAY_SIZE(open_fds)},
                  .rlimits = limits,
                  .own_keyring = 77,
                  .keyring = 78,
                  .in_directory = true,
                  .directory = "/w",
                  .exec_socket = 9,
                  .closes_on_exec = true,
                  .securebits = CAPABILITY_SECUREBITS,
                  .userns_error = ENOSPC,
                  .landlock_error = EACCES,
                  .hostname = "sbx",
                  .domainname = "(none)",
                  .status = {.uids = {1000, 1000, 1000, 1000},
                             .gids = {100, 100, 100, 100},
                             .no_new_privs = 1,
                             .seccomp_mode = 2,
                             .seccomp_filters = 1,
                             .pid = 50,
                             .process_group = 50,
                             .session = 3}},
    };

    memcpy(trial.items, whole, sizeof(whole));
    return trial;
}

/* What differs, first; "" where nothing does. */
static const char *look_at_mounts(struct trial *trial, bool all)
{
    const struct attest_item *item;
    const struct attest_place *places;
    struct attest_host indexed;

    trial->mounts.items = trial->items;
    cr_assert_eq(attest_begin(trial->arena, &trial->plan, all, &trial->attest), 0);
    cr_assert_eq(attest_host_index(trial->arena, &host, &indexed), 0);
    cr_assert_eq(attest_mounts_match(&trial->attest, &trial->mounts, &places), 0);
    for (size_t i = 0; i < trial->attest.mounts.count; i++)
        if (strcmp(trial->attest.mounts.items[i].point, "/proc/kcore") == 0)
            trial->attest.mounts.items[i].placeless = !trial->kcore;
    cr_assert_eq(attest_mounts_compare(&trial->attest, &trial->mounts, places, &indexed), 0);
    item = attest_difference(&trial->attest);
    cr_assert_eq(item == NULL, trial->attest.differences == 0);
    return item == NULL ? "" : item->subject;
}

static struct host_mount *mount_with(struct trial *trial, int id)
{
    for (size_t i = 0; i < trial->mounts.count; i++)
        if (trial->items[i].id == id)
            return &trial->items[i];
    cr_assert_fail("no mount %d", id);
    return NULL;
}

static void take_away(struct trial *trial, int id)
{
    *mount_with(trial, id) = trial->items[trial->mounts.count - 1];
    trial->mounts.count--;
}

/* One more, on the mount @parent. */
static void put(struct trial *trial, int parent, const char *point, uint64_t attributes)
{
    trial->items[trial->mounts.count++] =
        (struct host_mount)MOUNT(40, parent, point, "/", "ext4", 50, attributes);
}

#define EXPECT_DIFFERENCE(at, change)                                                              \
    do {                                                                                           \
        _cleanup_trial_ struct trial t = trial_new();                                              \
        change;                                                                                    \
        cr_expect_str_eq(look_at_mounts(&t, false), at, "%s: %s", at, #change);                    \
    } while (0)

Test(attest, mounts_as_planned)
{
    _cleanup_trial_ struct trial trial = trial_new();
    size_t planned = 0;

    cr_expect_str_eq(look_at_mounts(&trial, true), "");
    for (size_t i = 0; i < trial.attest.items.count; i++)
        planned += trial.attest.items.items[i].state == ATTEST_AS_PLANNED;
    /* each planned mount (one has no place), and each further one */
    cr_expect_eq(planned, 9 + 7);
    cr_expect_eq(planned, trial.attest.items.count);
    EXPECT_DIFFERENCE("", (void)t);
}

Test(attest, the_order_of_mounts_means_nothing)
{
    _cleanup_trial_ struct trial trial = trial_new();

    for (size_t i = 0; i < COUNT / 2; i++) {
        struct host_mount saved = trial.items[i];

        trial.items[i] = trial.items[COUNT - 1 - i];
        trial.items[COUNT - 1 - i] = saved;
    }
    cr_expect_str_eq(look_at_mounts(&trial, false), "");
}

Test(attest, a_planned_mount_that_is_not_there)
{
    EXPECT_DIFFERENCE("/dev", take_away(&t, 20));
    EXPECT_DIFFERENCE("/secret", take_away(&t, 22));
    EXPECT_DIFFERENCE("/data", take_away(&t, 23));
    EXPECT_DIFFERENCE("/proc/kcore", t.kcore = true);
    /* the host's own shows instead */
    EXPECT_DIFFERENCE("/proc", take_away(&t, 21));
    EXPECT_DIFFERENCE("/tmp", take_away(&t, 26));
    EXPECT_DIFFERENCE("/cgroup", take_away(&t, 27));
}

Test(attest, the_hosts_instead_of_a_fresh_one)
{
    EXPECT_DIFFERENCE("/proc", mount_with(&t, 21)->minor = 20);
    EXPECT_DIFFERENCE("/tmp", mount_with(&t, 26)->minor = 21);
    EXPECT_DIFFERENCE("/mnt/b", (mount_with(&t, 25)->minor = 2, mount_with(&t, 25)->root = "/"));
    EXPECT_DIFFERENCE("/dev", mount_with(&t, 20)->type = "devtmpfs");
    EXPECT_DIFFERENCE("/secret", mount_with(&t, 22)->root = "/");
    EXPECT_DIFFERENCE("/cgroup", mount_with(&t, 27)->root = "/");
    EXPECT_DIFFERENCE("/cgroup", mount_with(&t, 27)->type = "cgroup");
}

Test(attest, a_private_directory_with_other_limits)
{
    EXPECT_DIFFERENCE("/tmp", mount_with(&t, 26)->super_options = "rw,size=800k,nr_inodes=10");
    EXPECT_DIFFERENCE("/tmp", mount_with(&t, 26)->super_options = "rw,size=4k,nr_inodes=10");
    EXPECT_DIFFERENCE("/tmp", mount_with(&t, 26)->super_options = "rw,size=8k,nr_inodes=11");
    EXPECT_DIFFERENCE("/tmp",
                      mount_with(&t, 26)->super_options = "rw,size=8k,nr_inodes=10,mode=700");
    EXPECT_DIFFERENCE("/tmp", mount_with(&t, 26)->super_options = "rw");
    EXPECT_DIFFERENCE("", mount_with(&t, 26)->super_options = "rw,nr_inodes=10");
}

Test(attest, restrictions)
{
    EXPECT_DIFFERENCE("/", mount_with(&t, 10)->attributes = QUIET);
    EXPECT_DIFFERENCE("/usr", mount_with(&t, 14)->attributes = RO | MOUNT_ATTR_NOSUID);
    EXPECT_DIFFERENCE("/data", mount_with(&t, 23)->attributes = MOUNT_ATTR_NODEV);
    EXPECT_DIFFERENCE("/data/sub", mount_with(&t, 24)->attributes = MOUNT_ATTR_NODEV);
    EXPECT_DIFFERENCE("/mnt/b", mount_with(&t, 25)->attributes = QUIET);
    EXPECT_DIFFERENCE("/dev", mount_with(&t, 20)->attributes = QUIET); /* not sealed */
    EXPECT_DIFFERENCE("/tmp", mount_with(&t, 26)->attributes = RO | QUIET);
    /* what the host restricts stays so */
    EXPECT_DIFFERENCE("", mount_with(&t, 23)->attributes = ALL);
    /* beneath another: it may be part of any copy there */
    EXPECT_DIFFERENCE("/tmp/deep", mount_with(&t, 13)->attributes = QUIET);
    EXPECT_DIFFERENCE("/proc", mount_with(&t, 11)->attributes = 0);
}

Test(attest, propagation)
{
    for (size_t i = 0; i < COUNT; i++) {
        EXPECT_DIFFERENCE(whole[i].point, t.items[i].master = 1);
        EXPECT_DIFFERENCE(whole[i].point, t.items[i].shared = 1);
    }
}

Test(attest, a_mount_that_nobody_planned)
{
    EXPECT_DIFFERENCE("/tmp/x", put(&t, 26, "/tmp/x", ALL));
    EXPECT_DIFFERENCE("/dev/x", put(&t, 20, "/dev/x", ALL));
    EXPECT_DIFFERENCE("/proc/sys", put(&t, 21, "/proc/sys", ALL));
    /* over something planned: that isn't what shows any more */
    EXPECT_DIFFERENCE("/tmp", put(&t, 26, "/tmp", QUIET));
    EXPECT_DIFFERENCE("/", put(&t, 10, "/", 0));
    /* as the mirror is restricted, where the mirror shows */
    EXPECT_DIFFERENCE("", put(&t, 10, "/opt", ALL));
    EXPECT_DIFFERENCE("/opt", put(&t, 10, "/opt", QUIET));
    /* "/database" isn't in "/data" */
    EXPECT_DIFFERENCE("/database", put(&t, 10, "/database", QUIET));
}

/* ---- the process ---- */

static const char *look_at_process(struct trial *trial)
{
    const struct attest_item *item;

    cr_assert_eq(attest_begin(trial->arena, &trial->plan, false, &trial->attest), 0);
    cr_assert_eq(attest_process(&trial->attest, &trial->facts, &trial->command), 0);
    item = attest_difference(&trial->attest);
    return item == NULL ? "" : item->what;
}

#define EXPECT_PROCESS(says, change)                                                               \
    do {                                                                                           \
        _cleanup_trial_ struct trial t = trial_new();                                              \
        change;                                                                                    \
        cr_expect_str_eq(look_at_process(&t), says, "%s: %s", says, #change);                      \
    } while (0)

Test(attest, the_process_as_planned)
{
    EXPECT_PROCESS("", (void)t);
}

Test(attest, namespaces)
{
    EXPECT_PROCESS("namespace", t.facts.inside[0] = 1);
    EXPECT_PROCESS("namespace", t.facts.inside[6] = 107); /* the host's network was asked for */
    EXPECT_PROCESS("namespace", t.facts.inside[0] = 0);
}

Test(attest, ids)
{
    EXPECT_PROCESS("uid-map", t.facts.uid_map = "7 1000 2\n");
    EXPECT_PROCESS("uid-map", t.facts.uid_map = "");
    EXPECT_PROCESS("uid-map", t.facts.uid_map = "7 1000 1\n8 1001 1\n");
    EXPECT_PROCESS("uid-map", t.facts.uid_map = "7 1000 11\n");
    EXPECT_PROCESS("gid-map", t.facts.gid_map = "0 100 1\n");
    for (int i = 0; i < 4; i++) {
        EXPECT_PROCESS("uid", t.facts.status.uids[i] = 0);
        EXPECT_PROCESS("gid", t.facts.status.gids[i] = 0);
    }
}

Test(attest, groups)
{
    static const gid_t some[] = {100, 27};
    static struct host_group docker[] = {{.gid = 27, .name = "sudo"}};

    EXPECT_PROCESS("groups", (t.facts.status.groups = some, t.facts.status.group_count = 2));
    EXPECT_PROCESS("", (t.facts.status.groups = some, t.facts.status.group_count = 2,
                        t.plan.groups = (struct host_groups){docker, 1, 1}));
}

Test(attest, rights)
{
    for (int i = 0; i < PROCESS_CAPABILITY_SETS; i++)
        EXPECT_PROCESS("capabilities", t.facts.status.capabilities[i] = 1);
    EXPECT_PROCESS("securebits", t.facts.securebits = 0);
    EXPECT_PROCESS("no-new-privs", t.facts.status.no_new_privs = 0);
    EXPECT_PROCESS("seccomp", t.facts.status.seccomp_mode = 0);
    EXPECT_PROCESS("seccomp", t.facts.own_filters = 1); /* only the container's */
    EXPECT_PROCESS("", (t.facts.own_filters = 1, t.facts.status.seccomp_filters = 2));
    EXPECT_PROCESS("", t.facts.status.seccomp_filters = -1);
    EXPECT_PROCESS("seccomp",
                   (t.facts.status.seccomp_filters = -1, t.facts.status.seccomp_mode = 0));
}

Test(attest, tries)
{
    EXPECT_PROCESS("landlock", t.facts.landlock_error = 0);
    EXPECT_PROCESS("landlock", t.facts.landlock_error = EPERM);
    EXPECT_PROCESS("", (t.facts.landlock_error = 0, t.plan.tries = PLAN_TRY_USERNS));
    EXPECT_PROCESS("userns-limit", t.facts.userns_error = 0);
    EXPECT_PROCESS("userns-limit", t.facts.userns_error = EINVAL);
    /* the machine's own refusal comes first; the limit can't be told then */
    EXPECT_PROCESS("", t.facts.userns_error = EPERM);
    EXPECT_PROCESS("", t.facts.userns_error = EACCES);
    EXPECT_PROCESS("", (t.facts.userns_error = 0, t.plan.tries = PLAN_TRY_LANDLOCK));
}

Test(attest, what_it_says_itself)
{
    EXPECT_PROCESS("keyring", t.facts.keyring = 77);
    EXPECT_PROCESS("keyring", t.facts.keyring = -EACCES);
    EXPECT_PROCESS("", (t.facts.keyring = -ENOSYS, t.facts.own_keyring = -ENOSYS));
    EXPECT_PROCESS("hostname", t.facts.hostname = "host");
    EXPECT_PROCESS("domainname", t.facts.domainname = "example.org");
    EXPECT_PROCESS("dumpable", t.facts.dumpable = 1);
}

Test(attest, job_and_limits)
{
    static const uint64_t others[][2] = {{0, 1}};

    EXPECT_PROCESS("process-group", t.facts.status.process_group = 3);
    EXPECT_PROCESS("rlimit", t.facts.rlimits = others);
    EXPECT_PROCESS("directory", t.facts.in_directory = false);
    EXPECT_PROCESS("", (t.facts.in_directory = false, t.command.first = false));
}

Test(attest, descriptors)
{
    static const int32_t more[] = {0, 1, 2, 5};

    EXPECT_PROCESS("descriptors", t.command.fd_count = 2);
    EXPECT_PROCESS("descriptors", (t.command.fds = more, t.command.fd_count = 4));
    EXPECT_PROCESS("descriptors", t.facts.exec_socket = 8);
    EXPECT_PROCESS("descriptors", t.facts.fds.count = 2);
    EXPECT_PROCESS("", (t.facts.fds.count = 0, t.facts.fds_error = -EACCES));
    EXPECT_PROCESS("descriptors", t.facts.closes_on_exec = false);
}

/* Thousands of mounts must not take more than thousands of steps. */
Test(attest, many_mounts, .timeout = 20)
{
    enum { MANY = 20000 };
    _cleanup_trial_ struct trial trial = trial_new();
    struct host_mount *items = arena_alloc(trial.arena, (MANY + COUNT) * sizeof(*items));
    struct host_mounts mounts = {.items = items, .count = MANY + COUNT};
    const struct attest_place *places;
    struct attest_host indexed;

    cr_assert_not_null(items);
    memcpy(items, whole, sizeof(whole));
    for (int i = 0; i < MANY; i++)
        items[COUNT + (size_t)i] = (struct host_mount){
            .id = 100 + i,
            .parent = i % 2 == 0 ? 14 : 99 + i,
            .type = "tmpfs",
            .root = "/",
            .point = arena_printf(trial.arena, "/usr/%d%s", i / 2, i % 2 == 0 ? "" : "/below"),
            .attributes = RO | QUIET,
            .super_options = ""};
    cr_assert_eq(attest_begin(trial.arena, &trial.plan, false, &trial.attest), 0);
    cr_assert_eq(attest_host_index(trial.arena, &host, &indexed), 0);
    cr_assert_eq(attest_mounts_match(&trial.attest, &mounts, &places), 0);
    for (size_t i = 0; i < trial.attest.mounts.count; i++)
        trial.attest.mounts.items[i].placeless = true;
    cr_assert_eq(attest_mounts_compare(&trial.attest, &mounts, places, &indexed), 0);
    cr_expect_eq(trial.attest.differences, 0);
    items[COUNT + 7777].attributes = QUIET;
    cr_assert_eq(attest_mounts_compare(&trial.attest, &mounts, places, &indexed), 0);
    cr_expect_eq(trial.attest.differences, 1);
}
