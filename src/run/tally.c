/* SPDX-License-Identifier: Apache-2.0 */
#include "run/tally.h"

#include "base/error.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

uint64_t tally_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void tally_begin(const struct plan *plan, struct sbx_report *ret_report)
{
    struct sbx_report *report = ret_report;

    *report = (struct sbx_report){.outcome = SBX_OUTCOME_SETUP_FAILED, .exit_code = -1};
    if (plan->name != NULL)
        text_copy(report->name, sizeof(report->name), plan->name);
    if (plan->profile != NULL)
        text_copy(report->profile, sizeof(report->profile), plan->profile);
    for (size_t i = 0; i < plan->degraded.count && i < SBX_REPORT_MAX_DEGRADED; i++)
        text_copy(report->degraded[report->degraded_count++], sizeof(report->degraded[0]),
                  plan->degraded.items[i]);
}

static uint64_t milliseconds_of(const struct timeval *time)
{
    return (uint64_t)time->tv_sec * 1000 + (uint64_t)time->tv_usec / 1000;
}

int tally_reap(pid_t pid, struct sbx_report *report)
{
    struct rusage usage = {0};
    int status = 0;

    while (wait4(pid, &status, 0, &usage) < 0)
        if (errno != EINTR)
            return 0;
    report->user_ms = milliseconds_of(&usage.ru_utime);
    report->system_ms = milliseconds_of(&usage.ru_stime);
    report->peak_process_kb = (uint64_t)usage.ru_maxrss;
    report->switches_voluntary = (uint64_t)usage.ru_nvcsw;
    report->switches_forced = (uint64_t)usage.ru_nivcsw;
    report->read_kb = (uint64_t)usage.ru_inblock / 2; /* blocks of 512 bytes */
    report->written_kb = (uint64_t)usage.ru_oublock / 2;
    return status;
}
