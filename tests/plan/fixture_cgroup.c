/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a host file that are about cgroups. */
#include "plan/fixture.h"

#include "base/path.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A word after the path of `cgroup`. */
static bool read_cgroup_word(const char *text, struct host_cgroup *cgroup)
{
    const char *value = strchr(text, '=');

    if (value != NULL && strncmp(text, "has=", 4) == 0)
        cgroup->controllers = cgroup_controllers_parse(value + 1);
    else if (value != NULL && strncmp(text, "gives=", 6) == 0)
        cgroup->enabled = cgroup_controllers_parse(value + 1);
    else if (value != NULL && strncmp(text, "cpus=", 5) == 0)
        cgroup->cpus = value + 1;
    else if (strcmp(text, "own") == 0)
        cgroup->own = true;
    else if (strcmp(text, "others") == 0)
        cgroup->others = true;
    else if (strcmp(text, "root") == 0)
        cgroup->root = true;
    else if (strcmp(text, "managed") == 0)
        cgroup->managed = true;
    else if (strcmp(text, "threaded") == 0)
        cgroup->threaded = true;
    else if (strcmp(text, "forbidden") == 0)
        cgroup->error = EACCES;
    else if (strcmp(text, "read-only") == 0)
        cgroup->error = EROFS;
    else
        return false;
    return true;
}

/* A word after `scope`. */
static bool read_scope_word(const char *text, struct host_scope *scope)
{
    const char *value = strchr(text, '=');

    if (value != NULL && strncmp(text, "has=", 4) == 0)
        scope->manager.controllers = cgroup_controllers_parse(value + 1);
    else if (value != NULL && strncmp(text, "cpus=", 5) == 0)
        scope->manager.cpus = value + 1;
    else if (value != NULL && strncmp(text, "slice=", 6) == 0)
        scope->slice = value + 1;
    else if (strcmp(text, "no-bus") == 0)
        scope->bus = NULL;
    else if (strcmp(text, "no-helper") == 0)
        scope->helper = NULL;
    else
        return false;
    return true;
}

/* The manager of the caller, who may be root. */
static void read_scope(const char *const *words, size_t count, struct fixture *fixture)
{
    struct host_scope *scope = &fixture->facts.cgroups.scope;

    *scope = (struct host_scope){.manager = {.path = words[1]},
                                 .user = fixture->facts.uid != 0,
                                 .bus = fixture->facts.uid != 0 ? "/run/user/1000/bus"
                                                                : "/run/dbus/system_bus_socket",
                                 .helper = "/usr/libexec/sbx/sbx-scope"};
    for (size_t i = 2; i < count; i++)
        cr_assert(read_scope_word(words[i], scope), "scope: %s is not known", words[i]);
}

int fixture_read_cgroups(struct arena *arena, const char *const *words, size_t count,
                         struct fixture *fixture)
{
    struct host_cgroups *facts = &fixture->facts.cgroups;
    struct host_cgroup cgroup = {.path = words[1], .device = 30, .inode = 1 + facts->count};

    if (strcmp(words[0], "cgroups") == 0) {
        *facts = (struct host_cgroups){.mount = words[1], .systemd = facts->systemd};
    } else if (strcmp(words[0], "cgroup-v1") == 0) {
        facts->v1 = cgroup_controllers_parse(words[1]);
    } else if (strcmp(words[0], "systemd") == 0) {
        facts->systemd = strcmp(words[1], "yes") == 0;
    } else if (strcmp(words[0], "scope") == 0) {
        read_scope(words, count, fixture);
    } else if (strcmp(words[0], "cgroup") == 0) {
        for (size_t i = 2; i < count; i++)
            cr_assert(read_cgroup_word(words[i], &cgroup), "cgroup %s: %s is not known", words[1],
                      words[i]);
        *(struct host_cgroup *)ARENA_PUSH(arena, facts) = cgroup;
    } else {
        return 0;
    }
    return 1;
}

/* The caller's own and what is above it; --cgroup-parent may name another. */
void fixture_cgroups(struct arena *arena, const struct fixture *fixture,
                     const struct host_request *request, struct host *host)
{
    const struct host_cgroups *known = &fixture->facts.cgroups;
    struct host_cgroups *facts = &host->cgroups;
    const char *own = NULL;

    *facts = (struct host_cgroups){
        .mount = known->mount, .v1 = known->v1, .systemd = known->systemd, .scope = known->scope};
    if (request->cgroup_parent != NULL)
        facts->parent = (struct host_cgroup){
            .path = request->cgroup_parent,
            .error =
                fixture_fact(fixture, request->cgroup_parent).error != 0 ? ENOENT : EMEDIUMTYPE};
    for (size_t i = 0; i < known->count; i++)
        own = known->items[i].own ? known->items[i].path : own;
    for (size_t i = 0; i < known->count; i++) {
        const struct host_cgroup *cgroup = &known->items[i];

        if (request->cgroup_parent != NULL && strcmp(cgroup->path, request->cgroup_parent) == 0)
            facts->parent = *cgroup;
        if (own != NULL && path_is_within(own, cgroup->path))
            *(struct host_cgroup *)ARENA_PUSH(arena, facts) = *cgroup;
    }
}
