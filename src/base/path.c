/* SPDX-License-Identifier: Apache-2.0 */
#include "base/path.h"

#include <string.h>

char *path_absolute(struct arena *arena, const char *base, const char *path)
{
    char *joined = path[0] == '/' ? arena_strdup(arena, path) : path_join(arena, base, path);
    const char *read = joined;
    char *write = joined;

    if (joined == NULL)
        return NULL;
    while (*read != '\0') {
        const char *start;
        size_t length;

        while (*read == '/')
            read++;
        start = read;
        while (*read != '\0' && *read != '/')
            read++;
        length = (size_t)(read - start);
        if (length == 0 || (length == 1 && start[0] == '.'))
            continue;
        if (length == 2 && start[0] == '.' && start[1] == '.') {
            while (write > joined && *--write != '/')
                ;
            continue;
        }
        *write++ = '/';
        memmove(write, start, length);
        write += length;
    }
    if (write == joined)
        *write++ = '/';
    *write = '\0';
    return joined;
}

bool path_is_normal(const char *path)
{
    if (path[0] != '/')
        return false;
    if (path[1] == '\0')
        return true;
    while (*path == '/') {
        size_t length = strcspn(++path, "/");

        if (length == 0 || (path[0] == '.' && (length == 1 || (length == 2 && path[1] == '.'))))
            return false;
        path += length;
    }
    return true;
}

const char *path_relative(const char *path, const char *ancestor)
{
    size_t length = 0;

    /* asked of each path for each other one: most are told apart by their first bytes */
    while (ancestor[length] != '\0' && ancestor[length] == path[length])
        length++;
    if (ancestor[length] != '\0')
        return NULL;
    if (length == 1 || path[length] == '\0') /* "/", or the same */
        return path + length;
    return path[length] == '/' ? path + length + 1 : NULL;
}

bool path_is_root(const char *path)
{
    if (path[0] != '/')
        return false;
    while (*path == '/')
        path += path[1] == '.' && (path[2] == '/' || path[2] == '\0') ? 2 : 1;
    return *path == '\0';
}

bool path_is_within(const char *path, const char *ancestor)
{
    return path_relative(path, ancestor) != NULL;
}

bool path_is_below(const char *path, const char *ancestor)
{
    const char *rest = path_relative(path, ancestor);

    return rest != NULL && rest[0] != '\0';
}

bool path_is_same_below(const char *path, const char *base, const char *other,
                        const char *other_base)
{
    const char *rest = path_relative(path, base);
    const char *other_rest = path_relative(other, other_base);

    return rest != NULL && other_rest != NULL && strcmp(rest, other_rest) == 0;
}

char *path_join(struct arena *arena, const char *directory, const char *name)
{
    size_t head = strlen(directory);
    size_t tail = strlen(name);
    bool slash = tail > 0 && (head == 0 || directory[head - 1] != '/');
    char *joined = arena_alloc(arena, head + slash + tail + 1);

    if (joined == NULL)
        return NULL;
    memcpy(joined, directory, head + 1);
    if (slash)
        joined[head] = '/';
    memcpy(joined + head + slash, name, tail + 1);
    return joined;
}

char *path_parent(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');

    if (slash == NULL || slash == path)
        return arena_strdup(arena, "/");
    return arena_strndup(arena, path, (size_t)(slash - path));
}

int path_compare(const char *left, const char *right)
{
    while (*left != '\0' && *left == *right) {
        left++;
        right++;
    }
    if (*left == *right)
        return 0;
    if (*left == '\0' || *right == '\0')
        return *left == '\0' ? -1 : 1;
    if (*left == '/' || *right == '/')
        return *left == '/' ? -1 : 1;
    return (unsigned char)*left < (unsigned char)*right ? -1 : 1;
}
