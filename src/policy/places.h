/* SPDX-License-Identifier: Apache-2.0 */
/* Where the host shows one and the same file or directory, by its mount table. */
#ifndef POLICY_PLACES_H
#define POLICY_PLACES_H

#include "kernel/host.h"

/**
 * Every place of the host where the canonical @path shows, itself first, and every place where a
 * part of it does.  @path may be missing, as long as nothing of it is a link: then it is where it
 * would show.  0 or -ENOMEM.
 */
int places_find(struct arena *arena, const struct host_mounts *mounts, const char *path,
                struct host_strings *ret_places);

#endif
