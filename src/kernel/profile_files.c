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
#include "kernel/profile_files.h"

#include "base/cleanup.h"
#include "base/path.h"
#include "kernel/program.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define SUFFIX           ".yaml"
#define LOCAL_SUFFIX     ".local"
#define NAME_LENGTH      64
#define MAX_ENTRIES      100000 /* of one directory */
#define SYSTEM_DIRECTORY "/etc/sbx/profiles"
#define SHIPPED_BELOW    "share/sbx/profiles"

static const char name_first[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const char profile_name_bytes[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-";

bool profile_is_name(const char *name)
{
    size_t length = strlen(name);

    return length > 0 && length <= NAME_LENGTH && strchr(name_first, name[0]) != NULL &&
           strspn(name, profile_name_bytes) == length;
}

bool profile_is_local_name(const char *name)
{
    size_t length = strlen(name);

    return length > strlen(LOCAL_SUFFIX) &&
           strcmp(name + length - strlen(LOCAL_SUFFIX), LOCAL_SUFFIX) == 0;
}

/* ---- where ---- */

static int add_directory(struct arena *arena, struct profile_directories *directories,
                         enum profile_source source, const char *path)
{
    struct profile_directory *slot;

    if (path == NULL)
        return -ENOMEM;
    slot = ARENA_PUSH(arena, directories);
    if (slot == NULL)
        return -ENOMEM;
    *slot = (struct profile_directory){.source = source, .path = path};
    return 0;
}

static int add_user_directory(struct arena *arena, const struct host *caller,
                              struct profile_directories *directories)
{
    const char *config = host_getenv(caller, "XDG_CONFIG_HOME");
    const char *home = host_getenv(caller, "HOME");
    const char *path;

    if (home == NULL || home[0] != '/')
        home = caller->passwd_home;
    if (config != NULL && config[0] == '/')
        path = path_absolute(arena, config, "sbx/profiles");
    else if (home != NULL && home[0] == '/')
        path = path_absolute(arena, home, ".config/sbx/profiles");
    else
        return 0;
    return add_directory(arena, directories, PROFILE_SOURCE_USER, path);
}

static bool is_directory(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static int add_shipped_directory(struct arena *arena, struct profile_directories *directories)
{
    static const char *const places[] = {SHIPPED_BELOW, "../" SHIPPED_BELOW};
    const char *program = program_directory(arena);

    if (program == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < ARRAY_SIZE(places) && program[0] != '\0'; i++) {
        char *path = path_absolute(arena, program, places[i]);

        if (path == NULL)
            return -ENOMEM;
        if (is_directory(path))
            return add_directory(arena, directories, PROFILE_SOURCE_SHIPPED, path);
    }
    return add_directory(arena, directories, PROFILE_SOURCE_SHIPPED, SBX_PROFILE_DIR);
}

int profile_directories_find(struct arena *arena, const struct host *caller,
                             struct profile_directories *ret_directories, struct sbx_error *err)
{
    struct profile_directories directories = {0};

    if (add_user_directory(arena, caller, &directories) < 0 ||
        add_directory(arena, &directories, PROFILE_SOURCE_SYSTEM, SYSTEM_DIRECTORY) < 0 ||
        add_shipped_directory(arena, &directories) < 0)
        return error_oom(err);
    *ret_directories = directories;
    return 0;
}

/* ---- which ---- */

/*
 * May the user's directory @path, which gave EACCES, be taken for missing?  Where somebody else's
 * directory bars the way (HOME still says /root after su), there is nothing of the caller's in it.
 */
static bool is_beyond_reach(struct arena *arena, const char *path)
{
    struct stat status;

    while (strcmp(path, "/") != 0) {
        path = path_parent(arena, path);
        if (path == NULL)
            return false;
        if (stat(path, &status) == 0)
            return status.st_uid != geteuid();
    }
    return false;
}

/* -ENOENT without an error where it is not there, or is not the caller's to see. */
static int open_directory(struct arena *arena, const char *path, enum profile_source source,
                          int flags, struct sbx_error *err)
{
    int fd = open(path, flags | O_DIRECTORY | O_CLOEXEC);
    int number = errno;
    struct stat status;

    if (fd >= 0)
        return fd;
    if (number == ENOENT || number == ENOTDIR)
        return -ENOENT;
    /* one that is there but can't be read is a mistake to be told */
    if (number == EACCES && source == PROFILE_SOURCE_USER && stat(path, &status) < 0 &&
        is_beyond_reach(arena, path))
        return -ENOENT;
    error_set(err, SBX_ERROR_SETUP, number, "profile", path, "the directory '%s' can't be opened",
              path);
    if (number == EACCES)
        error_add_hint(err, "let yourself read and search it: chmod u+rx");
    return -number;
}

/* The stem of @entry where that is a profile's name, or NULL. */
static char *stem_of(struct arena *arena, const struct dirent *entry, int *ret_result)
{
    size_t length = strlen(entry->d_name);
    char stem[NAME_LENGTH + 1];
    char *name;

    if (length <= strlen(SUFFIX) || length - strlen(SUFFIX) > NAME_LENGTH ||
        strcmp(entry->d_name + length - strlen(SUFFIX), SUFFIX) != 0)
        return NULL;
    memcpy(stem, entry->d_name, length - strlen(SUFFIX));
    stem[length - strlen(SUFFIX)] = '\0';
    if (!profile_is_name(stem))
        return NULL;
    name = arena_strdup(arena, stem);
    if (name == NULL)
        *ret_result = -ENOMEM;
    return name;
}

static int add_file(struct arena *arena, const struct profile_directory *directory,
                    const struct dirent *entry, struct profile_files *files)
{
    int result = 0;
    char *name = stem_of(arena, entry, &result);
    struct profile_file *slot;

    if (name == NULL)
        return result;
    slot = ARENA_PUSH(arena, files);
    if (slot == NULL)
        return -ENOMEM;
    *slot = (struct profile_file){.name = name,
                                  .path = path_join(arena, directory->path, entry->d_name),
                                  .source = directory->source};
    return slot->path == NULL ? -ENOMEM : 0;
}

static int compare_files(const void *left, const void *right)
{
    const struct profile_file *a = left;
    const struct profile_file *b = right;

    return strcmp(a->name, b->name);
}

static int read_entries(struct arena *arena, DIR *stream, const struct profile_directory *directory,
                        struct profile_files *files)
{
    for (unsigned count = 0; count <= MAX_ENTRIES; count++) {
        struct dirent *entry;
        int result;

        errno = 0;
        entry = readdir(stream);
        if (entry == NULL)
            return -errno;
        if (entry->d_type == DT_DIR)
            continue;
        result = add_file(arena, directory, entry, files);
        if (result < 0)
            return result;
    }
    return -E2BIG;
}

int profile_files_list(struct arena *arena, const struct profile_directory *directory,
                       struct profile_files *ret_files, struct sbx_error *err)
{
    int fd = open_directory(arena, directory->path, directory->source, O_RDONLY, err);
    _cleanup_closedir_ DIR *stream = fd < 0 ? NULL : fdopendir(fd);
    struct profile_files files = {0};
    int result;

    if (fd < 0) {
        if (fd == -ENOENT)
            *ret_files = files;
        return fd == -ENOENT ? 0 : fd;
    }
    if (stream == NULL) {
        close(fd);
        return error_oom(err);
    }
    result = read_entries(arena, stream, directory, &files);
    if (result == -ENOMEM)
        return error_oom(err);
    if (result < 0)
        return error_set(err, SBX_ERROR_SETUP, -result, "profile", directory->path,
                         "the directory '%s' can't be read", directory->path);
    if (files.count > 0)
        qsort(files.items, files.count, sizeof(*files.items), compare_files);
    *ret_files = files;
    return 0;
}

/* ---- who could have written it ---- */

/* Whom a file is judged by. */
struct judge {
    struct arena *arena;
    const char *file; /* as the user knows it */
    enum profile_source source;
    uid_t uid;
    gid_t gid;
    uid_t root;          /* the owner of "/": root, also where it has no number of its own */
    struct stat program; /* of sbx itself */
    struct sbx_error *err;
};

static struct judge judge_new(struct arena *arena, const char *file, enum profile_source source,
                              struct sbx_error *err)
{
    struct judge judge = {
        .arena = arena, .file = file, .source = source, .uid = geteuid(), .gid = getegid()};
    struct stat root;

    judge.err = err;
    judge.root = stat("/", &root) == 0 ? root.st_uid : 0;
    if (source != PROFILE_SOURCE_SHIPPED || stat("/proc/self/exe", &judge.program) < 0)
        judge.program = (struct stat){0};
    return judge;
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

    return status->st_uid == 0 || status->st_uid == judge->uid ||
           (status->st_uid == judge->root && (place_of_root || S_ISDIR(status->st_mode))) ||
           (judge->source == PROFILE_SOURCE_SHIPPED && status->st_uid == judge->program.st_uid);
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
    bool own = status->st_uid == judge->uid && status->st_gid == judge->gid &&
               status->st_gid == (gid_t)judge->uid;
    bool roots = status->st_uid == 0 && status->st_gid == 0;
    bool programs = judge->source == PROFILE_SOURCE_SHIPPED &&
                    (judge->program.st_mode & S_IWGRP) != 0 &&
                    status->st_gid == judge->program.st_gid;

    return (own || roots || programs) && !has_acl(fd);
}

static const char *as_root(const struct judge *judge, const struct stat *status)
{
    return judge->uid == 0 || judge->uid == status->st_uid ? "" : "as root: ";
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
             judge->uid == 0 ? "" : "as root: ", S_ISLNK(status->st_mode) ? "-h " : "",
             (unsigned)judge->uid, path);
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
    if (!is_trusted_owner(judge, &status) && status.st_uid != judge->root)
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
    if (judge->source == PROFILE_SOURCE_SHIPPED && link != judge->uid &&
        (fstat(real, &status) < 0 || status.st_uid == judge->uid || opened.st_uid == judge->uid))
        return refuse_own(judge);
    return judge_directory(judge, real, parent, true);
}

/* ---- what is in it ---- */

static int read_whole(const struct judge *judge, int fd, size_t limit, char **ret_text,
                      size_t *ret_size)
{
    _cleanup_free_ char *buffer = NULL;
    size_t capacity = 0;
    size_t used = 0;
    char *text;

    for (;;) {
        ssize_t got;

        if (used == capacity) {
            char *grown = realloc(buffer, capacity == 0 ? 16384 : capacity * 2);

            if (grown == NULL)
                return error_oom(judge->err);
            buffer = grown;
            capacity = capacity == 0 ? 16384 : capacity * 2;
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
    }
    text = arena_alloc(judge->arena, used + 1);
    if (text == NULL)
        return error_oom(judge->err);
    memcpy(text, buffer, used);
    *ret_text = text;
    *ret_size = used;
    return 0;
}

/* Why there is no file: missing, or a link that leads nowhere, which is a mistake to be told. */
static int missing(const struct judge *judge, int directory, const char *name)
{
    struct stat status;

    if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
        return -ENOENT;
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
static int open_file(const struct judge *judge, int directory, const char *name)
{
    const int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    _cleanup_close_ int fd = openat(directory, name, flags | O_NOFOLLOW);
    bool is_link = fd < 0 && errno == ELOOP;
    struct stat status;
    int result = 0;

    if (is_link)
        fd = openat(directory, name, flags);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return missing(judge, directory, name);
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
    return result < 0 ? result : take_fd(&fd);
}

int profile_file_read(struct arena *arena, const char *path, enum profile_source source,
                      size_t limit, char **ret_text, size_t *ret_size, struct sbx_error *err)
{
    struct judge judge = judge_new(arena, path, source, err);
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    const char *parent = slash == NULL ? "." : path_parent(arena, path);
    _cleanup_close_ int directory = -EBADF;
    _cleanup_close_ int fd = -EBADF;
    int result;

    if (parent == NULL)
        return error_oom(err);
    if (name[0] == '\0')
        return failed(&judge, EISDIR, "is no file");
    directory = open_directory(arena, parent, source, O_PATH, err);
    if (directory < 0)
        return directory;
    fd = open_file(&judge, directory, name);
    if (fd < 0)
        return fd;
    result = judge_directory(&judge, directory, parent, source == PROFILE_SOURCE_FILE);
    return result < 0 ? result : read_whole(&judge, fd, limit, ret_text, ret_size);
}
