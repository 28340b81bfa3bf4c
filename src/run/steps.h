/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the steps that make the view share; for use between clone and exec. */
#ifndef RUN_STEPS_H
#define RUN_STEPS_H

#include "run/child.h"

#define STAGING_ROOT "root" /* where the new root is attached */
#define STAGING_FILE "file" /* an empty file without rights, the mask of files */
#define STAGING_DIR  "dir"  /* an empty directory, the mask of directories */
/* where the staging directory shows once more, restricted as masks are */
#define STAGING_MASK "mask"

/** Until the pivot the staging tmpfs lies over the root, where "/.." leads to. */
#define STAGING_PATH "/.."

/** What a mount has that is copied from STAGING_MASK. */
#define MASK_ATTRIBUTES                                                                            \
    (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

/**
 * A detached copy of the source of @step, restricted and private.  The source is as it was when the
 * plan was made, or it is an error; that of a pin is its place in the view.
 */
int copy_source(struct child *child, const struct step *step);

/** A detached copy of @name in @directory with all below it, with @attributes and private. */
int copy_restricted(struct child *child, int directory, const char *name, uint64_t attributes);

/** A detached tmpfs as @step describes it. */
int new_tmpfs(struct child *child, const struct step *step);

/**
 * Mount the tmpfs of @step at @name, relative to the working directory.  Where that fails nothing
 * is told of why: new_tmpfs() tells the kernel's own reason.
 */
int mount_tmpfs(const struct step *step, const char *name);

#endif
