/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Capabilities (capabilities(7)).  libcap-ng works before the clone and says what is to be
 * dropped; the child only makes the system calls.
 */
#ifndef KERNEL_CAPABILITY_H
#define KERNEL_CAPABILITY_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

/** What the child has to do to end with nothing: plain data. */
struct capability_drop {
    uint64_t bounding; /* bit n: drop capability n from the bounding set */
};

/** Find the running kernel's capabilities. Returns 0 or a negative errno. */
int capability_prepare(struct capability_drop *ret_drop, struct sbx_error *err);

/** Does the calling thread have @capability (CAP_*) in its effective set? */
bool capability_is_effective(unsigned capability);

/**
 * Empty the bounding, ambient, inheritable, permitted and effective sets of the calling thread and
 * lock the securebits.  Needs CAP_SETPCAP; allocates nothing.  Returns 0 or a negative errno.
 */
int capability_drop_all(const struct capability_drop *drop);

#endif
