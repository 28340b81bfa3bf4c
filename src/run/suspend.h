/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUN_SUSPEND_H
#define RUN_SUSPEND_H

#include <stdbool.h>

/**
 * Stop as a job of the caller's shell does, by @signal, until SIGCONT or until the time of the
 * timerfd @timer is over; negative: no time.  SIGCONT is blocked.  With @whole_job the caller's
 * process group stops too.  Returns whether there was a stop: an orphaned process group has none,
 * see setpgid(2).
 */
bool suspend_self(int signal, bool whole_job, int timer);

#endif
