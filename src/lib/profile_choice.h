/* SPDX-License-Identifier: Apache-2.0 */
/* Which profile a command gets where none is named. */
#ifndef LIB_PROFILE_CHOICE_H
#define LIB_PROFILE_CHOICE_H

#include "kernel/command_trust.h"
#include "lib/profile_chain.h"

/**
 * The profile whose `match` has the name of @search's command, or `default`.  @workdir is the
 * directory that the command will start in (--cd), or NULL for the caller's: relative names are
 * looked up there.  *@ret_reason says why, in the finder's arena.  Returns as
 * profile_chain_by_name() does.
 */
int profile_chain_by_command(struct profile_finder *finder, const struct command_search *search,
                             const char *workdir, struct profile_chain *ret_chain,
                             const char **ret_reason);

#endif
