/* SPDX-License-Identifier: Apache-2.0 */
/* The option table itself is in option.c: one row an option. */
#ifndef POLICY_OPTION_H
#define POLICY_OPTION_H

#include <sbx/option.h>

enum option_id {
    OPTION_ROOT,
    OPTION_RO,
    OPTION_RW,
    OPTION_HIDE,
    OPTION_TMPFS,
    OPTION_FILE,
    OPTION_DEV_NODE,
    OPTION_HOME,
    OPTION_PROC,
    OPTION_CD,
    OPTION_NET,
    OPTION_ENV,
    OPTION_ENV_ALL,
    OPTION_HOSTNAME,
    OPTION_UID,
    OPTION_GID,
    OPTION_AS,
    OPTION_USERNS,
    OPTION_SECCOMP,
    OPTION_ALLOW_SYSCALL,
    OPTION_DENY_SYSCALL,
    OPTION_ON_REFUSAL,
    OPTION_KEEP_FD,
    OPTION_PIDS,
    OPTION_MEMORY,
    OPTION_SWAP,
    OPTION_CPUS,
    OPTION_CPUSET,
    OPTION_IO_WEIGHT,
    OPTION_CGROUP_PARENT,
    OPTION_CGROUP,
    OPTION_FILE_SIZE,
    OPTION_MAX_OUTPUT,
    OPTION_OPEN_FILES,
    OPTION_CPU_TIME,
    OPTION_RLIMIT,
    OPTION_TIME,
    OPTION_GRACE,
    OPTION_PROFILE,
    OPTION_DIE_WITH_PARENT,
    OPTION_TTY,
    OPTION_NAME,
    OPTION_REPORT,
    OPTION_REPORT_FORMAT,
    OPTION_ATTEST,
    OPTION_VERBOSE,
    OPTION_QUIET,
    OPTION_COUNT,
};

/** The row of @id, of a long name, or of a letter; NULL where there is none. */
const struct sbx_option *option_by_id(enum option_id id);
const struct sbx_option *option_by_name(const char *name);
const struct sbx_option *option_by_letter(char letter);

/** Does what @option asks for stand on a library? See base/whole.h. */
bool option_needs_whole(const struct sbx_option *option);

#endif
