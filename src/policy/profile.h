/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A profile: one YAML file as plain data, see docs/profiles.md and sbx-profile(5).
 *
 *     text --profile_read()--> profile --+
 *     text --profile_read()--> profile --+--> layers --profile_request()--> what to ask the host
 *                                                    --profile_settings()--> settings
 *
 * Everything here is pure: files are found and read by lib/, facts come from the host probe.
 */
#ifndef POLICY_PROFILE_H
#define POLICY_PROFILE_H

#include "kernel/host.h"
#include "policy/setting.h"

#include <stdbool.h>
#include <stddef.h>

#define PROFILE_VERSION     "1"
#define PROFILE_MAX_SIZE    (1U << 20)       /* bytes of one file */
#define PROFILE_MAX_DEPTH   8                /* nested lists and mappings of one file */
#define PROFILE_MAX_CHAIN   64               /* profiles that one profile is made of */
#define PROFILE_MAX_MATCHES HOST_MAX_MATCHES /* paths that one pattern may stand for */

/** A place in a file's text; both count from 1, columns in characters. line 0: no place. */
struct profile_mark {
    unsigned line;
    unsigned column;
};

/** Something wrong in a file. */
struct profile_problem {
    const char *file; /* as shown to the user */
    struct profile_mark mark;
    const char *text;    /* the line itself, without its newline; NULL where there is none */
    const char *message; /* "unknown key 'rx'" */
    const char *hint;    /* "did you mean 'rw'?", or NULL */
};

struct profile_problems {
    struct profile_problem *items;
    size_t count;
    size_t capacity;
};

enum profile_condition_kind {
    PROFILE_WHEN_EXISTS,  /* value: a path that has to be there */
    PROFILE_WHEN_MISSING, /* value: a path that has not to be there */
    PROFILE_WHEN_FEATURE, /* value: a word of profile_features[] */
    PROFILE_WHEN_USER,    /* value: "root" or "ordinary" */
    PROFILE_WHEN_WORKDIR, /* value: "home": the working directory is a home or holds one */
    PROFILE_WHEN_COUNT
};

struct profile_condition {
    enum profile_condition_kind kind;
    const char *value; /* as written */
    struct profile_mark mark;
};

/** All of them have to hold. */
struct profile_conditions {
    struct profile_condition *items;
    size_t count;
    size_t capacity;
};

enum profile_action {
    PROFILE_ADD,       /* set the option to value, or add value to it */
    PROFILE_REMOVE,    /* take the inherited entry back whose key is value's */
    PROFILE_REMOVE_ALL /* take back whatever was inherited for the option; value "" */
};

/** One entry, in the order of the file. */
struct profile_entry {
    const struct sbx_option *option;
    enum profile_action action;
    const char *value; /* as written, with its variables; "" for a flag */
    bool optional; /* leave it out where its path is missing; REMOVE: nothing to remove is fine */
    struct profile_conditions when;
    struct profile_mark mark; /* of the value */
};

struct profile_entries {
    struct profile_entry *items;
    size_t count;
    size_t capacity;
};

/** `refuse`: where the conditions hold, nothing is run. */
struct profile_refusal {
    struct profile_conditions when;
    const char *because;
    struct profile_mark mark;
};

struct profile_refusals {
    struct profile_refusal *items;
    size_t count;
    size_t capacity;
};

struct profile_word {
    const char *word;
    struct profile_mark mark;
};

struct profile_words {
    struct profile_word *items;
    size_t count;
    size_t capacity;
};

struct profile {
    const char *name;        /* "build", "build.local" */
    const char *label;       /* what origins begin with: "build.yaml", "~/.config/.../build.yaml" */
    const char *file;        /* as shown in messages */
    const char *text;        /* the file's content, for the lines that problems show */
    const char *description; /* "" where it has none */
    struct profile_words extends; /* names of profiles */
    struct profile_words match;   /* names of programs */
    struct profile_entries entries;
    struct profile_refusals refusals;
};

/** The profiles that make one up, lowest first; each once. */
struct profile_layer {
    const struct profile *profile;
};

struct profile_layers {
    struct profile_layer *items;
    size_t count;
    size_t capacity;
};

/** Words of `when: feature:`, ends with NULL. */
extern const char *const profile_features[];

/**
 * Read the @size bytes of @text (NUL after them) into *@ret_profile.  @name, @label and @file are
 * as in struct profile.  All that is wrong is appended to @problems, as many as can be told in one
 * go, in the order of the file.  Strings live in @arena.  Every value has been through the parser
 * of its option; what its variables stand for is not known yet.
 * Returns 0; -EINVAL where there are problems; -ENOMEM.
 */
int profile_read(struct arena *arena, const char *name, const char *label, const char *file,
                 const char *text, size_t size, struct profile *ret_profile,
                 struct profile_problems *problems, struct sbx_error *err);

/** The same, from the text alone: profile_read() knows the shipped profiles already. */
int profile_parse(struct arena *arena, const char *name, const char *label, const char *file,
                  const char *text, size_t size, struct profile *ret_profile,
                  struct profile_problems *problems, struct sbx_error *err);

/**
 * Append a problem at @mark of @profile, with the line it is in.  @hint may be NULL.
 * 0 or -ENOMEM.
 */
int profile_problem_add(struct arena *arena, struct profile_problems *problems, const char *file,
                        const char *text, struct profile_mark mark, const char *message,
                        const char *hint);

/** "build.yaml:12:5" in @arena, the origin of what stands at @mark; NULL out of memory. */
char *profile_origin(struct arena *arena, const struct profile *profile, struct profile_mark mark);

/**
 * What to ask the host about before profile_settings(): the paths of conditions and of optional
 * entries, and patterns.  @caller was filled by host_probe_caller().  What is wrong with a value is
 * told by profile_settings().  0 or -ENOMEM.
 */
int profile_request(struct arena *arena, const struct profile_layers *layers,
                    const struct host *caller, struct host_request *ret_request,
                    struct sbx_error *err);

/**
 * The settings that @layers stand for on @host, appended to @settings in their canonical order and
 * form: variables and patterns are replaced, conditions decided, removals done, and of what
 * replaces each other only the last is there.  Origins are those of profile_origin().
 * Returns 0; -EINVAL with @problems; -ENOMEM; -EPERM where a `refuse` holds, with @err filled.
 */
int profile_settings(struct arena *arena, const struct profile_layers *layers,
                     const struct host *host, struct settings *settings,
                     struct profile_problems *problems, struct sbx_error *err);

#endif
