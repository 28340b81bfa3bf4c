/* SPDX-License-Identifier: Apache-2.0 */
/* What the settings of a profile depend on: what is asked here, host_probe_profile() answers. */
#include "policy/profile.h"

#include "base/path.h"
#include "policy/profile_rule.h"

#include <errno.h>
#include <string.h>

struct asking {
    struct arena *arena;
    const struct host *caller;
    struct host_request request;
    bool about_home; /* a condition is about where the working directory is */
};

static int ask(struct asking *asking, const char *path)
{
    const char *absolute = path_absolute(asking->arena, asking->caller->cwd, path);

    return absolute == NULL ? -ENOMEM
                            : host_strings_add_new(&asking->request.paths, asking->arena, absolute);
}

/* A look at cgroups is taken only where it decides something. */
static bool depends_on_cgroups(const struct asking *asking, const char *feature)
{
    return strcmp(feature, "memory-limit") == 0 || strcmp(feature, "cpu-limit") == 0 ||
           (strcmp(feature, "pids-limit") == 0 && asking->caller->is_root);
}

static int ask_conditions(struct asking *asking, const struct profile_conditions *conditions)
{
    for (size_t i = 0; i < conditions->count; i++) {
        const struct profile_condition *condition = &conditions->items[i];
        struct expand_fault fault;
        const char *path;
        int r;

        if (condition->kind == PROFILE_WHEN_FEATURE && depends_on_cgroups(asking, condition->value))
            asking->request.cgroups = true;
        asking->request.landlock |= condition->kind == PROFILE_WHEN_FEATURE;
        asking->about_home |= condition->kind == PROFILE_WHEN_WORKDIR;
        if (condition->kind != PROFILE_WHEN_EXISTS && condition->kind != PROFILE_WHEN_MISSING)
            continue;
        r = expand_path(asking->arena, condition->value, asking->caller, &path, &fault);
        if (r == 0)
            r = ask(asking, path);
        /* what is wrong with it is said when the settings are made */
        if (r < 0 && r != -EINVAL)
            return r;
    }
    return 0;
}

/* Where a rule's place really is: as resolve() finds it, by its path or by its directory. */
static int ask_place(struct asking *asking, const char *path)
{
    const char *parent = path_parent(asking->arena, path);
    int r = parent == NULL ? -ENOMEM : ask(asking, path);

    return r < 0 ? r : ask(asking, parent);
}

static int ask_entry(struct asking *asking, const struct profile_entry *entry)
{
    struct expand_fault fault;
    struct profile_rule rule = {0};
    const char *value;
    int r = ask_conditions(asking, &entry->when);

    if (r < 0 || entry->action != PROFILE_ADD || !profile_is_rule(entry->option))
        return r;
    r = expand_value(asking->arena, entry->option, entry->value, asking->caller, &value, &fault);
    if (r == 0)
        r = profile_rule_parse(asking->arena, entry->option, entry->value, value,
                               asking->caller->cwd, false, &rule, &fault);
    if (r < 0)
        return r == -EINVAL ? 0 : r;
    if (rule.pattern != NULL)
        return host_strings_add_new(&asking->request.patterns, asking->arena, rule.pattern);
    if (rule.source != NULL && (entry->optional || rule.optional))
        r = ask(asking, rule.source);
    return r < 0 ? r : ask_place(asking, rule.target);
}

static int ask_layer(struct asking *asking, const struct profile *profile)
{
    int r = 0;

    for (size_t i = 0; i < profile->entries.count && r == 0; i++)
        r = ask_entry(asking, &profile->entries.items[i]);
    for (size_t i = 0; i < profile->refusals.count && r == 0; i++)
        r = ask_conditions(asking, &profile->refusals.items[i].when);
    return r;
}

/* @path and every directory above it. */
static int ask_upwards(struct asking *asking, const char *path)
{
    int r = ask(asking, path);

    path = path_absolute(asking->arena, "/", path);
    while (r == 0 && path != NULL && strcmp(path, "/") != 0) {
        path = path_parent(asking->arena, path);
        r = path == NULL ? -ENOMEM : ask(asking, path);
    }
    return path == NULL ? -ENOMEM : r;
}

/* Whether the working directory is a home, by whatever name, is told by what each of them is. */
static int ask_homes(struct asking *asking)
{
    const char *homes[] = {host_getenv(asking->caller, "HOME"), asking->caller->passwd_home};
    int r = ask(asking, asking->caller->cwd);

    for (size_t i = 0; i < 2 && r == 0; i++)
        if (homes[i] != NULL && homes[i][0] == '/')
            r = ask_upwards(asking, homes[i]);
    return r;
}

int profile_request(struct arena *arena, const struct profile_layers *layers,
                    const struct host *caller, struct host_request *ret_request,
                    struct sbx_error *err)
{
    struct asking asking = {.arena = arena, .caller = caller};
    int r = 0;

    for (size_t i = 0; i < layers->count && r == 0; i++)
        r = ask_layer(&asking, layers->items[i].profile);
    if (r == 0 && asking.about_home)
        r = ask_homes(&asking);
    if (r < 0)
        return error_oom(err);
    *ret_request = asking.request;
    return 0;
}
