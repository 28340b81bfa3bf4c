/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Being told of the system calls that a filter refuses.  See seccomp_unotify(2).
 *
 * Theory of operation.  Of a filter a second one is made, which asks a supervisor where the first
 * one refuses; nothing else in it changes, so what is allowed costs what it did.  The supervisor
 * answers with what the first filter says of the very same call, number and arguments, which the
 * kernel hands over as a copy.  It reads nothing of the caller's memory, and never lets a call go
 * on: so no race with the caller can turn a refusal into anything else.  Where there is no
 * supervisor any more the kernel itself fails the call, with ENOSYS.
 *
 * A refusal is a call that fails with an errno other than ENOSYS.  That one says "this kernel does
 * not know the call", and C libraries make such calls all the time, to see whether it does.
 */
#ifndef KERNEL_SECCOMP_NOTIFY_H
#define KERNEL_SECCOMP_NOTIFY_H

#include "base/arena.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>

/** A copy of @filter in @arena that asks where @filter refuses; NULL out of memory. */
struct sock_filter *seccomp_notifying(struct arena *arena, const struct sock_filter *filter,
                                      size_t length);

/**
 * What @filter says of the call @data, as the kernel would find out: SECCOMP_RET_*.  Returns 0, or
 * -EINVAL for a program that libseccomp doesn't make.  Pure.
 */
int seccomp_evaluate(const struct sock_filter *filter, size_t length,
                     const struct seccomp_data *data, uint32_t *ret_action);

/** A call that waits for its answer. */
struct seccomp_refusal {
    uint64_t id;
    struct seccomp_data data;
};

/**
 * Receive from @listener, which poll(2) has found readable.  Returns 0; -EAGAIN where the caller
 * has gone meanwhile; or another negative errno.
 */
int seccomp_receive(int listener, struct seccomp_refusal *ret_refusal);

/** Have the call fail with @error. 0; -ENOENT where the caller has gone, or has taken the call back
 * for a signal and will make it again; or another negative errno. */
int seccomp_refuse(int listener, uint64_t id, int error);

#endif
