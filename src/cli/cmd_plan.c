/* SPDX-License-Identifier: Apache-2.0 */
/* sbx plan: print the steps, run nothing. */
#include "cli/message.h"
#include "cli/problem.h"
#include "cli/verb.h"

int cmd_plan(const struct call *call)
{
    _cleanup_arguments_ struct arguments arguments = {0};
    _cleanup_settings_ struct sbx_settings *settings = NULL;
    _cleanup_profile_ struct sbx_profile *profile = NULL;
    _cleanup_plan_ struct sbx_plan *plan = NULL;
    struct sbx_error err = {0};
    int code;

    if (arguments_parse("plan", call->words, ARGUMENTS_JSON, &arguments, &err) < 0)
        return verb_failed(&err);
    if (arguments.help)
        return verb_help(call, "plan");
    if (prepare_settings(call, "plan", &arguments, &settings, &err) < 0)
        return verb_failed(&err);
    if (prepare_profile(call, arguments.command[0], settings, &profile, &err) < 0)
        return EXIT_SBX_FAILED;
    if (sbx_plan_new(settings, (const char *const *)arguments.command, &plan, &err) < 0)
        return verb_failed(&err);
    /* A stream that took no more is told of by verb_flush(); this is for what else can fail. */
    if (sbx_plan_print(plan, arguments.json ? SBX_FORMAT_JSON : SBX_FORMAT_TEXT, stdout, &err) <
        0) {
        code = verb_flush(call);
        return code != 0 ? code : verb_failed(&err);
    }
    return verb_flush(call);
}
