/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/plan.h"

const struct step *plan_step(const struct plan *plan, enum step_kind kind)
{
    for (size_t i = 0; i < plan->steps.count; i++)
        if (plan->steps.items[i].kind == kind)
            return &plan->steps.items[i];
    return NULL;
}
