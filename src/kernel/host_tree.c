/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tree of --root.
 *
 * Theory of operation.  Whoever may write to the tree, an earlier command in it above all, decides
 * what its links say.  So no path of it is ever opened but with the tree as the root
 * (RESOLVE_IN_ROOT), and what is told of it are paths within it: a link to /etc/shadow leads to the
 * tree's own.  The walk by names of host_place_probe() stops at the tree as well.
 */
#include "kernel/host_internal.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "base/path.h"
#include "kernel/account.h"
#include "kernel/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONTENT_LIMIT (16U << 20)

static int look_at_path(struct arena *arena, int root, const char *path, const char *tree,
                        struct host_path *ret_fact)
{
    _cleanup_close_ int fd = open_as_root(root, path, O_PATH);
    const char *within;

    if (fd < 0) {
        *ret_fact = (struct host_path){.path = path, .type = HOST_FILE_MISSING, .error = -fd};
        return 0;
    }
    if (host_path_describe(arena, fd, path, ret_fact) < 0)
        return -ENOMEM;
    if (ret_fact->canonical == NULL)
        return 0;
    within = path_relative(ret_fact->canonical, tree);
    if (within == NULL) { /* the tree was moved meanwhile */
        *ret_fact = (struct host_path){.path = path, .type = HOST_FILE_MISSING, .error = ESTALE};
        return 0;
    }
    ret_fact->canonical = path_join(arena, "/", within);
    return ret_fact->canonical == NULL ? -ENOMEM : 0;
}

static int probe_path(struct arena *arena, int root, const char *path, struct host *host)
{
    struct host_path fact;
    int result = look_at_path(arena, root, path, host->tree.path, &fact);

    return result < 0 ? result : host_paths_add(&host->tree.paths, arena, &fact);
}

static int probe_hidden(struct arena *arena, const char *path, struct host *host)
{
    const struct host_path *fact = host_inside_path(host, path);
    const char *outside;

    if (fact == NULL || fact->canonical == NULL)
        return 0;
    outside = host_outside(arena, host, fact->canonical);
    return outside == NULL ? -ENOMEM : host_aliases_probe(arena, host, outside);
}

static int probe_content(struct arena *arena, int root, const char *path, struct host *host)
{
    struct host_content *content = ARENA_PUSH(arena, &host->tree.contents);
    _cleanup_close_ int fd = open_as_root(root, path, O_PATH);
    char name[64];
    char *data = NULL;
    int result = fd;

    if (content == NULL)
        return -ENOMEM;
    *content = (struct host_content){.path = path};
    if (fd >= 0) { /* the very file that was found, whatever its name leads to by now */
        snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
        result = io_read_file(arena, AT_FDCWD, name, CONTENT_LIMIT, &data, &content->size);
    }
    if (result == -ENOMEM)
        return result;
    content->data = data;
    content->error = result < 0 ? -result : 0;
    return 0;
}

static int compare_entries(const void *left, const void *right)
{
    const struct host_entry *a = left;
    const struct host_entry *b = right;

    return strcmp(a->name, b->name);
}

static int add_entry(struct arena *arena, int directory, const char *name,
                     struct host_listing *listing)
{
    struct host_entry *entry;
    struct stat status;
    char text[PATH_MAX];
    ssize_t length;

    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return 0;
    if (listing->count == HOST_MAX_ENTRIES)
        return -E2BIG;
    if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : -errno;
    entry = ARENA_PUSH(arena, listing);
    if (entry == NULL)
        return -ENOMEM;
    *entry = (struct host_entry){
        .name = arena_strdup(arena, name),
        .type = host_file_type_of(status.st_mode),
        .device = status.st_dev,
        .inode = status.st_ino,
    };
    if (S_ISLNK(status.st_mode)) {
        length = readlinkat(directory, name, text, sizeof(text));
        if (length < 0 || length == (ssize_t)sizeof(text))
            return length < 0 ? -errno : -ENAMETOOLONG;
        entry->link = arena_strndup(arena, text, (size_t)length);
    }
    return entry->name == NULL || (S_ISLNK(status.st_mode) && entry->link == NULL) ? -ENOMEM : 0;
}

static int list(struct arena *arena, int root, const char *path, struct host *host)
{
    struct host_listing *listing;
    _cleanup_closedir_ DIR *stream = NULL;
    const struct dirent *entry;
    int result = 0;
    int fd;

    if (host_tree_listing(host, path) != NULL)
        return 0;
    listing = ARENA_PUSH(arena, &host->tree.listings);
    if (listing == NULL)
        return -ENOMEM;
    *listing = (struct host_listing){.path = path};
    fd = open_as_root(root, path, O_RDONLY | O_DIRECTORY);
    stream = fd < 0 ? NULL : fdopendir(fd);
    if (stream == NULL) {
        listing->error = fd < 0 ? -fd : errno;
        if (fd >= 0)
            close(fd);
        return 0;
    }
    while (result == 0 && (entry = readdir(stream)) != NULL)
        result = add_entry(arena, dirfd(stream), entry->d_name, listing);
    if (result == -ENOMEM)
        return result;
    listing->error = -result;
    if (listing->count > 0)
        qsort(listing->items, listing->count, sizeof(*listing->items), compare_entries);
    return 0;
}

/* Where the end of a place is missing, it may have to be made among what is there. */
static int probe_place(struct arena *arena, int root, const char *path, struct host *host)
{
    struct host_place *place = ARENA_PUSH(arena, &host->tree.places);

    if (place == NULL || host_place_probe(arena, host->tree.path, path, place) < 0)
        return -ENOMEM;
    if (place->error != 0 || !place->directory || strcmp(place->place, place->there) == 0)
        return 0;
    return list(arena, root, place->there, host);
}

int host_tree_find_account(struct arena *arena, uid_t uid, struct host *host)
{
    const struct host_content *passwd = host_inside_content(host, "/etc/passwd");
    struct host_tree *tree = &host->tree;
    struct account account;
    int result;

    if (passwd == NULL || passwd->error != 0)
        return 0;
    if (host->user != NULL) {
        result = account_in_text(arena, passwd->data, passwd->size, host->user, 0, &account);
        if (result == 0)
            tree->user_is_taken = account.uid != uid;
        else if (result != -ENOENT)
            return result;
    }
    result = account_in_text(arena, passwd->data, passwd->size, NULL, uid, &account);
    if (result < 0)
        return result == -ENOENT ? 0 : result;
    tree->has_account = true;
    tree->user = account.name;
    tree->home = account.home[0] == '/' ? path_absolute(arena, "/", account.home) : NULL;
    tree->shell = account.shell;
    return 0;
}

/* Which of them is the command's home is not settled here. */
static int probe_homes(struct arena *arena, int root, struct host *host)
{
    const char *homes[] = {host->tree.home, host->passwd_home, host_getenv(host, "HOME")};

    for (size_t i = 0; i < ARRAY_SIZE(homes); i++) {
        const char *home = homes[i];

        if (home == NULL || home[0] != '/')
            continue;
        home = path_absolute(arena, "/", home);
        if (home == NULL)
            return -ENOMEM;
        if (host_inside_place(host, home) != NULL)
            continue;
        if (probe_path(arena, root, home, host) < 0 || probe_place(arena, root, home, host) < 0)
            return -ENOMEM;
    }
    return 0;
}

int host_tree_probe(struct arena *arena, const struct host_request *request, struct host *host)
{
    const struct host_tree_request *asked = &request->tree;
    _cleanup_close_ int root = open(asked->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct host_path fact;
    int result = 0;

    if (root < 0 || faccessat(root, ".", X_OK, AT_EACCESS) < 0) {
        host->tree.error = errno;
        return 0;
    }
    if (host_path_describe(arena, root, asked->path, &fact) < 0)
        return -ENOMEM;
    host->tree.path = fact.canonical;
    host->tree.error = fact.error;
    host->tree.device = fact.device;
    host->tree.inode = fact.inode;
    if (fact.canonical == NULL)
        return 0;
    for (size_t i = 0; result == 0 && i < asked->paths.count; i++)
        result = probe_path(arena, root, asked->paths.items[i], host);
    for (size_t i = 0; result == 0 && i < asked->hidden.count; i++)
        result = probe_hidden(arena, asked->hidden.items[i], host);
    for (size_t i = 0; result == 0 && i < asked->files.count; i++)
        result = probe_content(arena, root, asked->files.items[i], host);
    for (size_t i = 0; result == 0 && i < asked->places.count; i++)
        result = probe_place(arena, root, asked->places.items[i], host);
    if (result == 0)
        result = host_tree_find_account(arena, asked->uid, host);
    return result < 0 ? result : probe_homes(arena, root, host);
}

const char *host_outside(struct arena *arena, const struct host *host, const char *path)
{
    return host->tree.path == NULL ? path : path_join(arena, host->tree.path, path + 1);
}

const struct host_listing *host_tree_listing(const struct host *host, const char *path)
{
    for (size_t i = 0; i < host->tree.listings.count; i++)
        if (strcmp(host->tree.listings.items[i].path, path) == 0)
            return &host->tree.listings.items[i];
    return NULL;
}
