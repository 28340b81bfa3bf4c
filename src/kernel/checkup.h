/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this host allows, found out by doing it: each attempt runs in a process and in namespaces
 * of its own (trial.h), which go away with it.  Nothing of the host is changed.  What the answers
 * mean is judged by policy/verdict.h.
 */
#ifndef KERNEL_CHECKUP_H
#define KERNEL_CHECKUP_H

#include "kernel/host.h"
#include "kernel/trial.h"

enum attempt_kind {
    /* what every sandbox needs */
    ATTEMPT_USER_NAMESPACE,
    ATTEMPT_MOUNT_NAMESPACE,
    ATTEMPT_PID_NAMESPACE,
    ATTEMPT_NETWORK_NAMESPACE,
    ATTEMPT_IPC_NAMESPACE,
    ATTEMPT_UTS_NAMESPACE,
    ATTEMPT_CGROUP_NAMESPACE,
    ATTEMPT_MIRROR, /* a recursive copy of the host's tree, made read-only */
    ATTEMPT_PROCFS,
    ATTEMPT_DEVPTS,
    ATTEMPT_SECCOMP,
    ATTEMPT_LANDLOCK, /* value: the ABI */
    /* what no default run needs */
    ATTEMPT_SYSFS,
    ATTEMPT_OVERLAY,
    ATTEMPT_NOTIFICATIONS, /* of system calls, to a supervisor */
    ATTEMPT_PID_MAX,       /* value: kernel.pid_max in a new PID namespace; writable */
    ATTEMPT_TUN,
    ATTEMPT_SYSTEMD, /* the user's service manager answers */
    ATTEMPT_COUNT
};

/** What came of one attempt. */
struct attempt {
    bool made;              /* false: it could have killed the caller, see FAULT_FILTER_KILLS */
    enum trial_stage stage; /* how far it came */
    int error;              /* positive errno; 0: it works */
    char reason[96];        /* the kernel's own words for a refused file system, or "" */
    unsigned long value;
    bool writable;
};

/** Limits on namespaces, in the order of the attempts; -1 where one can't be read. */
#define CHECKUP_NAMESPACES 7

struct checkup_cgroup {
    const char *path;        /* the caller's cgroup as a directory, NULL: there is no cgroup v2 */
    const char *controllers; /* "cpu memory pids", what it may hand on; or "" */
    bool writable;           /* the caller may make cgroups there and move processes */
    const char *manager;     /* who can make a scope, "systemd's user manager"; NULL: nobody */
    unsigned manager_controllers; /* what that may hand on: enum cgroup_controller */
};

struct checkup {
    unsigned faults;   /* enum host_fault */
    bool is_root;      /* as struct host has it */
    bool procfs_first; /* as resolve() decides: real root makes procfs before the user namespace */
    struct attempt attempts[ATTEMPT_COUNT];
    long namespace_limits[CHECKUP_NAMESPACES];
    long mount_limit; /* fs.mount-max, -1 where it can't be read */
    size_t mounts;    /* that the caller sees */
    long pid_max;     /* of the caller's PID namespace, -1 where it can't be read */
    struct checkup_cgroup cgroup;
    unsigned long subordinate_uids; /* how many /etc/subuid gives the caller */
    unsigned long subordinate_gids;
    const char *newuidmap;    /* path, NULL where PATH has none */
    bool newuidmap_has_power; /* set-user-ID root or a file capability */
    const char *pasta;        /* path, NULL where PATH has none */
    const char *program;      /* the caller's own file, NULL where it can't be told */
    const char *kernel;       /* "6.1.0-49-amd64" */
    const char *machine;      /* "x86_64" */
};

/**
 * Examine the host for the caller @host, as host_probe_caller() has found it and with its mounts.
 * Strings live in @arena.  Takes some milliseconds, and at most a few seconds for each attempt that
 * hangs.  0 or -ENOMEM.  SIGCHLD must not be ignored; any thread.
 */
int checkup_probe(struct arena *arena, const struct host *host, struct checkup *ret_checkup);

#endif
