/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML, as far as profiles use it: one document of mappings, lists and text.  Anchors, aliases,
 * tags and directives are refused, so that what stands in a line is what it means.
 */
#ifndef POLICY_PROFILE_YAML_H
#define POLICY_PROFILE_YAML_H

#include "policy/profile.h"

#include <yaml.h>

#define PROFILE_MAX_FOUND 1000 /* problems after which nobody looks for more */

/** Reading one file: where its problems go. */
struct profile_reading {
    struct arena *arena;
    struct profile *profile;          /* file, text and name are set */
    struct profile_problems problems; /* of this file, in any order, without their lines */
    struct sbx_error *err;
};

/**
 * Parse the text of reading->profile, @size bytes; a byte order mark at its start is left out of
 * reading->profile->text.  Returns 1 with *@ret_document, to be given to yaml_document_delete(),
 * where problems may have been added too; 0 where problems were added that leave no document;
 * or as profile_yaml_problem().
 */
int profile_yaml_parse(struct profile_reading *reading, size_t size, yaml_document_t *ret_document);

/** Where a node begins; where libyaml's @mark is. */
struct profile_mark profile_yaml_mark(const yaml_node_t *node);
struct profile_mark profile_mark_of(const yaml_mark_t *mark);

/**
 * Add a problem; NULL @message means that there was no memory for it.  Returns 0; -E2BIG where it
 * was the last that is looked for; -ENOMEM.
 */
int profile_yaml_problem(struct profile_reading *reading, struct profile_mark mark,
                         const char *message, const char *hint);

/** The byte at which character @index of @text begins; where it ends, past its end. */
const char *profile_text_at(const char *text, size_t index);

/** Add the error that stopped @parser.  Returns as above. */
int profile_syntax_problem(struct profile_reading *reading, const yaml_parser_t *parser);

#endif
