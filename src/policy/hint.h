/* SPDX-License-Identifier: Apache-2.0 */
/* What to do about a failure: what the host has in the way (diagnosis.h), or what was asked for. */
#ifndef POLICY_HINT_H
#define POLICY_HINT_H

#include "base/error.h"

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

#endif
