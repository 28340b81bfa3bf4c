/* SPDX-License-Identifier: Apache-2.0 */
/* Landlock (landlock(7)): which writes are allowed where.  Fit for use between clone and exec. */
#ifndef KERNEL_LANDLOCK_H
#define KERNEL_LANDLOCK_H

/** The ABI version of the running kernel, 0 where there is none. */
int landlock_abi(void);

/** The same, or why there is none: -ENOSYS (not built in, or hidden by a filter), -EOPNOTSUPP
 * (built in, but not switched on at boot), or another negative errno. */
int landlock_version(void);

/** The scopes, with the numbers of the kernel's LANDLOCK_SCOPE_*; ABI 6. */
#define LANDLOCK_CLOSE_ABSTRACT_SOCKETS 1U
#define LANDLOCK_CLOSE_SIGNALS          2U

/**
 * A ruleset for @abi (2 or higher) that handles every right to change files and closes @scopes
 * (0 below ABI 6).  A descriptor or a negative errno.
 */
int landlock_ruleset(int abi, unsigned scopes);

/** Allow every handled right below the open directory @fd; of a file, those that files have. */
int landlock_allow_tree(int ruleset, int abi, int fd);

/**
 * Allow writing to, and where the ABI has it control of, the open file, device or directory @fd.
 * Returns 1 where the descriptor is of a kind that Landlock does not restrict (a pipe, a socket).
 */
int landlock_allow_writes(int ruleset, int abi, int fd);

/** Put the calling thread under @ruleset; no_new_privs must be set. */
int landlock_enforce(int ruleset);

#endif
