/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory of operation.  The kernel's own walk over the path is done again here, component by
 * component and link by link, so that each directory that decides about the next step is looked at:
 * who can write to one of them can put another file in the place of what follows.  A sticky
 * directory is no better, for its owner's entries may not be root's.
 *
 * A walk by hand can differ from the kernel's (links of procfs lead where their text does not say,
 * and what is looked at may change meanwhile), so both have to end at the same file.
 */
#include "kernel/command_trust.h"

#include "base/cleanup.h"
#include "base/path.h"
#include "kernel/host_internal.h"
#include "kernel/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define MAX_HOPS 40 /* links, as path_resolution(7) has it */

/* What init takes where the environment has no PATH. */
#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static const char *const program_places[] = {"/usr", "/bin", "/sbin", "/opt"};

/* The tree in which paths are looked up: the host's as it is, or that of --root. */
struct tree {
    int fd; /* negative: the host's */
};

/* A walk: @directory is open and stands for @done, @ahead is what is left. */
struct walk {
    struct arena *arena;
    const struct tree *tree;
    uid_t root; /* the owner of the host's "/" */
    bool trusted;
    unsigned hops;
    int directory;
    char *done;
    const char *ahead;
};

/* The owner of "/" stands for root in a user namespace, where host root has no number; but a root
 * directory that the caller made says nothing. */
static uid_t root_owner(const struct host *caller)
{
    struct stat status;

    if (stat("/", &status) < 0 || status.st_uid == caller->uid)
        return 0;
    return status.st_uid;
}

/* The group's write bit also shows an ACL that lets somebody write (acl(5)). */
static bool only_root_writes(const struct walk *walk, const struct stat *status)
{
    if (status->st_uid != 0 && status->st_uid != walk->root)
        return false;
    return S_ISLNK(status->st_mode) || (status->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

static int enter(struct walk *walk, int fd, char *done)
{
    struct stat status;

    if (done == NULL) {
        close(fd);
        return -ENOMEM;
    }
    if (walk->directory >= 0)
        close(walk->directory);
    walk->directory = fd;
    walk->done = done;
    if (fstat(fd, &status) < 0 || !only_root_writes(walk, &status))
        walk->trusted = false;
    return 0;
}

/* What the kernel finds at @path. */
static int open_in(const struct tree *tree, const char *path)
{
    int fd;

    if (tree->fd >= 0)
        return open_as_root(tree->fd, path, O_PATH);
    fd = open(path, O_PATH | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static int enter_root(struct walk *walk)
{
    int fd = open_in(walk->tree, "/");

    return fd < 0 ? fd : enter(walk, fd, arena_strdup(walk->arena, "/"));
}

/* Put what the link @fd says before what is ahead. */
static int follow(struct walk *walk, int fd)
{
    char text[PATH_MAX];
    ssize_t length = readlinkat(fd, "", text, sizeof(text) - 1);

    if (length <= 0)
        return length < 0 ? -errno : -ENOENT;
    if (++walk->hops > MAX_HOPS)
        return -ELOOP;
    text[length] = '\0';
    walk->ahead = arena_printf(walk->arena, "%s/%s", text, walk->ahead);
    if (walk->ahead == NULL)
        return -ENOMEM;
    return text[0] == '/' ? enter_root(walk) : 0;
}

/* The next component of what is ahead, or NULL at the end. */
static char *next_name(struct walk *walk)
{
    const char *start = walk->ahead + strspn(walk->ahead, "/");
    size_t length = strcspn(start, "/");

    walk->ahead = start + length;
    return length == 0 ? NULL : arena_strndup(walk->arena, start, length);
}

/* One component.  1 where it was the file, whose descriptor is *@ret_fd; 0 to go on. */
static int step(struct walk *walk, const char *name, int *ret_fd)
{
    _cleanup_close_ int fd = -EBADF;
    struct stat status;

    if (strcmp(name, "..") == 0 && strcmp(walk->done, "/") == 0)
        return 0;
    fd = openat(walk->directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status) < 0)
        return -errno;
    if (strcmp(name, "..") == 0)
        return enter(walk, take_fd(&fd), path_parent(walk->arena, walk->done));
    if (S_ISDIR(status.st_mode))
        return enter(walk, take_fd(&fd), path_join(walk->arena, walk->done, name));
    if (!only_root_writes(walk, &status))
        walk->trusted = false;
    if (S_ISLNK(status.st_mode))
        return follow(walk, fd);
    if (walk->ahead[strspn(walk->ahead, "/")] != '\0')
        return -ENOTDIR;
    walk->done = path_join(walk->arena, walk->done, name);
    if (walk->done == NULL)
        return -ENOMEM;
    *ret_fd = take_fd(&fd);
    return 1;
}

/* Walk to the file @path. 1 with *@ret_fd, or a negative errno. */
static int walk_to(struct walk *walk, const char *path, int *ret_fd)
{
    int result;

    walk->ahead = path;
    result = enter_root(walk);
    while (result == 0) {
        const char *name = next_name(walk);

        if (name == NULL)
            result = -EISDIR;
        else if (strcmp(name, ".") != 0)
            result = step(walk, name, ret_fd);
    }
    return result;
}

/* May the file system come from anybody, as a stick that the desktop mounted for the caller, or
 * one in user space?  Then its inodes say that they are root's because its maker wanted it. */
static bool is_foreign(int fd)
{
    struct statvfs status;

    return fstatvfs(fd, &status) < 0 || (status.f_flag & ST_NOSUID) != 0;
}

static bool is_program_place(const char *path)
{
    for (size_t i = 0; i < ARRAY_SIZE(program_places); i++)
        if (path_is_below(path, program_places[i]))
            return true;
    return false;
}

/* Can nobody but root put another tree in the place of @root, or something into it? */
static bool is_trusted_tree(struct arena *arena, const struct host *caller, const char *root)
{
    const struct tree host = {.fd = -EBADF};
    struct walk walk = {.arena = arena, .tree = &host, .trusted = true, .directory = -EBADF};
    _cleanup_close_ int fd = -EBADF;
    int result;

    walk.root = root_owner(caller);
    result = walk_to(&walk, root, &fd);
    if (walk.directory >= 0)
        close(walk.directory);
    return result == -EISDIR && walk.trusted;
}

/* What the file @path, known to be there, is worth. */
static int judge(struct arena *arena, const struct host *caller, const struct tree *tree,
                 const char *path, enum command_trust *ret_trust)
{
    _cleanup_close_ int fd = -EBADF;
    _cleanup_close_ int found = open_in(tree, path);
    struct walk walk = {.arena = arena, .tree = tree, .trusted = true, .directory = -EBADF};
    struct stat by_hand;
    struct stat by_kernel;
    /* where a link begins counts too: its name is what chooses */
    const char *start = path_absolute(arena, "/", path);
    int result;

    if (start == NULL)
        return -ENOMEM;
    walk.root = root_owner(caller);
    result = walk_to(&walk, path, &fd);
    if (walk.directory >= 0)
        close(walk.directory);
    if (result == -ENOMEM)
        return result;
    if (result < 0 || !walk.trusted || fstat(fd, &by_hand) < 0 || fstat(found, &by_kernel) < 0 ||
        by_hand.st_dev != by_kernel.st_dev || by_hand.st_ino != by_kernel.st_ino ||
        !S_ISREG(by_hand.st_mode))
        *ret_trust = COMMAND_WRITABLE;
    else if ((caller->uid == 0 || walk.root != 0 || is_foreign(fd)) &&
             (!is_program_place(walk.done) || !is_program_place(start)))
        *ret_trust = COMMAND_ELSEWHERE;
    else
        *ret_trust = COMMAND_TRUSTED;
    return 0;
}

/* faccessat2(2) may be missing, or hidden by a filter around sbx. */
static int may_execute(int fd)
{
    char path[32];

    if (faccessat(fd, "", X_OK, AT_EACCESS | AT_EMPTY_PATH) == 0)
        return 1;
    if (errno == EACCES)
        return 0;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    if (access(path, X_OK) == 0)
        return 1;
    return errno == EACCES ? 0 : -errno;
}

/* What a search for a command passes over, as init's own does. */
static bool is_no_program(int error)
{
    return host_is_answer(error) || error == EACCES || error == ESTALE || error == ENODEV ||
           error == ETIMEDOUT;
}

/* 1, 0, or a negative errno where it can't be told. */
static int is_executable(const struct tree *tree, const char *path)
{
    _cleanup_close_ int fd = open_in(tree, path);
    struct stat status;

    if (fd < 0)
        return is_no_program(-fd) ? 0 : fd;
    if (fstat(fd, &status) < 0)
        return -errno;
    return S_ISREG(status.st_mode) ? may_execute(fd) : 0;
}

/* @name in the @length bytes of @directory.  Not normalised: ".." after a link leads elsewhere. */
static char *place_of(struct arena *arena, const char *cwd, const char *directory, size_t length,
                      const char *name)
{
    const char *start = length > 0 && directory[0] == '/' ? "" : cwd;

    return arena_printf(arena, "%s%s%.*s%s%s", start, start[0] == '\0' ? "" : "/", (int)length,
                        directory, length > 0 ? "/" : "", name);
}

/* The file that init would execute: -ENOENT where there is none.  Another error is none of these: a
 * file that can't be looked at may be the one whose profile hides something. */
static int find(struct arena *arena, const struct host *caller, const struct tree *tree,
                const struct command_search *search, char **ret_path)
{
    const char *command = search->command;
    const char *element = search->search_path != NULL ? search->search_path : DEFAULT_PATH;
    const char *end = element + strlen(element);
    int found;

    if (command[0] == '\0')
        return -ENOENT;
    if (strchr(command, '/') != NULL) {
        *ret_path = command[0] == '/' ? arena_strdup(arena, command)
                                      : arena_printf(arena, "%s/%s", caller->cwd, command);
        if (*ret_path == NULL)
            return -ENOMEM;
        found = is_executable(tree, *ret_path);
        return found == 0 ? -ENOENT : found < 0 ? found : 0;
    }
    for (;; element++) {
        size_t length = strcspn(element, ":");
        char *path =
            length > PATH_MAX ? NULL : place_of(arena, caller->cwd, element, length, command);

        if (path == NULL && length <= PATH_MAX)
            return -ENOMEM;
        found = path == NULL ? 0 : is_executable(tree, path);
        if (found > 0)
            *ret_path = path;
        if (found != 0)
            return found < 0 ? found : 0;
        element += length;
        if (element == end)
            return -ENOENT;
    }
}

/* In a tree a relative name may lead to what is mounted over it: it is nothing to go by. */
static bool is_relative(const struct command_search *search)
{
    const char *element = search->search_path;

    if (strchr(search->command, '/') != NULL)
        return search->command[0] != '/';
    while (element != NULL && *element == '/') {
        element = strchr(element, ':');
        element = element == NULL ? NULL : element + 1;
    }
    return element != NULL;
}

static bool meet(const char *path, const char *other)
{
    return path_is_within(path, other) || path_is_within(other, path);
}

/* Where the kernel finds what @fd stands for, as a path of the host; NULL where it can't be told.
 */
static const char *place_of_descriptor(struct arena *arena, int fd)
{
    char name[64];
    char text[PATH_MAX];
    ssize_t length;

    snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    length = readlink(name, text, sizeof(text));
    return length <= 0 || length == (ssize_t)sizeof(text)
               ? NULL
               : arena_strndup(arena, text, (size_t)length);
}

/* The path of the file itself, without links, within @tree; NULL where it can't be told. */
static const char *canonical_of(struct arena *arena, const struct tree *tree, const char *path)
{
    _cleanup_close_ int fd = open_in(tree, path);
    const char *place = fd < 0 ? NULL : place_of_descriptor(arena, fd);
    const char *root = tree->fd < 0 ? "/" : place_of_descriptor(arena, tree->fd);
    const char *rest = place == NULL || root == NULL ? NULL : path_relative(place, root);

    return rest == NULL ? NULL : path_join(arena, "/", rest);
}

/* May an option put another file in the place of @path, or before it on the way of the search? */
static bool is_replaced(struct arena *arena, const struct host *caller, const struct tree *tree,
                        const struct command_search *search, const char *path)
{
    const char *element = search->search_path != NULL ? search->search_path : DEFAULT_PATH;
    const char *found = path_absolute(arena, caller->cwd, path);
    const char *canonical = search->replaced.count == 0 ? NULL : canonical_of(arena, tree, path);

    for (size_t i = 0; i < search->replaced.count; i++) {
        const char *place = search->replaced.items[i];

        if (found == NULL || canonical == NULL || path_is_within(found, place) ||
            path_is_within(canonical, place))
            return true;
        for (const char *next = element; strchr(search->command, '/') == NULL && next != NULL;) {
            size_t length = strcspn(next, ":");
            char *word = arena_strndup(arena, next, length);
            char *directory = word == NULL ? NULL : path_absolute(arena, caller->cwd, word);

            if (directory == NULL || meet(directory, place))
                return true;
            next = next[length] == ':' ? next + length + 1 : NULL;
        }
    }
    return false;
}

static int probe_in(struct arena *arena, const struct host *caller, const struct tree *tree,
                    const struct command_search *search, enum command_trust *ret_trust,
                    char **ret_path)
{
    int result = find(arena, caller, tree, search, ret_path);

    if (result == -ENOENT)
        *ret_path = NULL;
    if (result < 0)
        return result == -ENOENT ? 0 : result;
    if (search->root != NULL && is_relative(search))
        *ret_trust = COMMAND_ELSEWHERE;
    else if (is_replaced(arena, caller, tree, search, *ret_path))
        *ret_trust = COMMAND_REPLACED;
    else if (search->root != NULL && !is_trusted_tree(arena, caller, search->root))
        *ret_trust = COMMAND_WRITABLE;
    else
        result = judge(arena, caller, tree, *ret_path, ret_trust);
    return result;
}

int command_trust_probe(struct arena *arena, const struct host *caller,
                        const struct command_search *search, enum command_trust *ret_trust,
                        const char **ret_path, struct sbx_error *err)
{
    _cleanup_close_ int root =
        search->root == NULL ? -EBADF : open(search->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    const struct tree tree = {.fd = root};
    enum command_trust trust = COMMAND_NOT_FOUND;
    char *path = NULL;
    int result = 0;

    if (search->root == NULL || root >= 0)
        result = probe_in(arena, caller, &tree, search, &trust, &path);
    if (result == -ENOMEM)
        return error_oom(err);
    if (result < 0)
        return error_set(err, SBX_ERROR_SETUP, -result, "profile", NULL,
                         "cannot tell which file is the command '%s', and so whether it has a "
                         "profile",
                         search->command);
    *ret_trust = trust;
    *ret_path = path;
    return 0;
}
