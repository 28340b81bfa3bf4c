/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profiles: what a command may do, from a file.  See sbx-profile(5) for the format, and for how one
 * is found and chosen.
 *
 *     sbx_profile_choose(settings, "make", &profile, problems, &err);
 *     sbx_settings_add_profile(settings, profile, &err);
 *
 * Every call returns 0 (or what it says) or a negative errno(3) value with @err filled.  Handles
 * may be used by one thread at a time.  Strings belong to the handle that they came from.
 */
#ifndef SBX_PROFILE_H
#define SBX_PROFILE_H

#include <sbx/error.h>
#include <sbx/option.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sbx_settings;

/** Something wrong in a profile's file. */
struct sbx_problem {
    const char *file;    /**< its path */
    unsigned line;       /**< from 1; 0 where it is about the file as a whole */
    unsigned column;     /**< from 1, in characters */
    const char *text;    /**< the line itself, without its newline; or NULL */
    const char *message; /**< what is wrong, one line */
    const char *hint;    /**< what to do about it; or NULL */
};

/** What was found wrong by the last call that was given this list. Opaque. */
struct sbx_problems;

/** A new empty list, to be freed with sbx_problems_free(); NULL out of memory. */
struct sbx_problems *sbx_problems_new(void);
void sbx_problems_free(struct sbx_problems *problems);
size_t sbx_problems_count(const struct sbx_problems *problems);
/** Problem @index of the list, in the order of the file, into *@ret_problem: 1, or 0 past its end.
 */
int sbx_problems_get(const struct sbx_problems *problems, size_t index,
                     struct sbx_problem *ret_problem);

/** A profile with all that it extends, worked out for this caller and host. Opaque, constant. */
struct sbx_profile;

/**
 * The profile that a run of @command (argv[0]) with @settings takes: the one that --profile names;
 * else the one whose `match` has the command's name, where the command's file is one that only root
 * can have put there; else the one that is called default; else an empty one.  The search for the
 * command's file goes by PATH, --env PATH=... included.  @settings may be NULL: then
 * this is for a look only, and a `refuse` that holds is no hindrance.
 *
 * *@ret_profile is to be freed with sbx_profile_free().  Returns 0; -EINVAL where a file is wrong,
 * with @problems filled and @err naming the first of them; -ENOENT where there is no such profile;
 * -EPERM where somebody else could have written the file, or its `refuse` holds; -ENOMEM; or
 * another negative errno.
 */
int sbx_profile_choose(const struct sbx_settings *settings, const char *command,
                       struct sbx_profile **ret_profile, struct sbx_problems *problems,
                       struct sbx_error *err);

/**
 * The profile @name, or that of a file, where @name has a slash or ends in .yaml; as above, but a
 * `refuse` that holds is no hindrance: this is for a look at it.
 */
int sbx_profile_load(const char *name, struct sbx_profile **ret_profile,
                     struct sbx_problems *problems, struct sbx_error *err);

/**
 * Read the profile in @path with all that it extends, and say all that is wrong.  0 where nothing
 * is; else as sbx_profile_choose().
 */
int sbx_profile_check(const char *path, struct sbx_problems *problems, struct sbx_error *err);

void sbx_profile_free(struct sbx_profile *profile);

const char *sbx_profile_name(const struct sbx_profile *profile);
/** Its file; "" for the empty one. */
const char *sbx_profile_path(const struct sbx_profile *profile);
const char *sbx_profile_description(const struct sbx_profile *profile);
/** Why it was chosen: "matches /usr/bin/ffmpeg". */
const char *sbx_profile_reason(const struct sbx_profile *profile);
/** File @index of those that it is made of, lowest first; NULL past the last. */
const char *sbx_profile_layer(const struct sbx_profile *profile, size_t index);

/** One line of a profile that is worked out. */
struct sbx_profile_setting {
    const struct sbx_option *option;
    const char *value;  /**< as for the command line; "" for a flag */
    const char *origin; /**< "build.yaml:12:5" */
};

/** Line @index of @profile into *@ret_setting: 1, or 0 past the last. */
int sbx_profile_get(const struct sbx_profile *profile, size_t index,
                    struct sbx_profile_setting *ret_setting);

/**
 * The worked-out profile as YAML that loads back to the same.  *@ret_text belongs to @profile.
 * 0; -EILSEQ where a value is not UTF-8, which YAML can't have; -ENOMEM.
 */
int sbx_profile_yaml(struct sbx_profile *profile, const char **ret_text, struct sbx_error *err);

/** Is a file of the caller's own directory among those that it is made of? */
int sbx_profile_has_own_layer(const struct sbx_profile *profile);

/**
 * Put the lines of @profile before what is in @settings, so that these decide, and its name in
 * place of --profile.  0 or -ENOMEM.
 */
int sbx_settings_add_profile(struct sbx_settings *settings, const struct sbx_profile *profile,
                             struct sbx_error *err);

/** Where profiles are looked for, in this order; NULL past the last. Freed with free(3). */
char *sbx_profile_directory(size_t index);

/** One profile of a list. */
struct sbx_profile_entry {
    const char *name;
    const char *path;
    const char *description; /**< "" where it has none */
    const char *matches;     /**< names of programs, separated by spaces */
    const char *source;      /**< "user", "system" or "shipped" */
    const char *problem;     /**< what is wrong with its file; NULL where nothing is */
};

struct sbx_profile_list;

/** All profiles by name; one that an earlier directory has too is left out. Freed as it says. */
int sbx_profile_list_new(struct sbx_profile_list **ret_list, struct sbx_error *err);
void sbx_profile_list_free(struct sbx_profile_list *list);
/** Entry @index, or NULL past the last. */
const struct sbx_profile_entry *sbx_profile_list_get(const struct sbx_profile_list *list,
                                                     size_t index);

/** The JSON Schema of profiles, made from the option table; freed with free(3); NULL: no memory. */
char *sbx_profile_schema(void);

#ifdef __cplusplus
}
#endif
#endif
