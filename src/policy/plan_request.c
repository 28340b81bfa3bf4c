/* SPDX-License-Identifier: Apache-2.0 */
/* Which facts a spec needs: what is asked here, host_probe() answers and resolve() uses. */
#include "policy/plan.h"

#include "base/path.h"
#include "base/path_index.h"
#include "policy/default_view.h"
#include "policy/resolve_limits.h"

#include <errno.h>
#include <string.h>

struct asking {
    struct arena *arena;
    const char *cwd;
    const char *root; /* --root, absolute; NULL: the view's root is the host's */
    struct host_request request;
    struct path_index asked; /* the paths of all its lists */
};

/* Once in each list. */
static int ask(struct asking *asking, struct host_strings *list, const char *path)
{
    const char *absolute = path_absolute(asking->arena, asking->cwd, path);
    struct path_search search;
    const char **slot;
    uint32_t hash;
    size_t i;

    if (absolute == NULL)
        return -ENOMEM;
    hash = path_hash_number(path_prefix_whole(absolute).hash,
                            (uint32_t)((const char *)list - (const char *)&asking->request));
    search = path_index_search(&asking->asked, hash);
    while (path_search_next(&search, &i))
        if (i < list->count && strcmp(list->items[i], absolute) == 0)
            return 0;
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): the elements are pointers */
    slot = ARENA_PUSH(asking->arena, list);
    if (slot == NULL)
        return -ENOMEM;
    *slot = absolute;
    return path_index_add(&asking->asked, asking->arena, hash, list->count - 1);
}

static int ask_path(struct asking *asking, const char *path)
{
    return ask(asking, &asking->request.paths, path);
}

/* A place of the view's root. */
static int ask_place(struct asking *asking, const char *path)
{
    struct host_tree_request *tree = &asking->request.tree;

    if (asking->root == NULL)
        return ask_path(asking, path);
    return ask(asking, &tree->paths, path) < 0 ? -ENOMEM : ask(asking, &tree->places, path);
}

/* A target counts with its parent: it may have to be made there. */
static int ask_target(struct asking *asking, const char *path)
{
    char *absolute = path_absolute(asking->arena, asking->cwd, path);
    char *parent = absolute == NULL ? NULL : path_parent(asking->arena, absolute);

    if (asking->root != NULL)
        return ask_place(asking, path);
    if (parent == NULL || ask_path(asking, absolute) < 0 || ask_path(asking, parent) < 0)
        return -ENOMEM;
    return 0;
}

static int ask_mounts(struct asking *asking, const struct spec *spec)
{
    for (size_t i = 0; i < spec->mounts.count; i++) {
        const struct spec_mount *mount = &spec->mounts.items[i];

        if (ask_target(asking, mount->target) < 0)
            return -ENOMEM;
        if (mount->kind == SPEC_MOUNT_HIDE &&
            ask(asking,
                asking->root != NULL ? &asking->request.tree.hidden : &asking->request.hidden,
                mount->target) < 0)
            return -ENOMEM;
        if (mount->kind == SPEC_MOUNT_FILE &&
            ask(asking, &asking->request.files, mount->source) < 0)
            return -ENOMEM;
        if (mount->source != NULL && ask_path(asking, mount->source) < 0)
            return -ENOMEM;
    }
    return 0;
}

static int ask_search_path(struct asking *asking, const struct spec *spec,
                           const struct host *caller)
{
    char *save = NULL;
    char *copy;

    asking->request.search_path = host_getenv(caller, "PATH");
    for (size_t i = 0; i < spec->env.count; i++)
        if (strcmp(spec->env.items[i].name, "PATH") == 0 && spec->env.items[i].value != NULL)
            asking->request.search_path = spec->env.items[i].value;
    if (asking->request.search_path == NULL)
        return 0;
    copy = arena_strdup(asking->arena, asking->request.search_path);
    if (copy == NULL)
        return -ENOMEM;
    for (char *word = strtok_r(copy, ":", &save); word != NULL; word = strtok_r(NULL, ":", &save))
        if (word[0] == '/' && ask_path(asking, word) < 0)
            return -ENOMEM;
    return 0;
}

/* The caller's homes and, for root, what belongs to root alone, wherever it can be seen. */
static int ask_hidden(struct asking *asking, const struct host *caller)
{
    const char *homes[] = {host_getenv(caller, "HOME"), caller->passwd_home};

    for (size_t i = 0; i < sizeof(homes) / sizeof(homes[0]); i++)
        if (homes[i] != NULL && homes[i][0] == '/' && strcmp(homes[i], "/") != 0 &&
            (ask_path(asking, homes[i]) < 0 || ask(asking, &asking->request.hidden, homes[i]) < 0))
            return -ENOMEM;
    for (const char *const *path = root_secrets; caller->uid == 0 && *path != NULL; path++)
        if (ask_path(asking, *path) < 0 || ask(asking, &asking->request.hidden, *path) < 0 ||
            ask(asking, &asking->request.places, *path) < 0 || ask_place(asking, *path) < 0 ||
            (asking->root != NULL && ask(asking, &asking->request.tree.hidden, *path) < 0))
            return -ENOMEM;
    return 0;
}

/* Of the view's root, and of the host where that gives what a tree may lack. */
static int ask_files(struct asking *asking, const struct spec *spec)
{
    struct host_strings *inside =
        asking->root != NULL ? &asking->request.tree.files : &asking->request.files;

    if (ask(asking, inside, "/etc/passwd") < 0 || ask(asking, inside, "/etc/hosts") < 0)
        return -ENOMEM;
    if (asking->root == NULL || spec->net == SPEC_NET_NONE)
        return 0;
    return ask(asking, &asking->request.files, "/etc/resolv.conf");
}

static int ask_root(struct asking *asking, const struct spec *spec, const struct host *caller)
{
    struct host_tree_request *tree = &asking->request.tree;

    if (spec->root.value == NULL)
        return 0;
    asking->root = tree->path = path_absolute(asking->arena, asking->cwd, spec->root.value);
    tree->uid = spec->uid.origin != NULL ? (uid_t)spec->uid.value : caller->uid;
    if (tree->path == NULL)
        return -ENOMEM;
    return ask_path(asking, tree->path) < 0 || ask_place(asking, "/proc") < 0 ||
                   ask_place(asking, "/sys") < 0
               ? -ENOMEM
               : ask_place(asking, "/dev");
}

/* The directory that a file is put into. */
static int ask_parent(struct asking *asking, const char *path)
{
    const char *absolute = path_absolute(asking->arena, asking->cwd, path);
    const char *parent = absolute == NULL ? NULL : path_parent(asking->arena, absolute);

    return parent == NULL ? -ENOMEM : ask_path(asking, parent);
}

bool plan_shows_writable(const struct spec *spec)
{
    bool writable = spec->home == SPEC_HOME_DIRECTORY;

    for (size_t i = 0; i < spec->mounts.count; i++)
        writable = writable || spec->mounts.items[i].kind == SPEC_MOUNT_RW;
    return writable;
}

/* Where profiles lie matters where something of the host is writable. */
static int ask_profiles(struct asking *asking, const struct spec *spec, const struct host *caller)
{
    bool writable = plan_shows_writable(spec);

    for (size_t i = 0; writable && i < caller->profile_directories.count; i++)
        if (ask(asking, &asking->request.places, caller->profile_directories.items[i]) < 0)
            return -ENOMEM;
    return 0;
}

/* Which links lead to what is read-only below something writable? */
static int ask_links(struct asking *asking, const struct spec *spec)
{
    struct host_strings *places =
        asking->root != NULL ? &asking->request.tree.places : &asking->request.places;
    const char **trees = arena_alloc(asking->arena, spec->mounts.count * sizeof(*trees));
    size_t count = 0;

    if (trees == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < spec->mounts.count; i++) {
        const struct spec_mount *mount = &spec->mounts.items[i];

        if (mount->kind != SPEC_MOUNT_RW)
            continue;
        trees[count] = path_absolute(asking->arena, asking->cwd, mount->target);
        if (trees[count++] == NULL)
            return -ENOMEM;
    }
    for (size_t i = 0; count > 0 && i < spec->mounts.count; i++) {
        const struct spec_mount *mount = &spec->mounts.items[i];
        const char *path = mount->kind == SPEC_MOUNT_RO
                               ? path_absolute(asking->arena, asking->cwd, mount->target)
                               : "/";
        bool below = false;

        if (path == NULL)
            return -ENOMEM;
        for (size_t k = 0; k < count && !below; k++)
            below = path_is_below(path, trees[k]);
        if (below && ask(asking, places, path) < 0)
            return -ENOMEM;
    }
    return 0;
}

int plan_request(struct arena *arena, const struct spec *spec, const struct host *caller,
                 struct host_request *ret_request, struct sbx_error *err)
{
    struct asking asking = {.arena = arena, .cwd = caller->cwd};
    int *fds = arena_alloc(arena, (spec->keep_fds.count + 1) * sizeof(*fds));
    int result = fds == NULL ? -ENOMEM : 0;

    for (size_t i = 0; result == 0 && i < spec->keep_fds.count; i++)
        fds[i] = spec->keep_fds.items[i].fd;
    asking.request.keep_fds = fds;
    asking.request.keep_fd_count = spec->keep_fds.count;
    asking.request.command = spec->command[0];
    if (result == 0)
        result = ask_root(&asking, spec, caller);
    for (const char *const *path = default_view_paths; result == 0 && *path != NULL; path++)
        result = ask_path(&asking, *path);
    for (const char *const *path = default_view_places; result == 0 && *path != NULL; path++)
        result = ask_place(&asking, *path);
    if (result == 0)
        result = ask_files(&asking, spec);
    if (result == 0)
        result = ask_hidden(&asking, caller);
    if (result == 0 && asking.root == NULL)
        result = ask_search_path(&asking, spec, caller);
    if (result == 0)
        result = ask_path(&asking, caller->cwd);
    if (result == 0 && spec->cd.value != NULL && asking.root == NULL) {
        result = ask_path(&asking, spec->cd.value);
        asking.request.workdir = path_absolute(arena, caller->cwd, spec->cd.value);
    }
    asking.request.cgroups = limits_want_cgroup(spec);
    if (result == 0 && spec->cgroup.parent.value != NULL) {
        asking.request.cgroup_parent = path_absolute(arena, caller->cwd, spec->cgroup.parent.value);
        result = ask_path(&asking, spec->cgroup.parent.value);
    }
    if (result == 0 && spec->home == SPEC_HOME_DIRECTORY)
        result = ask_path(&asking, spec->home_option.value);
    if (result == 0)
        result = ask_mounts(&asking, spec);
    if (result == 0 && spec->report.value != NULL)
        result = ask_parent(&asking, spec->report.value);
    if (result == 0 && spec->attest.value != NULL)
        result = ask_parent(&asking, spec->attest.value);
    if (result == 0)
        result = ask_profiles(&asking, spec, caller);
    if (result == 0 && caller->state_directory != NULL)
        result = ask(&asking, &asking.request.places, caller->state_directory);
    if (result == 0)
        result = ask_links(&asking, spec);
    if (result < 0)
        return error_oom(err);
    *ret_request = asking.request;
    return 0;
}
