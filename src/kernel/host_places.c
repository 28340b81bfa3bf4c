/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/host_internal.h"

#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_LINKS 40 /* as path_resolution(7) has it */

/* One walk: what is behind us has no links, what is ahead is still as it was written. */
struct walk {
    struct arena *arena;
    const char *root; /* what stands before each path on the host */
    struct host_place fact;
    const char *ahead;
    unsigned followed;
    bool missing; /* nothing more can be found out */
};

/* Take the next component off what is ahead; "" at the end. */
static const char *next_component(struct walk *walk)
{
    const char *start = walk->ahead + strspn(walk->ahead, "/");
    size_t length = strcspn(start, "/");

    walk->ahead = start + length;
    return arena_strndup(walk->arena, start, length);
}

/* @link is a symbolic link with this text: go on with what it says. */
static int follow(struct walk *walk, const char *link, const char *text)
{
    if (host_strings_add_new(&walk->fact.links, walk->arena, link) < 0)
        return -ENOMEM;
    /* a link that leads to itself is one link, met again and again */
    if (++walk->followed > MAX_LINKS)
        walk->fact.error = ELOOP;
    if (text[0] == '/') {
        walk->fact.place = walk->fact.there = "/";
        walk->fact.directory = true;
    }
    walk->ahead = arena_printf(walk->arena, "%s/%s", text, walk->ahead);
    return walk->ahead == NULL ? -ENOMEM : 0;
}

/* 1 where @path is a link, whose text goes to @text; 0 where it is anything else; or why nobody can
 * tell, which counts when two looks have it, see host_is_answer(). */
static int look_at(const char *path, char text[static PATH_MAX], struct stat *ret_status)
{
    int number = 0;

    for (int look = 0; look < 2; look++) {
        ssize_t length;

        number = 0;
        if (lstat(path, ret_status) < 0) {
            number = errno;
        } else if (S_ISLNK(ret_status->st_mode)) {
            length = readlink(path, text, PATH_MAX - 1);
            number = length < 0 ? errno : 0;
            text[length < 0 ? 0 : length] = '\0';
        }
        if (host_is_answer(number))
            break;
    }
    if (number != 0)
        return -number;
    return S_ISLNK(ret_status->st_mode) ? 1 : 0;
}

static int step_into(struct walk *walk, const char *name)
{
    char *path = path_join(walk->arena, walk->fact.place, name);
    char *outside = path == NULL ? NULL : arena_printf(walk->arena, "%s%s", walk->root, path);
    char text[PATH_MAX];
    struct stat status;
    int result;

    if (outside == NULL)
        return -ENOMEM;
    text[0] = '\0';
    result = walk->missing ? -ENOENT : look_at(outside, text, &status);
    if (result > 0)
        return follow(walk, path, text);
    if (host_is_no_answer(-result))
        return result;
    walk->fact.place = path;
    if (result < 0) {
        walk->missing = true;
        return 0;
    }
    walk->fact.there = path;
    walk->fact.directory = S_ISDIR(status.st_mode);
    return 0;
}

/* ".." of a link's text: nothing behind us is a link, so it is the parent by name too. */
static int step_out(struct walk *walk)
{
    walk->fact.place = path_parent(walk->arena, walk->fact.place);
    if (walk->fact.place == NULL)
        return -ENOMEM;
    if (walk->missing && path_is_within(walk->fact.place, walk->fact.there))
        return 0;
    walk->fact.there = walk->fact.place;
    walk->fact.directory = true;
    return 0;
}

int host_place_probe(struct arena *arena, const char *root, const char *path,
                     struct host_place *ret_place)
{
    struct walk walk = {
        .arena = arena,
        .root = root,
        .fact = {.path = path, .place = "/", .there = "/", .directory = true},
        .ahead = path,
    };

    while (walk.fact.error == 0) {
        const char *name = next_component(&walk);
        int result = 0;

        if (name == NULL)
            return -ENOMEM;
        if (name[0] == '\0')
            break;
        if (strcmp(name, ".") == 0)
            continue;
        result = strcmp(name, "..") == 0 ? step_out(&walk) : step_into(&walk, name);
        if (result < 0)
            return result;
    }
    *ret_place = walk.fact;
    return 0;
}

static const struct host_place *find(const struct host_places *places, const char *path)
{
    for (size_t i = 0; i < places->count; i++)
        if (strcmp(places->items[i].path, path) == 0)
            return &places->items[i];
    return NULL;
}

const struct host_place *host_place_find(const struct host *host, const char *path)
{
    return find(&host->places, path);
}

const struct host_place *host_inside_place(const struct host *host, const char *path)
{
    return find(host->tree.path != NULL ? &host->tree.places : &host->places, path);
}
