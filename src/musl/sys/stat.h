/* SPDX-License-Identifier: Apache-2.0 */
/* What glibc's header declares and musl's does not: statx(2). */
#ifndef MUSL_SYS_STAT_H
#define MUSL_SYS_STAT_H

#include_next <sys/stat.h>

#include <linux/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline int statx(int directory, const char *path, int flags, unsigned mask,
                        struct statx *result)
{
    return (int)syscall(SYS_statx, directory, path, flags, mask, result);
}

#endif
