/* SPDX-License-Identifier: Apache-2.0 */
/* Whole plans: see README.md beside this file. */
#include "base/cleanup.h"
#include "plan/case.h"
#include "run/plan_print.h"
#include "run/step.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <jansson.h>
#include <string.h>

#define LEAST_CASES 90 /* a checkout that lost its files must not pass */
#define LEAST_HOSTS 20

struct named {
    char name[CASE_NAME];
};

static struct criterion_test_params names_in(const char *directory, const char *suffix,
                                             size_t least)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct host_strings names = {0};
    struct named *params;

    case_names(arena, directory, suffix, &names);
    if (names.count < least) {
        fprintf(stderr, "%s: %zu files *%s, at least %zu were expected\n", directory, names.count,
                suffix, least);
        abort();
    }
    params = cr_malloc(names.count * sizeof(*params));
    for (size_t i = 0; i < names.count; i++)
        snprintf(params[i].name, sizeof(params[i].name), "%s", names.items[i]);
    return cr_make_param_array(struct named, params, names.count, NULL);
}

/* The first line where the two differ, for the message. */
static const char *difference(struct arena *arena, const char *expected, const char *got)
{
    unsigned line = 1;

    for (;;) {
        size_t left = strcspn(expected, "\n");
        size_t right = strcspn(got, "\n");

        if (left != right || memcmp(expected, got, left) != 0 || expected[left] != got[right])
            return arena_printf(arena, "line %u below the head\n  expected: %.*s\n  got:      %.*s",
                                line, (int)left, expected, (int)right, got);
        if (expected[left] == '\0')
            return "nothing";
        expected += left + 1;
        got += right + 1;
        line++;
    }
}

ParameterizedTestParameters(plan, golden)
{
    return names_in("golden", ".plan", LEAST_CASES);
}

ParameterizedTest(const struct named *param, plan, golden)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct sbx_error err = {0};
    struct plan_case plan_case;
    struct fixture fixture;
    struct planned planned;
    const char *text;
    int result;

    case_read(arena, param->name, &plan_case);
    fixture_read(arena, plan_case.host, &fixture);
    result = case_plan(arena, plan_case.name, &fixture, plan_case.line, &planned, &err);
    text = case_text(&planned, plan_case.whole, result, &err);
    if (result == 0) {
        invariants_check(&planned);
    } else {
        cr_expect_eq(err.kind, SBX_ERROR_USAGE, "%s: %s", param->name, err.message);
        cr_expect_str_not_empty(err.message, "%s: no message", param->name);
        cr_expect_str_not_empty(err.origin, "%s: no origin", param->name);
    }
    if (strcmp(text, plan_case.expected) == 0)
        return;
    if (getenv("SBX_UPDATE_GOLDEN") != NULL) {
        case_rewrite(&plan_case, text);
        cr_assert_fail("%s.plan was rewritten: read what git diff says, then run again",
                       param->name);
    }
    cr_assert_fail("%s.plan differs at %s", param->name,
                   difference(arena, plan_case.expected, text));
}

static bool has_a_way_out(const struct host *facts)
{
    for (size_t i = 0; i < facts->fds.count; i++)
        if (facts->fds.items[i].fd <= 2 &&
            (facts->fds.items[i].directory || facts->fds.items[i].path_only))
            return true;
    return false;
}

/* Each command line of the cases, on each host: it is refused as a usage error, or the plan holds
 * what every plan holds and comes out the same when it is worked out again. */
ParameterizedTestParameters(plan, every_line_on_every_host)
{
    return names_in("hosts", ".host", LEAST_HOSTS);
}

ParameterizedTest(const struct named *param, plan, every_line_on_every_host)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct host_strings names = {0};
    struct fixture fixture;
    unsigned plans = 0;

    fixture_read(arena, param->name, &fixture);
    case_names(arena, "golden", ".plan", &names);
    for (size_t i = 0; i < names.count; i++) {
        _cleanup_arena_ struct arena *own = arena_new();
        struct sbx_error err = {0};
        struct plan_case plan_case;
        struct planned planned;
        struct planned again;
        const char *name = arena_printf(own, "%s on %s", names.items[i], param->name);
        int result;

        case_read(own, names.items[i], &plan_case);
        result = case_plan(own, name, &fixture, plan_case.line, &planned, &err);
        if (result < 0) {
            cr_expect(err.kind == SBX_ERROR_USAGE && err.origin[0] != '\0', "%s: %s", name,
                      err.message);
            continue;
        }
        plans++;
        invariants_check(&planned);
        cr_assert_eq(case_plan(own, name, &fixture, plan_case.line, &again, &err), 0);
        cr_expect_str_eq(case_text(&again, true, 0, NULL), case_text(&planned, true, 0, NULL), "%s",
                         name);
    }
    /* descriptors that lead out of the view have everything refused */
    if (has_a_way_out(&fixture.facts))
        cr_expect_eq(plans, 0, "%s: a way out of the view is let pass", param->name);
    else
        cr_expect_gt(plans, names.count / 3, "%s: only %u of %zu command lines have a plan",
                     param->name, plans, names.count);
}

Test(plan, every_host_has_a_case)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct host_strings hosts = {0};
    struct host_strings names = {0};
    struct host_strings used = {0};

    case_names(arena, "hosts", ".host", &hosts);
    case_names(arena, "golden", ".plan", &names);
    for (size_t i = 0; i < names.count; i++) {
        struct plan_case plan_case;

        case_read(arena, names.items[i], &plan_case);
        host_strings_add_new(&used, arena, plan_case.host);
    }
    for (size_t i = 0; i < hosts.count; i++)
        cr_expect(host_strings_contain(&used, hosts.items[i]), "no case uses %s.host",
                  hosts.items[i]);
}

static const char *member(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static json_t *parsed_json(const struct plan *plan)
{
    _cleanup_free_ char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    json_error_t error;
    json_t *json;

    cr_assert_eq(plan_print_json(plan, stream, NULL), 0);
    fclose(stream);
    json = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    cr_assert_not_null(json, "line %d: %s", error.line, error.text);
    return json;
}

/* The JSON has the same steps, in the same order and words, as the text. */
ParameterizedTestParameters(plan, as_json)
{
    return names_in("golden", ".plan", LEAST_CASES);
}

ParameterizedTest(const struct named *param, plan, as_json)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct plan_case plan_case;
    struct fixture fixture;
    struct planned planned;
    struct sbx_error err = {0};
    json_t *json;
    const json_t *steps;

    case_read(arena, param->name, &plan_case);
    fixture_read(arena, plan_case.host, &fixture);
    if (case_plan(arena, param->name, &fixture, plan_case.line, &planned, &err) < 0)
        return; /* what is refused has no plan; test golden shows the refusal */
    json = parsed_json(&planned.plan);
    steps = json_object_get(json, "steps");
    cr_assert_eq(json_array_size(steps), planned.plan.steps.count, "%s", param->name);
    for (size_t i = 0; i < planned.plan.steps.count; i++) {
        const struct step *step = &planned.plan.steps.items[i];
        const json_t *object = json_array_get(steps, i);
        const char *does = step_describe(arena, &planned.plan, step);

        cr_expect_str_eq(member(object, "step"), step_ops[step->kind].name, "%s", param->name);
        cr_expect_str_eq(member(object, "does"), does, "%s", param->name);
        cr_expect_str_eq(member(object, "origin"), step->origin, "%s", param->name);
        cr_expect_str_not_empty(member(object, "stage"), "%s", param->name);
    }
    cr_expect_eq(json_array_size(json_object_get(json, "command")), planned.plan.argc);
    cr_expect_eq(json_array_size(json_object_get(json, "environment")),
                 planned.plan.environment_count);
    cr_expect_eq(json_array_size(json_object_get(json, "degraded")), planned.plan.degraded.count);
    cr_expect_eq(json_array_size(json_object_get(json, "notes")), planned.plan.notices.count);
    cr_expect_eq(json_integer_value(json_object_get(json, "time_ms")),
                 (json_int_t)planned.plan.time_ms);
    json_decref(json);
}
