/* SPDX-License-Identifier: Apache-2.0 */
#include "run/json.h"

#include "base/cleanup.h"

#include <string.h>

json_t *json_text(const char *text)
{
    _cleanup_free_ char *escaped = NULL;
    json_t *string;
    char *write;

    if (text == NULL)
        return json_null();
    string = json_string(text);
    if (string != NULL)
        return string;
    escaped = malloc(strlen(text) * 4 + 1);
    if (escaped == NULL)
        return NULL;
    write = escaped;
    for (const char *read = text; *read != '\0'; read++) {
        if ((unsigned char)*read < 0x80)
            *write++ = *read;
        else
            write += sprintf(write, "\\x%02x", (unsigned)(unsigned char)*read);
    }
    *write = '\0';
    return json_string(escaped);
}

int json_set_text_key(json_t *object, const char *key, json_t *value)
{
    json_t *text = json_text(key);
    int result = -1;

    if (text != NULL)
        result = json_object_set_new(object, json_string_value(text), value);
    else
        json_decref(value);
    json_decref(text);
    return result;
}
