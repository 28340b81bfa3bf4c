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

#endif
