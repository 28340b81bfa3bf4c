/* SPDX-License-Identifier: Apache-2.0 */
/* What jansson leaves to its user. */
#ifndef RUN_JSON_H
#define RUN_JSON_H

#include <jansson.h>

/**
 * A JSON string of @text; null for NULL.  Bytes that are not UTF-8 are written as \xNN, so that
 * every path and argument can be shown.  A new reference, or NULL out of memory.
 */
json_t *json_text(const char *text);

/**
 * Set the member @key of @object, written as json_text() writes it, to @value, whose reference is
 * taken over. 0, or -1 out of memory.
 */
int json_set_text_key(json_t *object, const char *key, json_t *value);

#endif
