/* SPDX-License-Identifier: Apache-2.0 */
/* What a process and all that descend from it use, by proc_pid_stat(5) and proc_pid_task(5). */
#ifndef KERNEL_PROCESS_TREE_H
#define KERNEL_PROCESS_TREE_H

#include <stdint.h>
#include <sys/types.h>

struct process_tree {
    unsigned processes; /* those that live */
    uint64_t cpu_ms;    /* of them and of the ended ones that were waited for */
    uint64_t memory;    /* bytes: the sum of the resident sizes, shared pages as often as shared */
};

/**
 * Add up the tree of @root.  For the pid 1 of a namespace that is everything in it, since orphans
 * become its children.  Returns 0, or a negative errno where @root is gone or /proc tells nothing.
 */
int process_tree_read(pid_t root, struct process_tree *ret_tree);

#endif
