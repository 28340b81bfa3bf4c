/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers and lists of processors as options have them. */
#include "policy/value.h"

#include "base/cleanup.h"

#include <criterion/criterion.h>
#include <string.h>

Test(value_cpu, numbers)
{
    static const struct {
        const char *text;
        uint64_t hundredths;
    } rows[] = {
        {"1", 100},     {"0.5", 50},  {"0.01", 1},  {"1.50", 150},
        {"2.250", 225}, {"007", 700}, {"64", 6400}, {"8191.99", 819199},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct sbx_error err = {0};
        uint64_t value = 0;

        cr_expect_eq(value_cpus(rows[i].text, "--cpus", &value, &err), 0, "%s: %s", rows[i].text,
                     err.message);
        cr_expect_eq(value, rows[i].hundredths, "%s", rows[i].text);
    }
}

Test(value_cpu, what_is_no_number)
{
    static const struct {
        const char *text;
        const char *says;
    } rows[] = {
        {"", "not a number of"},
        {".5", "not a number of"},
        {"1.", "not a number of"},
        {"1.5.2", "not a number of"},
        {"-1", "not a number of"},
        {"1e3", "not a number of"},
        {"1,5", "not a number of"},
        {"2 ", "not a number of"},
        {"50%", "not a number of"},
        {"0", "no processor"},
        {"0.00", "no processor"},
        {"0.001", "finer"},
        {"1.0000000001", "finer"},
        {"8192", "more than any"},
        {"99999999999999999999999", "more than any"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct sbx_error err = {0};
        uint64_t value = 42;

        cr_expect_eq(value_cpus(rows[i].text, "--cpus", &value, &err), -EINVAL, "%s", rows[i].text);
        cr_expect_not_null(strstr(err.message, rows[i].says), "%s: %s", rows[i].text, err.message);
        cr_expect_str_not_empty(err.hint, "%s", rows[i].text);
        cr_expect_str_eq(err.origin, "--cpus");
        cr_expect_eq(value, 42);
    }
}

Test(value_cpu, lists)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    static const char *const bad[] = {"", "all", "3-1", "1,", "0-99999", "0\n", "1 2"};
    const char *list = NULL;
    char text[] = "0-3,5";

    cr_assert_eq(value_cpu_list(arena, text, "--cpuset", &list, NULL), 0);
    text[0] = 'x';
    cr_expect_str_eq(list, "0-3,5", "not a copy");
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        struct sbx_error err = {0};

        cr_expect_eq(value_cpu_list(arena, bad[i], "--cpuset", &list, &err), -EINVAL, "%s", bad[i]);
        cr_expect_str_not_empty(err.hint, "%s", bad[i]);
        cr_expect_str_eq(err.origin, "--cpuset");
    }
}
