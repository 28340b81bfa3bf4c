/* SPDX-License-Identifier: Apache-2.0 */
/* The facts about a tree of --root: what its links say must not lead out of it. */
#include "kernel/host_internal.h"

#include "base/path.h"
#include "unit/scratch.h"

struct tree_trial {
    struct scratch scratch;
    struct host_request request;
    struct host host;
};

static void end(struct tree_trial *trial)
{
    scratch_end(&trial->scratch);
}
#define _cleanup_trial_ _cleanup_(end)

/* $scratch/tree, and $scratch/secret beside it. */
static struct tree_trial tree_new(void)
{
    struct tree_trial trial = {.scratch = scratch_new()};

    trial.request.tree.path = scratch_directory(&trial.scratch, "tree");
    trial.request.tree.uid = 4711;
    scratch_file(&trial.scratch, "secret", "secret\n");
    return trial;
}

static void ask(struct tree_trial *trial, struct host_strings *list, const char *path)
{
    cr_assert_eq(host_strings_add(list, trial->scratch.arena, path), 0);
}

static void probe(struct tree_trial *trial)
{
    cr_assert_eq(host_tree_probe(trial->scratch.arena, &trial->request, &trial->host), 0);
}

static const struct host_path *path_of(struct tree_trial *trial, const char *path)
{
    ask(trial, &trial->request.tree.paths, path);
    probe(trial);
    return host_inside_path(&trial->host, path);
}

static const struct host_place *place_of(struct tree_trial *trial, const char *path)
{
    ask(trial, &trial->request.tree.places, path);
    probe(trial);
    return host_inside_place(&trial->host, path);
}

static const struct host_content *content_of(struct tree_trial *trial, const char *path)
{
    ask(trial, &trial->request.tree.files, path);
    probe(trial);
    return host_inside_content(&trial->host, path);
}

Test(host_tree, paths_are_those_within)
{
    _cleanup_trial_ struct tree_trial trial = tree_new();
    const struct host_path *fact;

    scratch_directory(&trial.scratch, "tree/usr/bin");
    scratch_file(&trial.scratch, "tree/usr/bin/cmd", "");
    scratch_link(&trial.scratch, "tree/bin", "/usr/bin");
    fact = path_of(&trial, "/bin/cmd");
    cr_expect_str_eq(trial.host.tree.path, trial.request.tree.path);
    cr_expect_eq(trial.host.tree.error, 0);
    cr_expect_str_eq(fact->path, "/bin/cmd");
    cr_expect_str_eq(fact->canonical, "/usr/bin/cmd");
    cr_expect_eq(fact->type, HOST_FILE_REGULAR);
    cr_expect_str_eq(path_of(&trial, "/")->canonical, "/");
    cr_expect_eq(path_of(&trial, "/none")->error, ENOENT);
    cr_expect_null(path_of(&trial, "/none")->canonical);
    cr_expect_str_eq(host_outside(trial.scratch.arena, &trial.host, "/usr"),
                     scratch_path(&trial.scratch, "tree/usr"));
    cr_expect_str_eq(host_outside(trial.scratch.arena, &trial.host, "/"), trial.request.tree.path);
}

Test(host_tree, a_tree_that_is_named_by_a_link_is_where_the_link_leads)
{
    _cleanup_trial_ struct tree_trial trial = tree_new();

    trial.request.tree.path = scratch_link(&trial.scratch, "link", "tree");
    scratch_file(&trial.scratch, "tree/file", "");
    cr_expect_str_eq(path_of(&trial, "/file")->canonical, "/file");
    cr_expect_str_eq(trial.host.tree.path, scratch_path(&trial.scratch, "tree"));
}

Test(host_tree, what_is_no_directory_is_told)
{
    _cleanup_trial_ struct tree_trial trial = tree_new();

    trial.request.tree.path = scratch_path(&trial.scratch, "secret");
    probe(&trial);
    cr_expect_null(trial.host.tree.path);
    cr_expect_eq(trial.host.tree.error, ENOTDIR);
    trial.request.tree.path = scratch_path(&trial.scratch, "none");
    probe(&trial);
    cr_expect_null(trial.host.tree.path);
    cr_expect_eq(trial.host.tree.error, ENOENT);
}

Test(host_tree, no_link_leads_out_of_it)
{
    _cleanup_trial_ struct tree_trial trial = tree_new();
    const char *secret = scratch_path(&trial.scratch, "secret");
    const char *const ways[] = {
        "../secret",
        secret,
        arena_printf(trial.scratch.arena, "../../../../../../../..%s", secret),
        arena_printf(trial.scratch.arena, "/proc/self/root%s", secret),
    };

    for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
        const char *text = ways[i];
        const char *name = arena_printf(trial.scratch.arena, "/link%zu", i);

        scratch_link(&trial.scratch, arena_printf(trial.scratch.arena, "tree%s", name), text);
        cr_expect_null(path_of(&trial, name)->canonical, "%s", text);
        cr_expect_neq(content_of(&trial, name)->error, 0, "%s", text);
        cr_expect_null(content_of(&trial, name)->data, "%s", text);
        cr_expect(path_is_within(place_of(&trial, name)->there, "/"), "%s", text);
        cr_expect_str_eq(place_of(&trial, name)->there, "/", "%s", text);
    }
    scratch_link(&trial.scratch, "tree/up", "..");
    cr_expect_str_eq(path_of(&trial, "/up")->canonical, "/");
    cr_expect_eq(path_of(&trial, "/up/secret")->error, ENOENT);
    cr_expect_str_eq(place_of(&trial, "/up/secret")->place, "/secret");
}

Test(host_tree, the_control_finds_the_secret)
{
    _cleanup_trial_ struct tree_trial trial = tree_new();
    struct host_path fact;

    scratch_link(&trial.scratch, "tree/link", "../secret");
    cr_assert_eq(
        host_path_probe(trial.scratch.arena, scratch_path(&trial.scratch, "tree/link"), &fact), 0);
    cr_expect_str_eq(fact.canonical, scratch_path(&trial.scratch, "secret"));
}

Test(host_tree, a_fifo_is_no_content)
{
    _cleanup_trial_ struct tree_trial trial = tree_new();

    cr_assert_eq(mkfifo(scratch_path(&trial.scratch, "tree/fifo"), 0644), 0);
    cr_expect_eq(content_of(&trial, "/fifo")->error, EINVAL);
    scratch_file(&trial.scratch, "tree/text", "text\n");
    cr_expect_str_eq(content_of(&trial, "/text")->data, "text\n");
}

Test(host_tree, where_something_is_missing_the_directory_is_listed)
{
    _cleanup_trial_ struct tree_trial trial = tree_new();
    const struct host_listing *listing;

    scratch_directory(&trial.scratch, "tree/d/sub");
    scratch_file(&trial.scratch, "tree/d/file", "");
    scratch_link(&trial.scratch, "tree/d/a-link", "../nowhere");
    scratch_socket(&trial.scratch, "tree/d/socket");
    cr_expect_str_eq(place_of(&trial, "/d/new/deep")->there, "/d");
    listing = host_tree_listing(&trial.host, "/d");
    cr_assert_not_null(listing);
    cr_assert_eq(listing->count, 4);
    cr_expect_eq(listing->error, 0);
    cr_expect_str_eq(listing->items[0].name, "a-link", "sorted by name");
    cr_expect_str_eq(listing->items[0].link, "../nowhere");
    cr_expect_str_eq(listing->items[1].name, "file");
    cr_expect_null(listing->items[1].link);
    cr_expect_eq(listing->items[1].type, HOST_FILE_REGULAR);
    cr_expect_neq(listing->items[1].inode, 0);
    cr_expect_eq(listing->items[2].type, HOST_FILE_SOCKET);
    cr_expect_eq(listing->items[3].type, HOST_FILE_DIRECTORY);
    place_of(&trial, "/d/sub");
    cr_expect_null(host_tree_listing(&trial.host, "/d/sub"), "nothing is missing there");
}

Test(host_tree, a_listing_has_an_end)
{
    _cleanup_trial_ struct tree_trial trial = tree_new();

    for (unsigned i = 0; i < HOST_MAX_ENTRIES; i++)
        scratch_file(&trial.scratch, arena_printf(trial.scratch.arena, "tree/%u", i), "");
    place_of(&trial, "/new");
    cr_expect_eq(host_tree_listing(&trial.host, "/")->count, HOST_MAX_ENTRIES);
    cr_expect_eq(host_tree_listing(&trial.host, "/")->error, 0);
    scratch_file(&trial.scratch, "tree/more", "");
    trial.host = (struct host){0};
    place_of(&trial, "/new");
    cr_expect_eq(host_tree_listing(&trial.host, "/")->error, E2BIG);
}

Test(host_tree, the_account_is_the_trees)
{
    _cleanup_trial_ struct tree_trial trial = tree_new();

    trial.host.user = "ann";
    scratch_directory(&trial.scratch, "tree/etc");
    scratch_directory(&trial.scratch, "tree/home/me");
    scratch_file(&trial.scratch, "tree/etc/passwd",
                 "root:x:0:0::/root:/bin/sh\nme:x:4711:1::/home//me/:/bin/zsh\n");
    content_of(&trial, "/etc/passwd");
    cr_assert(trial.host.tree.has_account);
    cr_expect_str_eq(trial.host.tree.user, "me");
    cr_expect_str_eq(trial.host.tree.home, "/home/me");
    cr_expect_str_eq(trial.host.tree.shell, "/bin/zsh");
    cr_expect_not(trial.host.tree.user_is_taken);
    cr_expect_eq(host_inside_path(&trial.host, "/home/me")->type, HOST_FILE_DIRECTORY,
                 "the home is looked at, too");
}

Test(host_tree, an_account_that_the_tree_lacks_or_has_given_away)
{
    _cleanup_trial_ struct tree_trial trial = tree_new();

    trial.host.user = "ann";
    scratch_directory(&trial.scratch, "tree/etc");
    scratch_file(&trial.scratch, "tree/etc/passwd", "ann:x:12:1::relative:/bin/zsh\nbroken\n");
    content_of(&trial, "/etc/passwd");
    cr_expect_not(trial.host.tree.has_account);
    cr_expect(trial.host.tree.user_is_taken);
    trial.request.tree.uid = 12;
    trial.host = (struct host){.user = "ann"};
    content_of(&trial, "/etc/passwd");
    cr_expect(trial.host.tree.has_account);
    cr_expect_not(trial.host.tree.user_is_taken);
    cr_expect_null(trial.host.tree.home, "what is not absolute is no home");
}

Test(host_tree, an_empty_passwd_knows_nobody)
{
    _cleanup_trial_ struct tree_trial trial = tree_new();

    trial.host.user = "ann";
    scratch_directory(&trial.scratch, "tree/etc");
    scratch_file(&trial.scratch, "tree/etc/passwd", "");
    content_of(&trial, "/etc/passwd");
    cr_expect_not(trial.host.tree.has_account);
    cr_expect_not(trial.host.tree.user_is_taken);
}
