/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory of operation
 *
 * Neighbouring numbers mostly have the same verdict.  So the numbers are not looked up one by one:
 * all 32-bit numbers are cut into stretches of one verdict, and the program finds the stretch.
 * A number that nobody knows is in a stretch as any other, whose verdict is the default one.
 *
 *   leaf   a stretch, and after it again and again a single number with another verdict and the
 *          first verdict once more: one comparison for each such exception, and the rest is the
 *          first verdict.  As stretches of their own each exception would cost two comparisons.
 *          They are compared one after the other, so a leaf takes a few only.
 *   tree   a binary search among the leaves: "from leaf n on, or before it?"
 *
 * That is one instruction for each leaf and one for each exception, and no call passes more than
 * log2(leaves) + MAX_EXCEPTIONS of them.  They look at nothing but the number; for a call that is
 * always allowed the kernel finds that out as the program is loaded, and from then on doesn't run
 * the program for it at all (the action cache of Linux 5.11).
 */
#include "kernel/seccomp_internal.h"

#define MAX_EXCEPTIONS 2

struct leaf {
    const struct seccomp_stretch *stretch; /* exceptions are the second, fourth, ... from here */
    unsigned exceptions;
};

/* How many exceptions there are in what starts with @stretch and has @left stretches. */
static unsigned count_exceptions(const struct seccomp_stretch *stretch, size_t left)
{
    unsigned count = 0;

    for (const struct seccomp_stretch *at = stretch; count < MAX_EXCEPTIONS && left >= 3;
         at += 2, left -= 2, count++)
        if (at[1].first + 1 != at[2].first || !bpf_same_target(at[2].target, stretch->target))
            break;
    return count;
}

static struct bpf_target write_leaf(struct bpf_writer *writer, const struct leaf *leaf)
{
    struct bpf_target target = leaf->stretch->target;

    for (unsigned i = leaf->exceptions; i > 0; i--) {
        const struct seccomp_stretch *exception = &leaf->stretch[2 * i - 1];

        target = bpf_write_jump(writer, BPF_JEQ, exception->first, exception->target, target);
    }
    return target;
}

static struct bpf_target write_search(struct bpf_writer *writer, const struct leaf *leaves,
                                      size_t count)
{
    size_t middle = count / 2;
    struct bpf_target above, below;

    if (count == 1)
        return write_leaf(writer, leaves);
    above = write_search(writer, leaves + middle, count - middle);
    below = write_search(writer, leaves, middle);
    return bpf_write_jump(writer, BPF_JGE, leaves[middle].stretch->first, above, below);
}

struct bpf_target seccomp_write_tree(struct bpf_writer *writer,
                                     const struct seccomp_stretch *stretches, size_t count)
{
    struct leaf leaves[SECCOMP_MAX_STRETCHES];
    size_t leaf_count = 0, at = 0;

    do {
        unsigned exceptions = count_exceptions(&stretches[at], count - at);

        leaves[leaf_count++] = (struct leaf){&stretches[at], exceptions};
        at += 1 + 2 * exceptions;
    } while (at < count);
    return write_search(writer, leaves, leaf_count);
}
