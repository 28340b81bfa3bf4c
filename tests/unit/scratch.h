/* SPDX-License-Identifier: Apache-2.0 */
/* A directory of a test's own, with small helpers to fill it; gone at the end of the test. */
#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H

#include "base/arena.h"
#include "base/cleanup.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/** Everything in it belongs to the arena; @path is canonical. */
struct scratch {
    struct arena *arena;
    char path[PATH_MAX];
};

static inline int scratch_remove(const char *path, const struct stat *status, int type,
                                 struct FTW *where)
{
    (void)status;
    (void)type;
    (void)where;
    return remove(path);
}

static inline void scratch_end(struct scratch *scratch)
{
    if (scratch->path[0] == '/')
        nftw(scratch->path, scratch_remove, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    arena_free(scratch->arena);
}
#define _cleanup_scratch_ _cleanup_(scratch_end)

/** A skipped test is left at once, which cleans nothing up. */
#define SCRATCH_SKIP(scratch, why)                                                                 \
    do {                                                                                           \
        scratch_end(scratch);                                                                      \
        cr_skip_test("%s", why);                                                                   \
    } while (0)

static inline struct scratch scratch_new(void)
{
    struct scratch scratch = {.arena = arena_new()};
    const char *base = getenv("TMPDIR");
    char name[PATH_MAX];

    snprintf(name, sizeof(name), "%s/sbx-unit-XXXXXX", base != NULL ? base : "/tmp");
    cr_assert_not_null(mkdtemp(name), "%s: %s", name, strerror(errno));
    cr_assert_not_null(realpath(name, scratch.path));
    return scratch;
}

/** The path of @name in the directory. */
static inline char *scratch_path(const struct scratch *scratch, const char *name)
{
    return arena_printf(scratch->arena, "%s/%s", scratch->path, name);
}

static inline char *scratch_directory(const struct scratch *scratch, const char *name)
{
    char *path = scratch_path(scratch, name);

    for (char *slash = path + strlen(scratch->path) + 1; (slash = strchr(slash, '/')) != NULL;
         slash++) {
        *slash = '\0';
        cr_assert(mkdir(path, 0755) == 0 || errno == EEXIST, "%s: %s", path, strerror(errno));
        *slash = '/';
    }
    cr_assert(mkdir(path, 0755) == 0 || errno == EEXIST, "%s: %s", path, strerror(errno));
    return path;
}

static inline char *scratch_bytes(const struct scratch *scratch, const char *name, const void *data,
                                  size_t size, mode_t mode)
{
    char *path = scratch_path(scratch, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

    cr_assert(fd >= 0 && write(fd, data, size) == (ssize_t)size && fchmod(fd, mode) == 0, "%s: %s",
              path, strerror(errno));
    close(fd);
    return path;
}

static inline char *scratch_file(const struct scratch *scratch, const char *name, const char *text)
{
    return scratch_bytes(scratch, name, text, strlen(text), 0644);
}

static inline char *scratch_link(const struct scratch *scratch, const char *name,
                                 const char *target)
{
    char *path = scratch_path(scratch, name);

    cr_assert_eq(symlink(target, path), 0, "%s: %s", path, strerror(errno));
    return path;
}

/** A listening socket; the descriptor stays open. */
static inline char *scratch_socket(const struct scratch *scratch, const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char *path = scratch_path(scratch, name);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    cr_assert_lt(strlen(path), sizeof(address.sun_path));
    memcpy(address.sun_path, path, strlen(path) + 1);
    cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0, "%s: %s", path,
                 strerror(errno));
    cr_assert_eq(listen(fd, 1), 0);
    return path;
}

/** What a file holds, NUL-terminated, or NULL. */
static inline char *scratch_content(const struct scratch *scratch, const char *path)
{
    FILE *stream = fopen(path, "re");
    char *text;
    size_t length;

    if (stream == NULL)
        return NULL;
    text = arena_alloc(scratch->arena, 65536);
    length = fread(text, 1, 65535, stream);
    text[length] = '\0';
    fclose(stream);
    return text;
}

#endif
