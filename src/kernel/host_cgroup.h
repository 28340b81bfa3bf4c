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

/** A manager of systemd's that could make a scope for the caller, see systemd.scope(5). */
struct host_scope {
    struct host_cgroup manager; /* its cgroup, the scope's will be below it; path NULL: none */
    bool user;                  /* the caller's own manager, not that of the machine */
    const char *bus;            /* socket of the bus where it answers; NULL: there is none */
    const char *helper;         /* the program that asks it; NULL: it is not installed */
    const char *slice;          /* the slice of that manager that the caller is in; NULL: in none */
    const char *mount;          /* as in host_cgroups: where the scope's cgroup will show */
    const char *mount_root;
};

struct host_cgroups {
    const char
        *mount; /* where cgroup v2 is mounted so that the caller's own shows; NULL: nowhere */
    const char *mount_root;    /* the cgroup that shows there, by its path in /proc/PID/cgroup */
    unsigned v1;               /* controllers that cgroup v1 has taken */
    bool systemd;              /* systemd runs this machine */
    struct host_cgroup *items; /* from the caller's own upwards */
    size_t count;
    size_t capacity;
    struct host_cgroup parent; /* of --cgroup-parent; path NULL: not asked for */
    struct host_scope scope;
};

#endif
