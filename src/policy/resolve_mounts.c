/* SPDX-License-Identifier: Apache-2.0 */
/* The part of resolve() that works out the view: defaults, implied grants, options. */
#include "policy/resolve_mounts.h"

#include "base/path.h"
#include "policy/default_view.h"

#include <errno.h>
#include <string.h>
#include <sys/mount.h>

#define BIND_ATTRIBUTES (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)

struct context {
    struct view view;
    struct arena *arena;
    const struct spec *spec;
    const struct host *host;
    struct sbx_error *err;
    const char *homes[2]; /* canonical homes that are hidden, NULL-padded */
};

static const struct host_path *fact_of(const struct context *context, const char *path)
{
    char *absolute = path_absolute(context->arena, context->host->cwd, path);

    return absolute == NULL ? NULL : host_path_find(context->host, absolute);
}

static int add_entry(struct context *context, const struct view_entry *entry)
{
    return view_add(&context->view, context->arena, entry) < 0 ? error_oom(context->err) : 0;
}

/* Hide @path and every other place where it shows. */
static int hide(struct context *context, const char *path, bool directory, bool asked,
                const char *origin)
{
    struct view_entry entry = {
        .step = {STEP_MASK, .target = path, .origin = origin},
        .asked = asked,
        .directory = directory,
    };
    int result = add_entry(context, &entry);

    for (size_t i = 0; result == 0 && i < context->host->aliases.count; i++) {
        if (strcmp(context->host->aliases.items[i].path, path) != 0)
            continue;
        entry.step.target = context->host->aliases.items[i].alias;
        result = add_entry(context, &entry);
    }
    return result;
}

/* $HOME, and the account's home where that is another directory of the caller's own. */
static void find_homes(struct context *context)
{
    const struct host *host = context->host;
    const char *names[2] = {host_getenv(host, "HOME"), host->passwd_home};
    size_t count = 0;

    for (size_t i = 0; i < 2; i++) {
        const struct host_path *fact =
            names[i] != NULL && names[i][0] == '/' ? fact_of(context, names[i]) : NULL;

        if (fact == NULL || fact->type != HOST_FILE_DIRECTORY || fact->canonical == NULL ||
            strcmp(fact->canonical, "/") == 0)
            continue;
        /* the home of a system account may be a directory that everyone needs, as /usr/sbin */
        if (i == 1 && fact->owner != host->uid)
            continue;
        if (count == 1 && strcmp(context->homes[0], fact->canonical) == 0)
            continue;
        context->homes[count++] = fact->canonical;
    }
}

static int add_home_directory(struct context *context, const char *home)
{
    const struct spec_text *option = &context->spec->home_option;
    const struct host_path *fact = fact_of(context, option->value);
    struct view_entry entry = {
        .step = {STEP_BIND, .target = home, .origin = option->origin,
                 .attributes = BIND_ATTRIBUTES},
        .asked = true,
        .writable = true,
        .directory = true,
    };

    if (fact == NULL || fact->type != HOST_FILE_DIRECTORY || fact->canonical == NULL)
        return error_usage(context->err, option->origin, "'%s' is not a directory", option->value);
    entry.step.source = fact->canonical;
    entry.step.device = fact->device;
    entry.step.inode = fact->inode;
    return add_entry(context, &entry);
}

static int add_homes(struct context *context)
{
    const struct spec *spec = context->spec;
    const char *origin = spec->home_option.origin != NULL ? spec->home_option.origin : "default";
    int result = 0;

    if (spec->home == SPEC_HOME_HOST)
        return 0;
    find_homes(context);
    for (size_t i = 0; i < 2 && context->homes[i] != NULL && result == 0; i++) {
        result = hide(context, context->homes[i], true, false, origin);
        if (result < 0)
            return result;
        if (i == 0 && spec->home == SPEC_HOME_DIRECTORY)
            result = add_home_directory(context, context->homes[0]);
        else if (default_view_add_tmpfs(&context->view, context->arena, context->host,
                                        context->homes[i], 0700, 20, origin) < 0)
            result = error_oom(context->err);
    }
    if (context->homes[0] == NULL && spec->home == SPEC_HOME_DIRECTORY)
        return error_usage(context->err, origin, "there is no home directory to put it over");
    return result;
}

static bool holds_a_home(const struct context *context, const char *path)
{
    for (size_t i = 0; i < 2; i++)
        if (context->homes[i] != NULL && path_is_within(context->homes[i], path))
            return true;
    return false;
}

/* Show @fact read-only at @target, where the view would otherwise have nothing there.  A private
 * directory itself, a home, and what holds one are never put back by implication. */
static int put_back(struct context *context, const struct host_path *fact, const char *target,
                    const char *origin)
{
    const struct view_entry *around = view_covering(&context->view, target);
    struct view_entry entry = {
        .step = {STEP_BIND, .target = target, .origin = origin,
                 .attributes = BIND_ATTRIBUTES | MOUNT_ATTR_RDONLY},
        .implied = true,
    };

    if (fact == NULL || fact->canonical == NULL || holds_a_home(context, target) ||
        holds_a_home(context, fact->canonical))
        return 0;
    if (fact->type != HOST_FILE_DIRECTORY && fact->type != HOST_FILE_REGULAR)
        return 0;
    if (!view_hides(&context->view, target) || strcmp(around->step.target, target) == 0)
        return 0;
    entry.directory = fact->type == HOST_FILE_DIRECTORY;
    entry.step.source = fact->canonical;
    entry.step.device = fact->device;
    entry.step.inode = fact->inode;
    return add_entry(context, &entry);
}

/* Not by way of a link within the home: see is_put_back() of the host probe. */
static bool is_reached_directly(const struct context *context, const char *path,
                                const char *canonical)
{
    const char *names[2] = {host_getenv(context->host, "HOME"), context->host->passwd_home};

    if (strcmp(path, canonical) == 0)
        return true;
    for (size_t i = 0; i < 2; i++) {
        const struct host_path *home = names[i] == NULL ? NULL : fact_of(context, names[i]);

        if (home != NULL && home->canonical != NULL &&
            path_is_same_below(path, home->path, canonical, home->canonical))
            return true;
    }
    return false;
}

static int put_back_path_directories(struct context *context)
{
    const char *list = host_getenv(context->host, "PATH");
    char *save = NULL;
    char *copy;

    for (size_t i = 0; i < context->spec->env.count; i++)
        if (strcmp(context->spec->env.items[i].name, "PATH") == 0 &&
            context->spec->env.items[i].value != NULL)
            list = context->spec->env.items[i].value;
    copy = list == NULL ? NULL : arena_strdup(context->arena, list);
    if (copy == NULL)
        return list == NULL ? 0 : error_oom(context->err);
    for (char *word = strtok_r(copy, ":", &save); word != NULL; word = strtok_r(NULL, ":", &save)) {
        const struct host_path *fact = word[0] == '/' ? fact_of(context, word) : NULL;
        int result;

        if (fact == NULL || fact->type != HOST_FILE_DIRECTORY || fact->canonical == NULL ||
            !is_reached_directly(context, fact->path, fact->canonical))
            continue;
        result = put_back(context, fact, fact->canonical, "PATH");
        if (result == 0)
            result = put_back(context, fact, fact->path, "PATH");
        if (result < 0)
            return result;
    }
    return 0;
}

static int put_back_files(struct context *context, const struct host_paths *files,
                          const char *origin)
{
    int result = 0;

    for (size_t i = 0; i < files->count && result == 0; i++)
        result = put_back(context, &files->items[i], files->items[i].path, origin);
    return result;
}

/* What the command can write to, an earlier command may have filled with links: a name there that
 * leads out of it is not what the user meant. */
static int check_link(struct context *context, const char *name, const struct host_path *fact,
                      const char *origin)
{
    const struct spec_mounts *mounts = &context->spec->mounts;

    for (size_t i = 0; i < mounts->count; i++) {
        const struct host_path *tree =
            fact_of(context, mounts->items[i].source != NULL ? mounts->items[i].source
                                                             : mounts->items[i].target);

        if (mounts->items[i].kind != SPEC_MOUNT_RW || tree == NULL || tree->canonical == NULL)
            continue;
        if (!(path_is_below(fact->path, tree->path) || path_is_below(fact->path, tree->canonical)))
            continue;
        if (path_is_within(fact->canonical, tree->canonical))
            continue;
        error_usage(context->err, origin,
                    "'%s' leads out of the writable '%s' through a link, to '%s'", name,
                    tree->canonical, fact->canonical);
        error_add_hint(context->err, "if that is what is meant, name the place it leads to");
        return -EINVAL;
    }
    return 0;
}

/* What a run needs of the places that are private by default. */
static int add_implied(struct context *context)
{
    const struct host *host = context->host;
    const char *workdir = context->spec->cd.value != NULL ? context->spec->cd.value : host->cwd;
    const struct host_path *fact = fact_of(context, workdir);
    bool is_directory =
        fact != NULL && fact->type == HOST_FILE_DIRECTORY && fact->canonical != NULL;
    int result = 0;

    if (is_directory && context->spec->cd.value != NULL)
        result = check_link(context, workdir, fact, context->spec->cd.origin);
    if (result == 0 && is_directory && host->worktree.path != NULL)
        result = put_back(context, &host->worktree, host->worktree.path,
                          "worktree of the working directory");
    if (result == 0 && is_directory)
        result = put_back(context, fact, fact->canonical, "working directory");
    if (result == 0)
        result = put_back_path_directories(context);
    /* files come last: most lie in what is there by now */
    if (result == 0)
        result = put_back_files(context, &host->path_files, "PATH");
    if (result == 0)
        result = put_back_files(context, &host->command_files, "command");
    return result;
}

/* With the host's network, names are looked up as the host does; its resolv.conf is often a link
 * into /run, which is private. */
static int add_network_files(struct context *context)
{
    const struct host_path *fact = fact_of(context, "/etc/resolv.conf");

    if (context->spec->net == SPEC_NET_NONE || fact == NULL || fact->canonical == NULL)
        return 0;
    return put_back(context, fact, fact->canonical, context->spec->net_origin);
}

/* Show the host's file @path with @line at its end; nothing where the host has no such file. */
static int add_with_line(struct context *context, const char *path, const char *line,
                         const char *origin)
{
    const struct host_content *content = host_content_find(context->host, path);
    struct view_entry entry = {.step = {STEP_FILE, .target = path, .origin = origin,
                                        .attributes = BIND_ATTRIBUTES | MOUNT_ATTR_RDONLY},
                               .implied = true};
    bool cut;

    if (line == NULL)
        return error_oom(context->err);
    if (content == NULL || content->error != 0)
        return 0;
    cut = content->size > 0 && content->data[content->size - 1] != '\n';
    entry.step.data = arena_printf(context->arena, "%s%s%s", content->data, cut ? "\n" : "", line);
    if (entry.step.data == NULL)
        return error_oom(context->err);
    entry.step.size = strlen(entry.step.data);
    return add_entry(context, &entry);
}

/* A user that only a directory service knows has a name inside too. */
static int add_account_file(struct context *context)
{
    const struct host *host = context->host;
    const char *home = host->passwd_home != NULL ? host->passwd_home : "/";
    const char *shell = host->passwd_shell != NULL ? host->passwd_shell : "/bin/sh";

    if (host->user == NULL || host->user_is_local || context->spec->uid.origin != NULL)
        return 0;
    return add_with_line(context, "/etc/passwd",
                         arena_printf(context->arena, "%s:x:%u:%u::%s:%s\n", host->user, host->uid,
                                      host->gid, home, shell),
                         "account");
}

/* Programs expect that the name of the machine they run on has an address. */
static int add_hosts_file(struct context *context)
{
    const struct spec_text *name = &context->spec->hostname;

    return add_with_line(
        context, "/etc/hosts",
        arena_printf(context->arena, "127.0.0.1\t%s\n::1\t%s\n", name->value, name->value),
        name->origin);
}

static int add_root_secrets(struct context *context)
{
    if (context->host->uid != 0)
        return 0;
    for (const char *const *path = root_secrets; *path != NULL; path++) {
        const struct host_path *fact = host_path_find(context->host, *path);
        /* a mask is put where a link leads; what is not there now may come to be */
        const char *place = fact != NULL && fact->canonical != NULL ? fact->canonical : *path;
        int result = hide(context, place, fact != NULL && fact->type == HOST_FILE_DIRECTORY, false,
                          "root's secrets");

        if (result < 0)
            return result;
    }
    return 0;
}

/* The place in the view that @path means: links of the host count where the host's tree shows,
 * a private directory has none. */
static const char *target_of(const struct context *context, const char *path)
{
    char *absolute = path_absolute(context->arena, context->host->cwd, path);
    const struct host_path *fact;
    const struct host_path *parent;
    char *directory;

    if (absolute == NULL)
        return NULL;
    if (view_hides(&context->view, absolute))
        return absolute;
    fact = host_path_find(context->host, absolute);
    if (fact != NULL && fact->canonical != NULL)
        return fact->canonical;
    directory = path_parent(context->arena, absolute);
    parent = directory == NULL ? NULL : host_path_find(context->host, directory);
    if (parent == NULL || parent->canonical == NULL)
        return absolute;
    return path_join(context->arena, parent->canonical, strrchr(absolute, '/') + 1);
}

static int add_bind(struct context *context, const struct spec_mount *mount, const char *target)
{
    const struct host_path *fact = fact_of(context, mount->source);
    bool writable = mount->kind == SPEC_MOUNT_RW;
    struct view_entry entry = {
        .step = {STEP_BIND, .target = target, .origin = mount->origin},
        .asked = true,
        .writable = writable,
    };

    if (fact == NULL || fact->canonical == NULL) {
        int number = fact != NULL && fact->error != 0 ? fact->error : ENOENT;

        if (mount->optional && number == ENOENT)
            return 0;
        error_set(context->err, SBX_ERROR_USAGE, number, "bind", mount->source, "'%s'",
                  mount->source);
        error_add_origin(context->err, mount->origin);
        error_add_hint(context->err,
                       number == ENOENT
                           ? "check the path, or add ':PATH:optional' where it may be missing"
                           : "the caller of sbx needs access to what it shows inside");
        return -number;
    }
    if (check_link(context, mount->source, fact, mount->origin) < 0)
        return -EINVAL;
    if (strcmp(fact->canonical, "/") == 0 && strcmp(target, "/") != 0)
        return error_usage(context->err, mount->origin, "'/' can be shown at '/' only");
    if (mount->kind == SPEC_MOUNT_DEV_NODE) {
        if (fact->type != HOST_FILE_DEVICE)
            return error_usage(context->err, mount->origin, "'%s' is not a device", mount->source);
        entry.step.attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;
        entry.device = true;
    } else {
        entry.step.attributes = BIND_ATTRIBUTES | (writable ? 0 : MOUNT_ATTR_RDONLY) |
                                (mount->noexec ? MOUNT_ATTR_NOEXEC : 0);
    }
    entry.directory = fact->type == HOST_FILE_DIRECTORY;
    entry.step.source = fact->canonical;
    entry.step.device = fact->device;
    entry.step.inode = fact->inode;
    if (strcmp(target, "/") == 0) { /* the whole tree: the mirror is that bind */
        entry.step.kind = STEP_MIRROR;
        if (strcmp(fact->canonical, "/") != 0)
            return error_usage(context->err, mount->origin, "only '/' itself can be put at '/'");
    }
    return add_entry(context, &entry);
}

static int add_file(struct context *context, const struct spec_mount *mount, const char *target)
{
    char *source = path_absolute(context->arena, context->host->cwd, mount->source);
    const struct host_content *content =
        source == NULL ? NULL : host_content_find(context->host, source);
    struct view_entry entry = {
        .step = {STEP_FILE, .target = target, .source = source, .origin = mount->origin,
                 .attributes = BIND_ATTRIBUTES | MOUNT_ATTR_RDONLY},
        .asked = true,
    };

    if (content == NULL || content->error != 0) {
        int number = content != NULL ? content->error : ENOENT;

        error_set(context->err, SBX_ERROR_USAGE, number, "file", mount->source, "cannot read '%s'",
                  mount->source);
        error_add_origin(context->err, mount->origin);
        if (number == EFBIG)
            error_add_hint(context->err, "at most 16 MiB are copied; use --ro for a larger file");
        return -number;
    }
    entry.step.data = content->data;
    entry.step.size = content->size;
    return add_entry(context, &entry);
}

static int add_tmpfs(struct context *context, const struct spec_mount *mount, const char *target)
{
    struct view_entry *entry;

    if (default_view_add_tmpfs(&context->view, context->arena, context->host, target, mount->mode,
                               20, mount->origin) < 0)
        return error_oom(context->err);
    for (size_t i = 0; i < context->view.count; i++) {
        entry = &context->view.items[i];
        if (strcmp(entry->step.target, target) != 0)
            continue;
        entry->asked = true;
        if (mount->size != 0)
            entry->step.number = mount->size;
    }
    return 0;
}

/* What an option hides was there when the plan was made: it must be there, the same, when the mask
 * is put over it, or a rename at the right moment would show it. */
static int pin(struct context *context, const char *target, const struct host_path *fact)
{
    for (size_t i = 0; i < context->view.count; i++) {
        struct step *step = &context->view.items[i].step;

        if (step->kind != STEP_MASK || strcmp(step->target, target) != 0 ||
            strcmp(target, fact->canonical) != 0)
            continue;
        step->device = fact->device;
        step->inode = fact->inode;
    }
    return 0;
}

static int add_asked(struct context *context, const struct spec_mount *mount)
{
    const char *target = target_of(context, mount->target);
    const struct host_path *fact;
    int result;

    if (target == NULL)
        return error_oom(context->err);
    if (strcmp(target, "/") == 0 && mount->kind != SPEC_MOUNT_RO && mount->kind != SPEC_MOUNT_RW)
        return error_usage(context->err, mount->origin, "'/' itself cannot be replaced");
    switch (mount->kind) {
    case SPEC_MOUNT_RO:
    case SPEC_MOUNT_RW:
    case SPEC_MOUNT_DEV_NODE:
        return add_bind(context, mount, target);
    case SPEC_MOUNT_FILE:
        return add_file(context, mount, target);
    case SPEC_MOUNT_TMPFS:
        return add_tmpfs(context, mount, target);
    case SPEC_MOUNT_HIDE:
        break;
    }
    fact = fact_of(context, mount->target);
    if (fact == NULL || fact->canonical == NULL) {
        if (fact != NULL && fact->error != ENOENT && fact->error != ENOTDIR &&
            fact->error != EACCES) {
            error_set(context->err, SBX_ERROR_USAGE, fact->error, "hide", mount->target,
                      "cannot tell what '%s' is", mount->target);
            error_add_origin(context->err, mount->origin);
            return -fact->error;
        }
        /* not there, or out of the caller's and so of the command's reach; masked if it appears */
        return hide(context, target, false, true, mount->origin);
    }
    result = hide(context, target, fact->type == HOST_FILE_DIRECTORY, true, mount->origin);
    return result < 0 ? result : pin(context, target, fact);
}

/* Hide @path, and every other place of the host where it shows, in the binds of the view. */
static int mask_in_binds(struct context *context, const char *path, bool directory,
                         const char *origin)
{
    int result = view_mask_source(&context->view, context->arena, path, directory, origin);

    for (size_t i = 0; i < context->host->aliases.count && result == 0; i++)
        if (strcmp(context->host->aliases.items[i].path, path) == 0)
            result = view_mask_source(&context->view, context->arena,
                                      context->host->aliases.items[i].alias, directory, origin);
    return result;
}

/* What is hidden at its own place is hidden in every bind that shows a directory above it, too. */
static int mask_hidden(struct context *context)
{
    const struct spec_mounts *mounts = &context->spec->mounts;
    int result = 0;

    for (size_t i = 0; i < 2 && result == 0; i++)
        if (context->homes[i] != NULL)
            result = mask_in_binds(context, context->homes[i], true, "default");
    for (const char *const *path = root_secrets;
         context->host->uid == 0 && *path != NULL && result == 0; path++) {
        const struct host_path *fact = host_path_find(context->host, *path);

        if (fact != NULL && fact->canonical != NULL)
            result = mask_in_binds(context, fact->canonical, fact->type == HOST_FILE_DIRECTORY,
                                   "root's secrets");
    }
    for (size_t i = 0; i < mounts->count && result == 0; i++) {
        const struct host_path *fact = fact_of(context, mounts->items[i].target);

        if (mounts->items[i].kind == SPEC_MOUNT_HIDE && fact != NULL && fact->canonical != NULL)
            result = mask_in_binds(context, fact->canonical, fact->type == HOST_FILE_DIRECTORY,
                                   mounts->items[i].origin);
    }
    return result;
}

int resolve_mounts(struct arena *arena, const struct spec *spec, const struct host *host,
                   struct plan *plan, struct sbx_error *err)
{
    struct context context = {.arena = arena, .spec = spec, .host = host, .err = err};
    int result = 0;

    if (default_view_add(&context.view, arena, spec, host) < 0)
        return error_oom(err);
    result = add_root_secrets(&context);
    if (result == 0)
        result = add_account_file(&context);
    if (result == 0)
        result = add_hosts_file(&context);
    if (result == 0)
        result = add_homes(&context);
    if (result == 0)
        result = add_network_files(&context);
    if (result == 0)
        result = add_implied(&context);
    for (size_t i = 0; i < spec->mounts.count && result == 0; i++)
        result = add_asked(&context, &spec->mounts.items[i]);
    if (result < 0)
        return result;
    /* what gives way hides nothing: it must not count when masks are put where things show */
    if (view_prune(&context.view, arena) < 0 || mask_hidden(&context) < 0 ||
        view_mask_sockets(&context.view, arena, host) < 0 ||
        view_steps(&context.view, arena, plan) < 0)
        return error_oom(err);
    return 0;
}
