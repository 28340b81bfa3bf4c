/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/rlimit.h"

#include "base/error.h"
#include "policy/value.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#define UNLIMITED "unlimited"

enum unit { UNIT_BYTES, UNIT_COUNT, UNIT_TIME };

/* In the order of their names.  @option stands for the limit, or @why tells why it can't be set. */
static const struct row {
    const char *name;
    int resource;
    enum unit unit;
    uint64_t max; /* of a count */
    const char *option;
    const char *why;
} rows[] = {
    {"as", RLIMIT_AS, UNIT_BYTES, 0, NULL, NULL},
    {"core", RLIMIT_CORE, UNIT_BYTES, 0, NULL,
     "it is 1 inside: 0 would start the host's core_pattern program on the command's memory"},
    {"cpu", RLIMIT_CPU, UNIT_TIME, 0, "--cpu-time", NULL},
    {"data", RLIMIT_DATA, UNIT_BYTES, 0, NULL, NULL},
    {"fsize", RLIMIT_FSIZE, UNIT_BYTES, 0, "--file-size", NULL},
    {"locks", RLIMIT_LOCKS, UNIT_COUNT, 0, NULL, "Linux takes no notice of it since 2.4.25"},
    {"memlock", RLIMIT_MEMLOCK, UNIT_BYTES, 0, NULL, NULL},
    {"msgqueue", RLIMIT_MSGQUEUE, UNIT_BYTES, 0, NULL, NULL},
    {"nice", RLIMIT_NICE, UNIT_COUNT, 40, NULL, NULL},
    {"nofile", RLIMIT_NOFILE, UNIT_COUNT, 0, "--open-files", NULL},
    {"nproc", RLIMIT_NPROC, UNIT_COUNT, 0, "--pids", NULL},
    {"rss", RLIMIT_RSS, UNIT_BYTES, 0, NULL, "Linux takes no notice of it since 2.4.30"},
    {"rtprio", RLIMIT_RTPRIO, UNIT_COUNT, 99, NULL, NULL},
    {"rttime", RLIMIT_RTTIME, UNIT_TIME, 0, NULL, NULL},
    {"sigpending", RLIMIT_SIGPENDING, UNIT_COUNT, INT32_MAX, NULL, NULL},
    {"stack", RLIMIT_STACK, UNIT_BYTES, 0, NULL, NULL},
};

#define NAMES "as data memlock msgqueue nice rtprio rttime sigpending stack"

const char *rlimit_name(uint64_t resource)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if ((uint64_t)rows[i].resource == resource)
            return rows[i].name;
    return NULL;
}

static const struct row *find(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strlen(rows[i].name) == length && strncmp(rows[i].name, name, length) == 0)
            return &rows[i];
    return NULL;
}

static int refuse(struct sbx_error *err, const char *origin, const char *hint, const char *name,
                  const char *why)
{
    error_usage(err, origin, "the limit '%s' %s", name, why);
    error_add_hint(err, hint);
    return -EINVAL;
}

static int check(const struct row *row, const char *origin, struct sbx_error *err)
{
    if (row->option != NULL)
        return refuse(err, origin, "that option tells in the report which limit ended a run",
                      row->name,
                      strcmp(row->option, "--pids") == 0         ? "is set by --pids"
                      : strcmp(row->option, "--cpu-time") == 0   ? "is set by --cpu-time"
                      : strcmp(row->option, "--open-files") == 0 ? "is set by --open-files"
                                                                 : "is set by --file-size");
    if (row->why != NULL)
        return refuse(err, origin, row->why, row->name, "can't be set");
    return 0;
}

static int parse_one(const struct row *row, const char *text, const char *origin, uint64_t *ret,
                     struct sbx_error *err)
{
    int r;

    if (strcmp(text, UNLIMITED) == 0) {
        *ret = RLIM_INFINITY;
        return 0;
    }
    switch (row->unit) {
    case UNIT_COUNT:
        return value_count(text, origin, 0, row->max, ret, err);
    case UNIT_TIME: /* RLIMIT_RTTIME is in microseconds */
        r = value_time(text, origin, ret, err);
        if (r == 0)
            *ret *= 1000;
        return r;
    case UNIT_BYTES:
    default:
        return value_size(text, origin, ret, err);
    }
}

int rlimit_parse(struct arena *arena, const char *text, const char *origin,
                 struct spec_rlimit *ret_limit, struct sbx_error *err)
{
    const char *equals = strchr(text, '=');
    size_t length = equals == NULL ? strlen(text) : (size_t)(equals - text);
    const struct row *row = find(text, length);
    struct spec_rlimit limit = {.origin = origin};
    char *soft;
    char *colon;
    int r;

    if (row == NULL || equals == NULL) {
        error_usage(err, origin, "'%s' is not NAME=SOFT[:HARD] of a limit", text);
        error_add_hint(err, "the names are " NAMES);
        return -EINVAL;
    }
    r = check(row, origin, err);
    if (r < 0)
        return r;
    soft = arena_strdup(arena, equals + 1);
    if (soft == NULL)
        return error_oom(err);
    colon = strchr(soft, ':');
    if (colon != NULL)
        *colon = '\0';
    limit.resource = row->resource;
    r = parse_one(row, soft, origin, &limit.soft, err);
    limit.hard = limit.soft;
    if (r == 0 && colon != NULL)
        r = parse_one(row, colon + 1, origin, &limit.hard, err);
    if (r == 0 && limit.soft > limit.hard)
        return refuse(err, origin, "write NAME=SOFT:HARD, the lower one first", row->name,
                      "has a soft value above its hard one");
    if (r == 0)
        *ret_limit = limit;
    return r;
}
