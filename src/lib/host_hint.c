/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/host_hint.h"

#include "kernel/fault.h"
#include "policy/hint.h"

#include <stddef.h>

void host_hint_add(struct sbx_error *err)
{
    const char *hint;

    if (err == NULL || err->hint[0] != '\0' ||
        (err->kind != SBX_ERROR_SETUP && err->kind != SBX_ERROR_INTERNAL))
        return;
    hint = hint_find(err->operation, err->number, fault_probe());
    error_add_hint(err, hint != NULL ? hint : hint_general(err->number));
}
