/* SPDX-License-Identifier: Apache-2.0 */
/* What a program of sbx does first. */
#ifndef CLI_DESCRIPTORS_H
#define CLI_DESCRIPTORS_H

/**
 * Descriptors 0, 1 and 2 have to be open: else the next file that is opened becomes one of them,
 * and with it a part of the command's view.  /dev/null stands in for those that are not.  Returns
 * which those are (bit n: descriptor n), or -1 where /dev/null can't stand in.
 */
int descriptors_open(void);

#endif
