/* SPDX-License-Identifier: Apache-2.0 */
/* `when`: the conditions of an entry or a refusal. */
#include "policy/profile_reader.h"

#include "policy/profile_expand.h"

#include <errno.h>
#include <string.h>

static const char *const condition_names[] = {
    [PROFILE_WHEN_EXISTS] = "exists",   [PROFILE_WHEN_MISSING] = "missing",
    [PROFILE_WHEN_FEATURE] = "feature", [PROFILE_WHEN_USER] = "user",
    [PROFILE_WHEN_WORKDIR] = "workdir", [PROFILE_WHEN_COUNT] = NULL,
};

static const char *const user_words[] = {"root", "ordinary", NULL};
static const char *const workdir_words[] = {"home", NULL};

/* The words that a condition of this kind takes, NULL where it takes a path. */
static const char *const *words_for(enum profile_condition_kind kind)
{
    switch (kind) {
    case PROFILE_WHEN_FEATURE:
        return profile_features;
    case PROFILE_WHEN_USER:
        return user_words;
    case PROFILE_WHEN_WORKDIR:
        return workdir_words;
    default:
        return NULL;
    }
}

static int read_condition(struct reader *reader, enum profile_condition_kind kind,
                          const yaml_node_t *node, struct profile_conditions *conditions)
{
    const char *const *words = words_for(kind);
    struct arena *arena = reader->reading.arena;
    struct profile_condition *condition;
    struct expand_fault fault;
    const char *path;
    int r = 0;

    if (!reader_is_text(node) || reader_is_empty(node))
        return reader_wrong_type(reader, node, condition_names[kind],
                                 words == NULL ? "a path" : "a word");
    if (words != NULL && !reader_is_one_of(reader_text(node), words))
        return reader_problem(reader, node,
                              arena_printf(arena, "'%s' is not a word of '%s'", reader_text(node),
                                           condition_names[kind]),
                              reader_suggest(reader, reader_text(node), words));
    if (words == NULL)
        r = expand_path(arena, reader_text(node), NULL, &path, &fault);
    if (r == -EINVAL)
        return reader_problem(reader, node, fault.message, fault.hint);
    if (words == NULL && r == 0 && path[0] == '\0')
        return reader_problem(reader, node, "the path is empty",
                              "write \".\" for the working directory");
    if (r < 0)
        return error_oom(reader->reading.err);
    condition = ARENA_PUSH(arena, conditions);
    if (condition == NULL)
        return error_oom(reader->reading.err);
    *condition = (struct profile_condition){.kind = kind,
                                            .value = arena_strdup(arena, reader_text(node)),
                                            .mark = profile_yaml_mark(node)};
    return condition->value == NULL ? error_oom(reader->reading.err) : 0;
}

/* What one key of `when` says: a word, or a list of which all have to hold. */
static int read_condition_values(struct reader *reader, enum profile_condition_kind kind,
                                 const yaml_node_t *node, struct profile_conditions *conditions)
{
    bool one = kind == PROFILE_WHEN_USER || kind == PROFILE_WHEN_WORKDIR;
    int r = 0;

    if (node->type != YAML_SEQUENCE_NODE || one)
        return read_condition(reader, kind, node, conditions);
    /* no condition would be one that always holds */
    if (node->data.sequence.items.start == node->data.sequence.items.top)
        return reader_problem(
            reader, node,
            arena_printf(reader->reading.arena, "'%s' has an empty list", condition_names[kind]),
            "name something, or leave it out");
    for (const yaml_node_item_t *item = node->data.sequence.items.start;
         r == 0 && item < node->data.sequence.items.top; item++)
        r = read_condition(reader, kind, reader_node(reader, *item), conditions);
    return r;
}

static int read_when_pair(struct reader *reader, const yaml_node_t *key, const yaml_node_t *value,
                          void *target)
{
    unsigned kind = 0;

    while (condition_names[kind] != NULL && strcmp(condition_names[kind], reader_text(key)) != 0)
        kind++;
    if (condition_names[kind] == NULL)
        return reader_unknown_key(reader, key, condition_names);
    return read_condition_values(reader, (enum profile_condition_kind)kind, value, target);
}

int reader_when(struct reader *reader, const yaml_node_t *node,
                struct profile_conditions *conditions)
{
    if (node->type != YAML_MAPPING_NODE)
        return reader_wrong_type(reader, node, "when", "a mapping such as { exists: PATH }");
    if (node->data.mapping.pairs.start == node->data.mapping.pairs.top)
        return reader_problem(reader, node, "'when' has no condition",
                              "name one, or leave 'when' out");
    return reader_mapping(reader, node, "write it once", read_when_pair, conditions);
}
