/* SPDX-License-Identifier: Apache-2.0 */
/* Where profiles lie, and which there are. */
#ifndef KERNEL_PROFILE_FILES_H
#define KERNEL_PROFILE_FILES_H

#include "base/arena.h"
#include "base/error.h"
#include "kernel/host.h"
#include "kernel/profile_reader.h"

#include <stdbool.h>

/** May this be a profile's name: a letter or digit, then those and ". _ + -", 64 bytes at most? */
bool profile_is_name(const char *name);

/** The bytes that a name may have, profiles' and programs'. */
extern const char profile_name_bytes[];

/** Is this the name of a local file, "build.local"? */
bool profile_is_local_name(const char *name);

struct profile_directory {
    enum profile_source source;
    const char *path; /* absolute; may be missing */
};

struct profile_directories {
    struct profile_directory *items; /* in the order in which names are looked for */
    size_t count;
    size_t capacity;
};

/** One file of a directory, by name. */
struct profile_file {
    const char *name; /* "build" of build.yaml */
    const char *path;
    enum profile_source source;
};

struct profile_files {
    struct profile_file *items; /* sorted by name */
    size_t count;
    size_t capacity;
};

/**
 * The directories for @caller (host_probe_caller()).  $XDG_CONFIG_HOME counts where it is
 * absolute, else $HOME/.config, else the account's home; none of them: no directory of the user's.
 * The shipped directory is the first of these that is there: share/sbx/profiles beside the program
 * (a build), ../share/sbx/profiles (an installation), the one of the configured prefix.
 * 0 or -ENOMEM.
 */
int profile_directories_find(struct arena *arena, const struct host *caller,
                             struct profile_directories *ret_directories, struct sbx_error *err);

/**
 * The *.yaml files of @directory whose stem is a name, *.local.yaml included, in @reader's arena.
 * A directory that is missing has none.  0, -ENOMEM, or another negative errno with @err filled.
 */
int profile_files_list(struct profile_reader *reader, const struct profile_directory *directory,
                       struct profile_files *ret_files, struct sbx_error *err);

#endif
