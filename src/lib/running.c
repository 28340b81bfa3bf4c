/* SPDX-License-Identifier: Apache-2.0 */
#include <sbx/running.h>

#include "base/cleanup.h"
#include "kernel/state_directory.h"
#include "lib/host_hint.h"
#include "policy/value.h"
#include "run/json.h"
#include "run/register.h"
#include "run/visit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_MS        1000
#define DEFAULT_GRACE_MS 2000

static uint64_t deadline(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000 + ANSWER_MS;
}

static const char *directory_of(struct arena *arena)
{
    return state_directory_path(arena, getenv("XDG_RUNTIME_DIR"), geteuid());
}

static void fill(const char *name, const struct answer_info *info, struct sbx_running *ret)
{
    *ret = (struct sbx_running){.answers = info != NULL};
    text_copy(ret->name, sizeof(ret->name), name);
    if (info == NULL)
        return;
    ret->pid = info->supervisor;
    ret->processes = info->processes;
    ret->age_ms = info->age_ms;
    ret->cpu_ms = info->cpu_ms;
    ret->memory = info->memory;
    text_copy(ret->profile, sizeof(ret->profile), info->profile);
    text_copy(ret->command, sizeof(ret->command), info->command);
}

/* All are asked before the first is heard: a stopped one costs its second once. */
static void hear_all(const char *directory, const struct host_strings *names, int *sockets,
                     struct sbx_running *list, size_t *ret_count)
{
    uint64_t until = deadline();
    size_t count = 0;

    for (size_t i = 0; i < names->count; i++) {
        sockets[i] = register_connect(directory, names->items[i]);
        if (sockets[i] >= 0)
            (void)visit_ask(sockets[i]);
    }
    for (size_t i = 0; i < names->count; i++) {
        struct answer_info info;
        int result = sockets[i];

        if (result >= 0)
            result = visit_hear(sockets[i], until, &info);
        if (result == 0)
            fill(names->items[i], &info, &list[count++]);
        else if (result == -ETIMEDOUT || result == -EAGAIN)
            fill(names->items[i], NULL, &list[count++]);
        cleanup_close(&sockets[i]); /* any other has ended meanwhile */
    }
    *ret_count = count;
}

int sbx_running_list(struct sbx_running **ret_list, size_t *ret_count, struct sbx_error *err)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    const char *directory = arena == NULL ? NULL : directory_of(arena);
    struct host_strings names = {0};
    struct sbx_running *list = NULL;
    size_t count = 0;
    int *sockets;
    int result;

    if (directory == NULL)
        return error_oom(err);
    result = register_list(arena, directory, &names, err);
    if (result < 0)
        return result;
    if (names.count > 0) {
        list = calloc(names.count, sizeof(*list));
        sockets = arena_alloc(arena, names.count * sizeof(*sockets));
        if (list == NULL || sockets == NULL) {
            free(list);
            return error_oom(err);
        }
        hear_all(directory, &names, sockets, list, &count);
    }
    *ret_list = list;
    *ret_count = count;
    return 0;
}

static int connect_to(const char *name, struct sbx_error *err)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    const char *directory = arena == NULL ? NULL : directory_of(arena);
    int fd;

    if (directory == NULL)
        return error_oom(err);
    fd = register_connect(directory, name);
    if (fd == -ENOENT) {
        error_set(err, SBX_ERROR_USAGE, 0, "running", name, "no sandbox '%s' runs", name);
        error_add_hint(err, "sbx ps lists those that do");
    } else if (fd < 0) {
        error_set(err, SBX_ERROR_SETUP, -fd, "running", name, "cannot reach the sandbox '%s'",
                  name);
        if (fd == -EPERM)
            error_add_hint(err, "who may write to the register can pose as a sandbox: what listens "
                                "under this name is in another PID namespace than the caller, or "
                                "the register isn't the caller's alone");
    }
    return fd;
}

int sbx_running_get(const char *name, struct sbx_running *ret_running, struct sbx_error *err)
{
    _cleanup_close_ int fd = connect_to(name, err);
    struct answer_info info;
    int result = fd < 0 ? fd : visit_ask(fd);

    if (fd < 0)
        return fd;
    if (result == 0)
        result = visit_hear(fd, deadline(), &info);
    if (result < 0 && result != -ETIMEDOUT) {
        error_set(err, SBX_ERROR_USAGE, 0, "running", name, "the sandbox '%s' has just ended",
                  name);
        return -ENOENT;
    }
    fill(name, result == 0 ? &info : NULL, ret_running);
    return 0;
}

int sbx_running_print_json(const struct sbx_running *running, FILE *stream, struct sbx_error *err)
{
    _cleanup_free_ char *text = NULL;
    json_t *object = json_object();

    json_object_set_new(object, "name", json_text(running->name));
    if (running->answers) {
        json_object_set_new(object, "pid", json_integer(running->pid));
        json_object_set_new(object, "profile", json_text(running->profile));
        json_object_set_new(object, "command", json_text(running->command));
        json_object_set_new(object, "processes", json_integer((json_int_t)running->processes));
        json_object_set_new(object, "age_ms", json_integer((json_int_t)running->age_ms));
        json_object_set_new(object, "cpu_ms", json_integer((json_int_t)running->cpu_ms));
        json_object_set_new(object, "memory", json_integer((json_int_t)running->memory));
    } else {
        json_object_set_new(object, "pid", json_null());
    }
    text = object == NULL ? NULL : json_dumps(object, JSON_COMPACT);
    json_decref(object);
    if (text == NULL)
        return error_oom(err);
    return fputs(text, stream) < 0 ? -EIO : 0;
}

int sbx_running_stop(const char *name, const char *grace, struct sbx_error *err)
{
    _cleanup_close_ int fd = -EBADF;
    uint64_t grace_ms = DEFAULT_GRACE_MS;
    int result = grace == NULL ? 0 : value_time(grace, "--grace", &grace_ms, err);

    if (result < 0)
        return result;
    fd = connect_to(name, err);
    if (fd < 0)
        return fd;
    result = visit_stop(fd, grace_ms);
    /* it has ended by itself meanwhile */
    if (result == -EPIPE || result == -ECONNRESET)
        result = 0;
    if (result < 0)
        error_set(err, SBX_ERROR_SETUP, -result, "stop", name, "cannot end the sandbox '%s'", name);
    return result;
}

static size_t length_of(const char *const *list)
{
    size_t count = 0;

    while (list != NULL && list[count] != NULL)
        count++;
    return count;
}

int sbx_running_exec(const char *name, const struct sbx_exec *exec, unsigned flags,
                     struct sbx_report *ret_report, struct sbx_error *err)
{
    const struct visit_command command = {
        .argv = exec->command,
        .argc = length_of(exec->command),
        .variables = exec->variables,
        .variable_count = length_of(exec->variables),
        .directory = exec->directory != NULL ? exec->directory : "",
    };
    _cleanup_close_ int fd = connect_to(name, err);
    int result;

    if (fd < 0)
        return fd;
    result = visit_exec(fd, &command, (flags & SBX_RUN_JOB_CONTROL) != 0, ret_report, err);
    if (result < 0)
        host_hint_add(err);
    return result;
}
