/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/process_facts.h"

#include "base/cleanup.h"
#include "kernel/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <stdalign.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define FIRST_SIZE 16384

const struct process_namespace process_namespaces[PROCESS_NAMESPACES] = {
    {CLONE_NEWUSER, "user"}, {CLONE_NEWNS, "mnt"},  {CLONE_NEWPID, "pid"},
    {CLONE_NEWIPC, "ipc"},   {CLONE_NEWUTS, "uts"}, {CLONE_NEWCGROUP, "cgroup"},
    {CLONE_NEWNET, "net"},
};

/* ---- files ---- */

void process_text_free(struct process_text *text)
{
    free(text->data);
    *text = (struct process_text){0};
}

static int grow(struct process_text *text, size_t capacity)
{
    char *data = realloc(text->data, capacity);

    if (data == NULL)
        return -ENOMEM;
    *text = (struct process_text){.data = data, .capacity = capacity};
    return 0;
}

void process_text_warm(struct process_text *text, size_t size)
{
    if (text->capacity < size)
        (void)grow(text, size);
    if (text->data != NULL)
        memset(text->data, 0, text->capacity);
}

int process_read(struct process_text *text, int directory, const char *name)
{
    _cleanup_close_ int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
    size_t used = 0;
    ssize_t got = 1;

    if (fd < 0)
        return -errno;
    while (got != 0) {
        if (used + 1 >= text->capacity &&
            grow(text, text->capacity == 0 ? FIRST_SIZE : text->capacity * 4) < 0)
            return -ENOMEM;
        got = read(fd, text->data + used, text->capacity - used - 1);
        if (got < 0 && errno != EINTR)
            return -errno;
        used += got > 0 ? (size_t)got : 0;
    }
    text->data[used] = '\0';
    return 0;
}

/* The number of @pid as /proc has it: in the namespace of whoever mounted that. */
static int number_in_proc(pid_t pid, pid_t *ret_number)
{
    _cleanup_process_text_ struct process_text text = {0};
    _cleanup_close_ int pidfd = -EBADF;
    char own[24];
    char name[48];
    ssize_t length = readlink("/proc/self", own, sizeof(own) - 1);
    const char *line;
    int result;

    if (length < 0)
        return -errno;
    own[length] = '\0';
    *ret_number = pid;
    if (strtol(own, NULL, 10) == getpid())
        return 0;
    pidfd = process_open(pid);
    if (pidfd < 0)
        return pidfd;
    snprintf(name, sizeof(name), "/proc/self/fdinfo/%d", pidfd);
    result = process_read(&text, AT_FDCWD, name);
    if (result < 0)
        return result;
    line = strstr(text.data, "\nPid:");
    *ret_number = line == NULL ? 0 : (pid_t)strtol(line + 5, NULL, 10);
    return *ret_number > 0 ? 0 : -ESRCH;
}

int process_directory(pid_t pid)
{
    char path[32];
    pid_t number = 0;
    int result = number_in_proc(pid, &number);
    int fd;

    if (result < 0)
        return result;
    snprintf(path, sizeof(path), "/proc/%d", number);
    fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

/* ---- status ---- */

/* What follows "NAME:" at the start of a line, or NULL. */
static const char *value_of(const char *text, const char *name)
{
    size_t length = strlen(name);

    for (; text != NULL && *text != '\0'; text = strchr(text, '\n')) {
        text += *text == '\n';
        if (strncmp(text, name, length) == 0 && text[length] == ':')
            return text + length + 1;
    }
    return NULL;
}

static bool read_four(const char *value, uint32_t ret_numbers[static 4])
{
    for (size_t i = 0; i < 4 && value != NULL; i++) {
        char *end;

        ret_numbers[i] = (uint32_t)strtoul(value, &end, 10);
        value = end == value ? NULL : end;
    }
    return value != NULL;
}

static bool read_number(const char *value, int base, uint64_t *ret_number)
{
    char *end;

    if (value == NULL)
        return false;
    *ret_number = strtoull(value, &end, base);
    return end != value;
}

static int read_groups(struct arena *arena, const char *value, struct process_status *status)
{
    size_t room = strcspn(value, "\n") / 2 + 1; /* a number and a space take two at least */
    gid_t *groups = arena_alloc(arena, room * sizeof(*groups));

    if (groups == NULL)
        return -ENOMEM;
    for (;;) {
        char *end;

        value += strspn(value, " \t");
        if (*value < '0' || *value > '9')
            break;
        groups[status->group_count++] = (gid_t)strtoul(value, &end, 10);
        value = end;
    }
    status->groups = groups;
    return 0;
}

/* The first of several numbers: the one of the outermost namespace that the reader sees. */
static bool read_pid(const char *value, pid_t *ret_pid)
{
    uint64_t number;

    if (!read_number(value, 10, &number))
        return false;
    *ret_pid = (pid_t)number;
    return true;
}

int process_status_parse(struct arena *arena, const char *text, struct process_status *ret_status)
{
    static const char *const sets[PROCESS_CAPABILITY_SETS] = {
        [PROCESS_INHERITABLE] = "CapInh", [PROCESS_PERMITTED] = "CapPrm",
        [PROCESS_EFFECTIVE] = "CapEff",   [PROCESS_BOUNDING] = "CapBnd",
        [PROCESS_AMBIENT] = "CapAmb",
    };
    struct process_status status = {.seccomp_filters = -1};
    const char *groups = value_of(text, "Groups");
    uint64_t number;
    bool whole = groups != NULL && read_four(value_of(text, "Uid"), status.uids) &&
                 read_four(value_of(text, "Gid"), status.gids) &&
                 read_pid(value_of(text, "NSpid"), &status.pid) &&
                 read_pid(value_of(text, "NSpgid"), &status.process_group) &&
                 read_pid(value_of(text, "NSsid"), &status.session);

    for (size_t i = 0; i < PROCESS_CAPABILITY_SETS && whole; i++)
        whole = read_number(value_of(text, sets[i]), 16, &status.capabilities[i]);
    if (!whole || !read_number(value_of(text, "NoNewPrivs"), 10, &number))
        return -EBADMSG;
    status.no_new_privs = (int)number;
    if (!read_number(value_of(text, "Seccomp"), 10, &number))
        return -EBADMSG;
    status.seccomp_mode = (int)number;
    if (read_number(value_of(text, "Seccomp_filters"), 10, &number))
        status.seccomp_filters = (int)number;
    if (read_groups(arena, groups, &status) < 0)
        return -ENOMEM;
    *ret_status = status;
    return 0;
}

int process_status_read(struct arena *arena, struct process_text *text, int directory,
                        struct process_status *ret_status)
{
    int result = process_read(text, directory, "status");

    return result < 0 ? result : process_status_parse(arena, text->data, ret_status);
}

int process_depth(struct process_text *text, int directory)
{
    int result = process_read(text, directory, "status");
    const char *value = result < 0 ? NULL : value_of(text->data, "NSpid");
    int depth = 0;

    if (result < 0)
        return result;
    for (; value != NULL && *value != '\n' && *value != '\0'; value++)
        depth += *value >= '0' && *value <= '9' && (value[1] < '0' || value[1] > '9');
    return depth > 0 ? depth : -EBADMSG;
}

/* ---- links ---- */

ssize_t process_link(int directory, const char *name, char *buffer, size_t size)
{
    ssize_t length = readlinkat(directory, name, buffer, size - 1);

    if (length < 0)
        return -errno;
    buffer[length] = '\0';
    return length;
}

int process_namespaces_read(int directory, uint64_t ret_numbers[static PROCESS_NAMESPACES])
{
    for (size_t i = 0; i < PROCESS_NAMESPACES; i++) {
        char name[16];
        char text[64]; /* "net:[4026531840]" */
        const char *number;
        ssize_t length;

        snprintf(name, sizeof(name), "ns/%s", process_namespaces[i].name);
        length = process_link(directory, name, text, sizeof(text));
        ret_numbers[i] = 0;
        if (length == -ENOENT)
            continue;
        if (length < 0)
            return (int)length;
        number = strchr(text, '[');
        if (number == NULL)
            return -EBADMSG;
        ret_numbers[i] = strtoull(number + 1, NULL, 10);
    }
    return 0;
}

/* ---- descriptors ---- */

/* Not readdir(3): it takes more memory than the few names do. */
int process_fds_read(struct arena *arena, int directory, struct process_fds *ret_fds)
{
    _cleanup_close_ int entries = openat(directory, "fdinfo", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct process_fds fds = {0};
    alignas(struct dirent64) char buffer[1024];
    long length;

    if (entries < 0)
        return -errno;
    while ((length = syscall(SYS_getdents64, entries, buffer, sizeof(buffer))) > 0) {
        const struct dirent64 *entry;

        for (long at = 0; at < length; at += entry->d_reclen) {
            int *slot;

            entry = (const struct dirent64 *)(const void *)(buffer + at);
            if (entry->d_name[0] == '.')
                continue;
            slot = ARENA_PUSH(arena, &fds);
            if (slot == NULL)
                return -ENOMEM;
            *slot = (int)strtol(entry->d_name, NULL, 10);
        }
    }
    if (length < 0)
        return -errno;
    *ret_fds = fds;
    return 0;
}

/* ---- limits, and the caller itself ---- */

int process_rlimit(pid_t pid, int resource, uint64_t *ret_soft, uint64_t *ret_hard)
{
    uint64_t limit[2]; /* struct rlimit64 */

    if (syscall(SYS_prlimit64, pid, resource, NULL, limit) < 0)
        return -errno;
    *ret_soft = limit[0];
    *ret_hard = limit[1];
    return 0;
}

int process_own_filters(struct arena *arena)
{
    _cleanup_process_text_ struct process_text text = {0};
    _cleanup_close_ int directory = -EBADF;
    struct process_status status;
    int result = prctl(PR_GET_SECCOMP, 0, 0, 0, 0);

    if (result == 0)
        return 0; /* as nearly everywhere but in a container */
    directory = open("/proc/thread-self", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return -errno;
    result = process_status_read(arena, &text, directory, &status);
    return result < 0 ? result : status.seccomp_filters;
}

int32_t process_own_keyring(void)
{
    long keyring = syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);

    return keyring < 0 ? -errno : (int32_t)keyring;
}
