/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake-manager BUS HOW: what systemd's manager could answer when sbx-scope asks it for a scope, but
 * for making one.  It takes the manager's name on the bus at the socket BUS, says "ready", and
 * answers until it is killed.  HOW is one of
 *
 *   refuse    access is denied, in words that a terminal would act on
 *   exists    another error
 *   hang      no answer
 *   nonsense  an answer of another type
 *   silent    a job that never ends
 *   failed    a job that fails
 *   other     a job that ends, and it is not the one
 *   done      a job that is done, and nothing was
 */
#include <stdio.h>
#include <string.h>
#include <systemd/sd-bus.h>

#define MANAGER_PATH "/org/freedesktop/systemd1"
#define MANAGER_API  "org.freedesktop.systemd1.Manager"
#define JOB          MANAGER_PATH "/job/7"

static int end_job(sd_bus *bus, const char *path, const char *unit, const char *result)
{
    return sd_bus_emit_signal(bus, MANAGER_PATH, MANAGER_API, "JobRemoved", "uoss", 7U, path, unit,
                              result);
}

static int on_start(sd_bus_message *message, void *data, sd_bus_error *error)
{
    sd_bus *bus = sd_bus_message_get_bus(message);
    const char *how = data;
    const char *unit;
    const char *mode;
    int r = sd_bus_message_read(message, "ss", &unit, &mode);

    if (r < 0)
        return r;
    printf("asked for %s\n", unit);
    fflush(stdout);
    if (strcmp(how, "refuse") == 0)
        return sd_bus_error_set(error, SD_BUS_ERROR_ACCESS_DENIED, "not\033[31m for you");
    if (strcmp(how, "exists") == 0)
        return sd_bus_error_set(error, "org.freedesktop.systemd1.UnitExists", "it exists");
    if (strcmp(how, "hang") == 0)
        return 1;
    if (strcmp(how, "nonsense") == 0)
        return sd_bus_reply_method_return(message, "as", 1, "thing");
    r = sd_bus_reply_method_return(message, "o", JOB);
    if (r >= 0 && strcmp(how, "failed") == 0)
        r = end_job(bus, JOB, unit, "failed");
    if (r >= 0 && strcmp(how, "other") == 0)
        r = end_job(bus, MANAGER_PATH "/job/8", unit, "done");
    if (r >= 0 && strcmp(how, "done") == 0)
        r = end_job(bus, JOB, unit, "done");
    return r < 0 ? r : 1;
}

#define METHODS(answer)                                                                            \
    {                                                                                              \
        SD_BUS_VTABLE_START(0),                                                                    \
            SD_BUS_METHOD("StartTransientUnit", "ssa(sv)a(sa(sv))", answer, on_start,              \
                          SD_BUS_VTABLE_UNPRIVILEGED),                                             \
            SD_BUS_VTABLE_END,                                                                     \
    }

/* libsystemd sends no answer of another type than the table says. */
static const sd_bus_vtable methods[] = METHODS("o");
static const sd_bus_vtable nonsense[] = METHODS("as");

int main(int argc, char **argv)
{
    char address[256];
    sd_bus *bus = NULL;
    int r = argc == 3 ? sd_bus_new(&bus) : -1;

    if (r < 0)
        return 2;
    snprintf(address, sizeof(address), "unix:path=%s", argv[1]);
    r = sd_bus_set_address(bus, address);
    if (r >= 0)
        r = sd_bus_set_bus_client(bus, 1);
    if (r >= 0)
        r = sd_bus_start(bus);
    if (r >= 0)
        r = sd_bus_add_object_vtable(bus, NULL, MANAGER_PATH, MANAGER_API,
                                     strcmp(argv[2], "nonsense") == 0 ? nonsense : methods,
                                     argv[2]);
    if (r >= 0)
        r = sd_bus_request_name(bus, "org.freedesktop.systemd1", 0);
    if (r >= 0)
        puts("ready");
    fflush(stdout);
    while (r >= 0) {
        r = sd_bus_process(bus, NULL);
        if (r == 0)
            r = sd_bus_wait(bus, UINT64_MAX);
    }
    fprintf(stderr, "fake-manager: %s\n", strerror(-r));
    return 1;
}
