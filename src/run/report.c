/* SPDX-License-Identifier: Apache-2.0 */
#include "run/report.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/io.h"
#include "kernel/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

static const char *const outcome_names[] = {
    [SBX_OUTCOME_SETUP_FAILED] = "setup-failed",
    [SBX_OUTCOME_EXITED] = "exited",
    [SBX_OUTCOME_SIGNALED] = "signaled",
    [SBX_OUTCOME_TIMEOUT] = "timeout",
    [SBX_OUTCOME_LIMIT] = "limit",
    [SBX_OUTCOME_NOT_EXECUTABLE] = "not-executable",
    [SBX_OUTCOME_NOT_FOUND] = "not-found",
    [SBX_OUTCOME_INIT_DIED] = "init-died",
    [SBX_OUTCOME_OOM] = "oom",
};

const char *sbx_outcome_name(enum sbx_outcome outcome)
{
    return (size_t)outcome < ARRAY_SIZE(outcome_names) ? outcome_names[outcome] : "unknown";
}

int sbx_report_exit_code(const struct sbx_report *report)
{
    switch (report->outcome) {
    case SBX_OUTCOME_EXITED:
        return report->exit_code;
    case SBX_OUTCOME_SIGNALED:
    case SBX_OUTCOME_LIMIT:
    case SBX_OUTCOME_INIT_DIED:
    case SBX_OUTCOME_OOM:
        return 128 + report->signal;
    case SBX_OUTCOME_TIMEOUT:
        return 124;
    case SBX_OUTCOME_NOT_EXECUTABLE:
        return 126;
    case SBX_OUTCOME_NOT_FOUND:
        return 127;
    case SBX_OUTCOME_SETUP_FAILED:
        break;
    }
    return 125;
}

static int report_error(struct sbx_error *err, int number, const char *option, const char *path)
{
    error_set(err, SBX_ERROR_SETUP, number, "report", path, "cannot write %s to '%s'",
              strcmp(option, "--report") == 0 ? "the report" : "what was read back", path);
    error_add_origin(err, option);
    if (number == ESTALE)
        error_add_hint(err, "its directory was exchanged for another one since sbx looked at it");
    if (number == ELOOP) /* only where there is no plan: else links count as the host has them */
        error_add_hint(err,
                       "the run failed before it was known which links can be trusted: name the "
                       "place that this one leads to");
    return -number;
}

/* The caller's descriptor that a name under /dev means, or -1. */
static int named_descriptor(const char *path)
{
    char *end;
    long fd;

    if (strcmp(path, "/dev/stdout") == 0)
        return 1;
    if (strcmp(path, "/dev/stderr") == 0)
        return 2;
    if (strncmp(path, "/dev/fd/", 8) != 0 || path[8] < '0' || path[8] > '9')
        return -1;
    fd = strtol(path + 8, &end, 10);
    return *end == '\0' && fd <= INT_MAX ? (int)fd : -1;
}

/* Something that is written to and not replaced: looked at by a descriptor, so that it can't be
 * exchanged in between. 0 where there is no such thing under that name. */
static int open_direct(struct report_file *file)
{
    _cleanup_close_ int fd = openat(file->directory, file->name,
                                    O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct stat status;

    if (fd < 0)
        return errno == ENOENT || errno == ELOOP || errno == EACCES ? 0 : -errno;
    if (fstat(fd, &status) < 0)
        return -errno;
    if (S_ISREG(status.st_mode))
        return 0;
    if (!S_ISFIFO(status.st_mode) && !S_ISCHR(status.st_mode))
        return -EINVAL;
    file->direct = take_fd(&fd);
    return 0;
}

static int open_parent(struct report_file *file, const struct plan_directory *directory)
{
    struct stat status;

    if (directory == NULL) {
        file->directory = open_without_symlinks(file->parent);
        return file->directory < 0 ? file->directory : 0;
    }
    file->directory = open(file->parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (file->directory < 0 || fstat(file->directory, &status) < 0)
        return -errno;
    return status.st_dev == directory->device && status.st_ino == directory->inode ? 0 : -ESTALE;
}

static int open_directory(struct report_file *file, const char *path,
                          const struct plan_directory *directory)
{
    const char *slash = strrchr(path, '/');
    size_t length = slash == path ? 1 : (size_t)(slash - path);
    int result;

    if (slash[1] == '\0')
        return -EISDIR;
    if (strlen(slash + 1) > sizeof(file->name) - 16 || length >= sizeof(file->parent))
        return -ENAMETOOLONG;
    text_copy(file->name, sizeof(file->name), slash + 1);
    memcpy(file->parent, path, length);
    file->parent[length] = '\0';
    result = open_parent(file, directory);
    if (result == 0)
        result = open_direct(file);
    if (result < 0 || file->direct >= 0)
        return result;
    if (faccessat(file->directory, ".", W_OK | X_OK, AT_EACCESS) < 0)
        return -errno;
    /* what stands there now is not this run's report */
    if (unlinkat(file->directory, file->name, 0) < 0 && errno != ENOENT)
        return -errno;
    return 0;
}

int report_open_for(const char *option, const char *path, const struct plan_directory *directory,
                    struct report_file *ret_file, struct sbx_error *err)
{
    struct report_file file = {.option = option, .directory = -EBADF, .direct = -EBADF};
    int fd = path == NULL ? -1 : named_descriptor(path);
    int result = 0;

    *ret_file = file;
    if (path == NULL)
        return 0;
    text_copy(file.path, sizeof(file.path), path);
    if (fd >= 0) {
        file.direct = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        result = file.direct < 0 ? -errno : 0;
    } else {
        result = open_directory(&file, path, directory);
    }
    if (result < 0) {
        report_close(&file);
        return report_error(err, -result, option, path);
    }
    *ret_file = file;
    return 0;
}

int report_open(const char *path, const struct plan_directory *directory, enum report_format format,
                struct report_file *ret_file, struct sbx_error *err)
{
    int result = report_open_for("--report", path, directory, ret_file, err);

    ret_file->format = format;
    return result;
}

/* Is the file that was written the one that the report's path leads to?  The command may have moved
 * the directory away and put another in its place. */
static int check_place(const struct report_file *file, int fd)
{
    _cleanup_close_ int directory = open(file->parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct stat written;
    struct stat there;

    if (directory < 0 || fstat(fd, &written) < 0 ||
        fstatat(directory, file->name, &there, AT_SYMLINK_NOFOLLOW) < 0)
        return -errno;
    return written.st_dev == there.st_dev && written.st_ino == there.st_ino ? 0 : -ESTALE;
}

/* Give the unnamed @fd the report's name; what the command has put there since goes. */
static int give_name(const struct report_file *file, int fd)
{
    char unnamed[32];

    snprintf(unnamed, sizeof(unnamed), "/proc/self/fd/%d", fd);
    if (linkat(AT_FDCWD, unnamed, file->directory, file->name, AT_SYMLINK_FOLLOW) == 0)
        return 0;
    if (errno != EEXIST || unlinkat(file->directory, file->name, 0) < 0)
        return -errno;
    return linkat(AT_FDCWD, unnamed, file->directory, file->name, AT_SYMLINK_FOLLOW) < 0 ? -errno
                                                                                         : 0;
}

/* By way of a name of its own; whoever kills sbx in the middle leaves that behind. */
static int write_named(const struct report_file *file, const char *text, size_t size, int *ret_fd)
{
    char temporary[sizeof(file->name) + 16];
    _cleanup_close_ int fd = -EBADF;
    uint64_t random;
    int result;

    if (getrandom(&random, sizeof(random), 0) != sizeof(random))
        return -EIO;
    snprintf(temporary, sizeof(temporary), ".%s.%012llx", file->name,
             (unsigned long long)(random & 0xffffffffffffULL));
    fd = openat(file->directory, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                0644);
    if (fd < 0)
        return -errno;
    result = io_write_all(fd, text, size);
    if (result == 0 && renameat(file->directory, temporary, file->directory, file->name) < 0)
        result = -errno;
    if (result < 0)
        (void)unlinkat(file->directory, temporary, 0);
    else
        *ret_fd = take_fd(&fd);
    return result;
}

/* Whole or not at all: without a name until all is written, where the file system can do that. */
static int write_new(const struct report_file *file, const char *text, size_t size)
{
    _cleanup_close_ int fd = openat(file->directory, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0644);
    int result = fd < 0 ? -EOPNOTSUPP : io_write_all(fd, text, size);

    if (result == 0)
        result = give_name(file, fd);
    if (result < 0) {
        cleanup_close(&fd);
        result = write_named(file, text, size, &fd);
    }
    if (result < 0)
        return result;
    result = check_place(file, fd);
    if (result < 0) /* none is better than one that nobody may believe */
        (void)unlinkat(file->directory, file->name, 0);
    return result;
}

/* The reader of a FIFO may have gone away: an error is wanted, and no signal. */
static int write_direct(int fd, const char *text, size_t size)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction saved;
    int result;

    sigaction(SIGPIPE, &ignore, &saved);
    result = io_write_all(fd, text, size);
    sigaction(SIGPIPE, &saved, NULL);
    return result;
}

int report_write_text(const struct report_file *file, const char *text, struct sbx_error *err)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    size_t size = strlen(text);
    struct sigaction saved;
    int result;

    if (file->directory < 0 && file->direct < 0)
        return 0;
    sigaction(SIGXFSZ, &ignore, &saved); /* past RLIMIT_FSIZE, an error is wanted */
    result =
        file->direct >= 0 ? write_direct(file->direct, text, size) : write_new(file, text, size);
    sigaction(SIGXFSZ, &saved, NULL);
    return result < 0 ? report_error(err, -result, file->option, file->path) : 0;
}

int report_write(const struct report_file *file, const struct sbx_report *report,
                 struct sbx_error *err)
{
    _cleanup_free_ char *text = NULL;

    if (file->directory < 0 && file->direct < 0)
        return 0;
    text = report_text(report, file->format);
    return text == NULL ? error_oom(err) : report_write_text(file, text, err);
}

void report_close(struct report_file *file)
{
    cleanup_close(&file->directory);
    cleanup_close(&file->direct);
    file->directory = file->direct = -EBADF;
}
