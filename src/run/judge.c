/* SPDX-License-Identifier: Apache-2.0 */
#include "run/judge.h"

#include "base/error.h"
#include "run/failure.h"
#include "run/limits.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static void set_cause(struct sbx_report *report, const char *cause)
{
    text_copy(report->cause, sizeof(report->cause), cause);
}

/* The value of a limit, or 0 where there is none. */
static uint64_t rlimit_of(const struct plan *plan, int resource)
{
    for (size_t i = 0; i < plan->steps.count; i++)
        if (plan->steps.items[i].kind == STEP_RLIMIT &&
            plan->steps.items[i].number == (uint64_t)resource)
            return plan->steps.items[i].number2;
    return 0;
}

/* A limit that sbx itself holds.  It had everything killed, and what the command was about to end
 * with says nothing any more: the verdict must not depend on who was faster. */
static void ended_by_sbx(struct sbx_report *report, const char *limit)
{
    report->outcome = SBX_OUTCOME_LIMIT;
    report->exit_code = -1;
    report->signal = SIGKILL;
    set_cause(report, limit);
    limits_reach(report, limit);
}

static void judge_signal(const struct plan *plan, struct sbx_report *report)
{
    uint64_t cpu_seconds = rlimit_of(plan, RLIMIT_CPU);
    /* the kernel counts the limit in ticks, which on a busy machine run ahead of the usage */
    bool cpu_used_up =
        cpu_seconds > 0 && (report->user_ms + report->system_ms) * 2 >= cpu_seconds * 1000;

    report->outcome = SBX_OUTCOME_SIGNALED;
    /* a signal is easily sent; the time has to have been used as well */
    if (report->signal == SIGXCPU && cpu_used_up) {
        report->outcome = SBX_OUTCOME_LIMIT;
        set_cause(report, "cpu-time");
        limits_reach(report, "cpu-time");
    } else if (report->signal == SIGXFSZ && rlimit_of(plan, RLIMIT_FSIZE) > 0) {
        report->outcome = SBX_OUTCOME_LIMIT;
        set_cause(report, "file-size");
        limits_reach(report, "file-size");
    } else {
        set_cause(report, "signal");
    }
}

/* All of a sandbox that runs out of memory is killed at once: it's a race who of it can still tell.
 * A command that ended by itself before has an end of its own. */
static const char *memory_cause(const struct cgroup_run *cgroup, const struct ending *ending,
                                const struct sbx_report *report)
{
    if (ending->ended && report->signal != SIGKILL)
        return NULL;
    return limits_memory_cause(cgroup);
}

int judge(const struct plan *plan, const struct cgroup_run *cgroup, const struct ending *ending,
          int init_status, struct sbx_report *report, struct sbx_error *err)
{
    const char *memory;

    if (ending->failure.type != 0)
        return failure_of_step(plan, &ending->failure, err);
    /* first: a process that gave up can't be looked at any more */
    if (ending->exec_failed.type != 0)
        return failure_of_command(plan, &ending->exec_failed, report, err);
    if (ending->unwatched != 0)
        return error_set(err, SBX_ERROR_SETUP, ending->unwatched, "seccomp", NULL,
                         "cannot watch over what is refused");
    if (ending->deviation.kind != SBX_ERROR_NONE) {
        *err = ending->deviation;
        return err->number != 0 ? -err->number : -EPROTO;
    }
    if (ending->timed_out) {
        report->outcome = SBX_OUTCOME_TIMEOUT;
        set_cause(report, "wall-time");
        limits_reach(report, "time");
        return 0;
    }
    if (ending->over_output || ending->refused) {
        ended_by_sbx(report, ending->refused ? "syscall" : "max-output");
        return 0;
    }
    if (!ending->started && !(ending->ended && ending->let_go))
        return failure_of_launch(ending->interrupted, ending->orphaned, init_status, err);
    memory = memory_cause(cgroup, ending, report);
    if (memory != NULL) {
        report->outcome = SBX_OUTCOME_OOM;
        report->signal = SIGKILL;
        set_cause(report, memory);
        return 0;
    }
    if (ending->ended && report->signal != 0) {
        judge_signal(plan, report);
    } else if (ending->ended) {
        report->outcome = SBX_OUTCOME_EXITED;
        set_cause(report, "exit");
    } else {
        report->outcome = SBX_OUTCOME_INIT_DIED;
        report->signal = WIFSIGNALED(init_status) ? WTERMSIG(init_status) : SIGKILL;
        set_cause(report, ending->orphaned ? "parent-died" : "init-died");
    }
    return 0;
}
