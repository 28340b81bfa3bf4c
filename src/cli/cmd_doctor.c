/* SPDX-License-Identifier: Apache-2.0 */
/* sbx doctor: what this host allows. */
#include "cli/doctor_print.h"
#include "cli/message.h"
#include "cli/verb.h"

#include <string.h>

#define EXIT_DOES_NOT_WORK 1

static int print(const struct call *call, const struct sbx_doctor *doctor, bool json)
{
    struct sbx_error err = {0};
    int code;

    if (!json) {
        doctor_print(doctor);
    } else if (sbx_doctor_print_json(doctor, stdout, &err) < 0) {
        /* a stream that took no more is told of by verb_flush(); this is for what else can fail */
        code = verb_flush(call);
        return code != 0 ? code : verb_failed(&err);
    }
    return verb_flush(call);
}

int cmd_doctor(const struct call *call)
{
    struct sbx_doctor *doctor = NULL;
    struct sbx_error err = {0};
    bool json = false;
    int code;

    for (char **word = call->words; *word != NULL; word++) {
        if (strcmp(*word, "--help") == 0 || strcmp(*word, "-h") == 0)
            return verb_help(call, "doctor");
        if (strcmp(*word, "--json") != 0) {
            message_usage(&err, "doctor", "write sbx doctor, or sbx doctor --json",
                          "unknown argument '%s'", *word);
            return verb_failed(&err);
        }
        json = true;
    }
    if (sbx_doctor_new(&doctor, &err) < 0)
        return verb_failed(&err);
    code = print(call, doctor, json);
    if (code == 0 && !sbx_doctor_works(doctor))
        code = EXIT_DOES_NOT_WORK;
    sbx_doctor_free(doctor);
    return code;
}
