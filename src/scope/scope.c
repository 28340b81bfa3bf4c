/* SPDX-License-Identifier: Apache-2.0 */
#include "scope/scope.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <time.h>
#include <unistd.h>

#define MANAGER      "org.freedesktop.systemd1"
#define MANAGER_PATH "/org/freedesktop/systemd1"
#define MANAGER_API  "org.freedesktop.systemd1.Manager"
#define SECOND       UINT64_C(1000000)

/* The job that makes the scope. */
struct job {
    const char *path; /* NULL: not known yet */
    char *result;     /* "done", "failed", ...; NULL: it has not ended */
};

static uint64_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * SECOND + (uint64_t)time.tv_nsec / 1000;
}

static int fail(const char **ret_why, int number, const char *why)
{
    *ret_why = why;
    return number;
}

/* What the manager, or the bus in its place, said. */
static int fail_call(const char **ret_why, const sd_bus_error *error, int number)
{
    static const struct {
        const char *name;
        int number;
    } rows[] = {
        {SD_BUS_ERROR_ACCESS_DENIED, -EACCES},
        {SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED, -EACCES},
        {SD_BUS_ERROR_SERVICE_UNKNOWN, -ECONNREFUSED},
        {SD_BUS_ERROR_NAME_HAS_NO_OWNER, -ECONNREFUSED},
        {SD_BUS_ERROR_NO_REPLY, -ETIMEDOUT},
        {SD_BUS_ERROR_TIMEOUT, -ETIMEDOUT},
    };
    const char *text = error->message != NULL ? error->message : strerror(-number);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (sd_bus_error_has_name(error, rows[i].name))
            return fail(ret_why, rows[i].number, strdup(text));
    return fail(ret_why, number, strdup(text));
}

/* A socket's path in the syntax of D-Bus addresses, where some bytes are written %xx. */
static char *address_of(const char *path)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_/.\\*";
    static const char hex[] = "0123456789abcdef";
    static const char prefix[] = "unix:path=";
    char *address = malloc(sizeof(prefix) + 3 * strlen(path));
    char *next = address;

    if (address == NULL)
        return NULL;
    next = stpcpy(next, prefix);
    for (const char *byte = path; *byte != '\0'; byte++) {
        if (strchr(plain, *byte) != NULL) {
            *next++ = *byte;
            continue;
        }
        *next++ = '%';
        *next++ = hex[(unsigned char)*byte >> 4];
        *next++ = hex[(unsigned char)*byte & 15];
    }
    *next = '\0';
    return address;
}

/* Connected, and said hello to, when this returns 0. */
static int connect_bus(const char *path, uint64_t deadline, sd_bus **ret_bus, const char **ret_why)
{
    char *address = address_of(path);
    sd_bus *bus = NULL;
    int r = address == NULL ? -ENOMEM : sd_bus_new(&bus);

    if (r >= 0)
        r = sd_bus_set_address(bus, address);
    free(address);
    if (r >= 0)
        r = sd_bus_set_bus_client(bus, 1);
    if (r >= 0)
        r = sd_bus_set_method_call_timeout(bus, SCOPE_MANAGER_SECONDS * SECOND);
    if (r >= 0)
        r = sd_bus_start(bus);
    *ret_bus = bus;
    while (r >= 0 && sd_bus_is_ready(bus) == 0) {
        uint64_t before = now();

        r = sd_bus_process(bus, NULL);
        if (r == 0)
            r = before >= deadline ? -ETIMEDOUT : sd_bus_wait(bus, deadline - before);
    }
    if (r == -ETIMEDOUT)
        return fail(ret_why, r, "the bus does not answer");
    return r < 0 ? fail(ret_why, r, "the bus can't be connected to") : 0;
}

/* The scope's processes are named by number: is a number here the same one there? */
static int check_numbers(sd_bus *bus, const char **ret_why)
{
    sd_bus_error error = SD_BUS_ERROR_NULL;
    sd_bus_message *reply = NULL;
    const char *name = NULL;
    uint32_t pid = 0;
    int r = sd_bus_get_unique_name(bus, &name);

    if (r >= 0)
        r = sd_bus_call_method(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                               "org.freedesktop.DBus", "GetConnectionUnixProcessID", &error, &reply,
                               "s", name);
    if (r < 0)
        return fail_call(ret_why, &error, r);
    if (sd_bus_message_read(reply, "u", &pid) < 0 || pid != (uint32_t)getpid())
        return fail(ret_why, -EXDEV, "it numbers processes in another way (PID namespaces)");
    return 0;
}

static int on_job_removed(sd_bus_message *message, void *data, sd_bus_error *error)
{
    struct job *job = data;
    const char *path;
    const char *unit;
    const char *result;
    uint32_t id;

    (void)error;
    if (job->path != NULL && job->result == NULL &&
        sd_bus_message_read(message, "uoss", &id, &path, &unit, &result) >= 0 &&
        strcmp(path, job->path) == 0)
        job->result = strdup(result);
    return 0;
}

/* Delegate: from here on the cgroup is the caller's, and systemd keeps out of it.  CollectMode: a
 * scope that failed is forgotten, too. */
static int fill_properties(sd_bus_message *message, const struct scope_request *request)
{
    int r = sd_bus_message_open_container(message, 'a', "(sv)");

    if (r >= 0)
        r = sd_bus_message_append(message, "(sv)(sv)(sv)(sv)", "Description", "s", "sbx sandbox",
                                  "Delegate", "b", 1, "CollectMode", "s", "inactive-or-failed",
                                  "PIDs", "au", 2, (uint32_t)getpid(), request->pid);
    if (r >= 0 && request->slice != NULL)
        r = sd_bus_message_append(message, "(sv)", "Slice", "s", request->slice);
    return r < 0 ? r : sd_bus_message_close_container(message);
}

static int start(sd_bus *bus, const struct scope_request *request, sd_bus_message **ret_reply,
                 const char **ret_why)
{
    sd_bus_error error = SD_BUS_ERROR_NULL;
    sd_bus_message *message = NULL;
    int r = sd_bus_message_new_method_call(bus, &message, MANAGER, MANAGER_PATH, MANAGER_API,
                                           "StartTransientUnit");

    if (r >= 0)
        r = sd_bus_message_append(message, "ss", request->unit, "fail");
    if (r >= 0)
        r = fill_properties(message, request);
    if (r >= 0)
        r = sd_bus_message_append(message, "a(sa(sv))", 0);
    if (r < 0)
        return fail(ret_why, r, "the request can't be written");
    r = sd_bus_call(bus, message, 0, &error, ret_reply);
    return r < 0 ? fail_call(ret_why, &error, r) : 0;
}

static int wait_for_job(sd_bus *bus, const struct job *job, uint64_t deadline, const char **ret_why)
{
    while (job->result == NULL) {
        int r = sd_bus_process(bus, NULL);
        uint64_t time = now();

        if (r == 0)
            r = time >= deadline ? -ETIMEDOUT : sd_bus_wait(bus, deadline - time);
        if (r == -ETIMEDOUT)
            return fail(ret_why, r, "it does not make the scope in time");
        if (r < 0)
            return fail(ret_why, r, "the bus is gone");
    }
    if (strcmp(job->result, "done") != 0)
        return fail(ret_why, -EACCES,
                    "it can't move the processes into the scope: see its journal");
    return 0;
}

int scope_make(const struct scope_request *request, const char **ret_why)
{
    uint64_t deadline = now() + SCOPE_MANAGER_SECONDS * SECOND;
    sd_bus_message *reply = NULL;
    struct job job = {0};
    sd_bus *bus = NULL;
    int r = connect_bus(request->bus, deadline, &bus, ret_why);

    if (r == 0)
        r = check_numbers(bus, ret_why);
    if (r == 0) {
        /* before the call: the job may end with its reply */
        r = sd_bus_match_signal(bus, NULL, MANAGER, MANAGER_PATH, MANAGER_API, "JobRemoved",
                                on_job_removed, &job);
        if (r < 0)
            (void)fail(ret_why, r, "it can't be listened to");
    }
    if (r >= 0)
        r = start(bus, request, &reply, ret_why);
    if (r == 0 && sd_bus_message_read(reply, "o", &job.path) < 0)
        r = fail(ret_why, -EBADMSG, "its answer is no job");
    if (r == 0)
        r = wait_for_job(bus, &job, deadline, ret_why);
    sd_bus_message_unref(reply);
    sd_bus_close(bus);
    sd_bus_unref(bus);
    free(job.result);
    return r;
}
