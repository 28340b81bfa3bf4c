/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/option.h"

#include "base/cleanup.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <string.h>

Test(option, table_is_in_the_order_of_the_ids)
{
    size_t count = 0;
    const struct sbx_option *options = sbx_options(&count);

    cr_assert_eq(count, OPTION_COUNT);
    for (size_t i = 0; i < count; i++) {
        cr_expect_eq(options[i].id, (int)i, "--%s", options[i].name);
        cr_expect_eq(option_by_id((enum option_id)i), &options[i]);
    }
    cr_expect_null(option_by_id(OPTION_COUNT));
}

Test(option, names_and_letters_are_unique)
{
    size_t count;
    const struct sbx_option *options = sbx_options(&count);

    for (size_t i = 0; i < count; i++) {
        for (size_t j = i + 1; j < count; j++) {
            cr_expect_str_neq(options[i].name, options[j].name);
            if (options[i].letter != 0)
                cr_expect_neq(options[i].letter, options[j].letter, "-%c", options[i].letter);
        }
        cr_expect_eq(strspn(options[i].name, "abcdefghijklmnopqrstuvwxyz-"),
                     strlen(options[i].name), "--%s", options[i].name);
        cr_expect(options[i].letter == 0 || isalpha((unsigned char)options[i].letter));
        /* The command line keeps these for itself. */
        cr_expect_neq(options[i].letter, 'h');
        cr_expect_str_neq(options[i].name, "help");
        cr_expect_str_neq(options[i].name, "json");
        cr_expect_str_neq(options[i].name, "version");
    }
}

Test(option, has_all_texts)
{
    size_t count;
    const struct sbx_option *options = sbx_options(&count);

    for (size_t i = 0; i < count; i++) {
        const struct sbx_option *option = &options[i];
        size_t length = strlen(option->summary);

        cr_assert_gt(length, 0, "--%s has no summary", option->name);
        cr_expect_leq(length, 50, "--%s: too long for one line of help", option->name);
        cr_expect_neq(option->summary[length - 1], '.', "--%s", option->name);
        cr_expect(!isupper((unsigned char)option->summary[0]) ||
                      isupper((unsigned char)option->summary[1]),
                  "--%s: a summary starts small", option->name);
        cr_expect_gt(strlen(option->description), 20, "--%s", option->name);
        cr_expect_eq(option->description[strlen(option->description) - 1], '.', "--%s",
                     option->name);
        cr_expect_null(strstr(option->description, "  "), "--%s", option->name);
        cr_expect_eq(option->kind == SBX_VALUE_FLAG, option->value_name == NULL, "--%s",
                     option->name);
        cr_expect(option->kind != SBX_VALUE_CHOICE || option->choices != NULL, "--%s",
                  option->name);
        cr_expect(option->kind != SBX_VALUE_FLAG || !option->repeatable, "--%s", option->name);
    }
}

Test(option, sections_are_contiguous)
{
    static const char *const sections[] = {"filesystem", "network", "environment", "identity",
                                           "lockdown",   "limits",  "run"};
    size_t count, at = 0;
    const struct sbx_option *options = sbx_options(&count);

    for (size_t i = 0; i < count; i++) {
        if (strcmp(options[i].section, sections[at]) != 0)
            at++;
        cr_assert_lt(at, ARRAY_SIZE(sections), "--%s", options[i].name);
        cr_expect_str_eq(options[i].section, sections[at], "--%s", options[i].name);
    }
    cr_expect_eq(at, ARRAY_SIZE(sections) - 1);
}

Test(option, lookup)
{
    cr_expect_eq(option_by_name("rw"), option_by_id(OPTION_RW));
    cr_expect_eq(option_by_name("die-with-parent"), option_by_id(OPTION_DIE_WITH_PARENT));
    cr_expect_null(option_by_name("r"));
    cr_expect_null(option_by_name("rw "));
    cr_expect_null(option_by_name("RW"));
    cr_expect_null(option_by_name(""));
    cr_expect_eq(option_by_letter('w'), option_by_id(OPTION_RW));
    cr_expect_eq(option_by_letter('C'), option_by_id(OPTION_CD));
    cr_expect_eq(option_by_letter('t'), option_by_id(OPTION_TIME));
    cr_expect_null(option_by_letter('Z'));
    cr_expect_null(option_by_letter('\0'));
}

Test(option, what_can_be_repeated)
{
    static const enum option_id repeatable[] = {
        OPTION_RO,           OPTION_RW,       OPTION_HIDE,   OPTION_TMPFS,
        OPTION_FILE,         OPTION_DEV_NODE, OPTION_ENV,    OPTION_ALLOW_SYSCALL,
        OPTION_DENY_SYSCALL, OPTION_KEEP_FD,  OPTION_RLIMIT,
    };
    size_t count, found = 0;
    const struct sbx_option *options = sbx_options(&count);

    for (size_t i = 0; i < ARRAY_SIZE(repeatable); i++)
        cr_expect(options[repeatable[i]].repeatable, "--%s", options[repeatable[i]].name);
    for (size_t i = 0; i < count; i++)
        found += options[i].repeatable;
    cr_expect_eq(found, ARRAY_SIZE(repeatable));
}

Test(option, nearest)
{
    static const struct {
        const char *word, *name;
    } cases[] = {
        {"tme", "time"},
        {"tiem", "time"},
        {"hostnam", "hostname"},
        {"nett", "net"},
        {"rww", "rw"},
        {"env_all", "env-all"},
        {"envall", "env-all"},
        {"tmpsf", "tmpfs"},
        {"keepfd", "keep-fd"},
        {"secomp", "seccomp"},
        {"open-file", "open-files"},
        {"die-wiht-parent", "die-with-parent"},
    };
    static const char *const none[] = {
        "",        "x",
        "xyz",     "profile-directory",
        "storage", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
    size_t count;
    const struct sbx_option *options = sbx_options(&count);

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        const struct sbx_option *nearest = sbx_option_nearest(cases[i].word);

        cr_assert_not_null(nearest, "'%s'", cases[i].word);
        cr_expect_str_eq(nearest->name, cases[i].name, "'%s'", cases[i].word);
    }
    for (size_t i = 0; i < ARRAY_SIZE(none); i++)
        cr_expect_null(sbx_option_nearest(none[i]), "'%s'", none[i]);
    for (size_t i = 0; i < count; i++)
        cr_expect_eq(sbx_option_nearest(options[i].name), &options[i]);
}
