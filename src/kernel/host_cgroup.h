/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts about control groups: where the cgroup of a sandbox could be made.  A part of struct host.
 */
#ifndef KERNEL_HOST_CGROUP_H
#define KERNEL_HOST_CGROUP_H

#include "kernel/cgroup.h"

#include <stdbool.h>

/** One cgroup, as a place for those of sandboxes. */
struct host_cgroup {
    const char *path;     /* of its directory; NULL: none */
    int error;            /* errno where it can't be used for this at all: it can't be opened, or
                             the caller may not change it; else 0 */
    unsigned controllers; /* what it can give to cgroups in it: enum cgroup_controller */
    unsigned enabled;     /* what it gives to them now */
    bool own;             /* the caller is in it */
    bool root;            /* the hierarchy's own root, which may have processes all the same */
    bool managed;         /* a service manager's, which has not given it away */
    bool threaded;        /* for threads of one process */
    bool others;          /* there are processes in it besides the caller, or it can't be told */
    const char *cpus;     /* the processors it has, "0-3"; NULL where that can't be told */
    uint64_t device;
    uint64_t inode;
};

struct host_cgroups {
    const char
        *mount;   /* where cgroup v2 is mounted so that the caller's own shows; NULL: nowhere */
    unsigned v1;  /* controllers that cgroup v1 has taken */
    bool systemd; /* systemd runs this machine */
    struct host_cgroup *items; /* from the caller's own upwards */
    size_t count;
    size_t capacity;
    struct host_cgroup parent; /* of --cgroup-parent; path NULL: not asked for */
};

#endif
