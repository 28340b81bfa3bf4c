/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/case.h"

#include "plan/shipped.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "cli/arguments.h"
#include "plan/view_model.h"
#include "run/plan_print.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <fcntl.h>
#include <string.h>

#define HOST_WORD "# host: "
#define LINE_WORD "# sbx plan "
#define WHOLE     "# whole\n"
#define FEW       3 /* that many rows of defaults are shown one by one */

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

void case_names(struct arena *arena, const char *directory, const char *suffix,
                struct host_strings *ret_names)
{
    const char *path = fixture_directory(arena, directory);
    _cleanup_closedir_ DIR *stream = opendir(path);
    const struct dirent *entry;

    cr_assert_not_null(stream, "cannot read %s", path);
    while ((entry = readdir(stream)) != NULL) {
        size_t length = strlen(entry->d_name);

        if (length <= strlen(suffix) ||
            strcmp(entry->d_name + length - strlen(suffix), suffix) != 0)
            continue;
        host_strings_add(ret_names, arena,
                         arena_strndup(arena, entry->d_name, length - strlen(suffix)));
    }
    if (ret_names->count > 0)
        qsort(ret_names->items, ret_names->count, sizeof(*ret_names->items), compare_names);
}

/* The rest of the line that starts with @word; @text moves past it. */
static const char *head_line(struct arena *arena, const char **text, const char *word)
{
    const char *start = *text + strlen(word);
    size_t length;

    if (strncmp(*text, word, strlen(word)) != 0)
        return NULL;
    length = strcspn(start, "\n");
    *text = start + length + (start[length] == '\n');
    return arena_strndup(arena, start, length);
}

void case_read(struct arena *arena, const char *name, struct plan_case *ret_case)
{
    struct plan_case plan_case = {.name = name};
    const char *text;
    char *data;

    plan_case.path = arena_printf(arena, "%s/%s.plan", fixture_directory(arena, "golden"), name);
    cr_assert_eq(io_read_file(arena, AT_FDCWD, plan_case.path, 1 << 20, &data, NULL), 0,
                 "cannot read %s", plan_case.path);
    text = data;
    plan_case.host = head_line(arena, &text, HOST_WORD);
    plan_case.line = plan_case.host == NULL ? NULL : head_line(arena, &text, LINE_WORD);
    cr_assert_not_null(plan_case.line, "%s: it starts with '%sNAME' and '%sOPTIONS -- COMMAND'",
                       plan_case.path, HOST_WORD, LINE_WORD);
    plan_case.whole = strncmp(text, WHOLE, strlen(WHOLE)) == 0;
    plan_case.expected = text + (plan_case.whole ? strlen(WHOLE) : 0);
    *ret_case = plan_case;
}

/* What the profile that is named comes to, before what the line itself says. */
static int add_profile(struct arena *arena, const struct fixture *fixture,
                       const struct arguments *arguments, struct settings *settings,
                       struct sbx_error *err)
{
    int result = 0;

    for (size_t i = 0; i < arguments->count && result == 0; i++)
        if (strcmp(arguments->items[i].option->name, "profile") == 0)
            result = shipped_settings(arena, fixture, arguments->items[i].value, settings, err);
    return result;
}

static int build_spec(struct arena *arena, const struct fixture *fixture, const char *line,
                      struct spec *spec, struct sbx_error *err)
{
    _cleanup_arguments_ struct arguments arguments = {0};
    struct host_strings words = {0};
    struct settings settings = {0};
    char **copy;
    int result;

    fixture_words(arena, line, &words);
    copy = arena_alloc(arena, (words.count + 1) * sizeof(*copy));
    for (size_t i = 0; i < words.count; i++)
        copy[i] = arena_strdup(arena, words.items[i]);
    result = arguments_parse("plan", copy, ARGUMENTS_JSON, &arguments, err);
    if (result == 0)
        result = add_profile(arena, fixture, &arguments, &settings, err);
    for (size_t i = 0; i < arguments.count && result == 0; i++)
        result = settings_add(&settings, arena, arguments.items[i].option, arguments.items[i].value,
                              arguments.items[i].origin, err);
    if (result == 0)
        result = spec_build(arena, &settings, (const char *const *)arguments.command, spec, err);
    return result;
}

int case_plan(struct arena *arena, const char *name, const struct fixture *fixture,
              const char *line, struct planned *ret_planned, struct sbx_error *err)
{
    struct planned planned = {.arena = arena, .name = name, .fixture = fixture};
    struct host_request request = {0};
    int result = build_spec(arena, fixture, line, &planned.spec, err);

    if (result == 0) {
        fixture_caller(arena, fixture, &planned.host);
        result = plan_request(arena, &planned.spec, &planned.host, &request, err);
    }
    if (result == 0) {
        fixture_probe(arena, fixture, &request, &planned.host);
        result = resolve(arena, &planned.spec, &planned.host, &planned.plan, err);
    }
    *ret_planned = planned;
    return result;
}

/* How many system calls a policy has depends on the machine and on libseccomp's version. */
static const char *without_counts(struct arena *arena, const char *text)
{
    char *copy = arena_strdup(arena, text);
    char *write = copy;

    for (const char *read = text; *read != '\0'; read++) {
        if (!isdigit((unsigned char)*read))
            *write++ = *read;
        else if (!isdigit((unsigned char)read[1]))
            *write++ = 'N';
    }
    *write = '\0';
    return copy;
}

/* How many steps from @first on are rows of one table of defaults, below one directory. */
static size_t row_count(const struct plan *plan, size_t first)
{
    const struct step *step = &plan->steps.items[first];
    size_t length = step->target == NULL ? 0 : 1 + strcspn(step->target + 1, "/");
    size_t count = 0;

    if (!view_is_mount(step) || length < 2 ||
        (strcmp(step->origin, "default") != 0 && strcmp(step->origin, "root's secrets") != 0))
        return 0;
    for (const struct step *next = step; first + count < plan->steps.count; next++, count++)
        if (!view_is_mount(next) || strcmp(next->origin, step->origin) != 0 ||
            strncmp(next->target, step->target, length) != 0)
            break;
    return count;
}

/* @text is what plan_print_text() printed: one line a step, then the notes. */
static void print_steps(FILE *stream, const struct planned *planned, bool whole, const char *text)
{
    const struct plan *plan = &planned->plan;

    if (plan->profile != NULL) {
        size_t length = strcspn(text, "\n") + 1;

        fwrite(text, 1, length, stream);
        text += length;
    }
    for (size_t i = 0, skip = 0; *text != '\0'; i++) {
        size_t length = strcspn(text, "\n");
        const char *line = arena_strndup(planned->arena, text, length);
        size_t rows = i < plan->steps.count && !whole ? row_count(plan, i) : 0;

        text += length + (text[length] == '\n');
        if (i < plan->steps.count && plan->steps.items[i].kind == STEP_SECCOMP)
            line = arena_printf(planned->arena, "%.4s%s", line,
                                without_counts(planned->arena, line + 4));
        if (skip > 0) {
            skip--;
        } else if (rows > FEW) {
            fprintf(stream, "%zu steps from %s to %s  [%s]\n", rows, plan->steps.items[i].target,
                    plan->steps.items[i + rows - 1].target, plan->steps.items[i].origin);
            skip = rows - 1;
        } else {
            fprintf(stream, "%s\n", i < plan->steps.count && !whole ? line + 5 : line);
        }
    }
}

/* What the text of a plan has in one line, or counts. */
static void print_lists(FILE *stream, const struct plan *plan)
{
    static const char *const kinds[] = {[LANDLOCK_RULE_TREE] = "tree",
                                        [LANDLOCK_RULE_DEVICE] = "device",
                                        [LANDLOCK_RULE_DESCRIPTOR] = "descriptor"};

    fputs("\nlandlock:\n", stream);
    for (size_t i = 0; i < plan->landlock.count; i++) {
        const struct landlock_rule *rule = &plan->landlock.items[i];

        if (rule->kind == LANDLOCK_RULE_DESCRIPTOR)
            fprintf(stream, "  %s %d\n", kinds[rule->kind], rule->fd);
        else
            fprintf(stream, "  %s %s\n", kinds[rule->kind], rule->path);
    }
    fputs("environment:\n", stream);
    for (size_t i = 0; i < plan->environment_count; i++)
        fprintf(stream, "  %s\n", plan->environment[i]);
}

static void print_supervision(FILE *stream, const struct plan *plan)
{
    for (size_t i = 0; i < plan->fds.count; i++)
        fprintf(stream, "descriptor: %d\n", plan->fds.items[i].fd);
    if (plan->die_with_parent)
        fputs("die with parent\n", stream);
    if (plan->cpu_limited)
        fputs("CPU time is limited\n", stream);
    if (plan->name != NULL)
        fprintf(stream, "name: %s\n", plan->name);
    if (plan->report != NULL)
        fprintf(stream, "report: %s\n", plan->report);
    if (plan->verbosity != 0)
        fprintf(stream, "verbosity: %d\n", plan->verbosity);
}

static void print_refusal(FILE *stream, const struct sbx_error *err)
{
    fprintf(stream, "refused: %s\n", err->message);
    fprintf(stream, "kind: %s\n", err->kind == SBX_ERROR_USAGE ? "usage" : "other");
    fprintf(stream, "origin: %s\n", err->origin);
    if (err->number != 0)
        fprintf(stream, "errno: %s\n", strerrorname_np(err->number));
    if (err->path[0] != '\0')
        fprintf(stream, "path: %s\n", err->path);
    if (err->hint[0] != '\0')
        fprintf(stream, "hint: %s\n", err->hint);
}

static void print_plan(FILE *stream, const struct planned *planned, bool whole)
{
    _cleanup_free_ char *steps = NULL;
    size_t size;
    FILE *memory = open_memstream(&steps, &size);

    cr_assert_not_null(memory);
    cr_expect_eq(plan_print_text(&planned->plan, memory, NULL), 0);
    fclose(memory);
    print_steps(stream, planned, whole, steps);
    if (whole)
        print_lists(stream, &planned->plan);
    print_supervision(stream, &planned->plan);
    fputs("view:\n", stream);
    for (size_t i = 0; i < planned->fixture->probes.count; i++)
        fprintf(stream, "  %s: %s\n", planned->fixture->probes.items[i],
                view_say(planned->arena, &planned->plan, planned->fixture->probes.items[i]));
}

const char *case_text(const struct planned *planned, bool whole, int result,
                      const struct sbx_error *err)
{
    _cleanup_free_ char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);

    cr_assert_not_null(stream);
    if (result < 0)
        print_refusal(stream, err);
    else
        print_plan(stream, planned, whole);
    fclose(stream);
    return arena_strdup(planned->arena, text);
}

void case_rewrite(const struct plan_case *plan_case, const char *text)
{
    _cleanup_fclose_ FILE *stream = fopen(plan_case->path, "we");

    cr_assert_not_null(stream, "cannot write %s", plan_case->path);
    fprintf(stream, "%s%s\n%s%s\n%s%s", HOST_WORD, plan_case->host, LINE_WORD, plan_case->line,
            plan_case->whole ? WHOLE : "", text);
}
