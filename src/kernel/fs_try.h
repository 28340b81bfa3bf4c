/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What fs_probe() tries, each in a process of its own (kernel/trial.h): functions that make system
 * calls only.  Each fills its result as it goes, so that one that hangs has told how far it came.
 */
#ifndef KERNEL_FS_TRY_H
#define KERNEL_FS_TRY_H

#include "kernel/fs_probe.h"

/** The most other places of a file system that are tried. */
#define FS_OTHERS 8

/** What is tried: plain data, of the process that waits. */
struct fs_target {
    const char *path;              /* as it was given */
    uint32_t major, minor;         /* what it led to */
    bool directory;                /* it did so to a directory */
    const char *parent;            /* the directory that it lies in, without links; may be NULL */
    const char *name;              /* its name there */
    const char *others[FS_OTHERS]; /* mount points of the same file system; ends with a NULL */
    uint32_t fs_major, fs_minor;   /* device of the file system by the list of mounts */
    uint64_t attributes;           /* of its mount */
    bool enter;                    /* for fs_try_locks(): go there before the user namespace */
};

/** @argument is the path, @result a struct fs_place.  Needs no namespace. */
int fs_try_place(const void *argument, void *result);

/** @argument is a struct fs_target, @result a struct fs_overlay.  Needs a mount namespace. */
int fs_try_overlay(const void *argument, void *result);

/** @argument is a struct fs_target, @result a struct fs_locks.  Makes its own namespaces. */
int fs_try_locks(const void *argument, void *result);

/** @argument is a struct fs_target, @result a struct fs_idmap.  Needs a mount namespace. */
int fs_try_idmap(const void *argument, void *result);

/**
 * Open what @target leads to now, O_PATH; -ESTALE where that is on another file system.  Closes all
 * other descriptors of the process, so it comes first.
 */
int fs_reopen(const struct fs_target *target);

/** Make no mount of this namespace propagate, and none unbindable. 0 or a negative errno. */
int fs_make_private(void);

/** Write the decimal digits of @number and a NUL; returns where that is. stdio takes locks. */
char *fs_write_number(char *text, unsigned number);

/** FS_WORKED for a result that is not negative, else what it is. */
static inline int fs_outcome(int result)
{
    return result < 0 ? result : FS_WORKED;
}

#endif
