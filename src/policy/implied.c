/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/implied.h"

#include "base/path.h"
#include "policy/tree.h"

#include <string.h>
#include <sys/mount.h>

static bool holds_a_home(const struct resolve_context *context, const char *path)
{
    for (size_t i = 0; i < 2; i++)
        if (context->homes[i] != NULL && path_is_within(context->homes[i], path))
            return true;
    return false;
}

/* Show @fact read-only at @target, where the view would otherwise have nothing there.  A private
 * directory itself, a home, and what holds one are never put back by implication. */
static int put_back(struct resolve_context *context, const struct host_path *fact,
                    const char *target, const char *origin)
{
    const struct view_entry *around = view_covering(&context->view, target);
    struct view_entry entry = {
        .step = {STEP_BIND, .target = target, .origin = origin,
                 .attributes = RESOLVE_BIND_ATTRIBUTES | MOUNT_ATTR_RDONLY},
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
    return resolve_add(context, &entry);
}

/* Not by way of a link within the home: see is_put_back() of the host probe. */
static bool is_reached_directly(const struct resolve_context *context, const char *path,
                                const char *canonical)
{
    const char *names[2] = {host_getenv(context->host, "HOME"), context->host->passwd_home};

    if (strcmp(path, canonical) == 0)
        return true;
    for (size_t i = 0; i < 2; i++) {
        const struct host_path *home = names[i] == NULL ? NULL : resolve_fact(context, names[i]);

        if (home != NULL && home->canonical != NULL &&
            path_is_same_below(path, home->path, canonical, home->canonical))
            return true;
    }
    return false;
}

static int put_back_path_directories(struct resolve_context *context)
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
        const struct host_path *fact = word[0] == '/' ? resolve_fact(context, word) : NULL;
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

static int put_back_files(struct resolve_context *context, const struct host_paths *files,
                          const char *origin)
{
    int result = 0;

    for (size_t i = 0; i < files->count && result == 0; i++)
        result = put_back(context, &files->items[i], files->items[i].path, origin);
    return result;
}

/* What a run needs of the places that are private by default. */
static int add_implied(struct resolve_context *context)
{
    const struct host *host = context->host;
    const char *workdir = context->spec->cd.value != NULL ? context->spec->cd.value : host->cwd;
    const struct host_path *fact = resolve_fact(context, workdir);
    bool is_directory =
        fact != NULL && fact->type == HOST_FILE_DIRECTORY && fact->canonical != NULL;
    int result = 0;

    if (is_directory && context->spec->cd.value != NULL)
        result = resolve_check_link(context, workdir, fact, context->spec->cd.origin);
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
static int add_network_files(struct resolve_context *context)
{
    const struct host_path *fact = resolve_fact(context, "/etc/resolv.conf");

    if (context->spec->net == SPEC_NET_NONE || fact == NULL || fact->canonical == NULL)
        return 0;
    return put_back(context, fact, fact->canonical, context->spec->net_origin);
}

/* A tree may have another host's, or none.  What it says of names is kept: hosts(5) is its own. */
static int add_network_files_of_tree(struct resolve_context *context)
{
    const struct host_content *content = host_content_find(context->host, "/etc/resolv.conf");
    struct view_entry entry = {
        .step = {STEP_FILE, .target = resolve_target(context, "/etc/resolv.conf"),
                 .origin = context->spec->net_origin,
                 .attributes = RESOLVE_BIND_ATTRIBUTES | MOUNT_ATTR_RDONLY},
        .implied = true,
    };

    if (context->spec->net == SPEC_NET_NONE || content == NULL || content->error != 0)
        return 0;
    if (entry.step.target == NULL)
        return error_oom(context->err);
    entry.step.data = content->data;
    entry.step.size = content->size;
    return resolve_add(context, &entry);
}

/* The caller's directory, where it lies in a part of the tree that is private by default. */
static int add_workdir_of_tree(struct resolve_context *context)
{
    const struct host *host = context->host;
    const char *within = path_relative(host->cwd, host->tree.path);
    const char *target = within == NULL ? NULL : path_join(context->arena, "/", within);

    if (within == NULL)
        return 0;
    if (target == NULL)
        return error_oom(context->err);
    return put_back(context, resolve_fact(context, host->cwd), target, "working directory");
}

/* Show the file @path of the view's root with @line at its end; nothing where there is no such
 * file. */
static int add_with_line(struct resolve_context *context, const char *path, const char *line,
                         const char *origin)
{
    const struct host_content *content = host_inside_content(context->host, path);
    struct view_entry entry = {.step = {STEP_FILE, .target = resolve_target(context, path),
                                        .origin = origin,
                                        .attributes = RESOLVE_BIND_ATTRIBUTES | MOUNT_ATTR_RDONLY},
                               .implied = true};
    bool cut;

    if (line == NULL || entry.step.target == NULL)
        return error_oom(context->err);
    if (content == NULL || content->error != 0)
        return 0;
    cut = content->size > 0 && content->data[content->size - 1] != '\n';
    entry.step.data = arena_printf(context->arena, "%s%s%s", content->data, cut ? "\n" : "", line);
    if (entry.step.data == NULL)
        return error_oom(context->err);
    entry.step.size = strlen(entry.step.data);
    return resolve_add(context, &entry);
}

/* A user that only a directory service knows has a name inside too. */
static int add_account_file(struct resolve_context *context)
{
    const struct host *host = context->host;
    const char *home = host->passwd_home != NULL ? host->passwd_home : "/";
    const char *shell = host->passwd_shell != NULL ? host->passwd_shell : "/bin/sh";

    if (host->tree.path != NULL) {
        const struct tree_account account = tree_account(context->spec, host);

        if (!account.is_added)
            return 0;
        home = account.home;
        shell = account.shell;
    } else if (host->user == NULL || host->user_is_local || context->spec->uid.origin != NULL) {
        return 0;
    }
    return add_with_line(context, "/etc/passwd",
                         arena_printf(context->arena, "%s:x:%u:%u::%s:%s\n", host->user, host->uid,
                                      host->gid, home, shell),
                         "account");
}

/* Programs expect that the name of the machine they run on has an address. */
static int add_hosts_file(struct resolve_context *context)
{
    const struct spec_text *name = &context->spec->hostname;

    return add_with_line(
        context, "/etc/hosts",
        arena_printf(context->arena, "127.0.0.1\t%s\n::1\t%s\n", name->value, name->value),
        name->origin);
}

int implied_add_files(struct resolve_context *context)
{
    int result = add_account_file(context);

    return result < 0 ? result : add_hosts_file(context);
}

int implied_add_grants(struct resolve_context *context)
{
    int result;

    if (context->host->tree.path != NULL) {
        result = add_network_files_of_tree(context);
        return result < 0 ? result : add_workdir_of_tree(context);
    }
    result = add_network_files(context);
    return result < 0 ? result : add_implied(context);
}
