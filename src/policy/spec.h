/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The spec: what is wanted, as plain data.  No descriptors, no callbacks, no pointers into a
 * parser; every field can be compared.  Paths are as the user wrote them: resolve() makes them
 * absolute with the host's working directory.
 */
#ifndef POLICY_SPEC_H
#define POLICY_SPEC_H

#include "policy/setting.h"

#include <stdbool.h>
#include <stdint.h>

enum spec_mount_kind {
    SPEC_MOUNT_RO,       /* --ro: a host path, read-only */
    SPEC_MOUNT_RW,       /* --rw: a host path, writable */
    SPEC_MOUNT_HIDE,     /* --hide: nothing to be seen here */
    SPEC_MOUNT_TMPFS,    /* --tmpfs: an empty private directory */
    SPEC_MOUNT_FILE,     /* --file: a read-only copy of a host file's content */
    SPEC_MOUNT_DEV_NODE, /* --dev-node: a host device */
};

struct spec_mount {
    enum spec_mount_kind kind;
    const char *source;
    const char *target;
    uint64_t size;   /* tmpfs: bytes, 0 for the default */
    uint64_t inodes; /* tmpfs: 0 for the default */
    uint32_t mode;   /* tmpfs: permission bits */
    bool noexec;
    bool optional; /* a missing source is no error */
    const char *origin;
};

struct spec_mounts {
    struct spec_mount *items;
    size_t count;
    size_t capacity;
};

struct spec_env {
    const char *name;
    const char *value; /* NULL: pass the caller's on */
    const char *origin;
};

struct spec_envs {
    struct spec_env *items;
    size_t count;
    size_t capacity;
};

struct spec_syscall {
    const char *name;
    bool allow;
    const char *origin;
};

struct spec_syscalls {
    struct spec_syscall *items;
    size_t count;
    size_t capacity;
};

struct spec_rlimit {
    int resource;  /* RLIMIT_* */
    uint64_t soft; /* RLIM_INFINITY: none */
    uint64_t hard;
    const char *origin;
};

struct spec_rlimits {
    struct spec_rlimit *items;
    size_t count;
    size_t capacity;
};

struct spec_keep_fds {
    struct spec_keep_fd {
        int fd;
        const char *origin;
    } * items;
    size_t count;
    size_t capacity;
};

enum report_format { REPORT_FORMAT_JSON, REPORT_FORMAT_ISOLATE };
enum spec_home { SPEC_HOME_PRIVATE, SPEC_HOME_HOST, SPEC_HOME_DIRECTORY };
enum spec_net { SPEC_NET_NONE, SPEC_NET_HOST, SPEC_NET_HOST_ABSTRACT };
enum spec_tty { SPEC_TTY_AUTO, SPEC_TTY_NEW, SPEC_TTY_INHERIT, SPEC_TTY_NONE };
enum spec_on_refusal { SPEC_ON_REFUSAL_ERRNO, SPEC_ON_REFUSAL_NOTIFY, SPEC_ON_REFUSAL_KILL };
enum spec_seccomp { SPEC_SECCOMP_DEFAULT, SPEC_SECCOMP_STRICT, SPEC_SECCOMP_OFF };

/** A number with the one who asked for it; origin NULL means: not asked for. */
struct spec_number {
    uint64_t value;
    const char *origin;
};

/** A text with the one who asked for it; origin NULL means: not asked for, value NULL. */
struct spec_text {
    const char *value;
    const char *origin;
};

enum spec_cgroup_view { SPEC_CGROUP_AUTO, SPEC_CGROUP_DELEGATE, SPEC_CGROUP_NONE };

/** Limits that only a cgroup can hold. */
struct spec_cgroup {
    struct spec_number memory;    /* bytes */
    struct spec_number swap;      /* bytes; with memory and not asked for: none */
    struct spec_number cpus;      /* hundredths of a processor */
    struct spec_number io_weight; /* 1 to 10000 */
    struct spec_text cpuset;      /* "0-3,5" */
    struct spec_text parent;      /* where to make the sandbox's cgroup */
    enum spec_cgroup_view view;   /* what the command has at /sys/fs/cgroup */
    const char *view_origin;
};

struct spec {
    /* filesystem */
    struct spec_text root;     /* --root: the tree; not asked for, the host's own */
    struct spec_mounts mounts; /* in the order they were asked for */
    enum spec_home home;
    struct spec_text home_option; /* --home: value is DIR for SPEC_HOME_DIRECTORY */
    bool proc_writable;
    const char *proc_origin;
    struct spec_text cd;
    /* network */
    enum spec_net net;
    const char *net_origin;
    /* environment */
    struct spec_envs env;
    bool env_all;
    const char *env_all_origin;
    /* identity */
    struct spec_text hostname; /* never NULL after spec_build(): "sbx" by default */
    struct spec_number uid;
    struct spec_number gid;
    struct spec_text as;
    /* lockdown */
    bool userns;
    const char *userns_origin;
    enum spec_seccomp seccomp;
    const char *seccomp_origin;
    enum spec_on_refusal on_refusal;
    const char *on_refusal_origin;
    struct spec_syscalls syscalls;
    struct spec_keep_fds keep_fds;
    /* limits */
    struct spec_number pids;
    struct spec_number file_size;  /* bytes */
    struct spec_number max_output; /* bytes */
    struct spec_number open_files;
    struct spec_number cpu_time; /* milliseconds */
    struct spec_rlimits rlimits; /* one a resource */
    struct spec_number time;     /* milliseconds of wall time */
    struct spec_number grace;    /* milliseconds after that */
    struct spec_cgroup cgroup;
    /* run */
    struct spec_text profile; /* its name, and why it was chosen; its settings came before */
    bool die_with_parent;
    enum spec_tty tty;
    const char *tty_origin;
    struct spec_text name;
    struct spec_text report;
    struct spec_text attest;
    enum report_format report_format;
    int verbosity; /* -1 quiet, 0, 1 verbose */
    /* the command: argv of at least one word, NULL-terminated */
    const char *const *command;
    size_t command_count;
};

/**
 * Parse @settings in order into *@ret_spec, everything owned by @arena.  @command is copied.
 * Origins that stay "default" are that very word.  Returns 0, -EINVAL with a usage error that
 * names the setting's origin, or -ENOMEM.  Pure; safe from any thread.
 */
int spec_build(struct arena *arena, const struct settings *settings, const char *const *command,
               struct spec *ret_spec, struct sbx_error *err);

/**
 * Is @value one that @option takes?  What two settings together mean is not looked at.
 * Returns as spec_build() does.  Pure; safe from any thread.
 */
int spec_check_value(struct arena *arena, const struct sbx_option *option, const char *value,
                     const char *origin, struct sbx_error *err);

#endif
