/* SPDX-License-Identifier: Apache-2.0 */
/* sbx ps: the caller's running sandboxes. */
#include "cli/message.h"
#include "cli/running_print.h"
#include "cli/words.h"

#include <stdio.h>
#include <stdlib.h>

static int print_json(const struct sbx_running *list, size_t count, struct sbx_error *err)
{
    int r = 0;

    putchar('[');
    for (size_t i = 0; i < count && r == 0; i++) {
        fputs(i == 0 ? "\n" : ",\n", stdout);
        r = sbx_running_print_json(&list[i], stdout, err);
    }
    fputs(count == 0 ? "]\n" : "\n]\n", stdout);
    return r;
}

int cmd_ps(const struct call *call)
{
    struct sbx_error err = {0};
    struct sbx_running *list = NULL;
    size_t count = 0;
    bool json = false, names = false;
    const struct words_option options[] = {
        {.name = "--json", .flag = &json}, {.name = "--names", .flag = &names}, {.name = NULL}};
    int at = words_parse("ps", call->words, options, &err);

    if (at == -1)
        return verb_help(call, "ps");
    if (at < 0)
        return verb_failed(&err);
    if (call->words[at] != NULL) {
        message_usage(&err, "ps", "write sbx ps alone", "unknown argument '%s'", call->words[at]);
        return verb_failed(&err);
    }
    if (sbx_running_list(&list, &count, &err) < 0)
        return verb_failed(&err);
    for (size_t i = 0; names && i < count; i++)
        puts(list[i].name); /* letters, digits and what can stand between them */
    if (json)
        (void)print_json(list, count, &err);
    else if (!names)
        running_print_table(list, count);
    free(list);
    return err.kind != SBX_ERROR_NONE ? verb_failed(&err) : verb_flush(call);
}
