/* SPDX-License-Identifier: Apache-2.0 */
/* The quick program's side of base/whole.h. */
#ifndef QUICK_WHOLE_H
#define QUICK_WHOLE_H

/**
 * @argv, borrowed for good, is what the whole program will get; descriptors that were @closed (bit
 * n: descriptor n) it will find closed.
 */
void whole_begin(char **argv, int closed);

#endif
