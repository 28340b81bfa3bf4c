/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mount interface that works on descriptors: open_tree(2), move_mount(2), fsopen(2),
 * fsconfig(2), fsmount(2), mount_setattr(2), and openat2(2) within a root.
 *
 * Everything here may run between clone and exec: no memory is allocated, and what comes back is
 * a close-on-exec descriptor or a negative errno.
 */
#ifndef KERNEL_MOUNT_H
#define KERNEL_MOUNT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/mount.h>

/** A detached copy of the mount tree at the already open directory or file @fd, submounts too. */
int mount_copy_tree(int fd);

/** The same for a path, symlinks followed. */
int mount_copy_path(int directory, const char *path);

/**
 * The same without submounts.  -EINVAL where one of them is locked, as it is for an ordinary user
 * in a copy of the host's mounts, and where the mount is unbindable.
 */
int mount_copy_one(int directory, const char *path);

/**
 * Set @attributes (MOUNT_ATTR_*) on the detached or attached mount @fd and make it private; with
 * @recursive on all that lies below as well.  All or nothing.
 */
int mount_restrict(int fd, uint64_t attributes, int recursive);

/**
 * A detached copy, submounts too, of what is in the open @directory under the one component @name,
 * or of @directory itself where that is "".  No link is followed and no automount triggered.
 */
int mount_copy_entry(int directory, const char *name);

/**
 * mount_copy_entry() and a recursive mount_restrict() in one call (open_tree_attr(2), Linux 6.15).
 * -ENOSYS on older kernels.
 */
int mount_copy_restricted(int directory, const char *name, uint64_t attributes);

/** The recursive mount_restrict() of what is mounted at @path; -EINVAL: that is no mount. */
int mount_restrict_tree(const char *path, uint64_t attributes);

/** Attach the detached mount @mount over the open directory or file @target. */
int mount_attach(int mount, int target);

/**
 * A new file system of @type, not attached to anything, with @attributes.  @options is an array
 * of name and value, name and value, NULL; a NULL value is a flag.
 * On failure *@ret_reason (if not NULL, of @reason_size bytes) holds the kernel's own text, or "".
 */
int mount_new(const char *type, const char *const *options, uint64_t attributes, char *ret_reason,
              size_t reason_size);

/**
 * Open @path as O_PATH within the tree @root: no step leads out of it, and no link of any kind is
 * followed (-ELOOP): the plan's paths have none.
 */
int open_in_root(int root, const char *path, int flags);

/**
 * Open @path with @flags as a process would whose root is the tree @root: links are followed, and
 * none leads out of it.  Links of procfs, which lead anywhere, are refused (-ELOOP).
 */
int open_as_root(int root, const char *path, int flags);

/** Open @name in @directory as O_PATH where it is no link and no other mount begins: else -EXDEV.
 */
int open_on_same_mount(int directory, const char *name, int flags);

/** Open the absolute @path as O_PATH where no part of it is a symlink. */
int open_without_symlinks(const char *path);

#endif
