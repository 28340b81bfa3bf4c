/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The index of the shipped profiles: which profile has a program in its `match`.
 *
 * A run has to know whether there is a profile for its command.  To read each shipped profile for
 * that would be most of what a run costs, so the build writes the answers down (src/tools/
 * profilegen.c): lines "PROGRAM PROFILE", in the order of the programs' bytes.  The index only says
 * where to look; what the profile itself says counts.
 */
#ifndef KERNEL_PROFILE_INDEX_H
#define KERNEL_PROFILE_INDEX_H

#include "kernel/profile_files.h"

/** The index's name in the directory of the profiles. */
extern const char profile_index_name[];

/**
 * The name of the profile that @directory's index has for @program, in @reader's arena; NULL where
 * the index has none.  Returns 0; -ENOENT where there is no index (the profiles have to be read
 * then); or another negative errno with @err filled, such as -EPERM where others could have written
 * it.
 */
int profile_index_find(struct profile_reader *reader, const struct profile_directory *directory,
                       const char *program, const char **ret_name, struct sbx_error *err);

#endif
