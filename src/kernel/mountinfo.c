/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/mountinfo.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#define MOUNTINFO_LIMIT (64U << 20)

void mountinfo_unescape(char *text)
{
    char *write = text;

    for (const char *read = text; *read != '\0'; read++) {
        if (read[0] == '\\' && read[1] >= '0' && read[1] <= '3' && read[2] >= '0' &&
            read[2] <= '7' && read[3] >= '0' && read[3] <= '7') {
            *write++ = (char)((read[1] - '0') * 64 + (read[2] - '0') * 8 + (read[3] - '0'));
            read += 3;
        } else {
            *write++ = *read;
        }
    }
    *write = '\0';
}

static const struct {
    const char *word;
    uint64_t attribute;
} attributes[] = {
    {"ro", MOUNT_ATTR_RDONLY},
    {"nosuid", MOUNT_ATTR_NOSUID},
    {"nodev", MOUNT_ATTR_NODEV},
    {"noexec", MOUNT_ATTR_NOEXEC},
    {"noatime", MOUNT_ATTR_NOATIME},
    {"nodiratime", MOUNT_ATTR_NODIRATIME},
    {"nosymfollow", MOUNT_ATTR_NOSYMFOLLOW},
    {"idmapped", MOUNT_ATTR_IDMAP},
};

/* "rw,nosuid,relatime": where no mode of access times is named, it is strictatime. */
static void parse_attributes(char *options, struct host_mount *mount)
{
    char *save = NULL;
    bool relative = false;

    for (char *word = strtok_r(options, ",", &save); word != NULL;
         word = strtok_r(NULL, ",", &save)) {
        relative = relative || strcmp(word, "relatime") == 0;
        for (size_t i = 0; i < ARRAY_SIZE(attributes); i++)
            if (strcmp(word, attributes[i].word) == 0)
                mount->attributes |= attributes[i].attribute;
    }
    if (!relative && (mount->attributes & MOUNT_ATTR_NOATIME) == 0)
        mount->attributes |= MOUNT_ATTR_STRICTATIME;
}

/* One of the optional fields; an unknown one says nothing to us. */
static void parse_propagation(const char *word, struct host_mount *mount)
{
    const char *colon = strchr(word, ':');
    uint64_t group = colon == NULL ? 0 : strtoull(colon + 1, NULL, 10);

    if (strncmp(word, "shared:", 7) == 0)
        mount->shared = group;
    else if (strncmp(word, "master:", 7) == 0)
        mount->master = group;
    else if (strncmp(word, "propagate_from:", 15) == 0)
        mount->propagate_from = group;
    else if (strcmp(word, "unbindable") == 0)
        mount->unbindable = true;
}

/* "type source options"; the source may be empty, so this is cut at each single space. */
static int parse_file_system(char *text, struct host_mount *mount)
{
    char *type = strsep(&text, " ");
    char *source = strsep(&text, " ");

    if (type == NULL || type[0] == '\0')
        return -EBADMSG;
    if (source == NULL)
        source = type + strlen(type);
    if (text == NULL)
        text = type + strlen(type);
    mountinfo_unescape(type);
    mountinfo_unescape(source);
    mountinfo_unescape(text);
    mount->type = type;
    mount->source = source;
    mount->super_options = text;
    return 0;
}

/* 36 35 98:0 /root /point options [optional fields...] - type source options */
static int parse_line(char *line, struct host_mount *mount)
{
    char *save = NULL;
    char *fields[6];
    char *word;
    char extra;

    for (unsigned i = 0; i < 6; i++) {
        fields[i] = strtok_r(i == 0 ? line : NULL, " ", &save);
        if (fields[i] == NULL)
            return -EBADMSG;
    }
    if (sscanf(fields[0], "%d%c", &mount->id, &extra) != 1 ||
        sscanf(fields[1], "%d%c", &mount->parent, &extra) != 1 ||
        sscanf(fields[2], "%u:%u%c", &mount->major, &mount->minor, &extra) != 2)
        return -EBADMSG;
    while ((word = strtok_r(NULL, " ", &save)) != NULL && strcmp(word, "-") != 0)
        parse_propagation(word, mount);
    if (word == NULL || save == NULL)
        return -EBADMSG;
    mountinfo_unescape(fields[3]);
    mountinfo_unescape(fields[4]);
    mount->root = fields[3];
    mount->point = fields[4];
    parse_attributes(fields[5], mount);
    return parse_file_system(save, mount);
}

int mountinfo_parse(struct arena *arena, char *text, struct host_mounts *ret_mounts)
{
    struct host_mounts mounts = {0};
    char *save = NULL;

    for (char *line = strtok_r(text, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save)) {
        struct host_mount mount = {0};
        struct host_mount *slot;
        int result = parse_line(line, &mount);

        if (result < 0)
            return result;
        slot = ARENA_PUSH(arena, &mounts);
        if (slot == NULL)
            return -ENOMEM;
        *slot = mount;
    }
    *ret_mounts = mounts;
    return 0;
}

int mountinfo_read(struct arena *arena, struct host_mounts *ret_mounts, struct sbx_error *err)
{
    static const char path[] = "/proc/self/mountinfo";
    char *text;
    int result = io_read_file(arena, AT_FDCWD, path, MOUNTINFO_LIMIT, &text, NULL);

    if (result == 0)
        result = mountinfo_parse(arena, text, ret_mounts);
    if (result < 0)
        return error_set(err, SBX_ERROR_SETUP, -result, "probe", path,
                         "cannot read the list of mounts (%s)", path);
    return 0;
}

const struct host_mount *mountinfo_find(const struct host_mounts *mounts, const char *path)
{
    const struct host_mount *found = NULL;
    size_t longest = 0;

    for (size_t i = 0; i < mounts->count; i++) {
        const struct host_mount *mount = &mounts->items[i];
        size_t length = strlen(mount->point);

        if (length >= longest && path_is_within(path, mount->point)) {
            found = mount;
            longest = length;
        }
    }
    return found;
}

bool mountinfo_covers_proc(const struct host_mounts *mounts)
{
    for (size_t i = 0; i < mounts->count; i++) {
        const char *point = mounts->items[i].point;

        if (path_is_below(point, "/proc") && strcmp(point, "/proc/sys/fs/binfmt_misc") != 0 &&
            strcmp(point, "/proc/fs/nfsd") != 0)
            return true;
    }
    return false;
}
