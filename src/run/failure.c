/* SPDX-License-Identifier: Apache-2.0 */
#include "run/failure.h"

#include "base/error.h"
#include "run/step.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int failure_of_step(const struct plan *plan, const struct child_failure *failure,
                    struct sbx_error *err)
{
    const struct step *step;
    const char *subject;
    char detail[256] = "";
    int result;

    if (failure->step >= plan->steps.count)
        return error_set(err, SBX_ERROR_INTERNAL, EPROTO, "launch", NULL,
                         "the set-up failed at a step that does not exist");
    step = &plan->steps.items[failure->step];
    subject = step->kind == STEP_ID_MAP ? NULL : step->target;
    if (step->kind == STEP_RLIMIT)
        subject = step_rlimit_name(step->number);
    if (failure->what[0] != '\0')
        snprintf(detail, sizeof(detail), " (%.48s%s%.160s)", failure->what,
                 failure->reason[0] != '\0' ? ": " : "", failure->reason);
    result = error_set(err, SBX_ERROR_SETUP, failure->number, step_ops[step->kind].name, subject,
                       "%s%s%s%s", step_ops[step->kind].failure, subject != NULL ? " " : "",
                       subject != NULL ? subject : "", detail);
    error_add_origin(err, step->origin);
    return result;
}

static int find_step(const struct plan *plan, enum step_kind kind, uint64_t number)
{
    for (size_t i = 0; i < plan->steps.count; i++)
        if (plan->steps.items[i].kind == kind &&
            (kind != STEP_RLIMIT || plan->steps.items[i].number == number))
            return (int)i;
    return -1;
}

void failure_of_exec(const char *command, const char *tree, const struct wire_exec_failed *failed,
                     struct sbx_report *report)
{
    struct sbx_error *err = &report->error;
    bool found = failed->detail != 0;

    if (command[0] == '\0')
        command = "''";
    report->outcome = found || (failed->number != ENOENT && failed->number != ENOTDIR)
                          ? SBX_OUTCOME_NOT_EXECUTABLE
                          : SBX_OUTCOME_NOT_FOUND;
    if (report->outcome == SBX_OUTCOME_NOT_FOUND) {
        text_copy(report->cause, sizeof(report->cause), "not-found");
        error_set(err, SBX_ERROR_SETUP, 0, "command", command,
                  "%s: command not found in the sandbox", command);
        if (tree != NULL)
            error_add_hint(err, "it has to be in the tree of --root; PATH is the tree's own");
        else if (strchr(command, '/') != NULL && access(command, F_OK) == 0)
            error_add_hint(err, "it exists outside, but the view hides it: show it with --ro");
        else
            error_add_hint(err, "check the name, and PATH; `sbx plan` shows what is visible");
        return;
    }
    text_copy(report->cause, sizeof(report->cause), "not-executable");
    error_set(err, SBX_ERROR_SETUP, failed->number, "command", command, "%s: cannot be executed",
              command);
    if (failed->number == ENOENT)
        error_add_hint(err, "its interpreter is not in the view; see its first line, or `file`");
    else if (failed->number == ENOEXEC)
        error_add_hint(err, "it is no program of this machine; a script needs a #! line");
    else if (failed->number == EACCES)
        error_add_hint(err, "it has to be a file with execute permission, in directories that its "
                            "user may search");
}

int failure_of_command(const struct plan *plan, const struct wire_exec_failed *failed,
                       struct sbx_report *ret_report, struct sbx_error *err)
{
    static const enum step_kind kinds[] = {
        [WIRE_STAGE_FORK] = STEP_INIT,           [WIRE_STAGE_PROCESS_GROUP] = STEP_PROCESS_GROUP,
        [WIRE_STAGE_DESCRIPTORS] = STEP_COMMAND, [WIRE_STAGE_CHDIR] = STEP_CHDIR,
        [WIRE_STAGE_SESSION] = STEP_SESSION,     [WIRE_STAGE_TERMINAL] = STEP_TERMINAL,
        [WIRE_STAGE_RLIMIT] = STEP_RLIMIT,       [WIRE_STAGE_SECCOMP] = STEP_SECCOMP,
        [WIRE_STAGE_HANDSHAKE] = STEP_SECCOMP,   [WIRE_STAGE_EXEC] = STEP_COMMAND,
    };
    struct child_failure failure = {.number = failed->number};
    int step = -1;
    int result;

    if (failed->stage == WIRE_STAGE_EXEC) {
        failure_of_exec(plan->argv[0], plan->tree, failed, ret_report);
        return 0;
    }
    if (failed->stage < sizeof(kinds) / sizeof(kinds[0]))
        step = find_step(plan, kinds[failed->stage], failed->detail);
    failure.step = (uint32_t)step;
    if (failed->stage == WIRE_STAGE_FORK)
        snprintf(failure.what, sizeof(failure.what), "start a process for the command");
    if (failed->stage == WIRE_STAGE_HANDSHAKE)
        snprintf(failure.what, sizeof(failure.what), "talk to sbx before the start");
    result = failure_of_step(plan, &failure, err);
    if (failed->stage == WIRE_STAGE_SECCOMP && failed->number == EBUSY)
        error_add_hint(err,
                       "somebody outside is told of refused system calls already, and there can "
                       "be one only: --on-refusal errno does without");
    return result;
}

int failure_of_launch(int interrupted, int orphaned, int init_status, struct sbx_error *err)
{
    char name[SIGNAL_NAME_SIZE];

    if (interrupted != 0)
        return error_set(err, SBX_ERROR_SETUP, EINTR, "launch", NULL,
                         "interrupted by %s before the command started",
                         signal_name(interrupted, name));
    if (orphaned) {
        error_set(err, SBX_ERROR_SETUP, ESRCH, "launch", NULL,
                  "the parent process ended before the command started");
        error_add_hint(err, "--die-with-parent was given: leave it out to outlive the parent");
        return -ESRCH;
    }
    if (WIFSIGNALED(init_status)) {
        error_set(err, SBX_ERROR_SETUP, 0, "launch", NULL,
                  "the set-up was ended by %s before the command started",
                  signal_name(WTERMSIG(init_status), name));
        error_add_hint(err, "somebody killed it, or the machine ran out of memory: see the "
                            "kernel's log, and run it again");
    } else {
        error_set(err, SBX_ERROR_SETUP, 0, "launch", NULL,
                  "the sandbox's init ended with code %d before the command started",
                  WEXITSTATUS(init_status));
        error_add_hint(err, "a filter or a security module around sbx may refuse what it needs: "
                            "see `sbx doctor`, and run it again");
    }
    return -ECHILD;
}
