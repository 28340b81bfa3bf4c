/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON Schema of profiles, from the option table. */
#ifndef LIB_PROFILE_SCHEMA_H
#define LIB_PROFILE_SCHEMA_H

#include "base/error.h"

/** *@ret_text is JSON Schema (draft-07), to be freed with free(3).  0 or -ENOMEM. */
int profile_schema_make(char **ret_text, struct sbx_error *err);

#endif
