/* SPDX-License-Identifier: Apache-2.0 */
/* `sbx plan`: the plan's steps as text and as JSON. */
#ifndef RUN_PLAN_PRINT_H
#define RUN_PLAN_PRINT_H

#include "policy/plan.h"

#include <stdio.h>

/** Print @plan for people; control characters are escaped. 0, -ENOMEM or -EIO. */
int plan_print_text(const struct plan *plan, FILE *stream, struct sbx_error *err);

/** The same as one JSON object: {"steps": [{"step", "stage", "does", "origin", ...}], ...}. */
int plan_print_json(const struct plan *plan, FILE *stream, struct sbx_error *err);

#endif
