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

    while (*write != '\0' && *write != '\\')
        write++;
    for (const char *read = write; *read != '\0'; read++) {
        /* no name has a NUL, which would cut the rest off */
        if (read[0] == '\\' && read[1] >= '0' && read[1] <= '3' && read[2] >= '0' &&
            read[2] <= '7' && read[3] >= '0' && read[3] <= '7' && strncmp(read, "\\000", 4) != 0) {
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

/* Cut the next of the words that @separator stands between; NULL: there is no more. */
static char *next_word(char **cursor, char separator)
{
    char *word = *cursor;
    char *end;

    while (*word == separator)
        word++;
    if (*word == '\0')
        return NULL;
    for (end = word; *end != '\0' && *end != separator;) /* words are short */
        end++;
    *cursor = *end == '\0' ? end : end + 1;
    *end = '\0';
    return word;
}

/* All of @text up to @end is a number. */
static bool read_number(const char *text, char end, unsigned *ret_number)
{
    unsigned number = 0;
    const char *digit = text;

    for (; *digit >= '0' && *digit <= '9' && digit - text < 10; digit++)
        number = number * 10 + (unsigned)(*digit - '0');
    *ret_number = number;
    return digit != text && *digit == end;
}

/* "rw,nosuid,relatime": where no mode of access times is named, it is strictatime. */
static void parse_attributes(char *options, struct host_mount *mount)
{
    bool relative = false;

    for (char *word = next_word(&options, ','); word != NULL; word = next_word(&options, ',')) {
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
    char *fields[6];
    char *word;
    unsigned ids[2];

    for (unsigned i = 0; i < 6; i++) {
        fields[i] = next_word(&line, ' ');
        if (fields[i] == NULL)
            return -EBADMSG;
    }
    if (!read_number(fields[0], '\0', &ids[0]) || !read_number(fields[1], '\0', &ids[1]) ||
        !read_number(fields[2], ':', &mount->major) ||
        !read_number(strchr(fields[2], ':') + 1, '\0', &mount->minor))
        return -EBADMSG;
    mount->id = (int)ids[0];
    mount->parent = (int)ids[1];
    while ((word = next_word(&line, ' ')) != NULL && strcmp(word, "-") != 0)
        parse_propagation(word, mount);
    if (word == NULL || *line == '\0')
        return -EBADMSG;
    mountinfo_unescape(fields[3]);
    mountinfo_unescape(fields[4]);
    mount->root = fields[3];
    mount->point = fields[4];
    parse_attributes(fields[5], mount);
    return parse_file_system(line, mount);
}

int mountinfo_parse(struct arena *arena, char *text, struct host_mounts *ret_mounts)
{
    struct host_mounts mounts = {0};

    for (const char *next = text; *next != '\0'; next = strchrnul(next + 1, '\n'))
        mounts.capacity++; /* empty lines, of which the kernel writes none, count as well */
    mounts.items = arena_alloc(arena, mounts.capacity * sizeof(*mounts.items));
    if (mounts.items == NULL)
        return -ENOMEM;
    for (char *line = next_word(&text, '\n'); line != NULL; line = next_word(&text, '\n')) {
        int result = parse_line(line, &mounts.items[mounts.count++]);

        if (result < 0)
            return result;
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
