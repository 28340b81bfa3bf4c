/* SPDX-License-Identifier: Apache-2.0 */
/* From a profile's name to the files that it is made of, read and in order. */
#ifndef LIB_PROFILE_CHAIN_H
#define LIB_PROFILE_CHAIN_H

#include "kernel/profile_files.h"
#include "policy/profile.h"

/** A file that was read. */
struct profile_document {
    struct profile profile;
    const char *path;
    enum profile_source source;
    size_t directory; /* index of the directory it was found in; where it is none: the number of
                         directories */
    bool wrong;       /* something that it extends is: told already */
};

/** The files that were looked into. */
struct profile_seen {
    struct profile_seen_file {
        const char *path;
        struct profile_document *document; /* NULL: something is wrong in it, told already */
    } * items;
    size_t count;
    size_t capacity;
};

/** What finding needs. Everything lives in @arena. */
struct profile_finder {
    struct arena *arena;
    struct profile_reader *reader; /* the owner of the finder closes it */
    struct host caller;
    struct profile_directories directories;
    struct profile_seen seen; /* each file is read once, however often it is extended */
    struct profile_problems *problems;
    struct sbx_error *err;
};

/** The files of one profile: @layers lowest first, as profile_settings() takes them. */
struct profile_chain {
    const struct profile_document *top; /* the profile itself */
    struct profile_layers layers;
};

/** Find out who calls and where profiles lie.  @finder->arena, reader, problems and err are
 * set; of the reader's fields none. */
int profile_finder_start(struct profile_finder *finder);

/** Is this word of --profile a file, not a name? */
bool profile_is_file_name(const char *word);

/**
 * Read the profile @name, or the file @path, with all that it extends and the user's local files.
 * 0; -ENOENT with @err where there is none of that name; -EINVAL where problems were found; or
 * another negative errno with @err filled.
 */
int profile_chain_by_name(struct profile_finder *finder, const char *name,
                          struct profile_chain *ret_chain);
int profile_chain_by_file(struct profile_finder *finder, const char *path,
                          struct profile_chain *ret_chain);

/** A profile @name that has no file, with the user's local files for it. As above. */
int profile_chain_without_file(struct profile_finder *finder, const char *name,
                               struct profile_chain *ret_chain);

/**
 * Read @path of @source into *@ret_document, alone.  -ENOENT without @err where it is missing;
 * -EINVAL with problems; another negative errno with @err filled.
 */
int profile_document_read(struct profile_finder *finder, const char *name, const char *path,
                          enum profile_source source, size_t directory,
                          struct profile_document **ret_document);

#endif
