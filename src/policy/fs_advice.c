/* SPDX-License-Identifier: Apache-2.0 */
/* What a sandbox shows at a path by itself, and the options that change it. */
#include "base/path.h"
#include "policy/default_view.h"
#include "policy/fs_judgement.h"

#include <errno.h>
#include <string.h>

static const char about_procfs[] =
    "What the files of procfs show and allow depends on who opens them, and under an overlay that "
    "would be somebody else; so procfs declares the highest stacking depth, 2, for itself, and the "
    "kernel refuses every overlay over it (\"overlayfs: maximum fs stacking depth exceeded\"). A "
    "sandbox needs none: sbx mounts a fresh procfs there, read-only, and mirrors what the host has "
    "mounted below its own.";

static const char *const nothing[] = {NULL};

/* A pair of words, "--ro PATH", in @arena; NULL out of memory. */
static const char *const *words(struct arena *arena, const char *option, const char *value)
{
    const char **list = arena_alloc(arena, 3 * sizeof(*list));

    if (list == NULL || value == NULL)
        return NULL;
    list[0] = option;
    list[1] = value;
    return list;
}

/* @path as the source of a bind, where colons and backslashes need a backslash. */
static const char *bind_source(struct arena *arena, const char *path)
{
    char *text = arena_alloc(arena, 2 * strlen(path) + 1);
    char *write = text;

    for (; text != NULL && *path != '\0'; path++) {
        if (*path == ':' || *path == '\\')
            *write++ = '\\';
        *write++ = *path;
    }
    return text;
}

struct advice {
    struct arena *arena;
    const struct fs_caller *caller;
    struct sbx_fs_path *path;
};

/* It is to be seen by itself; and can be made writable. */
static int shown_by_itself(const struct advice *advice, const char *shown)
{
    advice->path->shown = shown;
    advice->path->read_only = nothing;
    advice->path->writable =
        words(advice->arena, "-w", bind_source(advice->arena, advice->path->real));
    return advice->path->writable == NULL ? -ENOMEM : 0;
}

/* It is not to be seen by itself. */
static int asked_for(const struct advice *advice, const char *shown)
{
    const char *source = bind_source(advice->arena, advice->path->real);

    advice->path->shown = shown;
    advice->path->read_only = words(advice->arena, "--ro", source);
    advice->path->writable = words(advice->arena, "-w", source);
    return advice->path->read_only == NULL || advice->path->writable == NULL ? -ENOMEM : 0;
}

static int advise_proc(const struct advice *advice)
{
    static const char *const guarded[] = {"/proc/sys", "/proc/fs", "/proc/irq"};
    struct sbx_fs_path *path = advice->path;

    if (strcmp(path->type, "proc") != 0)
        return shown_by_itself(advice, "the host's, mirrored below the fresh procfs, read-only");
    if (strcmp(path->real, "/proc") != 0)
        path->shown = "what a fresh procfs has there, read-only";
    else if (advice->caller->proc_covered)
        path->shown = "a fresh procfs, read-only, of the sandbox's own processes; but where parts "
                      "of /proc are covered, as here, the kernel lets only real root have one";
    else
        path->shown = "a fresh procfs, read-only, of the sandbox's own processes";
    path->read_only = nothing;
    for (size_t i = 0; i < sizeof(guarded) / sizeof(guarded[0]); i++)
        if (path_is_within(path->real, guarded[i]))
            return 0; /* read-only also with --proc rw */
    path->writable = words(advice->arena, "--proc", "rw");
    return path->writable == NULL ? -ENOMEM : 0;
}

static int advise_dev(const struct advice *advice)
{
    static const char *const nodes[] = {"/dev/null",   "/dev/zero",    "/dev/full",
                                        "/dev/random", "/dev/urandom", "/dev/tty"};
    struct sbx_fs_path *path = advice->path;

    for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++)
        if (strcmp(path->real, nodes[i]) == 0) {
            path->shown = "the host's device, with its own rights";
            path->read_only = path->writable = nothing;
            return 0;
        }
    if (strcmp(path->kind, "device") == 0) {
        path->shown = "nothing: /dev is a small one of its own";
        path->writable = words(advice->arena, "--dev-node", path->real);
        return path->writable == NULL ? -ENOMEM : 0;
    }
    if (strcmp(path->real, "/dev") == 0)
        return asked_for(advice, "a small one of its own: null, zero, full, random, urandom, tty, "
                                 "pts, shm");
    if (path_is_within(path->real, "/dev/pts"))
        return asked_for(advice, "a new devpts");
    return asked_for(advice, path_is_within(path->real, "/dev/shm")
                                 ? "private: empty, writable"
                                 : "nothing: /dev is a small one of its own");
}

/* The directory that is private in a sandbox and that @real is or lies in; or NULL. */
static const char *private_directory(const struct fs_caller *caller, const char *real)
{
    static const char *const directories[] = {"/tmp", "/var/tmp", "/run"};

    for (size_t i = 0; i < 2; i++)
        if (caller->homes[i] != NULL && path_is_within(real, caller->homes[i]))
            return caller->homes[i];
    for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
        if (path_is_within(real, directories[i]))
            return directories[i];
    return NULL;
}

static int advise_private(const struct advice *advice, const char *directory)
{
    const char *real = advice->path->real;
    const char *cwd = advice->caller->cwd;
    const char *shown;

    /* a working directory that lies in it is put back */
    if (cwd != NULL && path_is_below(cwd, directory) && path_is_within(real, cwd))
        return shown_by_itself(advice, "the host's, read-only: it is in the working directory");
    if (strcmp(real, directory) == 0)
        shown = "private: empty, writable";
    else
        shown = arena_printf(advice->arena,
                             "nothing, unless a profile or PATH needs it: %s is "
                             "private",
                             directory);
    return shown == NULL ? -ENOMEM : asked_for(advice, shown);
}

int fs_advise(struct arena *arena, const struct fs_caller *caller, struct sbx_fs_path *path)
{
    const struct advice advice = {arena, caller, path};
    const char *directory;

    if (strcmp(path->type, "proc") == 0 && (path->depth < 0 || path->depth == 2))
        path->explanation = about_procfs;
    if (path->real == NULL) {
        path->shown = "unknown, because its path without links can't be told";
        return 0;
    }
    if (default_view_masks(path->real, caller->is_root))
        return asked_for(&advice, "nothing: it is hidden");
    if (path_is_within(path->real, "/proc"))
        return advise_proc(&advice);
    if (path_is_within(path->real, "/dev"))
        return advise_dev(&advice);
    directory = private_directory(caller, path->real);
    if (directory != NULL)
        return advise_private(&advice, directory);
    if (strcmp(path->real, "/") == 0)
        return shown_by_itself(&advice, "the host's tree, read-only, with all mounts below; home, "
                                        "/tmp, /run and their like are private");
    return shown_by_itself(&advice, "the host's, read-only, with all mounts below");
}
