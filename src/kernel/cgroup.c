/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/cgroup.h"

#include "base/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <time.h>

#define REMOVE_TRIES 100
#define REMOVE_PAUSE 10000000 /* nanoseconds between two tries */

static const struct {
    unsigned bit;
    const char *name;
} controllers[] = {{CGROUP_CPU, "cpu"},
                   {CGROUP_CPUSET, "cpuset"},
                   {CGROUP_IO, "io"},
                   {CGROUP_MEMORY, "memory"},
                   {CGROUP_PIDS, "pids"}};

unsigned cgroup_controllers_parse(const char *text)
{
    static const char separators[] = " ,\n";
    unsigned mask = 0;

    for (text += strspn(text, separators); *text != '\0'; text += strspn(text, separators)) {
        size_t length = strcspn(text, separators);

        for (size_t i = 0; i < ARRAY_SIZE(controllers); i++)
            if (strlen(controllers[i].name) == length &&
                strncmp(controllers[i].name, text, length) == 0)
                mask |= controllers[i].bit;
        text += length;
    }
    return mask;
}

const char *cgroup_controllers_print(unsigned mask, const char *prefix,
                                     char buffer[static CGROUP_NAMES_SIZE])
{
    size_t used = 0;

    buffer[0] = '\0';
    for (size_t i = 0; i < ARRAY_SIZE(controllers); i++)
        if ((mask & controllers[i].bit) != 0 && used < CGROUP_NAMES_SIZE)
            used += (size_t)snprintf(buffer + used, CGROUP_NAMES_SIZE - used, "%s%s%s",
                                     used > 0 ? " " : "", prefix, controllers[i].name);
    return buffer;
}

int cgroup_open(const char *path)
{
    const struct open_how how = {.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
                                 .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
    _cleanup_close_ int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
    struct statfs status;

    if (fd < 0 || fstatfs(fd, &status) < 0)
        return -errno;
    return status.f_type == CGROUP2_SUPER_MAGIC ? take_fd(&fd) : -EMEDIUMTYPE;
}

int cgroup_make(int parent, const char *name)
{
    int fd;

    if (mkdirat(parent, name, 0700) < 0)
        return -errno;
    fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int cgroup_set(int directory, const char *file, const char *value)
{
    _cleanup_close_ int fd = openat(directory, file, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
    size_t length = strlen(value);
    ssize_t written;

    if (fd < 0)
        return -errno;
    do
        written = write(fd, value, length);
    while (written < 0 && errno == EINTR);
    if (written < 0)
        return -errno;
    return (size_t)written == length ? 0 : -EIO;
}

int cgroup_get(int directory, const char *file, char *buffer, size_t size)
{
    _cleanup_close_ int fd = openat(directory, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    size_t used = 0;

    if (fd < 0)
        return -errno;
    while (used < size) {
        ssize_t got = read(fd, buffer + used, size - used);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            break;
        used += (size_t)got;
    }
    if (used == size)
        return -EFBIG;
    if (used > 0 && buffer[used - 1] == '\n')
        used--;
    buffer[used] = '\0';
    return 0;
}

static int number_of(const char *text, uint64_t *ret_number)
{
    char *end;

    if (*text < '0' || *text > '9')
        return -EBADMSG;
    errno = 0;
    *ret_number = strtoull(text, &end, 10);
    return errno != 0 || (*end != '\0' && *end != '\n') ? -EBADMSG : 0;
}

int cgroup_get_number(int directory, const char *file, uint64_t *ret_number)
{
    char text[64];
    int r = cgroup_get(directory, file, text, sizeof(text));

    return r < 0 ? r : number_of(text, ret_number);
}

int cgroup_get_key(int directory, const char *file, const char *key, uint64_t *ret_number)
{
    size_t length = strlen(key);
    char text[4096] = "";
    int r = cgroup_get(directory, file, text, sizeof(text));

    if (r < 0)
        return r;
    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, length) == 0 && line[length] == ' ')
            return number_of(line + length + 1, ret_number);
    }
    return -ENODATA;
}

int cgroup_move(int directory, pid_t pid)
{
    char text[16];

    snprintf(text, sizeof(text), "%d", (int)pid);
    return cgroup_set(directory, "cgroup.procs", text);
}

int cgroup_kill(int directory)
{
    return cgroup_set(directory, "cgroup.kill", "1");
}

int cgroup_remove(int parent, const char *name)
{
    const struct timespec pause = {.tv_nsec = REMOVE_PAUSE};
    int number = 0;

    for (unsigned i = 0; i < REMOVE_TRIES; i++) {
        if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
            return 0;
        number = errno;
        if (number != EBUSY)
            break;
        nanosleep(&pause, NULL);
    }
    return -number;
}

/* A process that owns it may have taken the owner's rights away. */
static DIR *open_tree_part(int parent, const char *name)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int fd = openat(parent, name, flags);
    DIR *stream;

    if (fd < 0 && errno == EACCES && fchmodat(parent, name, 0700, 0) == 0)
        fd = openat(parent, name, flags);
    if (fd < 0)
        return NULL;
    (void)fchmod(fd, 0700);
    stream = fdopendir(fd);
    if (stream == NULL)
        cleanup_close(&fd);
    return stream;
}

int cgroup_remove_tree(int parent, const char *name)
{
    _cleanup_closedir_ DIR *stream = open_tree_part(parent, name);
    const struct dirent *entry;

    while (stream != NULL && (entry = readdir(stream)) != NULL)
        if (entry->d_type == DT_DIR && strcmp(entry->d_name, ".") != 0 &&
            strcmp(entry->d_name, "..") != 0)
            (void)cgroup_remove_tree(dirfd(stream), entry->d_name);
    return cgroup_remove(parent, name);
}
