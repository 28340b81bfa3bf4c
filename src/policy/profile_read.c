/* SPDX-License-Identifier: Apache-2.0 */
/* From a YAML document to a profile, by the option table. */
#include "policy/profile_reader.h"

#include "kernel/profile_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PROBLEMS 50 /* that are shown of one file */

/* ------------------------------------------------------------------ words of the head */

typedef bool (*is_word)(const char *text);

static bool is_program(const char *text)
{
    return text[0] != '\0' && strlen(text) <= 255 && strcmp(text, ".") != 0 &&
           strcmp(text, "..") != 0 && strspn(text, profile_name_bytes) == strlen(text);
}

static bool is_profile(const char *text)
{
    return profile_is_name(text);
}

static int read_word(struct reader *reader, const yaml_node_t *node, const char *what, is_word good,
                     struct profile_words *words)
{
    struct profile_word *word;

    if (!reader_is_text(node) || reader_is_empty(node))
        return reader_wrong_type(reader, node, what, "a name or a list of names");
    if (!good(reader_text(node)))
        return reader_problem(reader, node,
                              arena_printf(reader->reading.arena, "'%s' is not a name for '%s'",
                                           reader_text(node), what),
                              "a name has letters, digits and . _ + - and no slash");
    word = ARENA_PUSH(reader->reading.arena, words);
    if (word == NULL)
        return error_oom(reader->reading.err);
    word->word = arena_strdup(reader->reading.arena, reader_text(node));
    word->mark = profile_yaml_mark(node);
    return word->word == NULL ? error_oom(reader->reading.err) : 0;
}

static int read_words(struct reader *reader, const yaml_node_t *node, const char *what,
                      is_word good, struct profile_words *words)
{
    const yaml_node_item_t *items = node->data.sequence.items.start;
    const yaml_node_t **nodes;
    const yaml_node_t **firsts;
    size_t count;
    int r = 0;

    if (node->type != YAML_SEQUENCE_NODE)
        return read_word(reader, node, what, good, words);
    count = (size_t)(node->data.sequence.items.top - items);
    nodes = arena_alloc(reader->reading.arena, (count + 1) * sizeof(const yaml_node_t *));
    if (nodes == NULL)
        return error_oom(reader->reading.err);
    for (size_t i = 0; i < count; i++)
        nodes[i] = reader_node(reader, items[i]);
    firsts = reader_firsts(reader, nodes, count);
    if (firsts == NULL)
        return error_oom(reader->reading.err);
    for (size_t i = 0; i < count && r == 0; i++)
        r = firsts[i] == NULL || firsts[i] == nodes[i]
                ? read_word(reader, nodes[i], what, good, words)
                : reader_double(reader, nodes[i], "name it once");
    return r;
}

/* ------------------------------------------------------------------ refuse */

/* A refusal as far as it is read. */
struct refusal_form {
    struct profile_refusal refusal;
    bool has_when;
    bool has_because;
};

static int read_refusal_pair(struct reader *reader, const yaml_node_t *key,
                             const yaml_node_t *value, void *target)
{
    static const char *const keys[] = {"when", "because", NULL};
    struct refusal_form *form = target;

    if (strcmp(reader_text(key), "when") == 0) {
        form->has_when = true;
        return reader_when(reader, value, &form->refusal.when);
    }
    if (strcmp(reader_text(key), "because") != 0)
        return reader_unknown_key(reader, key, keys);
    form->has_because = true;
    if (!reader_is_text(value) || reader_is_empty(value))
        return reader_wrong_type(reader, value, "because", "a sentence");
    if (!reader_is_line(value))
        return reader_problem(reader, value, "'because' is one line of text",
                              "say why, in a few words");
    form->refusal.because = arena_strdup(reader->reading.arena, reader_text(value));
    return form->refusal.because == NULL ? error_oom(reader->reading.err) : 0;
}

static int read_refusal(struct reader *reader, const yaml_node_t *node)
{
    struct refusal_form form = {.refusal.mark = profile_yaml_mark(node)};
    struct profile_refusal *slot;
    int r;

    if (node->type != YAML_MAPPING_NODE)
        return reader_wrong_type(reader, node, "refuse", "entries { when: ..., because: ... }");
    r = reader_mapping(reader, node, "write it once", read_refusal_pair, &form);
    if (r < 0)
        return r;
    if (!form.has_when || !form.has_because)
        return reader_problem(reader, node, "a refusal needs 'when' and 'because'",
                              "write { when: { user: root }, because: not as root }");
    slot = ARENA_PUSH(reader->reading.arena, &reader->reading.profile->refusals);
    if (slot == NULL)
        return error_oom(reader->reading.err);
    *slot = form.refusal;
    return 0;
}

static int read_refuse(struct reader *reader, const yaml_node_t *node)
{
    int r = 0;

    if (node->type != YAML_SEQUENCE_NODE)
        return read_refusal(reader, node);
    for (const yaml_node_item_t *item = node->data.sequence.items.start;
         r == 0 && item < node->data.sequence.items.top; item++)
        r = read_refusal(reader, reader_node(reader, *item));
    return r;
}

/* ------------------------------------------------------------------ the whole file */

static int read_version(struct reader *reader, const yaml_node_t *node)
{
    if (!reader_is_text(node) || reader_is_empty(node))
        return reader_wrong_type(reader, node, "sbx",
                                 "the version of the format, " PROFILE_VERSION);
    if (strcmp(reader_text(node), PROFILE_VERSION) == 0)
        return 0;
    return reader_problem(reader, node,
                          arena_printf(reader->reading.arena,
                                       "version '%s' of the format is not known",
                                       reader_text(node)),
                          "this sbx reads version " PROFILE_VERSION);
}

static int read_description(struct reader *reader, const yaml_node_t *node)
{
    if (!reader_is_text(node) || reader_is_empty(node))
        return reader_wrong_type(reader, node, "description", "text");
    if (reader_text(node)[0] != '\0' && !reader_is_line(node))
        return reader_problem(reader, node, "a description is one line of text",
                              "say more in comments");
    reader->reading.profile->description = arena_strdup(reader->reading.arena, reader_text(node));
    return reader->reading.profile->description == NULL ? error_oom(reader->reading.err) : 0;
}

static int read_top(struct reader *reader, const yaml_node_t *key, const yaml_node_t *value,
                    void *target)
{
    struct profile *profile = target;
    const char *name = reader_text(key);

    if (strcmp(name, "sbx") == 0)
        return read_version(reader, value);
    if (strcmp(name, "description") == 0)
        return read_description(reader, value);
    if (strcmp(name, "extends") == 0)
        return read_words(reader, value, name, is_profile, &profile->extends);
    if (strcmp(name, "match") == 0 && profile_is_local_name(profile->name))
        return reader_problem(reader, key, "a local file has no 'match'",
                              "it changes a profile, and is not one that is chosen");
    if (strcmp(name, "match") == 0)
        return read_words(reader, value, name, is_program, &profile->match);
    if (strcmp(name, "remove") == 0)
        return reader_remove(reader, value);
    if (strcmp(name, "refuse") == 0)
        return read_refuse(reader, value);
    if (reader_is_section(name))
        return reader_section(reader, key, value);
    return reader_unknown_top(reader, key);
}

static int read_root(struct reader *reader)
{
    const yaml_node_t *root = yaml_document_get_root_node(&reader->document);
    bool versioned = false;

    if (root == NULL || root->type != YAML_MAPPING_NODE)
        return profile_yaml_problem(&reader->reading, (struct profile_mark){.line = 1, .column = 1},
                                    "a profile is a mapping of keys", "it begins with \"sbx: 1\"");
    for (const yaml_node_pair_t *pair = root->data.mapping.pairs.start;
         pair < root->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = reader_node(reader, pair->key);

        versioned = versioned || (reader_is_text(key) && strcmp(reader_text(key), "sbx") == 0);
    }
    if (!versioned) {
        int r = reader_problem(reader, root, "the key 'sbx' is missing",
                               "a profile begins with \"sbx: " PROFILE_VERSION "\"");

        if (r < 0)
            return r;
    }
    return reader_mapping(reader, root, "put what belongs to it in one place", read_top,
                          reader->reading.profile);
}

static int compare_problems(const void *left, const void *right)
{
    const struct profile_problem *a = left;
    const struct profile_problem *b = right;

    if (a->mark.line != b->mark.line)
        return a->mark.line < b->mark.line ? -1 : 1;
    return a->mark.column < b->mark.column ? -1 : a->mark.column > b->mark.column;
}

/* In the order of the file, each with its line; what is too much is counted. */
static int hand_over(struct profile_reading *reading, struct profile_problems *problems)
{
    const struct profile_problem *items = reading->problems.items;
    size_t count = reading->problems.count;
    int r = 0;

    qsort(reading->problems.items, count, sizeof(*items), compare_problems);
    for (size_t i = 0; i < count && i < MAX_PROBLEMS && r == 0; i++)
        r = profile_problem_add(reading->arena, problems, items[i].file, reading->profile->text,
                                items[i].mark, items[i].message, items[i].hint);
    if (r == 0 && count > MAX_PROBLEMS) {
        const char *message =
            arena_printf(reading->arena, "%zu%s more problems", count - MAX_PROBLEMS,
                         count < PROFILE_MAX_FOUND ? "" : " or");

        r = message == NULL ? -ENOMEM
                            : profile_problem_add(reading->arena, problems, reading->profile->file,
                                                  NULL, (struct profile_mark){0}, message, NULL);
    }
    return r < 0 ? error_oom(reading->err) : -EINVAL;
}

int profile_parse(struct arena *arena, const char *name, const char *label, const char *file,
                  const char *text, size_t size, struct profile *ret_profile,
                  struct profile_problems *problems, struct sbx_error *err)
{
    struct profile profile = {
        .name = name, .label = label, .file = file, .text = text, .description = ""};
    struct reader reader = {.reading = {.arena = arena, .profile = &profile, .err = err}};
    int r = profile_yaml_parse(&reader.reading, size, &reader.document);

    if (r > 0) {
        r = read_root(&reader);
        yaml_document_delete(&reader.document);
    }
    if (r < 0 && r != -E2BIG)
        return r;
    if (reader.reading.problems.count > 0)
        return hand_over(&reader.reading, problems);
    *ret_profile = profile;
    return 0;
}
