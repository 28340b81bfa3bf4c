/* SPDX-License-Identifier: Apache-2.0 */
/* What a program of sbx does first. */
#ifndef CLI_DESCRIPTORS_H
#define CLI_DESCRIPTORS_H

#include <stdbool.h>

/**
 * Descriptors 0, 1 and 2 have to be open: else the next file that is opened becomes one of them,
 * and with it a part of the command's view.  /dev/null stands in for those that are not.
 * *@ret_stdout_closed becomes true where that was standard output; else it is left alone.  Returns
 * false where /dev/null can't stand in.
 */
bool descriptors_open(bool *ret_stdout_closed);

#endif
