/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of checkup_probe(), one file each. */
#ifndef KERNEL_CHECKUP_INTERNAL_H
#define KERNEL_CHECKUP_INTERNAL_H

#include "kernel/checkup.h"

/** What an attempt is given: it runs after a clone, and may make system calls only. */
struct attempt_context {
    int procfs;              /* that was made before the user namespace, or negative */
    const char *manager;     /* the socket of the user's service manager */
    struct attempt *attempt; /* to fill: reason, value, writable */
};

/* Each returns 0 or a negative errno. */
int attempt_nothing(const struct attempt_context *context);
int attempt_mirror(const struct attempt_context *context);
int attempt_procfs(const struct attempt_context *context);
int attempt_devpts(const struct attempt_context *context);
int attempt_sysfs(const struct attempt_context *context);
int attempt_overlay(const struct attempt_context *context);
int attempt_pid_max(const struct attempt_context *context);
int attempt_seccomp(const struct attempt_context *context);
int attempt_notifications(const struct attempt_context *context);
int attempt_landlock(const struct attempt_context *context);
int attempt_tun(const struct attempt_context *context);
int attempt_systemd(const struct attempt_context *context);

/** Add what is to be read: limits, cgroup, subordinate ids, programs. 0 or -ENOMEM. */
int checkup_read(struct arena *arena, const struct host *host, struct checkup *checkup);

#endif
