/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/program.h"

#include "base/path.h"

#include <limits.h>
#include <unistd.h>

char *program_directory(struct arena *arena)
{
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

    if (length <= 0 || path[0] != '/')
        return arena_strdup(arena, "");
    path[length] = '\0';
    return path_parent(arena, path);
}
