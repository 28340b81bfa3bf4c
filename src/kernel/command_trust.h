/* SPDX-License-Identifier: Apache-2.0 */
/* Is a command's file one that only root can have put there? */
#ifndef KERNEL_COMMAND_TRUST_H
#define KERNEL_COMMAND_TRUST_H

#include "base/arena.h"
#include "base/error.h"
#include "kernel/host.h"

/** Why a command's file can or can't choose a profile. */
enum command_trust {
    COMMAND_TRUSTED,   /* nobody but root could have put it there */
    COMMAND_NOT_FOUND, /* PATH has no such command */
    COMMAND_WRITABLE,  /* the caller or others could have written it, or a directory or link on the
                          way */
    COMMAND_ELSEWHERE, /* ownership says nothing here, and it is not in /usr, /bin, /sbin or /opt */
    COMMAND_REPLACED,  /* an option puts something else in its place, or in a directory of PATH */
};

/** A command, and where it will be looked for. */
struct command_search {
    const char *command;     /* argv[0] */
    const char *search_path; /* PATH, or NULL */
    const char *root;        /* --root, an absolute path of the host; NULL: the host's own root */
    struct host_strings replaced; /* absolute places inside at which options put something else */
};

/**
 * Find the command as init does (src/init/command.c), and say whether its file may choose a
 * profile: the file, every link on the way to it and every directory above them belong to root and
 * only root can write them.  Where the caller is root (of a user namespace too), or the file lies
 * on a file system that was mounted nosuid and so may come from anybody, that says nothing, and the
 * place has to be one for programs.
 *
 * Relative names and elements of PATH start at @caller->cwd: a caller that will run it elsewhere
 * sets that.  In a tree of --root they choose nothing, for they may lead to what is mounted over
 * it; the tree itself and the directories above it have to be root's as those in it.  *@ret_path is
 * the file found (before links are followed), in @arena, or NULL.  Returns 0, or a negative errno
 * where that can't be told.
 */
int command_trust_probe(struct arena *arena, const struct host *caller,
                        const struct command_search *search, enum command_trust *ret_trust,
                        const char **ret_path, struct sbx_error *err);

#endif
