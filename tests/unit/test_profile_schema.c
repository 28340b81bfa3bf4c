/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/profile_schema.h"

#include "base/cleanup.h"
#include "policy/option.h"
#include "policy/profile.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static void cleanup_json(json_t **json)
{
    json_decref(*json);
}

static json_t *make(void)
{
    char *text = NULL;
    json_error_t error;
    json_t *schema;

    cr_assert_eq(profile_schema_make(&text, NULL), 0);
    schema = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    cr_assert_not_null(schema, "line %d: %s", error.line, error.text);
    cr_expect_eq(text[strlen(text) - 1], '\n');
    free(text);
    return schema;
}

/* The member of @json at @path, words with a slash between. */
static json_t *at(json_t *json, const char *path)
{
    while (*path != '\0' && json != NULL) {
        char word[64];
        size_t length = strcspn(path, "/");

        memcpy(word, path, length);
        word[length] = '\0';
        json = json_is_array(json) ? json_array_get(json, (size_t)atoi(word))
                                   : json_object_get(json, word);
        path += length + strspn(path + length, "/");
    }
    return json;
}

/* The schema of one entry, of which there may be a list too. */
static json_t *entry_of(json_t *schema, const struct sbx_option *option)
{
    json_t *entry =
        at(at(at(at(schema, "properties"), option->section), "properties"), option->name);

    cr_assert_not_null(entry, "%s.%s", option->section, option->name);
    if (!option->repeatable)
        return entry;
    cr_expect_str_eq(json_string_value(at(entry, "anyOf/1/type")), "array");
    cr_expect(json_equal(at(entry, "anyOf/0"), at(entry, "anyOf/1/items")));
    return at(entry, "anyOf/0");
}

static const char *word_of(const json_t *json)
{
    return json_is_string(json) ? json_string_value(json) : "";
}

Test(profile_schema, each_option)
{
    __attribute__((cleanup(cleanup_json))) json_t *schema = make();
    size_t count;
    const struct sbx_option *options = sbx_options(&count);

    for (size_t i = 0; i < count; i++) {
        const struct sbx_option *option = &options[i];
        json_t *sections = at(schema, "properties");
        json_t *section = at(sections, option->section);
        bool path = option->kind == SBX_VALUE_PATH || option->kind == SBX_VALUE_BIND ||
                    option->kind == SBX_VALUE_TMPFS || option->kind == SBX_VALUE_FILE;
        json_t *entry;

        cr_expect(json_is_false(at(section, "additionalProperties")), "%s", option->section);
        if (option->id == OPTION_PROFILE) {
            cr_expect_null(at(section, "properties/profile"));
            continue;
        }
        entry = entry_of(schema, option);
        cr_expect_str_eq(word_of(at(at(at(section, "properties"), option->name), "description")),
                         option->description, "%s", option->name);
        cr_expect_str_eq(word_of(at(entry, "anyOf/1/type")), "object", "%s", option->name);
        cr_expect(json_is_false(at(entry, "anyOf/1/additionalProperties")));
        cr_expect_str_eq(word_of(at(entry, "anyOf/1/required/0")), path ? "path" : "value");
        cr_expect(json_equal(at(entry, "anyOf/0"), at(entry, path ? "anyOf/1/properties/path"
                                                                  : "anyOf/1/properties/value")));
        cr_expect_str_eq(word_of(at(entry, "anyOf/1/properties/when/$ref")), "#/definitions/when");
        cr_expect_not_null(
            at(at(at(at(schema, "properties/remove/properties"), option->section), "properties"),
               option->name),
            "remove %s", option->name);
    }
}

/* What the reader takes, and nothing else. */
Test(profile_schema, optional)
{
    __attribute__((cleanup(cleanup_json))) json_t *schema = make();
    static const struct {
        const char *option;
        bool optional;
    } cases[] = {{"ro", true},       {"rw", true},   {"hide", true},
                 {"dev-node", true}, {"file", true}, {"tmpfs", false},
                 {"env", false},     {"cd", false},  {"userns", false}};

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        cr_expect_eq(at(entry_of(schema, option_by_name(cases[i].option)),
                        "anyOf/1/properties/optional") != NULL,
                     cases[i].optional, "%s", cases[i].option);
}

Test(profile_schema, head)
{
    __attribute__((cleanup(cleanup_json))) json_t *schema = make();
    static const char *const keys[] = {"sbx",   "description", "extends",
                                       "match", "remove",      "refuse"};
    size_t words = 0;

    cr_expect_str_eq(word_of(at(schema, "$schema")), "http://json-schema.org/draft-07/schema#");
    cr_expect(json_is_false(at(schema, "additionalProperties")));
    cr_expect_eq(json_array_size(at(schema, "required")), 1);
    cr_expect_str_eq(word_of(at(schema, "required/0")), "sbx");
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
        cr_expect_not_null(at(at(schema, "properties"), keys[i]), "%s", keys[i]);
    cr_expect_str_eq(word_of(at(schema, "properties/sbx/enum/1")), PROFILE_VERSION);
    while (profile_features[words] != NULL) {
        json_t *known = at(schema, "definitions/when/properties/feature/anyOf/0/enum");

        cr_expect_str_eq(word_of(json_array_get(known, words)), profile_features[words]);
        words++;
    }
    cr_expect_eq(words, 5);
    cr_expect_str_eq(
        word_of(at(entry_of(schema, option_by_id(OPTION_NET)), "anyOf/0/anyOf/0/enum/1")), "host");
    cr_expect_str_eq(word_of(at(entry_of(schema, option_by_id(OPTION_USERNS)), "anyOf/0/type")),
                     "boolean");
}
