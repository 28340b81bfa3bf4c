/* SPDX-License-Identifier: Apache-2.0 */
/* sbx stats: what a running sandbox uses, once a second until it ends. */
#include "cli/message.h"
#include "cli/running_print.h"
#include "cli/words.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

#define EXIT_NOT_FOUND 1

static int print_one(const struct sbx_running *running, bool json, bool first,
                     struct sbx_error *err)
{
    int r = 0;

    if (json) {
        r = sbx_running_print_json(running, stdout, err);
        putchar('\n');
    } else {
        running_print_line(running, first);
    }
    return r;
}

int cmd_stats(const struct call *call)
{
    static const struct timespec second = {.tv_sec = 1};
    struct sbx_error err = {0};
    struct sbx_running running;
    bool json = false, once = false, first = true;
    const struct words_option options[] = {
        {.name = "--json", .flag = &json}, {.name = "--once", .flag = &once}, {.name = NULL}};
    int at = words_parse("stats", call->words, options, &err);
    int r;

    if (at == -1)
        return verb_help(call, "stats");
    if (at >= 0 && (call->words[at] == NULL || call->words[at + 1] != NULL))
        at = message_usage(&err, "stats", "write sbx stats NAME", "one name is wanted");
    if (at < 0)
        return verb_failed(&err);
    for (;;) {
        int code;

        r = sbx_running_get(call->words[at], &running, &err);
        if (r == -ENOENT && !first)
            return 0; /* it has ended */
        if (r == 0)
            r = print_one(&running, json, first, &err);
        if (r < 0) {
            verb_failed(&err);
            return r == -ENOENT ? EXIT_NOT_FOUND : EXIT_SBX_FAILED;
        }
        code = verb_flush(call);
        if (code != 0 || once)
            return code;
        first = false;
        nanosleep(&second, NULL);
    }
}
