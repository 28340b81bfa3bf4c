/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any command line, with any profile below it, on a machine that is a file of tests/plan/hosts/:
 *
 *     # host: NAME
 *     # sbx plan WORDS...
 *     YAML...
 *
 * as in tests/plan/golden/.  It is refused as a usage error that a user can read, or there is a
 * plan that keeps what tests/plan/invariants.c asks of every plan, can be printed, and comes out
 * the same when it is worked out again.
 */
#include "fuzz/fuzz.h"

#include "base/cleanup.h"
#include "cli/arguments.h"
#include "plan/case.h"
#include "policy/profile.h"
#include "run/plan_print.h"
#include "run/step.h"

#include <errno.h>
#include <jansson.h>

#define HOST_WORD "# host: "
#define LINE_WORD "# sbx plan "

struct machine {
    const char *name;
    struct fixture fixture;
};

/* All machines, read once and kept for the process's life. */
static struct {
    struct arena *arena;
    struct machine *items;
    size_t count;
} machines;

static void read_machines(void)
{
    struct host_strings names = {0};

    machines.arena = arena_new();
    CHECK(machines.arena != NULL);
    case_names(machines.arena, "hosts", ".host", &names);
    CHECK(names.count > 0);
    machines.items = arena_alloc(machines.arena, names.count * sizeof(*machines.items));
    CHECK(machines.items != NULL);
    for (size_t i = 0; i < names.count; i++) {
        machines.items[i].name = names.items[i];
        fixture_read(machines.arena, names.items[i], &machines.items[i].fixture);
    }
    machines.count = names.count;
}

static const struct fixture *find_machine(const char *name)
{
    for (size_t i = 0; i < machines.count; i++)
        if (strcmp(machines.items[i].name, name) == 0)
            return &machines.items[i].fixture;
    return NULL;
}

/* What was said, of a profile and of options, with the settings that it comes to. */
struct question {
    struct arena *arena;
    const struct fixture *fixture;
    const char *line;
    const char *profile;
};

/* Profiles look at the host, too: at paths as a probe would, and each pattern fits two files. */
static void look(struct arena *arena, const struct fixture *fixture,
                 const struct host_request *request, struct host *host)
{
    fixture_probe(arena, fixture, request, host);
    for (size_t i = 0; i < request->patterns.count; i++) {
        struct host_pattern *fact = ARENA_PUSH(arena, &host->patterns);

        fact->pattern = request->patterns.items[i];
        (void)host_strings_add(&fact->matches, arena, "/srv/data");
        (void)host_strings_add(&fact->matches, arena, "/home/alice/dot");
    }
}

/* Append what the profile says; -EINVAL where it is none, or refuses to run here. */
static int add_profile(const struct question *question, struct settings *settings,
                       struct sbx_error *err)
{
    struct arena *arena = question->arena;
    struct profile_problems problems = {0};
    struct profile profile;
    struct profile_layer layer = {.profile = &profile};
    struct profile_layers layers = {.items = &layer, .count = 1};
    struct host_request request = {0};
    struct settings found = {0};
    struct host host = {0};
    int result;

    if (question->profile[0] == '\0')
        return 0;
    if (profile_read(arena, "x", "x.yaml", "x.yaml", question->profile, strlen(question->profile),
                     &profile, &problems, err) < 0)
        return -ENODATA;
    fixture_caller(arena, question->fixture, &host);
    CHECK(profile_request(arena, &layers, &host, &request, err) == 0);
    request.command = "";
    look(arena, question->fixture, &request, &host);
    result = profile_settings(arena, &layers, &host, &found, &problems, err);
    for (size_t i = 0; result == 0 && i < found.count; i++)
        result = settings_add(
            settings, arena, found.items[i].option, found.items[i].value,
            arena_printf(arena, "--%s %s", found.items[i].option->name, found.items[i].origin),
            err);
    return result < 0 ? -ENODATA : 0;
}

static int build_spec(const struct question *question, struct spec *spec, struct sbx_error *err)
{
    struct arena *arena = question->arena;
    _cleanup_arguments_ struct arguments arguments = {0};
    struct host_strings words = {0};
    struct settings settings = {0};
    char **copy;
    int result;

    fixture_words(arena, question->line, &words);
    copy = arena_alloc(arena, (words.count + 1) * sizeof(*copy));
    CHECK(copy != NULL);
    for (size_t i = 0; i < words.count; i++)
        copy[i] = arena_strdup(arena, words.items[i]);
    result = arguments_parse("plan", copy, ARGUMENTS_JSON, &arguments, err);
    if (result == 0 && arguments.help)
        return -ENODATA;
    if (result == 0)
        result = add_profile(question, &settings, err);
    for (size_t i = 0; i < arguments.count && result == 0; i++)
        result = settings_add(&settings, arena, arguments.items[i].option, arguments.items[i].value,
                              arguments.items[i].origin, err);
    if (result == 0)
        result = spec_build(arena, &settings, (const char *const *)arguments.command, spec, err);
    return result;
}

static int work_out(const struct question *question, struct planned *ret_planned,
                    struct sbx_error *err)
{
    struct planned planned = {
        .arena = question->arena, .name = question->line, .fixture = question->fixture};
    struct host_request request = {0};
    int result = build_spec(question, &planned.spec, err);

    if (result == 0) {
        fixture_caller(question->arena, question->fixture, &planned.host);
        result = plan_request(question->arena, &planned.spec, &planned.host, &request, err);
    }
    if (result == 0) {
        fixture_probe(question->arena, question->fixture, &request, &planned.host);
        result = resolve(question->arena, &planned.spec, &planned.host, &planned.plan, err);
    }
    *ret_planned = planned;
    return result;
}

static char *printed(const struct plan *plan, bool json)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);

    CHECK(stream != NULL);
    CHECK((json ? plan_print_json : plan_print_text)(plan, stream, NULL) == 0);
    CHECK(fclose(stream) == 0 && text[0] != '\0');
    return text;
}

static void check_printing(const struct planned *planned, const struct planned *again)
{
    _cleanup_free_ char *text = printed(&planned->plan, false);
    _cleanup_free_ char *text_again = printed(&again->plan, false);
    _cleanup_free_ char *json_text = printed(&planned->plan, true);
    json_t *json = json_loads(json_text, JSON_REJECT_DUPLICATES, NULL);

    CHECK(strcmp(text, text_again) == 0, "%s%s", text, text_again);
    for (const char *byte = text; *byte != '\0'; byte++)
        CHECK((unsigned char)*byte >= ' ' || *byte == '\n', "%s", text);
    CHECK(json_array_size(json_object_get(json, "steps")) == planned->plan.steps.count, "%s",
          json_text);
    json_decref(json);
}

/* The rest of the first line of @input, where that begins with @word; else NULL. */
static const char *head_line(struct input *input, struct arena *arena, const char *word)
{
    size_t length = strlen(word);

    if (input->size < length || memcmp(input->data, word, length) != 0)
        return NULL;
    (void)input_part(input, length);
    return input_text(input, arena, '\n');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {.data = data, .size = size};
    _cleanup_arena_ struct arena *arena = arena_new();
    struct question question = {.arena = arena};
    struct sbx_error err = {0};
    struct planned planned;
    struct planned again;
    const char *name;
    int result;

    if (machines.count == 0)
        read_machines();
    name = head_line(&input, arena, HOST_WORD);
    question.line = name == NULL ? NULL : head_line(&input, arena, LINE_WORD);
    if (question.line == NULL)
        return 0;
    question.profile = input_text(&input, arena, '\0');
    question.fixture = find_machine(name);
    if (question.fixture == NULL)
        return 0;
    result = work_out(&question, &planned, &err);
    if (result == -ENODATA)
        return 0; /* the profile is not to be had, which target profile looks at */
    if (result < 0) {
        check_refusal(result, &err);
        return 0;
    }
    invariants_check(&planned);
    CHECK(work_out(&question, &again, &err) == 0);
    check_printing(&planned, &again);
    return 0;
}
