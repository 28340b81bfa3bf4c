/* SPDX-License-Identifier: Apache-2.0 */
/* Where what runs is written down: a directory of the caller's own, see file-hierarchy(7). */
#ifndef KERNEL_STATE_DIRECTORY_H
#define KERNEL_STATE_DIRECTORY_H

#include "base/arena.h"

#include <sys/types.h>

/**
 * The caller's runtime directory: @runtime, the value of XDG_RUNTIME_DIR or NULL, else
 * /run/user/UID; *@ret_path is NULL where neither is a directory that is @uid's and that nobody
 * else can write to.  In @arena. 0 or -ENOMEM.
 */
int runtime_directory_find(struct arena *arena, const char *runtime, uid_t uid,
                           const char **ret_path);

/**
 * The path: $XDG_RUNTIME_DIR/sbx, /run/user/UID/sbx, for root /run/sbx, or where there is none of
 * these /tmp/sbx-UID.  @runtime is the variable's value, or NULL; what it names has to be a
 * directory that is @uid's and that nobody else can write to.  In @arena; NULL out of memory.
 */
const char *state_directory_path(struct arena *arena, const char *runtime, uid_t uid);

/**
 * Open @path, and make it first where @make says so.  Returns a close-on-exec descriptor; -EPERM
 * where it isn't the caller's alone (a link, another owner, rights for others); or another negative
 * errno.
 */
int state_directory_open(const char *path, int make);

#endif
