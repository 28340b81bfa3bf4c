/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Capabilities (capabilities(7)).  What is to be dropped is found out before the clone; the child
 * only makes the system calls.
 */
#ifndef KERNEL_CAPABILITY_H
#define KERNEL_CAPABILITY_H

#include "base/error.h"

#include <linux/securebits.h>
#include <stdbool.h>
#include <stdint.h>

/** What capability_drop_all() leaves: uid 0 means nothing, and that is locked. */
#define CAPABILITY_SECUREBITS                                                                      \
    (SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |                               \
     SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE |       \
     SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED)

/** What the child has to do to end with nothing: plain data. */
struct capability_drop {
    uint64_t bounding; /* bit n: drop capability n from the bounding set */
};

/** Find the running kernel's capabilities. Returns 0 or a negative errno. */
int capability_prepare(struct capability_drop *ret_drop, struct sbx_error *err);

/**
 * Take @capabilities (bit n: capability n) out of the calling thread's effective set;
 * *@ret_taken says which of them were there, for capability_give_back().  0 or a negative errno.
 */
int capability_lay_down(uint64_t capabilities, uint64_t *ret_taken);
int capability_give_back(uint64_t taken);

/** Does the calling thread have @capability (CAP_*) in its effective set? */
bool capability_is_effective(unsigned capability);

/**
 * Empty the bounding, ambient, inheritable, permitted and effective sets of the calling thread and
 * lock the securebits.  Needs CAP_SETPCAP; allocates nothing.  Returns 0 or a negative errno.
 */
int capability_drop_all(const struct capability_drop *drop);

#endif
