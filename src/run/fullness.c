/* SPDX-License-Identifier: Apache-2.0 */
#include "run/fullness.h"

#include "run/limits.h"

#include <stdio.h>
#include <sys/vfs.h>
#include <unistd.h>

void fullness_add(struct fullness *fullness, int fd, uint32_t step)
{
    if (fullness->count == FULLNESS_MAX) {
        close(fd);
        return;
    }
    fullness->items[fullness->count].fd = fd;
    fullness->items[fullness->count++].step = step;
}

void fullness_end(struct fullness *fullness, const struct plan *plan, struct sbx_report *report)
{
    for (size_t i = 0; i < fullness->count; i++) {
        uint32_t step = fullness->items[i].step;
        char name[sizeof(report->limits[0].name)];
        struct statfs status;

        if (step < plan->steps.count && fstatfs(fullness->items[i].fd, &status) == 0) {
            snprintf(name, sizeof(name), "tmpfs:%s", plan->steps.items[step].target);
            limits_add(report, name, "tmpfs", status.f_bfree == 0 || status.f_ffree == 0);
        }
        close(fullness->items[i].fd);
    }
    fullness->count = 0;
}
