/* SPDX-License-Identifier: Apache-2.0 */
/* System calls that are missing for a whole launch, by a filter around sbx: as on an older kernel
 * (ENOSYS), or under a container manager that refuses what it doesn't know (EPERM). */
#ifndef OFF_H
#define OFF_H

#include "judge.h"

#include <linux/filter.h>

#define OFF_ERRNO_COUNT 2

extern const int off_errnos[OFF_ERRNO_COUNT]; /* ENOSYS, EPERM */

/** A call, or all calls that came after a kernel, and what then has to become of a launch. */
struct off_row {
    const char *name;
    long nr;
    enum verdict expected[OFF_ERRNO_COUNT]; /* by off_errnos */
    const char *except; /* NULL, or the kind of launch of which something else is expected */
    enum verdict instead[OFF_ERRNO_COUNT];
    bool later; /* and every call with a higher number is missing: it is newer */
};

extern const struct off_row off_rows[];
extern const size_t off_count;

/** A filter, and room for its code. */
struct off_filter {
    struct sock_filter code[4];
    struct sock_fprog program;
};

struct fault_case off_case(unsigned row, int number);

/** What has to become of a launch of that kind. */
enum verdict off_expected(const struct fault_case *which, const char *variant);

/** Does @text, which sbx said where a launch is closed, name what is missing?  Of several that are,
 * it may have got to one only. */
bool off_is_named(const struct fault_case *which, const char *text);

/** Has the call number @nr, where it is one that not every kernel has, a row? */
bool off_knows(long nr);

/** The filter of @which.  NULL: one that lets every call pass, for the launch that it is compared
 * with. */
void off_fill(struct off_filter *filter, const struct fault_case *which);

#endif
