/* SPDX-License-Identifier: Apache-2.0 */
#include "run/scope.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/io.h"
#include "base/path.h"
#include "kernel/cgroup.h"
#include "kernel/process.h"
#include "scope/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#define NAME_SIZE  64
#define SMALL_FILE 65536

static int scope_error(const struct step *step, int number, const char *why, struct sbx_error *err)
{
    error_set(err, SBX_ERROR_SETUP, number, "scope", step->target,
              "cannot have a cgroup for the sandbox from %s: %s", step->target, why);
    error_add_origin(err, step->origin);
    return -number;
}

static int make_name(char name[static NAME_SIZE])
{
    uint64_t random;

    if (getrandom(&random, sizeof(random), 0) != sizeof(random))
        return -EIO;
    snprintf(name, NAME_SIZE, "sbx-%d-%016llx.scope", (int)getpid(), (unsigned long long)random);
    return 0;
}

static int start_helper(const struct step *step, const char *unit, pid_t child,
                        struct scope *ret_scope)
{
    const struct host_scope *manager = step->data;
    char pid[16];
    char *arguments[] = {
        (char *)"sbx-scope", (char *)manager->bus, (char *)unit, pid, (char *)manager->slice, NULL};
    static char *const environment[] = {NULL};
    int descriptors[3] = {-1, -1, -1};
    int ends[2];
    pid_t helper;

    snprintf(pid, sizeof(pid), "%d", (int)child);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return -errno;
    descriptors[0] = ends[1];
    helper = process_spawn(step->source, arguments, environment, descriptors);
    close(ends[1]);
    ret_scope->socket = ends[0];
    if (helper < 0)
        return (int)helper;
    ret_scope->helper = helper;
    return 0;
}

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* 0, -ETIMEDOUT, or -ECONNRESET where the helper ends without an answer. */
static int wait_for_answer(int socket)
{
    uint64_t deadline = now_ms() + SCOPE_ANSWER_MS;
    struct pollfd answer = {.fd = socket, .events = POLLIN};

    for (;;) {
        uint64_t now = now_ms();
        int r = now >= deadline ? 0 : poll(&answer, 1, (int)(deadline - now));

        if (r < 0 && errno != EINTR)
            return -errno;
        if (r == 0)
            return -ETIMEDOUT;
        if (r > 0)
            return (answer.revents & POLLIN) != 0 ? 0 : -ECONNRESET;
    }
}

static int hear(const struct step *step, int socket, struct sbx_error *err)
{
    struct scope_answer answer = {0};
    int r = wait_for_answer(socket);
    ssize_t length = r < 0 ? r : recv(socket, &answer, sizeof(answer), MSG_DONTWAIT);

    if (r == -ETIMEDOUT)
        return scope_error(step, ETIMEDOUT, "it does not answer", err);
    if (r < 0 || length == 0)
        return scope_error(step, ECHILD, "sbx-scope ended without an answer", err);
    if (length != (ssize_t)sizeof(answer) ||
        memchr(answer.text, '\0', sizeof(answer.text)) == NULL || answer.number < 0)
        return scope_error(step, EPROTO, "sbx-scope is not of this version of sbx", err);
    return answer.number == 0 ? 0 : scope_error(step, answer.number, answer.text, err);
}

/* The cgroup of version 2 that the kernel says @pid is in, by its path there; NULL: it can't be
 * told. */
static const char *cgroup_of(struct arena *arena, pid_t pid)
{
    const char *file = arena_printf(arena, "/proc/%d/cgroup", (int)pid);
    char *save = NULL;
    char *text;

    if (file == NULL || io_read_file(arena, AT_FDCWD, file, SMALL_FILE, &text, NULL) < 0)
        return NULL;
    for (const char *line = strtok_r(text, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save))
        if (strncmp(line, "0::", 3) == 0)
            return line + 3;
    return NULL;
}

static bool is_unit(const char *path, const char *unit)
{
    const char *slash = path == NULL ? NULL : strrchr(path, '/');

    return slash != NULL && strcmp(slash + 1, unit) == 0;
}

/* Where the kernel says that the two are: its directory, or a negative errno with @err. */
static int find_scope(const struct step *step, const char *unit, pid_t child, pid_t helper,
                      struct sbx_error *err)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    const struct host_scope *manager = step->data;
    const char *path = arena == NULL ? NULL : cgroup_of(arena, child);
    const char *other = arena == NULL ? NULL : cgroup_of(arena, helper);
    const char *rest;
    int fd;

    if (!is_unit(path, unit) || other == NULL || strcmp(path, other) != 0)
        return scope_error(step, EPROTO, "it says that it made one, and the kernel knows of none",
                           err);
    rest = path_relative(path, manager->mount_root);
    path = rest == NULL ? NULL : path_join(arena, manager->mount, rest);
    fd = path == NULL ? -ENOENT : cgroup_open(path);
    return fd >= 0 ? fd : scope_error(step, -fd, "the cgroup that it made can't be opened", err);
}

int scope_start(const struct step *step, pid_t child, struct scope *ret_scope,
                struct sbx_error *err)
{
    struct scope scope = SCOPE_NONE;
    char unit[NAME_SIZE];
    int r = make_name(unit);

    if (r == 0)
        r = start_helper(step, unit, child, &scope);
    if (r < 0)
        r = scope_error(step, -r, "sbx-scope can't be started", err);
    else
        r = hear(step, scope.socket, err);
    if (r == 0)
        r = find_scope(step, unit, child, scope.helper, err);
    if (r < 0) {
        scope_end(&scope);
        return r;
    }
    *ret_scope = scope;
    return r;
}

void scope_end(struct scope *scope)
{
    cleanup_close(&scope->socket);
    if (scope->helper > 0) {
        /* it would end by itself, unless it hangs or was stopped */
        (void)kill(scope->helper, SIGKILL);
        while (waitpid(scope->helper, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    *scope = SCOPE_NONE;
}
