/* SPDX-License-Identifier: Apache-2.0 */
/* What every part of the reader needs: nodes, their types, and messages about them. */
#include "policy/profile_reader.h"

#include "policy/nearest.h"

#include <stdlib.h>
#include <string.h>

const char *reader_text(const yaml_node_t *node)
{
    return (const char *)node->data.scalar.value;
}

const yaml_node_t *reader_node(struct reader *reader, int id)
{
    return yaml_document_get_node(&reader->document, id);
}

bool reader_is_text(const yaml_node_t *node)
{
    return node->type == YAML_SCALAR_NODE;
}

/* Nothing behind the colon or the hyphen. */
bool reader_is_empty(const yaml_node_t *node)
{
    return reader_is_text(node) && node->data.scalar.length == 0 &&
           node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

bool reader_is_line(const yaml_node_t *node)
{
    if (!reader_is_text(node) || node->data.scalar.length == 0)
        return false;
    for (const char *text = reader_text(node); *text != '\0'; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return false;
    return true;
}

bool reader_is_one_of(const char *word, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcmp(word, *words) == 0)
            return true;
    return false;
}

/* ------------------------------------------------------------------ problems */

int reader_problem(struct reader *reader, const yaml_node_t *node, const char *message,
                   const char *hint)
{
    return profile_yaml_problem(&reader->reading, profile_yaml_mark(node), message, hint);
}

static const char *kind_of(const yaml_node_t *node)
{
    if (reader_is_text(node))
        return "text";
    return node->type == YAML_SEQUENCE_NODE ? "a list" : "a mapping";
}

int reader_wrong_type(struct reader *reader, const yaml_node_t *node, const char *what,
                      const char *wanted)
{
    struct arena *arena = reader->reading.arena;
    const char *hint = "sbx-profile(5) shows how it is written";

    if (reader_is_text(node) && strchr(reader_text(node), ':') != NULL)
        hint = "behind the colon of a key comes a space";
    if (reader_is_empty(node))
        return reader_problem(reader, node,
                              arena_printf(arena, "the value of '%s' is missing", what),
                              arena_printf(arena, "'%s' takes %s", what, wanted));
    return reader_problem(reader, node,
                          arena_printf(arena, "'%s' takes %s, not %s", what, wanted, kind_of(node)),
                          hint);
}

int reader_double(struct reader *reader, const yaml_node_t *node, const char *advice)
{
    return reader_problem(
        reader, node, arena_printf(reader->reading.arena, "'%s' is there twice", reader_text(node)),
        advice);
}

const char *reader_suggest(struct reader *reader, const char *word, const char *const *known)
{
    const char *near = nearest_word(word, known);
    const char *list = "";

    if (near != NULL)
        return arena_printf(reader->reading.arena, "did you mean '%s'?", near);
    for (size_t i = 0; known[i] != NULL && list != NULL; i++)
        list = arena_printf(reader->reading.arena, "%s%s%s", list, i == 0 ? "" : ", ", known[i]);
    return list == NULL ? NULL : arena_printf(reader->reading.arena, "what is known: %s", list);
}

int reader_unknown_key(struct reader *reader, const yaml_node_t *key, const char *const *known)
{
    return reader_problem(reader, key,
                          arena_printf(reader->reading.arena, "unknown key '%s'", reader_text(key)),
                          reader_suggest(reader, reader_text(key), known));
}

/* ------------------------------------------------------------------ doubles */

struct place {
    const yaml_node_t *node;
    size_t index;
};

static int compare_places(const void *left, const void *right)
{
    const struct place *a = left;
    const struct place *b = right;
    int order = strcmp(reader_text(a->node), reader_text(b->node));

    if (order != 0)
        return order;
    return a->index < b->index ? -1 : a->index > b->index;
}

/* Sorted, because a file may hold a hundred thousand keys. */
const yaml_node_t **reader_firsts(struct reader *reader, const yaml_node_t *const *nodes,
                                  size_t count)
{
    struct place *places = arena_alloc(reader->reading.arena, (count + 1) * sizeof(*places));
    const yaml_node_t **firsts =
        arena_alloc(reader->reading.arena, (count + 1) * sizeof(const yaml_node_t *));
    size_t used = 0;

    if (places == NULL || firsts == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++)
        if (reader_is_text(nodes[i]))
            places[used++] = (struct place){.node = nodes[i], .index = i};
    qsort(places, used, sizeof(*places), compare_places);
    for (size_t i = 0; i < used; i++) {
        const struct place *before = i == 0 ? NULL : &places[i - 1];

        firsts[places[i].index] =
            before != NULL && strcmp(reader_text(before->node), reader_text(places[i].node)) == 0
                ? firsts[before->index]
                : places[i].node;
    }
    return firsts;
}

int reader_mapping(struct reader *reader, const yaml_node_t *mapping, const char *advice,
                   read_pair read, void *target)
{
    const yaml_node_pair_t *pairs = mapping->data.mapping.pairs.start;
    size_t count = (size_t)(mapping->data.mapping.pairs.top - pairs);
    const yaml_node_t **keys =
        arena_alloc(reader->reading.arena, (count + 1) * sizeof(const yaml_node_t *));
    const yaml_node_t **firsts = NULL;
    int r = 0;

    for (size_t i = 0; i < count && keys != NULL; i++)
        keys[i] = reader_node(reader, pairs[i].key);
    if (keys != NULL)
        firsts = reader_firsts(reader, keys, count);
    if (firsts == NULL)
        return error_oom(reader->reading.err);
    for (size_t i = 0; i < count && r == 0; i++) {
        if (firsts[i] == NULL)
            r = reader_problem(reader, keys[i], "a key has to be a word",
                               "text that begins with [ or { goes in quotes");
        else if (firsts[i] != keys[i])
            r = reader_double(reader, keys[i], advice);
        else
            r = read(reader, keys[i], reader_node(reader, pairs[i].value), target);
    }
    return r;
}
