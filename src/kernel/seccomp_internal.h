/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the compiler in seccomp.c, which says how they fit together. */
#ifndef KERNEL_SECCOMP_INTERNAL_H
#define KERNEL_SECCOMP_INTERNAL_H

#include "kernel/bpf_writer.h"
#include "kernel/seccomp.h"

/** The rules for one system call, in their order. */
struct seccomp_call {
    struct seccomp_rule *items;
    size_t count;
};

/** Has @rule any matches, or does it decide always?  Pure. */
bool seccomp_has_condition(const struct seccomp_rule *rule);

/** Can @rule be true of any arguments, and are they arguments that there are?  Pure. */
bool seccomp_can_match(const struct seccomp_rule *rule);

/**
 * Write what @call does; @otherwise is where it goes that no rule decides.  Returns where that
 * starts.  Without a rule, or where the first decides always, nothing is written.
 */
struct bpf_target seccomp_write_call(struct bpf_writer *writer, const struct seccomp_call *call,
                                     struct bpf_target otherwise);

/** The numbers from @first up to the next stretch's, and where they all go. */
struct seccomp_stretch {
    uint32_t first;
    struct bpf_target target;
};

/** More than any policy has. */
#define SECCOMP_MAX_STRETCHES 1024

/**
 * Write the search of the number in the accumulator among @stretches, at least one, which are
 * sorted, begin with number 0, and differ from their neighbours.  Returns where the search starts.
 */
struct bpf_target seccomp_write_tree(struct bpf_writer *writer,
                                     const struct seccomp_stretch *stretches, size_t count);

#endif
