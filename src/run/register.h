/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The register of what runs: one socket for each sandbox, in a directory of the caller's own.
 *
 * Theory of operation.  An entry is a listening socket, and nothing else is written down: what is
 * to be known of a sandbox its supervisor tells.  So an entry can't be wrong, and whether it is
 * alive is a question to the kernel: connect(2) to a socket whose owner has died, however it died,
 * is refused.  Such entries are taken away by whoever meets them, and each new run looks at some.
 * One thing can't be asked of the dead: a cgroup of a run that was killed lies somewhere else.  So
 * a link beside the entry, .cgroup.NAME, leads to the cgroup in which the run has made its own, for
 * as long as the entry is there; who takes away the entry of a dead one sweeps that cgroup first,
 * of what nobody holds a lock on (cgroup_place.h). Entries are made and taken away under a lock of
 * the directory (flock(2)), so that none is taken for dead between bind(2) and listen(2), and no
 * new one in the place of a dead one is removed. Process ids play no part.
 */
#ifndef RUN_REGISTER_H
#define RUN_REGISTER_H

#include "base/arena.h"
#include "base/error.h"
#include "kernel/host.h"

#define REGISTER_NAME_SIZE 64

struct register_entry {
    int directory; /* -EBADF: there is no entry */
    int listener;
    bool cgroup; /* it has a link to one */
    char name[REGISTER_NAME_SIZE];
};

/**
 * Enter a sandbox as @name, or under a name that is made up where that is NULL.  @directory is
 * made where it is missing.  @cgroup is where the run will have its own, or NULL.  Returns 0;
 * -EEXIST with a usage error where one of that name runs; or another negative errno with @err.
 */
int register_add(const char *directory, const char *name, const char *cgroup,
                 struct register_entry *ret_entry, struct sbx_error *err);

/** Take it out and close it; nothing where there is no entry. */
void register_remove(struct register_entry *entry);

/** The names in it, dead ones left out and taken away, sorted. 0 or a negative errno with @err. */
int register_list(struct arena *arena, const char *directory, struct host_strings *ret_names,
                  struct sbx_error *err);

/**
 * Connect to the sandbox @name.  Returns a close-on-exec descriptor; -ENOENT where none of that
 * name runs; -EPERM where the directory isn't the caller's alone, or who listens is itself in a
 * sandbox and poses as one; or another negative errno.
 */
int register_connect(const char *directory, const char *name);

#endif
