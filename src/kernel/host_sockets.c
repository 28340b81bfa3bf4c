/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pathname sockets of the host.  /proc/net/unix tells the names that sockets were bound to, not
 * where they are now: a name may be relative to an unknown directory, come from another mount
 * namespace, or have been renamed or linked since.  So every directory that a name lies in is
 * looked through for sockets; what that does not find is looked for by its name, and where that
 * does not find a bound socket either, it is counted as lost, which the plan says.
 *
 * A desktop has hundreds of them: they are taken directory by directory, and what a listing has
 * shown needs no look of its own.
 */
#include "kernel/host_internal.h"

#include "base/cleanup.h"
#include "base/entries.h"
#include "base/io.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define UNIX_TABLE_LIMIT (64U << 20)

/* One walk over all of them. */
struct walk {
    struct arena *arena;
    struct host *host;
    struct host_near near;
    struct host_strings listed; /* canonical directories */
};

static int compare_strings(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static size_t length_of_directory(const char *name)
{
    return (size_t)(strrchr(name, '/') - name);
}

/* What lies in one directory comes together, whatever lies below it. */
static int compare_names(const void *left, const void *right)
{
    const char *a = *(const char *const *)left;
    const char *b = *(const char *const *)right;
    size_t length = length_of_directory(a);
    size_t other = length_of_directory(b);

    return length == other ? strcmp(a, b) : length < other ? -1 : 1;
}

/* Does a mount begin at the canonical @path?  Then the listing shows what lies beneath. */
static bool is_covered(const struct host *host, const char *path)
{
    for (size_t i = 0; i < host->mounts.count; i++)
        if (strcmp(host->mounts.items[i].point, path) == 0)
            return true;
    return false;
}

/* @path, by the name of its entry in a canonical directory, may be a socket. */
static int add_entry(struct walk *walk, const char *path, unsigned char type)
{
    struct host_path fact;

    if (type == DT_SOCK && !is_covered(walk->host, path))
        return host_strings_add(&walk->host->sockets, walk->arena, path);
    if (host_path_probe_near(walk->arena, &walk->near, path, &fact) < 0)
        return -ENOMEM;
    return fact.type == HOST_FILE_SOCKET && fact.canonical != NULL
               ? host_strings_add_new(&walk->host->sockets, walk->arena, fact.canonical)
               : 0;
}

/* Add the sockets in the open directory, sorted; *@ret_first is the first of them. */
static int list_sockets(struct walk *walk, int fd, const char *directory, size_t *ret_first)
{
    struct host_strings *sockets = &walk->host->sockets;
    struct entries entries = {.fd = fd};
    const struct dirent64 *entry;

    *ret_first = sockets->count;
    while ((entry = entries_next(&entries)) != NULL) {
        char *path;

        if (entry->d_type != DT_SOCK && entry->d_type != DT_UNKNOWN)
            continue;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        path = path_join(walk->arena, directory, entry->d_name);
        if (path == NULL || add_entry(walk, path, entry->d_type) < 0)
            return -ENOMEM;
    }
    if (errno != 0)
        return -errno;
    if (sockets->count > *ret_first + 1)
        qsort(sockets->items + *ret_first, sockets->count - *ret_first, sizeof(*sockets->items),
              compare_strings);
    return 0;
}

/* Look through @directory; *@ret_place is where it really is, NULL where that was not done, for it
 * can't be listed: then it may still be searched, and names are known. */
static int add_directory(struct walk *walk, const char *directory, const char **ret_place,
                         size_t *ret_first)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC;
    _cleanup_close_ int fd = open(directory, flags);
    struct host_path fact;

    *ret_place = NULL;
    if (fd < 0 && !host_is_answer(errno)) /* a second look, see there */
        fd = open(directory, flags);
    if (fd < 0)
        return host_is_no_answer(errno) ? -errno : 0;
    if (host_path_describe(walk->arena, fd, directory, &fact) < 0)
        return -ENOMEM;
    if (fact.canonical == NULL)
        return 0;
    /* by another name it was looked through before: single names tell then */
    if (host_strings_contain(&walk->listed, fact.canonical))
        return 0;
    if (host_strings_add(&walk->listed, walk->arena, fact.canonical) < 0)
        return -ENOMEM;
    *ret_place = fact.canonical;
    return list_sockets(walk, fd, fact.canonical, ret_first);
}

/* A name that no listing has shown. */
static int add_name(struct walk *walk, const char *name)
{
    struct host_path fact;

    if (host_path_probe_near(walk->arena, &walk->near, name, &fact) < 0)
        return -ENOMEM;
    if (fact.type == HOST_FILE_SOCKET && fact.canonical != NULL)
        return host_strings_add_new(&walk->host->sockets, walk->arena, fact.canonical);
    if (fact.error != EACCES) /* what the caller can't reach, the command can't */
        walk->host->lost_sockets++;
    return 0;
}

static bool is_shown(const struct host_strings *sockets, size_t first, const char *path)
{
    return sockets->count > first && bsearch(&path, sockets->items + first, sockets->count - first,
                                             sizeof(*sockets->items), compare_strings) != NULL;
}

/* @count names that lie in one directory: the part of each before its last slash is the same. */
static int add_names(struct walk *walk, const char *const *names, size_t count)
{
    struct host_strings *sockets = &walk->host->sockets;
    char *directory = path_parent(walk->arena, names[0]);
    const char *place;
    size_t first = 0;
    size_t end;
    int result = directory == NULL ? -ENOMEM : add_directory(walk, directory, &place, &first);

    end = sockets->count;
    for (size_t i = 0; i < count && result == 0; i++) {
        const char *path =
            place == NULL ? NULL : path_join(walk->arena, place, strrchr(names[i], '/') + 1);
        struct host_strings shown = {.items = sockets->items, .count = end};

        if (place != NULL && path == NULL)
            return -ENOMEM;
        if (path == NULL || !is_shown(&shown, first, path))
            result = add_name(walk, names[i]);
    }
    return result;
}

/* How many of the sorted @names, from the first on, lie in the directory of the first. */
static size_t count_together(const char *const *names, size_t count)
{
    size_t length = length_of_directory(names[0]);
    size_t same = 1;

    while (same < count && length_of_directory(names[same]) == length &&
           memcmp(names[same], names[0], length) == 0)
        same++;
    return same;
}

/* The name in a line of the table, or NULL: a socket without one, an abstract one, or the server's
 * end of a connection, which has the listening socket's name but can't be connected to. */
static char *name_of(char *line)
{
    enum { NUMBER, REFERENCES, PROTOCOL, FLAGS, TYPE, STATE, INODE, FIELDS };
    const char *fields[FIELDS];

    /* not sscanf(3), which takes longer than all else that is done about a socket */
    for (unsigned i = 0; i < FIELDS; i++) {
        fields[i] = line += strspn(line, " ");
        line += strcspn(line, " ");
        if (line == fields[i])
            return NULL;
    }
    if (strncmp(fields[TYPE], "0002 ", 5) != 0 && strncmp(fields[FLAGS], "00010000 ", 9) != 0)
        return NULL;
    return line[0] == ' ' && line[1] != '\0' && line[1] != '@' ? line + 1 : NULL;
}

/* Sort the names that can be looked for; those that can't are lost: relative ones, and those of a
 * process's own descriptors, which sbx itself uses (run/register.c). */
static int read_names(struct walk *walk, char *text, struct host_strings *names)
{
    char *save = NULL;

    for (char *line = strtok_r(text, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save)) {
        const char **slot;
        char *name = name_of(line);

        if (name == NULL)
            continue;
        if (name[0] != '/' || path_is_below(name, "/proc/self")) {
            walk->host->lost_sockets++;
            continue;
        }
        slot = ARENA_PUSH(walk->arena, names);
        if (slot == NULL)
            return -ENOMEM;
        *slot = name;
    }
    if (names->count > 1)
        qsort(names->items, names->count, sizeof(*names->items), compare_names);
    return 0;
}

static int add_all(struct walk *walk, const struct host_strings *names)
{
    const char *place;
    size_t first;
    int result = 0;

    for (size_t i = 0; i < names->count && result == 0;) {
        size_t together = count_together(names->items + i, names->count - i);

        result = add_names(walk, names->items + i, together);
        i += together;
    }
    /* the caller's own directory is where a relative name often lies */
    return result < 0 ? result : add_directory(walk, walk->host->cwd, &place, &first);
}

int host_sockets_probe(struct arena *arena, struct host *host)
{
    struct walk walk = {.arena = arena, .host = host, .near = HOST_NEAR_NONE};
    struct host_strings names = {0};
    char *text;
    int result = io_read_file(arena, AT_FDCWD, "/proc/net/unix", UNIX_TABLE_LIMIT, &text, NULL);

    if (result == -ENOENT)
        return 0; /* a kernel without AF_UNIX has no such sockets */
    if (result == 0)
        result = read_names(&walk, text, &names);
    if (result == 0)
        result = add_all(&walk, &names);
    cleanup_host_near(&walk.near);
    return result;
}
