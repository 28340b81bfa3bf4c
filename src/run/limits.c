/* SPDX-License-Identifier: Apache-2.0 */
#include "run/limits.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "run/step.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

/* The option whose limit a file of a cgroup holds, and where the kernel counts how often it was
 * reached. */
static const struct {
    const char *file;
    const char *option;
    const char *events;
    const char *key;
} files[] = {
    {"memory.max", "memory", "memory.events", "max"},
    {"memory.swap.max", "swap", "memory.swap.events", "max"},
    {"pids.max", "pids", "pids.events", "max"},
    {"cpu.max", "cpus", "cpu.stat", "nr_throttled"},
    {"cpuset.cpus", "cpuset", NULL, NULL},
    {"io.weight", "io-weight", NULL, NULL},
};

void limits_add(struct sbx_report *report, const char *name, const char *mechanism, bool reached)
{
    struct sbx_report_limit *limit;

    if (report->limit_count == SBX_REPORT_MAX_LIMITS)
        return;
    limit = &report->limits[report->limit_count++];
    text_copy(limit->name, sizeof(limit->name), name);
    text_copy(limit->mechanism, sizeof(limit->mechanism), mechanism);
    limit->reached = reached;
}

void limits_list(const struct plan *plan, struct sbx_report *report)
{
    for (size_t i = 0; i < plan->steps.count; i++) {
        const struct step *step = &plan->steps.items[i];

        for (size_t k = 0; step->kind == STEP_CGROUP_LIMIT && k < ARRAY_SIZE(files); k++)
            if (strcmp(files[k].file, step->target) == 0)
                limits_add(report, files[k].option, "cgroup", false);
        /* that of core dumps is no limit that anybody asked for */
        if (step->kind == STEP_RLIMIT && step->number != RLIMIT_CORE)
            limits_add(report, step_rlimit_name(step->number), "rlimit", false);
    }
    if (plan->time_ms > 0)
        limits_add(report, "time", "timer", false);
    if (plan->output.origin != NULL)
        limits_add(report, "max-output", "relay", false);
}

void limits_reach(struct sbx_report *report, const char *name)
{
    for (unsigned i = 0; i < report->limit_count; i++)
        if (strcmp(report->limits[i].name, name) == 0)
            report->limits[i].reached = true;
}

void limits_count_output(const struct meter *meter, struct sbx_report *report)
{
    if (meter == NULL)
        return;
    report->output_counted = true;
    report->output_bytes = meter->passed;
}

const char *limits_memory_cause(const struct cgroup_run *run)
{
    if (run->kills == 0)
        return NULL;
    return run->ran_out ? "memory" : "host-memory";
}

void limits_explain(const struct cgroup_run *run, struct sbx_error *err)
{
    if (run->kills == 0 || err == NULL)
        return;
    err->hint[0] = '\0'; /* what is known takes the place of a guess */
    error_add_hint(err, run->ran_out ? "the memory limit is too low for the set-up: raise --memory"
                                     : "the machine, or a cgroup above, is out of memory");
}

/* Of a delegated cgroup the events of those that the command made in it count as well, but for the
 * local ones.  Linux before 6.10 has none for processes: there the most at one time decides. */
static bool is_reached(const struct cgroup_run *run, const char *events, const char *key)
{
    char local[32];
    uint64_t count;
    uint64_t most;

    if (!run->delegated || strcmp(events, "cpu.stat") == 0)
        return cgroup_get_key(run->directory, events, key, &count) == 0 && count > 0;
    snprintf(local, sizeof(local), "%s.local", events);
    if (cgroup_get_key(run->directory, local, key, &count) == 0)
        return count > 0;
    return strcmp(events, "pids.events") == 0 &&
           cgroup_get_number(run->directory, "pids.peak", &count) == 0 &&
           cgroup_get_number(run->directory, "pids.max", &most) == 0 && count >= most;
}

static void measure_reached(const struct cgroup_run *run, struct sbx_report *report)
{
    for (unsigned i = 0; i < report->limit_count; i++) {
        struct sbx_report_limit *limit = &report->limits[i];

        for (size_t k = 0; k < ARRAY_SIZE(files); k++)
            if (strcmp(files[k].option, limit->name) == 0 && files[k].events != NULL &&
                strcmp(limit->mechanism, "cgroup") == 0)
                limit->reached = is_reached(run, files[k].events, files[k].key);
    }
}

/* Where not all are killed at once, that one was says nothing of how the command ended; nor does it
 * where that was by a limit that the command has set itself. */
static void measure_kills(struct cgroup_run *run)
{
    const char *events = run->delegated ? "memory.events.local" : "memory.events";
    const char *kills = run->delegated ? "oom_group_kill" : "oom_kill";
    uint64_t value;

    if (cgroup_get_number(run->directory, "memory.oom.group", &value) == 0 && value == 1 &&
        cgroup_get_key(run->directory, events, kills, &value) == 0)
        run->kills = value;
    if (cgroup_get_key(run->directory, events, "oom", &value) == 0)
        run->ran_out = value > 0;
}

void cgroup_run_measure(struct cgroup_run *run, struct sbx_report *report)
{
    uint64_t user;
    uint64_t system;
    uint64_t value;

    if (run->directory < 0)
        return;
    measure_kills(run);
    if (cgroup_get_number(run->directory, "memory.peak", &value) == 0)
        report->peak_memory_kb = value / 1024;
    /* without init, which --pids doesn't count either */
    if (cgroup_get_number(run->directory, "pids.peak", &value) == 0 && value > 0)
        report->peak_pids = value - 1;
    if (cgroup_get_key(run->directory, "cpu.stat", "user_usec", &user) == 0 &&
        cgroup_get_key(run->directory, "cpu.stat", "system_usec", &system) == 0) {
        report->user_ms = user / 1000;
        report->system_ms = system / 1000;
    }
    measure_reached(run, report);
}
