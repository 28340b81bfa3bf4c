/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/environment.h"

#include "policy/tree.h"

#include <errno.h>
#include <string.h>

bool environment_is_passed(const char *entry)
{
    static const char *const names[] = {
        "PATH=",     "HOME=",      "USER=",     "LOGNAME=", "SHELL=",    "TERM=",
        "TERMINFO=", "COLORTERM=", "NO_COLOR=", "LANG=",    "LANGUAGE=", "TZ=",
    };

    if (strncmp(entry, "LC_", 3) == 0)
        return true;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strncmp(entry, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

static int set_variable(struct arena *arena, struct host_strings *environment, const char *name,
                        const char *value)
{
    size_t length = strlen(name);
    char *entry = arena_printf(arena, "%s=%s", name, value);
    const char **slot = NULL;

    for (size_t i = 0; i < environment->count && slot == NULL; i++)
        if (strncmp(environment->items[i], name, length) == 0 &&
            environment->items[i][length] == '=')
            slot = &environment->items[i];
    if (slot == NULL)
        slot = ARENA_PUSH(arena, environment);
    if (slot == NULL || entry == NULL)
        return -ENOMEM;
    *slot = entry;
    return 0;
}

/* What the tree of --root says, the caller doesn't. */
static bool is_of_the_tree(const char *entry)
{
    static const char *const names[] = {"PATH=", "HOME=", "USER=", "LOGNAME=", "SHELL="};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strncmp(entry, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

static int set_of_the_tree(struct arena *arena, const struct spec *spec, const struct host *host,
                           struct host_strings *environment)
{
    const struct tree_account account = tree_account(spec, host);

    if (set_variable(arena, environment, "PATH", TREE_SEARCH_PATH) < 0 ||
        set_variable(arena, environment, "HOME", account.home) < 0 ||
        set_variable(arena, environment, "SHELL", account.shell) < 0)
        return -ENOMEM;
    if (account.user == NULL)
        return 0;
    return set_variable(arena, environment, "USER", account.user) < 0 ||
                   set_variable(arena, environment, "LOGNAME", account.user) < 0
               ? -ENOMEM
               : 0;
}

int environment_make(struct arena *arena, const struct spec *spec, const struct host *host,
                     const char *workdir, struct plan *plan)
{
    struct host_strings environment = {0};
    const char **end;

    bool has_tree = host->tree.path != NULL;

    for (const char *const *entry = host->environment; entry != NULL && *entry != NULL; entry++)
        if ((spec->env_all || environment_is_passed(*entry)) &&
            !(has_tree && is_of_the_tree(*entry)) &&
            host_strings_add(&environment, arena, *entry) < 0)
            return -ENOMEM;
    if (has_tree && set_of_the_tree(arena, spec, host, &environment) < 0)
        return -ENOMEM;
    if (!has_tree && host_getenv(host, "HOME") == NULL && host->passwd_home != NULL &&
        set_variable(arena, &environment, "HOME", host->passwd_home) < 0)
        return -ENOMEM;
    if (set_variable(arena, &environment, "PWD", workdir) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < spec->env.count; i++) {
        const struct spec_env *env = &spec->env.items[i];
        const char *value = env->value != NULL ? env->value : host_getenv(host, env->name);

        if (value != NULL && set_variable(arena, &environment, env->name, value) < 0)
            return -ENOMEM;
    }
    plan->environment_count = environment.count;
    end = ARENA_PUSH(arena, &environment);
    if (end == NULL)
        return -ENOMEM;
    *end = NULL;
    plan->environment = environment.items;
    return 0;
}
