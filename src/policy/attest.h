/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attestation: is what is in force what the plan says?
 *
 * What has to be found follows from the plan's steps alone, and what was found is given as plain
 * facts; src/run/attest.c collects them.  Everything here is pure.
 *
 * Mounts.  Each mount of the sandbox's namespace is compared, not only those that were planned:
 *  - Where a step has put something, the mount that shows there has to be it: its file system and
 *    its attributes.
 *  - What else shows has to lie in a recursive copy (the mirror, a bind), restricted as that one;
 *    so nothing is writable that no step makes writable, and nothing lies on a private directory.
 *  - What is hidden beneath other mounts can't be reached by anyone without capabilities; it has to
 *    be restricted as some copy that it may come from.
 *  - None takes part in propagation: what the host mounts later doesn't appear.
 */
#ifndef POLICY_ATTEST_H
#define POLICY_ATTEST_H

#include "base/path_index.h"
#include "kernel/process_facts.h"
#include "policy/plan.h"

enum attest_state {
    ATTEST_AS_PLANNED,
    ATTEST_DIFFERS,
    ATTEST_UNKNOWN /* this kernel has no way to read it back */
};

/** One thing that was looked at. */
struct attest_item {
    enum attest_state state;
    const char *what;     /* "mount", "capabilities" */
    const char *subject;  /* a path, the name of a set; NULL where there is only one */
    const char *expected; /* in words */
    const char *found;
    const char *origin; /* of the step; NULL for what holds for every sandbox */
};

struct attest_items {
    struct attest_item *items;
    size_t count;
    size_t capacity;
};

/** A mount that the plan makes. */
struct attest_mount {
    const struct step *step;
    const char *point;
    const char *type;    /* of the file system; NULL: that of the source */
    uint64_t attributes; /* MOUNT_ATTR_* */
    bool copy;           /* of the host's mounts, with those below */
    bool may_lack;       /* where its place isn't there */
    const struct host_mount *found;
    bool placeless; /* told by the observer: there is nothing at point */
};

struct attest_mounts {
    struct attest_mount *items;
    size_t count;
    size_t capacity;
};

/** Where one of the sandbox's mounts is. */
struct attest_place {
    bool shown; /* else it lies beneath others */
    /* what is planned at its mount point or around it, where it shows; NULL: nothing */
    const struct attest_mount *around;
};

/** The host's mounts, which a fresh file system is told from. */
struct attest_host {
    const struct host_mounts *mounts;
    struct path_index by_device;
};

struct attest {
    struct arena *arena;
    const struct plan *plan;
    bool all; /* keep the items that are as planned, too; else only the others */
    struct attest_mounts mounts;
    struct path_index by_point; /* of mounts */
    struct attest_items items;
    size_t differences;
};

/** What was found out about the process that is going to be the command. */
struct attest_facts {
    /* read from outside */
    struct process_status status;
    uint64_t here[PROCESS_NAMESPACES]; /* the supervisor's namespaces */
    uint64_t
        inside[PROCESS_NAMESPACES]; /* init's, which it can't have left: it has no capability */
    const char *uid_map;
    const char *gid_map;
    int own_filters; /* system-call filters of the supervisor; -1: the kernel doesn't say */
    struct process_fds fds;
    int fds_error;                /* -EACCES where this kernel doesn't tell them */
    const uint64_t (*rlimits)[2]; /* soft and hard of each STEP_RLIMIT, in their order */
    int32_t own_keyring;          /* serial of the supervisor's session keyring */
    bool in_directory;            /* its working directory is the planned one */
    const char *directory;        /* what it is */
    /* told by the process itself, or by the child before it */
    int exec_socket;
    bool closes_on_exec;
    int securebits;
    int dumpable;
    int32_t keyring;
    int userns_error;
    int landlock_error; /* of a write that only Landlock can refuse */
    const char *hostname;
    const char *domainname;
};

/** What is asked for besides the plan. */
struct attest_command {
    bool first;         /* the plan's own, and not a further one of `sbx exec` */
    const int32_t *fds; /* the descriptors that it is to have, increasing */
    size_t fd_count;
};

/** Begin: work out which mounts there have to be.  0 or -ENOMEM. */
int attest_begin(struct arena *arena, const struct plan *plan, bool all, struct attest *ret_attest);

/** Index the host's @mounts, in @arena.  0 or -ENOMEM. */
int attest_host_index(struct arena *arena, const struct host_mounts *mounts,
                      struct attest_host *ret_host);

/**
 * Find each planned mount among @mounts, those of the sandbox, and set its `found`.  Where that is
 * NULL and may_lack is set, the observer fills in `placeless` before attest_mounts_compare().
 * *@ret_places says of each of @mounts where it is.  0 or -ENOMEM.
 */
int attest_mounts_match(struct attest *attest, const struct host_mounts *mounts,
                        const struct attest_place **ret_places);

/** Compare.  What is kept of @mounts is copied.  0 or -ENOMEM. */
int attest_mounts_compare(struct attest *attest, const struct host_mounts *mounts,
                          const struct attest_place *places, const struct attest_host *host);

/** Compare everything that is no mount.  0 or -ENOMEM. */
int attest_process(struct attest *attest, const struct attest_facts *facts,
                   const struct attest_command *command);

/** Add an item; texts may be NULL where they were left out of need (out of memory: -ENOMEM). */
int attest_add(struct attest *attest, const struct attest_item *item);

/** Is an item of @state to be added at all?  Else its texts need not be made. */
bool attest_wants(const struct attest *attest, enum attest_state state);

/** The first item that differs, or NULL. */
const struct attest_item *attest_difference(const struct attest *attest);

#endif
