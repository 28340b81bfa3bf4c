/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading profiles only where nobody else could have written them.
 *
 * A profile decides what a command may do, so its file counts as a program of the caller's: it
 * and its directory have to belong to the caller, to root, or (shipped ones) to whoever owns sbx
 * itself, and others must not be able to write to them.
 */
#ifndef KERNEL_PROFILE_READER_H
#define KERNEL_PROFILE_READER_H

#include "base/arena.h"
#include "base/error.h"

#include <stdbool.h>
#include <sys/stat.h>

enum profile_source {
    PROFILE_SOURCE_USER,    /* $XDG_CONFIG_HOME/sbx/profiles */
    PROFILE_SOURCE_SYSTEM,  /* /etc/sbx/profiles */
    PROFILE_SOURCE_SHIPPED, /* share/sbx/profiles of this sbx */
    PROFILE_SOURCE_FILE,    /* a file named by its path */
};

/** A directory that was looked for. */
struct profile_opened {
    const char *path;
    enum profile_source source;
    int fd;        /* -ENOENT: it is not there */
    bool readable; /* not O_PATH */
    bool listed;
    bool trusted; /* it was judged, and is fine */
};

/**
 * Reads profiles for one caller: each directory is opened and judged once, however many files of it
 * are read.  Set arena, uid and gid (the effective ones), leave the rest zero, and end with
 * profile_reader_close().
 */
struct profile_reader {
    struct arena *arena; /* of what is read */
    uid_t uid;
    gid_t gid;
    bool knows_root;
    bool knows_program;
    uid_t root;          /* the owner of "/": root, also where it has no number of its own */
    struct stat program; /* of sbx itself */
    struct {
        struct profile_opened *items;
        size_t count;
        size_t capacity;
    } opened;
};

/**
 * Read @path whole (NUL after it), into the reader's arena.  @path stays good as long as @reader.
 * Returns 0; -ENOENT (without @err) where it is missing; -EPERM with @err and its hint where others
 * could have written it or its directory; -EFBIG past @limit; -EISDIR, -EINVAL where it is no
 * regular file; or another negative errno, @err filled.
 */
int profile_file_read(struct profile_reader *reader, const char *path, enum profile_source source,
                      size_t limit, char **ret_text, size_t *ret_size, struct sbx_error *err);

/**
 * The directory @path, to be listed from its beginning; the descriptor stays @reader's.  -ENOENT
 * (without @err) where it is missing; or another negative errno, @err filled.
 */
int profile_reader_list(struct profile_reader *reader, const char *path, enum profile_source source,
                        struct sbx_error *err);

/** Close all directories; the reader may be used on. */
void profile_reader_close(struct profile_reader *reader);

#endif
