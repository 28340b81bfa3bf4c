/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of --root, as a part of the host that a fixture describes. */
#include "plan/fixture.h"

#include "base/path.h"
#include "kernel/host_internal.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Where a link leads to, within the tree: what the host has outside of it has no meaning there. */
static const char *inside(struct arena *arena, const struct host *host, const char *path)
{
    const char *rest = path_relative(path, host->tree.path);

    return rest == NULL ? path : path_join(arena, "/", rest);
}

static void probe_path(struct arena *arena, const struct fixture *fixture, const char *path,
                       struct host *host)
{
    struct host_path fact = fixture_fact(fixture, host_outside(arena, host, path));

    if (fact.canonical != NULL && !path_is_within(fact.canonical, host->tree.path))
        fact = (struct host_path){.type = HOST_FILE_MISSING, .error = ENOENT};
    fact.path = path;
    if (fact.canonical != NULL)
        fact.canonical = inside(arena, host, fact.canonical);
    cr_assert_eq(host_paths_add(&host->tree.paths, arena, &fact), 0);
}

static int compare_entries(const void *left, const void *right)
{
    const struct host_entry *a = left;
    const struct host_entry *b = right;

    return strcmp(a->name, b->name);
}

static void list(struct arena *arena, const struct fixture *fixture, const char *path,
                 struct host *host)
{
    const char *directory = host_outside(arena, host, path);
    struct host_listing *listing;

    if (host_tree_listing(host, path) != NULL)
        return;
    listing = ARENA_PUSH(arena, &host->tree.listings);
    *listing = (struct host_listing){.path = path};
    for (size_t i = 0; i < fixture->facts.paths.count; i++) {
        const struct host_path *fact = &fixture->facts.paths.items[i];
        struct host_entry *entry;

        if (strcmp(path_parent(arena, fact->path), directory) != 0 || fact->canonical == NULL)
            continue;
        entry = ARENA_PUSH(arena, listing);
        *entry = (struct host_entry){.name = strrchr(fact->path, '/') + 1,
                                     .type = fact->type,
                                     .device = fact->device,
                                     .inode = fact->inode};
        if (strcmp(fact->canonical, fact->path) != 0)
            entry->link = inside(arena, host, fact->canonical);
    }
    if (listing->count > 0)
        qsort(listing->items, listing->count, sizeof(*listing->items), compare_entries);
}

static void probe_place(struct arena *arena, const struct fixture *fixture, const char *path,
                        struct host *host)
{
    struct host_place *place = ARENA_PUSH(arena, &host->tree.places);

    *place = fixture_place(arena, fixture, host_outside(arena, host, path));
    place->path = path;
    if (!path_is_within(place->there, host->tree.path)) {
        place->there = host->tree.path;
        place->directory = true;
    }
    place->place = inside(arena, host, place->place);
    place->there = inside(arena, host, place->there);
    for (size_t i = 0; i < place->links.count; i++)
        place->links.items[i] = inside(arena, host, place->links.items[i]);
    if (place->directory && strcmp(place->place, place->there) != 0)
        list(arena, fixture, place->there, host);
}

static void probe_content(struct arena *arena, const struct fixture *fixture, const char *path,
                          struct host *host)
{
    struct host_content *content = ARENA_PUSH(arena, &host->tree.contents);
    const struct host_content *known =
        host_content_find(&fixture->facts, host_outside(arena, host, path));

    *content = known != NULL ? *known : (struct host_content){.error = ENOENT};
    content->path = path;
}

void fixture_tree(struct arena *arena, const struct fixture *fixture,
                  const struct host_tree_request *request, struct host *host)
{
    const struct host_path fact = fixture_fact(fixture, request->path);

    if (fact.type != HOST_FILE_DIRECTORY) {
        host->tree.error = fact.error != 0 ? fact.error : ENOTDIR;
        return;
    }
    host->tree.path = fact.canonical;
    host->tree.device = fact.device;
    host->tree.inode = fact.inode;
    for (size_t i = 0; i < request->paths.count; i++)
        probe_path(arena, fixture, request->paths.items[i], host);
    for (size_t i = 0; i < request->hidden.count; i++) {
        const struct host_path *hidden = host_inside_path(host, request->hidden.items[i]);

        if (hidden->canonical != NULL)
            fixture_aliases(arena, fixture, host_outside(arena, host, hidden->canonical), host);
    }
    for (size_t i = 0; i < request->files.count; i++)
        probe_content(arena, fixture, request->files.items[i], host);
    for (size_t i = 0; i < request->places.count; i++)
        probe_place(arena, fixture, request->places.items[i], host);
    cr_assert_eq(host_tree_find_account(arena, request->uid, host), 0);
    for (size_t i = 0; i < 3; i++) {
        const char *home = i == 0   ? host->tree.home
                           : i == 1 ? host->passwd_home
                                    : host_getenv(host, "HOME");

        if (home == NULL || host_inside_place(host, home) != NULL)
            continue;
        probe_path(arena, fixture, home, host);
        probe_place(arena, fixture, home, host);
    }
}
