/* SPDX-License-Identifier: Apache-2.0 */
#include "run/failure.h"

#include "base/cleanup.h"
#include "run/step.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum {
    AT_NAMESPACES,
    AT_ID_MAP,
    AT_BIND,
    AT_CHDIR,
    AT_INIT,
    AT_GROUP,
    AT_SESSION,
    AT_TERMINAL,
    AT_CORE,
    AT_PIDS,
    AT_FILTER,
    AT_COMMAND,
    STEP_COUNT
};

static struct step steps[] = {
    [AT_NAMESPACES] = {STEP_NAMESPACES, .origin = "default"},
    [AT_ID_MAP] = {STEP_ID_MAP, .origin = "--uid", .source = "0 1000 1\n", .target = "0 1000 1\n"},
    [AT_BIND] = {STEP_BIND, .origin = "--rw #2", .source = "/srv/x", .target = "/data"},
    [AT_CHDIR] = {STEP_CHDIR, .origin = "--cd", .target = "/w"},
    [AT_INIT] = {STEP_INIT, .origin = "default"},
    [AT_GROUP] = {STEP_PROCESS_GROUP, .origin = "default"},
    [AT_SESSION] = {STEP_SESSION, .origin = "--tty"},
    [AT_TERMINAL] = {STEP_TERMINAL, .origin = "--tty"},
    [AT_CORE] = {STEP_RLIMIT, .origin = "default", .number = RLIMIT_CORE, .number2 = 1},
    [AT_PIDS] = {STEP_RLIMIT, .origin = "--pids", .number = RLIMIT_NPROC, .number2 = 9},
    [AT_FILTER] = {STEP_SECCOMP, .origin = "--seccomp", .target = "strict"},
    [AT_COMMAND] = {STEP_COMMAND, .origin = "default", .target = "no-such-command-here"},
};
static const char *argv[] = {"no-such-command-here", NULL};
static const struct plan plan = {.steps = {steps, STEP_COUNT, STEP_COUNT}, .argv = argv, .argc = 1};

Test(failure, a_step_is_told_with_its_path_origin_and_reason)
{
    struct child_failure failure = {.step = AT_BIND, .number = ENOENT, .what = "open the source"};
    struct sbx_error err = {0};

    cr_expect_eq(failure_of_step(&plan, &failure, &err), -ENOENT);
    cr_expect_eq(err.kind, SBX_ERROR_SETUP);
    cr_expect_eq(err.number, ENOENT);
    cr_expect_str_eq(err.operation, "bind");
    cr_expect_str_eq(err.path, "/data");
    cr_expect_str_eq(err.origin, "--rw #2");
    cr_expect_str_eq(err.message, "cannot bind /data (open the source)");
}

/* A message that is not of the form is a failure all the same: nobody says that the command runs.
 */
Test(failure, a_number_that_is_no_errno_is_a_failure)
{
    const int numbers[] = {0, -ENOENT, INT_MIN};

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        struct child_failure failure = {.step = AT_BIND, .number = numbers[i]};
        struct wire_exec_failed failed = {.stage = WIRE_STAGE_CHDIR, .number = numbers[i]};
        struct sbx_error of_step = {0};
        struct sbx_error of_command = {0};
        struct sbx_report report = {0};

        cr_expect_lt(failure_of_step(&plan, &failure, &of_step), 0, "%d", numbers[i]);
        cr_expect_str_eq(of_step.message, "cannot bind /data");
        cr_expect_lt(failure_of_command(&plan, &failed, &report, &of_command), 0, "%d", numbers[i]);
        cr_expect_eq(of_command.kind, SBX_ERROR_SETUP);
    }
}

Test(failure, the_kernels_own_words_are_passed_on)
{
    struct child_failure failure = {
        .step = AT_CHDIR, .number = EPERM, .what = "mount", .reason = "VFS: Mount too revealing"};
    struct sbx_error err = {0};

    cr_expect_eq(failure_of_step(&plan, &failure, &err), -EPERM);
    cr_expect_not_null(strstr(err.message, "(mount: VFS: Mount too revealing)"), "%s", err.message);
}

Test(failure, an_id_map_has_no_path)
{
    struct child_failure failure = {.step = AT_ID_MAP, .number = EPERM};
    struct sbx_error err = {0};

    cr_expect_eq(failure_of_step(&plan, &failure, &err), -EPERM);
    cr_expect_str_eq(err.message, "cannot map the user and group id");
    cr_expect_str_empty(err.path);
    cr_expect_str_eq(err.origin, "--uid");
}

Test(failure, a_long_path_is_cut_and_not_overrun)
{
    static char path[5000];
    struct step step = {STEP_MASK, .origin = "default", .target = path};
    const struct plan one = {.steps = {&step, 1, 1}};
    struct child_failure failure = {.step = 0, .number = EIO};
    struct sbx_error err = {0};

    memset(path, 'x', sizeof(path) - 1);
    path[0] = '/';
    memset(failure.what, 'w', sizeof(failure.what) - 1);
    memset(failure.reason, 'r', sizeof(failure.reason) - 1);
    cr_expect_eq(failure_of_step(&one, &failure, &err), -EIO);
    cr_expect_eq(strlen(err.message), sizeof(err.message) - 1);
    cr_expect_str_eq(err.message + strlen(err.message) - 3, "...");
    cr_expect_str_eq(err.path + strlen(err.path) - 3, "...");
}

Test(failure, a_step_that_does_not_exist_is_no_memory_fault)
{
    static const uint32_t numbers[] = {STEP_COUNT, STEP_COUNT + 1, UINT32_MAX};

    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
        struct child_failure failure = {.step = numbers[i], .number = EIO};
        struct sbx_error err = {0};

        cr_expect_eq(failure_of_step(&plan, &failure, &err), -EPROTO);
        cr_expect_eq(err.kind, SBX_ERROR_INTERNAL);
    }
}

/* Each stage of the command's process leads to the step that asked for it. */
Test(failure, stages_of_the_command)
{
    static const struct {
        enum wire_stage stage;
        uint32_t detail;
        unsigned step;
    } rows[] = {
        {WIRE_STAGE_FORK, 0, AT_INIT},
        {WIRE_STAGE_PROCESS_GROUP, 0, AT_GROUP},
        {WIRE_STAGE_SESSION, 0, AT_SESSION},
        {WIRE_STAGE_TERMINAL, 0, AT_TERMINAL},
        {WIRE_STAGE_DESCRIPTORS, 0, AT_COMMAND},
        {WIRE_STAGE_CHDIR, 0, AT_CHDIR},
        {WIRE_STAGE_RLIMIT, RLIMIT_CORE, AT_CORE},
        {WIRE_STAGE_RLIMIT, RLIMIT_NPROC, AT_PIDS},
        {WIRE_STAGE_SECCOMP, 0, AT_FILTER},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct wire_exec_failed failed = {
            .stage = rows[i].stage, .number = EAGAIN, .detail = rows[i].detail};
        struct sbx_report report = {.outcome = SBX_OUTCOME_EXITED};
        struct sbx_error err = {0};
        const struct step *step = &steps[rows[i].step];

        cr_expect_eq(failure_of_command(&plan, &failed, &report, &err), -EAGAIN, "row %zu", i);
        cr_expect_str_eq(err.operation, step_ops[step->kind].name, "row %zu", i);
        cr_expect_str_eq(err.origin, step->origin, "row %zu", i);
        cr_expect_eq(err.kind, SBX_ERROR_SETUP, "row %zu", i);
    }
}

Test(failure, a_stage_or_limit_that_nobody_planned)
{
    static const struct wire_exec_failed messages[] = {
        {.stage = WIRE_STAGE_RLIMIT, .number = EPERM, .detail = RLIMIT_STACK},
        {.stage = 99, .number = EPERM},
        {.stage = UINT32_MAX, .number = EPERM},
    };

    for (size_t i = 0; i < ARRAY_SIZE(messages); i++) {
        struct sbx_report report = {0};
        struct sbx_error err = {0};

        cr_expect_lt(failure_of_command(&plan, &messages[i], &report, &err), 0, "message %zu", i);
        cr_expect_eq(err.kind, SBX_ERROR_INTERNAL, "message %zu: %s", i, err.message);
    }
}

struct exec_row {
    const char *command;
    int number;
    uint32_t found;
    enum sbx_outcome outcome;
    const char *cause;
    const char *hint; /* a word of it, or NULL for none */
};

static void expect_exec(const struct exec_row *row)
{
    const char *words[] = {row->command, NULL};
    const struct plan own = {.steps = plan.steps, .argv = words, .argc = 1};
    struct wire_exec_failed failed = {
        .stage = WIRE_STAGE_EXEC, .number = row->number, .detail = row->found};
    struct sbx_report report = {0};
    struct sbx_error err = {0};

    cr_expect_eq(failure_of_command(&own, &failed, &report, &err), 0, "%s", row->command);
    cr_expect_eq(err.kind, SBX_ERROR_NONE, "the set-up did not fail");
    cr_expect_eq(report.outcome, row->outcome, "%s: %s", row->command,
                 sbx_outcome_name(report.outcome));
    cr_expect_str_eq(report.cause, row->cause);
    cr_expect_not_null(strstr(report.error.message, row->command), "%s", report.error.message);
    if (row->hint == NULL)
        cr_expect_str_empty(report.error.hint);
    else
        cr_expect_not_null(strstr(report.error.hint, row->hint), "%s: %s", row->command,
                           report.error.hint);
}

Test(failure, a_command_that_cannot_be_executed_is_an_outcome)
{
    static const struct exec_row rows[] = {
        {"nonesuch", ENOENT, 0, SBX_OUTCOME_NOT_FOUND, "not-found", "PATH"},
        {"/no/such", ENOENT, 0, SBX_OUTCOME_NOT_FOUND, "not-found", "name"},
        {"/etc/passwd/x", ENOTDIR, 0, SBX_OUTCOME_NOT_FOUND, "not-found", "name"},
        {"/proc/self/exe", ENOENT, 0, SBX_OUTCOME_NOT_FOUND, "not-found", "--ro"},
        {"/bin/x", ENOENT, 1, SBX_OUTCOME_NOT_EXECUTABLE, "not-executable", "interpreter"},
        {"/bin/x", ENOEXEC, 1, SBX_OUTCOME_NOT_EXECUTABLE, "not-executable", "#!"},
        {"/bin/x", EACCES, 1, SBX_OUTCOME_NOT_EXECUTABLE, "not-executable", "permission"},
        {"/bin/x", EACCES, 0, SBX_OUTCOME_NOT_EXECUTABLE, "not-executable", "permission"},
        {"/bin/x", ELOOP, 1, SBX_OUTCOME_NOT_EXECUTABLE, "not-executable", NULL},
        {"/bin/x", E2BIG, 1, SBX_OUTCOME_NOT_EXECUTABLE, "not-executable", NULL},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        expect_exec(&rows[i]);
}

Test(failure, an_end_that_nobody_explained)
{
    struct sbx_error err = {0};

    cr_expect_eq(failure_of_launch(SIGTERM, 0, 0, &err), -EINTR);
    cr_expect_not_null(strstr(err.message, "SIGTERM"), "%s", err.message);
    err = (struct sbx_error){0};
    cr_expect_eq(failure_of_launch(0, 1, 0, &err), -ESRCH);
    cr_expect_not_null(strstr(err.message, "parent"), "%s", err.message);
    err = (struct sbx_error){0};
    cr_expect_eq(failure_of_launch(0, 0, SIGKILL, &err), -ECHILD);
    cr_expect_not_null(strstr(err.message, "SIGKILL"), "%s", err.message);
    err = (struct sbx_error){0};
    cr_expect_eq(failure_of_launch(0, 0, WIRE_INIT_BAD_MESSAGE << 8, &err), -ECHILD);
    cr_expect_not_null(strstr(err.message, "code 21"), "%s", err.message);
    cr_expect_eq(err.kind, SBX_ERROR_SETUP);
}

/* A real-time signal has no abbreviation: its number is told. */
Test(failure, a_signal_without_a_name)
{
    struct sbx_error err = {0};

    cr_expect_eq(failure_of_launch(SIGRTMIN + 1, 0, 0, &err), -EINTR);
    cr_expect_null(strstr(err.message, "null"), "%s", err.message);
    err = (struct sbx_error){0};
    cr_expect_eq(failure_of_launch(0, 0, SIGRTMIN + 1, &err), -ECHILD);
    cr_expect_null(strstr(err.message, "null"), "%s", err.message);
}

/* The kernel takes one listener for all filters of a process, those of an outer sandbox too. */
Test(failure, another_listener_has_its_way_out)
{
    struct wire_exec_failed failed = {.stage = WIRE_STAGE_SECCOMP, .number = EBUSY};
    struct sbx_report report = {0};
    struct sbx_error err = {0};

    cr_expect_eq(failure_of_command(&plan, &failed, &report, &err), -EBUSY);
    cr_expect_not_null(strstr(err.hint, "--on-refusal errno"), "%s", err.hint);
    failed.number = EINVAL;
    err = (struct sbx_error){0};
    cr_expect_eq(failure_of_command(&plan, &failed, &report, &err), -EINVAL);
    cr_expect_str_empty(err.hint);
}
