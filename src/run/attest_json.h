/* SPDX-License-Identifier: Apache-2.0 */
/* What was looked at, as JSON. */
#ifndef RUN_ATTEST_JSON_H
#define RUN_ATTEST_JSON_H

#include "policy/attest.h"

/** The text, with a newline at its end, to be freed with free(3); NULL out of memory. */
char *attest_json(const struct attest *attest);

#endif
