/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/profile_trial.h"

#include "base/cleanup.h"
#include "policy/option.h"

#include <stdio.h>

/* ------------------------------------------------------------------ what is right */

Test(profile_read, all_fields)
{
    static const char text[] = "# first\n"
                               "sbx: 1\n"
                               "description: Überall, mit \"Zitat\"   # a comment\n"
                               "extends: [base, 'dev+x']\n"
                               "match: make\n"
                               "filesystem:\n"
                               "  rw: .\n"
                               "  ro:\n"
                               "    - ~/.gitconfig\n"
                               "    - { path: ~/.cargo, optional: true }\n"
                               "    - path: \"${XDG_CACHE_HOME:-~/.cache}/x\"\n"
                               "      when:\n"
                               "        exists: [~/.gnupg, /usr]\n"
                               "        missing: /no\n"
                               "        feature: landlock\n"
                               "        user: ordinary\n"
                               "        workdir: home\n"
                               "limits: { pids: { value: 4096 } }\n"
                               "lockdown:\n"
                               "  userns: true\n"
                               "remove:\n"
                               "  filesystem: { ro: [/a, { path: /b, optional: true }] }\n"
                               "  limits: { time: all }\n"
                               "  environment: { env-all: all }\n"
                               "refuse:\n"
                               "  - { when: { workdir: home }, because: too much }\n";
    static const struct {
        enum option_id option;
        enum profile_action action;
        const char *value;
        bool optional;
        size_t conditions;
        unsigned line, column;
    } entries[] = {
        {OPTION_RW, PROFILE_ADD, ".", false, 0, 7, 7},
        {OPTION_RO, PROFILE_ADD, "~/.gitconfig", false, 0, 9, 7},
        {OPTION_RO, PROFILE_ADD, "~/.cargo", true, 0, 10, 15},
        {OPTION_RO, PROFILE_ADD, "${XDG_CACHE_HOME:-~/.cache}/x", false, 6, 11, 13},
        {OPTION_PIDS, PROFILE_ADD, "4096", false, 0, 18, 26},
        {OPTION_USERNS, PROFILE_ADD, "", false, 0, 20, 11},
        {OPTION_RO, PROFILE_REMOVE, "/a", false, 0, 22, 22},
        {OPTION_RO, PROFILE_REMOVE, "/b", true, 0, 22, 34},
        {OPTION_TIME, PROFILE_REMOVE_ALL, "", false, 0, 23, 19},
        {OPTION_ENV_ALL, PROFILE_REMOVE_ALL, "", false, 0, 24, 27},
    };
    static const enum profile_condition_kind kinds[] = {
        PROFILE_WHEN_EXISTS,  PROFILE_WHEN_EXISTS, PROFILE_WHEN_MISSING,
        PROFILE_WHEN_FEATURE, PROFILE_WHEN_USER,   PROFILE_WHEN_WORKDIR,
    };
    struct trial trial;
    const struct profile *profile = &trial.profile;

    read_text(&trial, text);
    cr_assert_eq(trial.r, 0, "%s", told(&trial));
    cr_expect_str_eq(profile->name, "x");
    cr_expect_str_eq(profile->label, "x.yaml");
    cr_expect_str_eq(profile->file, "/p/x.yaml");
    cr_expect_str_eq(profile->description, "Überall, mit \"Zitat\"");
    cr_assert_eq(profile->extends.count, 2);
    cr_expect_str_eq(profile->extends.items[1].word, "dev+x");
    cr_expect_eq(profile->extends.items[1].mark.line, 4);
    cr_expect_eq(profile->extends.items[1].mark.column, 17);
    cr_assert_eq(profile->match.count, 1);
    cr_expect_str_eq(profile->match.items[0].word, "make");
    cr_assert_eq(profile->entries.count, ARRAY_SIZE(entries));
    for (size_t i = 0; i < ARRAY_SIZE(entries); i++) {
        const struct profile_entry *entry = &profile->entries.items[i];

        cr_expect_eq(entry->option->id, (int)entries[i].option, "entry %zu", i);
        cr_expect_eq(entry->action, entries[i].action, "entry %zu", i);
        cr_expect_str_eq(entry->value, entries[i].value, "entry %zu", i);
        cr_expect_eq(entry->optional, entries[i].optional, "entry %zu", i);
        cr_expect_eq(entry->when.count, entries[i].conditions, "entry %zu", i);
        cr_expect_eq(entry->mark.line, entries[i].line, "entry %zu: %u", i, entry->mark.line);
        cr_expect_eq(entry->mark.column, entries[i].column, "entry %zu: %u", i, entry->mark.column);
    }
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
        cr_expect_eq(profile->entries.items[3].when.items[i].kind, kinds[i], "condition %zu", i);
    cr_expect_str_eq(profile->entries.items[3].when.items[1].value, "/usr");
    cr_expect_eq(profile->entries.items[3].when.items[1].mark.column, 28);
    cr_assert_eq(profile->refusals.count, 1);
    cr_expect_str_eq(profile->refusals.items[0].because, "too much");
    cr_expect_eq(profile->refusals.items[0].when.items[0].kind, PROFILE_WHEN_WORKDIR);
    cr_expect_eq(profile->refusals.items[0].mark.line, 26);
    arena_free(trial.arena);
}

Test(profile_read, a_flag_that_is_false_takes_back)
{
    struct trial trial;

    read_text(&trial, HEAD "lockdown: { userns: false }\n");
    cr_assert_eq(trial.r, 0, "%s", told(&trial));
    cr_assert_eq(trial.profile.entries.count, 1);
    cr_expect_eq(trial.profile.entries.items[0].action, PROFILE_REMOVE_ALL);
    arena_free(trial.arena);
    read_text(&trial, HEAD "lockdown: { userns: { value: true, when: { user: root } } }\n");
    cr_assert_eq(trial.r, 0, "%s", told(&trial));
    cr_expect_eq(trial.profile.entries.items[0].action, PROFILE_ADD);
    cr_expect_eq(trial.profile.entries.items[0].when.count, 1);
    arena_free(trial.arena);
}

/* Every way to write one text comes to the same. */
Test(profile_read, quoting)
{
    static const struct {
        const char *text, *value;
    } cases[] = {
        {FS "  rw: /a b\n", "/a b"},
        {FS "  rw: \"/a b\"\n", "/a b"},
        {FS "  rw: '/a b'\n", "/a b"},
        {FS "  rw: '/it''s'\n", "/it's"},
        {FS "  rw: \"/\\u00fc\\x41\\e\"\n", "/üA\033"},
        {FS "  rw: |-\n    /a b\n", "/a b"},
        {FS "  rw: >-\n    /a\n    b\n", "/a b"},
        {FS "  rw: /a#b # a comment\n", "/a#b"},
        {FS "  rw: [/a b,]\n", "/a b"},
        {FS "  rw:\n  - /a b\n", "/a b"},
        {FS "  rw:\n    -   /a b\n", "/a b"},
        {FS "  \"rw\": /a b\n", "/a b"},
        {FS "  ? rw\n  : /a b\n", "/a b"},
        {"{sbx: 1, filesystem: {rw: [/a b]}}", "/a b"},
        {"{\"sbx\": \"1\", \"filesystem\": {\"rw\": \"/a b\"}}\n", "/a b"},
        {"---\n" FS "  rw: /a b\n...\n# the end\n", "/a b"},
        {"\xef\xbb\xbf" FS "  rw: /a b\n", "/a b"},
        {"sbx: 1\r\nfilesystem:\r\n  rw: /a b\r\n", "/a b"},
        {"\n# one\n\n" FS "# two\n  # three\n  rw: /a b\n\n\n", "/a b"},
        {FS "  rw: /a b", "/a b"},
        /* no types but ours */
        {FS "  rw: no\n", "no"},
        {FS "  rw: ~\n", "~"},
        {FS "  rw: null\n", "null"},
        {FS "  rw: 0x10\n", "0x10"},
        {FS "  rw: 2001-12-14\n", "2001-12-14"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct trial trial;

        read_text(&trial, cases[i].text);
        cr_expect_eq(trial.r, 0, "%s: %s", cases[i].text, told(&trial));
        cr_assert_eq(trial.profile.entries.count, 1, "%s", cases[i].text);
        cr_expect_str_eq(trial.profile.entries.items[0].value, cases[i].value, "%s", cases[i].text);
        arena_free(trial.arena);
    }
}

static const char *example(const struct sbx_option *option)
{
    static const char *const values[] = {
        [SBX_VALUE_FLAG] = "true",     [SBX_VALUE_TEXT] = "box", [SBX_VALUE_CHOICE] = NULL,
        [SBX_VALUE_PATH] = "/a",       [SBX_VALUE_BIND] = "/a",  [SBX_VALUE_TMPFS] = "/a",
        [SBX_VALUE_FILE] = "/a=/b",    [SBX_VALUE_ENV] = "A=b",  [SBX_VALUE_COUNT] = "100",
        [SBX_VALUE_SIZE] = "64M",      [SBX_VALUE_TIME] = "10s", [SBX_VALUE_ID] = "1000",
        [SBX_VALUE_SYSCALL] = "mount", [SBX_VALUE_CPUS] = "1.5", [SBX_VALUE_CPU_LIST] = "0-3,5",
        [SBX_VALUE_RLIMIT] = "as=1G",
    };
    static char word[32];

    if (values[option->kind] != NULL)
        return values[option->kind];
    snprintf(word, sizeof(word), "%.*s", (int)strcspn(option->choices, "|"), option->choices);
    return word;
}

Test(profile_read, every_option_in_its_section_alone)
{
    size_t count;
    const struct sbx_option *options = sbx_options(&count);
    unsigned taken = 0, refused = 0;

    for (size_t i = 0; i < count; i++) {
        const char *last = "";

        for (size_t k = 0; k < count; k++) {
            bool own = strcmp(options[i].section, options[k].section) == 0;
            char text[128], wanted[128] = "";

            if (strcmp(options[k].section, last) == 0)
                continue;
            last = options[k].section;
            snprintf(text, sizeof(text), HEAD "%s:\n  %s: %s\n", last, options[i].name,
                     example(&options[i]));
            if (options[i].id == OPTION_PROFILE)
                snprintf(wanted, sizeof(wanted), "3:3: a profile can't choose a profile\n");
            else if (!own)
                snprintf(wanted, sizeof(wanted), "3:3: '%s' does not belong to '%s'\n",
                         options[i].name, last);
            expect(text, wanted);
            taken += wanted[0] == '\0';
            refused += wanted[0] != '\0';
        }
    }
    cr_expect_eq(taken, count - 1, "%u", taken);
    cr_expect_gt(refused, taken);
}

Test(profile_read, removal_of_every_option)
{
    size_t count;
    const struct sbx_option *options = sbx_options(&count);

    for (size_t i = 0; i < count; i++) {
        char text[128];

        if (options[i].id == OPTION_PROFILE)
            continue;
        snprintf(text, sizeof(text), HEAD "remove:\n  %s:\n    %s: all\n", options[i].section,
                 options[i].name);
        expect(text, "");
        snprintf(text, sizeof(text), HEAD "remove:\n  %s:\n    %s: %s\n", options[i].section,
                 options[i].name, example(&options[i]));
        if (options[i].repeatable) {
            expect(text, "");
        } else {
            struct trial trial;

            read_text(&trial, text);
            cr_expect_eq(trial.r, -EINVAL, "%s", text);
            cr_assert_eq(trial.problems.count, 1, "%s", text);
            cr_expect_str_eq(
                trial.problems.items[0].message,
                arena_printf(trial.arena, "'%s' is taken back by the word all", options[i].name));
            arena_free(trial.arena);
        }
    }
}

/* ------------------------------------------------------------------ lines, origins, bounds */

Test(profile_read, the_line_itself)
{
    struct trial trial;

    read_text(&trial, "\xef\xbb\xbfsbx: 2\r\nfilesystem:\r\n  rx: \"ü\" # x\r\nzz: 1");
    cr_assert_eq(trial.problems.count, 3, "%s", told(&trial));
    cr_expect_str_eq(trial.problems.items[0].text, "sbx: 2");
    cr_expect_eq(trial.problems.items[0].mark.column, 6);
    cr_expect_str_eq(trial.problems.items[1].text, "  rx: \"ü\" # x");
    cr_expect_str_eq(trial.problems.items[2].text, "zz: 1");
    arena_free(trial.arena);
    /* columns are characters */
    expect(HEAD "filesystem: { hide: üöä, rx: b }\n", "2:26: unknown key 'rx'\n");
    read_text(&trial, "");
    cr_assert_eq(trial.problems.count, 1);
    cr_expect_null(trial.problems.items[0].text);
    arena_free(trial.arena);
}

Test(profile_read, origins)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct profile profile = {.label = "build.yaml"};
    struct profile_mark mark = {.line = 12, .column = 5};
    char label[4096] = "";
    struct sbx_error err;
    const char *origin;

    cr_expect_str_eq(profile_origin(arena, &profile, mark), "build.yaml:12:5");
    while (strlen(label) < 300)
        strcat(label, "/ü");
    strcat(label, "/profiles/build.yaml");
    profile.label = label;
    mark = (struct profile_mark){.line = 1048576, .column = 1048576};
    origin = profile_origin(arena, &profile, mark);
    cr_assert_lt(strlen(origin), sizeof(err.origin));
    cr_expect_eq(strncmp(origin, "...", 3), 0, "%s", origin);
    cr_expect_neq((unsigned char)origin[3] & 0xc0, 0x80, "%s begins within a character", origin);
    cr_expect_not_null(strstr(origin, "ü/profiles/build.yaml:1048576:1048576"), "%s", origin);
}

/* @text again and again behind @head, up to the largest size. */
static char *fill(const char *head, const char *text)
{
    char *all = malloc(PROFILE_MAX_SIZE + 1);
    size_t used = strlen(head);

    cr_assert_not_null(all);
    memcpy(all, head, used);
    for (; used + strlen(text) <= PROFILE_MAX_SIZE; used += strlen(text))
        memcpy(all + used, text, strlen(text));
    all[used] = '\0';
    return all;
}

Test(profile_read, size)
{
    char *text = fill(HEAD "#", "x");
    struct trial trial;

    cr_assert_eq(strlen(text), PROFILE_MAX_SIZE);
    expect(text, "");
    free(text);
    text = calloc(PROFILE_MAX_SIZE + 2, 1);
    cr_assert_not_null(text);
    memset(text, '#', PROFILE_MAX_SIZE + 1);
    read_text(&trial, text);
    cr_expect_str_eq(told(&trial), "0:0: the file is larger than 1 MiB\n");
    arena_free(trial.arena);
    free(text);
}

Test(profile_read, depth)
{
    static const struct wrong cases[] = {
        {HEAD "a: [[[[[[[]]]]]]]\n", "2:1: unknown key 'a'\n"},
        {HEAD "a: [[[[[[[[]]]]]]]]\n", "2:11: lists and mappings are nested too deeply\n"},
        {"- - - - - - - - - a\n", "1:17: lists and mappings are nested too deeply\n"},
        /* the deepest that a profile has use for */
        {HEAD "remove: {filesystem: {ro: [{path: /a, when: {exists: [/b]}}]}}\n", ""},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        expect(cases[i].text, cases[i].problems);
}

/* A megabyte of what takes long where something is quadratic: minutes, then. */
Test(profile_read, no_text_takes_long, .timeout = 120)
{
    static const struct {
        const char *head, *text;
    } cases[] = {
        {"", "["},
        {"", "{"},
        {"", "\""},
        {"", "'"},
        {"", "- "},
        {"", "? "},
        {"", "a: \n"},
        {"", ":"},
        {"", "&"},
        {"", "!"},
        {"", "*a "},
        {"", "[ a\n"},
        {"", "- &a b\n"},
        {"", "- *a\n"},
        {"", "\t"},
        {"[", "a,"},
        {"[", "a\n,"},
        {"[", "a: b,"},
        {"\"", "\\"},
        {"", "%TAG ! x\n"},
        {HEAD "...\n", "%TAG ! x\n"},
        {HEAD, "---\n"},
        {"a: |\n", " \n"},
        {FS "  ro: ", "a"},
        {FS "  ro: ", "$$"},
        {HEAD "environment:\n  env: A=", "${HOME}"},
        {FS "  ro:\n", "  - a\n"},
        {HEAD "match:\n", "- a\n"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char *text = fill(cases[i].head, cases[i].text);
        struct trial trial;

        read_text(&trial, text);
        cr_expect(trial.r == 0 || trial.r == -EINVAL, "%s", cases[i].text);
        cr_expect_eq(trial.r == 0, trial.problems.count == 0, "%s", cases[i].text);
        arena_free(trial.arena);
        free(text);
    }
}

Test(profile_read, a_hundred_thousand_keys, .timeout = 120)
{
    char *text = malloc(PROFILE_MAX_SIZE + 16);
    size_t used = 0;
    struct trial trial;

    cr_assert_not_null(text);
    for (unsigned i = 0; used + 8 < PROFILE_MAX_SIZE; i++)
        used += (size_t)sprintf(text + used, "%x:\n", i);
    read_text(&trial, text);
    cr_expect_eq(trial.problems.count, 51);
    cr_expect_str_eq(trial.problems.items[50].message, "950 or more problems");
    arena_free(trial.arena);
    used = (size_t)sprintf(text, HEAD "match:\n");
    for (unsigned i = 0; used + 12 < PROFILE_MAX_SIZE; i++)
        used += (size_t)sprintf(text + used, "- %x\n", i);
    used += (size_t)sprintf(text + used, "- 0\n");
    read_text(&trial, text);
    cr_assert_eq(trial.problems.count, 1);
    cr_expect_str_eq(trial.problems.items[0].message, "'0' is there twice");
    arena_free(trial.arena);
    free(text);
}

Test(profile_read, many_problems)
{
    static const unsigned counts[] = {49, 50, 51, 999};

    for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
        char text[16384] = HEAD;
        size_t used = strlen(text);
        unsigned shown = counts[i] < 50 ? counts[i] : 50;
        struct trial trial;

        for (unsigned k = 0; k < counts[i]; k++)
            used += (size_t)snprintf(text + used, sizeof(text) - used, "zz%u: a\n", k);
        read_text(&trial, text);
        cr_assert_eq(trial.problems.count, shown + (counts[i] > 50), "%zu", trial.problems.count);
        for (unsigned k = 0; k < shown; k++)
            cr_expect_eq(trial.problems.items[k].mark.line, k + 2);
        if (counts[i] > 50)
            cr_expect_str_eq(trial.problems.items[50].message,
                             arena_printf(trial.arena, "%u more problems", counts[i] - 50));
        arena_free(trial.arena);
    }
}

/* Problems of one file stand behind those of another. */
Test(profile_read, problems_are_appended)
{
    struct trial trial;
    struct profile profile;

    read_text(&trial, "sbx: 2\n");
    cr_expect_eq(
        profile_read(trial.arena, "y", "y", "y", "sbx: 3\n", 7, &profile, &trial.problems, NULL),
        -EINVAL);
    cr_assert_eq(trial.problems.count, 2);
    cr_expect_str_eq(trial.problems.items[0].file, "/p/x.yaml");
    cr_expect_str_eq(trial.problems.items[1].file, "y");
    arena_free(trial.arena);
}
