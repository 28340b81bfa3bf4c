/* SPDX-License-Identifier: Apache-2.0 */
/* The report as text. */
#ifndef RUN_REPORT_TEXT_H
#define RUN_REPORT_TEXT_H

#include "policy/plan.h"

#include <sbx/run.h>

/**
 * The text of @report, with a newline at its end, to be freed with free(3); NULL out of memory.
 * REPORT_FORMAT_ISOLATE is the meta file of isolate(1), "key:value" lines.
 */
char *report_text(const struct sbx_report *report, enum report_format format);

#endif
