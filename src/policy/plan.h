/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan: the steps of one run in the order of their execution, each with everything that its
 * execution needs and with the one who asked for it.  `sbx plan` prints this array; launching
 * executes this array; there is no other list.
 */
#ifndef POLICY_PLAN_H
#define POLICY_PLAN_H

#include "kernel/host.h"
#include "policy/output.h"
#include "policy/spec.h"
#include "policy/syscalls.h"
#include "policy/terminal.h"

#include <stdint.h>

enum step_kind {
    /* done by sbx itself before the clone; with a scope after it, while the child waits */
    STEP_SCOPE,        /* the child and the helper source into a scope of the manager that data
                          (struct host_scope) describes; target: what the manager is called */
    STEP_CGROUP,       /* a fresh cgroup in target, of device and inode; data: why there, as text;
                          number: the controllers that target has to give out first; with
                          STEP_DELEGATE number2: those that the command gets */
    STEP_CGROUP_LIMIT, /* target: a file of that cgroup, source: what is written to it */
    /* done by the clone itself */
    STEP_NAMESPACES, /* number: CLONE_NEW* flags */
    /* done by the child, in this order */
    STEP_PROCFS,         /* fresh procfs, writable and not attached yet, for STEP_PROC; made before
                            the user namespace where only real root can make one */
    STEP_UNSHARE,        /* number: the CLONE_NEW* flags that STEP_NAMESPACES left out */
    STEP_NETWORK,        /* begin with the network namespace, which a process of its own makes */
    STEP_ID_MAP,         /* source: uid_map line, target: gid_map line */
    STEP_USERNS_LIMIT,   /* no user namespace within this one */
    STEP_HOSTNAME,       /* target: the name */
    STEP_KEYRING,        /* a new session keyring */
    STEP_HOST_DIRECTORY, /* make the host's directory target, with mode, below source, which is
                            there: so that the command can't; nothing where the caller can't */
    STEP_MIRROR,         /* the host's tree; attributes */
    STEP_STAGING,        /* a tmpfs that holds the new root and what masks are made of */
    STEP_PROC,           /* fresh procfs, or that of STEP_PROCFS, at target; attributes */
    STEP_TMPFS,          /* target, number: size, number2: inodes, mode, attributes */
    STEP_DEVPTS,         /* fresh devpts at target */
    STEP_CGROUPFS,       /* the run's own cgroup at target, where that exists; attributes */
    STEP_DIRECTORY,      /* make target with mode, on a private tmpfs */
    STEP_SYMLINK,        /* target, source: its text; on a private tmpfs */
    STEP_BIND,           /* host path source at target; attributes, device and inode of source */
    STEP_FILE,           /* data as a read-only file at target */
    STEP_MASK,  /* an empty file or directory over target, where that exists; with a device and
                   inode it must exist and be that */
    STEP_SEAL,  /* make the private mount at target read-only */
    STEP_PIVOT, /* make the new root the root, let go of the old one */
    STEP_CHDIR, /* target */
    STEP_NETWORK_ENTER, /* the network namespace that STEP_NETWORK began with; lo is up in it */
    STEP_CAPABILITIES,  /* empty all five sets, lock the securebits */
    STEP_NO_NEW_PRIVS,
    STEP_LANDLOCK, /* rules; number: the ABI */
    STEP_INIT,     /* become the init program */
    /* done by init for the command */
    STEP_PROCESS_GROUP, /* or, where the command shares no terminal: */
    STEP_SESSION,
    STEP_TERMINAL, /* what 0, 1 and 2 are in the place of the caller's terminal */
    STEP_OUTPUT,   /* what 1 and 2 are where the output is counted */
    STEP_RLIMIT,   /* number: the resource, number2: soft value, number3: hard value */
    STEP_SECCOMP,  /* filter */
    STEP_COMMAND,  /* argv, environment, descriptors */
    STEP_KIND_COUNT
};

/** Flags of a step. */
enum step_flags {
    STEP_CREATE = 1,       /* the mount point lies on a private tmpfs: make it */
    STEP_ON_DIRECTORY = 2, /* the mount point is a directory (else a file) */
    STEP_PIN = 4,          /* STEP_BIND: what the view has at target, over itself */
    STEP_WHERE_THERE = 8,  /* with STEP_PIN: nothing where a STEP_HOST_DIRECTORY made nothing */
    STEP_LEAVE = 16,       /* STEP_CGROUP: sbx is in target, and moves into a leaf of it */
    STEP_REQUIRED = 32,    /* STEP_HOST_DIRECTORY: an error where the caller can't make it */
    STEP_WATCHED = 64,     /* STEP_TMPFS: the report says whether it was full at the end */
    STEP_ON_PROCFS = 128,  /* STEP_MASK: target is a name in the root of the view's own procfs */
    STEP_ON_SYSFS = 256,   /* STEP_MASK: target lies in /sys, which the host's shows at */
    STEP_OF_DEV = 1024, /* STEP_BIND: a device of the host's /dev, of which nothing that isn't one
                           is bound */
    STEP_DELEGATE = 512 /* STEP_CGROUP, STEP_CGROUPFS: the command may make cgroups in it */
};

/** What can't be read back and is tried instead, see src/policy/attest.h. */
enum plan_tries {
    PLAN_TRY_USERNS = 1,  /* to make a user namespace: STEP_USERNS_LIMIT refuses it */
    PLAN_TRY_LANDLOCK = 2 /* to write where no rule allows it: STEP_LANDLOCK refuses it */
};

enum landlock_rule_kind {
    LANDLOCK_RULE_TREE,      /* all write rights below a directory */
    LANDLOCK_RULE_DEVICE,    /* write to and control one device, or those in a directory */
    LANDLOCK_RULE_DESCRIPTOR /* write again to what an open descriptor leads to */
};

struct landlock_rule {
    enum landlock_rule_kind kind;
    const char *path;
    int fd;
};

struct landlock_rules {
    struct landlock_rule *items;
    size_t count;
    size_t capacity;
};

struct step {
    enum step_kind kind;
    const char *origin; /* never NULL */
    const char *source;
    const char *target;
    const void *data;
    size_t size;
    uint64_t number;
    uint64_t number2;
    uint64_t number3;
    uint64_t attributes; /* MOUNT_ATTR_* to set */
    uint64_t device;
    uint64_t inode;
    uint32_t mode;
    uint32_t flags; /* enum step_flags */
};

struct steps {
    struct step *items;
    size_t count;
    size_t capacity;
};

struct plan_fds {
    struct plan_fd {
        int fd;
    } * items;
    size_t count;
    size_t capacity;
};

/** A directory of the host as it was when the plan was made; inode 0: it wasn't found. */
struct plan_directory {
    uint64_t device;
    uint64_t inode;
};

struct plan {
    struct steps steps;
    struct landlock_rules landlock; /* of the one STEP_LANDLOCK */
    struct syscalls_request filter; /* of the one STEP_SECCOMP */
    const char *filter_text;        /* its description */
    /* of the one STEP_COMMAND */
    const char *const *argv;
    size_t argc;
    const char *state_directory; /* where the sandbox is registered; NULL: nowhere */
    const char *tree;            /* --root, a path of the host; NULL: the view is the host's tree */
    const char *const *environment;
    size_t environment_count;
    struct plan_fds fds; /* beyond 0, 1, 2 */
    struct plan_terminal terminal;
    struct plan_output output;
    /* for the supervisor */
    const char *profile; /* the profile's name, or NULL, and why it is that one */
    const char *profile_origin;
    uint64_t time_ms;  /* 0: no limit */
    uint64_t grace_ms; /* after that, between SIGTERM and SIGKILL */
    bool die_with_parent;
    bool cpu_limited;
    const char *cgroup;  /* where that of the sandbox is made; NULL: it has none */
    bool scope;          /* that is a scope, which the child is moved into after the clone */
    bool pids_in_cgroup; /* --pids is held by that cgroup */
    const char *name;    /* or NULL */
    const char *report;  /* absolute path, or NULL */
    const char *attest;  /* the same, of what was read back */
    struct plan_directory report_directory; /* where these are put */
    struct plan_directory attest_directory;
    enum report_format report_format;
    int verbosity;
    unsigned tries;                        /* enum plan_tries */
    struct host_groups groups;             /* supplementary ones that the kernel keeps in force */
    const struct host_mounts *host_mounts; /* what a fresh file system is told from; never NULL */
    struct host_strings degraded;          /* best-effort parts that are absent, and what is off */
    struct host_strings notices;           /* what stays in force though nobody asked: groups */
};

/** The first step of @kind, the only one of many kinds; NULL: the plan has none. */
const struct step *plan_step(const struct plan *plan, enum step_kind kind);

/** Does @spec let the command write to anything of the host?  Then profiles have to be guarded. */
bool plan_shows_writable(const struct spec *spec);

/**
 * What to ask the host about, so that resolve() finds every fact it needs.  @caller has been filled
 * by host_probe_caller().  Everything lives in @arena.  Pure.  0 or -ENOMEM.
 */
int plan_request(struct arena *arena, const struct spec *spec, const struct host *caller,
                 struct host_request *ret_request, struct sbx_error *err);

/**
 * Work out the plan.  Pure: every fact comes from @host.  Everything in *@ret_plan lives in
 * @arena, @spec or @host.  Returns 0, -EINVAL with a usage error, -ENOMEM, or another negative
 * errno where the host can't do what the spec wants.
 */
int resolve(struct arena *arena, const struct spec *spec, const struct host *host,
            struct plan *ret_plan, struct sbx_error *err);

#endif
