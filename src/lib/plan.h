/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_PLAN_H
#define LIB_PLAN_H

#include "policy/plan.h"

#include <sbx/sbx.h>

struct sbx_plan {
    struct arena *arena;
    struct host host;
    struct plan plan;
};

#endif
