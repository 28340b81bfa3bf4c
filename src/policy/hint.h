/* SPDX-License-Identifier: Apache-2.0 */
/* What to do about a failure: what the host has in the way (diagnosis.h), or what was asked for. */
#ifndef POLICY_HINT_H
#define POLICY_HINT_H

#include "base/error.h"

#include <stdbool.h>

/**
 * The hint for a step or operation @operation that failed with @number (errno) on a host with
 * @faults (enum host_fault), or NULL where nothing is known.  Constant text.  Pure.
 */
const char *hint_find(const char *operation, int number, unsigned faults);

/**
 * What to do where hint_find() knows nothing: what @number (errno) means in general.  NULL only
 * where it is 0.  Constant text.  Pure.
 */
const char *hint_general(int number);

/**
 * Is all that hint_find() knows of such a failure that some system call was refused?  Then the
 * names of those that are make a better hint (kernel/refused_calls.h).  Pure.
 */
bool hint_wants_calls(const char *operation, int number, unsigned faults);

/** Write the hint for calls that are missing on a host with @faults, by their @names.  Pure. */
void hint_of_calls(const char *names, unsigned faults, char *ret_hint, size_t size);

#endif
