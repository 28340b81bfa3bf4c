/* SPDX-License-Identifier: Apache-2.0 */
#include "run/register.h"

#include "base/cleanup.h"
#include "base/entries.h"
#include "kernel/cgroup.h"
#include "kernel/peer.h"
#include "kernel/state_directory.h"
#include "run/cgroup_place.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG        64
#define LINK_NAME_SIZE (REGISTER_NAME_SIZE + 8)
#define TRIES          16 /* of made-up names */
#define SWEEPS         8  /* entries that a new one looks at: each costs its supervisor a moment */

/* A name in @directory, whatever the length of that directory's own path. */
static int address_of(int directory, const char *name, struct sockaddr_un *ret_address)
{
    int length;

    *ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
    length = snprintf(ret_address->sun_path, sizeof(ret_address->sun_path), "/proc/self/fd/%d/%s",
                      directory, name);
    return length >= (int)sizeof(ret_address->sun_path) ? -ENAMETOOLONG : 0;
}

static int new_socket(void)
{
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    return fd < 0 ? -errno : fd;
}

static int connect_in(int directory, const char *name)
{
    _cleanup_close_ int fd = new_socket();
    struct sockaddr_un address;
    int result = fd < 0 ? fd : address_of(directory, name, &address);

    if (result < 0)
        return result;
    if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
        return -errno;
    return take_fd(&fd);
}

/* Its owner has died; one that is too busy to be connected to has not. */
static bool is_dead(int directory, const char *name)
{
    _cleanup_close_ int fd = connect_in(directory, name);

    return fd == -ECONNREFUSED;
}

static const char *link_of(const char *name, char buffer[static LINK_NAME_SIZE])
{
    snprintf(buffer, LINK_NAME_SIZE, ".cgroup.%s", name);
    return buffer;
}

/* What a dead one left where it had its cgroup. */
static void sweep_cgroup(int directory, const char *name)
{
    _cleanup_close_ int parent = -EBADF;
    char link[LINK_NAME_SIZE];
    char path[PATH_MAX];
    ssize_t length = readlinkat(directory, link_of(name, link), path, sizeof(path) - 1);

    if (length <= 0)
        return;
    path[length] = '\0';
    parent = cgroup_open(path);
    if (parent >= 0)
        cgroup_place_sweep(parent);
}

/* Removed under the lock: by then a new sandbox may have taken the name.  Not so the cgroup, which
 * can take a moment. */
static void sweep(int directory, const char *name)
{
    char link[LINK_NAME_SIZE];

    sweep_cgroup(directory, name);
    if (flock(directory, LOCK_EX) < 0)
        return;
    if (is_dead(directory, name)) {
        (void)unlinkat(directory, link_of(name, link), 0);
        (void)unlinkat(directory, name, 0);
    }
    flock(directory, LOCK_UN);
}

/* Under the lock. */
static int listen_as(int directory, const char *name)
{
    _cleanup_close_ int fd = new_socket();
    struct sockaddr_un address;
    int result = fd < 0 ? fd : address_of(directory, name, &address);

    if (result < 0)
        return result;
    if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
        if (errno != EADDRINUSE || !is_dead(directory, name))
            return errno == EADDRINUSE ? -EEXIST : -errno;
        if (unlinkat(directory, name, 0) < 0 ||
            bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
            return -errno;
    }
    if (listen(fd, BACKLOG) < 0) {
        result = -errno;
        (void)unlinkat(directory, name, 0);
        return result;
    }
    return take_fd(&fd);
}

static int listen_as_any(int directory, char name[static REGISTER_NAME_SIZE])
{
    int result = -EEXIST;

    for (unsigned i = 0; i < TRIES && result == -EEXIST; i++) {
        uint32_t number;

        if (getrandom(&number, sizeof(number), 0) != sizeof(number))
            return -EIO;
        snprintf(name, REGISTER_NAME_SIZE, "%08x", number);
        result = listen_as(directory, name);
    }
    return result;
}

/* What an sbx left behind that was killed, the next one takes away.  @directory was just opened. */
static void sweep_some(int directory)
{
    struct entries entries = {.fd = directory};
    const struct dirent64 *entry;

    for (unsigned i = 0; i < SWEEPS && (entry = entries_next(&entries)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        i++;
        if (is_dead(directory, entry->d_name))
            sweep(directory, entry->d_name);
    }
}

static int register_error(struct sbx_error *err, int number, const char *directory)
{
    error_set(err, SBX_ERROR_SETUP, -number, "register", directory,
              "cannot use the register of running sandboxes, '%s'", directory);
    if (number != -EMFILE && number != -ENFILE) /* no directory helps */
        error_add_hint(err,
                       number == -EPERM
                           ? "it has to be your own directory, with rights for nobody else (0700)"
                           : "XDG_RUNTIME_DIR names a directory where it can be made");
    return number;
}

int register_add(const char *directory, const char *name, const char *cgroup,
                 struct register_entry *ret_entry, struct sbx_error *err)
{
    char link[LINK_NAME_SIZE];
    struct register_entry entry = {.listener = -EBADF};
    _cleanup_close_ int fd = state_directory_open(directory, 1);

    *ret_entry = (struct register_entry){.directory = -EBADF, .listener = -EBADF};
    if (fd < 0)
        return register_error(err, fd, directory);
    sweep_some(fd);
    if (name != NULL && is_dead(fd, name))
        sweep(fd, name);
    if (flock(fd, LOCK_EX) < 0)
        return error_set(err, SBX_ERROR_SETUP, errno, "register", directory,
                         "cannot lock the register of running sandboxes, '%s'", directory);
    if (name != NULL) {
        text_copy(entry.name, sizeof(entry.name), name);
        entry.listener = listen_as(fd, name);
    } else {
        entry.listener = listen_as_any(fd, entry.name);
    }
    /* without it the next run in the same place sweeps */
    if (entry.listener >= 0 && cgroup != NULL)
        entry.cgroup = symlinkat(cgroup, fd, link_of(entry.name, link)) == 0;
    flock(fd, LOCK_UN);
    if (entry.listener == -EEXIST) {
        error_set(err, SBX_ERROR_USAGE, 0, "name", name, "a sandbox '%s' runs already", name);
        error_add_origin(err, "--name");
        error_add_hint(err, "take another name, or end that one with sbx stop");
        return -EEXIST;
    }
    if (entry.listener < 0)
        return register_error(err, entry.listener, directory);
    entry.directory = take_fd(&fd);
    *ret_entry = entry;
    return 0;
}

void register_remove(struct register_entry *entry)
{
    char link[LINK_NAME_SIZE];

    if (entry->cgroup)
        (void)unlinkat(entry->directory, link_of(entry->name, link), 0);
    if (entry->directory >= 0)
        (void)unlinkat(entry->directory, entry->name, 0);
    cleanup_close(&entry->listener);
    cleanup_close(&entry->directory);
    *entry = (struct register_entry){.directory = -EBADF, .listener = -EBADF};
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

int register_list(struct arena *arena, const char *directory, struct host_strings *ret_names,
                  struct sbx_error *err)
{
    int fd = state_directory_open(directory, 0);
    _cleanup_closedir_ DIR *stream = NULL;
    struct host_strings names = {0};
    const struct dirent *entry;

    *ret_names = names;
    if (fd == -ENOENT)
        return 0; /* nothing has run yet */
    stream = fd < 0 ? NULL : fdopendir(fd);
    if (stream == NULL) {
        int number = fd < 0 ? fd : -errno;

        cleanup_close(&fd);
        return register_error(err, number, directory);
    }
    while ((entry = readdir(stream)) != NULL) {
        if (entry->d_name[0] == '.' || strlen(entry->d_name) >= REGISTER_NAME_SIZE)
            continue;
        if (is_dead(fd, entry->d_name))
            sweep(fd, entry->d_name);
        else if (host_strings_add(&names, arena, entry->d_name) < 0)
            return error_oom(err);
    }
    if (names.count > 0)
        qsort(names.items, names.count, sizeof(*names.items), compare_names);
    *ret_names = names;
    return 0;
}

int register_connect(const char *directory, const char *name)
{
    _cleanup_close_ int fd = state_directory_open(directory, 0);
    int connected;
    int result = 0;

    if (fd < 0)
        return fd;
    sweep_some(fd);
    if (strchr(name, '/') != NULL || name[0] == '.' || strlen(name) >= REGISTER_NAME_SIZE)
        return -ENOENT;
    connected = connect_in(fd, name);
    if (connected == -ECONNREFUSED) {
        sweep(fd, name);
        return -ENOENT;
    }
    if (connected >= 0)
        result = peer_check_outside(connected);
    if (result < 0) {
        cleanup_close(&connected);
        return result == -ESRCH ? -ENOENT : result;
    }
    return connected;
}
