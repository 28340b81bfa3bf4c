/* SPDX-License-Identifier: Apache-2.0 */
/* Does `when` hold?  By the facts that profile_request() asked for. */
#include "policy/profile_work.h"

#include "base/path.h"
#include "policy/cgroup_choice.h"
#include "policy/landlock_abi.h"
#include "policy/profile_expand.h"

#include <errno.h>
#include <string.h>

const char *const profile_features[] = {"landlock",     "landlock-scopes", "pids-limit",
                                        "memory-limit", "cpu-limit",       NULL};

/* Can the caller have a cgroup that limits this? */
static bool can_limit(const struct host *host, enum cgroup_controller controller)
{
    return cgroup_choose(host, &(struct cgroup_wish){.needs = controller}).parent != NULL;
}

static bool has_feature(const struct host *host, const char *feature)
{
    if (strcmp(feature, "landlock") == 0)
        return host->landlock_abi >= LANDLOCK_ABI_USABLE;
    if (strcmp(feature, "landlock-scopes") == 0)
        return host->landlock_abi >= LANDLOCK_ABI_SCOPES;
    if (strcmp(feature, "memory-limit") == 0)
        return can_limit(host, CGROUP_MEMORY);
    if (strcmp(feature, "cpu-limit") == 0)
        return can_limit(host, CGROUP_CPU);
    return strcmp(feature, "pids-limit") == 0 && (!host->is_root || can_limit(host, CGROUP_PIDS));
}

/* Is the working directory, by another name perhaps (a bind mount), @home or a directory above it?
 * 1, 0 or -ENOMEM. */
static int is_same_or_above(struct profile_work *work, const char *home)
{
    const struct host_path *cwd = host_path_find(work->host, work->host->cwd);

    while (cwd != NULL && cwd->inode != 0) {
        const struct host_path *fact = host_path_find(work->host, home);

        if (fact != NULL && fact->inode == cwd->inode && fact->device == cwd->device)
            return 1;
        if (strcmp(home, "/") == 0)
            break;
        home = path_parent(work->arena, home);
        if (home == NULL)
            return error_oom(work->err);
    }
    return 0;
}

/* Is the working directory a home of the caller's, or does it hold one?  1, 0 or -ENOMEM. */
static int is_at_home(struct profile_work *work)
{
    const struct host *host = work->host;
    const char *homes[] = {host_getenv(host, "HOME"), host->passwd_home};

    for (size_t i = 0; i < 2; i++) {
        const struct host_path *fact;
        const char *home;
        int r;

        if (homes[i] == NULL || homes[i][0] != '/')
            continue;
        home = path_absolute(work->arena, "/", homes[i]);
        if (home == NULL)
            return error_oom(work->err);
        fact = host_path_find(host, home);
        if (path_is_within(home, host->cwd) ||
            (fact != NULL && fact->canonical != NULL && path_is_within(fact->canonical, host->cwd)))
            return 1;
        r = is_same_or_above(work, home);
        if (r != 0)
            return r;
    }
    return 0;
}

/* Never guessed: what was not asked for is a fault of ours. */
static int find_fact(struct profile_work *work, const char *path, const struct host_path **ret_fact)
{
    *ret_fact = host_path_find(work->host, path);
    if (*ret_fact == NULL)
        return error_set(work->err, SBX_ERROR_INTERNAL, ENODATA, "profile", path,
                         "nobody looked at '%s'", path);
    return 0;
}

static bool is_missing(const struct host_path *fact)
{
    return fact->error == ENOENT || fact->error == ENOTDIR;
}

int profile_path_missing(struct profile_work *work, const char *path, int *ret_error)
{
    const struct host_path *fact;
    int r = find_fact(work, path, &fact);

    if (r < 0)
        return r;
    *ret_error = fact->error;
    return is_missing(fact);
}

/* What can't be told (EACCES, ...) neither exists nor is missing. */
static int path_holds(struct profile_work *work, const struct profile_condition *condition)
{
    struct expand_fault fault;
    const struct host_path *fact;
    const char *path;
    int r = expand_path(work->arena, condition->value, work->host, &path, &fault);

    if (r == -EINVAL)
        return profile_work_problem(work, work->profile, condition->mark, fault.message,
                                    fault.hint);
    path = r < 0 ? NULL : path_absolute(work->arena, work->host->cwd, path);
    if (path == NULL)
        return error_oom(work->err);
    r = find_fact(work, path, &fact);
    if (r < 0)
        return r;
    return condition->kind == PROFILE_WHEN_EXISTS ? fact->error == 0 : is_missing(fact);
}

/* 1 where @condition holds, 0 where not. */
static int holds(struct profile_work *work, const struct profile_condition *condition)
{
    switch (condition->kind) {
    case PROFILE_WHEN_EXISTS:
    case PROFILE_WHEN_MISSING:
        return path_holds(work, condition);
    case PROFILE_WHEN_FEATURE:
        return has_feature(work->host, condition->value);
    case PROFILE_WHEN_USER:
        return (work->host->uid == 0) == (strcmp(condition->value, "root") == 0);
    case PROFILE_WHEN_WORKDIR:
        return is_at_home(work);
    case PROFILE_WHEN_COUNT:
    default:
        return error_set(work->err, SBX_ERROR_INTERNAL, ENOSYS, "profile", NULL,
                         "this condition has no meaning yet");
    }
}

int profile_conditions_hold(struct profile_work *work, const struct profile_conditions *conditions)
{
    for (size_t i = 0; i < conditions->count; i++) {
        int r = holds(work, &conditions->items[i]);

        if (r <= 0)
            return r;
    }
    return 1;
}
