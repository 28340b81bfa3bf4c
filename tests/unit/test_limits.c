/* SPDX-License-Identifier: Apache-2.0 */
/* What a report says of limits, from a cgroup's files: ordinary ones in their place. */
#include "run/limits.h"

#include "unit/scratch.h"

#include <sys/resource.h>

static struct step steps[] = {
    {STEP_CGROUP, .origin = "--memory", .target = "/c"},
    {STEP_CGROUP_LIMIT, .origin = "--memory", .target = "memory.max", .source = "4096"},
    {STEP_CGROUP_LIMIT, .origin = "--memory", .target = "memory.swap.max", .source = "0"},
    {STEP_CGROUP_LIMIT, .origin = "--memory", .target = "memory.oom.group", .source = "1"},
    {STEP_CGROUP_LIMIT, .origin = "--pids", .target = "pids.max", .source = "5"},
    {STEP_CGROUP_LIMIT, .origin = "--cpus", .target = "cpu.max", .source = "1 2"},
    {STEP_RLIMIT, .origin = "default", .number = RLIMIT_CORE, .number2 = 1},
    {STEP_RLIMIT, .origin = "--file-size", .number = RLIMIT_FSIZE, .number2 = 9},
};
static const struct plan plan = {
    .steps = {.items = steps, .count = ARRAY_SIZE(steps)}, .cgroup = "/c", .time_ms = 5};

static const struct sbx_report_limit *limit(const struct sbx_report *report, const char *name)
{
    for (unsigned i = 0; i < report->limit_count; i++)
        if (strcmp(report->limits[i].name, name) == 0)
            return &report->limits[i];
    cr_assert_fail("no limit %s", name);
    return NULL;
}

Test(limits, each_with_what_holds_it)
{
    struct sbx_report report = {0};

    limits_list(&plan, &report);
    cr_assert_eq(report.limit_count, 6);
    cr_expect_str_eq(limit(&report, "memory")->mechanism, "cgroup");
    cr_expect_str_eq(limit(&report, "swap")->mechanism, "cgroup");
    cr_expect_str_eq(limit(&report, "pids")->mechanism, "cgroup");
    cr_expect_str_eq(limit(&report, "cpus")->mechanism, "cgroup");
    cr_expect_str_eq(limit(&report, "file-size")->mechanism, "rlimit");
    cr_expect_str_eq(limit(&report, "time")->mechanism, "timer");
}

Test(limits, what_sbx_itself_holds)
{
    const struct plan counted = {.output.origin = "--max-output", .time_ms = 5};
    const struct meter meter = {.left = 3, .passed = 7};
    struct sbx_report report = {0};

    limits_list(&counted, &report);
    cr_expect_str_eq(limit(&report, "max-output")->mechanism, "relay");
    cr_expect_not(limit(&report, "max-output")->reached);
    limits_reach(&report, "max-output");
    cr_expect(limit(&report, "max-output")->reached);
    cr_expect_not(limit(&report, "time")->reached);
    limits_reach(&report, "syscall"); /* no limit of the list */
    limits_count_output(NULL, &report);
    cr_expect_not(report.output_counted, "nobody has");
    limits_count_output(&meter, &report);
    cr_expect(report.output_counted);
    cr_expect_eq(report.output_bytes, 7);
}

static struct cgroup_run run_in(const struct scratch *scratch)
{
    struct cgroup_run run = CGROUP_RUN_NONE;

    run.directory = open(scratch->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cr_assert_geq(run.directory, 0);
    return run;
}

Test(limits, what_the_kernel_counted)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    struct cgroup_run run = run_in(&scratch);
    struct sbx_report report = {.user_ms = 1, .system_ms = 1};

    scratch_file(&scratch, "memory.events", "low 0\nhigh 0\nmax 9\noom 1\noom_kill 2\n");
    scratch_file(&scratch, "memory.oom.group", "1\n");
    scratch_file(&scratch, "memory.peak", "1048576\n");
    scratch_file(&scratch, "memory.swap.events", "high 0\nmax 0\nfail 0\n");
    scratch_file(&scratch, "pids.events", "max 0\n");
    scratch_file(&scratch, "pids.peak", "4\n");
    scratch_file(&scratch, "cpu.stat",
                 "usage_usec 9999\nuser_usec 7999\nsystem_usec 2000\nnr_throttled 3\n");
    limits_list(&plan, &report);
    cgroup_run_measure(&run, &report);
    cr_expect_eq(report.peak_memory_kb, 1024);
    cr_expect_eq(report.peak_pids, 3, "init doesn't count");
    cr_expect_eq(report.user_ms, 7);
    cr_expect_eq(report.system_ms, 2);
    cr_expect(limit(&report, "memory")->reached);
    cr_expect(limit(&report, "cpus")->reached);
    cr_expect_not(limit(&report, "pids")->reached);
    cr_expect_not(limit(&report, "swap")->reached);
    cr_expect_not(limit(&report, "file-size")->reached);
    cr_expect_str_eq(limits_memory_cause(&run), "memory");
    close(run.directory);
}

/* What can't be read is not known: it is no zero, and no verdict. */
Test(limits, what_is_not_there_is_not_known)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    struct cgroup_run run = run_in(&scratch);
    struct sbx_report report = {.user_ms = 5, .system_ms = 6};

    limits_list(&plan, &report);
    cgroup_run_measure(&run, &report);
    cr_expect_eq(report.peak_memory_kb, 0);
    cr_expect_eq(report.peak_pids, 0);
    cr_expect_eq(report.user_ms, 5);
    cr_expect_eq(report.system_ms, 6);
    cr_expect_not(limit(&report, "memory")->reached);
    cr_expect_null(limits_memory_cause(&run));
    close(run.directory);
}

/* The machine ran out, or a cgroup above: that is not the limit of this one. */
Test(limits, out_of_memory_elsewhere)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    struct cgroup_run run = run_in(&scratch);
    struct sbx_report report = {0};
    struct sbx_error err = {0};

    scratch_file(&scratch, "memory.events", "max 0\noom 0\noom_kill 1\n");
    scratch_file(&scratch, "memory.oom.group", "1\n");
    cgroup_run_measure(&run, &report);
    cr_expect_str_eq(limits_memory_cause(&run), "host-memory");
    error_add_hint(&err, "a guess");
    limits_explain(&run, &err);
    cr_expect_not_null(strstr(err.hint, "a cgroup above"));
    close(run.directory);
}

/* One process of many was killed, and the rest went on: no verdict on the end of the command. */
Test(limits, out_of_memory_of_one_process)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    struct cgroup_run run = run_in(&scratch);
    struct sbx_report report = {0};

    scratch_file(&scratch, "memory.events", "max 0\noom 0\noom_kill 1\n");
    scratch_file(&scratch, "memory.oom.group", "0\n");
    cgroup_run_measure(&run, &report);
    cr_expect_null(limits_memory_cause(&run));
    close(run.directory);
}

/* What happens in the command's own cgroups counts above them too, but is none of the run's. */
Test(limits, of_a_delegated_cgroup_its_own_events_count)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    struct cgroup_run run = run_in(&scratch);
    struct sbx_report report = {0};

    run.delegated = true;
    scratch_file(&scratch, "memory.events", "max 9\noom 3\noom_kill 3\noom_group_kill 1\n");
    scratch_file(&scratch, "memory.events.local", "max 0\noom 0\noom_kill 0\noom_group_kill 0\n");
    scratch_file(&scratch, "memory.oom.group", "1\n");
    scratch_file(&scratch, "pids.events", "max 4\n");
    scratch_file(&scratch, "pids.peak", "4\n");
    scratch_file(&scratch, "pids.max", "5\n");
    limits_list(&plan, &report);
    cgroup_run_measure(&run, &report);
    cr_expect_null(limits_memory_cause(&run));
    cr_expect_not(limit(&report, "memory")->reached);
    cr_expect_not(limit(&report, "pids")->reached);

    scratch_file(&scratch, "memory.events.local", "max 1\noom 1\noom_kill 0\noom_group_kill 1\n");
    scratch_file(&scratch, "pids.peak", "5\n");
    report = (struct sbx_report){0};
    limits_list(&plan, &report);
    cgroup_run_measure(&run, &report);
    cr_expect_str_eq(limits_memory_cause(&run), "memory");
    cr_expect(limit(&report, "memory")->reached);
    cr_expect(limit(&report, "pids")->reached, "Linux 6.1 counts where the process is");

    scratch_file(&scratch, "pids.events.local", "max 0\n");
    cgroup_run_measure(&run, &report);
    cr_expect_not(limit(&report, "pids")->reached, "6.10 and later tell");
    close(run.directory);
}

Test(limits, a_plan_without_any)
{
    static const struct plan empty = {0};
    struct cgroup_run run = CGROUP_RUN_NONE;
    struct sbx_report report = {0};
    struct sbx_error err = {0};

    limits_list(&empty, &report);
    cr_expect_eq(report.limit_count, 0);
    cr_assert_eq(cgroup_run_start(&empty, 0, &run, &err), 0);
    cr_expect_lt(run.inside, 0);
    cgroup_run_measure(&run, &report);
    cgroup_run_end(&run);
}

Test(limits, a_place_that_is_no_cgroup)
{
    struct step step = {STEP_CGROUP, .origin = "--cgroup-parent", .target = "/tmp"};
    const struct plan bad = {.steps = {.items = &step, .count = 1}, .cgroup = "/tmp"};
    struct cgroup_run run;
    struct sbx_error err = {0};

    cr_expect_eq(cgroup_run_start(&bad, 0, &run, &err), -EMEDIUMTYPE);
    cr_expect_str_eq(err.operation, "cgroup");
    cr_expect_str_eq(err.origin, "--cgroup-parent");
    cr_expect_not_null(strstr(err.message, "/tmp"));
    cr_expect_lt(run.inside, 0);
}
