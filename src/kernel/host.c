/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/host.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "base/path.h"
#include "kernel/account.h"
#include "kernel/capability.h"
#include "kernel/host_internal.h"
#include "kernel/landlock.h"
#include "kernel/mountinfo.h"
#include "kernel/state_directory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/kcmp.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>

#define CONTENT_LIMIT (16U << 20)

bool host_strings_contain(const struct host_strings *strings, const char *text)
{
    for (size_t i = 0; i < strings->count; i++)
        if (strcmp(strings->items[i], text) == 0)
            return true;
    return false;
}

int host_strings_add(struct host_strings *strings, struct arena *arena, const char *text)
{
    const char **slot = ARENA_PUSH(arena, strings);

    if (slot == NULL || (*slot = arena_strdup(arena, text)) == NULL)
        return -ENOMEM;
    return 0;
}

int host_strings_add_new(struct host_strings *strings, struct arena *arena, const char *text)
{
    return host_strings_contain(strings, text) ? 0 : host_strings_add(strings, arena, text);
}

int host_paths_add(struct host_paths *paths, struct arena *arena, const struct host_path *fact)
{
    struct host_path *slot = ARENA_PUSH(arena, paths);

    if (slot == NULL)
        return -ENOMEM;
    *slot = *fact;
    return path_index_add(&paths->by_path, arena, path_prefix_whole(fact->path).hash,
                          paths->count - 1);
}

static const struct host_path *find_path(const struct host_paths *paths, const char *path)
{
    struct path_search search = path_index_search(&paths->by_path, path_prefix_whole(path).hash);
    size_t i;

    while (path_search_next(&search, &i))
        if (strcmp(paths->items[i].path, path) == 0)
            return &paths->items[i];
    return NULL;
}

const struct host_fd *host_fd_find(const struct host *host, int fd)
{
    for (size_t i = 0; i < host->fds.count; i++)
        if (host->fds.items[i].fd == fd && host->fds.items[i].open)
            return &host->fds.items[i];
    return NULL;
}

const struct host_path *host_path_find(const struct host *host, const char *path)
{
    return find_path(&host->paths, path);
}

const struct host_path *host_inside_path(const struct host *host, const char *path)
{
    return find_path(host->tree.path != NULL ? &host->tree.paths : &host->paths, path);
}

const char *host_inside_leads_to(struct arena *arena, const struct host *host, const char *path)
{
    const struct host_place *place = host->tree.path == NULL ? NULL : host_inside_place(host, path);

    if (host->tree.path == NULL)
        return host_path_leads_to(arena, host, path);
    return place != NULL && place->error == 0 ? place->place : path;
}

const char *host_path_leads_to(struct arena *arena, const struct host *host, const char *path)
{
    const struct host_path *fact = host_path_find(host, path);
    const char *parent;

    if (fact != NULL && fact->canonical != NULL)
        return fact->canonical;
    parent = path_parent(arena, path);
    if (parent == NULL)
        return NULL;
    fact = host_path_find(host, parent);
    return fact == NULL || fact->canonical == NULL
               ? path
               : path_join(arena, fact->canonical, strrchr(path, '/') + 1);
}

static const struct host_content *find_content(const struct host_contents *contents,
                                               const char *path)
{
    for (size_t i = 0; i < contents->count; i++)
        if (strcmp(contents->items[i].path, path) == 0)
            return &contents->items[i];
    return NULL;
}

const struct host_content *host_content_find(const struct host *host, const char *path)
{
    return find_content(&host->contents, path);
}

const struct host_content *host_inside_content(const struct host *host, const char *path)
{
    return find_content(host->tree.path != NULL ? &host->tree.contents : &host->contents, path);
}

const char *host_getenv(const struct host *host, const char *name)
{
    size_t length = strlen(name);

    for (const char *const *entry = host->environment; entry != NULL && *entry != NULL; entry++)
        if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=')
            return *entry + length + 1;
    return NULL;
}

static const char passwd_path[] = "/etc/passwd";

/* The text is kept: a plan mostly wants it too, and both should be of one moment. */
static int find_account(struct arena *arena, struct host *host, struct account *ret_account)
{
    struct host_content *content;
    struct stat status;
    char *text;
    size_t size;
    int result = io_read_known(arena, AT_FDCWD, passwd_path, CONTENT_LIMIT, &text, &size, &status);

    if (result == 0) {
        content = ARENA_PUSH(arena, &host->contents);
        if (content == NULL)
            return -ENOMEM;
        *content = (struct host_content){.path = passwd_path,
                                         .data = text,
                                         .size = size,
                                         .device = status.st_dev,
                                         .inode = status.st_ino};
        result = account_in_text(arena, text, size, NULL, host->uid, ret_account);
    }
    /* others may know, or know better where the file can't be read */
    return result < 0 && result != -ENOMEM ? account_by_uid(arena, host->uid, ret_account) : result;
}

static int probe_account(struct arena *arena, struct host *host)
{
    struct account account;
    int result = find_account(arena, host, &account);

    if (result == 0) {
        host->user = account.name;
        host->passwd_home = account.home[0] == '/' ? account.home : NULL;
        host->passwd_shell = account.shell;
        host->user_is_local = account.local;
    } else if (result != -ENOENT) {
        return result;
    }
    return 0;
}

/* Few callers have more than 32, for which the kernel is asked how many there are. */
static int read_groups(struct arena *arena, gid_t **ret_groups)
{
    int count = 32;
    gid_t *groups = arena_alloc(arena, (size_t)count * sizeof(*groups));
    int got = groups == NULL ? -1 : getgroups(count, groups);

    if (groups != NULL && got < 0 && errno == EINVAL) {
        count = getgroups(0, NULL);
        groups = arena_alloc(arena, (size_t)(count < 0 ? 1 : count + 1) * sizeof(*groups));
        got = groups == NULL || count < 0 ? -1 : getgroups(count, groups);
    }
    if (groups == NULL)
        return -ENOMEM;
    *ret_groups = groups;
    return got < 0 ? -errno : got;
}

static int probe_groups(struct arena *arena, struct host *host)
{
    gid_t *groups = NULL;
    int count = read_groups(arena, &groups);

    if (count < 0)
        return count;
    for (int i = 0; i < count; i++) {
        struct host_group *group;

        if (groups[i] == host->gid)
            continue;
        group = ARENA_PUSH(arena, &host->groups);
        if (group == NULL)
            return -ENOMEM;
        group->gid = groups[i];
        group->name = account_group_name(arena, groups[i]);
    }
    return 0;
}

/* Where @left and @right are open on one file, @status: does it matter in which order something is
 * written to the two?  Not for two openings of a regular file, each with a place of its own in it;
 * "2>&1" is one opening.  Where kcmp(2) is forbidden it is taken for that. */
static bool is_same_stream(int left, int right, const struct stat *status)
{
    long difference = syscall(SYS_kcmp, getpid(), getpid(), KCMP_FILE, left, right);

    return !S_ISREG(status->st_mode) || difference <= 0 ||
           (fcntl(left, F_GETFL) & fcntl(right, F_GETFL) & O_APPEND) != 0;
}

/* See struct host_fd; @standard: of descriptors 0 to 2, as far as they are open. */
static int first_of_same_stream(const struct host *host, int fd, const struct stat *status,
                                const struct stat standard[static 3])
{
    for (int first = 0; first < fd && first <= 2; first++)
        if (host->fds.items[first].open && standard[first].st_dev == status->st_dev &&
            standard[first].st_ino == status->st_ino && is_same_stream(first, fd, status))
            return first;
    return fd;
}

static int probe_fd(struct arena *arena, struct host *host, int fd, struct stat standard[static 3])
{
    struct host_fd *fact = ARENA_PUSH(arena, &host->fds);
    struct stat status;
    int flags;

    if (fact == NULL)
        return -ENOMEM;
    fact->fd = fact->same = fd;
    flags = fcntl(fd, F_GETFL);
    if (flags < 0)
        return errno == EBADF ? 0 : -errno;
    if (fstat(fd, &status) < 0)
        return -errno;
    fact->open = true;
    fact->directory = S_ISDIR(status.st_mode);
    fact->file = S_ISREG(status.st_mode);
    fact->path_only = (flags & O_PATH) != 0;
    fact->writable = !fact->path_only && (flags & O_ACCMODE) != O_RDONLY;
    fact->pipe = S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode);
    fact->terminal = !fact->path_only && S_ISCHR(status.st_mode) && isatty(fd);
    fact->same = first_of_same_stream(host, fd, &status, standard);
    if (fd >= 0 && fd <= 2)
        standard[fd] = status;
    return 0;
}

/* The device path of the first terminal among descriptors 0 to 2, as long as it leads there. */
static int probe_terminal(struct arena *arena, struct host *host)
{
    for (int fd = 0; fd <= 2; fd++) {
        char link[PATH_MAX];
        char name[32];
        struct stat terminal;
        struct stat path;
        ssize_t length;

        if (!host->fds.items[fd].terminal)
            continue;
        snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
        length = readlink(name, link, sizeof(link) - 1);
        if (length <= 0)
            continue;
        link[length] = '\0';
        if (fstat(fd, &terminal) < 0 || stat(link, &path) < 0 || !S_ISCHR(path.st_mode) ||
            path.st_dev != terminal.st_dev || path.st_ino != terminal.st_ino)
            continue;
        host->terminal = arena_strdup(arena, link);
        return host->terminal == NULL ? -ENOMEM : 0;
    }
    return 0;
}

static int probe_descriptors(struct arena *arena, const struct host_request *request,
                             struct host *host)
{
    struct stat standard[3] = {0};
    int result = 0;

    for (int fd = 0; fd <= 2 && result == 0; fd++)
        result = probe_fd(arena, host, fd, standard);
    for (size_t i = 0; i < request->keep_fd_count && result == 0; i++)
        result = probe_fd(arena, host, request->keep_fds[i], standard);
    return result < 0 ? result : probe_terminal(arena, host);
}

static int probe_paths(struct arena *arena, const struct host_request *request, struct host *host)
{
    _cleanup_host_near_ struct host_near near = HOST_NEAR_NONE;

    for (size_t i = 0; i < request->paths.count; i++) {
        struct host_path fact;
        int result;

        if (host_path_find(host, request->paths.items[i]) != NULL)
            continue;
        result = host_path_probe_near(arena, &near, request->paths.items[i], &fact);
        if (result == 0)
            result = host_paths_add(&host->paths, arena, &fact);
        if (result < 0)
            return result;
    }
    for (size_t i = 0; i < request->hidden.count; i++) {
        struct host_path fact;
        int result = host_path_ask(arena, host, request->hidden.items[i], &fact);

        if (result == 0 && fact.canonical != NULL)
            result = host_aliases_probe(arena, host, fact.canonical);
        if (result < 0)
            return result;
    }
    return 0;
}

static int probe_places(struct arena *arena, const struct host_request *request, struct host *host)
{
    for (size_t i = 0; i < request->places.count; i++) {
        struct host_place *fact = ARENA_PUSH(arena, &host->places);
        int result =
            fact == NULL ? -ENOMEM : host_place_probe(arena, "", request->places.items[i], fact);

        if (result < 0)
            return result;
    }
    return 0;
}

static int probe_contents(struct arena *arena, const struct host_request *request,
                          struct host *host)
{
    for (size_t i = 0; i < request->files.count; i++) {
        struct host_content *content;
        struct stat status = {0};
        char *data = NULL;
        int result;

        if (host_content_find(host, request->files.items[i]) != NULL)
            continue;
        content = ARENA_PUSH(arena, &host->contents);
        if (content == NULL)
            return -ENOMEM;
        content->path = request->files.items[i];
        for (int look = 0; look < 2; look++) { /* see host_is_answer() */
            result = io_read_known(arena, AT_FDCWD, content->path, CONTENT_LIMIT, &data,
                                   &content->size, &status);
            if (host_is_answer(-result))
                break;
        }
        if (host_is_no_answer(-result))
            return result;
        content->data = data;
        content->device = status.st_dev;
        content->inode = status.st_ino;
        content->error = -result;
    }
    return 0;
}

static int probe_cwd(struct arena *arena, struct host *host, struct sbx_error *err)
{
    char cwd[PATH_MAX];

    /* the kernel says "(unreachable)" for a directory outside the root */
    if (getcwd(cwd, sizeof(cwd)) == NULL || cwd[0] != '/')
        return error_set(err, SBX_ERROR_SETUP,
                         errno == ERANGE ? ENAMETOOLONG
                         : errno != 0    ? errno
                                         : ENOENT,
                         "working-directory", NULL, "cannot tell the working directory");
    host->cwd = arena_strdup(arena, cwd);
    return host->cwd == NULL ? error_oom(err) : 0;
}

/* In the first user namespace every id is mapped to itself: "0 0 4294967295". */
static bool is_first_user_namespace(struct arena *arena)
{
    unsigned inside = 1;
    unsigned outside = 1;
    unsigned count = 0;
    char *text;

    if (io_read_file(arena, AT_FDCWD, "/proc/self/uid_map", 4096, &text, NULL) < 0)
        return true;
    return sscanf(text, "%u %u %u", &inside, &outside, &count) == 3 && inside == 0 &&
           outside == 0 && count == UINT32_MAX;
}

int host_probe_caller(struct arena *arena, const char *const *environment, struct host *ret_host,
                      struct sbx_error *err)
{
    struct host host = {.uid = geteuid(), .gid = getegid(), .environment = environment};
    int result = probe_cwd(arena, &host, err);

    if (result == 0) {
        result = probe_account(arena, &host);
        if (result == 0)
            result = probe_groups(arena, &host);
        if (result < 0)
            error_set(err, SBX_ERROR_SETUP, -result, "probe", NULL,
                      "cannot find out who the caller is");
    }
    host.is_root = host.uid == 0 && is_first_user_namespace(arena);
    host.is_admin = host.is_root && capability_is_effective(CAP_SYS_ADMIN);
    if (result == 0)
        *ret_host = host;
    return result;
}

int host_probe_guarded(struct arena *arena, bool profiles, struct host *host, struct sbx_error *err)
{
    if (profiles && host_profile_directories_probe(arena, host) < 0)
        return error_oom(err);
    host->state_directory =
        state_directory_path(arena, host_getenv(host, "XDG_RUNTIME_DIR"), host->uid);
    return host->state_directory == NULL ? error_oom(err) : 0;
}

/* A program of core_pattern's is started whatever the limit is, unless that is 1: see core(5). */
static bool has_no_cores(struct arena *arena)
{
    struct rlimit limit;
    char *pattern = NULL;

    return getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_max == 0 &&
           io_read_file(arena, AT_FDCWD, "/proc/sys/kernel/core_pattern", CONTENT_LIMIT, &pattern,
                        NULL) == 0 &&
           pattern[0] != '|';
}

int host_probe(struct arena *arena, const struct host_request *request, struct host *host,
               struct sbx_error *err)
{
    struct sysinfo info;
    int result = mountinfo_read(arena, &host->mounts, err);

    if (result < 0)
        return result;
    host->landlock_abi = landlock_abi();
    host->no_cores = has_no_cores(arena);
    if (sysinfo(&info) == 0)
        host->memory = (uint64_t)info.totalram * info.mem_unit;
    result = probe_descriptors(arena, request, host);
    if (result == 0)
        result = host_sockets_probe(arena, host);
    if (result == 0)
        result = probe_paths(arena, request, host);
    if (result == 0)
        result = probe_places(arena, request, host);
    if (result == 0)
        result = probe_contents(arena, request, host);
    if (result == 0)
        result = host_patterns_probe(arena, request, host);
    if (result == 0 && request->cgroups)
        result = host_cgroups_probe(arena, request, host);
    if (result == 0)
        result = request->tree.path != NULL ? host_tree_probe(arena, request, host)
                                            : host_command_probe(arena, request, host);
    for (size_t i = 0; result == 0 && i < host->sockets.count; i++)
        result = host_aliases_probe(arena, host, host->sockets.items[i]);
    if (result < 0)
        return error_set(err, SBX_ERROR_SETUP, -result, "probe", NULL,
                         "cannot find out about the host");
    return 0;
}
