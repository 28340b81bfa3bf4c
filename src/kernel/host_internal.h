/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of host_probe(), one file each. */
#ifndef KERNEL_HOST_INTERNAL_H
#define KERNEL_HOST_INTERNAL_H

#include "kernel/host.h"

#include <errno.h>

/**
 * Is @error (errno, or 0) an answer about a path that can be taken at once?  Any other may pass: it
 * counts only if a second look has it too, for what the plan takes for missing is neither hidden
 * nor covered.
 */
bool host_is_answer(int error);

/** Does @error (errno) say that nothing was found out, so that a plan can't be made? */
bool host_is_no_answer(int error);

/**
 * The directory that was looked into last: what is asked about one entry of a directory is often
 * asked about others.  No part of its path was a link when it was opened.
 */
struct host_near {
    const char *path; /* it is the first @length bytes of this */
    size_t length;
    int fd; /* -EBADF: there is none yet */
};
#define HOST_NEAR_NONE ((struct host_near){.fd = -EBADF})
void cleanup_host_near(struct host_near *near);
#define _cleanup_host_near_ __attribute__((cleanup(cleanup_host_near)))

/**
 * Find out about one path; @ret_path->path is @path itself, which has to stay as long as @near.
 * 0 or a negative errno: -ENOMEM, or what is in the way of any answer.
 */
int host_path_probe_near(struct arena *arena, struct host_near *near, const char *path,
                         struct host_path *ret_path);

/** The same for a path by itself. */
int host_path_probe(struct arena *arena, const char *path, struct host_path *ret_path);

/** The same, from the facts in @host where it was asked for already. */
int host_path_ask(struct arena *arena, const struct host *host, const char *path,
                  struct host_path *ret_path);

/** The same for what @fd (O_PATH) stands for. */
int host_path_describe(struct arena *arena, int fd, const char *path, struct host_path *ret_path);

enum host_file_type host_file_type_of(mode_t mode);

/**
 * Follow @path as far as it goes within the tree @root, a path of the host ("" for the whole host);
 * @ret_place->path is @path itself. 0 or -ENOMEM.
 */
int host_place_probe(struct arena *arena, const char *root, const char *path,
                     struct host_place *ret_place);

/** Where else the canonical @path shows, by the mount table: append to host->aliases. */
int host_aliases_probe(struct arena *arena, struct host *host, const char *path);

/** Pathname sockets of the host that the caller can reach (proc_net_unix). */
int host_sockets_probe(struct arena *arena, struct host *host);

/** The worktree, the links of PATH directories, and the command's files. */
int host_command_probe(struct arena *arena, const struct host_request *request, struct host *host);

/** What the request asks about the tree of --root: fill host->tree. 0 or -ENOMEM. */
int host_tree_probe(struct arena *arena, const struct host_request *request, struct host *host);

/** The account of uid @uid by the tree's /etc/passwd, which is among its contents. 0 or -ENOMEM. */
int host_tree_find_account(struct arena *arena, uid_t uid, struct host *host);

/** Match the request's patterns: fill host->patterns. 0 or -ENOMEM. */
int host_patterns_probe(struct arena *arena, const struct host_request *request, struct host *host);

/** Where profiles lie that count for the caller, or could: fill host->profile_directories. 0 or
 * -ENOMEM. */
int host_profile_directories_probe(struct arena *arena, struct host *host);

/** Where a sandbox's cgroup could be made: fill host->cgroups; mounts and paths are there already.
 * 0 or -ENOMEM. */
int host_cgroups_probe(struct arena *arena, const struct host_request *request, struct host *host);

/** The facts about the cgroup whose directory is @path, but for who is in it. 0 or -ENOMEM. */
int host_cgroup_probe(struct arena *arena, const char *path, struct host_cgroup *ret_cgroup);

/** Who could make a scope: fill host->cgroups.scope; @own is the caller's cgroup, or NULL. 0 or
 * -ENOMEM. */
int host_scope_probe(struct arena *arena, const char *own, struct host *host);

#endif
