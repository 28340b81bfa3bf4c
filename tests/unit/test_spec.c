/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/spec.h"

#include "base/cleanup.h"
#include "policy/option.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

/* One setting: a name, a value, and an origin that is made of them. */
struct given {
    const char *name, *value;
};

static const char *const command[] = {"make", "-j2", NULL};

/* Build a spec from @count settings; the origins are "o1", "o2", ... */
static int build(struct arena *arena, const struct given *given, size_t count, struct spec *spec,
                 struct sbx_error *err)
{
    struct settings settings = {0};

    for (size_t i = 0; i < count; i++) {
        const struct sbx_option *option = option_by_name(given[i].name);

        cr_assert_not_null(option, "--%s", given[i].name);
        cr_assert_eq(settings_add(&settings, arena, option, given[i].value,
                                  arena_printf(arena, "o%zu", i + 1), NULL),
                     0);
    }
    return spec_build(arena, &settings, command, spec, err);
}

#define BUILD(arena, spec, err, ...)                                                               \
    build((arena), (const struct given[]){__VA_ARGS__},                                            \
          sizeof((const struct given[]){__VA_ARGS__}) / sizeof(struct given), (spec), (err))

Test(spec, defaults)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct spec spec = {0};
    struct sbx_error err = {0};

    cr_assert_eq(build(arena, NULL, 0, &spec, &err), 0, "%s", err.message);
    cr_expect_eq(spec.mounts.count, 0);
    cr_expect_eq(spec.home, SPEC_HOME_PRIVATE);
    cr_expect_str_eq(spec.home_option.origin, "default");
    cr_expect_null(spec.home_option.value);
    cr_expect_not(spec.proc_writable);
    cr_expect_str_eq(spec.proc_origin, "default");
    cr_expect_eq(spec.cgroup.view, SPEC_CGROUP_AUTO);
    cr_expect_null(spec.cgroup.view_origin);
    cr_expect_null(spec.cd.origin);
    cr_expect_null(spec.cd.value);
    cr_expect_eq(spec.net, SPEC_NET_NONE);
    cr_expect_str_eq(spec.net_origin, "default");
    cr_expect_eq(spec.env.count, 0);
    cr_expect_not(spec.env_all);
    cr_expect_str_eq(spec.env_all_origin, "default");
    cr_expect_str_eq(spec.hostname.value, "sbx");
    cr_expect_str_eq(spec.hostname.origin, "default");
    cr_expect_null(spec.uid.origin);
    cr_expect_null(spec.gid.origin);
    cr_expect_null(spec.as.origin);
    cr_expect_not(spec.userns);
    cr_expect_str_eq(spec.userns_origin, "default");
    cr_expect_eq(spec.seccomp, SPEC_SECCOMP_DEFAULT);
    cr_expect_str_eq(spec.seccomp_origin, "default");
    cr_expect_eq(spec.syscalls.count, 0);
    cr_expect_eq(spec.keep_fds.count, 0);
    cr_expect_null(spec.pids.origin);
    cr_expect_null(spec.file_size.origin);
    cr_expect_null(spec.open_files.origin);
    cr_expect_null(spec.cpu_time.origin);
    cr_expect_null(spec.time.origin);
    cr_expect_not(spec.die_with_parent);
    cr_expect_eq(spec.tty, SPEC_TTY_AUTO);
    cr_expect_str_eq(spec.tty_origin, "default");
    cr_expect_null(spec.name.value);
    cr_expect_null(spec.report.value);
    cr_expect_eq(spec.verbosity, 0);
    cr_expect_eq(spec.command_count, 2);
    cr_expect_str_eq(spec.command[0], "make");
    cr_expect_str_eq(spec.command[1], "-j2");
    cr_expect_null(spec.command[2]);
}

Test(spec, mounts_keep_their_order_and_origins)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct spec spec = {0};
    static const struct {
        enum spec_mount_kind kind;
        const char *source, *target, *origin;
    } expected[] = {
        {SPEC_MOUNT_RW, ".", ".", "o1"},       {SPEC_MOUNT_RO, "/a", "/b", "o2"},
        {SPEC_MOUNT_HIDE, NULL, "/c", "o3"},   {SPEC_MOUNT_TMPFS, NULL, "/d", "o4"},
        {SPEC_MOUNT_FILE, "/f", "/e", "o5"},   {SPEC_MOUNT_DEV_NODE, "/dev/kvm", "/dev/kvm", "o6"},
        {SPEC_MOUNT_RW, "/a:b", "/a:b", "o7"},
    };

    cr_assert_eq(BUILD(arena, &spec, NULL, {"rw", "."}, {"ro", "/a:/b:optional,noexec"},
                       {"hide", "/c"}, {"tmpfs", "/d:size=1M,mode=700"}, {"file", "/e=/f"},
                       {"dev-node", "/dev/kvm"}, {"rw", "/a\\:b"}),
                 0);
    cr_assert_eq(spec.mounts.count, ARRAY_SIZE(expected));
    for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
        const struct spec_mount *mount = &spec.mounts.items[i];

        cr_expect_eq(mount->kind, expected[i].kind, "mount %zu", i);
        cr_expect_str_eq(mount->target, expected[i].target);
        cr_expect_str_eq(mount->origin, expected[i].origin);
        if (expected[i].source == NULL)
            cr_expect_null(mount->source, "mount %zu", i);
        else
            cr_expect_str_eq(mount->source, expected[i].source);
    }
    cr_expect(spec.mounts.items[1].noexec && spec.mounts.items[1].optional);
    cr_expect_not(spec.mounts.items[6].noexec || spec.mounts.items[6].optional);
    cr_expect_eq(spec.mounts.items[3].size, 1 << 20);
    cr_expect_eq(spec.mounts.items[3].mode, 0700);
}

Test(spec, the_last_one_wins)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct spec spec = {0};

    cr_assert_eq(BUILD(arena, &spec, NULL, {"net", "host"}, {"net", "host-abstract"},
                       {"seccomp", "off"}, {"seccomp", "strict"}, {"time", "1s"}, {"time", "2min"},
                       {"home", "/x"}, {"home", "host"}, {"verbose", ""}, {"quiet", ""},
                       {"proc", "rw"}, {"proc", "ro"}, {"hostname", "a"}, {"hostname", "b.c"},
                       {"uid", "1"}, {"uid", "0"}, {"cd", "/a"}, {"cd", "b"}, {"tty", "new"},
                       {"tty", "none"}),
                 0);
    cr_expect_eq(spec.tty, SPEC_TTY_NONE);
    cr_expect_eq(spec.net, SPEC_NET_HOST_ABSTRACT);
    cr_expect_str_eq(spec.net_origin, "o2");
    cr_expect_eq(spec.seccomp, SPEC_SECCOMP_STRICT);
    cr_expect_str_eq(spec.seccomp_origin, "o4");
    cr_expect_eq(spec.time.value, 120000);
    cr_expect_str_eq(spec.time.origin, "o6");
    cr_expect_eq(spec.home, SPEC_HOME_HOST);
    cr_expect_null(spec.home_option.value);
    cr_expect_str_eq(spec.home_option.origin, "o8");
    cr_expect_eq(spec.verbosity, -1);
    cr_expect_not(spec.proc_writable);
    cr_expect_str_eq(spec.proc_origin, "o12");
    cr_expect_str_eq(spec.hostname.value, "b.c");
    cr_expect_str_eq(spec.hostname.origin, "o14");
    cr_expect_eq(spec.uid.value, 0);
    cr_expect_str_eq(spec.uid.origin, "o16");
    cr_expect_str_eq(spec.cd.value, "b");
    cr_assert_eq(BUILD(arena, &spec, NULL, {"quiet", ""}, {"verbose", ""}), 0);
    cr_expect_eq(spec.verbosity, 1);
}

Test(spec, lists_add_up)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct spec spec = {0};

    cr_assert_eq(BUILD(arena, &spec, NULL, {"env", "A=1"}, {"env", "B"}, {"env", "A=2"},
                       {"allow-syscall", "ptrace"}, {"deny-syscall", "clone3"}, {"keep-fd", "7"},
                       {"keep-fd", "3"}, {"keep-fd", "7"}),
                 0);
    cr_assert_eq(spec.env.count, 3);
    cr_expect_str_eq(spec.env.items[0].name, "A");
    cr_expect_str_eq(spec.env.items[0].value, "1");
    cr_expect_str_eq(spec.env.items[1].name, "B");
    cr_expect_null(spec.env.items[1].value);
    cr_expect_str_eq(spec.env.items[2].value, "2");
    cr_expect_str_eq(spec.env.items[2].origin, "o3");
    cr_assert_eq(spec.syscalls.count, 2);
    cr_expect_str_eq(spec.syscalls.items[0].name, "ptrace");
    cr_expect(spec.syscalls.items[0].allow);
    cr_expect_str_eq(spec.syscalls.items[1].name, "clone3");
    cr_expect_not(spec.syscalls.items[1].allow);
    cr_expect_str_eq(spec.syscalls.items[1].origin, "o5");
    cr_assert_eq(spec.keep_fds.count, 2, "a descriptor that is named twice is kept once");
    cr_expect_eq(spec.keep_fds.items[0].fd, 7);
    cr_expect_eq(spec.keep_fds.items[1].fd, 3);
    cr_expect_str_eq(spec.keep_fds.items[1].origin, "o7");
}

Test(spec, every_other_option)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct spec spec = {0};
    struct sbx_error err = {0};

    cr_assert_eq(BUILD(arena, &spec, &err, {"home", "./host"}, {"env-all", ""},
                       {"gid", "4294967294"}, {"as", "builder"}, {"userns", ""}, {"pids", "64"},
                       {"file-size", "1G"}, {"open-files", "256"}, {"cpu-time", "1min"},
                       {"cgroup", "delegate"}, {"die-with-parent", ""}, {"name", "job-1.a_b"},
                       {"report", "out.json"}),
                 0, "%s: %s", err.origin, err.message);
    cr_expect_eq(spec.home, SPEC_HOME_DIRECTORY);
    cr_expect_str_eq(spec.home_option.value, "./host");
    cr_expect_str_eq(spec.home_option.origin, "o1");
    cr_expect(spec.env_all);
    cr_expect_str_eq(spec.env_all_origin, "o2");
    cr_expect_eq(spec.gid.value, 4294967294);
    cr_expect_str_eq(spec.as.value, "builder");
    cr_expect(spec.userns);
    cr_expect_str_eq(spec.userns_origin, "o5");
    cr_expect_eq(spec.pids.value, 64);
    cr_expect_eq(spec.file_size.value, 1 << 30);
    cr_expect_eq(spec.open_files.value, 256);
    cr_expect_eq(spec.cpu_time.value, 60000);
    cr_expect_str_eq(spec.cpu_time.origin, "o9");
    cr_expect_eq(spec.cgroup.view, SPEC_CGROUP_DELEGATE);
    cr_expect_str_eq(spec.cgroup.view_origin, "o10");
    cr_expect(spec.die_with_parent);
    cr_expect_str_eq(spec.name.value, "job-1.a_b");
    cr_expect_str_eq(spec.report.value, "out.json");
}

Test(spec, userns_implies_a_writable_proc)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct spec spec = {0};
    struct sbx_error err = {0};

    cr_assert_eq(BUILD(arena, &spec, NULL, {"userns", ""}), 0);
    cr_expect(spec.proc_writable);
    cr_expect_str_eq(spec.proc_origin, "o1");
    cr_assert_eq(BUILD(arena, &spec, NULL, {"proc", "rw"}, {"userns", ""}), 0);
    cr_expect(spec.proc_writable);
    cr_expect_str_eq(spec.proc_origin, "o1");
    cr_assert_eq(BUILD(arena, &spec, NULL, {"proc", "ro"}, {"proc", "rw"}, {"userns", ""}), 0);
    cr_expect(spec.proc_writable);
    cr_expect_eq(BUILD(arena, &spec, &err, {"userns", ""}, {"proc", "ro"}), -EINVAL);
    cr_expect_str_eq(err.origin, "o2");
    cr_expect_not_null(strstr(err.message, "--userns"));
    err = (struct sbx_error){0};
    cr_expect_eq(BUILD(arena, &spec, &err, {"proc", "ro"}, {"userns", ""}), -EINVAL);
    cr_expect_str_eq(err.origin, "o1");
}

Test(spec, nothing_can_be_refused_without_a_filter)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct spec spec = {0};
    struct sbx_error err = {0};

    cr_expect_eq(BUILD(arena, &spec, &err, {"deny-syscall", "ptrace"}, {"seccomp", "off"}),
                 -EINVAL);
    cr_expect_str_eq(err.origin, "o1");
    cr_expect_eq(BUILD(arena, &spec, NULL, {"allow-syscall", "ptrace"}, {"seccomp", "off"}), 0);
}

/* Each wrong value is a usage error with its own origin, and leaves the spec alone. */
Test(spec, refusals_name_their_setting)
{
    static const struct given cases[] = {
        {"ro", ""},
        {"rw", "/a:/b:x"},
        {"hide", ""},
        {"tmpfs", "/a:size=0"},
        {"file", "/a"},
        {"dev-node", ""},
        {"home", ""},
        {"proc", "rx"},
        {"proc", ""},
        {"cd", ""},
        {"net", "Host"},
        {"env", "=x"},
        {"env-all", "no"},
        {"hostname", ""},
        {"hostname", "-a"},
        {"hostname", "a-"},
        {"hostname", "a..b"},
        {"hostname", ".a"},
        {"hostname", "a."},
        {"hostname", "a_b"},
        {"hostname", "a b"},
        {"hostname", "a.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
        {"hostname", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
        {"uid", "4294967295"},
        {"uid", "-1"},
        {"gid", "4294967296"},
        {"gid", "root"},
        {"as", ""},
        {"userns", "yes"},
        {"seccomp", "none"},
        {"allow-syscall", ""},
        {"allow-syscall", "ptrace,bpf"},
        {"deny-syscall", "Ptrace"},
        {"keep-fd", "2"},
        {"keep-fd", "1024"},
        {"pids", "0"},
        {"pids", "4194305"},
        {"file-size", "1T"},
        {"open-files", "2"},
        {"open-files", "1048577"},
        {"cpu-time", "999ms"},
        {"cpu-time", "1.5s"},
        {"cpu-time", "0"},
        {"time", "0"},
        {"time", "10x"},
        {"die-with-parent", "1"},
        {"tty", ""},
        {"tty", "pty"},
        {"name", ""},
        {"name", ".hidden"},
        {"name", "-x"},
        {"name", "a/b"},
        {"name", "a b"},
        {"name", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
        {"report", ""},
        {"verbose", "2"},
        {"quiet", "x"},
    };
    _cleanup_arena_ struct arena *arena = arena_new();

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        const struct given given[] = {{"rw", "."}, cases[i], {"time", "broken as well"}};
        struct spec spec = {.verbosity = 77};
        struct sbx_error err = {0};

        cr_expect_eq(build(arena, given, 3, &spec, &err), -EINVAL, "--%s '%s'", cases[i].name,
                     cases[i].value);
        cr_expect_eq(err.kind, SBX_ERROR_USAGE, "--%s '%s'", cases[i].name, cases[i].value);
        cr_expect_str_eq(err.origin, "o2", "--%s '%s': %s", cases[i].name, cases[i].value,
                         err.origin);
        cr_expect_str_not_empty(err.message, "--%s '%s'", cases[i].name, cases[i].value);
        cr_expect_str_not_empty(err.hint, "--%s '%s'", cases[i].name, cases[i].value);
        cr_expect_eq(spec.verbosity, 77, "--%s '%s' was written", cases[i].name, cases[i].value);
    }
}

Test(spec, longest_names)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct spec spec = {0};

    cr_expect_eq(
        BUILD(arena, &spec, NULL,
              {"hostname", "a-1.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
              {"name", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}),
        0);
    cr_expect_eq(strlen(spec.hostname.value), 64);
    cr_expect_eq(strlen(spec.name.value), 63);
}

/* An option that spec_build() forgot would be isolation that nobody gets. */
Test(spec, every_option_of_the_table_has_a_meaning)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    size_t count;
    const struct sbx_option *options = sbx_options(&count);

    for (size_t i = 0; i < count; i++) {
        const struct given given = {options[i].name,
                                    options[i].kind == SBX_VALUE_FLAG ? "" : "\x01"};
        struct spec spec = {0};
        struct sbx_error err = {0};

        build(arena, &given, 1, &spec, &err);
        cr_expect_neq(err.number, ENOSYS, "--%s", options[i].name);
    }
}

Test(spec, needs_a_command)
{
    static const char *const none[] = {NULL};
    static const struct settings settings = {0};
    _cleanup_arena_ struct arena *arena = arena_new();
    struct spec spec = {0};
    struct sbx_error err = {0};

    cr_expect_eq(spec_build(arena, &settings, none, &spec, &err), -EINVAL);
    cr_expect_eq(err.kind, SBX_ERROR_USAGE);
    cr_expect_str_not_empty(err.message);
    cr_expect_eq(spec_build(arena, &settings, NULL, &spec, NULL), -EINVAL);
}

Test(spec, owns_its_strings)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct arena *other = arena_new();
    struct settings settings = {0};
    char word[] = "make";
    const char *const words[] = {word, NULL};
    char origin[] = "--hostname", value[] = "builder";
    struct spec spec = {0};

    cr_assert_eq(settings_add(&settings, other, option_by_id(OPTION_HOSTNAME), value, origin, NULL),
                 0);
    memset(value, 'x', sizeof(value) - 1);
    memset(origin, 'x', sizeof(origin) - 1);
    cr_assert_eq(spec_build(arena, &settings, words, &spec, NULL), 0);
    memset(word, 'x', sizeof(word) - 1);
    arena_free(other);
    cr_expect_str_eq(spec.hostname.value, "builder");
    cr_expect_str_eq(spec.hostname.origin, "--hostname");
    cr_expect_str_eq(spec.command[0], "make");
}
