/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory of operation.  The directory is opened first and the file in it by that descriptor, and
 * what is judged are the descriptors: nothing can be put in their place between the look and the
 * read.  A link to a file elsewhere is fine where its own directory is; then the directory that
 * the file really lies in is judged as well.
 *
 * A group that has only its user in it (a "user private group", with which Debian's users make
 * files that the group can write) is told by its number, which is the user's; an ACL would let
 * others in behind it, so there must be none.
 */
#include "kernel/profile_reader.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

/* ---- directories ---- */

/*
 * May the user's directory @path, which gave EACCES, be taken for missing?  Where somebody else's
 * directory bars the way (HOME still says /root after su), there is nothing of the caller's in it.
 */
static bool is_beyond_reach(const struct profile_reader *reader, const char *path)
{
    struct stat status;

    while (strcmp(path, "/") != 0) {
        path = path_parent(reader->arena, path);
        if (path == NULL)
            return false;
        if (stat(path, &status) == 0)
            return status.st_uid != reader->uid;
    }
    return false;
}

static int refuse_to_open(const char *path, int number, struct sbx_error *err)
{
    error_set(err, SBX_ERROR_SETUP, number, "profile", path, "the directory '%s' can't be opened",
              path);
    if (number == EACCES)
        error_add_hint(err, "let yourself read and search it: chmod u+rx");
    return -number;
}

/* Readable where the caller may list it, else O_PATH. */
static int open_directory(const char *path, bool *ret_readable)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    *ret_readable = fd >= 0;
    if (fd < 0 && errno == EACCES)
        fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

/* Open @path, or find it among those that are open.  -ENOENT without an error where it is not
 * there, or is not the caller's to see; that is not asked again either. */
static int open_once(struct profile_reader *reader, const char *path, enum profile_source source,
                     struct profile_opened **ret_opened, struct sbx_error *err)
{
    struct profile_opened opened = {.path = path, .source = source};
    struct profile_opened *slot;
    struct stat status;

    for (size_t i = 0; i < reader->opened.count; i++) {
        slot = &reader->opened.items[i];
        if (slot->source == source && strcmp(slot->path, path) == 0) {
            *ret_opened = slot;
            return slot->fd < 0 ? slot->fd : 0;
        }
    }
    opened.fd = open_directory(path, &opened.readable);
    if (opened.fd == -ENOTDIR)
        opened.fd = -ENOENT;
    /* one that is there but can't be read is a mistake to be told */
    if (opened.fd == -EACCES && source == PROFILE_SOURCE_USER && stat(path, &status) < 0 &&
        is_beyond_reach(reader, path))
        opened.fd = -ENOENT;
    if (opened.fd < 0 && opened.fd != -ENOENT)
        return refuse_to_open(path, -opened.fd, err);
    slot = ARENA_PUSH(reader->arena, &reader->opened);
    if (slot == NULL) {
        cleanup_close(&opened.fd);
        return error_oom(err);
    }
    *slot = opened;
    *ret_opened = slot;
    return opened.fd < 0 ? opened.fd : 0;
}

int profile_reader_list(struct profile_reader *reader, const char *path, enum profile_source source,
                        struct sbx_error *err)
{
    struct profile_opened *opened;
    int result = open_once(reader, path, source, &opened, err);

    if (result < 0)
        return result;
    if (!opened->readable)
        return refuse_to_open(path, EACCES, err);
    if (opened->listed && lseek(opened->fd, 0, SEEK_SET) < 0)
        return refuse_to_open(path, errno, err);
    opened->listed = true;
    return opened->fd;
}

void profile_reader_close(struct profile_reader *reader)
{
    for (size_t i = 0; i < reader->opened.count; i++)
        cleanup_close(&reader->opened.items[i].fd);
    reader->opened.count = 0;
}

/* ---- who could have written it ---- */

/* One file that is judged. */
struct judge {
    const struct profile_reader *reader;
    struct arena *arena;
    const char *file; /* as the user knows it */
    enum profile_source source;
    struct sbx_error *err;
};

/* What does not change while files are read is looked at once. */
static struct judge judge_new(struct profile_reader *reader, const char *file,
                              enum profile_source source, struct sbx_error *err)
{
    struct stat root;

    if (!reader->knows_root) {
        reader->root = stat("/", &root) == 0 ? root.st_uid : 0;
        reader->knows_root = true;
    }
    if (source == PROFILE_SOURCE_SHIPPED && !reader->knows_program) {
        if (stat("/proc/self/exe", &reader->program) < 0)
            reader->program = (struct stat){0};
        reader->knows_program = true;
    }
    return (struct judge){
        .reader = reader, .arena = reader->arena, .file = file, .source = source, .err = err};
}

/*
 * In a user namespace every file of an id without a number there shows as owned by the owner of
 * "/".  That is good enough for directories, and for what lies in a place of root's, but not for a
 * file of any name.
 */
static bool is_trusted_owner(const struct judge *judge, const struct stat *status)
{
    bool place_of_root =
        judge->source == PROFILE_SOURCE_SYSTEM || judge->source == PROFILE_SOURCE_SHIPPED;

    return status->st_uid == 0 || status->st_uid == judge->reader->uid ||
           (status->st_uid == judge->reader->root && (place_of_root || S_ISDIR(status->st_mode))) ||
           (judge->source == PROFILE_SOURCE_SHIPPED &&
            status->st_uid == judge->reader->program.st_uid);
}

/* Does it have an ACL?  What can't be told counts as one. */
static bool has_acl(int fd)
{
    char name[64];

    snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    return getxattr(name, "system.posix_acl_access", NULL, 0) >= 0 ||
           (errno != ENODATA && errno != EOPNOTSUPP);
}

/* Is the group that can write no more than the owner?  For shipped profiles the group that can
 * write the program itself is fine as well. */
static bool is_trusted_group(const struct judge *judge, int fd, const struct stat *status)
{
    bool own = status->st_uid == judge->reader->uid && status->st_gid == judge->reader->gid &&
               status->st_gid == (gid_t)judge->reader->uid;
    bool roots = status->st_uid == 0 && status->st_gid == 0;
    bool programs = judge->source == PROFILE_SOURCE_SHIPPED &&
                    (judge->reader->program.st_mode & S_IWGRP) != 0 &&
                    status->st_gid == judge->reader->program.st_gid;

    return (own || roots || programs) && !has_acl(fd);
}

static const char *as_root(const struct judge *judge, const struct stat *status)
{
    return judge->reader->uid == 0 || judge->reader->uid == status->st_uid ? "" : "as root: ";
}

/* What of the profile @status and @path are: "it", or "the directory '/x'". */
static const char *part(const struct judge *judge, const struct stat *status, const char *path)
{
    const char *text = S_ISLNK(status->st_mode) ? "the link" : "it";

    if (S_ISDIR(status->st_mode))
        text = arena_printf(judge->arena, "the directory '%s'", path);
    return text != NULL ? text : "its directory";
}

/* Refuse, for @who is not the caller; @change, an argument of chmod, is the way out. */
static int refuse_mode(const struct judge *judge, const struct stat *status, const char *path,
                       const char *who, const char *change)
{
    char hint[sizeof(judge->err->hint)];

    error_set(judge->err, SBX_ERROR_USAGE, 0, "profile", judge->file,
              "'%s' can't be trusted: %s can write to %s", judge->file, who,
              part(judge, status, path));
    snprintf(hint, sizeof(hint), "look through it, then %schmod %s '%s'", as_root(judge, status),
             change, path);
    error_add_hint(judge->err, hint);
    return -EPERM;
}

static int refuse_owner(const struct judge *judge, const struct stat *status, const char *path)
{
    char hint[sizeof(judge->err->hint)];

    error_set(judge->err, SBX_ERROR_USAGE, 0, "profile", judge->file,
              "'%s' can't be trusted: %s belongs to uid %u, not to you or root", judge->file,
              part(judge, status, path), (unsigned)status->st_uid);
    snprintf(hint, sizeof(hint),
             "look through it and take a copy of your own, or %schown %s%u '%s'",
             judge->reader->uid == 0 ? "" : "as root: ", S_ISLNK(status->st_mode) ? "-h " : "",
             (unsigned)judge->reader->uid, path);
    error_add_hint(judge->err, hint);
    return -EPERM;
}

/* Judge the open file or directory @fd, which is @path.  @sticky: in a sticky directory others can
 * add entries, but not replace this one, and that is enough. */
static int judge_descriptor(const struct judge *judge, int fd, const char *path, bool sticky,
                            const struct stat *status)
{
    bool spared = sticky && S_ISDIR(status->st_mode) && (status->st_mode & S_ISVTX) != 0;
    char group[32];

    if (!is_trusted_owner(judge, status))
        return refuse_owner(judge, status, path);
    if (spared)
        return 0;
    if ((status->st_mode & S_IWOTH) != 0)
        return refuse_mode(judge, status, path, "everybody", "o-w");
    if ((status->st_mode & S_IWGRP) == 0 || is_trusted_group(judge, fd, status))
        return 0;
    snprintf(group, sizeof(group), "the group %u", (unsigned)status->st_gid);
    return refuse_mode(judge, status, path, group, "g-w");
}

static int failed(const struct judge *judge, int number, const char *what)
{
    error_set(judge->err, SBX_ERROR_SETUP, number, "profile", judge->file, "'%s' %s", judge->file,
              what);
    if (number == EACCES)
        error_add_hint(judge->err, "let yourself read it, or take it away");
    return -number;
}

/* A command may be let write to what is the caller's; only links in the caller's own directories
 * are known, and what they lead to is guarded (host_probe_guarded()). */
static int refuse_own(const struct judge *judge)
{
    error_set(judge->err, SBX_ERROR_USAGE, 0, "profile", judge->file,
              "'%s' can't be trusted: it leads to a file of yours, which a command may change",
              judge->file);
    error_add_hint(judge->err, "put a copy in its place");
    return -EPERM;
}

static int judge_directory(const struct judge *judge, int fd, const char *path, bool sticky)
{
    struct stat status;

    if (fstat(fd, &status) < 0)
        return failed(judge, errno, "can't be looked at");
    return judge_descriptor(judge, fd, path, sticky, &status);
}

/* The file @fd was reached by the link @name in @directory: judge that, and the directory that the
 * file really lies in. */
static int judge_link(const struct judge *judge, int directory, const char *name, int fd)
{
    _cleanup_close_ int real = -EBADF;
    char descriptor[64];
    char path[PATH_MAX];
    struct stat opened;
    struct stat status;
    const char *parent;
    ssize_t length;
    uid_t link;

    if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
        return failed(judge, errno, "can't be looked at");
    if (!is_trusted_owner(judge, &status) && status.st_uid != judge->reader->root)
        return refuse_owner(judge, &status, judge->file);
    link = status.st_uid;
    snprintf(descriptor, sizeof(descriptor), "/proc/self/fd/%d", fd);
    length = readlink(descriptor, path, sizeof(path) - 1);
    if (length <= 0 || path[0] != '/')
        return failed(judge, length < 0 ? errno : ENOENT, "leads to a file without a place");
    path[length] = '\0';
    parent = path_parent(judge->arena, path);
    if (parent == NULL)
        return error_oom(judge->err);
    real = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (real < 0 || fstat(fd, &opened) < 0 ||
        fstatat(real, strrchr(path, '/') + 1, &status, AT_SYMLINK_NOFOLLOW) < 0)
        return failed(judge, errno, "leads to a file without a place");
    if (status.st_dev != opened.st_dev || status.st_ino != opened.st_ino)
        return failed(judge, ESTALE, "was changed while it was looked at");
    if (judge->source == PROFILE_SOURCE_SHIPPED && link != judge->reader->uid &&
        (fstat(real, &status) < 0 || status.st_uid == judge->reader->uid ||
         opened.st_uid == judge->reader->uid))
        return refuse_own(judge);
    return judge_directory(judge, real, parent, true);
}

/* ---- what is in it ---- */

static int read_whole(const struct judge *judge, int fd, const struct stat *status, size_t limit,
                      char **ret_text, size_t *ret_size)
{
    /* what the file says of its length is right for nearly all */
    size_t first = status->st_size > 0 && status->st_size < 16384 ? (size_t)status->st_size : 16384;
    _cleanup_free_ char *buffer = NULL;
    size_t capacity = 0;
    size_t used = 0;
    char *text;

    for (;;) {
        ssize_t got;

        if (used == capacity) {
            size_t wanted = capacity == 0 ? first : capacity * 2;
            char *grown = realloc(buffer, wanted);

            if (grown == NULL)
                return error_oom(judge->err);
            buffer = grown;
            capacity = wanted;
        }
        got = read(fd, buffer + used, capacity - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return failed(judge, errno, "can't be read");
        if (got == 0)
            break;
        used += (size_t)got;
        if (used > limit) {
            error_set(judge->err, SBX_ERROR_USAGE, 0, "profile", judge->file,
                      "'%s' is longer than %zu bytes", judge->file, limit);
            error_add_hint(judge->err, "a profile is a short text; divide it with \"extends\"");
            return -EFBIG;
        }
        if (io_is_whole(status, used))
            break;
    }
    text = arena_alloc(judge->arena, used + 1);
    if (text == NULL)
        return error_oom(judge->err);
    memcpy(text, buffer, used);
    *ret_text = text;
    *ret_size = used;
    return 0;
}

/* A link that leads nowhere is a mistake to be told. */
static int refuse_nowhere(const struct judge *judge)
{
    error_set(judge->err, SBX_ERROR_USAGE, 0, "profile", judge->file, "the link '%s' leads nowhere",
              judge->file);
    error_add_hint(judge->err, "make the file that it names, or take the link away");
    return -ENOLINK;
}

/* By another name a command could write to it, where that one lies in a writable directory. */
static int refuse_names(const struct judge *judge)
{
    error_set(judge->err, SBX_ERROR_USAGE, 0, "profile", judge->file,
              "'%s' has another name somewhere (a hard link), by which it may be changed",
              judge->file);
    error_add_hint(judge->err, "take a copy: cp it, and mv the copy over it");
    return -EPERM;
}

/* Open @name in @directory and judge all but the directory. A descriptor. */
static int open_file(const struct judge *judge, int directory, const char *name,
                     struct stat *ret_status)
{
    const int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    _cleanup_close_ int fd = openat(directory, name, flags | O_NOFOLLOW);
    bool is_link = fd < 0 && errno == ELOOP;
    struct stat status;
    int result = 0;

    if (is_link)
        fd = openat(directory, name, flags);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return is_link ? refuse_nowhere(judge) : -ENOENT;
    if (fd < 0 || fstat(fd, &status) < 0)
        return failed(judge, errno, "can't be opened");
    if (S_ISDIR(status.st_mode))
        return failed(judge, EISDIR, "is no file");
    if (!S_ISREG(status.st_mode)) {
        error_set(judge->err, SBX_ERROR_USAGE, 0, "profile", judge->file, "'%s' is no regular file",
                  judge->file);
        return -EINVAL;
    }
    if (status.st_nlink > 1 &&
        (judge->source == PROFILE_SOURCE_USER || judge->source == PROFILE_SOURCE_FILE))
        return refuse_names(judge);
    if (is_link)
        result = judge_link(judge, directory, name, fd);
    if (result == 0)
        result = judge_descriptor(judge, fd, judge->file, false, &status);
    *ret_status = status;
    return result < 0 ? result : take_fd(&fd);
}

int profile_file_read(struct profile_reader *reader, const char *path, enum profile_source source,
                      size_t limit, char **ret_text, size_t *ret_size, struct sbx_error *err)
{
    struct judge judge = judge_new(reader, path, source, err);
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    const char *parent = slash == NULL ? "." : path_parent(reader->arena, path);
    struct profile_opened *directory = NULL;
    struct stat status = {0};
    _cleanup_close_ int fd = -EBADF;
    int result;

    if (parent == NULL)
        return error_oom(err);
    if (name[0] == '\0')
        return failed(&judge, EISDIR, "is no file");
    result = open_once(reader, parent, source, &directory, err);
    if (result < 0 || directory == NULL)
        return result;
    fd = open_file(&judge, directory->fd, name, &status);
    if (fd < 0)
        return fd;
    if (!directory->trusted)
        result = judge_directory(&judge, directory->fd, parent, source == PROFILE_SOURCE_FILE);
    directory->trusted = result == 0;
    return result < 0 ? result : read_whole(&judge, fd, &status, limit, ret_text, ret_size);
}
