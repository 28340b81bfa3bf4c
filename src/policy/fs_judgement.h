/* SPDX-License-Identifier: Apache-2.0 */
/* From what was found out about a path's file system to answers.  Pure. */
#ifndef POLICY_FS_JUDGEMENT_H
#define POLICY_FS_JUDGEMENT_H

#include "kernel/fs_probe.h"

#include <sbx/fs.h>

/** Who asks: what a sandbox of his shows depends on it. */
struct fs_caller {
    const char *homes[2]; /* private in a sandbox, canonical; NULL where there is none */
    const char *cwd;      /* the working directory, put back where it lies in one; NULL: none */
    bool proc_covered;    /* something is mounted over parts of /proc */
    bool is_root;         /* uid 0, for whom files of root alone are hidden */
};

/**
 * All answers for @facts, a path of the table @mounts.  Strings live in @arena, @facts or @mounts.
 * 0 or -ENOMEM.
 */
int fs_judge(struct arena *arena, const struct fs_facts *facts, const struct host_mounts *mounts,
             const struct fs_caller *caller, struct sbx_fs_path *ret_path);

/** Why @facts has no mount, as an error; *@err is filled, and what this returns is its errno. */
int fs_judge_failure(const struct fs_facts *facts, const struct host_mounts *mounts,
                     struct sbx_error *err);

/* The parts of fs_judge(). */

/** depth, depth_because, depth_hint. */
int fs_judge_depth(struct arena *arena, const struct fs_facts *facts, struct sbx_fs_path *path);
/** layer; after the depth and the submounts. */
int fs_judge_layer(struct arena *arena, const struct fs_facts *facts, struct sbx_fs_path *path);
/** idmap. */
int fs_judge_idmap(struct arena *arena, const struct fs_facts *facts, struct sbx_fs_path *path);
/** locked, locked_because, locked_hint. */
int fs_judge_locks(struct arena *arena, const struct fs_facts *facts, struct sbx_fs_path *path);
/** flags, propagation, submounts and all else that the table says. */
int fs_describe_mount(struct arena *arena, const struct fs_facts *facts,
                      const struct host_mounts *mounts, struct sbx_fs_path *path);
/** shown, read_only, writable, explanation. */
int fs_advise(struct arena *arena, const struct fs_caller *caller, struct sbx_fs_path *path);

/** "rw,nosuid,relatime" of MOUNT_ATTR_*; NULL out of memory. */
const char *fs_flags_text(struct arena *arena, uint64_t attributes);

/** Why a trial that should have told something has not; NULL where it came to its end. */
const char *fs_trial_failure(struct arena *arena, const struct fs_trial *trial);

#endif
