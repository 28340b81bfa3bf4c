/* SPDX-License-Identifier: Apache-2.0 */
/* In the whole program; src/quick/whole.c has the other's. */
#include "base/whole.h"

void whole_needed(void)
{
}

void whole_decided(void)
{
}
