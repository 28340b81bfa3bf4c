/* SPDX-License-Identifier: Apache-2.0 */
/* sbx version. */
#include "cli/verb.h"

#include <stdio.h>

int cmd_version(const struct call *call)
{
    int code = verb_takes_nothing(call, "version");

    if (code >= 0)
        return code;
    printf("sbx %s\n", sbx_version());
    return verb_flush(call);
}
