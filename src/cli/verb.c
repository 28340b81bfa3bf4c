/* SPDX-License-Identifier: Apache-2.0 */
/* The table of verbs, and what they share. */
#include "cli/verb.h"

#include "cli/message.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const struct verb verbs[] = {
    {"run", "[OPTIONS] [--] COMMAND [ARG...]", "run a command in a sandbox", cmd_run},
    {"plan", "[--json] [OPTIONS] [--] COMMAND [ARG...]", "print the steps of a run, run nothing",
     cmd_plan},
    {"doctor", "[--json]", "find out what this host allows, and how to fix it", cmd_doctor},
    {"profile", "list|show|check|which|path|schema|diff [ARGUMENT...]",
     "look at profiles, and check them", cmd_profile},
    {"ps", "[--json|--names]", "list your running sandboxes", cmd_ps},
    {"exec", "[-C DIR] [-e NAME[=VALUE]] NAME [--] COMMAND [ARG...]",
     "run one more command in a running sandbox", cmd_exec},
    {"stop", "[--grace TIME] NAME...", "end running sandboxes", cmd_stop},
    {"stats", "[--json] [--once] NAME", "show what a running sandbox uses", cmd_stats},
    {"fs", "[--json] PATH...", "say what a path lies on, and whether an overlay can go over it",
     cmd_fs},
    {"completion", "bash|zsh|fish", "print a shell's completion script", cmd_completion},
    {"help", "[VERB]", "show help on sbx or on a verb", cmd_help},
    {"version", "", "print the version", cmd_version},
    {NULL, NULL, NULL, NULL},
};

int verb_failed(const struct sbx_error *err)
{
    struct sbx_error shown = *err;

    if (shown.kind == SBX_ERROR_USAGE && shown.hint[0] == '\0')
        snprintf(shown.hint, sizeof(shown.hint), "\"sbx run --help\" lists the options");
    message_error(&shown);
    return EXIT_SBX_FAILED;
}

int verb_flush(const struct call *call)
{
    struct sbx_error err = {.kind = SBX_ERROR_INTERNAL,
                            .origin = "standard output",
                            .message = "the output could not be written",
                            .hint = "look at where the output goes: is the disk full?"};

    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout) && !call->stdout_closed)
        return 0;
    err.number = call->stdout_closed ? EBADF : errno;
    if (call->stdout_closed)
        snprintf(err.hint, sizeof(err.hint), "sbx was started with its standard output closed");
    return verb_failed(&err);
}

int verb_takes_nothing(const struct call *call, const char *name)
{
    struct sbx_error err = {0};
    char hint[64];

    if (call->words[0] == NULL)
        return -1;
    if (strcmp(call->words[0], "--help") == 0 || strcmp(call->words[0], "-h") == 0)
        return verb_help(call, name);
    snprintf(hint, sizeof(hint), "write sbx %s alone", name);
    message_usage(&err, name, hint, "unknown argument '%s'", call->words[0]);
    return verb_failed(&err);
}
