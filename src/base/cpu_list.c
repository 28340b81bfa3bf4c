/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cpu_list.h"

#include "base/cleanup.h"

#include <errno.h>

static int read_number(const char **cursor, unsigned *ret_number)
{
    const char *text = *cursor;
    unsigned number = 0;

    if (*text < '0' || *text > '9')
        return -EINVAL;
    for (; *text >= '0' && *text <= '9'; text++) {
        number = number * 10 + (unsigned)(*text - '0');
        if (number >= CPU_LIST_MAX)
            return -ERANGE;
    }
    *cursor = text;
    *ret_number = number;
    return 0;
}

int cpu_list_parse(const char *text, struct cpu_list *ret_list)
{
    struct cpu_list list = {0};

    for (;;) {
        unsigned first;
        unsigned last;
        int r = read_number(&text, &first);

        if (r < 0)
            return r;
        last = first;
        if (*text == '-') {
            text++;
            r = read_number(&text, &last);
        }
        if (r < 0 || last < first)
            return r < 0 ? r : -EINVAL;
        for (unsigned cpu = first; cpu <= last; cpu++)
            list.bits[cpu / 64] |= UINT64_C(1) << (cpu % 64);
        if (*text != ',')
            break;
        text++;
    }
    if (text[0] == '\n')
        text++;
    if (text[0] != '\0')
        return -EINVAL;
    *ret_list = list;
    return 0;
}

bool cpu_list_is_within(const struct cpu_list *list, const struct cpu_list *all)
{
    for (unsigned i = 0; i < ARRAY_SIZE(list->bits); i++)
        if ((list->bits[i] & ~all->bits[i]) != 0)
            return false;
    return true;
}
