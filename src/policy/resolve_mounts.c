/* SPDX-License-Identifier: Apache-2.0 */
/* The part of resolve() that works out the view: defaults, implied grants, options. */
#include "policy/resolve_mounts.h"

#include "base/path.h"
#include "policy/default_view.h"
#include "policy/guard.h"
#include "policy/implied.h"
#include "policy/mount_points.h"
#include "policy/tree.h"

#include <errno.h>
#include <string.h>
#include <sys/mount.h>

#define USUAL_ENTRIES 96 /* of a view: most have no more */

const struct host_path *resolve_fact(const struct resolve_context *context, const char *path)
{
    char *absolute = path_absolute(context->arena, context->host->cwd, path);

    return absolute == NULL ? NULL : host_path_find(context->host, absolute);
}

const struct host_path *resolve_inside_fact(const struct resolve_context *context, const char *path)
{
    char *absolute = path_absolute(context->arena, context->host->cwd, path);

    return absolute == NULL ? NULL : host_inside_path(context->host, absolute);
}

int resolve_add(struct resolve_context *context, const struct view_entry *entry)
{
    return view_add(&context->view, context->arena, entry) < 0 ? error_oom(context->err) : 0;
}

/* Hide @path and every other place where it shows; in the tree of --root, mask_hidden() does that.
 */
static int hide(struct resolve_context *context, const char *path, bool directory, bool asked,
                const char *origin)
{
    struct view_entry entry = {
        .step = {STEP_MASK, .target = path, .origin = origin},
        .asked = asked,
        .directory = directory,
        .host = host_outside(context->arena, context->host, path),
    };
    int result = entry.host == NULL ? error_oom(context->err) : resolve_add(context, &entry);

    for (size_t i = 0;
         result == 0 && context->host->tree.path == NULL && i < context->host->aliases.count; i++) {
        if (strcmp(context->host->aliases.items[i].path, path) != 0)
            continue;
        entry.step.target = context->host->aliases.items[i].alias;
        entry.host = entry.step.target;
        result = resolve_add(context, &entry);
    }
    return result;
}

/* $HOME, and the account's home where that is another directory of the caller's own. */
static void find_homes(struct resolve_context *context)
{
    const struct host *host = context->host;
    const char *names[2] = {host_getenv(host, "HOME"), host->passwd_home};
    size_t count = 0;

    for (size_t i = 0; i < 2; i++) {
        const struct host_path *fact =
            names[i] != NULL && names[i][0] == '/' ? resolve_fact(context, names[i]) : NULL;

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

static int add_home_directory(struct resolve_context *context, const char *home)
{
    const struct spec_text *option = &context->spec->home_option;
    const struct host_path *fact = resolve_fact(context, option->value);
    struct view_entry entry = {
        .step = {STEP_BIND, .target = home, .origin = option->origin,
                 .attributes = RESOLVE_BIND_ATTRIBUTES},
        .asked = true,
        .writable = true,
        .directory = true,
    };

    if (fact == NULL || fact->type != HOST_FILE_DIRECTORY || fact->canonical == NULL)
        return error_usage(context->err, option->origin, "'%s' is not a directory", option->value);
    if (resolve_check_link(context, option->value, fact, option->origin) < 0)
        return -EINVAL;
    entry.step.source = fact->canonical;
    entry.step.device = fact->device;
    entry.step.inode = fact->inode;
    return resolve_add(context, &entry);
}

/* Hide @path, and every other place of the host where it shows, in the binds of the view. */
static int mask_in_binds(struct resolve_context *context, const char *path, bool directory,
                         bool asked, const char *origin)
{
    const struct view_entry mask = {
        .step = {STEP_MASK, .origin = origin},
        .asked = asked,
        .directory = directory,
    };
    int result = view_mask_source(&context->view, context->arena, path, &mask);

    for (size_t i = 0; i < context->host->aliases.count && result == 0; i++)
        if (strcmp(context->host->aliases.items[i].path, path) == 0)
            result = view_mask_source(&context->view, context->arena,
                                      context->host->aliases.items[i].alias, &mask);
    return result;
}

/* The home that the tree of --root has for the command; those of the host are still hidden. */
static int add_home_of_tree(struct resolve_context *context, const char *origin)
{
    const struct tree_account account = tree_account(context->spec, context->host);
    const char *target = resolve_target(context, account.home);

    find_homes(context);
    if (target == NULL)
        return error_oom(context->err);
    /* before what is put back into them */
    for (size_t i = 0; i < 2; i++)
        if (context->homes[i] != NULL &&
            mask_in_binds(context, context->homes[i], true, false, "default") < 0)
            return error_oom(context->err);
    if (context->spec->home == SPEC_HOME_DIRECTORY) {
        if (strcmp(account.home, "/") == 0)
            return error_usage(context->err, origin, "there is no home directory to put it over");
        return add_home_directory(context, target);
    }
    if (account.home_is_private && strcmp(target, "/") != 0 &&
        default_view_add_tmpfs(&context->view, context->arena, context->host, target, 0700, 20,
                               origin) < 0)
        return error_oom(context->err);
    return 0;
}

static int add_homes(struct resolve_context *context)
{
    const struct spec *spec = context->spec;
    const char *origin = spec->home_option.origin != NULL ? spec->home_option.origin : "default";
    int result = 0;

    if (context->host->tree.path != NULL)
        return add_home_of_tree(context, origin);
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

/* What is bound: only '/' as a whole is the tree of --root, if there is one. */
static const struct host_path *source_fact(const struct resolve_context *context, const char *path)
{
    return path_is_root(path) && context->spec->root.value != NULL
               ? resolve_fact(context, context->spec->root.value)
               : resolve_fact(context, path);
}

static int add_writable(struct resolve_context *context, const struct host_path *tree)
{
    const struct host_path **slot;

    if (tree == NULL || tree->canonical == NULL)
        return 0;
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): the elements are pointers */
    slot = ARENA_PUSH(context->arena, &context->writable);
    if (slot == NULL)
        return -ENOMEM;
    *slot = tree;
    return 0;
}

/* Once: to look for each of them again for each bind would take the third power of their number. */
static int find_writable(struct resolve_context *context)
{
    const struct spec *spec = context->spec;
    int result = spec->home == SPEC_HOME_DIRECTORY
                     ? add_writable(context, resolve_fact(context, spec->home_option.value))
                     : 0;

    for (size_t i = 0; i < spec->mounts.count && result == 0; i++) {
        const struct spec_mount *mount = &spec->mounts.items[i];

        if (mount->kind == SPEC_MOUNT_RW)
            result =
                add_writable(context, source_fact(context, mount->source != NULL ? mount->source
                                                                                 : mount->target));
    }
    return result;
}

int resolve_check_link(struct resolve_context *context, const char *name,
                       const struct host_path *fact, const char *origin)
{
    for (size_t i = 0; i < context->writable.count; i++) {
        const struct host_path *tree = context->writable.items[i];

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

/* What sbx writes for the caller goes where the caller means, and not where the command of an
 * earlier run has put a link to. */
static int check_output(struct resolve_context *context, const struct spec_text *output,
                        struct plan_directory *ret_directory)
{
    const char *path = output->value == NULL
                           ? NULL
                           : path_absolute(context->arena, context->host->cwd, output->value);
    const char *parent = path == NULL ? NULL : path_parent(context->arena, path);
    const struct host_path *fact = parent == NULL ? NULL : host_path_find(context->host, parent);

    if (output->value == NULL)
        return 0;
    if (parent == NULL)
        return error_oom(context->err);
    if (fact == NULL || fact->canonical == NULL)
        return 0; /* it can't be opened, which says why */
    *ret_directory = (struct plan_directory){.device = fact->device, .inode = fact->inode};
    return resolve_check_link(context, output->value, fact, output->origin);
}

static int add_root_secrets(struct resolve_context *context)
{
    if (context->host->uid != 0)
        return 0;
    for (const char *const *path = root_secrets; *path != NULL; path++) {
        const struct host_path *fact = host_inside_path(context->host, *path);
        const struct host_place *leads = host_inside_place(context->host, *path);
        /* a mask is put where a link leads; what is not there now may come to be */
        const char *place = fact != NULL && fact->canonical != NULL ? fact->canonical
                            : leads != NULL                         ? leads->place
                                                                    : *path;
        int result = leads != NULL && leads->error != 0
                         ? 0 /* nobody gets there */
                         : hide(context, place, fact != NULL && fact->type == HOST_FILE_DIRECTORY,
                                false, "root's secrets");

        if (result < 0)
            return result;
    }
    return 0;
}

/* Links of the host count where the host's tree shows, a private directory has none. */
const char *resolve_target(const struct resolve_context *context, const char *path)
{
    char *absolute = path_absolute(context->arena, context->host->cwd, path);

    if (absolute == NULL || view_hides(&context->view, absolute))
        return absolute;
    return host_inside_leads_to(context->arena, context->host, absolute);
}

static int add_bind(struct resolve_context *context, const struct spec_mount *mount,
                    const char *target)
{
    bool is_root = path_is_root(mount->source) && strcmp(target, "/") == 0;
    const struct host_path *fact =
        is_root ? source_fact(context, mount->source) : resolve_fact(context, mount->source);
    bool writable = mount->kind == SPEC_MOUNT_RW;
    struct view_entry entry = {
        .step = {STEP_BIND, .target = target, .origin = mount->origin},
        .asked = true,
        .writable = writable,
    };

    if (fact == NULL || fact->canonical == NULL) {
        int number = fact != NULL && fact->error != 0 ? fact->error : ENOENT;

        if (mount->optional && (number == ENOENT || number == ENOTDIR))
            return 0;
        error_set(context->err, SBX_ERROR_USAGE, number, "bind", mount->source, "'%s'",
                  mount->source);
        error_add_origin(context->err, mount->origin);
        error_add_hint(context->err,
                       number == ENOENT || number == ENOTDIR
                           ? "check the path, or add ':PATH:optional' where it may be missing"
                           : "the caller of sbx needs access to what it shows inside");
        return -number;
    }
    if (resolve_check_link(context, mount->source, fact, mount->origin) < 0)
        return -EINVAL;
    if (strcmp(fact->canonical, "/proc") == 0) { /* it would show every process of the host */
        error_usage(context->err, mount->origin, "the host's '/proc' is never shown inside");
        error_add_hint(context->err,
                       "there is a fresh one; --proc rw lets the command write to it");
        return -EINVAL;
    }
    if (strcmp(fact->canonical, "/") == 0 && strcmp(target, "/") != 0)
        return error_usage(context->err, mount->origin, "'/' can be shown at '/' only");
    if (mount->kind != SPEC_MOUNT_DEV_NODE && fact->type == HOST_FILE_DEVICE &&
        strcmp(fact->canonical, target) == 0) { /* it would be there, and nobody could open it */
        error_usage(context->err, mount->origin, "'%s' is a device", mount->source);
        error_add_hint(context->err, "--dev-node shows a device that can be used");
        return -EINVAL;
    }
    if (mount->kind == SPEC_MOUNT_DEV_NODE) {
        if (fact->type != HOST_FILE_DEVICE)
            return error_usage(context->err, mount->origin, "'%s' is not a device", mount->source);
        entry.step.attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;
        entry.device = true;
    } else {
        entry.step.attributes = RESOLVE_BIND_ATTRIBUTES | (writable ? 0 : MOUNT_ATTR_RDONLY) |
                                (mount->noexec ? MOUNT_ATTR_NOEXEC : 0);
    }
    entry.directory = fact->type == HOST_FILE_DIRECTORY;
    entry.step.source = fact->canonical;
    entry.step.device = fact->device;
    entry.step.inode = fact->inode;
    if (strcmp(target, "/") == 0) { /* the whole tree: the mirror is that bind */
        entry.step.kind = STEP_MIRROR;
        if (!is_root)
            return error_usage(context->err, mount->origin, "only '/' itself can be put at '/'");
    }
    return resolve_add(context, &entry);
}

static int add_file(struct resolve_context *context, const struct spec_mount *mount,
                    const char *target)
{
    char *source = path_absolute(context->arena, context->host->cwd, mount->source);
    const struct host_content *content =
        source == NULL ? NULL : host_content_find(context->host, source);
    const struct host_path *fact = source == NULL ? NULL : host_path_find(context->host, source);
    struct view_entry entry = {
        .step = {STEP_FILE, .target = target, .source = source, .origin = mount->origin,
                 .attributes = RESOLVE_BIND_ATTRIBUTES | MOUNT_ATTR_RDONLY},
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
    /* What a link in a writable directory leads to is the command's choice.  The file was looked at
     * and then read, both by its name: it has to be the same. */
    if (fact == NULL || fact->canonical == NULL || fact->device != content->device ||
        fact->inode != content->inode) {
        error_set(context->err, SBX_ERROR_SETUP, ESTALE, "file", mount->source,
                  "'%s' was exchanged while it was read", mount->source);
        error_add_origin(context->err, mount->origin);
        error_add_hint(context->err, "somebody puts other files in its place: try again, or name "
                                     "one that nobody else writes");
        return -ESTALE;
    }
    if (resolve_check_link(context, mount->source, fact, mount->origin) < 0)
        return -EINVAL;
    entry.step.data = content->data;
    entry.step.size = content->size;
    return resolve_add(context, &entry);
}

static int add_tmpfs(struct resolve_context *context, const struct spec_mount *mount,
                     const char *target)
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
        if (mount->inodes != 0)
            entry->step.number2 = mount->inodes;
    }
    return 0;
}

/* What an option hides was there when the plan was made: it must be there, the same, when the mask
 * is put over it, or a rename at the right moment would show it. */
static int expect_same(struct resolve_context *context, const char *target,
                       const struct host_path *fact)
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

static int add_asked(struct resolve_context *context, const struct spec_mount *mount)
{
    const char *target = resolve_target(context, mount->target);
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
    fact = resolve_inside_fact(context, mount->target);
    if (fact == NULL || fact->canonical == NULL) {
        if (fact != NULL && fact->error != ENOENT && fact->error != ENOTDIR &&
            fact->error != EACCES) {
            error_set(context->err, SBX_ERROR_USAGE, fact->error, "hide", mount->target,
                      "cannot tell what '%s' is", mount->target);
            error_add_origin(context->err, mount->origin);
            return -fact->error;
        }
        /* not there, or out of the caller's and so of the command's reach; masked if it appears */
        return resolve_add(
            context,
            &(struct view_entry){.step = {STEP_MASK, .target = target, .origin = mount->origin},
                                 .asked = true,
                                 .absent = fact == NULL || fact->error != EACCES});
    }
    result = hide(context, target, fact->type == HOST_FILE_DIRECTORY, true, mount->origin);
    return result < 0 ? result : expect_same(context, target, fact);
}

/* The same for what the view's root has. */
static int mask_inside(struct resolve_context *context, const struct host_path *fact, bool asked,
                       const char *origin)
{
    const char *outside = host_outside(context->arena, context->host, fact->canonical);

    return outside == NULL
               ? -ENOMEM
               : mask_in_binds(context, outside, fact->type == HOST_FILE_DIRECTORY, asked, origin);
}

/* What is hidden at its own place is hidden in every bind that shows a directory above it, too. */
static int mask_hidden(struct resolve_context *context)
{
    const struct spec_mounts *mounts = &context->spec->mounts;
    int result = 0;

    for (size_t i = 0; i < 2 && result == 0; i++)
        if (context->homes[i] != NULL)
            result = mask_in_binds(context, context->homes[i], true, false, "default");
    for (const char *const *path = root_secrets;
         context->host->uid == 0 && *path != NULL && result == 0; path++) {
        const struct host_path *fact = host_path_find(context->host, *path);
        const struct host_path *inside = host_inside_path(context->host, *path);

        if (fact != NULL && fact->canonical != NULL)
            result = mask_in_binds(context, fact->canonical, fact->type == HOST_FILE_DIRECTORY,
                                   false, "root's secrets");
        if (result == 0 && inside != NULL && inside != fact && inside->canonical != NULL)
            result = mask_inside(context, inside, false, "root's secrets");
    }
    for (size_t i = 0; i < mounts->count && result == 0; i++) {
        const struct host_path *fact = resolve_inside_fact(context, mounts->items[i].target);

        if (mounts->items[i].kind == SPEC_MOUNT_HIDE && fact != NULL && fact->canonical != NULL)
            result = mask_inside(context, fact, true, mounts->items[i].origin);
    }
    return result;
}

/* What the command sees of its cgroup, in the place of the mask that lies over all of the host's.
 */
static int add_cgroupfs(struct resolve_context *context, const struct plan *plan)
{
    const struct spec_cgroup *wanted = &context->spec->cgroup;
    bool delegate = wanted->view == SPEC_CGROUP_DELEGATE;
    struct view_entry entry = {
        .step = {STEP_CGROUPFS, .target = "/sys/fs/cgroup",
                 .origin = wanted->view_origin != NULL ? wanted->view_origin : "default",
                 .attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC |
                               (delegate ? 0 : MOUNT_ATTR_RDONLY),
                 .flags = delegate ? STEP_DELEGATE : 0},
        .writable = delegate,
        .asked = delegate,
        .directory = true,
    };

    if (plan->cgroup == NULL || wanted->view == SPEC_CGROUP_NONE)
        return 0;
    return resolve_add(context, &entry);
}

int resolve_mounts(struct arena *arena, const struct spec *spec, const struct host *host,
                   struct plan *plan, struct sbx_error *err)
{
    struct resolve_context context = {.arena = arena, .spec = spec, .host = host, .err = err};
    int result = 0;

    if (find_writable(&context) < 0 || view_reserve(&context.view, arena, USUAL_ENTRIES) < 0 ||
        default_view_add(&context.view, arena, spec, host) < 0)
        return error_oom(err);
    result = check_output(&context, &spec->report, &plan->report_directory);
    if (result == 0)
        result = check_output(&context, &spec->attest, &plan->attest_directory);
    if (result == 0)
        result = add_root_secrets(&context);
    if (result == 0)
        result = add_cgroupfs(&context, plan);
    if (result == 0)
        result = implied_add_files(&context);
    if (result == 0)
        result = add_homes(&context);
    if (result == 0)
        result = implied_add_grants(&context);
    for (size_t i = 0; i < spec->mounts.count && result == 0; i++)
        result = add_asked(&context, &spec->mounts.items[i]);
    if (result < 0)
        return result;
    /* what gives way hides nothing: it must not count when masks are put where things show */
    if (view_prune(&context.view, arena) < 0 || mask_hidden(&context) < 0 ||
        view_mask_sockets(&context.view, arena, host) < 0)
        return error_oom(err);
    result = guard_register(&context);
    if (result < 0)
        return result;
    /* what is hidden by now is not bound back where a directory is rebuilt */
    result = mount_points_make(&context, plan);
    if (result == 0)
        result = guard_links(&context);
    if (result == 0)
        result = guard_profiles(&context, plan);
    if (result < 0)
        return result;
    if (view_pin_asked(&context.view, arena) < 0 || guard_notices(&context, plan) < 0 ||
        view_steps(&context.view, arena, plan) < 0)
        return error_oom(err);
    return 0;
}
