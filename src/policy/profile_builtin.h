/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shipped profiles as the build has read them (src/tools/profiletables.c): a run whose profiles
 * are all among these parses no YAML.  What is in a file counts all the same: the build's reading
 * is taken where the file has, byte for byte, the text that was read.
 *
 * There is no pointer in these tables, which a program that starts would have to relocate: texts
 * are offsets into profile_builtin_texts, lists are spans of the tables.
 */
#ifndef POLICY_PROFILE_BUILTIN_H
#define POLICY_PROFILE_BUILTIN_H

#include "policy/profile.h"

#include <stdint.h>

struct profile_builtin_span {
    uint16_t first;
    uint16_t count;
};

/** A struct profile. */
struct profile_builtin {
    uint32_t name;
    uint32_t description;
    uint32_t text;
    uint32_t size;                       /* bytes of the text */
    struct profile_builtin_span extends; /* of profile_builtin_words, as match is */
    struct profile_builtin_span match;
    struct profile_builtin_span entries;
    struct profile_builtin_span refusals;
};

/** A struct profile_entry. */
struct profile_builtin_entry {
    uint32_t value;
    uint16_t line;
    uint16_t column;
    struct profile_builtin_span when; /* of profile_builtin_conditions */
    uint8_t option;                   /* enum option_id */
    uint8_t action;
    bool optional;
};

/** A struct profile_condition. */
struct profile_builtin_condition {
    uint32_t value;
    uint16_t line;
    uint16_t column;
    uint8_t kind;
};

/** A struct profile_refusal. */
struct profile_builtin_refusal {
    uint32_t because;
    uint16_t line;
    uint16_t column;
    struct profile_builtin_span when;
};

/** A struct profile_word. */
struct profile_builtin_word {
    uint32_t word;
    uint16_t line;
    uint16_t column;
};

extern const char profile_builtin_texts[];
extern const struct profile_builtin profile_builtins[];
extern const size_t profile_builtin_count;
extern const struct profile_builtin_entry profile_builtin_entries[];
extern const struct profile_builtin_condition profile_builtin_conditions[];
extern const struct profile_builtin_refusal profile_builtin_refusals[];
extern const struct profile_builtin_word profile_builtin_words[];

/**
 * The build's reading of the profile @name, where @text, @size bytes, is what was read: fills the
 * lists and the description of *@profile, whose other fields are left alone.  Lists live in @arena.
 * Returns 1; 0 where there is none; or -ENOMEM with @err.
 */
int profile_builtin_find(struct arena *arena, const char *name, const char *text, size_t size,
                         struct profile *profile, struct sbx_error *err);

#endif
