/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of profile_parse(), and what they share.  Functions that return an int give 0, also
 * where they added problems: reading goes on, to find what else is wrong.  -E2BIG: enough of them
 * were found; -ENOMEM.
 */
#ifndef POLICY_PROFILE_READER_H
#define POLICY_PROFILE_READER_H

#include "policy/profile_yaml.h"

struct reader {
    struct profile_reading reading;
    yaml_document_t document;
    bool removing; /* below `remove` */
};

/** One pair of a mapping; @target is what it belongs to. */
typedef int (*read_pair)(struct reader *reader, const yaml_node_t *key, const yaml_node_t *value,
                         void *target);

/** The text of a scalar; node @id of the document. */
const char *reader_text(const yaml_node_t *node);
const yaml_node_t *reader_node(struct reader *reader, int id);

/** Is it a scalar?  Is it nothing at all, as behind a lonely colon?  Is it text in one line? */
bool reader_is_text(const yaml_node_t *node);
bool reader_is_empty(const yaml_node_t *node);
bool reader_is_line(const yaml_node_t *node);

/** Is @word one of @words (NULL-terminated)? */
bool reader_is_one_of(const char *word, const char *const *words);

/**
 * Add a problem at @node: a message and a hint; "@what takes @wanted, not a list"; what is there
 * twice, with @advice; an unknown key, with the nearest of @known.
 */
int reader_problem(struct reader *reader, const yaml_node_t *node, const char *message,
                   const char *hint);
int reader_wrong_type(struct reader *reader, const yaml_node_t *node, const char *what,
                      const char *wanted);
int reader_double(struct reader *reader, const yaml_node_t *node, const char *advice);
int reader_unknown_key(struct reader *reader, const yaml_node_t *key, const char *const *known);

/** "did you mean 'x'?", or all that is known; NULL out of memory. */
const char *reader_suggest(struct reader *reader, const char *word, const char *const *known);

/**
 * For each of @count nodes the first one with the same text: itself where there is none before it,
 * NULL where it is no text.  In the arena; NULL out of memory.
 */
const yaml_node_t **reader_firsts(struct reader *reader, const yaml_node_t *const *nodes,
                                  size_t count);

/** Give each pair of @mapping to @read; keys are text, and each is there once. */
int reader_mapping(struct reader *reader, const yaml_node_t *mapping, const char *advice,
                   read_pair read, void *target);

/** The conditions of a `when`, appended to @conditions. */
int reader_when(struct reader *reader, const yaml_node_t *node,
                struct profile_conditions *conditions);

/** The value or values of @option, appended to the profile's entries. */
int reader_entries(struct reader *reader, const struct sbx_option *option, const yaml_node_t *node);

/** Is @name a section of the option table? */
#define READER_MAX_SECTIONS 16
bool reader_is_section(const char *name);

/** The section @key with its options; what is below `remove`. */
int reader_section(struct reader *reader, const yaml_node_t *key, const yaml_node_t *value);
int reader_remove(struct reader *reader, const yaml_node_t *node);

/** A key of the file that is not known there: where it belongs, or what is near. */
int reader_unknown_top(struct reader *reader, const yaml_node_t *key);

#endif
