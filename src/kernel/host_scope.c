/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is there a manager of systemd's that could make a scope for a sandbox?  For root that of the
 * machine, for a user its own.  Nothing is asked of it here: what is looked at are its cgroup,
 * which has the manager itself in init.scope (systemd.special(7)), and the socket of the bus where
 * it answers.
 */
#include "kernel/host_internal.h"

#include "base/cleanup.h"
#include "base/path.h"
#include "kernel/program.h"
#include "kernel/state_directory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SYSTEM_BUS "/run/dbus/system_bus_socket"
#define HELPER     "sbx-scope"

static bool is_socket(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISSOCK(status.st_mode);
}

/* The manager's cgroup: user@.service(5) says where that of a user is. */
static int find_manager(struct arena *arena, const struct host *host, struct host_scope *scope)
{
    const char *mount = host->cgroups.mount;
    const char *path = scope->user
                           ? arena_printf(arena, "%s/user.slice/user-%u.slice/user@%u.service",
                                          mount, host->uid, host->uid)
                           : mount;
    const char *itself = path == NULL ? NULL : path_join(arena, path, "init.scope");

    if (itself == NULL)
        return -ENOMEM;
    return access(itself, F_OK) < 0 ? 0 : host_cgroup_probe(arena, path, &scope->manager);
}

static int find_bus(struct arena *arena, const struct host *host, struct host_scope *scope)
{
    const char *runtime;
    const char *path = SYSTEM_BUS;

    if (scope->user) {
        if (runtime_directory_find(arena, host_getenv(host, "XDG_RUNTIME_DIR"), host->uid,
                                   &runtime) < 0)
            return -ENOMEM;
        if (runtime == NULL)
            return 0;
        path = path_join(arena, runtime, "bus");
    }
    if (path == NULL)
        return -ENOMEM;
    scope->bus = is_socket(path) ? path : NULL;
    return 0;
}

/* The lowest of the slices that @own lies in, counted from the manager's cgroup: what limits these
 * have are to hold for the scope as well. */
static int find_slice(struct arena *arena, const char *own, struct host_scope *scope)
{
    static const char suffix[] = ".slice";
    const char *rest = own == NULL ? NULL : path_relative(own, scope->manager.path);

    while (rest != NULL && *rest != '\0') {
        size_t length = strcspn(rest, "/");

        if (length < sizeof(suffix) ||
            strncmp(rest + length - (sizeof(suffix) - 1), suffix, sizeof(suffix) - 1) != 0)
            return 0;
        scope->slice = arena_printf(arena, "%.*s", (int)length, rest);
        if (scope->slice == NULL)
            return -ENOMEM;
        rest += length + (rest[length] == '/');
    }
    return 0;
}

int host_scope_probe(struct arena *arena, const char *own, struct host *host)
{
    struct host_scope *scope = &host->cgroups.scope;

    *scope = (struct host_scope){.user = host->uid != 0,
                                 .mount = host->cgroups.mount,
                                 .mount_root = host->cgroups.mount_root};
    /* root of a user namespace is root for no manager outside */
    if (host->cgroups.mount == NULL || !host->cgroups.systemd || (!scope->user && !host->is_root))
        return 0;
    if (find_manager(arena, host, scope) < 0)
        return -ENOMEM;
    if (scope->manager.path == NULL)
        return 0;
    if (find_bus(arena, host, scope) < 0 || program_helper(arena, HELPER, &scope->helper) < 0)
        return -ENOMEM;
    return find_slice(arena, own, scope);
}
