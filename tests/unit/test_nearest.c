/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/nearest.h"

#include <criterion/criterion.h>
#include <string.h>

Test(nearest, distance)
{
    static const struct {
        const char *left;
        const char *right;
        unsigned distance;
    } cases[] = {
        {"", "", 0},
        {"", "abc", 3},
        {"same", "same", 0},
        {"filesytem", "filesystem", 1}, /* one left out */
        {"filessystem", "filesystem", 1},
        {"filesysten", "filesystem", 1},
        {"fielsystem", "filesystem", 1}, /* two neighbours swapped */
        {"ab", "ba", 1},
        {"ca", "abc", 3}, /* restricted: no letter is moved twice */
        {"kitten", "sitting", 3},
        {"net", "ro", 3},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_expect_eq(word_distance(cases[i].left, cases[i].right), cases[i].distance, "%s %s: %u",
                     cases[i].left, cases[i].right, word_distance(cases[i].left, cases[i].right));
        cr_expect_eq(word_distance(cases[i].right, cases[i].left), cases[i].distance, "%s %s",
                     cases[i].right, cases[i].left);
    }
}

/* What is longer than any known word is far from all of them, and fits no table. */
Test(nearest, long_words)
{
    char word[1000];

    memset(word, 'a', sizeof(word) - 1);
    word[sizeof(word) - 1] = '\0';
    cr_expect_geq(word_distance(word, "aaa"), 24U);
    cr_expect_geq(word_distance("aaa", word), 24U);
    for (size_t length = 20; length < 30; length++) {
        word[length] = '\0';
        cr_expect_geq(word_distance(word, "b"), length < 24 ? (unsigned)length : 24U);
        word[length] = 'a';
    }
}

Test(nearest, the_nearest_of_a_list)
{
    static const char *const words[] = {"filesystem", "network", "limits", "ro",
                                        "rw",         "net",     "netns",  NULL};
    static const char *const none[] = {NULL};

    cr_expect_str_eq(nearest_word("filesytem", words), "filesystem");
    cr_expect_str_eq(nearest_word("limit", words), "limits");
    cr_expect_str_eq(nearest_word("netwrok", words), "network");
    cr_expect_str_eq(nearest_word("nets", words), "net", "of two the first");
    cr_expect_str_eq(nearest_word("rx", words), "ro");
    cr_expect_str_eq(nearest_word("network", words), "network");
    cr_expect_null(nearest_word("bandwidth", words));
    cr_expect_null(nearest_word("xy", words), "nothing of it is left");
    cr_expect_null(nearest_word("", words));
    cr_expect_null(nearest_word("net", none));
}

/* A short word is near only if most of its letters stay. */
Test(nearest, near_enough)
{
    cr_expect(word_is_near(0, "ro"));
    cr_expect(word_is_near(1, "ro"));
    cr_expect_not(word_is_near(2, "ro"));
    cr_expect_not(word_is_near(2, "net"));
    cr_expect(word_is_near(2, "pids-"));
    cr_expect(word_is_near(2, "limits"));
    cr_expect_not(word_is_near(3, "filesystem"));
}
