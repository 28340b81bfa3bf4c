/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_HOST_HINT_H
#define LIB_HOST_HINT_H

#include "base/error.h"

/** Give a failure of the host the hint that fits the operation, the errno and the host; where none
 * is known, the one that fits the errno. */
void host_hint_add(struct sbx_error *err);

#endif
