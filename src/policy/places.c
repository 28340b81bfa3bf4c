/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/places.h"

#include "base/path.h"

#include <errno.h>
#include <string.h>

static const struct host_mount *find_id(const struct host_mounts *mounts, int id)
{
    for (size_t i = 0; i < mounts->count; i++)
        if (mounts->items[i].id == id)
            return &mounts->items[i];
    return NULL;
}

/* The mount on @parent that a walk to @path meets first; without a parent, that of "/". */
static const struct host_mount *next_mount(const struct host_mounts *mounts,
                                           const struct host_mount *parent, const char *path)
{
    const struct host_mount *found = NULL;

    for (size_t i = 0; i < mounts->count; i++) {
        const struct host_mount *mount = &mounts->items[i];
        bool is_next = parent == NULL ? strcmp(mount->point, "/") == 0 &&
                                            (mount->parent == mount->id ||
                                             find_id(mounts, mount->parent) == NULL)
                                      : mount->parent == parent->id && mount != parent;

        if (!is_next || !path_is_within(path, mount->point))
            continue;
        if (found == NULL || strlen(mount->point) < strlen(found->point))
            found = mount;
    }
    return found;
}

/* The mount that @path lies on: by a walk as the kernel's, since a mount may cover others that are
 * still in the table. */
static const struct host_mount *mount_of(const struct host_mounts *mounts, const char *path)
{
    const struct host_mount *mount = NULL;
    const struct host_mount *next = next_mount(mounts, NULL, path);

    for (size_t turns = 0; next != NULL && turns <= mounts->count; turns++) {
        mount = next;
        next = next_mount(mounts, mount, path);
    }
    return mount;
}

int places_find(struct arena *arena, const struct host_mounts *mounts, const char *path,
                struct host_strings *ret_places)
{
    const struct host_mount *home = mount_of(mounts, path);
    const char *inner;

    if (host_strings_add_new(ret_places, arena, path) < 0)
        return -ENOMEM;
    if (home == NULL)
        return 0;
    inner = path_join(arena, home->root, path_relative(path, home->point));
    if (inner == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < mounts->count; i++) {
        const struct host_mount *mount = &mounts->items[i];
        const char *rest = path_relative(inner, mount->root);
        const char *place;

        if (mount->major != home->major || mount->minor != home->minor)
            continue;
        if (rest == NULL && !path_is_below(mount->root, inner))
            continue;
        place = path_join(arena, mount->point, rest != NULL ? rest : "");
        if (place == NULL)
            return -ENOMEM;
        if (mount_of(mounts, place) == mount && host_strings_add_new(ret_places, arena, place) < 0)
            return -ENOMEM;
    }
    return 0;
}
