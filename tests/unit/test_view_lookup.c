/* SPDX-License-Identifier: Apache-2.0 */
/* What is found by the view's index is what a search of all entries finds. */
#include "base/path.h"
#include "policy/view.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/mount.h>

#define DIRECTORIES 12
#define LEVELS      3

static const char *const beyond[] = {"/", "/no", "/a", "/a/b/c/d/e", "/a/bb", "/aa", "/l/l/l/l"};

/* Does it cover what is below it?  All kinds of the trial but one do. */
static bool covers(const struct view_entry *entry)
{
    return entry->step.kind != STEP_SYMLINK;
}

static const struct view_entry *plain_at(const struct view *view, const char *path)
{
    for (size_t i = 0; i < view->count; i++)
        if (strcmp(view->items[i].step.target, path) == 0)
            return &view->items[i];
    return NULL;
}

static const struct view_entry *plain_around(const struct view *view, const char *path)
{
    const struct view_entry *found = NULL;

    for (size_t i = 0; i < view->count; i++) {
        const struct view_entry *entry = &view->items[i];

        if (covers(entry) && !entry->absent && path_is_below(path, entry->step.target) &&
            (found == NULL || strlen(entry->step.target) > strlen(found->step.target)))
            found = entry;
    }
    return found;
}

static void compare(const struct view *view, const char *path)
{
    const struct view_entry *at = plain_at(view, path);

    cr_assert_eq(view_at(view, path), at, "at %s", path);
    cr_assert_eq(view_around(view, path), plain_around(view, path), "around %s", path);
    if (at != NULL && covers(at))
        cr_assert_eq(view_covering(view, path), at, "covering %s", path);
}

static void compare_all(const struct view *view, char *const *paths, size_t count)
{
    for (size_t i = 0; i < count; i++)
        compare(view, paths[i]);
    for (size_t i = 0; i < sizeof(beyond) / sizeof(beyond[0]); i++)
        compare(view, beyond[i]);
}

/* "/a", "/a/b", "/a/b/c" ...: all paths of up to three letters. */
static size_t make_paths(struct arena *arena, char **paths)
{
    size_t count = 0;

    for (int level = 1, numbers = DIRECTORIES; level <= LEVELS; level++, numbers *= DIRECTORIES)
        for (int number = 0; number < numbers; number++) {
            char *path = paths[count++] = arena_alloc(arena, 2 * LEVELS + 1);

            for (int at = 0, left = number; at < level; at++, left /= DIRECTORIES) {
                path[2 * (size_t)at] = '/';
                path[2 * (size_t)at + 1] = (char)('a' + left % DIRECTORIES);
            }
        }
    return count;
}

Test(view_lookup, index_finds_what_a_search_finds)
{
    static char *paths[DIRECTORIES * DIRECTORIES * (DIRECTORIES + 2)];
    static const enum step_kind kinds[] = {STEP_BIND, STEP_TMPFS, STEP_SYMLINK, STEP_MASK};
    struct arena *arena = arena_new();
    size_t count = make_paths(arena, paths);
    struct view view = {0};
    size_t added = 0;

    compare_all(&view, paths, 10);
    for (size_t i = 0; i < count; i += 1 + i % 3) {
        const struct view_entry entry = {
            .step = {.kind = kinds[i % 4], .target = paths[i], .source = paths[i]},
            .absent = i % 5 == 0,
        };

        cr_assert_eq(view_add(&view, arena, &entry), 0);
        added++;
        /* a later word for the same place */
        if (i % 7 == 0)
            cr_assert_eq(view_add(&view, arena, &entry), 0);
    }
    cr_assert_eq(view.count, added);
    cr_assert_gt(added, 800);
    compare_all(&view, paths, count);
    for (size_t i = 0; i < count; i += 97)
        cr_assert_eq(view_remove(&view, arena, paths[i]), 0);
    cr_assert_lt(view.count, added);
    compare_all(&view, paths, count);
    added = view.count;
    cr_assert_eq(view_prune(&view, arena), 0);
    cr_assert_lt(view.count, added, "no mask lies in a private directory");
    compare_all(&view, paths, count);
    arena_free(arena);
}
