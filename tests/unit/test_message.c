/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/message.h"

#include "base/cleanup.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

Test(message, escapes_what_could_steer_a_terminal)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"plain text", "plain text"},
        {"", ""},
        {"two\nlines", "two\\nlines"},
        {"\x1b[2J", "\\x1b[2J"},
        {"a\tb\rc", "a\\tb\\x0dc"},
        {"\x7f", "\\x7f"},
        {"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
        {"\xe2\x82\xac \xf0\x9f\x99\x82", "\xe2\x82\xac \xf0\x9f\x99\x82"},
        {"\xc2\x9b[1m", "\\u009b[1m"}, /* CSI of ISO 6429, as UTF-8 */
        {"\x9b[1m", "\\x9b[1m"},       /* and as a byte */
        {"\xe2\x80\xae"
         "abc",
         "\\u202eabc"},                               /* right-to-left override */
        {"\xe2\x80\xa8", "\\u2028"},                  /* line separator */
        {"\xc3", "\\xc3"},                            /* cut */
        {"\xe2\x82", "\\xe2\\x82"},                   /* cut */
        {"\xc0\xaf", "\\xc0\\xaf"},                   /* overlong */
        {"\xe0\x80\x8a", "\\xe0\\x80\\x8a"},          /* overlong newline */
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"},          /* surrogate */
        {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"}, /* past the last character */
        {"\xff\xfe", "\\xff\\xfe"},
        {"a\\b", "a\\b"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char buffer[64];
        size_t length = message_escape(buffer, sizeof(buffer), cases[i].text);

        cr_expect_str_eq(buffer, cases[i].expected, "case %zu gave %s", i, buffer);
        cr_expect_eq(length, strlen(cases[i].expected), "case %zu", i);
    }
}

Test(message, escape_stays_within_its_buffer)
{
    char buffer[16];

    for (size_t size = 1; size <= 8; size++) {
        memset(buffer, 'z', sizeof(buffer));
        message_escape(buffer, size, "\x1b\x1b\x1b");
        cr_expect_lt(strlen(buffer), size);
        cr_expect_eq(strlen(buffer) % 4, 0, "no half of an escape");
        cr_expect_eq(buffer[size], 'z', "size %zu", size);
    }
    cr_expect_eq(message_escape(buffer, 0, "x"), 0);
}

Test(message, formats_all_parts)
{
    char buffer[MESSAGE_MAX];
    struct sbx_error err = {.number = EPERM,
                            .kind = SBX_ERROR_SETUP,
                            .origin = "--rw #2",
                            .message = "can't show /a\nb",
                            .hint = "try /c\x1b[m"};

    message_format(buffer, sizeof(buffer), &err);
    cr_expect_str_eq(buffer, "sbx: --rw #2: can't show /a\\nb: Operation not permitted\n"
                             "hint: try /c\\x1b[m\n");
    err.number = 0;
    err.origin[0] = '\0';
    err.hint[0] = '\0';
    message_format(buffer, sizeof(buffer), &err);
    cr_expect_str_eq(buffer, "sbx: can't show /a\\nb\n");
}

Test(message, the_longest_error_is_two_lines)
{
    char buffer[MESSAGE_MAX];
    struct sbx_error err = {.number = EPERM};
    size_t lines = 0;

    memset(err.origin, '\n', sizeof(err.origin) - 1);
    memset(err.message, '\x1b', sizeof(err.message) - 1);
    memset(err.hint, '\x80', sizeof(err.hint) - 1);
    message_format(buffer, sizeof(buffer), &err);
    for (const char *c = buffer; *c != '\0'; c++)
        lines += *c == '\n';
    cr_expect_eq(lines, 2);
    cr_expect_eq(buffer[strlen(buffer) - 1], '\n');
    cr_expect_not_null(strstr(buffer, "Operation not permitted\nhint: "));
}

Test(message, usage)
{
    struct sbx_error err = {.number = 7, .path = "stale"};

    cr_expect_eq(message_usage(&err, "option 3", "look", "unknown option --%s", "x"), -EINVAL);
    cr_expect_eq(err.kind, SBX_ERROR_USAGE);
    cr_expect_eq(err.number, 0);
    cr_expect_str_empty(err.path);
    cr_expect_str_eq(err.origin, "option 3");
    cr_expect_str_eq(err.message, "unknown option --x");
    cr_expect_str_eq(err.hint, "look");
}
