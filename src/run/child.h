/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The child between clone and exec: it walks the plan's steps.
 *
 * Theory of operation.  The child runs in a copy of the launcher's memory, possibly of a program
 * with threads, so it may only make system calls: it allocates nothing, uses no stdio, no locale,
 * no NSS (tests/check-symbols holds that).  Whatever a step needs has been computed before.  The
 * first step that fails ends the child: it sends one struct child_failure over the control socket
 * and exits; no later step runs, so the command cannot start with less than the plan says.
 */
#ifndef RUN_CHILD_H
#define RUN_CHILD_H

#include "kernel/capability.h"
#include "policy/plan.h"

#define CHILD_FAILURE_TYPE 100 /* beside enum wire_type, on the same socket */

/** Why the child ended: what a step was doing, where, and what the kernel said. */
struct child_failure {
    uint32_t type;
    uint32_t step;  /* index into the plan's steps */
    int32_t number; /* errno */
    uint32_t unused;
    char what[48];    /* what was tried: "open the source" */
    char reason[160]; /* the kernel's own text, where it gave one */
};

#define CHILD_TMPFS_TYPE 101

/** A private tmpfs that the supervisor is to look at later; its mount comes along (SCM_RIGHTS). */
struct child_tmpfs {
    uint32_t type;
    uint32_t step;
};

#define CHILD_VIEW_TYPE 102

/** Only the exec of init is left: the view can be looked at. */
struct child_view {
    uint32_t type;
    int32_t landlock_error; /* errno of a write that Landlock has to refuse; 0: it worked, or wasn't
                               to be tried */
};

/** What was prepared for the child. */
struct child_inputs {
    int control;         /* the child's end of the control socket */
    int launcher;        /* the launcher's end, which the child closes: its loss has to be seen */
    int init;            /* the init program, to be executed */
    bool wait;           /* for WIRE_GO on the control socket, before any step */
    bool ignore_sigchld; /* the caller ignored it, so the command is to ignore it too */
    struct capability_drop capabilities;
};

/** A directory that is open, or a negative number: the first @length bytes of @path. */
struct child_directory {
    int fd;
    const char *path;
    size_t length;
};

/** The child's working state, handed from step to step. */
struct child {
    const struct plan *plan;
    const struct child_inputs *inputs;
    int control; /* where a failure is told */
    int init;    /* the init program */
    int root;    /* the new root's mount, from STEP_MIRROR on */
    int staging; /* the staging tmpfs, from STEP_STAGING on */
    int procfs;  /* what STEP_PROCFS made, until STEP_PROC attaches it; else negative */
    /* see run/place.h */
    struct child_directory place;  /* of the view, where the last step found its place */
    struct child_directory source; /* of the host, where it found what it binds */
    int entered;                   /* the directory that is the working directory; else negative */
    int swept_from;                /* descriptors from here on are closed from time to time */
    unsigned left_open;            /* how many were opened since */
    uint64_t dev_attributes;       /* what the mounts of the host's /dev have by now, if anything */
    bool copies_twice;             /* to copy a mount and to restrict it take a call each */
    pid_t maker;      /* the process that makes the network namespace, after STEP_NETWORK */
    int maker_pidfd;  /* of the same */
    int made;         /* where it says what came of it */
    uint32_t step;    /* index of the step that runs */
    mode_t umask;     /* the caller's */
    bool unmade;      /* a STEP_HOST_DIRECTORY was forbidden */
    const char *what; /* what the step is doing */
    char reason[160];
};

/** Execute the steps of @plan; never returns. */
_Noreturn void child_run(const struct plan *plan, const struct child_inputs *inputs);

/** What one kind of step does, where the child is the one who does it: 0 or a negative errno. */
typedef int (*step_apply)(struct child *child, const struct step *step);

int apply_procfs(struct child *child, const struct step *step);
int apply_unshare(struct child *child, const struct step *step);
int apply_id_map(struct child *child, const struct step *step);
int apply_userns_limit(struct child *child, const struct step *step);
int apply_hostname(struct child *child, const struct step *step);
int apply_keyring(struct child *child, const struct step *step);
int apply_network(struct child *child, const struct step *step);
int apply_network_enter(struct child *child, const struct step *step);

/** Wait for the end of what STEP_NETWORK started, if it is part of the plan.  0 or a negative
 * errno. */
int network_settle(struct child *child);
int apply_staging(struct child *child, const struct step *step);
int apply_mirror(struct child *child, const struct step *step);
int apply_proc(struct child *child, const struct step *step);
int apply_tmpfs(struct child *child, const struct step *step);
int apply_devpts(struct child *child, const struct step *step);
int apply_cgroupfs(struct child *child, const struct step *step);
int apply_directory(struct child *child, const struct step *step);
int apply_symlink(struct child *child, const struct step *step);
int apply_host_directory(struct child *child, const struct step *step);
int apply_bind(struct child *child, const struct step *step);
int apply_file(struct child *child, const struct step *step);
int apply_mask(struct child *child, const struct step *step);
int apply_seal(struct child *child, const struct step *step);
int apply_pivot(struct child *child, const struct step *step);
int apply_chdir(struct child *child, const struct step *step);
int apply_capabilities(struct child *child, const struct step *step);
int apply_no_new_privs(struct child *child, const struct step *step);
int apply_landlock(struct child *child, const struct step *step);
int apply_init(struct child *child, const struct step *step);

#endif
