/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where can a cgroup be made?  Candidates are the caller's own cgroup and those above it: a process
 * may be moved only where the caller may write to cgroup.procs of an ancestor that the old and the
 * new one share.
 *
 * That the caller may write says little where a service manager runs: root may write everywhere,
 * and a user's own manager owns what its user owns.  A manager says what it has given away by an
 * extended attribute (Delegate= in systemd.resource-control(5)).
 */
#include "base/cleanup.h"
#include "base/io.h"
#include "base/path.h"
#include "kernel/host_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#define SMALL_FILE 65536

/* "4:memory:/a" lists what version 1 has, "0::/a" is the place in version 2. */
static int read_own(struct arena *arena, struct host_cgroups *facts, const char **ret_own)
{
    char *save = NULL;
    char *text;
    int r = io_read_file(arena, AT_FDCWD, "/proc/self/cgroup", SMALL_FILE, &text, NULL);

    *ret_own = NULL;
    if (r < 0)
        return r == -ENOMEM ? r : 0;
    for (char *line = strtok_r(text, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save)) {
        char *names = strchr(line, ':');
        char *path = names == NULL ? NULL : strchr(names + 1, ':');

        if (path == NULL)
            continue;
        *path++ = '\0';
        if (strcmp(line, "0:") == 0)
            *ret_own = path[0] == '/' ? path : NULL;
        else
            facts->v1 |= cgroup_controllers_parse(names + 1);
    }
    return 0;
}

/* The directory of the cgroup @own, where a mount of version 2 shows it; NULL where none does. */
static int find_directory(struct arena *arena, const struct host *host, const char *own,
                          struct host_cgroups *facts, const char **ret_path)
{
    *ret_path = NULL;
    for (size_t i = 0; i < host->mounts.count; i++) {
        const struct host_mount *mount = &host->mounts.items[i];
        const char *rest;

        if (strcmp(mount->type, "cgroup2") != 0)
            continue;
        facts->mount = mount->point;
        facts->mount_root = mount->root;
        /* "/..": the namespace's root lies elsewhere */
        rest = own == NULL || strncmp(own, "/..", 3) == 0 ? NULL : path_relative(own, mount->root);
        if (rest == NULL)
            continue;
        *ret_path = rest[0] == '\0' ? mount->point : path_join(arena, mount->point, rest);
        return *ret_path == NULL ? -ENOMEM : 0;
    }
    return 0;
}

static bool has_attribute(int fd, const char *name)
{
    char value = '\0';

    return fgetxattr(fd, name, &value, 1) == 1 && value == '1';
}

/* Does a service manager take it for its own? */
static bool is_managed(int fd, const char *path)
{
    static const char *const suffixes[] = {".slice",  ".scope", ".service",
                                           ".socket", ".mount", ".swap"};
    const char *suffix = strrchr(path, '.');

    /* the manager itself is below: of the machine, or of one user */
    if (faccessat(fd, "init.scope", F_OK, 0) == 0)
        return true;
    for (size_t i = 0; suffix != NULL && i < ARRAY_SIZE(suffixes); i++)
        if (strcmp(suffix, suffixes[i]) == 0)
            return !has_attribute(fd, "user.delegate") && !has_attribute(fd, "trusted.delegate");
    return false;
}

static unsigned read_controllers(int fd, const char *file)
{
    char text[256];

    return cgroup_get(fd, file, text, sizeof(text)) < 0 ? 0 : cgroup_controllers_parse(text);
}

/* Are processes in it besides the caller?  Those of another namespace are 0 there. */
static int find_others(struct arena *arena, int fd, bool *ret_others)
{
    char *save = NULL;
    char *text;
    int r = io_read_file(arena, fd, "cgroup.procs", SMALL_FILE, &text, NULL);

    /* too many to look at are some */
    *ret_others = r < 0;
    if (r < 0)
        return r == -ENOMEM ? r : 0;
    for (const char *word = strtok_r(text, "\n", &save); word != NULL;
         word = strtok_r(NULL, "\n", &save))
        *ret_others = *ret_others || atoi(word) != getpid();
    return 0;
}

int host_cgroup_probe(struct arena *arena, const char *path, struct host_cgroup *ret_cgroup)
{
    static const char *const written[] = {".", "cgroup.procs", "cgroup.subtree_control"};
    _cleanup_close_ int fd = cgroup_open(path);
    struct host_cgroup cgroup = {.path = path};
    struct stat status;
    char text[4096];

    *ret_cgroup = cgroup;
    if (fd < 0 || fstat(fd, &status) < 0) {
        ret_cgroup->error = fd < 0 ? -fd : errno;
        return 0;
    }
    cgroup.device = status.st_dev;
    cgroup.inode = status.st_ino;
    for (size_t i = 0; i < ARRAY_SIZE(written) && cgroup.error == 0; i++)
        if (faccessat(fd, written[i], W_OK, AT_EACCESS) < 0)
            cgroup.error = errno;
    cgroup.controllers = read_controllers(fd, "cgroup.controllers");
    cgroup.enabled = read_controllers(fd, "cgroup.subtree_control");
    cgroup.managed = is_managed(fd, path);
    if (cgroup_get(fd, "cgroup.type", text, sizeof(text)) < 0)
        cgroup.root = true;
    else
        cgroup.threaded = strcmp(text, "domain") != 0;
    if (cgroup_get(fd, "cpuset.cpus.effective", text, sizeof(text)) == 0) {
        cgroup.cpus = arena_strdup(arena, text);
        if (cgroup.cpus == NULL)
            return -ENOMEM;
    }
    if (find_others(arena, fd, &cgroup.others) < 0)
        return -ENOMEM;
    *ret_cgroup = cgroup;
    return 0;
}

/* The caller's own, and those above it up to the mount point. */
static int probe_upwards(struct arena *arena, const char *own, struct host_cgroups *facts)
{
    for (const char *path = own; path != NULL; path = path_parent(arena, path)) {
        struct host_cgroup *cgroup = ARENA_PUSH(arena, facts);

        if (cgroup == NULL || host_cgroup_probe(arena, path, cgroup) < 0)
            return -ENOMEM;
        cgroup->own = path == own;
        if (strcmp(path, facts->mount) == 0 || strcmp(path, "/") == 0)
            return 0;
    }
    return -ENOMEM;
}

/* May the caller's processes be moved from @own to below @cgroup?  What both lie in decides. */
static int probe_move(struct arena *arena, const char *own, struct host_cgroup *cgroup)
{
    const char *shared = own;
    const char *file;

    if (own == NULL)
        return 0; /* it can't be told; the kernel says so when it comes to it */
    while (shared != NULL && !path_is_within(cgroup->path, shared))
        shared = path_parent(arena, shared);
    file = shared == NULL ? NULL : path_join(arena, shared, "cgroup.procs");
    if (file == NULL)
        return -ENOMEM;
    if (faccessat(AT_FDCWD, file, W_OK, AT_EACCESS) < 0)
        cgroup->error = errno;
    return 0;
}

static int probe_parent(struct arena *arena, const struct host_request *request, const char *own,
                        struct host *host)
{
    const struct host_path *fact = host_path_find(host, request->cgroup_parent);
    struct host_cgroup *parent = &host->cgroups.parent;

    if (fact == NULL || fact->canonical == NULL) {
        parent->path = request->cgroup_parent;
        parent->error = fact == NULL || fact->error == 0 ? ENOENT : fact->error;
        return 0;
    }
    if (host_cgroup_probe(arena, fact->canonical, parent) < 0)
        return -ENOMEM;
    parent->own = own != NULL && strcmp(own, parent->path) == 0;
    return parent->error != 0 ? 0 : probe_move(arena, own, parent);
}

int host_cgroups_probe(struct arena *arena, const struct host_request *request, struct host *host)
{
    struct host_cgroups *facts = &host->cgroups;
    const char *directory = NULL;
    const char *own = NULL;

    *facts = (struct host_cgroups){0};
    facts->systemd = faccessat(AT_FDCWD, "/run/systemd/system", F_OK, 0) == 0;
    if (read_own(arena, facts, &own) < 0 ||
        find_directory(arena, host, own, facts, &directory) < 0 ||
        (directory != NULL && probe_upwards(arena, directory, facts) < 0) ||
        host_scope_probe(arena, directory, host) < 0)
        return -ENOMEM;
    return request->cgroup_parent == NULL ? 0 : probe_parent(arena, request, directory, host);
}
