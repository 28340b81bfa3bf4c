/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cgroup can have limited ones in it where the caller may change it, no service manager has it
 * for its own, and no process is in it: cgroup v2 gives controllers to the cgroups below only where
 * all processes are below too ("no internal processes").  sbx moves itself out of the way where it
 * is the only one; other processes are not its to move.
 *
 * Where the caller has none of its own, a service manager can make one: a scope, which it gives
 * away (Delegate=).  That comes last, because it takes the manager's answer and moves what runs
 * inside out of the cgroup that the caller was put in.
 */
#include "policy/cgroup_choice.h"

#include "base/cleanup.h"

#include <errno.h>
#include <string.h>

enum obstacle {
    NONE,
    FORBIDDEN, /* the caller may not change it */
    MANAGED,   /* it belongs to a service manager */
    THREADED,
    LACKING,  /* it doesn't have a controller itself */
    OCCUPIED, /* processes are in it */
};

/* What is in the way of @needs below @cgroup? */
static enum obstacle obstacle_of(const struct host_cgroup *cgroup, unsigned needs)
{
    if (cgroup->error != 0)
        return FORBIDDEN;
    if (cgroup->managed)
        return MANAGED;
    if (cgroup->threaded)
        return THREADED;
    if ((needs & ~cgroup->controllers) != 0)
        return LACKING;
    if ((needs & ~cgroup->enabled) != 0 && !cgroup->root && cgroup->others)
        return OCCUPIED;
    return NONE;
}

/* More than what is needed is taken where nothing is in the way of that either. */
static struct cgroup_choice choice_of(const struct host_cgroup *cgroup,
                                      const struct cgroup_wish *wish)
{
    struct cgroup_choice choice = {.parent = cgroup};

    choice.controllers = wish->needs | (wish->also & cgroup->controllers);
    if (obstacle_of(cgroup, choice.controllers) != NONE)
        choice.controllers = wish->needs | (wish->also & cgroup->enabled);
    choice.enable = choice.controllers & ~cgroup->enabled;
    choice.move = cgroup->own && !cgroup->root && choice.enable != 0;
    return choice;
}

/* What a manager has to have so that it can be asked for a scope with @needs. */
static bool scope_can(const struct host_scope *scope, unsigned needs)
{
    return scope->manager.path != NULL && scope->bus != NULL && scope->helper != NULL &&
           (needs & ~scope->manager.controllers) == 0;
}

/* A scope is fresh: it has what the manager has, gives out nothing yet, and is to be left. */
static struct cgroup_choice choice_of_scope(const struct host_scope *scope,
                                            const struct cgroup_wish *wish)
{
    struct cgroup_choice choice = {.parent = &scope->manager, .scope = scope, .move = true};

    choice.controllers = wish->needs | (wish->also & scope->manager.controllers);
    choice.enable = choice.controllers;
    return choice;
}

struct cgroup_choice cgroup_choose(const struct host *host, const struct cgroup_wish *wish)
{
    const struct host_cgroups *facts = &host->cgroups;

    if (facts->parent.path != NULL)
        return obstacle_of(&facts->parent, wish->needs) == NONE ? choice_of(&facts->parent, wish)
                                                                : (struct cgroup_choice){0};
    for (size_t i = 0; i < facts->count; i++)
        if (obstacle_of(&facts->items[i], wish->needs) == NONE)
            return choice_of(&facts->items[i], wish);
    return scope_can(&facts->scope, wish->needs) ? choice_of_scope(&facts->scope, wish)
                                                 : (struct cgroup_choice){0};
}

/* ------------------------------------------------------------------ why not */

/* The most telling one: what keeps the caller from a cgroup that is nearly right comes first. */
static const struct host_cgroup *nearest_miss(const struct host_cgroups *facts, unsigned needs,
                                              enum obstacle *ret_obstacle)
{
    static const enum obstacle order[] = {OCCUPIED, LACKING, THREADED, MANAGED, FORBIDDEN};

    for (size_t k = 0; k < ARRAY_SIZE(order); k++)
        for (size_t i = 0; i < facts->count; i++)
            if (obstacle_of(&facts->items[i], needs) == order[k]) {
                *ret_obstacle = order[k];
                return &facts->items[i];
            }
    return NULL;
}

static int refuse(struct sbx_error *err, const char *origin, const char *message, const char *hint)
{
    if (message == NULL || hint == NULL)
        return error_oom(err);
    error_usage(err, origin, "%s", message);
    error_add_hint(err, hint);
    return -EINVAL;
}

/* "the controller memory", "the controllers cpu memory" */
static const char *controllers_of(struct arena *arena, unsigned mask)
{
    char names[CGROUP_NAMES_SIZE];

    return arena_printf(arena, "the controller%s %s", (mask & (mask - 1)) != 0 ? "s" : "",
                        cgroup_controllers_print(mask, "", names));
}

/* For root alone: a user's manager of systemd 252 does not mark what it gives away. */
static const char start_in_scope[] = "systemd-run --scope -p Delegate=yes sbx run ...";

/* How to get a cgroup that is the caller's to change. */
static const char *delegation_hint(struct arena *arena, const struct host *host, unsigned needs)
{
    const char *mount = host->cgroups.mount;
    const char *user = host->user != NULL ? host->user : arena_printf(arena, "%u", host->uid);
    char names[CGROUP_NAMES_SIZE];

    if (host->cgroups.systemd && host->uid == 0)
        return arena_printf(arena, "start sbx in a cgroup of its own: %s", start_in_scope);
    if (host->cgroups.systemd && user != NULL)
        return arena_printf(
            arena,
            "sbx can have systemd's manager of this user make one, where that runs: "
            "log in, or as root: loginctl enable-linger %s",
            user);
    if (host->uid == 0)
        return arena_printf(arena,
                            "make one for sandboxes: mkdir %s/sandboxes; then --cgroup-parent "
                            "%s/sandboxes",
                            mount, mount);
    return user == NULL
               ? NULL
               : arena_printf(
                     arena,
                     "as root, give this user a cgroup: cd %s; echo %s >cgroup.subtree_control; "
                     "mkdir -p %s/shell; chown %s %s %s/cgroup.procs %s/cgroup.subtree_control "
                     "%s/shell %s/shell/cgroup.procs; echo PID-OF-THE-SHELL >%s/shell/cgroup.procs",
                     mount, cgroup_controllers_print(needs, "+", names), user, user, user, user,
                     user, user, user, user);
}

static int refuse_occupied(struct arena *arena, const struct host *host,
                           const struct host_cgroup *cgroup, const struct cgroup_wish *wish,
                           struct sbx_error *err)
{
    const char *others =
        cgroup->own ? "move them into one below it, such as your shell:" : "move them:";
    bool alone = host->cgroups.systemd && host->uid == 0;

    return refuse(err, wish->origin,
                  arena_printf(arena,
                               "other processes are in the cgroup %s, and one with processes can't "
                               "have limited ones below it",
                               cgroup->path),
                  arena_printf(arena, "%s mkdir %s/shell; echo $$ >%s/shell/cgroup.procs%s%s",
                               others, cgroup->path, cgroup->path,
                               alone ? "; or start sbx alone: " : "", alone ? start_in_scope : ""));
}

static int refuse_lacking(struct arena *arena, const struct host *host,
                          const struct host_cgroup *cgroup, const struct cgroup_wish *wish,
                          struct sbx_error *err)
{
    unsigned lacking = wish->needs & ~cgroup->controllers;
    char added[CGROUP_NAMES_SIZE];
    const char *lacked = controllers_of(arena, lacking);
    const char *above;

    if (lacked == NULL)
        return error_oom(err);
    cgroup_controllers_print(lacking, "+", added);
    if (cgroup->root)
        return refuse(err, wish->origin,
                      arena_printf(arena, "this kernel's cgroups lack %s", lacked),
                      "it may be switched off by cgroup_disable= on the kernel's command line: see "
                      "/proc/cmdline");
    above =
        host->cgroups.systemd && host->uid != 0
            ? arena_printf(arena, "as root: systemctl edit user@.service, with the lines [Service] "
                                  "and Delegate=cpu cpuset io memory pids; then log in again")
            : arena_printf(arena,
                           "as root, in the cgroups above %s, from the top: echo %s "
                           ">cgroup.subtree_control",
                           cgroup->path, added);
    return refuse(err, wish->origin,
                  arena_printf(arena, "the cgroup %s was not given %s", cgroup->path, lacked),
                  above);
}

/* A manager is there, and yet it is no help. */
static int refuse_scope(struct arena *arena, const struct host *host,
                        const struct cgroup_wish *wish, struct sbx_error *err)
{
    const struct host_scope *scope = &host->cgroups.scope;
    const char *whose = scope->user ? "systemd's manager of this user" : "systemd";

    if ((wish->needs & ~scope->manager.controllers) != 0)
        return refuse_lacking(arena, host, &scope->manager, wish, err);
    if (scope->bus == NULL)
        return refuse(err, wish->origin,
                      arena_printf(arena,
                                   "%s, which could make a cgroup for the sandbox, can't be "
                                   "asked: there is no bus",
                                   whose),
                      scope->user ? "as root: apt-get install dbus-user-session (or what has "
                                    "dbus.socket for users); then log in again"
                                  : "install and start dbus");
    return refuse(err, wish->origin,
                  arena_printf(arena,
                               "%s could make a cgroup for the sandbox, but sbx-scope, which "
                               "asks it, is not installed",
                               whose),
                  "install it with sbx: it is built where libsystemd-dev is there");
}

static int refuse_cgroup(struct arena *arena, const struct host *host,
                         const struct host_cgroup *cgroup, enum obstacle obstacle,
                         const struct cgroup_wish *wish, struct sbx_error *err)
{
    switch (obstacle) {
    case OCCUPIED:
        return refuse_occupied(arena, host, cgroup, wish, err);
    case LACKING:
        return refuse_lacking(arena, host, cgroup, wish, err);
    case THREADED:
        return refuse(err, wish->origin,
                      arena_printf(arena, "the cgroup %s is for threads", cgroup->path),
                      "choose one whose cgroup.type is \"domain\"");
    case MANAGED:
        return refuse(err, wish->origin,
                      arena_printf(arena, "the cgroup %s is systemd's, which has not given it away",
                                   cgroup->path),
                      delegation_hint(arena, host, wish->needs));
    case FORBIDDEN:
    case NONE:
    default:
        break;
    }
    if (cgroup->error == EROFS)
        return refuse(
            err, wish->origin,
            arena_printf(arena, "cgroups can't be made here: %s is read-only", host->cgroups.mount),
            "in a container, have it mounted writable, with a cgroup namespace of the "
            "container's own");
    return refuse(err, wish->origin,
                  arena_printf(arena, "the caller may not make cgroups in %s, the one it is in",
                               cgroup->path),
                  delegation_hint(arena, host, wish->needs));
}

/* --cgroup-parent: the user named it, so the fault is told of that one. */
static int refuse_parent(struct arena *arena, const struct host *host,
                         const struct cgroup_wish *wish, struct sbx_error *err)
{
    const struct host_cgroup *parent = &host->cgroups.parent;
    enum obstacle obstacle = obstacle_of(parent, wish->needs);
    int number = parent->error;

    if (obstacle != FORBIDDEN)
        return refuse_cgroup(arena, host, parent, obstacle, wish, err);
    if (number == EMEDIUMTYPE)
        return refuse(err, wish->parent_origin,
                      arena_printf(arena, "'%s' is no cgroup", parent->path),
                      host->cgroups.mount == NULL
                          ? "cgroup v2 is not mounted: as root, mount -t cgroup2 none "
                            "/sys/fs/cgroup"
                          : arena_printf(arena, "name a directory below %s", host->cgroups.mount));
    if (number == EACCES || number == EPERM)
        return refuse(err, wish->parent_origin,
                      arena_printf(arena,
                                   "the caller may not make cgroups in '%s', or not move to them "
                                   "from its own",
                                   parent->path),
                      "it takes write access to that directory, its cgroup.procs and "
                      "cgroup.subtree_control, and to cgroup.procs of a cgroup that the caller and "
                      "it lie in");
    error_set(err, SBX_ERROR_USAGE, number, "cgroup", parent->path,
              "'%s' can't be used as a cgroup", parent->path);
    error_add_origin(err, wish->parent_origin);
    error_add_hint(err, "name the directory of a cgroup");
    return -EINVAL;
}

int cgroup_refuse(struct arena *arena, const struct host *host, const struct cgroup_wish *wish,
                  struct sbx_error *err)
{
    const struct host_cgroups *facts = &host->cgroups;
    unsigned taken = wish->needs & facts->v1;
    const struct host_cgroup *cgroup;
    enum obstacle obstacle;

    if (taken != 0)
        return refuse(err, wish->origin,
                      arena_printf(arena,
                                   "cgroup v1 has %s on this host, so no cgroup v2 can hold this "
                                   "limit",
                                   controllers_of(arena, taken)),
                      "boot with cgroup v2 alone: systemd.unified_cgroup_hierarchy=1 "
                      "cgroup_no_v1=all on the kernel's command line");
    if (facts->parent.path != NULL)
        return refuse_parent(arena, host, wish, err);
    if (facts->scope.manager.path != NULL)
        return refuse_scope(arena, host, wish, err);
    cgroup = nearest_miss(facts, wish->needs, &obstacle);
    if (cgroup != NULL)
        return refuse_cgroup(arena, host, cgroup, obstacle, wish, err);
    if (facts->mount == NULL)
        return refuse(err, wish->origin,
                      "cgroup v2 is not mounted, and nothing else can hold this limit",
                      "as root: mount -t cgroup2 none /sys/fs/cgroup");
    return refuse(
        err, wish->origin,
        arena_printf(arena, "the caller's own cgroup does not show below %s", facts->mount),
        "name one that the caller may change with --cgroup-parent");
}
