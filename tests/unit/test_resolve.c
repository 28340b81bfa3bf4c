/* SPDX-License-Identifier: Apache-2.0 */
/* What of resolve() is not the view; whole plans are in tests/plan. */
#include "policy/plan.h"

#include "base/cleanup.h"
#include "policy/default_view.h"
#include "policy/option.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/resource.h>

static const char *const command[] = {"make", "-j2", NULL};
static const char *const environment[] = {"PATH=/usr/bin:rel::/opt/bin",
                                          "HOME=/home/al",
                                          "TOKEN=x",
                                          "LC_ALL=C",
                                          "LC_=y",
                                          "PATHX=z",
                                          "broken",
                                          "=C:",
                                          "TERM=",
                                          NULL};

struct trial {
    struct arena *arena;
    struct settings settings;
    struct spec spec;
    struct host host;
    struct plan plan;
    struct sbx_error err;
};

static void trial_end(struct trial *trial)
{
    arena_free(trial->arena);
}
#define _cleanup_trial_ _cleanup_(trial_end)

static struct trial trial_new(void)
{
    return (struct trial){
        .arena = arena_new(),
        .host = {.uid = 1000,
                 .gid = 1000,
                 .cwd = "/w",
                 .memory = 1ULL << 30,
                 .landlock_abi = 7,
                 .environment = environment},
    };
}

static void set(struct trial *trial, const char *name, const char *value)
{
    const char *origin = arena_printf(trial->arena, "--%s", name);

    cr_assert_eq(
        settings_add(&trial->settings, trial->arena, option_by_name(name), value, origin, NULL), 0);
}

static int run(struct trial *trial)
{
    int result = spec_build(trial->arena, &trial->settings, command, &trial->spec, &trial->err);

    return result < 0
               ? result
               : resolve(trial->arena, &trial->spec, &trial->host, &trial->plan, &trial->err);
}

static const struct step *find(const struct trial *trial, enum step_kind kind, uint64_t number)
{
    for (size_t i = 0; i < trial->plan.steps.count; i++)
        if (trial->plan.steps.items[i].kind == kind &&
            (kind != STEP_RLIMIT || trial->plan.steps.items[i].number == number))
            return &trial->plan.steps.items[i];
    return NULL;
}

/* resolve() asks nobody: a host of which hardly anything is known still has a plan. */
Test(resolve, an_almost_unknown_host)
{
    _cleanup_trial_ struct trial trial = trial_new();

    cr_assert_eq(run(&trial), 0, "%s", trial.err.message);
    cr_expect_not_null(find(&trial, STEP_MIRROR, 0));
    cr_expect_not_null(find(&trial, STEP_INIT, 0));
    cr_expect_str_eq(find(&trial, STEP_CHDIR, 0)->target, "/w");
}

Test(resolve, nothing_is_written_on_failure)
{
    _cleanup_trial_ struct trial trial = trial_new();

    set(&trial, "ro", "/none");
    trial.plan.verbosity = 77;
    cr_expect_eq(run(&trial), -ENOENT);
    cr_expect_eq(trial.plan.verbosity, 77);
    cr_expect_eq(trial.plan.steps.count, 0);
}

/* ---- the environment ---- */

static void expect_environment(const struct trial *trial, ...)
{
    va_list words;
    const char *word;
    size_t i = 0;

    va_start(words, trial);
    for (; (word = va_arg(words, const char *)) != NULL; i++) {
        cr_assert_lt(i, trial->plan.environment_count, "%s is missing", word);
        cr_expect_str_eq(trial->plan.environment[i], word);
    }
    va_end(words);
    cr_expect_eq(trial->plan.environment_count, i);
    cr_expect_null(trial->plan.environment[i], "the list has no end");
}

Test(resolve, the_environment_is_an_allow_list)
{
    _cleanup_trial_ struct trial trial = trial_new();

    cr_assert_eq(run(&trial), 0);
    expect_environment(&trial, "PATH=/usr/bin:rel::/opt/bin", "HOME=/home/al", "LC_ALL=C", "LC_=y",
                       "TERM=", "PWD=/w", NULL);
}

Test(resolve, options_set_and_pass_variables)
{
    _cleanup_trial_ struct trial trial = trial_new();

    set(&trial, "env", "A=1");
    set(&trial, "env", "TOKEN");
    set(&trial, "env", "UNSET");
    set(&trial, "env", "HOME=/h");
    set(&trial, "env", "A=a=b");
    set(&trial, "env", "EMPTY=");
    cr_assert_eq(run(&trial), 0);
    expect_environment(&trial, "PATH=/usr/bin:rel::/opt/bin", "HOME=/h", "LC_ALL=C", "LC_=y",
                       "TERM=", "PWD=/w", "A=a=b", "TOKEN=x", "EMPTY=", NULL);
}

Test(resolve, the_accounts_home_is_the_home_where_none_is_set)
{
    _cleanup_trial_ struct trial trial = trial_new();
    static const char *const none[] = {NULL};

    trial.host.environment = none;
    trial.host.passwd_home = "/home/al";
    cr_assert_eq(run(&trial), 0);
    expect_environment(&trial, "HOME=/home/al", "PWD=/w", NULL);
}

/* ---- limits ---- */

Test(resolve, limits)
{
    static const struct {
        const char *name, *value;
        int resource;
        uint64_t number;
    } rows[] = {
        {"pids", "1", RLIMIT_NPROC, 2}, /* init counts */
        {"pids", "500", RLIMIT_NPROC, 501},      {"file-size", "0", RLIMIT_FSIZE, 0},
        {"file-size", "3K", RLIMIT_FSIZE, 3072}, {"open-files", "16", RLIMIT_NOFILE, 16},
        {"cpu-time", "1s", RLIMIT_CPU, 1},       {"cpu-time", "2min", RLIMIT_CPU, 120},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        _cleanup_trial_ struct trial trial = trial_new();
        const struct step *step;

        set(&trial, rows[i].name, rows[i].value);
        cr_assert_eq(run(&trial), 0, "--%s %s: %s", rows[i].name, rows[i].value, trial.err.message);
        step = find(&trial, STEP_RLIMIT, (uint64_t)rows[i].resource);
        cr_assert_not_null(step, "--%s", rows[i].name);
        cr_expect_eq(step->number2, rows[i].number, "--%s %s", rows[i].name, rows[i].value);
        cr_expect_str_eq(step->origin, arena_printf(trial.arena, "--%s", rows[i].name));
        cr_expect_eq(trial.plan.cpu_limited, rows[i].resource == RLIMIT_CPU);
    }
}

/* 1, not 0: a core_pattern pipe would be started for 0. */
Test(resolve, cores_are_limited_to_one_byte)
{
    _cleanup_trial_ struct trial trial = trial_new();

    cr_assert_eq(run(&trial), 0);
    cr_expect_eq(find(&trial, STEP_RLIMIT, RLIMIT_CORE)->number2, 1);
}

Test(resolve, where_no_core_can_be_written_none_is_asked_for)
{
    _cleanup_trial_ struct trial trial = trial_new();

    trial.host.no_cores = true;
    cr_assert_eq(run(&trial), 0);
    cr_expect_eq(find(&trial, STEP_RLIMIT, RLIMIT_CORE)->number2, 0);
    cr_expect_eq(find(&trial, STEP_RLIMIT, RLIMIT_CORE)->number3, 0);
}

Test(resolve, what_the_supervisor_needs)
{
    _cleanup_trial_ struct trial trial = trial_new();

    set(&trial, "time", "1.5s");
    set(&trial, "name", "n");
    set(&trial, "report", "../r/./x.json");
    set(&trial, "die-with-parent", "");
    set(&trial, "quiet", "");
    cr_assert_eq(run(&trial), 0);
    cr_expect_eq(trial.plan.time_ms, 1500);
    cr_expect_str_eq(trial.plan.name, "n");
    cr_expect_str_eq(trial.plan.report, "/r/x.json");
    cr_expect(trial.plan.die_with_parent);
    cr_expect_eq(trial.plan.verbosity, -1);
    cr_expect_eq(trial.plan.argc, 2);
    cr_expect_str_eq(trial.plan.argv[1], "-j2");
}

/* ---- descriptors ---- */

Test(resolve, a_way_out_of_the_view_is_refused)
{
    static const struct {
        struct host_fd fd;
        const char *origin, *word;
    } rows[] = {
        {{.fd = 0, .open = true, .directory = true}, "descriptor 0", "standard input"},
        {{.fd = 1, .open = true, .directory = true}, "descriptor 1", "standard output"},
        {{.fd = 2, .open = true, .path_only = true}, "descriptor 2", "standard error"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        _cleanup_trial_ struct trial trial = trial_new();

        *ARENA_PUSH(trial.arena, &trial.host.fds) = rows[i].fd;
        cr_expect_eq(run(&trial), -EINVAL);
        cr_expect_eq(trial.err.kind, SBX_ERROR_USAGE);
        cr_expect_str_eq(trial.err.origin, rows[i].origin);
        cr_expect_not_null(strstr(trial.err.message, rows[i].word), "%s", trial.err.message);
        cr_expect_str_not_empty(trial.err.hint);
    }
}

static void expect_descriptor_rule(struct host_fd fd, bool expected)
{
    _cleanup_trial_ struct trial trial = trial_new();
    bool found = false;

    *ARENA_PUSH(trial.arena, &trial.host.fds) = fd;
    if (fd.fd > 2)
        set(&trial, "keep-fd", arena_printf(trial.arena, "%d", fd.fd));
    cr_assert_eq(run(&trial), 0, "%s", trial.err.message);
    for (size_t i = 0; i < trial.plan.landlock.count; i++)
        if (trial.plan.landlock.items[i].kind == LANDLOCK_RULE_DESCRIPTOR)
            found = found || trial.plan.landlock.items[i].fd == fd.fd;
    cr_expect_eq(found, expected, "descriptor %d", fd.fd);
}

/* A file given as standard input must not be overwritten through /proc/self/fd/0. */
Test(resolve, landlock_lets_write_again_to_descriptors_for_writing)
{
    expect_descriptor_rule((struct host_fd){.fd = 1, .open = true, .writable = true}, true);
    expect_descriptor_rule((struct host_fd){.fd = 2, .open = true, .writable = true}, true);
    expect_descriptor_rule((struct host_fd){.fd = 1, .open = true}, false);
    expect_descriptor_rule((struct host_fd){.fd = 1}, false);
    expect_descriptor_rule((struct host_fd){.fd = 0, .open = true, .writable = true}, false);
    expect_descriptor_rule(
        (struct host_fd){.fd = 0, .open = true, .writable = true, .terminal = true}, true);
    expect_descriptor_rule((struct host_fd){.fd = 9, .open = true, .writable = true}, true);
    expect_descriptor_rule((struct host_fd){.fd = 9, .open = true}, false);
}

Test(resolve, kept_descriptors_are_passed_and_have_to_be_open)
{
    _cleanup_trial_ struct trial trial = trial_new();
    struct host_fd open = {.fd = 5, .open = true};

    set(&trial, "keep-fd", "5");
    *ARENA_PUSH(trial.arena, &trial.host.fds) = open;
    cr_assert_eq(run(&trial), 0);
    cr_assert_eq(trial.plan.fds.count, 1);
    cr_expect_eq(trial.plan.fds.items[0].fd, 5);
    trial.host.fds.items[0].open = false;
    cr_expect_eq(run(&trial), -EINVAL);
    cr_expect_str_eq(trial.err.origin, "--keep-fd");
    cr_expect_not_null(strstr(trial.err.message, "5"), "%s", trial.err.message);
}

/* ---- network and Landlock ---- */

Test(resolve, the_hosts_network_needs_a_kernel_that_closes_abstract_sockets)
{
    for (int abi = 0; abi <= 8; abi++) {
        _cleanup_trial_ struct trial trial = trial_new();
        int result;

        trial.host.landlock_abi = abi;
        set(&trial, "net", "host");
        result = run(&trial);
        cr_expect_eq(result, abi >= 6 ? 0 : -EINVAL, "ABI %d", abi);
        cr_expect_str_eq(trial.err.origin, abi >= 6 ? "" : "--net");
    }
}

Test(resolve, landlock_by_abi)
{
    for (int abi = 0; abi <= 8; abi++) {
        _cleanup_trial_ struct trial trial = trial_new();
        const struct step *step;

        trial.host.landlock_abi = abi;
        cr_assert_eq(run(&trial), 0);
        step = find(&trial, STEP_LANDLOCK, 0);
        cr_expect_eq(step != NULL, abi >= 2, "ABI %d", abi);
        cr_expect_eq(trial.plan.degraded.count, abi >= 6 ? 0 : abi == 2 ? 2 : 1, "ABI %d", abi);
        if (step == NULL)
            continue;
        cr_expect_eq((int)step->number, abi);
        cr_expect_eq(step->number2, abi >= 6 ? 3 : 0, "ABI %d: scopes", abi);
    }
}

/* What Landlock's ABI 2 lacks the filter does, or it is told. */
Test(resolve, files_to_read_are_kept)
{
    static const struct {
        int abi;
        bool file, writable;
        const char *option, *value;
        bool kept, told;
    } cases[] = {
        {7, true, false, "seccomp", "default", false, false},
        {3, true, false, "seccomp", "default", false, false},
        {2, true, false, "seccomp", "default", true, false},
        {2, true, false, "seccomp", "strict", true, false},
        {2, false, false, "seccomp", "default", false, true},
        {2, true, true, "seccomp", "default", false, true},
        {2, true, false, "seccomp", "off", false, true},
        {2, true, false, "allow-syscall", "truncate", false, true},
        {2, true, false, "allow-syscall", "openat2", false, true},
        {2, true, false, "allow-syscall", "ptrace", true, false},
        {2, true, false, "deny-syscall", "openat", true, false},
        {1, true, false, "seccomp", "default", false, false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        _cleanup_trial_ struct trial trial = trial_new();
        struct host_fd input = {
            .fd = 0, .open = true, .file = cases[i].file, .writable = cases[i].writable};
        bool told = false;

        trial.host.landlock_abi = cases[i].abi;
        trial.host.fds = (struct host_fds){.items = &input, .count = 1};
        set(&trial, cases[i].option, cases[i].value);
        cr_assert_eq(run(&trial), 0);
        for (size_t j = 0; j < trial.plan.degraded.count; j++)
            told |= strstr(trial.plan.degraded.items[j], "emptied") != NULL;
        cr_expect_eq(trial.plan.filter.keep_files, cases[i].kept, "case %zu", i);
        cr_expect_eq(told, cases[i].told, "case %zu", i);
    }
}

Test(resolve, abstract_sockets_stay_open_only_where_that_was_said)
{
    _cleanup_trial_ struct trial trial = trial_new();

    set(&trial, "net", "host-abstract");
    cr_assert_eq(run(&trial), 0);
    cr_expect_eq(find(&trial, STEP_LANDLOCK, 0)->number2, 2, "signals are closed all the same");
}

/* ---- what is asked of the host ---- */

static struct host_request request_of(struct trial *trial)
{
    struct host_request request = {0};

    cr_assert_eq(spec_build(trial->arena, &trial->settings, command, &trial->spec, &trial->err), 0);
    cr_assert_eq(plan_request(trial->arena, &trial->spec, &trial->host, &request, &trial->err), 0);
    return request;
}

Test(resolve, a_request_asks_for_defaults_homes_and_path)
{
    _cleanup_trial_ struct trial trial = trial_new();
    struct host_request request;

    trial.host.passwd_home = "/home/other";
    request = request_of(&trial);
    for (const char *const *path = default_view_paths; *path != NULL; path++)
        cr_expect(host_strings_contain(&request.paths, *path), "%s", *path);
    cr_expect(host_strings_contain(&request.paths, "/w"));
    cr_expect(host_strings_contain(&request.paths, "/usr/bin"));
    cr_expect(host_strings_contain(&request.paths, "/opt/bin"));
    cr_expect_not(host_strings_contain(&request.paths, "/w/rel"));
    cr_expect(host_strings_contain(&request.hidden, "/home/al"));
    cr_expect(host_strings_contain(&request.hidden, "/home/other"));
    cr_expect_not(host_strings_contain(&request.hidden, "/etc/shadow"));
    cr_expect_str_eq(request.command, "make");
    cr_expect_str_eq(request.search_path, "/usr/bin:rel::/opt/bin");
    cr_expect_null(request.workdir);
}

Test(resolve, a_request_of_root_asks_for_its_secrets)
{
    _cleanup_trial_ struct trial trial = trial_new();
    struct host_request request;

    trial.host.uid = 0;
    request = request_of(&trial);
    for (const char *const *path = root_secrets; *path != NULL; path++)
        cr_expect(host_strings_contain(&request.hidden, *path) &&
                      host_strings_contain(&request.paths, *path),
                  "%s", *path);
}

Test(resolve, a_request_asks_for_what_options_name)
{
    _cleanup_trial_ struct trial trial = trial_new();
    struct host_request request;
    static const char *const paths[] = {"/w/s", "/d/t", "/d", "/w/h", "/w/c", "/w/home", "/f/dst"};

    set(&trial, "ro", "s:/d/t");
    set(&trial, "hide", "./h");
    set(&trial, "file", "/f/dst=src");
    set(&trial, "cd", "c");
    set(&trial, "home", "home");
    set(&trial, "keep-fd", "7");
    set(&trial, "env", "PATH=/only");
    request = request_of(&trial);
    for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
        cr_expect(host_strings_contain(&request.paths, paths[i]), "%s", paths[i]);
    cr_expect(host_strings_contain(&request.hidden, "/w/h"));
    cr_expect(host_strings_contain(&request.files, "/w/src"));
    cr_expect_str_eq(request.workdir, "/w/c");
    cr_expect_str_eq(request.search_path, "/only");
    cr_expect(host_strings_contain(&request.paths, "/only"));
    cr_assert_eq(request.keep_fd_count, 1);
    cr_expect_eq(request.keep_fds[0], 7);
}

/* A home that is no path of its own has nothing to hide. */
Test(resolve, a_request_leaves_odd_homes_out)
{
    static const char *const homes[] = {"HOME=", "HOME=/", "HOME=relative", "HOME=~"};

    for (size_t i = 0; i < ARRAY_SIZE(homes); i++) {
        _cleanup_trial_ struct trial trial = trial_new();
        const char *const own[] = {homes[i], NULL};
        struct host_request request;

        trial.host.environment = own;
        request = request_of(&trial);
        cr_expect_eq(request.hidden.count, 0, "%s", homes[i]);
    }
}
