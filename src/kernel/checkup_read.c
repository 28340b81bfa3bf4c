/* SPDX-License-Identifier: Apache-2.0 */
/* What a checkup reads: limits, the cgroup, subordinate ids, programs. */
#include "kernel/checkup_internal.h"
#include "kernel/host_internal.h"
#include "kernel/program.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/xattr.h>
#include <unistd.h>

#define SMALL_FILE     65536
#define SUBIDS_LIMIT   (4U << 20)
#define DEFAULT_SEARCH "/usr/local/bin:/usr/bin:/bin"

static long read_number(struct arena *arena, const char *path)
{
    char *text;
    long number;
    char *end;

    if (io_read_file(arena, AT_FDCWD, path, SMALL_FILE, &text, NULL) < 0)
        return -1;
    errno = 0;
    number = strtol(text, &end, 10);
    return errno != 0 || end == text ? -1 : number;
}

static void read_limits(struct arena *arena, struct checkup *checkup)
{
    static const char *const names[CHECKUP_NAMESPACES] = {"user", "mnt", "pid",   "net",
                                                          "ipc",  "uts", "cgroup"};

    for (size_t i = 0; i < CHECKUP_NAMESPACES; i++) {
        char path[64];

        snprintf(path, sizeof(path), "/proc/sys/user/max_%s_namespaces", names[i]);
        checkup->namespace_limits[i] = read_number(arena, path);
    }
    checkup->mount_limit = read_number(arena, "/proc/sys/fs/mount-max");
    checkup->pid_max = read_number(arena, "/proc/sys/kernel/pid_max");
}

/* The path of the caller's cgroup within the hierarchy of cgroup v2, or NULL. */
static const char *read_cgroup_name(struct arena *arena)
{
    char *save = NULL;
    char *text;

    if (io_read_file(arena, AT_FDCWD, "/proc/self/cgroup", SMALL_FILE, &text, NULL) < 0)
        return NULL;
    for (char *line = strtok_r(text, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save))
        if (strncmp(line, "0::/", 4) == 0)
            return line + 3;
    return NULL;
}

static int read_cgroup(struct arena *arena, const struct host *host, struct checkup_cgroup *cgroup)
{
    const char *name = read_cgroup_name(arena);
    const struct host_mount *mount = NULL;
    const char *below;
    char *file;
    char *text;

    for (size_t i = 0; name != NULL && i < host->mounts.count; i++)
        if (strcmp(host->mounts.items[i].type, "cgroup2") == 0 &&
            path_is_within(name, host->mounts.items[i].root))
            mount = &host->mounts.items[i];
    if (mount == NULL)
        return 0;
    below = path_relative(name, mount->root);
    cgroup->path = path_join(arena, mount->point, below);
    file = cgroup->path == NULL ? NULL : path_join(arena, cgroup->path, "cgroup.procs");
    if (file == NULL)
        return -ENOMEM;
    cgroup->writable = faccessat(AT_FDCWD, cgroup->path, W_OK, AT_EACCESS) == 0 &&
                       faccessat(AT_FDCWD, file, W_OK, AT_EACCESS) == 0;
    cgroup->controllers = "";
    file = path_join(arena, cgroup->path, "cgroup.controllers");
    if (file == NULL)
        return -ENOMEM;
    if (io_read_file(arena, AT_FDCWD, file, SMALL_FILE, &text, NULL) == 0) {
        text[strcspn(text, "\n")] = '\0';
        cgroup->controllers = text;
    }
    return 0;
}

/* Who could be asked for a scope, by the same look as a run's. */
static int read_manager(struct arena *arena, const struct host *host, struct checkup_cgroup *cgroup)
{
    const struct host_request request = {.cgroups = true};
    struct host copy = *host;
    const struct host_scope *scope = &copy.cgroups.scope;

    if (host_cgroups_probe(arena, &request, &copy) < 0)
        return -ENOMEM;
    if (scope->manager.path == NULL || scope->bus == NULL || scope->helper == NULL)
        return 0;
    cgroup->manager = scope->user ? "systemd's user manager" : "systemd";
    cgroup->manager_controllers = scope->manager.controllers;
    return 0;
}

/* How many ids the lines "NAME:START:COUNT" of @path give to the caller, by name or by number. */
static unsigned long read_subordinate_ids(struct arena *arena, const struct host *host,
                                          const char *path)
{
    unsigned long sum = 0;
    char number[16];
    char *save = NULL;
    char *text;

    if (io_read_file(arena, AT_FDCWD, path, SUBIDS_LIMIT, &text, NULL) < 0)
        return 0;
    snprintf(number, sizeof(number), "%u", host->uid);
    for (char *line = strtok_r(text, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save)) {
        unsigned long start;
        unsigned long count;
        char *colon = strchr(line, ':');

        if (colon == NULL || sscanf(colon + 1, "%lu:%lu", &start, &count) != 2)
            continue;
        *colon = '\0';
        if (strcmp(line, number) == 0 || (host->user != NULL && strcmp(line, host->user) == 0))
            sum += count;
    }
    return sum;
}

/* The program @name by PATH; NULL where there is none, or out of memory. */
static const char *find_program(struct arena *arena, const struct host *host, const char *name)
{
    const char *search = host_getenv(host, "PATH");
    char *save = NULL;
    char *copy = arena_strdup(arena, search != NULL ? search : DEFAULT_SEARCH);

    for (char *word = copy == NULL ? NULL : strtok_r(copy, ":", &save); word != NULL;
         word = strtok_r(NULL, ":", &save)) {
        char *path = word[0] == '/' ? path_join(arena, word, name) : NULL;
        struct stat status;

        if (path != NULL && stat(path, &status) == 0 && S_ISREG(status.st_mode) &&
            faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0)
            return path;
    }
    return NULL;
}

static bool has_power(const char *path)
{
    struct stat status;

    if (stat(path, &status) < 0)
        return false;
    return (status.st_uid == 0 && (status.st_mode & S_ISUID) != 0) ||
           getxattr(path, "security.capability", NULL, 0) > 0;
}

static int read_program(struct arena *arena, struct checkup *checkup)
{
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
    struct stat file;
    struct stat running;

    if (length <= 0 || length == sizeof(path) - 1)
        return 0;
    path[length] = '\0';
    /* its name may lead to another file by now, or have " (deleted)" behind it */
    if (stat(path, &file) < 0 || stat("/proc/self/exe", &running) < 0 ||
        file.st_dev != running.st_dev || file.st_ino != running.st_ino)
        return 0;
    checkup->program = program_called(arena, path);
    return checkup->program == NULL ? -ENOMEM : 0;
}

int checkup_read(struct arena *arena, const struct host *host, struct checkup *checkup)
{
    struct utsname system;

    read_limits(arena, checkup);
    if (read_cgroup(arena, host, &checkup->cgroup) < 0 ||
        read_manager(arena, host, &checkup->cgroup) < 0)
        return -ENOMEM;
    checkup->subordinate_uids = read_subordinate_ids(arena, host, "/etc/subuid");
    checkup->subordinate_gids = read_subordinate_ids(arena, host, "/etc/subgid");
    checkup->newuidmap = find_program(arena, host, "newuidmap");
    checkup->newuidmap_has_power = checkup->newuidmap != NULL && has_power(checkup->newuidmap);
    checkup->pasta = find_program(arena, host, "pasta");
    if (uname(&system) < 0)
        return -ENOMEM;
    checkup->kernel = arena_strdup(arena, system.release);
    checkup->machine = arena_strdup(arena, system.machine);
    if (checkup->kernel == NULL || checkup->machine == NULL)
        return -ENOMEM;
    return read_program(arena, checkup);
}
