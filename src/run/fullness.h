/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of the private directories in memory were full at the end.
 *
 * The kernel tells nobody that a tmpfs has refused something, and when the command has ended the
 * view is gone.  So where a report is wanted, the child hands each of them to the supervisor, who
 * looks at it (fstatfs(2)) when nothing runs any more.
 */
#ifndef RUN_FULLNESS_H
#define RUN_FULLNESS_H

#include "policy/plan.h"

#include <sbx/run.h>

#define FULLNESS_MAX 16

struct fullness {
    struct {
        int fd;
        uint32_t step; /* STEP_TMPFS, index into the plan's steps */
    } items[FULLNESS_MAX];
    size_t count;
};

/** Watch what @step made; takes @fd over.  More than FULLNESS_MAX are let go. */
void fullness_add(struct fullness *fullness, int fd, uint32_t step);

/** Add each as a limit to @report, reached where no byte or no file more fits in, and let go. */
void fullness_end(struct fullness *fullness, const struct plan *plan, struct sbx_report *report);

#endif
