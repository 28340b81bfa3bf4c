/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/kept_files.h"

#include "policy/landlock_abi.h"

#include <string.h>

static bool has_file_to_read(const struct host *host)
{
    for (size_t i = 0; i < host->fds.count; i++) {
        const struct host_fd *fd = &host->fds.items[i];

        if (fd->open && fd->file && !fd->writable)
            return true;
    }
    return false;
}

/* The user's word for a call by which a file can be emptied. */
static bool may_empty(const struct spec *spec)
{
    static const char *const calls[] = {"open", "openat", "openat2", "truncate", "io_uring_setup"};

    for (size_t i = 0; i < spec->syscalls.count; i++)
        for (size_t j = 0; j < sizeof(calls) / sizeof(calls[0]); j++)
            if (spec->syscalls.items[i].allow &&
                strcmp(spec->syscalls.items[i].name, calls[j]) == 0)
                return true;
    return false;
}

bool kept_files_by_filter(const struct spec *spec, const struct host *host)
{
    return spec->seccomp != SPEC_SECCOMP_OFF && !spec->userns && !may_empty(spec) &&
           host->landlock_abi >= LANDLOCK_ABI_USABLE &&
           host->landlock_abi < LANDLOCK_ABI_TRUNCATE && has_file_to_read(host);
}
