/* SPDX-License-Identifier: Apache-2.0 */
#include "run/plan_print.h"

#include "run/json.h"
#include "run/step.h"

#include <errno.h>
#include <string.h>

static const char *const stages[] = {[STEP_STAGE_SBX] = "sbx",
                                     [STEP_STAGE_CLONE] = "clone",
                                     [STEP_STAGE_CHILD] = "child",
                                     [STEP_STAGE_COMMAND] = "command"};

/* How many bytes at @text are a character that a terminal would act on instead of showing it:
 * C0 and C1 controls, and marks that change the direction of text. */
static size_t control_length(const unsigned char *text)
{
    if (text[0] < 0x20 || text[0] == 0x7f)
        return 1;
    if (text[0] == 0xc2 && text[1] >= 0x80 && text[1] <= 0x9f)
        return 2;
    if (text[0] == 0xe2 && text[1] == 0x80 &&
        (text[2] == 0x8e || text[2] == 0x8f || (text[2] >= 0xa8 && text[2] <= 0xae)))
        return 3;
    if (text[0] == 0xe2 && text[1] == 0x81 && text[2] >= 0xa6 && text[2] <= 0xa9)
        return 3;
    return 0;
}

static void print_escaped(FILE *stream, const char *text)
{
    const unsigned char *next = (const unsigned char *)text;

    while (*next != '\0') {
        size_t length = control_length(next);

        if (length == 0)
            fputc(*next++, stream);
        for (; length > 0; length--)
            fprintf(stream, "\\x%02x", *next++);
    }
}

static void print_list(FILE *stream, const char *heading, const struct host_strings *list)
{
    for (size_t i = 0; i < list->count; i++) {
        fprintf(stream, "%s: ", heading);
        print_escaped(stream, list->items[i]);
        fputc('\n', stream);
    }
}

int plan_print_text(const struct plan *plan, FILE *stream, struct sbx_error *err)
{
    struct arena *arena = arena_new();

    if (arena == NULL)
        return error_oom(err);
    if (plan->profile != NULL) {
        fputs("profile ", stream);
        print_escaped(stream, plan->profile);
        fputs(" (", stream);
        print_escaped(stream, plan->profile_origin);
        fputs(")\n", stream);
    }
    for (size_t i = 0; i < plan->steps.count; i++) {
        const struct step *step = &plan->steps.items[i];
        const char *text = step_describe(arena, plan, step);

        if (text == NULL) {
            arena_free(arena);
            return error_oom(err);
        }
        fprintf(stream, "%3zu  %-13s ", i + 1, step_ops[step->kind].name);
        print_escaped(stream, text);
        fputs("  [", stream);
        print_escaped(stream, step->origin);
        fputs("]\n", stream);
    }
    if (plan->time_ms > 0)
        fprintf(stream, "limit: wall time %llu ms\n", (unsigned long long)plan->time_ms);
    print_list(stream, "degraded", &plan->degraded);
    print_list(stream, "note", &plan->notices);
    arena_free(arena);
    if (ferror(stream))
        return error_set(err, SBX_ERROR_INTERNAL, EIO, "plan", NULL, "cannot write the plan");
    return 0;
}

static json_t *json_list(const struct host_strings *list)
{
    json_t *array = json_array();

    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(array, json_text(list->items[i]));
    return array;
}

static json_t *json_words(const char *const *words, size_t count)
{
    json_t *array = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, json_text(words[i]));
    return array;
}

static json_t *json_step(struct arena *arena, const struct plan *plan, const struct step *step)
{
    json_t *object = json_object();

    json_object_set_new(object, "step", json_text(step_ops[step->kind].name));
    json_object_set_new(object, "stage", json_text(stages[step_ops[step->kind].stage]));
    if (step->target != NULL && step->kind != STEP_ID_MAP && step->kind != STEP_SECCOMP)
        json_object_set_new(object, "target", json_text(step->target));
    if (step->source != NULL && step->kind != STEP_ID_MAP)
        json_object_set_new(object, "source", json_text(step->source));
    json_object_set_new(object, "does", json_text(step_describe(arena, plan, step)));
    json_object_set_new(object, "origin", json_text(step->origin));
    return object;
}

static json_t *json_plan(struct arena *arena, const struct plan *plan)
{
    json_t *object = json_object();
    json_t *steps = json_array();

    for (size_t i = 0; i < plan->steps.count; i++)
        json_array_append_new(steps, json_step(arena, plan, &plan->steps.items[i]));
    json_object_set_new(object, "profile",
                        plan->profile != NULL ? json_text(plan->profile) : json_null());
    json_object_set_new(object, "profile_origin",
                        plan->profile != NULL ? json_text(plan->profile_origin) : json_null());
    json_object_set_new(object, "steps", steps);
    json_object_set_new(object, "command", json_words(plan->argv, plan->argc));
    json_object_set_new(object, "environment",
                        json_words(plan->environment, plan->environment_count));
    json_object_set_new(object, "time_ms",
                        plan->time_ms > 0 ? json_integer((json_int_t)plan->time_ms) : json_null());
    json_object_set_new(object, "degraded", json_list(&plan->degraded));
    json_object_set_new(object, "notes", json_list(&plan->notices));
    return object;
}

int plan_print_json(const struct plan *plan, FILE *stream, struct sbx_error *err)
{
    struct arena *arena = arena_new();
    json_t *object = arena == NULL ? NULL : json_plan(arena, plan);
    int result = 0;

    if (object == NULL)
        result = error_oom(err);
    else if (json_dumpf(object, stream, JSON_INDENT(2)) < 0 || fputc('\n', stream) == EOF)
        result = error_set(err, SBX_ERROR_INTERNAL, EIO, "plan", NULL, "cannot write the plan");
    json_decref(object);
    arena_free(arena);
    return result;
}
