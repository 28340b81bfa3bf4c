/* SPDX-License-Identifier: Apache-2.0 */
#include "run/attest_json.h"

#include "base/cleanup.h"
#include "run/json.h"

#include <string.h>

static const char *const states[] = {
    [ATTEST_AS_PLANNED] = "as-planned",
    [ATTEST_DIFFERS] = "differs",
    [ATTEST_UNKNOWN] = "unknown",
};

static json_t *json_item(const struct attest_item *item)
{
    json_t *object = json_object();

    json_object_set_new(object, "what", json_text(item->what));
    json_object_set_new(object, "subject", json_text(item->subject));
    json_object_set_new(object, "state", json_text(states[item->state]));
    json_object_set_new(object, "expected", json_text(item->expected));
    json_object_set_new(object, "found", json_text(item->found));
    json_object_set_new(object, "origin", json_text(item->origin));
    return object;
}

char *attest_json(const struct attest *attest)
{
    json_t *object = json_object();
    json_t *items = json_array();
    _cleanup_free_ char *json = NULL;
    char *text;
    size_t length;

    for (size_t i = 0; i < attest->items.count; i++)
        json_array_append_new(items, json_item(&attest->items.items[i]));
    json_object_set_new(object, "version", json_text(SBX_VERSION));
    json_object_set_new(object, "command", json_text(attest->plan->argv[0]));
    json_object_set_new(object, "as_planned", json_boolean(attest->differences == 0));
    json_object_set_new(object, "items", items);
    json = json_dumps(object, JSON_INDENT(2));
    json_decref(object);
    if (json == NULL)
        return NULL;
    length = strlen(json);
    text = realloc(json, length + 2);
    if (text == NULL)
        return NULL;
    json = NULL;
    memcpy(text + length, "\n", 2);
    return text;
}
