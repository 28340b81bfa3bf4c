/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/host_hint.h"

#include "kernel/fault.h"
#include "kernel/refused_calls.h"
#include "policy/hint.h"

#include <stddef.h>

void host_hint_add(struct sbx_error *err)
{
    char of_calls[sizeof(err->hint)];
    char names[256];
    const char *hint;
    unsigned faults;

    if (err == NULL || err->hint[0] != '\0' ||
        (err->kind != SBX_ERROR_SETUP && err->kind != SBX_ERROR_INTERNAL))
        return;
    faults = fault_probe();
    hint = hint_find(err->operation, err->number, faults);
    if (hint_wants_calls(err->operation, err->number, faults) &&
        refused_calls(names, sizeof(names)) > 0) {
        hint_of_calls(names, faults, of_calls, sizeof(of_calls));
        hint = of_calls;
    }
    error_add_hint(err, hint != NULL ? hint : hint_general(err->number));
}
