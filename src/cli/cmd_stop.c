/* SPDX-License-Identifier: Apache-2.0 */
/* sbx stop: end running sandboxes. */
#include "cli/message.h"
#include "cli/words.h"

#include <errno.h>
#include <sbx/running.h>

#define EXIT_NOT_FOUND 1

static int take_grace(void *context, const char *value, struct sbx_error *err)
{
    (void)err;
    *(const char **)context = value;
    return 0;
}

int cmd_stop(const struct call *call)
{
    struct sbx_error err = {0};
    const char *grace = NULL;
    const struct words_option options[] = {
        {.name = "--grace", .take = take_grace, .context = &grace}, {.name = NULL}};
    int at = words_parse("stop", call->words, options, &err);
    int code = 0;

    if (at == -1)
        return verb_help(call, "stop");
    if (at >= 0 && call->words[at] == NULL)
        at = message_usage(&err, "stop", "sbx ps lists what runs", "there is no name");
    if (at < 0)
        return verb_failed(&err);
    for (char **name = call->words + at; *name != NULL; name++) {
        int r = sbx_running_stop(*name, grace, &err);

        if (r == 0)
            continue;
        verb_failed(&err);
        if (code != EXIT_SBX_FAILED)
            code = r == -ENOENT ? EXIT_NOT_FOUND : EXIT_SBX_FAILED;
        err = (struct sbx_error){0};
    }
    return code;
}
