/* SPDX-License-Identifier: Apache-2.0 */
/*
 * User accounts without NSS (a static program must not load its modules): /etc/passwd and
 * /etc/group themselves, and getent(1) for users that only a directory service knows.
 */
#ifndef KERNEL_ACCOUNT_H
#define KERNEL_ACCOUNT_H

#include "base/arena.h"
#include "base/error.h"

#include <stdbool.h>
#include <sys/types.h>

struct account {
    const char *name;
    uid_t uid;
    gid_t gid;
    const char *home;
    const char *shell;
    bool local; /* found in /etc/passwd */
};

/** Find an account by uid, or by name or decimal number. 0, -ENOENT, or another negative errno. */
int account_by_uid(struct arena *arena, uid_t uid, struct account *ret_account);
int account_by_name(struct arena *arena, const char *name, struct account *ret_account);

/**
 * Find the account with @name, or where that is NULL with @uid, in the passwd(5) text @data. 0,
 * -ENOENT or another negative errno.
 */
int account_in_text(struct arena *arena, const char *data, size_t size, const char *name, uid_t uid,
                    struct account *ret_account);

/** The name of group @gid in /etc/group, in @arena, or NULL. */
const char *account_group_name(struct arena *arena, gid_t gid);

/** The supplementary groups of @name by /etc/group, in @arena, @primary first. 0 or -errno. */
int account_groups(struct arena *arena, const char *name, gid_t primary, gid_t **ret_groups,
                   size_t *ret_count);

#endif
