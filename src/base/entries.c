/* SPDX-License-Identifier: Apache-2.0 */
#include "base/entries.h"

#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

const struct dirent64 *entries_next(struct entries *entries)
{
    const struct dirent64 *entry;

    if (entries->at == entries->size) {
        entries->at = 0;
        entries->size =
            syscall(SYS_getdents64, entries->fd, entries->buffer, sizeof(entries->buffer));
        if (entries->size <= 0) {
            errno = entries->size == 0 ? 0 : errno;
            entries->size = 0;
            return NULL;
        }
    }
    entry = (const struct dirent64 *)(entries->buffer + entries->at);
    entries->at += entry->d_reclen;
    return entry;
}
