/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/profile_files.h"

#include "base/cleanup.h"
#include "base/entries.h"
#include "base/path.h"
#include "kernel/program.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SUFFIX           ".yaml"
#define LOCAL_SUFFIX     ".local"
#define NAME_LENGTH      64
#define MAX_ENTRIES      100000 /* of one directory */
#define SYSTEM_DIRECTORY "/etc/sbx/profiles"
#define SHIPPED_BELOW    "share/sbx/profiles"

static const char name_first[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const char profile_name_bytes[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-";

bool profile_is_name(const char *name)
{
    size_t length = strlen(name);

    return length > 0 && length <= NAME_LENGTH && strchr(name_first, name[0]) != NULL &&
           strspn(name, profile_name_bytes) == length;
}

bool profile_is_local_name(const char *name)
{
    size_t length = strlen(name);

    return length > strlen(LOCAL_SUFFIX) &&
           strcmp(name + length - strlen(LOCAL_SUFFIX), LOCAL_SUFFIX) == 0;
}

/* ---- where ---- */

static int add_directory(struct arena *arena, struct profile_directories *directories,
                         enum profile_source source, const char *path)
{
    struct profile_directory *slot;

    if (path == NULL)
        return -ENOMEM;
    slot = ARENA_PUSH(arena, directories);
    if (slot == NULL)
        return -ENOMEM;
    *slot = (struct profile_directory){.source = source, .path = path};
    return 0;
}

static int add_user_directory(struct arena *arena, const struct host *caller,
                              struct profile_directories *directories)
{
    const char *config = host_getenv(caller, "XDG_CONFIG_HOME");
    const char *home = host_getenv(caller, "HOME");
    const char *path;

    if (home == NULL || home[0] != '/')
        home = caller->passwd_home;
    if (config != NULL && config[0] == '/')
        path = path_absolute(arena, config, "sbx/profiles");
    else if (home != NULL && home[0] == '/')
        path = path_absolute(arena, home, ".config/sbx/profiles");
    else
        return 0;
    return add_directory(arena, directories, PROFILE_SOURCE_USER, path);
}

static bool is_directory(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static int add_shipped_directory(struct arena *arena, struct profile_directories *directories)
{
    /* beside it, or of a prefix that is not the compiled one: sbx, and sbx-full in libexec/sbx */
    static const char *const places[] = {SHIPPED_BELOW, "../" SHIPPED_BELOW,
                                         "../../" SHIPPED_BELOW};
    const char *program = program_directory(arena);

    if (program == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < ARRAY_SIZE(places) && program[0] != '\0'; i++) {
        char *path = path_absolute(arena, program, places[i]);

        if (path == NULL)
            return -ENOMEM;
        if (is_directory(path))
            return add_directory(arena, directories, PROFILE_SOURCE_SHIPPED, path);
    }
    return add_directory(arena, directories, PROFILE_SOURCE_SHIPPED, SBX_PROFILE_DIR);
}

int profile_directories_find(struct arena *arena, const struct host *caller,
                             struct profile_directories *ret_directories, struct sbx_error *err)
{
    struct profile_directories directories = {0};

    if (add_user_directory(arena, caller, &directories) < 0 ||
        add_directory(arena, &directories, PROFILE_SOURCE_SYSTEM, SYSTEM_DIRECTORY) < 0 ||
        add_shipped_directory(arena, &directories) < 0)
        return error_oom(err);
    *ret_directories = directories;
    return 0;
}

/* ---- which ---- */

/* The stem of @entry where that is a profile's name, or NULL. */
static char *stem_of(struct arena *arena, const struct dirent64 *entry, int *ret_result)
{
    size_t length = strlen(entry->d_name);
    char stem[NAME_LENGTH + 1];
    char *name;

    if (length <= strlen(SUFFIX) || length - strlen(SUFFIX) > NAME_LENGTH ||
        strcmp(entry->d_name + length - strlen(SUFFIX), SUFFIX) != 0)
        return NULL;
    memcpy(stem, entry->d_name, length - strlen(SUFFIX));
    stem[length - strlen(SUFFIX)] = '\0';
    if (!profile_is_name(stem))
        return NULL;
    name = arena_strdup(arena, stem);
    if (name == NULL)
        *ret_result = -ENOMEM;
    return name;
}

static int add_file(struct arena *arena, const struct profile_directory *directory,
                    const struct dirent64 *entry, struct profile_files *files)
{
    int result = 0;
    char *name = stem_of(arena, entry, &result);
    struct profile_file *slot;

    if (name == NULL)
        return result;
    slot = ARENA_PUSH(arena, files);
    if (slot == NULL)
        return -ENOMEM;
    *slot = (struct profile_file){.name = name,
                                  .path = path_join(arena, directory->path, entry->d_name),
                                  .source = directory->source};
    return slot->path == NULL ? -ENOMEM : 0;
}

static int compare_files(const void *left, const void *right)
{
    const struct profile_file *a = left;
    const struct profile_file *b = right;

    return strcmp(a->name, b->name);
}

static int read_entries(struct arena *arena, int fd, const struct profile_directory *directory,
                        struct profile_files *files)
{
    struct entries entries = {.fd = fd};

    for (unsigned count = 0; count <= MAX_ENTRIES; count++) {
        const struct dirent64 *entry = entries_next(&entries);
        int result;

        if (entry == NULL)
            return -errno;
        if (entry->d_type == DT_DIR)
            continue;
        result = add_file(arena, directory, entry, files);
        if (result < 0)
            return result;
    }
    return -E2BIG;
}

int profile_files_list(struct profile_reader *reader, const struct profile_directory *directory,
                       struct profile_files *ret_files, struct sbx_error *err)
{
    int fd = profile_reader_list(reader, directory->path, directory->source, err);
    struct profile_files files = {0};
    int result;

    if (fd < 0) {
        if (fd == -ENOENT)
            *ret_files = files;
        return fd == -ENOENT ? 0 : fd;
    }
    result = read_entries(reader->arena, fd, directory, &files);
    if (result == -ENOMEM)
        return error_oom(err);
    if (result < 0)
        return error_set(err, SBX_ERROR_SETUP, -result, "profile", directory->path,
                         "the directory '%s' can't be read", directory->path);
    if (files.count > 0)
        qsort(files.items, files.count, sizeof(*files.items), compare_files);
    *ret_files = files;
    return 0;
}
