/* SPDX-License-Identifier: Apache-2.0 */
/* What comes before a run and after it; supervision.c has the loop between. */
#include "run/supervision.h"

#include "base/cleanup.h"
#include "init/wire.h"
#include "run/limits.h"
#include "run/tally.h"

#include <errno.h>
#include <signal.h>

/* The numbers of the descriptors that the command is to have. */
static void list_descriptors(struct supervision *self, const int standard[static 3])
{
    const struct plan *plan = self->plan;
    size_t count = 0;

    for (int fd = 0; fd <= 2; fd++)
        if (standard[fd] >= 0 || terminal_replaces(&plan->terminal, fd))
            self->first_fds[count++] = fd;
    for (size_t i = 0; i < plan->fds.count && count < WIRE_MAX_FDS; i++)
        self->first_fds[count++] = plan->fds.items[i].fd;
    self->first = (struct attest_command){.first = true, .fds = self->first_fds, .fd_count = count};
}

static struct meter *meter_of(struct supervision *self)
{
    return self->plan->output.origin != NULL ? &self->meter : NULL;
}

static int enter_register(struct supervision *self, struct sbx_error *err)
{
    self->in_service = true; /* also where it has no name: what is open is closed */
    return service_open(self->plan, &self->service, err);
}

/* All that comes before the command, up to the clone. */
static int start(struct supervision *self, struct launch_inputs *given, struct sbx_error *err)
{
    const struct plan *plan = self->plan;
    /* a name may be taken, and a cgroup is swept by its entry; else that is work for the time in
     * which the child is busy, and can't fail */
    bool entered_first = plan->name != NULL || plan->cgroup != NULL;
    bool job_control = (self->flags & SBX_RUN_JOB_CONTROL) != 0;
    struct meter *meter = meter_of(self);
    int result = attestation_open(plan, &self->attestation, err);

    if (result == 0 && entered_first)
        result = enter_register(self, err);
    if (result == 0)
        result = relay_new(&plan->terminal, job_control, meter, given->standard, &self->relay, err);
    if (result == 0)
        result = output_new(&plan->output, meter, given->standard, &self->output, err);
    if (result == 0)
        result = refusals_open(plan, self->report, &self->refusals, err);
    if (result == 0)
        result = launch_start(plan, given, &self->launch, err);
    relay_launched(self->relay);
    output_launched(self->output);
    if (result < 0)
        return result;
    if (!entered_first)
        (void)enter_register(self, NULL);
    service_start(&self->service, &self->attestation, self->launch.control, self->launch.pid,
                  self->start, &self->refusals);
    list_descriptors(self, given->standard);
    return 0;
}

/* Nothing runs any more, or only what is killed: what came of it?  @result: of the loop. */
static int conclude(struct supervision *self, int result, struct sbx_error *err)
{
    struct sbx_report *report = self->report;
    int status = tally_reap(self->launch.pid, report);

    if (!self->gone)
        report->wall_ms = tally_now_ms() - self->start;
    cgroup_run_measure(&self->cgroup, report);
    fullness_end(&self->fullness, self->plan, report);
    if (self->broken != 0)
        result = error_set(err, SBX_ERROR_SETUP, self->broken, "supervise", NULL,
                           "cannot watch over the sandbox");
    limits_count_output(meter_of(self), report);
    if (result == 0)
        result = judge(self->plan, &self->cgroup, &self->ending, status, report, err);
    /* a verdict that claims nothing of the command's own end stands */
    if (result == 0 && !self->ending.timed_out && !self->ending.over_output)
        result = output_check_written(self->output, err);
    if (result < 0)
        limits_explain(&self->cgroup, err);
    launch_end(&self->launch);
    return result;
}

static void close_all(struct supervision *self)
{
    cgroup_run_end(&self->cgroup);
    if (self->in_service)
        service_close(&self->service);
    refusals_close(&self->refusals);
    attestation_close(&self->attestation);
    cleanup_close(&self->master);
    caller_state_restore_files(&self->caller);
    relay_free(self->relay);
    output_free(self->output);
    terminal_close(&self->terminal);
    cleanup_close(&self->watched[AT_SIGNALS].fd);
    cleanup_close(&self->watched[AT_TIMER].fd);
    cleanup_close(&self->watched[AT_PARENT].fd);
}

int supervise(const struct plan *plan, unsigned flags, struct sbx_report *ret_report,
              struct sbx_error *err)
{
    struct supervision self = {.plan = plan,
                               .flags = flags,
                               .cgroup = CGROUP_RUN_NONE,
                               .meter.left = plan->output.most,
                               .start = tally_now_ms(),
                               .refusals.events = -EBADF,
                               .master = -EBADF,
                               .terminal.fd = -EBADF,
                               .attestation.file = {.directory = -EBADF, .direct = -EBADF},
                               .report = ret_report};
    bool job_control = (flags & SBX_RUN_JOB_CONTROL) != 0;
    pid_t parent = getppid();
    struct launch_inputs given = {.cgroup = &self.cgroup};
    sigset_t signals;
    int result;

    tally_begin(plan, ret_report);
    limits_list(plan, ret_report);
    for (size_t i = 0; i < AT_COUNT; i++)
        self.watched[i] = (struct pollfd){.fd = -1, .events = POLLIN};
    result = caller_state_take(&self.caller, job_control, &signals, err);
    if (result < 0)
        return result;
    if (job_control && plan->terminal.mode == PLAN_TERMINAL_SHARED)
        terminal_open(&self.terminal);
    for (int fd = 0; fd <= 2; fd++)
        given.standard[fd] = self.caller.file_flags[fd] < 0 ? -EBADF : fd;
    given.signal_mask = &self.caller.mask;
    given.ignore_sigchld = self.caller.ignored_sigchld;
    result = start(&self, &given, err);
    if (result == 0) {
        result = supervision_watch(&self, &signals, parent, err);
        if (result == 0)
            result = attestation_prepare(&self.attestation, err);
        if (result == 0)
            supervision_loop(&self);
        else
            supervision_kill(&self);
        result = conclude(&self, result, err);
    }
    close_all(&self);
    caller_state_restore_signals(&self.caller);
    if (result < 0)
        ret_report->outcome = SBX_OUTCOME_SETUP_FAILED;
    return result;
}
