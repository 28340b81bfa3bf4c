/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any words as the command line of `sbx run`, through settings to the spec; and as that of a verb
 * that takes few options.  A line is a word: an empty one is an empty word.
 */
#include "fuzz/fuzz.h"

#include "cli/arguments.h"
#include "cli/words.h"
#include "policy/spec.h"

#include <errno.h>

#define MOST_WORDS 64

/* What the parsers are given: words of their own, and a NULL behind them. */
static size_t read_words(struct arena *arena, const uint8_t *data, size_t size,
                         char *words[static MOST_WORDS + 1])
{
    struct input input = {.data = data, .size = size};
    size_t count = 0;

    while (input.size > 0 && count < MOST_WORDS)
        words[count++] = input_text(&input, arena, '\n');
    words[count] = NULL;
    return count;
}

/* A value is a part of a word that came before the command. */
static bool is_of_words(char *const *words, char *const *command, const char *value)
{
    if (value[0] == '\0')
        return true;
    for (; words < command; words++)
        if (value >= *words && value <= *words + strlen(*words))
            return true;
    return false;
}

static void check_spec(struct arena *arena, const struct arguments *arguments)
{
    struct settings settings = {0};
    struct sbx_error err = {0};
    struct spec spec;
    int result;

    for (size_t i = 0; i < arguments->count; i++)
        CHECK(settings_add(&settings, arena, arguments->items[i].option, arguments->items[i].value,
                           arguments->items[i].origin, NULL) == 0);
    result = spec_build(arena, &settings, (const char *const *)arguments->command, &spec, &err);
    if (result < 0) {
        check_refusal(result, &err);
        return;
    }
    CHECK(spec.command_count > 0 && spec.command[spec.command_count] == NULL);
    CHECK(spec.hostname.value != NULL);
    for (size_t i = 0; i < spec.mounts.count; i++)
        CHECK(spec.mounts.items[i].target[0] != '\0' && spec.mounts.items[i].origin != NULL);
    for (size_t i = 0; i < spec.rlimits.count; i++)
        CHECK(spec.rlimits.items[i].soft <= spec.rlimits.items[i].hard);
}

static void check_run(struct arena *arena, char *const *words, size_t count)
{
    struct arguments arguments = {0};
    struct sbx_error err = {0};
    int result = arguments_parse("run", words, ARGUMENTS_JSON, &arguments, &err);

    if (result < 0) {
        check_refusal(result, &err);
        return;
    }
    CHECK(arguments.command >= words && arguments.command <= words + count);
    for (size_t i = 0; i < arguments.count; i++) {
        CHECK(arguments.items[i].option != NULL && arguments.items[i].origin[0] != '\0');
        CHECK(is_of_words(words, arguments.command, arguments.items[i].value), "%s: %s",
              arguments.items[i].origin, arguments.items[i].value);
    }
    if (!arguments.help)
        check_spec(arena, &arguments);
    arguments_free(&arguments);
}

static int take(void *context, const char *value, struct sbx_error *err)
{
    (void)err;
    CHECK(value != NULL);
    (*(unsigned *)context)++;
    return 0;
}

static void check_verb(char **words, size_t count)
{
    bool json = false;
    unsigned values = 0;
    const struct words_option options[] = {
        {.name = "--json", .flag = &json},
        {.name = "--cd", .letter = 'C', .take = take, .context = &values},
        {.name = NULL},
    };
    struct sbx_error err = {0};
    int result = words_parse("exec", words, options, &err);

    if (result == -EINVAL)
        CHECK(err.kind == SBX_ERROR_USAGE && err.message[0] != '\0');
    else
        CHECK(result >= -1 && result <= (int)count, "%d", result);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    char *words[MOST_WORDS + 1];
    size_t count;

    CHECK(arena != NULL);
    count = read_words(arena, data, size, words);
    check_run(arena, words, count);
    check_verb(words, count);
    arena_free(arena);
    return 0;
}
