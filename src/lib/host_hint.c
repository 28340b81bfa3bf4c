/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/host_hint.h"

#include "kernel/fault.h"
#include "policy/hint.h"

#include <stddef.h>

void host_hint_add(struct sbx_error *err)
{
    const char *hint;

    if (err == NULL || err->kind != SBX_ERROR_SETUP || err->hint[0] != '\0')
        return;
    hint = hint_find(err->operation, err->number, fault_probe());
    if (hint != NULL)
        error_add_hint(err, hint);
}
