/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/verdict.h"

#include "kernel/fault.h"

#include <errno.h>
#include <string.h>

/* Fewer than that are soon used up. */
#define FEW_NAMESPACES 64

/* What the view of a run adds to two copies of the host's mounts: masks, private directories,
 * grants. */
#define MOUNTS_OF_A_VIEW 200

static struct sbx_check *add(struct arena *arena, struct checks *checks, const char *name,
                             const char *title, bool used)
{
    struct sbx_check *check = ARENA_PUSH(arena, checks);

    if (check != NULL)
        *check = (struct sbx_check){.name = name, .title = title, .used = used};
    return check;
}

static int judge_namespace_limits(struct arena *arena, const struct checkup *checkup,
                                  struct sbx_check *check)
{
    static const char *const names[CHECKUP_NAMESPACES] = {"user", "mnt", "pid",   "net",
                                                          "ipc",  "uts", "cgroup"};
    size_t lowest = CHECKUP_NAMESPACES;

    for (size_t i = 0; i < CHECKUP_NAMESPACES; i++)
        if (checkup->namespace_limits[i] >= 0 &&
            (lowest == CHECKUP_NAMESPACES ||
             checkup->namespace_limits[i] < checkup->namespace_limits[lowest]))
            lowest = i;
    if (lowest == CHECKUP_NAMESPACES) {
        check->state = SBX_CHECK_UNKNOWN;
        check->finding = "/proc/sys/user can't be read";
        return 0;
    }
    check->finding = arena_printf(arena, "the lowest is user.max_%s_namespaces, %ld", names[lowest],
                                  checkup->namespace_limits[lowest]);
    if (check->finding == NULL)
        return -ENOMEM;
    if (checkup->namespace_limits[lowest] >= FEW_NAMESPACES)
        return 0;
    if (checkup->namespace_limits[lowest] > 0) {
        check->state = SBX_CHECK_LIMITED;
        check->cost = "that is how many sandboxes a user can have at a time, at most";
        check->fix =
            arena_printf(arena, "as root, `sysctl user.max_%s_namespaces=15000`", names[lowest]);
        return check->fix == NULL ? -ENOMEM : 0;
    }
    check->state = SBX_CHECK_FAILS;
    check->cost = strcmp(names[lowest], "net") == 0
                      ? "a sandbox without the network cannot be made"
                      : "no sandbox can be made: `sbx run` ends with 125";
    return verdict_explain(arena, checkup, checkup->faults, "namespaces", ENOSPC, check);
}

static int judge_mount_limit(struct arena *arena, const struct checkup *checkup,
                             struct sbx_check *check)
{
    size_t needed = 2 * checkup->mounts + MOUNTS_OF_A_VIEW;

    if (checkup->mount_limit < 0) {
        check->state = SBX_CHECK_UNKNOWN;
        check->finding = "/proc/sys/fs/mount-max can't be read";
        return 0;
    }
    check->finding = arena_printf(arena, "fs.mount-max is %ld, and %zu mounts are here",
                                  checkup->mount_limit, checkup->mounts);
    if (check->finding == NULL)
        return -ENOMEM;
    if ((size_t)checkup->mount_limit >= needed)
        return 0;
    check->state = SBX_CHECK_LIMITED;
    check->cost = arena_printf(arena,
                               "a run that needs more than that ends with 125; it has every mount "
                               "of the host twice, and its own: some %zu",
                               needed);
    if (check->cost == NULL)
        return -ENOMEM;
    return verdict_explain(arena, checkup, checkup->faults, "mirror", ENOSPC, check);
}

int verdict_add_limits(struct arena *arena, const struct checkup *checkup, struct checks *checks)
{
    struct sbx_check *check = add(arena, checks, "namespace-limits", "limits on namespaces", true);

    if (check == NULL || judge_namespace_limits(arena, checkup, check) < 0)
        return -ENOMEM;
    check = add(arena, checks, "mount-limit", "limit on mounts", true);
    return check == NULL ? -ENOMEM : judge_mount_limit(arena, checkup, check);
}

/* One that fails with @number; 0: it works. */
static int set_failure(struct arena *arena, const struct checkup *checkup, const char *operation,
                       int number, const char *cost, struct sbx_check *check)
{
    if (number == 0)
        return 0;
    check->state = SBX_CHECK_FAILS;
    check->cost = cost;
    return verdict_explain(arena, checkup, checkup->faults, operation, number, check);
}

static int judge_cgroup(struct arena *arena, const struct checkup *checkup, struct sbx_check *check)
{
    const struct checkup_cgroup *cgroup = &checkup->cgroup;
    static const char cost[] =
        "`--memory`, `--swap`, `--cpus`, `--io-weight` and `--cpuset` are refused, and "
        "`--pids` is for root";
    const unsigned needed = CGROUP_CPU | CGROUP_MEMORY | CGROUP_PIDS;
    char names[CGROUP_NAMES_SIZE];

    if (cgroup->path == NULL)
        return set_failure(arena, checkup, "delegation", ENOENT, cost, check);
    if (!cgroup->writable && cgroup->manager != NULL) {
        check->finding =
            arena_printf(arena, "a scope of %s, controllers: %s", cgroup->manager,
                         cgroup_controllers_print(cgroup->manager_controllers, "", names));
        if ((needed & ~cgroup->manager_controllers) != 0) {
            check->state = SBX_CHECK_LIMITED;
            check->cost = cost;
        }
        return check->finding == NULL ? -ENOMEM : 0;
    }
    check->finding = arena_printf(arena, "%s, controllers: %s", cgroup->path,
                                  cgroup->controllers[0] == '\0' ? "none" : cgroup->controllers);
    if (check->finding == NULL)
        return -ENOMEM;
    if (!cgroup->writable)
        return set_failure(arena, checkup, "delegation", EACCES, cost, check);
    if ((needed & ~cgroup_controllers_parse(cgroup->controllers)) != 0) {
        check->state = SBX_CHECK_LIMITED;
        check->cost = cost;
    }
    return 0;
}

static int judge_subordinate_ids(struct arena *arena, const struct checkup *checkup,
                                 struct sbx_check *check)
{
    int number = 0;

    if (checkup->newuidmap == NULL)
        number = ENOENT;
    else if (!checkup->newuidmap_has_power || (checkup->faults & FAULT_NO_NEW_PRIVS) != 0)
        number = EPERM;
    else if (checkup->subordinate_uids == 0 || checkup->subordinate_gids == 0)
        number = ENODATA;
    check->finding = arena_printf(arena, "%lu uids, %lu gids", checkup->subordinate_uids,
                                  checkup->subordinate_gids);
    if (check->finding == NULL)
        return -ENOMEM;
    return set_failure(arena, checkup, "subordinate-ids", number,
                       "nothing: sbx maps the caller's own ids only, yet", check);
}

int verdict_add_readings(struct arena *arena, const struct checkup *checkup, struct checks *checks)
{
    struct sbx_check *check = add(arena, checks, "cgroup", "cgroup v2 delegation", true);

    if (check == NULL || judge_cgroup(arena, checkup, check) < 0)
        return -ENOMEM;
    check = add(arena, checks, "subordinate-ids", "subordinate ids", false);
    if (check == NULL || judge_subordinate_ids(arena, checkup, check) < 0)
        return -ENOMEM;
    check = add(arena, checks, "pasta", "pasta", false);
    if (check == NULL)
        return -ENOMEM;
    check->finding = checkup->pasta;
    return set_failure(arena, checkup, "pasta", checkup->pasta == NULL ? ENOENT : 0,
                       "nothing: sbx has no user-mode network yet", check);
}
