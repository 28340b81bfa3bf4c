/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a readable list of rules to a short seccomp program.  The program kills a process that makes
 * a call of a foreign architecture (i386 and x32 on x86_64).  Names and numbers of system calls are
 * those of libseccomp, and of a few newer ones.  See seccomp(2), seccomp_syscall_resolve_name(3).
 */
#ifndef KERNEL_SECCOMP_H
#define KERNEL_SECCOMP_H

#include "base/arena.h"
#include "base/error.h"

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>

/** True where (argument number @index & @mask) == @value. */
struct seccomp_match {
    unsigned index;
    uint64_t mask;  /* never 0 */
    uint64_t value; /* no bits but those of the mask */
};

#define SECCOMP_MAX_MATCHES 4

enum seccomp_verdict {
    SECCOMP_ALLOW,
    SECCOMP_FAIL /* the call isn't made; it returns -1 with `error`, or 0 where that is 0 */
};

/**
 * One rule.  Of the rules for one system call the first whose matches are all true decides, so
 * "all but X" is a rule for X and then one without matches.
 */
struct seccomp_rule {
    const char *name; /* of the system call */
    enum seccomp_verdict verdict;
    int error;                                         /* errno of SECCOMP_FAIL */
    struct seccomp_match matches[SECCOMP_MAX_MATCHES]; /* up to the first with a mask of 0 */
};

/**
 * Compile @rules for the machine's own architecture; what no rule decides fails with
 * @default_error.  A call that only other architectures have is left out.  The program lives in
 * @arena.  Returns 0; -EINVAL for an unknown name, a rule that can never be reached or match, or a
 * program too long for the kernel; or -ENOMEM.  Pure.
 */
int seccomp_compile(struct arena *arena, const struct seccomp_rule *rules, size_t count,
                    int default_error, struct sock_filter **ret_filter, size_t *ret_length,
                    struct sbx_error *err);

/** Is @name a system call of any architecture?  Pure. */
bool seccomp_syscall_exists(const char *name);

/** The number of @name here; -1 where this architecture has no such call.  Pure. */
int seccomp_syscall_number(const char *name);

/** The name of call @number here, in @arena; NULL where there is none, or out of memory.  Pure. */
char *seccomp_syscall_name(struct arena *arena, int number);

/** The name nearest to @name, in @arena; NULL where none is near, or out of memory.  Pure. */
char *seccomp_syscall_nearest(struct arena *arena, const char *name);

#endif
