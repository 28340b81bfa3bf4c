/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a profile depends on.
 *
 * Patterns are matched in trees that an earlier command may have filled, so the number of
 * directory entries that are looked at for one pattern has a bound, and a search that meets it
 * says so instead of leaving something out.
 */
#include "kernel/host_internal.h"

#include "base/cleanup.h"
#include "base/entries.h"
#include "base/path.h"
#include "base/pattern.h"
#include "kernel/landlock.h"
#include "kernel/mountinfo.h"
#include "kernel/profile_files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_ENTRIES 100000 /* looked at for one pattern */

/* ---- patterns ---- */

/* One search.  @path is what was walked so far; it and names read live in @scratch. */
struct search {
    struct arena *arena;
    struct arena *scratch;
    struct host_strings *matches;
    unsigned entries;
    char path[PATH_MAX];
    char name[PATH_MAX]; /* one component, for a moment */
};

/* Append "/" and @name to the path, which is @length bytes long; its new length, 0 where it is
 * longer than any path may be. */
static size_t append(struct search *search, size_t length, const char *name)
{
    size_t size = strlen(name);

    if (length + 1 + size >= sizeof(search->path))
        return 0;
    search->path[length] = '/';
    memcpy(search->path + length + 1, name, size + 1);
    return length + 1 + size;
}

/* Does the error mean that nothing is there, or, past the fixed part of a pattern, that there is
 * nothing that the caller could reach? */
static bool is_nothing(int number, bool fixed)
{
    if (fixed)
        return number == ENOENT || number == ENOTDIR;
    return number == ENOENT || number == ENOTDIR || number == EACCES || number == ELOOP ||
           number == ENAMETOOLONG;
}

static int add_match(struct search *search, bool fixed)
{
    struct stat status;
    const char *path = search->path[0] == '\0' ? "/" : search->path;

    if (stat(path, &status) < 0)
        return is_nothing(errno, fixed) ? 0 : -errno;
    if (search->matches->count == HOST_MAX_MATCHES)
        return -E2BIG;
    return host_strings_add(search->matches, search->arena, path);
}

/* The names in the directory of the path that fit the component; -errno where it can't be read. */
static int read_names(struct search *search, const char *pattern, size_t length,
                      struct host_strings *names)
{
    const char *path = search->path[0] == '\0' ? "/" : search->path;
    _cleanup_closedir_ DIR *stream = opendir(path);

    if (stream == NULL)
        return -errno;
    for (;;) {
        struct dirent *entry;

        errno = 0;
        entry = readdir(stream);
        if (entry == NULL)
            return -errno;
        if (++search->entries > MAX_ENTRIES)
            return -E2BIG;
        /* "." and ".." are no matches of ".*": they would name what is outside */
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
            !pattern_fits(pattern, length, entry->d_name))
            continue;
        if (host_strings_add(names, search->scratch, entry->d_name) < 0)
            return -ENOMEM;
    }
}

/* Match @pattern, what is left of it, below the path of @length bytes.  @fixed: no component
 * before it was a pattern, so what can't be read here is an answer, not a miss. */
static int search_below(struct search *search, size_t length, const char *pattern, bool fixed)
{
    struct host_strings names = {0};
    size_t size;
    int result;

    for (;;) {
        pattern += strspn(pattern, "/");
        size = strcspn(pattern, "/");
        if (size == 0)
            return add_match(search, fixed);
        if (!pattern_is_literal(pattern, size, search->name))
            break;
        length = append(search, length, search->name);
        if (length == 0)
            return 0;
        pattern += size;
    }
    result = read_names(search, pattern, size, &names);
    if (result < 0)
        return is_nothing(-result, fixed) ? 0 : result;
    for (size_t i = 0; result == 0 && i < names.count; i++) {
        size_t below = append(search, length, names.items[i]);

        if (below > 0)
            result = search_below(search, below, pattern + size, false);
        search->path[length] = '\0';
    }
    return result;
}

static int compare_strings(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static int pattern_probe(struct arena *arena, const char *pattern, struct host_pattern *ret_fact)
{
    _cleanup_arena_ struct arena *scratch = arena_new();
    struct host_pattern fact = {.pattern = pattern};
    struct search search = {.arena = arena, .scratch = scratch, .matches = &fact.matches};
    int result = scratch == NULL ? -ENOMEM : 0;

    if (result == 0 && strlen(pattern) >= PATH_MAX)
        result = -ENAMETOOLONG;
    if (result == 0)
        result = search_below(&search, 0, pattern, true);
    if (result == -ENOMEM)
        return result;
    if (result < 0)
        fact.matches = (struct host_strings){0};
    fact.error = -result;
    if (fact.matches.count > 1)
        qsort(fact.matches.items, fact.matches.count, sizeof(*fact.matches.items), compare_strings);
    *ret_fact = fact;
    return 0;
}

const struct host_pattern *host_pattern_find(const struct host *host, const char *pattern)
{
    for (size_t i = 0; i < host->patterns.count; i++)
        if (strcmp(host->patterns.items[i].pattern, pattern) == 0)
            return &host->patterns.items[i];
    return NULL;
}

int host_patterns_probe(struct arena *arena, const struct host_request *request, struct host *host)
{
    for (size_t i = 0; i < request->patterns.count; i++) {
        struct host_pattern *fact;

        if (host_pattern_find(host, request->patterns.items[i]) != NULL)
            continue;
        fact = ARENA_PUSH(arena, &host->patterns);
        if (fact == NULL)
            return -ENOMEM;
        fact->pattern = request->patterns.items[i];
        if (pattern_probe(arena, request->patterns.items[i], fact) < 0)
            return -ENOMEM;
    }
    return 0;
}

/* ---- everything ---- */

int host_probe_profile(struct arena *arena, const struct host_request *request, struct host *host,
                       struct sbx_error *err)
{
    _cleanup_host_near_ struct host_near near = HOST_NEAR_NONE;
    int r;

    if (request->landlock)
        host->landlock_abi = landlock_abi();
    for (size_t i = 0; i < request->paths.count; i++) {
        struct host_path fact;

        if (host_path_find(host, request->paths.items[i]) != NULL)
            continue;
        if (host_path_probe_near(arena, &near, request->paths.items[i], &fact) < 0 ||
            host_paths_add(&host->paths, arena, &fact) < 0)
            return error_oom(err);
    }
    if (host_patterns_probe(arena, request, host) < 0)
        return error_oom(err);
    if (!request->cgroups)
        return 0;
    r = mountinfo_read(arena, &host->mounts, err);
    return r < 0 ? r : host_cgroups_probe(arena, request, host) < 0 ? error_oom(err) : 0;
}

/* ---- the directories of profiles ---- */

static int add_directory(struct arena *arena, struct host *host, const char *base, const char *rest)
{
    const char *path;

    if (base == NULL || base[0] != '/')
        return 0;
    path = path_absolute(arena, base, rest);
    return path == NULL ? -ENOMEM : host_strings_add_new(&host->profile_directories, arena, path);
}

/* A profile that is a link is written where it leads to.  Links of somebody else's in the shipped
 * directory needn't be known: they can't lead to a file of the caller's (profile_file_read()). */
static int add_links(struct arena *arena, struct host *host, const char *directory)
{
    _cleanup_close_ int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct entries entries = {.fd = fd};

    for (unsigned i = 0; fd >= 0 && i < MAX_ENTRIES; i++) {
        const struct dirent64 *entry = entries_next(&entries);

        if (entry == NULL)
            break;
        if ((entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN) && entry->d_name[0] != '.' &&
            add_directory(arena, host, directory, entry->d_name) < 0)
            return -ENOMEM;
    }
    return 0;
}

static bool is_shipped_by_another(const struct profile_directories *directories, const char *path)
{
    const struct profile_directory *last = &directories->items[directories->count - 1];
    struct stat status;

    return last->source == PROFILE_SOURCE_SHIPPED && strcmp(last->path, path) == 0 &&
           geteuid() != 0 && stat(path, &status) == 0 && status.st_uid != geteuid();
}

int host_profile_directories_probe(struct arena *arena, struct host *host)
{
    struct profile_directories directories;

    /* all of the user's that another environment could make count, not just the one that does */
    if (add_directory(arena, host, host_getenv(host, "XDG_CONFIG_HOME"), "sbx/profiles") < 0 ||
        add_directory(arena, host, host_getenv(host, "HOME"), ".config/sbx/profiles") < 0 ||
        add_directory(arena, host, host->passwd_home, ".config/sbx/profiles") < 0 ||
        profile_directories_find(arena, host, &directories, NULL) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < directories.count; i++)
        if (host_strings_add_new(&host->profile_directories, arena, directories.items[i].path) < 0)
            return -ENOMEM;
    /* the list grows behind the directories */
    for (size_t i = 0, count = host->profile_directories.count; i < count; i++)
        if (!is_shipped_by_another(&directories, host->profile_directories.items[i]) &&
            add_links(arena, host, host->profile_directories.items[i]) < 0)
            return -ENOMEM;
    return 0;
}
