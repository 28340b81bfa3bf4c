/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/mountinfo.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#define MOUNTINFO_LIMIT (64U << 20)

void mountinfo_unescape(char *text)
{
    char *write = strchrnul(text, '\\');

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

#define WORD(text, attribute)                                                                      \
    {                                                                                              \
        text, sizeof(text) - 1, attribute                                                          \
    }

static const struct {
    char text[12];
    uint8_t length;
    uint64_t attribute;
} words[] = {
    WORD("ro", MOUNT_ATTR_RDONLY),
    WORD("nosuid", MOUNT_ATTR_NOSUID),
    WORD("nodev", MOUNT_ATTR_NODEV),
    WORD("noexec", MOUNT_ATTR_NOEXEC),
    WORD("noatime", MOUNT_ATTR_NOATIME),
    WORD("nodiratime", MOUNT_ATTR_NODIRATIME),
    WORD("nosymfollow", MOUNT_ATTR_NOSYMFOLLOW),
    WORD("idmapped", MOUNT_ATTR_IDMAP),
};

/* A host may have thousands of lines: what is done for each byte of them is as little as can be. */

/* What lines share. */
struct parser {
    bool escapes;          /* there are any at all */
    const char *options;   /* of the last line; most have the same as the one before */
    uint64_t attributes;   /* what these mean */
    size_t options_length; /* with the NUL */
};

/* Cut the next of the words of a line, and tell how long it is; NULL: there is no more. */
static char *next_word(char **cursor, size_t *ret_length)
{
    char *word = *cursor;
    char *end;

    while (*word == ' ')
        word++;
    if (*word == '\0')
        return NULL;
    for (end = word; (unsigned char)*end > ' ' || (*end != ' ' && *end != '\0');)
        end++;
    *cursor = *end == '\0' ? end : end + 1;
    *end = '\0';
    *ret_length = (size_t)(end - word);
    return word;
}

/* All of @text up to @end is a number, of @most at most; returns what follows @end, or NULL. */
static const char *read_number(const char *text, char end, unsigned most, unsigned *ret_number)
{
    uint64_t number = 0;
    const char *digit = text;

    for (; *digit >= '0' && *digit <= '9' && digit - text < 10; digit++)
        number = number * 10 + (unsigned)(*digit - '0');
    if (digit == text || *digit != end || number > most)
        return NULL;
    *ret_number = (unsigned)number;
    return digit + 1;
}

/* "rw,nosuid,relatime": where no mode of access times is named, it is strictatime. */
static uint64_t parse_attributes(const char *options)
{
    static const char relatime[] = "relatime";
    uint64_t attributes = 0;
    bool relative = false;

    for (const char *word = options; *word != '\0';) {
        size_t length = 0;

        while (word[length] != ',' && word[length] != '\0')
            length++;
        for (size_t i = 0; i < ARRAY_SIZE(words); i++)
            if (length == words[i].length && memcmp(word, words[i].text, length) == 0)
                attributes |= words[i].attribute;
        relative =
            relative || (length == sizeof(relatime) - 1 && memcmp(word, relatime, length) == 0);
        word += length;
        word += *word == ',';
    }
    return relative || (attributes & MOUNT_ATTR_NOATIME) != 0 ? attributes
                                                              : attributes | MOUNT_ATTR_STRICTATIME;
}

static uint64_t attributes_of(struct parser *parser, const char *options, size_t length)
{
    if (parser->options == NULL || parser->options_length != length ||
        memcmp(parser->options, options, length) != 0) {
        parser->options = options;
        parser->options_length = length;
        parser->attributes = parse_attributes(options);
    }
    return parser->attributes;
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

/* What @cursor has up to the next space, which may be nothing. */
static char *cut_at_space(char **cursor)
{
    char *text = *cursor;
    char *end = text;

    while (*end != ' ' && *end != '\0')
        end++;
    *cursor = *end == '\0' ? end : end + 1;
    *end = '\0';
    return text;
}

/* "type source options"; the source may be empty, so this is cut at each single space. */
static int parse_file_system(const struct parser *parser, char *text, struct host_mount *mount)
{
    char *type = cut_at_space(&text);
    char *source = cut_at_space(&text);

    if (type[0] == '\0')
        return -EBADMSG;
    if (parser->escapes) {
        mountinfo_unescape(type);
        mountinfo_unescape(source);
        mountinfo_unescape(text);
    }
    mount->type = type;
    mount->source = source;
    mount->super_options = text;
    return 0;
}

/* 36 35 98:0 /root /point options [optional fields...] - type source options */
static int parse_line(struct parser *parser, char *line, struct host_mount *mount)
{
    char *fields[6] = {0};
    const char *minor;
    char *word;
    size_t length = 0;
    unsigned ids[2];

    for (unsigned i = 0; i < 6; i++) {
        fields[i] = next_word(&line, &length);
        if (fields[i] == NULL)
            return -EBADMSG;
    }
    minor = read_number(fields[2], ':', UINT_MAX, &mount->major);
    if (minor == NULL || read_number(minor, '\0', UINT_MAX, &mount->minor) == NULL ||
        read_number(fields[0], '\0', INT_MAX, &ids[0]) == NULL ||
        read_number(fields[1], '\0', INT_MAX, &ids[1]) == NULL)
        return -EBADMSG;
    mount->id = (int)ids[0];
    mount->parent = (int)ids[1];
    mount->attributes = attributes_of(parser, fields[5], length + 1);
    while ((word = next_word(&line, &length)) != NULL && (length != 1 || *word != '-'))
        parse_propagation(word, mount);
    if (word == NULL || *line == '\0')
        return -EBADMSG;
    if (parser->escapes) {
        mountinfo_unescape(fields[3]);
        mountinfo_unescape(fields[4]);
    }
    mount->root = fields[3];
    mount->point = fields[4];
    return parse_file_system(parser, line, mount);
}

int mountinfo_parse(struct arena *arena, char *text, struct host_mounts *ret_mounts)
{
    struct parser parser = {.escapes = strchr(text, '\\') != NULL};
    struct host_mounts mounts = {0};

    for (const char *next = text; *next != '\0'; next = strchrnul(next + 1, '\n'))
        mounts.capacity++; /* empty lines, of which the kernel writes none, count as well */
    mounts.items = arena_alloc(arena, mounts.capacity * sizeof(*mounts.items));
    if (mounts.items == NULL)
        return -ENOMEM;
    for (char *line = text, *end; *line != '\0'; line = end) {
        int result;

        end = strchrnul(line, '\n');
        if (*end != '\0')
            *end++ = '\0';
        result = *line == '\0' ? 0 : parse_line(&parser, line, &mounts.items[mounts.count++]);
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
        size_t length = path_is_within(path, mount->point) ? strlen(mount->point) : 0;

        if (length > 0 && length >= longest) {
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
