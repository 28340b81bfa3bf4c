/* SPDX-License-Identifier: Apache-2.0 */
/*
 * File systems: what a path lies on, and what can be done with it.  See sbx-fs(1).
 *
 *     sbx_fs_new((const char *[]){"/proc"}, 1, &fs, &err);
 *     sbx_fs_get(fs, 0)->depth;
 *     sbx_fs_free(fs);
 *
 * What no system call tells is found out by trying it in namespaces that go away again.  Where that
 * is not possible, or ends in an unexpected way, the answer is "unknown" with the reason.
 */
#ifndef SBX_FS_H
#define SBX_FS_H

#include <sbx/error.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

enum sbx_fs_answer { SBX_FS_UNKNOWN, SBX_FS_NO, SBX_FS_YES };

/** The answer to a question, for the caller as he is. */
struct sbx_fs_verdict {
    enum sbx_fs_answer answer;
    const char *because; /**< a clause; NULL for a yes that needs none */
    const char *hint;    /**< what to do about it; or NULL */
};

/** A mount below a path. */
struct sbx_fs_submount {
    const char *point;
    const char *type;
    const char *source;
    const char *flags; /**< "rw,nosuid,relatime" */
    unsigned level;    /**< 1: on the mount of the path itself, 2: on one of those, and so on */
    int covered;       /**< another mount lies over all of it */
};

/** All about one path.  Strings are never NULL where nothing is said of it. */
struct sbx_fs_path {
    const char *path;              /**< as it was given */
    const struct sbx_error *error; /**< why it could not be looked at; then nothing else is set but
                                        path.  NULL where it could */
    const char *real;              /**< without links; NULL where that can't be told */
    const char *kind;              /**< "directory", "file", "device", "socket", "fifo", "other" */

    /* the mount, see mount_namespaces(7) */
    int id;             /**< as in /proc/self/mountinfo */
    const char *point;  /**< where it is mounted */
    const char *root;   /**< what of its file system is there: "/", or a directory for a bind */
    const char *device; /**< "8:1" */
    const char *flags;  /**< "rw,nosuid,relatime" */
    const char *locked; /**< flags that a user namespace can't take off; "" for none; "atime" is the
                             mode of access times; NULL: unknown */
    const char *locked_because; /**< why it is unknown; or NULL */
    const char *locked_hint;    /**< or NULL */
    const char *propagation;    /**< "private", "shared", "slave", "shared slave", "unbindable" */
    uint64_t peer_group;        /**< where it is shared; else 0 */
    uint64_t master;            /**< the peer group that it is a slave of; else 0 */

    /* its file system */
    const char *type;
    const char *source;        /**< may be "" */
    const char *super_options; /**< its own flags and options: "rw,size=4k" */

    const struct sbx_fs_submount *submounts; /**< those below the path, parents first */
    size_t submount_count;

    int depth;                   /**< stacking depth: 0, 1, 2; -1: unknown */
    const char *depth_because;   /**< how it was found out, or why not */
    const char *depth_hint;      /**< or NULL */
    struct sbx_fs_verdict layer; /**< can the path be a lower layer of an overlay? */
    struct sbx_fs_verdict idmap; /**< can its mount be id-mapped? */

    /* in a sandbox, see sbx-run(1) */
    const char *shown;            /**< what the path is there when no option asks for anything */
    const char *const *read_only; /**< words of `sbx run` that show it read-only; ends with NULL;
                                       empty where nothing is needed, NULL where there are none */
    const char *const *writable;  /**< and writable */
    const char *explanation;      /**< what is special about this type of file system; or NULL */
};

/** The answers for some paths. Opaque, constant once made. */
struct sbx_fs;

/**
 * Look at @count @paths.  A path that can't be looked at is no failure: its error says so.  Takes
 * ten seconds a path at most, where a file system doesn't answer.  Changes nothing on the host;
 * the kernel may log that overlays were refused.
 *
 * Any thread, but it makes child processes: SIGCHLD must not be ignored, and waiting for any child
 * elsewhere may take them away.  *@ret_fs is to be freed with sbx_fs_free(); all that comes from it
 * belongs to it.  Returns 0; or -ENOMEM or another negative errno where the list of mounts can't be
 * read.
 */
int sbx_fs_new(const char *const *paths, size_t count, struct sbx_fs **ret_fs,
               struct sbx_error *err);
void sbx_fs_free(struct sbx_fs *fs);

/** The answers for path @index, in the order given; NULL past the last. */
const struct sbx_fs_path *sbx_fs_get(const struct sbx_fs *fs, size_t index);

/** Print all as a JSON array, as sbx-fs(1) describes it. Returns 0, -EIO or -ENOMEM. */
int sbx_fs_print_json(const struct sbx_fs *fs, FILE *stream, struct sbx_error *err);

#ifdef __cplusplus
}
#endif
#endif
