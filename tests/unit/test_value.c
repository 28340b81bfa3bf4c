/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/value.h"

#include "base/cleanup.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#define ORIGIN "--option #3"

/* A refusal is a usage error that names its origin and has something to say and a hint. */
static void expect_refusal(int r, const struct sbx_error *err, const char *text)
{
    cr_expect_eq(r, -EINVAL, "'%s' gave %d", text, r);
    cr_expect_eq(err->kind, SBX_ERROR_USAGE, "'%s'", text);
    cr_expect_eq(err->number, 0, "'%s'", text);
    cr_expect_str_eq(err->origin, ORIGIN, "'%s'", text);
    cr_expect_str_not_empty(err->message, "'%s'", text);
    cr_expect_str_not_empty(err->hint, "'%s'", text);
}

struct number_case {
    const char *text;
    uint64_t value;
};

Test(value, count_accepts)
{
    static const struct number_case cases[] = {
        {"3", 3}, {"4", 4}, {"1023", 1023}, {"007", 7}, {"0000000000000000000000000010", 10},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct sbx_error err = {0};
        uint64_t number = 99;

        cr_expect_eq(value_count(cases[i].text, ORIGIN, 3, 1023, &number, &err), 0, "'%s': %s",
                     cases[i].text, err.message);
        cr_expect_eq(number, cases[i].value, "'%s' gave %lu", cases[i].text, number);
    }
}

Test(value, count_takes_the_whole_range)
{
    uint64_t number = 0;

    cr_expect_eq(value_count("18446744073709551615", ORIGIN, 0, UINT64_MAX, &number, NULL), 0);
    cr_expect_eq(number, UINT64_MAX);
    cr_expect_eq(value_count("0", ORIGIN, 0, UINT64_MAX, &number, NULL), 0);
    cr_expect_eq(number, 0);
    cr_expect_eq(value_count("18446744073709551616", ORIGIN, 0, UINT64_MAX, &number, NULL),
                 -EINVAL);
    cr_expect_eq(number, 0, "written on failure");
}

Test(value, count_refuses)
{
    static const char *const cases[] = {
        "",         " ",    "+5", "-5",   " 5", "5 ", "5\n", "0x10", "5.0",
        "1e2",      "five", "2",  "1024", "0",  "5K", "5,0", "5_0",  "99999999999999999999",
        "\xd9\xa5", /* a digit that is not ASCII */
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct sbx_error err = {0};
        uint64_t number = 99;

        expect_refusal(value_count(cases[i], ORIGIN, 3, 1023, &number, &err), &err, cases[i]);
        cr_expect_eq(number, 99, "'%s' was written", cases[i]);
    }
}

Test(value, size_accepts)
{
    static const struct number_case cases[] = {
        {"0", 0},
        {"1", 1},
        {"4096", 4096},
        {"1K", 1024},
        {"64M", 64ULL << 20},
        {"2G", 2ULL << 30},
        {"0G", 0},
        {"9223372036854775807", INT64_MAX},
        {"8589934591G", 8589934591ULL << 30},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct sbx_error err = {0};
        uint64_t bytes = 99;

        cr_expect_eq(value_size(cases[i].text, ORIGIN, &bytes, &err), 0, "'%s': %s", cases[i].text,
                     err.message);
        cr_expect_eq(bytes, cases[i].value, "'%s' gave %lu", cases[i].text, bytes);
    }
}

Test(value, size_refuses)
{
    static const char *const cases[] = {
        "",
        "K",
        "1k",
        "1m",
        "1T",
        "1KB",
        "1KiB",
        "1.5G",
        "-1",
        "+1",
        " 1",
        "1 ",
        "1 K",
        "0x1",
        "1KK",
        "1B",
        "1K ",
        "infinity",
        "9223372036854775808",  /* one more than a file's length can be */
        "8589934592G",          /* the same, by its unit */
        "18446744073709551616", /* overflow of 64 bits */
        "18446744073709551615", /* would be "no limit" */
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct sbx_error err = {0};
        uint64_t bytes = 99;

        expect_refusal(value_size(cases[i], ORIGIN, &bytes, &err), &err, cases[i]);
        cr_expect_eq(bytes, 99, "'%s' was written", cases[i]);
    }
}

Test(value, time_accepts)
{
    static const struct number_case cases[] = {
        {"10", 10000},
        {"1s", 1000},
        {"200ms", 200},
        {"1.5s", 1500},
        {"1.5", 1500},
        {"2min", 120000},
        {"1h", 3600000},
        {"0.001s", 1},
        {"1.0005min", 60030},
        {"0.25h", 900000},
        {"1.500000000000000000000s", 1500},
        {"5.0ms", 5},
        {"00010s", 10000},
        {"9223372036854ms", 9223372036854},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct sbx_error err = {0};
        uint64_t milliseconds = 99;

        cr_expect_eq(value_time(cases[i].text, ORIGIN, &milliseconds, &err), 0, "'%s': %s",
                     cases[i].text, err.message);
        cr_expect_eq(milliseconds, cases[i].value, "'%s' gave %lu", cases[i].text, milliseconds);
    }
}

Test(value, time_refuses)
{
    static const char *const cases[] = {
        "",
        "s",
        "ms",
        "0",
        "0s",
        "0.0h",
        "0.000",
        "1.",
        "1.s",
        ".5s",
        "-1s",
        "+1s",
        " 1s",
        "1s ",
        "1 s",
        "1m",
        "1sec",
        "1S",
        "1H",
        "1h30min",
        "1,5s",
        "1.5.5",
        "1e3s",
        "1.5ms",
        "10us",
        "1d",
        "0x10s",
        "1msx",
        "infinity",
        "0.0001s",              /* finer than a millisecond */
        "1.00000000001s",       /* more decimals than are read */
        "1.00000000001x",       /* and no unit either */
        "9223372036855ms",      /* too long to count in nanoseconds */
        "9999999999999h",       /* overflow by the unit */
        "18446744073709551615", /* overflow by the default unit */
        "99999999999999999999s",
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct sbx_error err = {0};
        uint64_t milliseconds = 99;

        expect_refusal(value_time(cases[i], ORIGIN, &milliseconds, &err), &err, cases[i]);
        cr_expect_eq(milliseconds, 99, "'%s' was written", cases[i]);
    }
}

Test(value, time_says_what_is_wrong)
{
    static const struct {
        const char *text;
        const char *part;
    } cases[] = {
        {"10x", "not a time"},
        {"0s", "more than zero"},
        {"1.5ms", "finer than a millisecond"},
        {"1.00000000001s", "finer than a millisecond"},
        {"1.00000000001x", "not a time"},
        {"99999999999h", "too long"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct sbx_error err = {0};
        uint64_t milliseconds;

        value_time(cases[i].text, ORIGIN, &milliseconds, &err);
        cr_expect_not_null(strstr(err.message, cases[i].part), "'%s': %s", cases[i].text,
                           err.message);
        cr_expect_not_null(strstr(err.message, cases[i].text), "'%s' is not shown", cases[i].text);
    }
}

Test(value, choice)
{
    static const char choices[] = "none|host|host-abstract";
    static const char *const good[] = {"none", "host", "host-abstract"};
    static const char *const bad[] = {"",      "hos",   "host-",     "hosts", "NONE",
                                      " none", "none ", "none|host", "|",     "abstract"};

    for (unsigned i = 0; i < ARRAY_SIZE(good); i++) {
        unsigned index = 99;

        cr_expect_eq(value_choice(good[i], ORIGIN, choices, &index, NULL), 0, "'%s'", good[i]);
        cr_expect_eq(index, i, "'%s'", good[i]);
    }
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        struct sbx_error err = {0};
        unsigned index = 99;

        expect_refusal(value_choice(bad[i], ORIGIN, choices, &index, &err), &err, bad[i]);
        cr_expect_eq(index, 99, "'%s' was written", bad[i]);
        cr_expect_not_null(strstr(err.message, choices), "%s", err.message);
    }
}

/* A path of @length bytes; freed with the test's process. */
static char *long_path(size_t length)
{
    char *path = malloc(length + 1);

    cr_assert_not_null(path);
    memset(path, 'a', length);
    path[0] = '/';
    path[length] = '\0';
    return path;
}

Test(value, path)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    _cleanup_free_ char *longest = long_path(4095);
    _cleanup_free_ char *longer = long_path(4096);
    const char *path = NULL;
    struct sbx_error err = {0};

    cr_expect_eq(value_path(arena, "/a b:c=d\\", ORIGIN, &path, &err), 0);
    cr_expect_str_eq(path, "/a b:c=d\\");
    cr_expect_eq(value_path(arena, "rel/../x", ORIGIN, &path, &err), 0);
    cr_expect_str_eq(path, "rel/../x");
    cr_expect_eq(value_path(arena, longest, ORIGIN, &path, &err), 0);
    expect_refusal(value_path(arena, longer, ORIGIN, &path, &err), &err, "longer");
    cr_expect_str_eq(path, longest, "written on failure");
    err = (struct sbx_error){0};
    expect_refusal(value_path(arena, "", ORIGIN, &path, &err), &err, "");
}

Test(value, bind_accepts)
{
    static const struct {
        const char *text, *source, *target;
        bool noexec, optional;
    } cases[] = {
        {"/usr", "/usr", "/usr", false, false},
        {".", ".", ".", false, false},
        {"/a:/b", "/a", "/b", false, false},
        {"/a:/b:noexec", "/a", "/b", true, false},
        {"/a:/b:optional", "/a", "/b", false, true},
        {"/a:/b:optional,noexec", "/a", "/b", true, true},
        {"/a\\:b:/c\\:d", "/a:b", "/c:d", false, false},
        {"/a\\\\:/b", "/a\\", "/b", false, false},
        {"/a\\\\\\:b", "/a\\:b", "/a\\:b", false, false},
        {"/a b=c,d", "/a b=c,d", "/a b=c,d", false, false},
    };
    _cleanup_arena_ struct arena *arena = arena_new();

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct spec_mount mount = {.kind = SPEC_MOUNT_RW, .origin = ORIGIN};
        struct sbx_error err = {0};

        cr_expect_eq(value_bind(arena, cases[i].text, ORIGIN, &mount, &err), 0, "'%s': %s",
                     cases[i].text, err.message);
        cr_expect_str_eq(mount.source, cases[i].source, "'%s'", cases[i].text);
        cr_expect_str_eq(mount.target, cases[i].target, "'%s'", cases[i].text);
        cr_expect_eq(mount.noexec, cases[i].noexec, "'%s'", cases[i].text);
        cr_expect_eq(mount.optional, cases[i].optional, "'%s'", cases[i].text);
        cr_expect_eq(mount.kind, SPEC_MOUNT_RW);
        cr_expect_str_eq(mount.origin, ORIGIN);
    }
}

Test(value, bind_refuses)
{
    static const char *const cases[] = {
        "",
        ":",
        ":/b",
        "/a:",
        "/a::noexec",
        "/a:/b:",
        "/a:/b:x",
        "/a:/b:noexec,",
        "/a:/b:,noexec",
        "/a:/b:noexec,noexec",
        "/a:/b:ro",
        "/a:/b:NOEXEC",
        "/a:/b:noexec:",
        "/a:/b:noexec:optional",
        "/a:/b:noexec ",
        "/a\\b",
        "/a\\",
        "/a:/b\\",
        "/a\\=b",
        "/a:/b:noexec,optional,noexec",
        "/a:/b:noexecnoexecnoexecnoexecnoexecnoexecnoexecnoexecnoexecnoexecnoexecnoexecnoexec",
    };
    _cleanup_arena_ struct arena *arena = arena_new();

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct spec_mount mount = {.source = "kept"};
        struct sbx_error err = {0};

        expect_refusal(value_bind(arena, cases[i], ORIGIN, &mount, &err), &err, cases[i]);
        cr_expect_str_eq(mount.source, "kept", "'%s' was written", cases[i]);
        cr_expect_null(mount.target, "'%s' was written", cases[i]);
    }
}

Test(value, tmpfs_accepts)
{
    static const struct {
        const char *text, *target;
        uint64_t size;
        uint32_t mode;
    } cases[] = {
        {"/scratch", "/scratch", 0, 0755},
        {"/s:size=64M", "/s", 64 << 20, 0755},
        {"/s:mode=1777", "/s", 0, 01777},
        {"/s:mode=700,size=1G", "/s", 1 << 30, 0700},
        {"/s:size=4096,mode=0711", "/s", 4096, 0711},
        {"/a\\:b:mode=000", "/a:b", 0, 0},
    };
    _cleanup_arena_ struct arena *arena = arena_new();

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct spec_mount mount = {.kind = SPEC_MOUNT_TMPFS};
        struct sbx_error err = {0};

        cr_expect_eq(value_tmpfs(arena, cases[i].text, ORIGIN, &mount, &err), 0, "'%s': %s",
                     cases[i].text, err.message);
        cr_expect_str_eq(mount.target, cases[i].target, "'%s'", cases[i].text);
        cr_expect_null(mount.source);
        cr_expect_eq(mount.size, cases[i].size, "'%s'", cases[i].text);
        cr_expect_eq(mount.mode, cases[i].mode, "'%s'", cases[i].text);
    }
}

Test(value, tmpfs_refuses)
{
    static const char *const cases[] = {
        "",
        ":",
        ":size=1M",
        "/s:",
        "/s:size",
        "/s:size=",
        "/s:size=0",
        "/s:size=1x",
        "/s:mode=",
        "/s:mode=8",
        "/s:mode=7",
        "/s:mode=0999",
        "/s:mode=17777",
        "/s:mode=07777777",
        "/s:mode=-700",
        "/s:mode=0x7",
        "/s:size=1M,",
        "/s:,size=1M",
        "/s:size=1M,size=2M",
        "/s:mode=700,mode=700",
        "/s:noexec",
        "/s:size=1M:mode=700",
        "/s:SIZE=1M",
        "/s: size=1M",
        "/s\\x",
        "/s:size=99999999999999999999",
    };
    _cleanup_arena_ struct arena *arena = arena_new();

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct spec_mount mount = {.mode = 0123};
        struct sbx_error err = {0};

        expect_refusal(value_tmpfs(arena, cases[i], ORIGIN, &mount, &err), &err, cases[i]);
        cr_expect_null(mount.target, "'%s' was written", cases[i]);
        cr_expect_eq(mount.mode, 0123, "'%s' was written", cases[i]);
    }
}

Test(value, file)
{
    static const struct {
        const char *text, *target, *source;
    } good[] = {
        {"/etc/motd=motd", "/etc/motd", "motd"},
        {"/a=/b=c", "/a", "/b=c"},
        {"/a\\=b=/c", "/a=b", "/c"},
        {"/a\\\\=/c\\d", "/a\\", "/c\\d"},
        {"/a:b=/c:d", "/a:b", "/c:d"},
    };
    static const char *const bad[] = {"", "=", "/a", "/a=", "=/b", "/a\\=b", "/a\\b=/c", "/a\\"};
    _cleanup_arena_ struct arena *arena = arena_new();

    for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
        struct spec_mount mount = {.kind = SPEC_MOUNT_FILE};
        struct sbx_error err = {0};

        cr_expect_eq(value_file(arena, good[i].text, ORIGIN, &mount, &err), 0, "'%s': %s",
                     good[i].text, err.message);
        cr_expect_str_eq(mount.target, good[i].target, "'%s'", good[i].text);
        cr_expect_str_eq(mount.source, good[i].source, "'%s'", good[i].text);
    }
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        struct spec_mount mount = {0};
        struct sbx_error err = {0};

        expect_refusal(value_file(arena, bad[i], ORIGIN, &mount, &err), &err, bad[i]);
        cr_expect_null(mount.target, "'%s' was written", bad[i]);
        cr_expect_null(mount.source, "'%s' was written", bad[i]);
    }
}

Test(value, env)
{
    static const struct {
        const char *text, *name, *value;
    } good[] = {
        {"CC", "CC", NULL},
        {"CC=gcc", "CC", "gcc"},
        {"CC=", "CC", ""},
        {"A=b=c", "A", "b=c"},
        {"A=two\nlines", "A", "two\nlines"},
    };
    static const char *const bad[] = {"", "=", "=value"};
    _cleanup_arena_ struct arena *arena = arena_new();

    for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
        const char *name = NULL, *value = "unset";

        cr_expect_eq(value_env(arena, good[i].text, ORIGIN, &name, &value, NULL), 0, "'%s'",
                     good[i].text);
        cr_expect_str_eq(name, good[i].name, "'%s'", good[i].text);
        if (good[i].value == NULL)
            cr_expect_null(value, "'%s'", good[i].text);
        else
            cr_expect_str_eq(value, good[i].value, "'%s'", good[i].text);
    }
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        const char *name = NULL, *value = NULL;
        struct sbx_error err = {0};

        expect_refusal(value_env(arena, bad[i], ORIGIN, &name, &value, &err), &err, bad[i]);
        cr_expect_null(name, "'%s' was written", bad[i]);
    }
}

Test(value, strings_are_copies)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    char text[] = "/a:/b";
    struct spec_mount mount = {0};
    const char *path = NULL;

    cr_assert_eq(value_bind(arena, text, ORIGIN, &mount, NULL), 0);
    cr_assert_eq(value_path(arena, text, ORIGIN, &path, NULL), 0);
    memset(text, 'x', sizeof(text) - 1);
    cr_expect_str_eq(mount.source, "/a");
    cr_expect_str_eq(mount.target, "/b");
    cr_expect_str_eq(path, "/a:/b");
}
