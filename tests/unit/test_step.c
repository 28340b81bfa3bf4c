/* SPDX-License-Identifier: Apache-2.0 */
#include "run/step.h"

#include "base/cleanup.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>

static const char *const words[] = {"sh", "-c", "true"};

static const struct plan empty_plan = {.argv = words, .argc = 3, .environment_count = 2};

static struct step network = {.kind = STEP_NETWORK, .origin = "default"};

static const struct plan with_network = {.steps = {.items = &network, .count = 1}};

/* Every kind of step can be named, printed, and told of when it fails; what the child has to do
 * has somebody who does it. */
Test(step, the_table_is_complete)
{
    for (unsigned kind = 0; kind < STEP_KIND_COUNT; kind++) {
        const struct step_ops *ops = &step_ops[kind];

        cr_assert_not_null(ops->name, "kind %u", kind);
        cr_assert_str_not_empty(ops->name, "kind %u", kind);
        for (const char *byte = ops->name; *byte != '\0'; byte++)
            cr_expect(islower((unsigned char)*byte) || *byte == '-', "%s", ops->name);
        cr_expect_not_null(ops->failure, "%s", ops->name);
        cr_expect_eq(strncmp(ops->failure, "cannot ", 7), 0, "%s: %s", ops->name, ops->failure);
        cr_expect((ops->says == NULL) != (ops->describe == NULL), "%s: one of the two", ops->name);
        cr_expect_eq(ops->apply != NULL, ops->stage == STEP_STAGE_CHILD, "%s", ops->name);
    }
}

Test(step, names_and_apply_functions_are_not_shared)
{
    for (unsigned kind = 0; kind < STEP_KIND_COUNT; kind++)
        for (unsigned other = 0; other < kind; other++) {
            cr_expect_str_neq(step_ops[kind].name, step_ops[other].name);
            cr_expect(step_ops[kind].apply == NULL || step_ops[kind].apply != step_ops[other].apply,
                      "%s and %s", step_ops[kind].name, step_ops[other].name);
        }
}

/* sbx itself does what comes before the clone; the child runs everything up to the start of init;
 * what comes after is init's. */
Test(step, stages_follow_the_order_of_the_kinds)
{
    for (unsigned kind = 0; kind < STEP_KIND_COUNT; kind++) {
        enum step_stage expected = kind < STEP_NAMESPACES    ? STEP_STAGE_SBX
                                   : kind == STEP_NAMESPACES ? STEP_STAGE_CLONE
                                   : kind <= STEP_INIT       ? STEP_STAGE_CHILD
                                                             : STEP_STAGE_COMMAND;

        cr_expect_eq(step_ops[kind].stage, expected, "%s", step_ops[kind].name);
    }
}

static void expect_in(const struct plan *plan, struct step step, const char *expected)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    char *text = step_describe(arena, plan, &step);

    cr_assert_not_null(text);
    cr_expect_str_eq(text, expected);
}

static void expect(struct step step, const char *expected)
{
    expect_in(&empty_plan, step, expected);
}

Test(step, descriptions_of_mounts)
{
    const uint64_t read_only = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;

    expect((struct step){STEP_MIRROR, .source = "/", .target = "/", .attributes = read_only},
           "/ recursively, read-only,nosuid,nodev,private");
    expect((struct step){STEP_MIRROR, .source = "/", .target = "/",
                         .attributes = read_only & ~MOUNT_ATTR_RDONLY},
           "/ recursively, writable,nosuid,nodev,private");
    expect((struct step){STEP_BIND, .source = "/a", .target = "/a", .attributes = read_only},
           "/a read-only,nosuid,nodev");
    expect((struct step){STEP_BIND, .source = "/a", .target = "/b",
                         .attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC},
           "/b from /a writable,nosuid,noexec");
    expect((struct step){STEP_TMPFS, .target = "/tmp", .number = 5 << 20, .number2 = 77,
                         .mode = 01777, .attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV},
           "/tmp size=5120K,nr_inodes=77,mode=1777,nosuid,nodev");
    expect((struct step){STEP_PROC, .target = "/proc", .attributes = read_only | MOUNT_ATTR_NOEXEC},
           "/proc fresh, read-only,nosuid,nodev,noexec");
    expect((struct step){STEP_PROC, .target = "/proc", .attributes = MOUNT_ATTR_NOSUID},
           "/proc fresh, writable,nosuid,nodev,noexec");
    expect((struct step){STEP_DEVPTS, .target = "/dev/pts"}, "/dev/pts");
    expect((struct step){STEP_DIRECTORY, .target = "/run/lock", .mode = 01777},
           "/run/lock mode=1777");
    expect((struct step){STEP_SYMLINK, .target = "/dev/fd", .source = "/proc/self/fd"},
           "/dev/fd -> /proc/self/fd");
    expect((struct step){STEP_FILE, .target = "/etc/x", .source = "/a", .size = 12},
           "/etc/x 12 bytes copied from /a, read-only");
    expect((struct step){STEP_FILE, .target = "/etc/x", .size = 0}, "/etc/x 0 bytes, read-only");
    expect((struct step){STEP_MASK, .target = "/proc/kcore"}, "/proc/kcore, where it exists");
    expect((struct step){STEP_SEAL, .target = "/dev"}, "/dev read-only from here on");
    expect((struct step){STEP_CHDIR, .target = "/w"}, "/w");
}

/* A bind of a place over itself says what that is for. */
Test(step, descriptions_of_guards)
{
    const uint64_t writable = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;

    expect((struct step){STEP_BIND, .source = "/a/.git", .target = "/b/.git", .flags = STEP_PIN,
                         .attributes = writable},
           "/b/.git over itself, writable,nosuid,nodev, to stay in its place");
    expect((struct step){STEP_BIND, .source = "/a", .target = "/a",
                         .flags = STEP_PIN | STEP_WHERE_THERE,
                         .attributes = writable | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_RDONLY},
           "/a over itself, read-only,nosuid,nodev,noexec, where it exists");
    expect((struct step){STEP_HOST_DIRECTORY, .source = "/h", .target = "/h/c/p", .mode = 0700},
           "/h/c/p mode=0700, made on the host");
}

/* What is printed is what is done: a mirror that forbids to execute says so. */
Test(step, a_mirror_with_noexec_says_so)
{
    expect((struct step){STEP_MIRROR, .source = "/", .target = "/",
                         .attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
                                       MOUNT_ATTR_NOEXEC},
           "/ recursively, read-only,nosuid,nodev,noexec,private");
}

Test(step, descriptions_of_identity_and_limits)
{
    const uint64_t inner =
        CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;

    expect((struct step){STEP_NAMESPACES, .number = inner | CLONE_NEWPID},
           "user mount pid ipc uts cgroup; the host's network");
    expect_in(&with_network, (struct step){STEP_NAMESPACES, .number = inner | CLONE_NEWPID},
              "user mount pid ipc uts cgroup");
    expect((struct step){STEP_NAMESPACES, .number = CLONE_NEWPID}, "pid");
    expect((struct step){STEP_UNSHARE, .number = inner}, "user mount ipc uts cgroup; the host's "
                                                         "network");
    expect((struct step){STEP_ID_MAP, .source = "0 1000 1\n", .target = "5 100 1\n"},
           "uid 0 1000 1, gid 5 100 1 (inside outside count), setgroups denied");
    expect((struct step){STEP_HOSTNAME, .target = "sbx"}, "sbx");
    expect((struct step){STEP_RLIMIT, .number = RLIMIT_CORE, .number2 = 1, .number3 = 1}, "core 1");
    expect((struct step){STEP_RLIMIT, .number = RLIMIT_NPROC, .number2 = 101, .number3 = 101},
           "pids 101 (init included)");
    expect((struct step){STEP_RLIMIT, .number = RLIMIT_FSIZE, .number2 = 1ULL << 40,
                         .number3 = 1ULL << 40},
           "file-size 1099511627776");
    expect((struct step){STEP_RLIMIT, .number = RLIMIT_NOFILE, .number2 = 64, .number3 = 64},
           "open-files 64");
    expect((struct step){STEP_RLIMIT, .number = RLIMIT_CPU, .number2 = 120, .number3 = 121},
           "cpu-time 120, hard 121");
    expect((struct step){STEP_RLIMIT, .number = RLIMIT_STACK, .number2 = RLIM_INFINITY,
                         .number3 = RLIM_INFINITY},
           "stack unlimited");
    expect((struct step){STEP_SECCOMP, .target = "strict: x"}, "strict: x");
    expect((struct step){STEP_COMMAND, .target = "sh"}, "sh -c true (2 variables, 3 descriptors)");
}

Test(step, the_description_of_landlock_names_every_rule)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct landlock_rule rules[] = {{LANDLOCK_RULE_TREE, "/tmp", -1},
                                    {LANDLOCK_RULE_DEVICE, "/dev/null", -1},
                                    {LANDLOCK_RULE_DESCRIPTOR, NULL, 1}};
    const struct plan plan = {.landlock = {rules, 3, 3}};
    const struct step scoped = {STEP_LANDLOCK, .number = 7, .number2 = 3};
    const struct step plain = {STEP_LANDLOCK, .number = 2};

    cr_expect_str_eq(step_describe(arena, &plan, &scoped),
                     "ABI 7, scoped, writes only at /tmp /dev/null fd:1");
    cr_expect_str_eq(step_describe(arena, &empty_plan, &plain), "ABI 2, writes only at");
}

/* The names are those of the options, so that a message leads back to what was asked. */
Test(step, limits_have_the_options_names)
{
    cr_expect_str_eq(step_rlimit_name(RLIMIT_NPROC), "pids");
    cr_expect_str_eq(step_rlimit_name(RLIMIT_FSIZE), "file-size");
    cr_expect_str_eq(step_rlimit_name(RLIMIT_NOFILE), "open-files");
    cr_expect_str_eq(step_rlimit_name(RLIMIT_CPU), "cpu-time");
    cr_expect_str_eq(step_rlimit_name(RLIMIT_CORE), "core");
    cr_expect_str_not_empty(step_rlimit_name(RLIMIT_STACK));
    cr_expect_str_not_empty(step_rlimit_name(~0ULL));
}

Test(step, descriptions_of_cgroups)
{
    expect((struct step){STEP_CGROUP, .target = "/c/a", .data = "the one that sbx is in",
                         .number = CGROUP_MEMORY | CGROUP_PIDS, .flags = STEP_LEAVE},
           "fresh in /c/a, the one that sbx is in, which gives out memory pids; sbx moves into a "
           "leaf of it");
    expect((struct step){STEP_CGROUP, .target = "/c/a", .data = "as asked for"},
           "fresh in /c/a, as asked for");
    expect((struct step){STEP_CGROUP, .target = "/c/a", .data = "as asked for",
                         .number2 = CGROUP_CPU | CGROUP_PIDS, .flags = STEP_DELEGATE},
           "fresh in /c/a, as asked for; delegated with cpu pids");
    expect((struct step){STEP_CGROUPFS, .target = "/sys/fs/cgroup"},
           "/sys/fs/cgroup the run's own cgroup, writable,nosuid,nodev,noexec");
    expect((struct step){STEP_SCOPE, .target = "systemd",
                         .data = &(struct host_scope){.bus = "/b", .slice = "ci.slice"}},
           "a fresh one of systemd in ci.slice, asked for at /b; sbx-scope keeps it");
    expect((struct step){STEP_CGROUP_LIMIT, .target = "memory.max", .source = "4096"},
           "memory.max 4096");
    expect((struct step){STEP_CGROUP_LIMIT, .target = "pids.max", .source = "6"},
           "pids.max 6 (init included)");
}
