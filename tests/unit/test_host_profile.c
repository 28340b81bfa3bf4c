/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns on the host, what conditions ask for, and the directories that count. */
#include "base/path.h"
#include "kernel/host.h"
#include "unit/host_trial.h"
#include "unit/init_driver.h"

#undef PATH

static struct host_pattern fact_of(const struct scratch *scratch, const char *pattern)
{
    struct host_request request = {0};
    struct host host = {0};
    struct sbx_error err = {0};
    const struct host_pattern *fact;

    pattern = pattern[0] == '/' ? pattern : scratch_path(scratch, pattern);
    cr_assert_eq(host_strings_add(&request.patterns, scratch->arena, pattern), 0);
    cr_assert_eq(host_probe_profile(scratch->arena, &request, &host, &err), 0, "%s", err.message);
    fact = host_pattern_find(&host, pattern);
    cr_assert_not_null(fact);
    cr_expect_str_eq(fact->pattern, pattern);
    return *fact;
}

/* The matches below the scratch directory, with a space after each. */
static const char *matches_of(const struct scratch *scratch, const char *pattern)
{
    struct host_pattern fact = fact_of(scratch, pattern);
    const char *text = "";

    cr_expect_eq(fact.error, 0, "%s: %s", pattern, strerror(fact.error));
    for (size_t i = 0; i < fact.matches.count; i++) {
        const char *rest = path_relative(fact.matches.items[i], scratch->path);

        cr_assert_not_null(rest, "%s", fact.matches.items[i]);
        text = arena_printf(scratch->arena, "%s%s ", text, rest);
    }
    return text;
}

Test(host_profile, what_patterns_stand_for)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    const struct {
        const char *pattern;
        const char *matches;
    } rows[] = {
        {"*", "B a b-link d star* "},
        {"[a-z]", "a d "},
        {".*", ".hidden "},
        {"*/.*", ""},
        {"d/*", "d/e d/x.key d/y.key "},
        {"*/*.key", "b-link/x.key b-link/y.key d/x.key d/y.key "},
        {"d/*/deep/*", "d/e/deep/file "},
        {"*/e/deep", "b-link/e/deep d/e/deep "},
        {"*/none", ""},
        {"none/*", ""},
        {"a/*", ""},
        {"star[*]", "star* "},
        {"star\\*", "star* "},
        {"d/x.key", "d/x.key "},
        {"b-*", "b-link "},
        {"b-link/*", "b-link/e b-link/x.key b-link/y.key "},
        {"dangl*", ""},
    };

    scratch_directory(&scratch, "d/e/deep");
    scratch_file(&scratch, "d/e/deep/file", "");
    scratch_file(&scratch, "d/y.key", "");
    scratch_file(&scratch, "d/x.key", "");
    scratch_file(&scratch, "a", "");
    scratch_file(&scratch, "B", "");
    scratch_file(&scratch, ".hidden", "");
    scratch_file(&scratch, "star*", "");
    scratch_link(&scratch, "b-link", "d");
    scratch_link(&scratch, "dangling", "nowhere");
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        cr_expect_str_eq(matches_of(&scratch, rows[i].pattern), rows[i].matches, "%s: %s",
                         rows[i].pattern, matches_of(&scratch, rows[i].pattern));
    cr_expect_eq(fact_of(&scratch, "/").matches.count, 1);
    cr_expect_str_eq(fact_of(&scratch, "/").matches.items[0], "/");
    cr_expect_geq(fact_of(&scratch, "/*").matches.count, 3);
}

static void fill(const struct scratch *scratch, const char *directory, unsigned count)
{
    scratch_directory(scratch, directory);
    for (unsigned i = 0; i < count; i++)
        scratch_file(scratch, arena_printf(scratch->arena, "%s/%u", directory, i), "");
}

Test(host_profile, too_many_matches_are_told)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();

    fill(&scratch, "full", HOST_MAX_MATCHES);
    cr_expect_eq(fact_of(&scratch, "full/*").matches.count, HOST_MAX_MATCHES);
    cr_expect_eq(fact_of(&scratch, "full/*").error, 0);
    scratch_file(&scratch, "full/more", "");
    cr_expect_eq(fact_of(&scratch, "full/*").error, E2BIG);
    cr_expect_eq(fact_of(&scratch, "full/*").matches.count, 0, "all or none");
    cr_expect_eq(fact_of(&scratch, "full/m*").matches.count, 1);
}

Test(host_profile, a_planted_crowd_ends_the_search)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();

    /* the same entries again through links: 101 times 1,000 of them */
    fill(&scratch, "full", 1000);
    scratch_directory(&scratch, "links");
    for (unsigned i = 0; i < 101; i++)
        scratch_link(&scratch, arena_printf(scratch.arena, "links/%u", i), "../full");
    cr_expect_eq(fact_of(&scratch, "links/*/none-*").error, E2BIG);
    cr_expect_eq(fact_of(&scratch, "full/none-*").error, 0);
}

static void expect_unreadable(const struct scratch *scratch)
{
    cr_expect_eq(fact_of(scratch, "closed/*").error, EACCES);
    cr_expect_eq(fact_of(scratch, "closed/in/*").error, EACCES);
    cr_expect_eq(fact_of(scratch, "closed/in/file").error, EACCES);
    /* what a pattern found and nobody can read holds nothing */
    cr_expect_eq(fact_of(scratch, "*/file").error, 0);
    cr_expect_eq(fact_of(scratch, "*/file").matches.count, 1);
    cr_expect_eq(fact_of(scratch, "*/*").matches.count, 1);
}

Test(host_profile, what_cannot_be_read)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *closed = scratch_directory(&scratch, "closed");

    scratch_directory(&scratch, "closed/in");
    scratch_directory(&scratch, "open");
    scratch_file(&scratch, "open/file", "");
    cr_assert_eq(chmod(closed, 0), 0);
    if (access(closed, X_OK) == 0) {
        /* root reads everything: become somebody else, as far as files are concerned */
        cr_assert_eq(chmod(scratch.path, 0755), 0);
        if (seteuid(65534) < 0)
            SCRATCH_SKIP(&scratch, "root of this user namespace can be nobody else");
        expect_unreadable(&scratch);
        cr_assert_eq(seteuid(0), 0);
    } else {
        expect_unreadable(&scratch);
    }
    cr_assert_eq(chmod(closed, 0700), 0);
}

Test(host_profile, what_conditions_ask_for)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    struct host_request request = {0};
    struct host host = {0};
    char *file = scratch_file(&scratch, "f", "");
    char *none = scratch_path(&scratch, "none");

    cr_assert_eq(host_strings_add(&request.paths, scratch.arena, file), 0);
    cr_assert_eq(host_strings_add(&request.paths, scratch.arena, none), 0);
    cr_assert_eq(host_strings_add(&request.paths, scratch.arena, file), 0);
    cr_assert_eq(host_probe_profile(scratch.arena, &request, &host, NULL), 0);
    cr_expect_eq(host.paths.count, 2);
    cr_expect_eq(host_path_find(&host, file)->type, HOST_FILE_REGULAR);
    cr_expect_eq(host_path_find(&host, none)->type, HOST_FILE_MISSING);
    cr_expect_eq(host.mounts.count, 0, "it is the cheap look");
    cr_expect_null(host_pattern_find(&host, "/*"));
}

/* ---- the directories of profiles ---- */

static bool has(const struct host *host, const char *path)
{
    unsigned count = 0;

    for (size_t i = 0; i < host->profile_directories.count; i++)
        count += strcmp(host->profile_directories.items[i], path) == 0;
    cr_expect_leq(count, 1, "%s", path);
    return count == 1;
}

static struct host caller_with(const struct scratch *scratch, const char *const *environment)
{
    struct host host = {0};

    cr_assert_eq(host_probe_caller(scratch->arena, environment, &host, NULL), 0);
    cr_assert_eq(host_probe_guarded(scratch->arena, true, &host, NULL), 0);
    return host;
}

Test(host_profile, every_directory_that_could_count)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    const char *const both[] = {"XDG_CONFIG_HOME=/x//config/", "HOME=/y", NULL};
    const char *const relative[] = {"XDG_CONFIG_HOME=x", "HOME=", NULL};
    const char *const same[] = {"XDG_CONFIG_HOME=/y/.config", "HOME=/y", NULL};
    struct host host = caller_with(&scratch, both);

    cr_expect(has(&host, "/x/config/sbx/profiles"));
    cr_expect(has(&host, "/y/.config/sbx/profiles"));
    cr_expect(has(&host, "/etc/sbx/profiles"));
    if (host.passwd_home != NULL)
        cr_expect(
            has(&host, path_absolute(scratch.arena, host.passwd_home, ".config/sbx/profiles")));
    cr_expect_geq(host.profile_directories.count, 4, "the shipped one as well");
    host = caller_with(&scratch, relative);
    for (size_t i = 0; i < host.profile_directories.count; i++)
        cr_expect_eq(host.profile_directories.items[i][0], '/');
    host = caller_with(&scratch, same);
    cr_expect(has(&host, "/y/.config/sbx/profiles"));
}
