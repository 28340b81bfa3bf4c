/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/profile_write.h"

#include "base/cleanup.h"
#include "base/path.h"
#include "policy/option.h"
#include "policy/profile_rule.h"
#include "unit/profile_world.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static void add(struct profile_world *world, const char *option, const char *value)
{
    cr_assert_eq(
        settings_add(&world->settings, world->arena, option_by_name(option), value, "here", NULL),
        0);
}

/* Settings, written and read again, are the same. */
static void expect_same(struct profile_world *world, const char *what)
{
    const char *before = profile_world_text(world);
    int r = profile_world_again(world);

    cr_assert_eq(r, 0, "%s: %s%s\n%s", what, world->err.message, profile_world_problems(world),
                 world->yaml);
    cr_expect_str_eq(profile_world_text(world), before, "%s", what);
}

Test(profile_write, text)
{
    PROFILE_WORLD(world);
    char *text;

    add(&world, "ro", "/etc");
    add(&world, "ro", "/a b:/c:noexec");
    add(&world, "rw", "/home/u/work");
    add(&world, "hide", "/x*");
    add(&world, "net", "none");
    add(&world, "env", "A=$x ${y}");
    add(&world, "userns", "");
    add(&world, "pids", "64");
    cr_assert_eq(profile_write_yaml(arena, &world.settings, "One: \"line\"", &text, NULL), 0);
    cr_expect_str_eq(text, "sbx: 1\n"
                           "description: \"One: \\\"line\\\"\"\n"
                           "filesystem:\n"
                           "  ro:\n"
                           "  - /etc\n"
                           "  - \"/a b:/c:noexec\"\n"
                           "  rw:\n"
                           "  - /home/u/work\n"
                           "  hide:\n"
                           "  - \"/x[*]\"\n"
                           "network:\n"
                           "  net: none\n"
                           "environment:\n"
                           "  env:\n"
                           "  - \"A=$$x $${y}\"\n"
                           "lockdown:\n"
                           "  userns: true\n"
                           "limits:\n"
                           "  pids: 64\n");
}

Test(profile_write, nothing)
{
    PROFILE_WORLD(world);
    char *text;

    cr_assert_eq(profile_write_yaml(arena, &world.settings, "", &text, NULL), 0);
    cr_expect_str_eq(text, "sbx: 1\n");
}

/* A key that is there twice would be refused. */
Test(profile_write, settings_in_any_order)
{
    PROFILE_WORLD(world);
    char *text;

    add(&world, "env", "A");
    add(&world, "hide", "/b");
    add(&world, "pids", "1");
    add(&world, "ro", "/c");
    add(&world, "env", "B");
    add(&world, "hide", "/a");
    add(&world, "pids", "2");
    cr_assert_eq(profile_write_yaml(arena, &world.settings, "", &text, NULL), 0);
    cr_expect_str_eq(text, "sbx: 1\n"
                           "environment:\n  env:\n  - A\n  - B\n"
                           "filesystem:\n  hide:\n  - /b\n  - /a\n  ro:\n  - /c\n"
                           "limits:\n  pids: 2\n");
}

Test(profile_write, literals)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    static const struct {
        const char *option, *value, *text;
    } cases[] = {
        {"ro", "/a*b\\\\c\\:d:/e*", "/a[*]b\\\\\\\\c\\:d:/e*"},
        {"ro", "/a\\\\b:/e*", "/a\\\\b:/e*"},
        {"hide", "/a*\\b", "/a[*]\\\\b"},
        {"hide", "/a\\b", "/a\\b"},
        {"dev-node", "/[?", "/[[][?]"},
        {"tmpfs", "/a*:size=1M", "/a*:size=1M"},
        {"file", "/a*=/b*", "/a*=/b*"},
        {"ro", "~/x:~", "./~/x:./~"},
        {"file", "~=~", "./~=./~"},
        {"cd", "~x", "./~x"},
        {"env", "A=~", "A=~"},
        {"name", "~", "~"},
        {"env", "A=$$", "A=$$$$"},
        {"hide", "/${a*}", "/$${a[*]}"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        cr_expect_str_eq(profile_literal(arena, option_by_name(cases[i].option), cases[i].value),
                         cases[i].text, "--%s %s", cases[i].option, cases[i].value);
}

static const char *const odd[] = {
    "/a b",
    "/a:b",
    "/a\\b",
    "/a*b",
    "/a?",
    "/[x]",
    "/[",
    "/]",
    "/a\\*b",
    "/a:*\\:",
    "/$HOME",
    "/${HOME}",
    "/$$",
    "/$${x}",
    "/~",
    "/~/x",
    "/#x",
    "/ #",
    "/a: b",
    "/a\nb",
    "/a\tb",
    "/-",
    "/- x",
    "/\"q\"",
    "/'q'",
    "/ä/✓",
    "/\xf0\x9f\x90\xa7",
    "/a\x7f\x01",
    "/,",
    "/a,b",
    "/a=b",
    "/{x}",
    "/%",
    "/&a *b !c",
    "/a|b>c",
    "/\r",
    "/\xc2\x85",
    "/\xe2\x80\xa8x",
    "/\xef\xbb\xbfx",
    "/a/../*",
    "/[!a]*[^b]",
    "/\\\\",
    "/x ",
    "/[*]",
    "/[[]",
    "/\\[*]",
    "/a[b/c]d",
    "/:",
    "/=",
};

/* Every kind of rule, with every odd path on both sides. */
Test(profile_write, odd_paths_come_back)
{
    static const char *const options[] = {"ro", "rw", "hide", "dev-node", "tmpfs", "file"};

    for (size_t i = 0; i < ARRAY_SIZE(odd); i++)
        for (size_t k = 0; k < ARRAY_SIZE(options); k++) {
            PROFILE_WORLD(world);
            const struct sbx_option *option = option_by_name(options[k]);
            struct profile_rule rule = {
                .source = path_absolute(arena, "/", odd[i]),
                .target = path_absolute(arena, "/", odd[(i * 7 + 3) % ARRAY_SIZE(odd)]),
                .rest = option->kind == SBX_VALUE_TMPFS ? ":size=4K" : "",
                .noexec = i % 2 == 0,
                .optional = i % 3 == 0,
            };

            if (option->kind == SBX_VALUE_PATH)
                rule.target = rule.source;
            add(&world, options[k], profile_rule_value(arena, option, &rule));
            expect_same(&world, odd[i]);
        }
}

Test(profile_write, odd_texts_come_back)
{
    for (size_t i = 0; i < ARRAY_SIZE(odd); i++) {
        PROFILE_WORLD(world);

        add(&world, "home", path_absolute(arena, "/", odd[i]));
        add(&world, "cd", path_absolute(arena, "/", odd[i]));
        add(&world, "env", arena_printf(arena, "A=%s", odd[i] + 1));
        add(&world, "env", arena_printf(arena, "B\n-=%s", odd[i]));
        add(&world, "as", odd[i] + 1);
        add(&world, "report", path_absolute(arena, "/", odd[i]));
        expect_same(&world, odd[i]);
    }
}

/* Words that YAML has a meaning for. */
Test(profile_write, words_come_back)
{
    static const char *const words[] = {"true", "null", "~",   "yes", "No", "off", "1e3",  "0x1",
                                        "-",    "---",  "...", "=",   "<<", "1_0", ".inf", "all",
                                        "?",    "- a",  "a:",  ": a", "[",  "{}",  "*a",   "&a"};

    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        PROFILE_WORLD(world);

        add(&world, "env", words[i][0] == '=' ? "X" : words[i]);
        add(&world, "as", words[i]);
        expect_same(&world, words[i]);
    }
}

/* From profiles with variables, patterns and layers. */
Test(profile_write, profiles_come_back)
{
    PROFILE_WORLD(world);
    static const char *const environment[] = {"HOME=/h ome*:$x", "DISPLAY=:0", NULL};

    world.host.environment = environment;
    world.host.cwd = "/w [x]";
    profile_world_has(&world, "/h ome*:$x/there");
    profile_world_fits(&world, "/w \\[x]/*.key", "/w$x/a*.key /w/b:.key");
    profile_world_fits(&world, "/h ome\\*:$x/*", "/h");
    profile_world_add(&world, "a",
                      "filesystem:\n"
                      "  ro: [ \"~/*\", { path: \"~/there:/${USER}\", optional: true } ]\n"
                      "  rw: [ ., { path: \"${GOPATH:-~/go}\", optional: true } ]\n"
                      "  hide: [ \"*.key\", \"~/[*]\" ]\n"
                      "  tmpfs: \"~/t:size=1G,mode=0700\"\n"
                      "  file: /etc/x=~/y\n"
                      "  home: private\n"
                      "environment: { env: [ \"A=${HOME}\", DISPLAY ], env-all: true }\n"
                      "identity: { hostname: a.b, uid: \"${UID}\" }\n"
                      "lockdown: { seccomp: strict, allow-syscall: bpf, deny-syscall: read }\n"
                      "limits: { pids: 5, file-size: 1G, time: 1.5h }\n"
                      "run: { verbose: true, die-with-parent: true, name: x, report: r.json }\n");
    cr_assert_eq(profile_world_settle(&world), 0, "%s", profile_world_problems(&world));
    cr_assert_eq(world.settings.count, 25, "%s", profile_world_text(&world));
    expect_same(&world, "profile");
}

/* Rules for one place by two names keep their order. */
Test(profile_write, the_order_comes_back)
{
    PROFILE_WORLD(world);

    profile_world_link(&world, "/var/run", "/run");
    profile_world_has(&world, "/run");
    profile_world_add(&world, "a", "filesystem: { rw: /run/x, tmpfs: /run/y }\n");
    profile_world_add(&world, "b", "filesystem: { ro: [/var/run/x, /etc], hide: /var/run/y }\n");
    cr_assert_eq(profile_world_settle(&world), 0);
    cr_expect_str_eq(profile_world_text(&world),
                     "rw /run/x\nro /etc\nro /var/run/x\ntmpfs /run/y\nhide /var/run/y\n");
    expect_same(&world, "order");
}

Test(profile_write, what_is_not_utf8)
{
    static const char *const bad[] = {"/\xff",         "/\xc3",
                                      "/\x80",         "/\xc0\x80",
                                      "/\xed\xa0\x80", "/\xf4\x90\x80\x80",
                                      "/\xe0\x9f\xbf", "/\xf0\x8f\xbf\xbf"};

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        PROFILE_WORLD(world);
        char *text = NULL;

        add(&world, "ro", "/etc");
        add(&world, "hide", bad[i]);
        cr_expect_eq(profile_write_yaml(arena, &world.settings, "", &text, &world.err), -EILSEQ);
        cr_expect_null(text);
        cr_expect_str_eq(world.err.origin, "here");
        cr_expect_neq(world.err.hint[0], '\0');
    }
}
