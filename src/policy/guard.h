/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stays read-only inside whatever is granted: the directories that profiles are read from, the
 * files that links in them lead to, and a file that --profile named.  Who can write there decides
 * what the next run may do.
 *
 * Theory of operation.  Where a writable bind shows such a directory, by whichever name, a
 * read-only bind of it lies over it.
 *  - A directory above a mount point can be renamed, with the mount point: every one that lies in a
 *    writable bind is a mount point itself (view_pin()), which cannot be renamed or removed, by any
 *    name of the same directory.
 *  - A directory that is missing could be made by the command.  It is made before the view is,
 *    as the caller (STEP_HOST_DIRECTORY).  Where the caller has no right to, the command, which
 *    has none more, can't either.
 *  - A symbolic link on the way can be replaced where it lies in a writable bind, and a link can't
 *    be a mount point: then nothing is run.  So where a file is in the place of a directory.
 */
#ifndef POLICY_GUARD_H
#define POLICY_GUARD_H

#include "policy/resolve_context.h"

/**
 * Guard host.profile_directories in the pruned view, and append the steps that make missing
 * directories to @plan.  Returns 0, -EINVAL with a usage error where one of them was granted
 * writable or can't be guarded, or -ENOMEM.
 */
int guard_profiles(struct resolve_context *context, struct plan *plan);

/** Say in the plan's notices what was to be guarded and is missing where the command can make it.
 *  0 or -ENOMEM. */
int guard_notices(struct resolve_context *context, struct plan *plan);

/**
 * Refuse what is to stay read-only by a name that is a link in a writable directory.  0, -EINVAL
 * with a usage error, or -ENOMEM.
 */
int guard_links(struct resolve_context *context);

/**
 * Hide the register of running sandboxes (run/register.h) wherever a bind shows it.  What it holds
 * while the command runs is not known yet, and who can write to it could pose as a sandbox.
 * Returns 0, -EINVAL with a usage error where an option asks for it, or -ENOMEM.
 */
int guard_register(struct resolve_context *context);

#endif
