/* SPDX-License-Identifier: Apache-2.0 */
#include "run/report_text.h"

#include "base/cleanup.h"
#include "run/json.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------ JSON */

/* What isn't known is null. */
static json_t *json_known(uint64_t number)
{
    return number > 0 ? json_integer((json_int_t)number) : json_null();
}

static json_t *json_refusal(json_t *name, uint64_t count)
{
    json_t *object = json_object();

    json_object_set_new(object, "syscall", name);
    json_object_set_new(object, "count", json_integer((json_int_t)count));
    return object;
}

static void add_limits(json_t *object, const struct sbx_report *report)
{
    json_t *limits = json_object();
    json_t *reached = json_array();

    for (unsigned i = 0; i < report->limit_count; i++) {
        const struct sbx_report_limit *limit = &report->limits[i];

        json_set_text_key(limits, limit->name, json_text(limit->mechanism));
        if (limit->reached)
            json_array_append_new(reached, json_text(limit->name));
    }
    json_object_set_new(object, "limits", limits);
    json_object_set_new(object, "limits_reached", reached);
}

/* Null where nobody has counted them. */
static json_t *json_refusals(const struct sbx_report *report)
{
    json_t *array = report->refusals_counted ? json_array() : json_null();

    for (unsigned i = 0; i < report->refusal_count; i++)
        json_array_append_new(
            array, json_refusal(json_text(report->refusals[i].name), report->refusals[i].count));
    if (report->refusals_more > 0)
        json_array_append_new(array, json_refusal(json_null(), report->refusals_more));
    return array;
}

static json_t *report_json(const struct sbx_report *report)
{
    json_t *object = json_object();
    json_t *degraded = json_array();
    bool failed = report->error.kind != SBX_ERROR_NONE;

    for (unsigned i = 0; i < report->degraded_count; i++)
        json_array_append_new(degraded, json_text(report->degraded[i]));
    json_object_set_new(object, "outcome", json_text(sbx_outcome_name(report->outcome)));
    json_object_set_new(object, "exit_code",
                        report->exit_code >= 0 ? json_integer(report->exit_code) : json_null());
    json_object_set_new(object, "signal",
                        report->signal > 0 ? json_integer(report->signal) : json_null());
    json_object_set_new(object, "signal_name",
                        report->signal > 0 ? json_text(sigabbrev_np(report->signal)) : json_null());
    json_object_set_new(object, "sbx_exit_code", json_integer(sbx_report_exit_code(report)));
    json_object_set_new(object, "cause", json_text(report->cause));
    json_object_set_new(object, "wall_ms", json_integer((json_int_t)report->wall_ms));
    json_object_set_new(object, "user_ms", json_integer((json_int_t)report->user_ms));
    json_object_set_new(object, "system_ms", json_integer((json_int_t)report->system_ms));
    json_object_set_new(object, "switches_voluntary",
                        json_integer((json_int_t)report->switches_voluntary));
    json_object_set_new(object, "switches_forced",
                        json_integer((json_int_t)report->switches_forced));
    json_object_set_new(object, "read_kb", json_integer((json_int_t)report->read_kb));
    json_object_set_new(object, "written_kb", json_integer((json_int_t)report->written_kb));
    json_object_set_new(object, "output_bytes",
                        report->output_counted ? json_integer((json_int_t)report->output_bytes)
                                               : json_null());
    json_object_set_new(object, "peak_process_kb",
                        json_integer((json_int_t)report->peak_process_kb));
    json_object_set_new(object, "peak_memory_kb", json_known(report->peak_memory_kb));
    json_object_set_new(object, "peak_pids", json_known(report->peak_pids));
    add_limits(object, report);
    json_object_set_new(object, "refused", json_refusals(report));
    json_object_set_new(object, "name", report->name[0] ? json_text(report->name) : json_null());
    json_object_set_new(object, "profile",
                        report->profile[0] ? json_text(report->profile) : json_null());
    json_object_set_new(object, "degraded", degraded);
    json_object_set_new(object, "step", failed ? json_text(report->error.operation) : json_null());
    json_object_set_new(object, "origin", failed ? json_text(report->error.origin) : json_null());
    json_object_set_new(object, "error", failed ? json_text(report->error.message) : json_null());
    json_object_set_new(object, "errno",
                        failed && report->error.number != 0
                            ? json_text(strerrorname_np(report->error.number))
                            : json_null());
    json_object_set_new(object, "hint", failed ? json_text(report->error.hint) : json_null());
    return object;
}

static char *text_json(const struct sbx_report *report)
{
    json_t *object = report_json(report);
    char *dump = object == NULL ? NULL : json_dumps(object, JSON_INDENT(2));
    char *text = NULL;

    json_decref(object);
    if (dump != NULL && asprintf(&text, "%s\n", dump) < 0)
        text = NULL;
    free(dump);
    return text;
}

/* ------------------------------------------------------------------ isolate(1) */

/* The status word of isolate's meta file: none where the program ended well. */
static const char *status_of(const struct sbx_report *report)
{
    switch (report->outcome) {
    case SBX_OUTCOME_EXITED:
        return report->exit_code == 0 ? NULL : "RE";
    case SBX_OUTCOME_TIMEOUT:
        return "TO";
    case SBX_OUTCOME_LIMIT:
        return strcmp(report->cause, "cpu-time") == 0 ? "TO" : "SG";
    case SBX_OUTCOME_SIGNALED:
    case SBX_OUTCOME_OOM:
        return "SG";
    case SBX_OUTCOME_NOT_EXECUTABLE:
    case SBX_OUTCOME_NOT_FOUND:
    case SBX_OUTCOME_INIT_DIED:
    case SBX_OUTCOME_SETUP_FAILED:
    default:
        return "XX";
    }
}

/* A message is one line: what could begin another is left out. */
static void print_message(FILE *stream, const struct sbx_report *report)
{
    const char *text = report->error.message[0] != '\0' ? report->error.message : report->cause;

    if (text[0] == '\0')
        return;
    fputs("message:", stream);
    for (; *text != '\0'; text++)
        fputc((unsigned char)*text < ' ' ? ' ' : *text, stream);
    fputc('\n', stream);
}

static void print_isolate(FILE *stream, const struct sbx_report *report)
{
    uint64_t cpu_ms = report->user_ms + report->system_ms;
    const char *status = status_of(report);

    fprintf(stream, "time:%llu.%03llu\ntime-wall:%llu.%03llu\n", (unsigned long long)cpu_ms / 1000,
            (unsigned long long)cpu_ms % 1000, (unsigned long long)report->wall_ms / 1000,
            (unsigned long long)report->wall_ms % 1000);
    fprintf(stream, "max-rss:%llu\ncsw-voluntary:%llu\ncsw-forced:%llu\n",
            (unsigned long long)report->peak_process_kb,
            (unsigned long long)report->switches_voluntary,
            (unsigned long long)report->switches_forced);
    if (report->peak_memory_kb > 0)
        fprintf(stream, "cg-mem:%llu\n", (unsigned long long)report->peak_memory_kb);
    if (report->outcome == SBX_OUTCOME_OOM)
        fputs("cg-oom-killed:1\n", stream);
    if (report->exit_code >= 0)
        fprintf(stream, "exitcode:%d\n", report->exit_code);
    if (report->signal > 0)
        fprintf(stream, "exitsig:%d\n", report->signal);
    if (report->outcome == SBX_OUTCOME_TIMEOUT || report->outcome == SBX_OUTCOME_OOM ||
        (report->outcome == SBX_OUTCOME_LIMIT && report->signal == SIGKILL))
        fputs("killed:1\n", stream);
    if (status != NULL) {
        fprintf(stream, "status:%s\n", status);
        print_message(stream, report);
    }
}

static char *text_isolate(const struct sbx_report *report)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    bool failed;

    if (stream == NULL)
        return NULL;
    print_isolate(stream, report);
    failed = ferror(stream) != 0;
    if (fclose(stream) == 0 && !failed)
        return text;
    free(text);
    return NULL;
}

char *report_text(const struct sbx_report *report, enum report_format format)
{
    return format == REPORT_FORMAT_ISOLATE ? text_isolate(report) : text_json(report);
}
