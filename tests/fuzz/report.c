/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reports with hostile texts in them, in both formats, and the same texts as messages on a
 * terminal. What comes out is JSON that holds every limit once, lines of which each begins with a
 * known word, and messages that can't steer a terminal.
 */
#include "fuzz/fuzz.h"

#include "cli/message.h"
#include "run/json.h"
#include "run/limits.h"
#include "run/report_text.h"

static void read_text(struct input *input, struct arena *arena, char *buffer, size_t size)
{
    text_copy(buffer, size, input_text(input, arena, '\0'));
}

static void read_error(struct input *input, struct arena *arena, struct sbx_error *err)
{
    err->kind = (enum sbx_error_kind)(input_number(input, 1) % 4);
    err->number = (int)(input_number(input, 1) % 140);
    read_text(input, arena, err->operation, sizeof(err->operation));
    read_text(input, arena, err->path, sizeof(err->path));
    read_text(input, arena, err->origin, sizeof(err->origin));
    read_text(input, arena, err->message, sizeof(err->message));
    read_text(input, arena, err->hint, sizeof(err->hint));
}

static void read_report(struct input *input, struct arena *arena, struct sbx_report *report)
{
    unsigned limits;

    report->outcome = (enum sbx_outcome)(input_number(input, 1) % (SBX_OUTCOME_OOM + 1));
    report->exit_code = (int)input_number(input, 1) - 1;
    report->signal = (int)(input_number(input, 1) % 65);
    report->wall_ms = input_number(input, 8);
    report->user_ms = input_number(input, 4);
    report->system_ms = input_number(input, 2);
    report->peak_memory_kb = input_number(input, 2);
    report->degraded_count = (unsigned)input_number(input, 1) % (SBX_REPORT_MAX_DEGRADED + 1);
    limits = (unsigned)input_number(input, 1) % (SBX_REPORT_MAX_LIMITS + 2);
    read_text(input, arena, report->cause, sizeof(report->cause));
    read_text(input, arena, report->name, sizeof(report->name));
    read_text(input, arena, report->profile, sizeof(report->profile));
    for (unsigned i = 0; i < report->degraded_count; i++)
        read_text(input, arena, report->degraded[i], sizeof(report->degraded[i]));
    for (unsigned i = 0; i < limits; i++) {
        const char *name = input_text(input, arena, '\0');

        limits_add(report, name, "tmpfs", strlen(name) % 2 == 0);
    }
    read_error(input, arena, &report->error);
}

/* Each limit is there, under its name as texts are written. */
static void check_limits(const struct sbx_report *report, const json_t *limits)
{
    for (unsigned i = 0; i < report->limit_count; i++) {
        json_t *name = json_text(report->limits[i].name);

        CHECK(json_object_get(limits, json_string_value(name)) != NULL, "%s",
              report->limits[i].name);
        json_decref(name);
    }
    CHECK(json_object_size(limits) <= report->limit_count);
}

static void check_json(const struct sbx_report *report)
{
    char *text = report_text(report, REPORT_FORMAT_JSON);
    json_t *json = text == NULL ? NULL : json_loads(text, JSON_REJECT_DUPLICATES, NULL);

    CHECK(json_is_object(json), "%s", text);
    for (const char *byte = text; *byte != '\0'; byte++)
        CHECK((unsigned char)*byte >= ' ' || *byte == '\n', "%s", text);
    check_limits(report, json_object_get(json, "limits"));
    CHECK(json_array_size(json_object_get(json, "degraded")) == report->degraded_count, "%s", text);
    CHECK(json_is_string(json_object_get(json, "cause")) &&
              json_is_string(json_object_get(json, "outcome")),
          "%s", text);
    json_decref(json);
    free(text);
}

/* No text brings in a line of its own. */
static void check_isolate(const struct sbx_report *report)
{
    static const char *const words[] = {"time",       "time-wall", "max-rss",       "csw-voluntary",
                                        "csw-forced", "cg-mem",    "cg-oom-killed", "exitcode",
                                        "exitsig",    "killed",    "status",        "message"};
    const size_t count = sizeof(words) / sizeof(words[0]);
    char *text = report_text(report, REPORT_FORMAT_ISOLATE);
    size_t next = 0;

    CHECK(text != NULL);
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1) {
        size_t length = strcspn(line, ":\n");

        while (next < count &&
               (strlen(words[next]) != length || strncmp(words[next], line, length) != 0))
            next++;
        CHECK(next < count && line[length] == ':', "%s", text);
        next++;
    }
    free(text);
}

/* Of control characters only the ends of its two lines; no byte that is none of UTF-8. */
static void check_message(const struct sbx_error *err)
{
    char text[MESSAGE_MAX];
    unsigned lines = 0;
    json_t *utf8;

    message_format(text, sizeof(text), err);
    for (const char *byte = text; *byte != '\0'; byte++) {
        CHECK((unsigned char)*byte >= ' ' || *byte == '\n', "%s", text);
        CHECK(*byte != 0x7f, "%s", text);
        lines += *byte == '\n';
    }
    CHECK(lines >= 1 && lines <= 2 && text[strlen(text) - 1] == '\n', "%s", text);
    utf8 = json_string(text);
    CHECK(utf8 != NULL, "%s", text);
    json_decref(utf8);
    CHECK(strstr(text, "\xe2\x80\xae") == NULL && strstr(text, "\xc2\x9b") == NULL, "%s", text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {.data = data, .size = size};
    struct arena *arena = arena_new();
    struct sbx_report *report = calloc(1, sizeof(*report));

    CHECK(arena != NULL && report != NULL);
    read_report(&input, arena, report);
    check_json(report);
    check_isolate(report);
    check_message(&report->error);
    free(report);
    arena_free(arena);
    return 0;
}
