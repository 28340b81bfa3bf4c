/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host: every fact about the caller and the machine that a plan depends on.
 *
 * host_probe() is the only place that looks; resolve() only reads this struct, so a fixture file
 * can stand for any machine.
 */
#ifndef KERNEL_HOST_H
#define KERNEL_HOST_H

#include "base/arena.h"
#include "base/error.h"
#include "base/path_index.h"
#include "kernel/host_cgroup.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum host_file_type {
    HOST_FILE_MISSING,
    HOST_FILE_DIRECTORY,
    HOST_FILE_REGULAR,
    HOST_FILE_SOCKET,
    HOST_FILE_DEVICE,
    HOST_FILE_OTHER
};

/** What is known of one path. */
struct host_path {
    const char *path;      /* absolute and lexically normal, as asked for */
    const char *canonical; /* with symlinks resolved; NULL where it can't be reached */
    enum host_file_type type;
    int error;       /* errno where it could not be reached, else 0 */
    uint64_t device; /* st_dev and st_ino of what it leads to */
    uint64_t inode;
    uid_t owner;
};

/** To be filled by host_paths_add(). */
struct host_paths {
    struct host_path *items;
    size_t count;
    size_t capacity;
    struct path_index by_path;
};

/** A list of strings. */
struct host_strings {
    const char **items;
    size_t count;
    size_t capacity;
};

/** One row of /proc/self/mountinfo. */
struct host_mount {
    int id;
    int parent;
    unsigned major;
    unsigned minor;
    const char *root;  /* path of the mount's root within its file system */
    const char *point; /* mount point */
    const char *type;
    const char *source;        /* may be "" */
    const char *super_options; /* flags and options of the file system itself: "rw,size=4k" */
    uint64_t attributes;       /* MOUNT_ATTR_*, see mount_setattr(2) */
    uint64_t shared;           /* its peer group; 0: it is in none, see mount_namespaces(7) */
    uint64_t master;           /* the peer group that it is a slave of; 0: none */
    uint64_t propagate_from;   /* the nearest one of the caller's view; 0: none, or the master */
    bool unbindable;
    uint64_t unique_id; /* STATX_MNT_ID_UNIQUE; 0 where it isn't known */
};

struct host_mounts {
    struct host_mount *items;
    size_t count;
    size_t capacity;
};

/** The same directory or file can be seen at another place too. */
struct host_alias {
    const char *path;  /* canonical path that was asked about */
    const char *alias; /* where it shows as well */
};

struct host_aliases {
    struct host_alias *items;
    size_t count;
    size_t capacity;
};

/** What the caller has at a descriptor. */
struct host_fd {
    int fd;
    bool open;
    bool directory;
    bool file;      /* a regular one */
    bool path_only; /* O_PATH */
    bool writable;
    bool terminal;
    bool pipe; /* or a socket */
    int same;  /* of 0 to 2, the first that leads to the same stream as this one; or its own number
                */
};

struct host_fds {
    struct host_fd *items;
    size_t count;
    size_t capacity;
};

/** A file's content. */
struct host_content {
    const char *path;
    const char *data;
    size_t size;
    uint64_t device; /* st_dev and st_ino of the file that was read; 0: of a tree of --root */
    uint64_t inode;
    int error; /* errno where it could not be read */
};

struct host_contents {
    struct host_content *items;
    size_t count;
    size_t capacity;
};

/** The most paths that one pattern may stand for. */
#define HOST_MAX_MATCHES 1024

/** A shell pattern (glob(7)) and what it stands for. */
struct host_pattern {
    const char *pattern;         /* absolute */
    struct host_strings matches; /* sorted; empty where nothing fits */
    int error;                   /* errno where it could not be told, E2BIG for too many; else 0 */
};

struct host_patterns {
    struct host_pattern *items;
    size_t count;
    size_t capacity;
};

/**
 * Where a path leads, or would lead if it were made: symbolic links are followed as far as there
 * are any.
 */
struct host_place {
    const char *path;          /* as asked for */
    const char *place;         /* without links; the end of it may be missing */
    const char *there;         /* the part of place that is there, or is all that can be seen */
    bool directory;            /* that part is a directory */
    struct host_strings links; /* the links on the way, each by where it lies itself */
    int error;                 /* ELOOP: too many links, and place means nothing; else 0 */
};

struct host_places {
    struct host_place *items;
    size_t count;
    size_t capacity;
};

/** The most entries of a directory that are listed. */
#define HOST_MAX_ENTRIES 512

/** One entry of a directory. */
struct host_entry {
    const char *name;
    const char *link; /* the text of a symbolic link; NULL for everything else */
    enum host_file_type type;
    uint64_t device;
    uint64_t inode;
};

/** What a directory holds, sorted by name. */
struct host_listing {
    const char *path;
    struct host_entry *items;
    size_t count;
    size_t capacity;
    int error; /* errno where it could not be told, E2BIG for too many entries; else 0 */
};

struct host_listings {
    struct host_listing *items;
    size_t count;
    size_t capacity;
};

/**
 * The tree that is to be the root of the view (--root).  Paths in here start at the tree: they are
 * what a process sees whose root it is, and no link leads out of it.
 */
struct host_tree {
    const char *path; /* canonical, on the host; NULL: the host's own tree is the root */
    int error;        /* errno where the one that was asked for can't be opened; else 0 */
    uint64_t device;
    uint64_t inode;
    struct host_paths paths;
    struct host_places places;
    struct host_contents contents;
    struct host_listings listings; /* of the directories in which the end of a place is missing */
    bool has_account;              /* its /etc/passwd has the uid of the command: */
    const char *user;
    const char *home;
    const char *shell;
    bool user_is_taken; /* it gives the caller's name to another uid */
};

struct host_group {
    gid_t gid;
    const char *name; /* NULL where it has none */
};

struct host_groups {
    struct host_group *items;
    size_t count;
    size_t capacity;
};

struct host {
    /* the caller */
    uid_t uid;
    gid_t gid;
    bool is_root;              /* uid 0 of the machine, not of a user namespace */
    bool is_admin;             /* is_root, with CAP_SYS_ADMIN: may mount outside a user namespace */
    struct host_groups groups; /* supplementary ones, without the primary */
    const char *user;          /* login name, NULL where nobody knows one */
    const char *passwd_home;   /* home directory of the account, NULL where unknown */
    const char *passwd_shell;
    bool user_is_local; /* /etc/passwd has the uid */
    const char *cwd;    /* canonical working directory of the caller */
    const char *const *environment;
    struct host_strings profile_directories; /* there or not; and files of profiles by themselves:
        what a link in one leads to, and what --profile names by its path */
    const char *state_directory; /* where running sandboxes are registered, there or not; NULL:
                                    nowhere */
    bool no_cores;        /* the hard limit on core files is 0, and core_pattern is no pipe */
    const char *terminal; /* device path of descriptors 0 to 2's terminal, or NULL */
    struct host_fds fds;  /* 0, 1, 2 and those of --keep-fd */
    /* the machine */
    uint64_t memory;  /* bytes of RAM */
    int landlock_abi; /* 0: none */
    struct host_mounts mounts;
    struct host_paths paths;     /* what was asked for in the request */
    struct host_aliases aliases; /* of the request's hidden paths */
    struct host_strings sockets; /* reachable pathname sockets, canonical */
    unsigned lost_sockets;       /* bound ones whose place cannot be told */
    /* derived from the working directory, PATH and the command */
    struct host_path worktree; /* nearest directory at or above it that has .git; path NULL: none */
    struct host_paths path_files;    /* what links in PATH directories below a home lead to */
    struct host_paths command_files; /* the command's file and its interpreters */
    struct host_contents contents;   /* of the request's files */
    struct host_patterns patterns;   /* of the request's patterns */
    struct host_places places;       /* of the request's places */
    struct host_tree tree;
    struct host_cgroups cgroups; /* where the request asks for them */
};

/** What is asked about the tree of --root, by paths within it. */
struct host_tree_request {
    const char *path; /* the tree, a path of the host; NULL: there is none */
    struct host_strings paths;
    struct host_strings hidden; /* where the host shows them as well: to fill host.aliases */
    struct host_strings files;
    struct host_strings places;
    uid_t uid; /* of the command */
};

/** What a probe is to look at; all paths absolute and lexically normal. */
struct host_request {
    struct host_strings paths;    /* to fill host.paths */
    struct host_strings hidden;   /* to fill host.aliases; taken from paths or not */
    struct host_strings files;    /* to fill host.contents */
    struct host_strings patterns; /* to fill host.patterns */
    struct host_strings places;   /* to fill host.places */
    const int *keep_fds;
    size_t keep_fd_count;
    const char *command;     /* argv[0] */
    const char *search_path; /* PATH of the command's environment, or NULL */
    const char *workdir;     /* --cd, or NULL for the caller's */
    struct host_tree_request tree;
    bool landlock;             /* to fill host.landlock_abi; host_probe() does so anyway */
    bool cgroups;              /* to fill host.cgroups */
    const char *cgroup_parent; /* --cgroup-parent, among paths; or NULL */
};

/**
 * Find the facts about the caller: ids, account, working directory, @environment (kept as it is).
 * Everything else in *@ret_host is zero.  Strings live in @arena.  Runs no other program, except
 * getent(1) where the caller's uid is not in /etc/passwd; changes nothing.
 * Returns 0, -ENOMEM, or a negative errno where the working directory can't be told.
 */
int host_probe_caller(struct arena *arena, const char *const *environment, struct host *ret_host,
                      struct sbx_error *err);

/**
 * Find what a plan guards whatever else it shows: with @profiles where those lie that count for the
 * caller, and where running sandboxes are registered.  @host is from host_probe_caller().  0 or
 * -ENOMEM.
 */
int host_probe_guarded(struct arena *arena, bool profiles, struct host *host,
                       struct sbx_error *err);

/** Add the facts about the machine and those that @request asks for. 0 or a negative errno. */
int host_probe(struct arena *arena, const struct host_request *request, struct host *host,
               struct sbx_error *err);

/**
 * Add what a profile's conditions and patterns depend on: the paths and patterns of @request, and
 * the kernel's features.  Far cheaper than host_probe().  0 or a negative errno.
 */
int host_probe_profile(struct arena *arena, const struct host_request *request, struct host *host,
                       struct sbx_error *err);

/** What @pattern stands for, or NULL where it was not asked for. */
const struct host_pattern *host_pattern_find(const struct host *host, const char *pattern);

/** Where @path leads, or NULL where it was not asked for. */
const struct host_place *host_place_find(const struct host *host, const char *path);

/** What the caller has open at @fd, or NULL where that is nothing, or was not asked for. */
const struct host_fd *host_fd_find(const struct host *host, int fd);

/** The fact about @path, or NULL where it was not asked for. */
const struct host_path *host_path_find(const struct host *host, const char *path);

/**
 * Where @path leads by the facts about it and its parent: without links as far as those are known,
 * else @path itself.  NULL out of memory.
 */
const char *host_path_leads_to(struct arena *arena, const struct host *host, const char *path);

/** The content of @path, or NULL where it was not asked for. */
const struct host_content *host_content_find(const struct host *host, const char *path);

/**
 * The same for a path of the view's root, which is the tree of --root, or without one the host's
 * own.
 */
const struct host_path *host_inside_path(const struct host *host, const char *path);
const struct host_content *host_inside_content(const struct host *host, const char *path);
const struct host_place *host_inside_place(const struct host *host, const char *path);
const char *host_inside_leads_to(struct arena *arena, const struct host *host, const char *path);

/** Where the host has @path of the view's root, in @arena; NULL out of memory. */
const char *host_outside(struct arena *arena, const struct host *host, const char *path);

/** The listing of the tree's directory @path, or NULL where nothing is missing in it. */
const struct host_listing *host_tree_listing(const struct host *host, const char *path);

/** The caller's variable @name, or NULL. */
const char *host_getenv(const struct host *host, const char *name);

/** Append a copy of @fact, which is found by its path then; 0 or -ENOMEM. */
int host_paths_add(struct host_paths *paths, struct arena *arena, const struct host_path *fact);

/** Append a copy of @text; 0 or -ENOMEM. host_strings_add_new() leaves out what is there. */
int host_strings_add(struct host_strings *strings, struct arena *arena, const char *text);
int host_strings_add_new(struct host_strings *strings, struct arena *arena, const char *text);
bool host_strings_contain(const struct host_strings *strings, const char *text);

#endif
