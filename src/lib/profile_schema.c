/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/profile_schema.h"

#include "policy/option.h"
#include "policy/profile.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* jansson hands failures on: an object that could not be made makes all around it NULL. */

static json_t *reference(const char *name)
{
    return json_pack("{s:o}", "$ref", json_sprintf("#/definitions/%s", name));
}

/* @item alone, or a list of such; takes the reference to @item. */
static json_t *one_or_list(json_t *item)
{
    return json_pack("{s:[O,{s:s,s:o}]}", "anyOf", item, "type", "array", "items", item);
}

static json_t *word_list(const char *const *words)
{
    json_t *list = json_array();

    for (; *words != NULL; words++)
        json_array_append_new(list, json_string(*words));
    return json_pack("{s:o}", "enum", list);
}

static json_t *string_of(const char *description)
{
    return json_pack("{s:s,s:s}", "type", "string", "description", description);
}

static json_t *when_schema(void)
{
    static const char *const users[] = {"root", "ordinary", NULL};
    static const char *const workdirs[] = {"home", NULL};

    return json_pack("{s:s,s:b,s:i,s:s,s:{s:o,s:o,s:o,s:o,s:o}}", "type", "object",
                     "additionalProperties", 0, "minProperties", 1, "description",
                     "The entry counts where all of these hold.", "properties", "exists",
                     one_or_list(string_of("a path that has to be there")), "missing",
                     one_or_list(string_of("a path that has not to be there")), "feature",
                     one_or_list(word_list(profile_features)), "user", word_list(users), "workdir",
                     word_list(workdirs));
}

/* The words of @choices ("none|host"). */
static json_t *choices_of(const char *choices)
{
    json_t *list = json_array();

    while (*choices != '\0') {
        size_t length = strcspn(choices, "|");

        json_array_append_new(list, json_stringn(choices, length));
        choices += length + (choices[length] == '|');
    }
    return json_pack("{s:o}", "enum", list);
}

#define OR_VARIABLE "|\\$\\{" /* what a variable stands for is not known here */

/* A number is text to sbx, and a number to editors: @type, or text of @pattern. */
static json_t *number_or(const char *type, const char *pattern)
{
    return json_pack("{s:[s,s],s:i,s:s}", "type", type, "string", "minimum", 0, "pattern", pattern);
}

/* What stands for the value itself. */
static json_t *value_schema(const struct sbx_option *option)
{
    switch (option->kind) {
    case SBX_VALUE_FLAG:
        return json_pack("{s:s}", "type", "boolean");
    case SBX_VALUE_CHOICE:
        return json_pack("{s:[o,{s:s,s:s}]}", "anyOf", choices_of(option->choices), "type",
                         "string", "pattern", "\\$\\{");
    case SBX_VALUE_COUNT:
    case SBX_VALUE_ID:
        return number_or("integer", "^[0-9]+$" OR_VARIABLE);
    case SBX_VALUE_SIZE:
        return number_or("integer", "^[0-9]+[KMG]?$" OR_VARIABLE);
    case SBX_VALUE_TIME:
        return number_or("number", "^[0-9]+(\\.[0-9]+)?(ms|s|min|h)?$" OR_VARIABLE);
    case SBX_VALUE_CPUS:
        return number_or("number", "^[0-9]+(\\.[0-9]+)?$" OR_VARIABLE);
    case SBX_VALUE_CPU_LIST:
        return number_or("integer", "^[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*$" OR_VARIABLE);
    case SBX_VALUE_SYSCALL:
        return json_pack("{s:s,s:s}", "type", "string", "pattern", "^[a-z0-9_]+$" OR_VARIABLE);
    case SBX_VALUE_PATH:
        if (option->choices != NULL)
            return json_pack("{s:[o,{s:s,s:i}]}", "anyOf", choices_of(option->choices), "type",
                             "string", "minLength", 1);
        break;
    case SBX_VALUE_RLIMIT:
        return json_pack("{s:s,s:s}", "type", "string", "pattern",
                         "^[a-z]+=[0-9a-zKMG.:]+$" OR_VARIABLE);
    case SBX_VALUE_TEXT:
        return json_pack("{s:[s,s]}", "type", "string", "number");
    case SBX_VALUE_ENV:
    case SBX_VALUE_BIND:
    case SBX_VALUE_TMPFS:
    case SBX_VALUE_FILE:
    default:
        break;
    }
    return json_pack("{s:s,s:i}", "type", "string", "minLength", 1);
}

/* ------------------------------------------------------------------ entries */

static bool takes_path(const struct sbx_option *option)
{
    return option->kind == SBX_VALUE_PATH || option->kind == SBX_VALUE_BIND ||
           option->kind == SBX_VALUE_TMPFS || option->kind == SBX_VALUE_FILE;
}

static bool can_be_optional(const struct sbx_option *option)
{
    return option->kind == SBX_VALUE_BIND || option->kind == SBX_VALUE_FILE ||
           option->id == OPTION_HIDE || option->id == OPTION_DEV_NODE;
}

/* One entry: @value, or a mapping that has it. */
static json_t *entry_schema(const struct sbx_option *option, json_t *value, bool optional)
{
    const char *key = takes_path(option) ? "path" : "value";
    json_t *properties = json_pack("{s:O,s:o}", key, value, "when", reference("when"));

    if (optional)
        json_object_set_new(
            properties, "optional",
            json_pack("{s:s,s:s}", "type", "boolean", "description",
                      "true: where there is nothing of that name, the entry is left out."));
    return json_pack("{s:[o,{s:s,s:b,s:[s],s:o}]}", "anyOf", value, "type", "object",
                     "additionalProperties", 0, "required", key, "properties", properties);
}

static json_t *option_schema(const struct sbx_option *option)
{
    json_t *entry = entry_schema(option, value_schema(option), can_be_optional(option));
    json_t *schema = option->repeatable ? one_or_list(entry) : entry;

    json_object_set_new(schema, "title",
                        option->value_name == NULL
                            ? json_string(option->name)
                            : json_sprintf("%s: %s", option->name, option->value_name));
    json_object_set_new(schema, "description", json_string(option->description));
    return schema;
}

/* An entry of `remove`: the word all, or what is inherited. */
static json_t *removal_schema(const struct sbx_option *option)
{
    json_t *all = json_pack("{s:s,s:s}", "const", "all", "description",
                            "Whatever was inherited for this option.");
    json_t *value;

    if (!option->repeatable)
        return all;
    /* the name of a variable or a call, the place of a rule: the key is enough */
    value = json_pack("{s:[s,s]}", "type", "string", "number");
    return json_pack("{s:[o,o]}", "anyOf", all, one_or_list(entry_schema(option, value, true)));
}

/* The sections with their options, each made by @make. */
static json_t *sections_schema(json_t *(*make)(const struct sbx_option *option))
{
    json_t *sections = json_object();
    size_t count;
    const struct sbx_option *options = sbx_options(&count);

    for (size_t i = 0; i < count; i++) {
        json_t *section = json_object_get(sections, options[i].section);

        if (options[i].id == OPTION_PROFILE)
            continue;
        if (section == NULL) {
            section = json_pack("{s:s,s:b,s:{}}", "type", "object", "additionalProperties", 0,
                                "properties");
            json_object_set_new(sections, options[i].section, section);
        }
        json_object_set_new(json_object_get(section, "properties"), options[i].name,
                            make(&options[i]));
    }
    return sections;
}

static json_t *names_schema(const char *description)
{
    json_t *name =
        json_pack("{s:[s,s],s:s}", "type", "string", "number", "pattern", "^[A-Za-z0-9._+-]+$");
    json_t *schema = one_or_list(name);

    json_object_set_new(schema, "description", json_string(description));
    return schema;
}

static json_t *refusal_schema(void)
{
    json_t *entry =
        json_pack("{s:s,s:b,s:[s,s],s:{s:o,s:o}}", "type", "object", "additionalProperties", 0,
                  "required", "when", "because", "properties", "when", reference("when"), "because",
                  string_of("what the user is told"));
    json_t *schema = one_or_list(entry);

    json_object_set_new(schema, "description",
                        json_string("Where the conditions of an entry hold, nothing is run."));
    return schema;
}

static json_t *make_schema(void)
{
    json_t *properties = sections_schema(option_schema);

    json_object_set_new(properties, "sbx",
                        json_pack("{s:[i,s],s:s}", "enum", 1, PROFILE_VERSION, "description",
                                  "Version of the format."));
    json_object_set_new(properties, "description",
                        json_pack("{s:s,s:s,s:s}", "type", "string", "pattern", "^[^\\n]+$",
                                  "description", "One line for sbx profile list."));
    json_object_set_new(properties, "extends",
                        names_schema("Profiles that this one starts from, the last decides."));
    json_object_set_new(properties, "match",
                        names_schema("Names of programs that get this profile."));
    json_object_set_new(properties, "remove",
                        json_pack("{s:s,s:b,s:s,s:o}", "type", "object", "additionalProperties", 0,
                                  "description", "Inherited entries that are taken back.",
                                  "properties", sections_schema(removal_schema)));
    json_object_set_new(properties, "refuse", refusal_schema());
    return json_pack("{s:s,s:s,s:s,s:b,s:[s],s:{s:o},s:o}", "$schema",
                     "http://json-schema.org/draft-07/schema#", "title", "sbx profile", "type",
                     "object", "additionalProperties", 0, "required", "sbx", "definitions", "when",
                     when_schema(), "properties", properties);
}

int profile_schema_make(char **ret_text, struct sbx_error *err)
{
    json_t *schema = make_schema();
    char *text = schema == NULL ? NULL : json_dumps(schema, JSON_INDENT(2) | JSON_SORT_KEYS);
    char *line = NULL;
    int length = text == NULL ? -1 : asprintf(&line, "%s\n", text);

    free(text);
    json_decref(schema);
    if (length < 0)
        return error_oom(err);
    *ret_text = line;
    return 0;
}
