/* SPDX-License-Identifier: Apache-2.0 */
/* What nobody asks for by name and every run needs. */
#ifndef POLICY_IMPLIED_H
#define POLICY_IMPLIED_H

#include "policy/resolve_context.h"

/** Copies of /etc/passwd and /etc/hosts with a line more, where one is missing. 0 or -errno. */
int implied_add_files(struct resolve_context *context);

/**
 * Put back, read-only, what a run needs of the places that are private or hidden by now: the
 * working directory, the directories of PATH, the command's files, with a network resolv.conf.
 * Returns 0, -EINVAL where the working directory leads out of a writable place, or -ENOMEM.
 */
int implied_add_grants(struct resolve_context *context);

#endif
