/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cpu_list.h"

#include "base/cleanup.h"

#include <criterion/criterion.h>

static bool has(const struct cpu_list *list, unsigned cpu)
{
    return (list->bits[cpu / 64] >> (cpu % 64) & 1) != 0;
}

Test(cpu_list, numbers_and_ranges)
{
    struct cpu_list list;

    cr_assert_eq(cpu_list_parse("0-2,63-64,8191\n", &list), 0);
    for (unsigned cpu = 0; cpu < CPU_LIST_MAX; cpu++)
        cr_expect_eq(has(&list, cpu), cpu <= 2 || cpu == 63 || cpu == 64 || cpu == 8191, "%u", cpu);
    cr_assert_eq(cpu_list_parse("7-7,7", &list), 0);
    cr_expect(has(&list, 7));
}

Test(cpu_list, what_is_none)
{
    static const struct {
        const char *text;
        int result;
    } rows[] = {
        {"", -EINVAL},
        {"\n", -EINVAL},
        {",", -EINVAL},
        {"1,", -EINVAL},
        {",1", -EINVAL},
        {"1,,2", -EINVAL},
        {"-1", -EINVAL},
        {"1-", -EINVAL},
        {"3-1", -EINVAL},
        {"1-2-3", -EINVAL},
        {" 1", -EINVAL},
        {"1 ", -EINVAL},
        {"1\n\n", -EINVAL},
        {"0x1", -EINVAL},
        {"1-3:1/2", -EINVAL},
        {"+1", -EINVAL},
        {"8192", -ERANGE},
        {"0-8192", -ERANGE},
        {"99999999999999999999", -ERANGE},
    };
    struct cpu_list list = {.bits = {42}};

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        cr_expect_eq(cpu_list_parse(rows[i].text, &list), rows[i].result, "'%s'", rows[i].text);
    cr_expect_eq(list.bits[0], 42, "written where there was an error");
}

Test(cpu_list, within)
{
    struct cpu_list some;
    struct cpu_list all;

    cr_assert_eq(cpu_list_parse("1,100", &some), 0);
    cr_assert_eq(cpu_list_parse("0-100", &all), 0);
    cr_expect(cpu_list_is_within(&some, &all));
    cr_expect(cpu_list_is_within(&all, &all));
    cr_expect_not(cpu_list_is_within(&all, &some));
}
