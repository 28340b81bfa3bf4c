/* SPDX-License-Identifier: Apache-2.0 */
/* The id maps of a user namespace, see user_namespaces(7). */
#ifndef KERNEL_IDMAP_H
#define KERNEL_IDMAP_H

/**
 * Write the id maps of the calling process, whose user namespace has none yet: "deny" to setgroups,
 * which an unprivileged writer must, then the lines @uids and @gids ("INSIDE OUTSIDE COUNT\n").
 * @proc is an open procfs to write through, or negative for /proc.
 *
 * Returns 0 or a negative errno; *@ret_file (if not NULL) is the file written last, constant text.
 * Allocates nothing: safe between clone and exec.
 */
int idmap_write(int proc, const char *uids, const char *gids, const char **ret_file);

/** Write @text to the existing file @path of /proc ("/proc/..."), as idmap_write() does. */
int idmap_write_file(int proc, const char *path, const char *text);

#endif
