/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/arguments.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#define PARSE(arguments, err, flags, ...)                                                          \
    arguments_parse("run", (char *const[]){__VA_ARGS__, NULL}, (flags), (arguments), (err))

static void expect_item(const struct arguments *arguments, size_t index, const char *name,
                        const char *value, const char *origin)
{
    cr_assert_lt(index, arguments->count);
    cr_expect_str_eq(arguments->items[index].option->name, name);
    cr_expect_str_eq(arguments->items[index].value, value);
    cr_expect_str_eq(arguments->items[index].origin, origin);
}

Test(arguments, every_way_to_write_an_option)
{
    _cleanup_arguments_ struct arguments arguments = {0};
    struct sbx_error err = {0};
    char *const words[] = {"--rw", "a",      "--rw=b",    "-wc",  "-w",  "d",
                           "-vq",  "-vwe",   "--time=1s", "-t",   "2s",  "--env",
                           "A=b",  "-eC=-d", "--userns",  "make", "-j2", NULL};

    cr_assert_eq(arguments_parse("run", words, 0, &arguments, &err), 0, "%s", err.message);
    cr_expect_eq(arguments.count, 13);
    expect_item(&arguments, 0, "rw", "a", "--rw #1");
    expect_item(&arguments, 1, "rw", "b", "--rw #2");
    expect_item(&arguments, 2, "rw", "c", "--rw #3");
    expect_item(&arguments, 3, "rw", "d", "--rw #4");
    expect_item(&arguments, 4, "verbose", "", "--verbose");
    expect_item(&arguments, 5, "quiet", "", "--quiet");
    expect_item(&arguments, 6, "verbose", "", "--verbose");
    expect_item(&arguments, 7, "rw", "e", "--rw #5");
    expect_item(&arguments, 8, "time", "1s", "--time");
    expect_item(&arguments, 9, "time", "2s", "--time");
    expect_item(&arguments, 10, "env", "A=b", "--env #1");
    expect_item(&arguments, 11, "env", "C=-d", "--env #2");
    expect_item(&arguments, 12, "userns", "", "--userns");
    cr_expect_eq(arguments.command, &words[15]);
    cr_expect_not(arguments.help || arguments.json);
}

Test(arguments, each_option_counts_for_itself)
{
    _cleanup_arguments_ struct arguments arguments = {0};

    cr_assert_eq(PARSE(&arguments, NULL, 0, "--ro=/a", "--rw=/b", "--ro=/c", "x"), 0);
    expect_item(&arguments, 0, "ro", "/a", "--ro #1");
    expect_item(&arguments, 1, "rw", "/b", "--rw #1");
    expect_item(&arguments, 2, "ro", "/c", "--ro #2");
}

/* Where the options end, and what the command is. */
Test(arguments, the_command_is_left_alone)
{
    static char *const lines[][6] = {
        {"-v", "make", "--rw", "-x", "--", NULL},
        {"-v", "--", "make", "--help", "--json", NULL},
        {"-v", "--", "--rw", NULL},
        {"-v", "--", "-v", NULL},
        {"-v", "-", "-v", NULL},
        {"-v", "", "-v", NULL},
        {"-v", "--", "--", NULL},
        {"-v", "--", NULL},
        {"-v", NULL},
    };
    static const size_t starts[] = {1, 2, 2, 2, 1, 1, 2, 2, 1};

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        _cleanup_arguments_ struct arguments arguments = {0};
        struct sbx_error err = {0};

        cr_assert_eq(arguments_parse("run", lines[i], 0, &arguments, &err), 0, "line %zu: %s", i,
                     err.message);
        cr_expect_eq(arguments.count, 1, "line %zu", i);
        cr_expect_eq(arguments.command, &lines[i][starts[i]], "line %zu", i);
        cr_expect_not(arguments.help || arguments.json, "line %zu", i);
    }
}

Test(arguments, values_may_look_like_anything_after_an_equals_sign)
{
    _cleanup_arguments_ struct arguments arguments = {0};

    cr_assert_eq(PARSE(&arguments, NULL, 0, "--rw=--", "--rw=", "--env=A=b=c", "-w-", "--cd", "-",
                       "--hostname", "-x"),
                 0);
    expect_item(&arguments, 0, "rw", "--", "--rw #1");
    expect_item(&arguments, 1, "rw", "", "--rw #2");
    expect_item(&arguments, 2, "env", "A=b=c", "--env #1");
    expect_item(&arguments, 3, "rw", "-", "--rw #3");
    expect_item(&arguments, 4, "cd", "-", "--cd");
    expect_item(&arguments, 5, "hostname", "-x", "--hostname");
}

Test(arguments, help_and_json)
{
    _cleanup_arguments_ struct arguments first = {0}, second = {0}, third = {0};

    cr_assert_eq(PARSE(&first, NULL, 0, "-v", "--help", "--bad"), 0);
    cr_expect(first.help);
    cr_assert_eq(PARSE(&second, NULL, 0, "-vh"), 0);
    cr_expect(second.help);
    cr_assert_eq(PARSE(&third, NULL, ARGUMENTS_JSON, "--json", "-v", "x"), 0);
    cr_expect(third.json);
    cr_expect_eq(third.count, 1);
}

Test(arguments, usage_errors)
{
    static const struct {
        char *const words[5];
        const char *origin, *message, *hint;
    } cases[] = {
        {{"--tme", "3", "x", NULL}, "option 1", "unknown option --tme", "did you mean --time?"},
        {{"-v", "--rw=.", "--tme=3", "x", NULL}, "option 3", "unknown option --tme", "--time?"},
        {{"--tim", "3", "x", NULL}, "option 1", "unknown option --tim", "--time?"},
        {{"--zzzzzzz", "x", NULL}, "option 1", "unknown option --zzzzzzz", "sbx run --help"},
        {{"--json", "x", NULL}, "option 1", "unknown option --json", "sbx plan"},
        {{"--help=x", NULL}, "option 1", "unknown option --help", "sbx run --help"},
        {{"--version", NULL}, "option 1", "unknown option --version", "sbx version"},
        {{"--=x", NULL}, "option 1", "unknown option --", "sbx run --help"},
        {{"-x", "true", NULL}, "option 1", "unknown option -x", "sbx run --help"},
        {{"-vqx", "true", NULL}, "option 3", "unknown option -x", "sbx run --help"},
        {{"-v-", "true", NULL}, "option 2", "unknown option --", "sbx run --help"},
        {{"--userns=yes", "x", NULL}, "option 1", "--userns takes no value", "--userns alone"},
        {{"--verbose=", "x", NULL}, "option 1", "--verbose takes no value", "--verbose alone"},
        {{"--rw", NULL}, "--rw #1", "value is missing", "--rw=SRC"},
        {{"--rw=a", "-w", NULL}, "--rw #2", "value is missing", "--rw=SRC"},
        {{"-t", NULL}, "--time", "value is missing", "--time TIME"},
        {{"--rw", "--", "make", NULL}, "--rw #1", "value is missing", "--rw=SRC"},
        {{"--rw", "--net", "host", "x", NULL}, "--rw #1", "value is missing", "--rw=SRC"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct arguments arguments = {.words = 77};
        struct sbx_error err = {0};

        cr_expect_eq(arguments_parse("run", cases[i].words, 0, &arguments, &err), -EINVAL,
                     "case %zu", i);
        cr_expect_eq(err.kind, SBX_ERROR_USAGE, "case %zu", i);
        cr_expect_str_eq(err.origin, cases[i].origin, "case %zu: %s", i, err.origin);
        cr_expect_not_null(strstr(err.message, cases[i].message), "case %zu: %s", i, err.message);
        cr_expect_not_null(strstr(err.hint, cases[i].hint), "case %zu: %s", i, err.hint);
        cr_expect_eq(arguments.words, 77, "case %zu was written", i);
    }
}

Test(arguments, many_options)
{
    _cleanup_arguments_ struct arguments arguments = {0};
    static char *words[1001];

    for (size_t i = 0; i < 1000; i++)
        words[i] = "--rw=x";
    cr_assert_eq(arguments_parse("run", words, 0, &arguments, NULL), 0);
    cr_assert_eq(arguments.count, 1000);
    expect_item(&arguments, 999, "rw", "x", "--rw #1000");
    cr_expect_null(arguments.command[0]);
}
