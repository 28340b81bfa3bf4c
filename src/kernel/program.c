/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/program.h"

#include "base/cleanup.h"
#include "base/path.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

/* Without /proc: the name by which the kernel was asked for the program. */
static char *directory_by_name(struct arena *arena)
{
    const char *name = (const char *)getauxval(AT_EXECFN);
    char cwd[PATH_MAX];
    char *path;

    if (name == NULL || strchr(name, '/') == NULL || getcwd(cwd, sizeof(cwd)) == NULL)
        return arena_strdup(arena, "");
    path = path_absolute(arena, cwd, name);
    return path == NULL ? NULL : path_parent(arena, path);
}

char *program_directory(struct arena *arena)
{
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

    if (length <= 0 || path[0] != '/')
        return directory_by_name(arena);
    path[length] = '\0';
    return path_parent(arena, path);
}

const char program_helpers[] = SBX_HELPER_DIR;

char *program_called(struct arena *arena, const char *path)
{
    static const char *const places[] = {"sbx", "../../bin/sbx"};
    const char *name = strrchr(path, '/');
    const char *directory = path_parent(arena, path);

    if (directory == NULL)
        return NULL;
    for (size_t i = 0; i < ARRAY_SIZE(places) && strcmp(name, "/" PROGRAM_WHOLE) == 0; i++) {
        char *called = path_absolute(arena, directory, places[i]);

        if (called == NULL || access(called, X_OK) == 0)
            return called;
    }
    return arena_strdup(arena, path);
}

/*
 * May the file at @path be taken for a part of sbx?  It is executed with all that the caller may
 * do, and lies in a directory that may be shared: it has to be root's or of the running program's
 * owner, and nobody may write to it who may not write to that.
 */
static bool is_part(const char *path)
{
    const char *name = (const char *)getauxval(AT_EXECFN);
    struct stat own = {0};
    struct stat link;
    struct stat file;

    if (stat("/proc/self/exe", &own) < 0 && (name == NULL || stat(name, &own) < 0))
        own = (struct stat){0};
    if (lstat(path, &link) < 0 || stat(path, &file) < 0 || access(path, X_OK) < 0)
        return false;
    if (file.st_dev == own.st_dev &&
        file.st_ino == own.st_ino) /* it would go on as itself, for ever */
        return false;
    if ((link.st_uid != 0 && link.st_uid != own.st_uid) ||
        (file.st_uid != 0 && file.st_uid != own.st_uid))
        return false;
    if ((file.st_mode & S_IWGRP) != 0 && file.st_gid != own.st_gid)
        return false;
    return S_ISREG(file.st_mode) && (file.st_mode & (S_IWGRP | S_IWOTH) & ~own.st_mode) == 0;
}

int program_helper(struct arena *arena, const char *name, const char **ret_path)
{
    static const char *const places[] = {"", "../libexec/sbx/"};
    const char *program = program_directory(arena);
    char *path;

    if (program == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < ARRAY_SIZE(places) && program[0] != '\0'; i++) {
        const char *relative = arena_printf(arena, "%s%s", places[i], name);

        path = relative == NULL ? NULL : path_absolute(arena, program, relative);
        if (path == NULL)
            return -ENOMEM;
        if (is_part(path)) {
            *ret_path = path;
            return 0;
        }
    }
    path = arena_printf(arena, "%s/%s", program_helpers, name);
    if (path == NULL)
        return -ENOMEM;
    *ret_path = is_part(path) ? path : NULL;
    return 0;
}
