/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pattern.h"

#include "base/cleanup.h"

#include <criterion/criterion.h>
#include <fnmatch.h>
#include <string.h>

static bool fits(const char *pattern, const char *name)
{
    return pattern_fits(pattern, strlen(pattern), name);
}

Test(pattern, what_fits)
{
    const struct {
        const char *pattern;
        const char *name;
        bool fits;
    } rows[] = {
        {"abc", "abc", true},
        {"abc", "abcd", false},
        {"abc", "ab", false},
        {"*", "abc", true},
        {"*", "", true},
        {"", "", true},
        {"", "a", false},
        {"*.key", "a.key", true},
        {"*.key", "a.key.pub", false},
        {"*.key", ".key", false},
        {".*", ".key", true},
        {"\\.*", ".key", true},
        {"?key", ".key", false},
        {"[.]key", ".key", false},
        {"a*", "a.b", true},
        {"a*b*c", "aXbYbZc", true},
        {"a*b*c", "aXbYbZ", false},
        {"*aab", "aaab", true},
        {"*?", "", false},
        {"a?c", "abc", true},
        {"a?c", "a\303\274c", true},   /* one character of two bytes */
        {"a??c", "a\303\274c", false}, /* and not two */
        {"a?c", "a\374c", true},       /* a byte that is no character */
        {"a?c", "a\303", false},       /* a cut one */
        {"[\303\244-\303\274]", "\303\266", true},
        {"[\303\244-\303\274]", "\303\275", false},
        {"[abc]x", "bx", true},
        {"[abc]x", "dx", false},
        {"[a-c]", "b", true},
        {"[a-c]", "B", false},
        {"[!a-c]", "b", false},
        {"[!a-c]", "d", true},
        {"[^a-c]", "d", true},
        {"[]a]", "]", true},
        {"[!]a]", "]", false},
        {"[!]a]", "b", true},
        {"[a-]", "-", true},
        {"[-a]", "-", true},
        {"[\\]]", "]", true},
        {"[[:digit:]x]", "7", true},
        {"[[:digit:]x]", "x", true},
        {"[[:digit:]x]", "y", false},
        {"[[:nonsense:]]", "n", false},
        {"[a", "[a", true}, /* without its end it stands for itself */
        {"[a", "a", false},
        {"\\*", "*", true},
        {"\\*", "a", false},
        {"\\", "\\", true},
        {"[*]", "*", true},
        {"[*]", "a", false},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        cr_expect_eq(fits(rows[i].pattern, rows[i].name), rows[i].fits, "%s %s", rows[i].pattern,
                     rows[i].name);
}

/* Every short pattern against every short name: the C library is the other opinion. */
Test(pattern, agrees_with_fnmatch)
{
    static const char letters[] = "ab.*?[]!-";
    const size_t count = sizeof(letters) - 1;
    char pattern[5] = "";
    unsigned compared = 0;
    static const char *const names[] = {"a", "b", "ab", "ba", ".", ".a", "a.", "aab", "-", "[a]"};

    for (size_t n = 0; n < count * count * count * count; n++) {
        size_t rest = n;

        for (size_t i = 0; i < 4; i++, rest /= count)
            pattern[i] = letters[rest % count];
        for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
            bool other = fnmatch(pattern, names[i], FNM_PERIOD) == 0;

            cr_assert_eq(fits(pattern, names[i]), other, "%s %s: not %d", pattern, names[i],
                         !other);
            compared++;
        }
    }
    cr_expect_eq(compared, 65610);
}

Test(pattern, each_class_is_that_of_ascii)
{
    static const char *const classes[] = {"alnum", "alpha", "blank", "cntrl", "digit", "graph",
                                          "lower", "print", "punct", "space", "upper", "xdigit"};

    for (size_t i = 0; i < ARRAY_SIZE(classes); i++)
        for (int c = 1; c < 128; c++) {
            char pattern[32];
            const char name[] = {(char)c, '\0'};

            if (c == '.')
                continue;
            snprintf(pattern, sizeof(pattern), "[[:%s:]]", classes[i]);
            cr_expect_eq(fits(pattern, name), fnmatch(pattern, name, 0) == 0, "%s %d", classes[i],
                         c);
        }
}

Test(pattern, many_stars_take_no_time)
{
    char name[256];

    memset(name, 'a', 255);
    name[255] = '\0';
    cr_expect_not(fits("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", name));
}

Test(pattern, what_stands_for_one_name)
{
    const struct {
        const char *pattern;
        const char *name; /* NULL: for several */
    } rows[] = {
        {"abc", "abc"}, {"[*]", "*"},   {"a[?]b[[]", "a?b["}, {"\\*\\\\", "*\\"}, {"[a", "[a"},
        {"a*", NULL},   {"[ab]", NULL}, {"?", NULL},          {"[*]*", NULL},     {"a]", "a]"},
        {"", ""},       {"a\\", "a\\"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char name[32] = "untouched";
        bool literal = pattern_is_literal(rows[i].pattern, strlen(rows[i].pattern), name);

        cr_expect_eq(literal, rows[i].name != NULL, "%s", rows[i].pattern);
        if (literal && rows[i].name != NULL)
            cr_expect_str_eq(name, rows[i].name);
    }
}
