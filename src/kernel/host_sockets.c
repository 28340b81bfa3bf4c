/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pathname sockets of the host.  /proc/net/unix tells the names that sockets were bound to, not
 * where they are now: a name may be relative to an unknown directory, come from another mount
 * namespace, or have been renamed or linked since.  So every directory that a name lies in is
 * looked through for sockets; where that does not find a bound socket either, it is counted as
 * lost, which the plan says.
 */
#include "kernel/host_internal.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define UNIX_TABLE_LIMIT (64U << 20)

/* All sockets in @directory.  One that can't be listed may still be searched: its name is known. */
static int add_sockets_of(struct arena *arena, struct host *host, const char *directory)
{
    _cleanup_closedir_ DIR *stream = opendir(directory);
    struct dirent *entry;

    if (stream == NULL && !host_is_answer(errno)) /* a second look, see there */
        stream = opendir(directory);
    if (stream == NULL)
        return host_is_no_answer(errno) ? -errno : 0;
    while ((errno = 0, entry = readdir(stream)) != NULL) {
        struct host_path fact;
        char *path;

        if (entry->d_type != DT_SOCK && entry->d_type != DT_UNKNOWN)
            continue;
        path = path_join(arena, directory, entry->d_name);
        if (path == NULL || host_path_probe(arena, path, &fact) < 0)
            return -ENOMEM;
        if (fact.type == HOST_FILE_SOCKET && fact.canonical != NULL &&
            host_strings_add_new(&host->sockets, arena, fact.canonical) < 0)
            return -ENOMEM;
    }
    return -errno;
}

/* The name in a line of the table, or NULL: a socket without one, an abstract one, or the server's
 * end of a connection, which has the listening socket's name but can't be connected to. */
static char *name_of(char *line)
{
    char flags[16];
    char type[16];
    int end = 0;

    if (sscanf(line, "%*s %*s %*s %15s %15s %*s %*s%n", flags, type, &end) != 2 || end == 0)
        return NULL;
    if (strcmp(type, "0002") != 0 && strcmp(flags, "00010000") != 0)
        return NULL;
    line += end;
    return line[0] == ' ' && line[1] != '\0' && line[1] != '@' ? line + 1 : NULL;
}

static int add_socket(struct arena *arena, struct host *host, struct host_strings *directories,
                      const char *name)
{
    struct host_path fact;
    char *parent;

    if (name[0] != '/') {
        host->lost_sockets++;
        return 0;
    }
    parent = path_parent(arena, name);
    if (parent == NULL || host_path_probe(arena, name, &fact) < 0 ||
        host_strings_add_new(directories, arena, parent) < 0)
        return -ENOMEM;
    if (fact.type == HOST_FILE_SOCKET && fact.canonical != NULL)
        return host_strings_add_new(&host->sockets, arena, fact.canonical);
    if (fact.error != EACCES) /* what the caller can't reach, the command can't */
        host->lost_sockets++;
    return 0;
}

int host_sockets_probe(struct arena *arena, struct host *host)
{
    struct host_strings directories = {0};
    char *save = NULL;
    char *text;
    int result = io_read_file(arena, AT_FDCWD, "/proc/net/unix", UNIX_TABLE_LIMIT, &text, NULL);

    if (result == -ENOENT)
        return 0; /* a kernel without AF_UNIX has no such sockets */
    if (result < 0)
        return result;
    for (char *line = strtok_r(text, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save)) {
        char *name = name_of(line);

        if (name != NULL && add_socket(arena, host, &directories, name) < 0)
            return -ENOMEM;
    }
    /* the caller's own directory is where a relative name often lies */
    if (host_strings_add_new(&directories, arena, host->cwd) < 0)
        return -ENOMEM;
    result = 0;
    for (size_t i = 0; i < directories.count && result == 0; i++)
        result = add_sockets_of(arena, host, directories.items[i]);
    return result;
}
