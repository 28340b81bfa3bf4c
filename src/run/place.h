/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a step of the child does its work: the place of a mount in the view, the source of one, and
 * the descriptors that both take.  For use between clone and exec.
 *
 * Theory of operation.
 *  - What an earlier command could have changed is found by openat2(2), which follows no link: the
 *    directory of a place within the new root, that of a source from the root of the process.  The
 *    last component is a name in that directory, and no call follows a link there.
 *  - Steps come in the order of their paths.  The directory of one place, and that of one source,
 *    are kept for the next step, until something is mounted over them or above them: a descriptor
 *    from before a mount shows what lies beneath it.
 *  - A descriptor costs nothing but its number.  None is closed by itself; once there are ten or
 *    so, and no step runs, close_range(2) closes them all.  The exec of init closes the rest.
 */
#ifndef RUN_PLACE_H
#define RUN_PLACE_H

#include "run/child.h"

/** Put what the child needs for long at the lowest numbers, and close everything from there on. */
int place_begin(struct child *child);

/** All descriptors up to @fd are to stay open from here on. */
void place_hold(struct child *child, int fd);

/** @fd, or the error that it is; a descriptor that nobody closes before the next sweep. */
int place_leave_open(struct child *child, int fd);

/** Between two uses of such descriptors: close all of them, if there are many. */
int place_sweep(struct child *child);

/**
 * The directory that holds @target's last component, in the view; *@ret_name is that component.
 * With @make it lies on private tmpfs, and is made where it is missing.  A descriptor that the
 * child keeps, or a negative errno.
 */
int place_directory(struct child *child, const char *target, bool make, const char **ret_name);

/** The same for the absolute path @source, which has a name in it, in the tree of the process. */
int place_source_directory(struct child *child, const char *source, const char **ret_name);

/** The directory @fd is that of the view's @path: places in it are found there from here on. */
void place_know(struct child *child, int fd, const char *path);

/** Something is mounted at @target: a directory known before, at it or below, is not the view's. */
void place_forget(struct child *child, const char *target);

/** Make the directory @fd the working directory, unless it is. */
int place_enter(struct child *child, int fd);

/** Attach the detached @mount at the target of @step; made first where that is on a tmpfs. */
int place_attach(struct child *child, int mount, const struct step *step);

/**
 * The directory for the mount of @step, made first where that is on a tmpfs, as a name that
 * mount(2) doesn't have to follow a link at: relative to the working directory, which it changes.
 */
int place_mount_point(struct child *child, const struct step *step, const char **ret_name);

#endif
