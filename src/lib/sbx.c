/* SPDX-License-Identifier: Apache-2.0 */
/* The public API: opaque handles over settings, plan and run. */
#include "lib/host_hint.h"
#include "lib/plan.h"
#include "lib/settings.h"

#include "base/error.h"
#include "base/path.h"
#include "base/whole.h"
#include "policy/option.h"
#include "policy/plan.h"
#include "run/plan_print.h"
#include "run/report.h"
#include "run/supervise.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *sbx_version(void)
{
    return SBX_VERSION;
}

struct sbx_settings *sbx_settings_new(void)
{
    struct sbx_settings *settings = calloc(1, sizeof(*settings));

    if (settings == NULL)
        return NULL;
    settings->arena = arena_new();
    if (settings->arena == NULL) {
        free(settings);
        return NULL;
    }
    return settings;
}

void sbx_settings_free(struct sbx_settings *settings)
{
    if (settings == NULL)
        return;
    arena_free(settings->arena);
    free(settings);
}

int sbx_settings_add(struct sbx_settings *settings, const char *name, const char *value,
                     const char *origin, struct sbx_error *err)
{
    const struct sbx_option *option = option_by_name(name);

    if (option == NULL)
        return error_usage(err, origin, "there is no option '%s'", name);
    return settings_add(&settings->list, settings->arena, option, value, origin, err);
}

const char *sbx_settings_get(const struct sbx_settings *settings, const char *name)
{
    const char *value = NULL;

    for (size_t i = 0; i < settings->list.count; i++)
        if (strcmp(settings->list.items[i].option->name, name) == 0)
            value = settings->list.items[i].value;
    return value;
}

int sbx_settings_report(const struct sbx_settings *settings, const struct sbx_error *failure,
                        struct sbx_error *err)
{
    struct sbx_report report = {
        .outcome = SBX_OUTCOME_SETUP_FAILED, .exit_code = -1, .error = *failure};
    const char *name = sbx_settings_get(settings, "name");
    const char *profile = sbx_settings_get(settings, "profile");
    const char *path = sbx_settings_get(settings, "report");
    const char *format = sbx_settings_get(settings, "report-format");
    struct report_file file;
    char *absolute;
    char *cwd;
    int result;

    if (path == NULL)
        return 0;
    if (name != NULL)
        text_copy(report.name, sizeof(report.name), name);
    if (profile != NULL)
        text_copy(report.profile, sizeof(report.profile), profile);
    cwd = getcwd(NULL, 0);
    absolute = path_absolute(settings->arena, cwd != NULL ? cwd : "/", path);
    free(cwd);
    if (absolute == NULL)
        return error_oom(err);
    result = report_open(absolute, NULL,
                         format != NULL && strcmp(format, "isolate") == 0 ? REPORT_FORMAT_ISOLATE
                                                                          : REPORT_FORMAT_JSON,
                         &file, err);
    if (result == 0)
        result = report_write(&file, &report, err);
    report_close(&file);
    if (result < 0)
        host_hint_add(err);
    return result;
}

static int make_plan(struct sbx_plan *plan, const struct sbx_settings *settings,
                     const char *const *command, struct sbx_error *err)
{
    struct settings list = {0};
    struct host_request request;
    struct spec *spec = arena_alloc(plan->arena, sizeof(*spec));
    int result = spec == NULL ? error_oom(err) : 0;

    for (size_t i = 0; i < settings->list.count && result == 0; i++) {
        const struct setting *setting = &settings->list.items[i];

        result =
            settings_add(&list, plan->arena, setting->option, setting->value, setting->origin, err);
    }
    if (result == 0)
        result = spec_build(plan->arena, &list, command, spec, err);
    if (result == 0)
        result = host_probe_caller(plan->arena, (const char *const *)environ, &plan->host, err);
    if (result == 0)
        result = host_probe_guarded(plan->arena, plan_shows_writable(spec), &plan->host, err);
    for (size_t i = 0; result == 0 && i < settings->profile_files.count; i++)
        if (host_strings_add_new(&plan->host.profile_directories, plan->arena,
                                 settings->profile_files.items[i]) < 0)
            result = error_oom(err);
    if (result == 0)
        result = plan_request(plan->arena, spec, &plan->host, &request, err);
    if (result == 0)
        result = host_probe(plan->arena, &request, &plan->host, err);
    if (result == 0)
        result = resolve(plan->arena, spec, &plan->host, &plan->plan, err);
    return result;
}

int sbx_plan_new(const struct sbx_settings *settings, const char *const *command,
                 struct sbx_plan **ret_plan, struct sbx_error *err)
{
    struct sbx_plan *plan = calloc(1, sizeof(*plan));
    int result;

    if (plan == NULL)
        return error_oom(err);
    plan->arena = arena_new();
    result = plan->arena == NULL ? error_oom(err) : make_plan(plan, settings, command, err);
    if (result < 0) {
        host_hint_add(err);
        sbx_plan_free(plan);
        return result;
    }
    *ret_plan = plan;
    return 0;
}

void sbx_plan_free(struct sbx_plan *plan)
{
    if (plan == NULL)
        return;
    arena_free(plan->arena);
    free(plan);
}

int sbx_plan_print(const struct sbx_plan *plan, enum sbx_format format, FILE *stream,
                   struct sbx_error *err)
{
    return format == SBX_FORMAT_JSON ? plan_print_json(&plan->plan, stream, err)
                                     : plan_print_text(&plan->plan, stream, err);
}

int sbx_plan_verbosity(const struct sbx_plan *plan)
{
    return plan->plan.verbosity;
}

int sbx_plan_run(const struct sbx_plan *plan, unsigned flags, struct sbx_report *ret_report,
                 struct sbx_error *err)
{
    struct sbx_error local = {0};
    struct sbx_error unwritten = {0};
    struct report_file file;
    int result;

    whole_decided();
    result = report_open(plan->plan.report, &plan->plan.report_directory, plan->plan.report_format,
                         &file, &local);
    if (result < 0) {
        *ret_report = (struct sbx_report){.outcome = SBX_OUTCOME_SETUP_FAILED, .exit_code = -1};
    } else {
        result = supervise(&plan->plan, flags, ret_report, &local);
    }
    host_hint_add(&local);
    if (result < 0)
        ret_report->error = local;
    if (report_write(&file, ret_report, &unwritten) < 0 && result == 0) {
        /* the command ran, but whoever reads the report must not be told anything else */
        result = -EIO;
        local = unwritten;
        host_hint_add(&local);
        ret_report->error = local;
    }
    report_close(&file);
    if (result < 0 && err != NULL)
        *err = local;
    return result;
}
