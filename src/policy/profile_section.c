/* SPDX-License-Identifier: Apache-2.0 */
/* Sections, and `remove` that has them too: which option belongs where. */
#include "policy/profile_reader.h"

#include "policy/nearest.h"
#include "policy/option.h"

#include <string.h>

/* Keys of the file itself, besides the sections; ends with NULL. */
static const char *const tops[] = {"sbx",    "description", "extends", "match",
                                   "remove", "refuse",      NULL};

#define TOP_COUNT (sizeof(tops) / sizeof(tops[0]) - 1)

/* The sections of the table, each once; ends with NULL. */
static void list_sections(const char *names[static READER_MAX_SECTIONS])
{
    size_t count;
    const struct sbx_option *options = sbx_options(&count);
    size_t used = 0;

    for (size_t i = 0; i < count; i++)
        if ((used == 0 || strcmp(names[used - 1], options[i].section) != 0) &&
            used + 1 < READER_MAX_SECTIONS)
            names[used++] = options[i].section;
    names[used] = NULL;
}

bool reader_is_section(const char *name)
{
    const char *names[READER_MAX_SECTIONS];

    list_sections(names);
    return reader_is_one_of(name, names);
}

/* ------------------------------------------------------------------ keys at a wrong place */

/* An option outside of any section: in the file itself, or in `remove`. */
static int option_outside(struct reader *reader, const yaml_node_t *key,
                          const struct sbx_option *option)
{
    struct arena *arena = reader->reading.arena;

    if (option->id == OPTION_PROFILE)
        return reader_problem(reader, key, "a profile can't choose a profile", "use extends");
    return reader_problem(reader, key,
                          arena_printf(arena, "'%s' has to stand in its section", option->name),
                          arena_printf(arena, "put it below '%s:'", option->section));
}

/* A key that is near no known one, but perhaps near an option. */
static int unknown_outside(struct reader *reader, const yaml_node_t *key, const char *const *known)
{
    const struct sbx_option *option = sbx_option_nearest(reader_text(key));
    struct arena *arena = reader->reading.arena;

    if (option == NULL || option->id == OPTION_PROFILE ||
        nearest_word(reader_text(key), known) != NULL)
        return reader_unknown_key(reader, key, known);
    return reader_problem(
        reader, key, arena_printf(arena, "unknown key '%s'", reader_text(key)),
        arena_printf(arena, "did you mean '%s', in '%s'?", option->name, option->section));
}

int reader_unknown_top(struct reader *reader, const yaml_node_t *key)
{
    const struct sbx_option *option = option_by_name(reader_text(key));
    const char *names[TOP_COUNT + READER_MAX_SECTIONS];

    if (option != NULL)
        return option_outside(reader, key, option);
    for (size_t i = 0; i < TOP_COUNT; i++)
        names[i] = tops[i];
    list_sections(names + TOP_COUNT);
    return unknown_outside(reader, key, names);
}

static int unknown_option(struct reader *reader, const yaml_node_t *key, const char *section)
{
    const char *name = reader_text(key);
    const struct sbx_option *option = option_by_name(name);
    const char *names[OPTION_COUNT + 1] = {0};
    struct arena *arena = reader->reading.arena;
    const char *message = arena_printf(arena, "'%s' does not belong to '%s'", name, section);
    size_t used = 0;
    size_t count;
    const struct sbx_option *options = sbx_options(&count);

    if (option != NULL && option->id == OPTION_PROFILE)
        return option_outside(reader, key, option);
    if (option != NULL)
        return reader_problem(reader, key, message,
                              arena_printf(arena, "it belongs to '%s'", option->section));
    if (reader_is_section(name))
        return reader_problem(reader, key, message,
                              "it is a section of its own: begin it further to the left");
    if (reader_is_one_of(name, tops))
        return reader_problem(reader, key, message, "begin it at the left margin");
    for (size_t i = 0; i < count; i++)
        if (strcmp(options[i].section, section) == 0 && options[i].id != OPTION_PROFILE)
            names[used++] = options[i].name;
    return unknown_outside(reader, key, names);
}

/* ------------------------------------------------------------------ the sections themselves */

struct section {
    const char *name;
};

static int read_option(struct reader *reader, const yaml_node_t *key, const yaml_node_t *value,
                       void *target)
{
    const char *section = ((const struct section *)target)->name;
    const struct sbx_option *option = option_by_name(reader_text(key));

    if (option == NULL || option->id == OPTION_PROFILE || strcmp(option->section, section) != 0)
        return unknown_option(reader, key, section);
    return reader_entries(reader, option, value);
}

int reader_section(struct reader *reader, const yaml_node_t *key, const yaml_node_t *value)
{
    struct section section = {.name = reader_text(key)};

    if (value->type != YAML_MAPPING_NODE)
        return reader_wrong_type(reader, value, reader_text(key), "a mapping of its options");
    return reader_mapping(reader, value, "put its entries in one list", read_option, &section);
}

static int read_removed(struct reader *reader, const yaml_node_t *key, const yaml_node_t *value,
                        void *target)
{
    const struct sbx_option *option = option_by_name(reader_text(key));
    const char *names[READER_MAX_SECTIONS];

    (void)target;
    if (reader_is_section(reader_text(key)))
        return reader_section(reader, key, value);
    if (option != NULL)
        return option_outside(reader, key, option);
    list_sections(names);
    return unknown_outside(reader, key, names);
}

int reader_remove(struct reader *reader, const yaml_node_t *node)
{
    int r;

    if (node->type != YAML_MAPPING_NODE)
        return reader_wrong_type(reader, node, "remove", "a mapping of sections");
    reader->removing = true;
    r = reader_mapping(reader, node, "put what belongs to it in one place", read_removed, NULL);
    reader->removing = false;
    return r;
}
