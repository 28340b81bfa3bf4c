/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of processors as the kernel writes them: "0-3,5", see cpuset(7). */
#ifndef BASE_CPU_LIST_H
#define BASE_CPU_LIST_H

#include <stdbool.h>
#include <stdint.h>

#define CPU_LIST_MAX 8192 /* the most processors that a kernel can be built for */

struct cpu_list {
    uint64_t bits[CPU_LIST_MAX / 64];
};

/**
 * Parse @text, numbers and ranges with commas between them and nothing else, a newline at the end
 * perhaps.  Returns 0; -EINVAL for another form, an empty list or an empty range; -ERANGE for a
 * number past CPU_LIST_MAX.
 */
int cpu_list_parse(const char *text, struct cpu_list *ret_list);

/** Is every processor of @list in @all? */
bool cpu_list_is_within(const struct cpu_list *list, const struct cpu_list *all);

#endif
