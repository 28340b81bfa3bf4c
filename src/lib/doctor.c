/* SPDX-License-Identifier: Apache-2.0 */
/* Probe the host, run a default sandbox, judge both. */
#include "lib/doctor.h"

#include "base/error.h"
#include "kernel/fault.h"
#include "kernel/mountinfo.h"
#include "lib/plan.h"

#include <errno.h>
#include <sbx/profile.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RUN_LIMIT "30s" /* for a command that does nothing */

/* A sandbox as `sbx run -- true` makes it, and all that such a run takes hold of. */
struct default_run {
    struct sbx_settings *settings;
    struct sbx_problems *problems;
    struct sbx_profile *profile;
    struct sbx_plan *plan;
    struct sbx_report report;
    struct sbx_error err;
};

static void default_run_end(struct default_run *run)
{
    sbx_plan_free(run->plan);
    sbx_profile_free(run->profile);
    sbx_problems_free(run->problems);
    sbx_settings_free(run->settings);
}

static int default_run_make(struct default_run *run)
{
    static const char *const command[] = {"true", NULL};
    int result;

    run->settings = sbx_settings_new();
    run->problems = sbx_problems_new();
    if (run->settings == NULL || run->problems == NULL)
        return error_oom(&run->err);
    result = sbx_profile_choose(run->settings, command[0], &run->profile, run->problems, &run->err);
    if (result == 0)
        result = sbx_settings_add_profile(run->settings, run->profile, &run->err);
    if (result == 0)
        result = sbx_settings_add(run->settings, "time", RUN_LIMIT, "doctor", &run->err);
    if (result == 0)
        result = sbx_plan_new(run->settings, command, &run->plan, &run->err);
    if (result == 0)
        result = sbx_plan_run(run->plan, 0, &run->report, &run->err);
    return result;
}

/* The message with errno's text, as a failed run prints it. */
static const char *describe(struct arena *arena, const struct sbx_error *err)
{
    const char *number = err->number == 0 ? NULL : strerrordesc_np(err->number);

    return arena_printf(arena, "%s%s%s%s%s", err->origin, err->origin[0] != '\0' ? ": " : "",
                        err->message, number != NULL ? ": " : "", number != NULL ? number : "");
}

static int judge_run(struct arena *arena, int result, const struct default_run *run,
                     struct sbx_check *check)
{
    const struct sbx_report *report = &run->report;
    const struct sbx_error *err = result < 0 ? &run->err : &report->error;

    if (result == 0 && report->outcome == SBX_OUTCOME_EXITED && report->exit_code == 0)
        return 0;
    check->state = SBX_CHECK_FAILS;
    check->cost = "`sbx run` does not work here";
    if (result == 0 && (report->outcome == SBX_OUTCOME_NOT_FOUND ||
                        report->outcome == SBX_OUTCOME_NOT_EXECUTABLE)) {
        check->state = SBX_CHECK_UNKNOWN;
        check->cost = "the sandbox was made, but nothing has been run in it";
    }
    if (err->message[0] != '\0') {
        check->finding = describe(arena, err);
        check->fix = err->hint[0] == '\0' ? NULL : arena_strdup(arena, err->hint);
        return check->finding == NULL || (err->hint[0] != '\0' && check->fix == NULL) ? -ENOMEM : 0;
    }
    check->finding = arena_printf(arena, "`true` did not end as it should, but %s (exit code %d)",
                                  sbx_outcome_name(report->outcome), sbx_report_exit_code(report));
    return check->finding == NULL ? -ENOMEM : 0;
}

/* Which sockets of the host does this plan put a mask over? */
static int find_masked_sockets(struct arena *arena, const struct sbx_plan *plan,
                               struct host_strings *ret_masked)
{
    for (size_t i = 0; plan != NULL && i < plan->host.sockets.count; i++) {
        const char *socket = plan->host.sockets.items[i];

        for (size_t k = 0; k < plan->plan.steps.count; k++) {
            const struct step *step = &plan->plan.steps.items[k];

            if (step->kind == STEP_MASK && strcmp(step->target, socket) == 0 &&
                host_strings_add_new(ret_masked, arena, socket) < 0)
                return -ENOMEM;
        }
    }
    return 0;
}

static int examine_run(struct sbx_doctor *doctor)
{
    struct sbx_check *check = ARENA_PUSH(doctor->arena, &doctor->checks);
    struct default_run run = {0};
    struct host_strings masked = {0};
    int result;

    if (check == NULL)
        return -ENOMEM;
    *check = (struct sbx_check){.name = "default-run", .title = "a default run", .used = true};
    if ((doctor->checkup.faults & FAULT_FILTER_KILLS) != 0) {
        check->state = SBX_CHECK_FAILS;
        check->finding = "not tried: a system-call filter would kill sbx for it";
        check->cost = "`sbx run` does not work here";
        result = verdict_explain(doctor->arena, &doctor->checkup, doctor->checkup.faults,
                                 "namespaces", ECHILD, check);
    } else {
        result = default_run_make(&run);
        result = judge_run(doctor->arena, result, &run, check);
    }
    if (run.plan != NULL)
        doctor->host.lost_sockets = run.plan->host.lost_sockets;
    if (result == 0)
        result = find_masked_sockets(doctor->arena, run.plan, &masked);
    if (result == 0)
        result = verdict_add_notes(doctor->arena, doctor->checkup.faults, &doctor->host, &masked,
                                   &doctor->notes);
    default_run_end(&run);
    return result;
}

/* Where the caller can't be told in full (a working directory that is gone), its ids can. */
static void find_caller(struct sbx_doctor *doctor)
{
    doctor->host.uid = geteuid();
    doctor->host.gid = getegid();
    doctor->host.environment = (const char *const *)environ;
    (void)host_probe_caller(doctor->arena, (const char *const *)environ, &doctor->host, NULL);
    (void)mountinfo_read(doctor->arena, &doctor->host.mounts, NULL);
}

static int examine(struct sbx_doctor *doctor)
{
    int result;

    find_caller(doctor);
    result = checkup_probe(doctor->arena, &doctor->host, &doctor->checkup);
    if (result == 0)
        result = examine_run(doctor);
    if (result == 0)
        result = verdict_add(doctor->arena, &doctor->checkup, &doctor->checks);
    if (result < 0)
        return result;
    doctor->system = arena_printf(
        doctor->arena, "sbx %s, Linux %s %s, uid %u%s%s%s", SBX_VERSION, doctor->checkup.kernel,
        doctor->checkup.machine, doctor->host.uid, doctor->host.user != NULL ? " (" : "",
        doctor->host.user != NULL ? doctor->host.user : "", doctor->host.user != NULL ? ")" : "");
    return doctor->system == NULL ? -ENOMEM : 0;
}

int sbx_doctor_new(struct sbx_doctor **ret_doctor, struct sbx_error *err)
{
    struct sbx_doctor *doctor = calloc(1, sizeof(*doctor));

    if (doctor == NULL)
        return error_oom(err);
    doctor->arena = arena_new();
    if (doctor->arena == NULL || examine(doctor) < 0) {
        sbx_doctor_free(doctor);
        return error_oom(err);
    }
    *ret_doctor = doctor;
    return 0;
}

void sbx_doctor_free(struct sbx_doctor *doctor)
{
    if (doctor == NULL)
        return;
    arena_free(doctor->arena);
    free(doctor);
}

bool sbx_doctor_works(const struct sbx_doctor *doctor)
{
    return doctor->checks.items[0].state == SBX_CHECK_WORKS;
}

const struct sbx_check *sbx_doctor_get(const struct sbx_doctor *doctor, size_t index)
{
    return index < doctor->checks.count ? &doctor->checks.items[index] : NULL;
}

const char *sbx_doctor_note(const struct sbx_doctor *doctor, size_t index)
{
    return index < doctor->notes.count ? doctor->notes.items[index] : NULL;
}

const char *sbx_doctor_system(const struct sbx_doctor *doctor)
{
    return doctor->system;
}
