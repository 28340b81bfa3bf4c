/* SPDX-License-Identifier: Apache-2.0 */
/* What --root means: who the command is in the tree, and where it starts. */
#ifndef POLICY_TREE_H
#define POLICY_TREE_H

#include "policy/plan.h"

/** Where programs are looked for in a tree. */
#define TREE_SEARCH_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

struct tree_account {
    const char *user; /* NULL: it has no name */
    const char *home; /* absolute; "/" where it has none */
    const char *shell;
    bool is_added;        /* the tree doesn't know it: its line has to be added */
    bool home_is_private; /* it gets an empty home, whether the tree has it or not */
};

/** The account of the command's uid, by the tree or else by the host.  Pure. */
struct tree_account tree_account(const struct spec *spec, const struct host *host);

/**
 * Can the tree be a root?  Returns 0, or -EINVAL with a usage error where it is no directory, or
 * where /proc, /sys or /dev are something else in it.  Pure.
 */
int tree_check(const struct spec *spec, const struct host *host, struct sbx_error *err);

/**
 * Where the command starts: --cd, or the place at which the view shows the caller's directory, or
 * "/".  In @arena; NULL out of memory.  Pure.
 */
const char *tree_workdir(struct arena *arena, const struct spec *spec, const struct host *host);

#endif
