/* SPDX-License-Identifier: Apache-2.0 */
/* Running sandboxes as rows of a table. */
#ifndef CLI_RUNNING_PRINT_H
#define CLI_RUNNING_PRINT_H

#include <sbx/running.h>

/** The table of `sbx ps`; its head only where there is a row. */
void running_print_table(const struct sbx_running *list, size_t count);

/** One line of `sbx stats`; the head comes with @first. */
void running_print_line(const struct sbx_running *running, int first);

#endif
