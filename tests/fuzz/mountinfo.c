/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any text as /proc/self/mountinfo.  What can be read is written as the kernel writes it and read
 * again: it has to come to the same.
 */
#include "fuzz/fuzz.h"

#include "base/path.h"
#include "kernel/mountinfo.h"
#include "policy/places.h"

#include <errno.h>
#include <sys/mount.h>

static const char *escaped(struct arena *arena, const char *text)
{
    char *copy = arena_alloc(arena, 4 * strlen(text) + 1);
    char *write = copy;

    CHECK(copy != NULL);
    for (; *text != '\0'; text++) {
        if (strchr(" \t\n\\", *text) != NULL)
            write += sprintf(write, "\\%03o", (unsigned)(unsigned char)*text);
        else
            *write++ = *text;
    }
    return copy;
}

static const char *attributes(struct arena *arena, uint64_t set)
{
    uint64_t times = set & MOUNT_ATTR__ATIME;

    return arena_printf(
        arena, "%s%s%s%s%s%s%s%s", (set & MOUNT_ATTR_RDONLY) != 0 ? "ro" : "rw",
        (set & MOUNT_ATTR_NOSUID) != 0 ? ",nosuid" : "",
        (set & MOUNT_ATTR_NODEV) != 0 ? ",nodev" : "",
        (set & MOUNT_ATTR_NOEXEC) != 0 ? ",noexec" : "",
        (times & MOUNT_ATTR_NOATIME) != 0 ? ",noatime" : "",
        times == MOUNT_ATTR_RELATIME || (times & MOUNT_ATTR_NOATIME) != 0 ? ",relatime" : "",
        (set & MOUNT_ATTR_NODIRATIME) != 0 ? ",nodiratime" : "",
        (set & MOUNT_ATTR_NOSYMFOLLOW) != 0 ? ",nosymfollow" : "");
}

static const char *written(struct arena *arena, const struct host_mounts *mounts)
{
    const char *text = "";

    for (size_t i = 0; i < mounts->count; i++) {
        const struct host_mount *m = &mounts->items[i];

        text = arena_printf(arena,
                            "%s%d %d %u:%u %s %s %s shared:%llu master:%llu propagate_from:%llu%s"
                            " - %s %s %s\n",
                            text, m->id, m->parent, m->major, m->minor, escaped(arena, m->root),
                            escaped(arena, m->point), attributes(arena, m->attributes),
                            (unsigned long long)m->shared, (unsigned long long)m->master,
                            (unsigned long long)m->propagate_from,
                            m->unbindable ? " unbindable" : "", escaped(arena, m->type),
                            escaped(arena, m->source), escaped(arena, m->super_options));
        CHECK(text != NULL);
    }
    return text;
}

static void compare(const struct host_mount *one, const struct host_mount *two)
{
    const uint64_t told = ~(uint64_t)MOUNT_ATTR_IDMAP & ~(uint64_t)MOUNT_ATTR__ATIME;

    CHECK(one->id == two->id && one->parent == two->parent && one->major == two->major &&
          one->minor == two->minor);
    CHECK(strcmp(one->root, two->root) == 0, "%s, %s", one->root, two->root);
    CHECK(strcmp(one->point, two->point) == 0, "%s, %s", one->point, two->point);
    CHECK(strcmp(one->type, two->type) == 0, "%s, %s", one->type, two->type);
    CHECK(strcmp(one->source, two->source) == 0, "%s, %s", one->source, two->source);
    CHECK(strcmp(one->super_options, two->super_options) == 0, "%s, %s", one->super_options,
          two->super_options);
    CHECK((one->attributes & told) == (two->attributes & told));
    CHECK(one->shared == two->shared && one->master == two->master &&
          one->propagate_from == two->propagate_from && one->unbindable == two->unbindable);
}

/* Places as they are asked for are absolute; a mount point that is not one has no place. */
static void check_places(struct arena *arena, const struct host_mounts *mounts)
{
    static const char *const paths[] = {"/", "/proc", "/home/u", "/home/u/p/.git"};

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        const struct host_mount *found = mountinfo_find(mounts, paths[i]);
        struct host_strings places = {0};

        if (found != NULL)
            CHECK(path_is_within(paths[i], found->point), "%s: %s", paths[i], found->point);
        CHECK(places_find(arena, mounts, paths[i], &places) == 0);
        CHECK(places.count > 0 && strcmp(places.items[0], paths[i]) == 0);
    }
    (void)mountinfo_covers_proc(mounts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {.data = data, .size = size};
    struct arena *arena = arena_new();
    struct host_mounts mounts = {0};
    struct host_mounts again = {0};
    char *text;
    int result;

    CHECK(arena != NULL);
    result = mountinfo_parse(arena, input_text(&input, arena, '\0'), &mounts);
    CHECK(result == 0 || (result == -EBADMSG && mounts.count == 0));
    if (mounts.count <= 32) {
        text = arena_strdup(arena, written(arena, &mounts));
        CHECK(mountinfo_parse(arena, text, &again) == 0 && again.count == mounts.count, "%s",
              written(arena, &mounts));
        for (size_t i = 0; i < mounts.count; i++)
            compare(&mounts.items[i], &again.items[i]);
        check_places(arena, &mounts);
    }
    arena_free(arena);
    return 0;
}
