/* SPDX-License-Identifier: Apache-2.0 */
/* Entries: the value or the values of one option. */
#include "policy/profile_reader.h"

#include "policy/option.h"
#include "policy/profile_expand.h"
#include "policy/spec.h"

#include <errno.h>
#include <string.h>

#define MAX_ENTRIES 4096 /* of one file: each is compared with others later on */

static bool takes_path(const struct sbx_option *option)
{
    return option->kind == SBX_VALUE_PATH || option->kind == SBX_VALUE_BIND ||
           option->kind == SBX_VALUE_TMPFS || option->kind == SBX_VALUE_FILE;
}

/* Has it a host path that may be missing? */
static bool can_be_optional(const struct sbx_option *option)
{
    return option->kind == SBX_VALUE_BIND || option->kind == SBX_VALUE_FILE ||
           option->id == OPTION_HIDE || option->id == OPTION_DEV_NODE;
}

static int read_boolean(struct reader *reader, const yaml_node_t *node, const char *what,
                        bool *ret_value)
{
    if (reader_is_text(node) && strcmp(reader_text(node), "true") == 0)
        *ret_value = true;
    else if (reader_is_text(node) && strcmp(reader_text(node), "false") == 0)
        *ret_value = false;
    else if (!reader_is_text(node) || reader_is_empty(node))
        return reader_wrong_type(reader, node, what, "true or false");
    else
        return reader_problem(reader, node,
                              arena_printf(reader->reading.arena,
                                           "'%s' takes true or false, not '%s'", what,
                                           reader_text(node)),
                              "write true or false");
    return 0;
}

/* Would the option take this value? */
static int check_value(struct reader *reader, const struct profile_entry *entry,
                       const yaml_node_t *node)
{
    struct arena *arena = reader->reading.arena;
    struct sbx_error err = {0};
    struct expand_fault fault;
    const char *value;
    int r = expand_value(arena, entry->option, entry->value, NULL, &value, &fault);

    if (r == -EINVAL)
        return reader_problem(reader, node, fault.message, fault.hint);
    /* what is taken back may be named by its key alone */
    if (r == 0 && entry->action == PROFILE_ADD)
        r = spec_check_value(arena, entry->option, value, "", &err);
    if (r == -ENOMEM)
        return error_oom(reader->reading.err);
    return r == 0 ? 0
                  : reader_problem(reader, node, arena_strdup(arena, err.message),
                                   err.hint[0] != '\0' ? arena_strdup(arena, err.hint) : NULL);
}

/* The value itself: text, or true or false for a flag. */
static int read_value(struct reader *reader, const yaml_node_t *node, struct profile_entry *entry)
{
    const struct sbx_option *option = entry->option;
    bool on = true;

    entry->mark = profile_yaml_mark(node);
    if (option->kind == SBX_VALUE_FLAG) {
        int r = read_boolean(reader, node, option->name, &on);

        if (!on)
            entry->action = PROFILE_REMOVE_ALL;
        entry->value = "";
        return r;
    }
    if (!reader_is_text(node) || reader_is_empty(node))
        return reader_wrong_type(reader, node, option->name, option->value_name);
    if (reader->removing && reader_text(node)[0] == '\0')
        return reader_problem(reader, node, "the value is missing",
                              "name what is taken back, or write all");
    entry->value = arena_strdup(reader->reading.arena, reader_text(node));
    if (entry->value == NULL)
        return error_oom(reader->reading.err);
    return check_value(reader, entry, node);
}

/* The long form: { path: ..., optional: ..., when: ... }. */
struct long_entry {
    struct profile_entry *entry;
    const char *value_key;
    const yaml_node_t *value;
};

static int read_long_pair(struct reader *reader, const yaml_node_t *key, const yaml_node_t *value,
                          void *target)
{
    struct long_entry *form = target;
    struct profile_entry *entry = form->entry;
    const char *const keys[] = {form->value_key, "optional", "when", NULL};
    const char *name = reader_text(key);

    if (strcmp(name, form->value_key) == 0) {
        form->value = value;
        return 0;
    }
    if (strcmp(name, "when") == 0)
        return reader_when(reader, value, &entry->when);
    if (strcmp(name, "optional") != 0)
        return reader_unknown_key(reader, key, keys);
    if (!reader->removing && !can_be_optional(entry->option))
        return reader_problem(
            reader, key,
            arena_printf(reader->reading.arena, "'%s' can't be optional", entry->option->name),
            "it has no path of the host that could be missing");
    return read_boolean(reader, value, "optional", &entry->optional);
}

static int read_long_entry(struct reader *reader, const yaml_node_t *node,
                           struct profile_entry *entry)
{
    struct long_entry form = {.entry = entry,
                              .value_key = takes_path(entry->option) ? "path" : "value"};
    int r = reader_mapping(reader, node, "write it once", read_long_pair, &form);

    if (r < 0)
        return r;
    if (form.value == NULL)
        return reader_problem(
            reader, node, arena_printf(reader->reading.arena, "'%s' is missing", form.value_key),
            arena_printf(reader->reading.arena, "write { %s: %s, ... }", form.value_key,
                         entry->option->kind == SBX_VALUE_FLAG ? "true"
                                                               : entry->option->value_name));
    return read_value(reader, form.value, entry);
}

static int read_entry(struct reader *reader, const struct sbx_option *option,
                      const yaml_node_t *node)
{
    struct profile_entry entry = {.option = option,
                                  .action = reader->removing ? PROFILE_REMOVE : PROFILE_ADD,
                                  .mark = profile_yaml_mark(node)};
    struct profile_entry *slot;
    size_t before = reader->reading.problems.count;
    int r;

    if (reader->reading.profile->entries.count >= MAX_ENTRIES) {
        r = reader_problem(reader, node, "the file has more than 4096 entries",
                           "name the directory that the paths are in, or use a pattern");
        return r < 0 ? r : -E2BIG;
    }
    if (reader->removing && reader_is_text(node) && strcmp(reader_text(node), "all") == 0) {
        entry.action = PROFILE_REMOVE_ALL;
        entry.value = "";
        r = 0;
    } else if (reader->removing && !option->repeatable) {
        r = reader_problem(
            reader, node,
            arena_printf(reader->reading.arena, "'%s' is taken back by the word all", option->name),
            arena_printf(reader->reading.arena, "write %s: all", option->name));
    } else if (node->type == YAML_MAPPING_NODE) {
        r = read_long_entry(reader, node, &entry);
    } else {
        r = read_value(reader, node, &entry);
    }
    /* an entry with a problem is not one */
    if (r < 0 || reader->reading.problems.count > before)
        return r;
    slot = ARENA_PUSH(reader->reading.arena, &reader->reading.profile->entries);
    if (slot == NULL)
        return error_oom(reader->reading.err);
    *slot = entry;
    return 0;
}

int reader_entries(struct reader *reader, const struct sbx_option *option, const yaml_node_t *node)
{
    int r = 0;

    if (node->type != YAML_SEQUENCE_NODE)
        return read_entry(reader, option, node);
    if (!option->repeatable)
        return reader_wrong_type(reader, node, option->name, "one value");
    for (const yaml_node_item_t *item = node->data.sequence.items.start;
         r == 0 && item < node->data.sequence.items.top; item++) {
        const yaml_node_t *child = reader_node(reader, *item);

        r = child->type == YAML_SEQUENCE_NODE
                ? reader_wrong_type(reader, child, option->name, "a list of values")
                : read_entry(reader, option, child);
    }
    return r;
}
