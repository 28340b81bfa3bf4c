/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be found out about the file system that a path lies on: by the list of mounts, and by
 * trying things in namespaces that go away again.
 */
#ifndef KERNEL_FS_PROBE_H
#define KERNEL_FS_PROBE_H

#include "kernel/host.h"
#include "kernel/trial.h"

#include <limits.h>

/** How long one look at a path may take; a path is looked at FS_LOOKS times at most. */
#define FS_TIMEOUT_MS 2000
#define FS_LOOKS      5

/** What came of one try: FS_WORKED, a negative errno, or FS_UNTRIED where nothing got that far. */
#define FS_UNTRIED 0
#define FS_WORKED  1

/** Where a path leads. */
struct fs_place {
    int opened;            /* the path itself */
    uint64_t mount_id;     /* as in /proc/self/mountinfo */
    uint64_t unique_id;    /* 0 where the kernel has none */
    uint32_t major, minor; /* device of the file, which need not be that of its file system */
    uint32_t mode;         /* its type: S_IFMT bits of st_mode */
    uint32_t owner;
    char real[PATH_MAX]; /* without links; "" where that can't be told */
};

/** What overlays over it came to, in a mount namespace of its own. */
struct fs_overlay {
    int reopened;       /* the path led to the same file system there */
    int alone;          /* a copy of its mount without those below */
    int made_private;   /* no mount propagates any more, none is unbindable */
    int alone_private;  /* then the same copy again */
    int whole;          /* a copy with those below */
    int staging;        /* a tmpfs to work in */
    int control;        /* an overlay over an overlay over an empty directory of it */
    int accepted_alone; /* the path itself, taken by an overlay as a layer */
    int found;          /* a directory of the file system that can be a layer */
    char found_at[256]; /* its name where it is not the path itself, cut if it is longer */
    int first;          /* an overlay over that directory */
    int second;         /* an overlay over that overlay */
};

/** Which flags of its mount a user namespace can't take off. */
struct fs_locks {
    int entered;     /* the user namespace, and in it the mounts of the caller */
    int copied;      /* the mount with those below */
    int control;     /* a flag can be set on that copy */
    uint64_t tried;  /* MOUNT_ATTR_*; MOUNT_ATTR__ATIME for the mode of access times */
    uint64_t locked; /* of these */
    int other;       /* an errno that is no answer, of one that is in neither */
};

/** Whether its mount takes an id map. */
struct fs_idmap {
    int namespace; /* a user namespace with such a map */
    int copied;    /* the mount */
    int mapped;    /* the map on the copy */
};

/** How a trial ended. */
struct fs_trial {
    enum trial_stage stage;
    int result;
};

/** All that was found out about one path. */
struct fs_facts {
    const char *path; /* as it was given */
    struct fs_place place;
    const struct host_mount *mount; /* the row that it lies on; NULL where there is none */
    bool admin;      /* the caller has CAP_SYS_ADMIN, so overlay and idmap were tried without a
                        user namespace */
    unsigned faults; /* enum host_fault, where a trial's namespaces could not be made; else 0 */
    struct fs_trial place_trial, overlay_trial, locks_trial, idmap_trial;
    struct fs_overlay overlay;
    struct fs_locks locks;
    struct fs_idmap idmap;
};

/**
 * Look at @path, whose mount is looked up in @mounts.  Everything in *@ret_facts lives in @arena or
 * belongs to @mounts.  Changes nothing that outlives it, except that the kernel may write lines
 * about refused overlays to its log.  Takes FS_LOOKS times FS_TIMEOUT_MS at most.
 *
 * 0, also where the path can't be reached: the facts say so; or -ENOMEM.
 */
int fs_probe(struct arena *arena, const struct host_mounts *mounts, const char *path,
             struct fs_facts *ret_facts, struct sbx_error *err);

/** Find out where @path leads, within the time limit; what came of it is in @ret_place. */
struct fs_trial fs_probe_place(const char *path, struct fs_place *ret_place);

#endif
