/* SPDX-License-Identifier: Apache-2.0 */
/* sbx run: run the command, exit as it did. */
#include "cli/message.h"
#include "cli/problem.h"
#include "cli/verb.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_TEXT 1024

/* Append @word to the list in @line; what doesn't fit is shown as "...". */
static void add_word(char line[static LINE_MAX_TEXT], const char *word)
{
    size_t used = strlen(line);
    size_t room = LINE_MAX_TEXT - used;

    if (strlen(word) + 6 < room)
        snprintf(line + used, room, " %s", word);
    else if (room > 5 && (used < 3 || strcmp(line + used - 3, "...") != 0))
        snprintf(line + used, room, " ...");
}

static void describe_before(const struct arguments *arguments, const struct sbx_profile *profile)
{
    char line[LINE_MAX_TEXT] = "";

    for (char *const *word = arguments->command; *word != NULL; word++)
        add_word(line, *word);
    message_note("command:%s", line);
    line[0] = '\0';
    for (size_t i = 0; i < arguments->count; i++) {
        const struct argument *argument = &arguments->items[i];
        char text[LINE_MAX_TEXT];

        snprintf(text, sizeof(text), "--%s%s%s", argument->option->name,
                 argument->option->kind == SBX_VALUE_FLAG ? "" : " ", argument->value);
        add_word(line, text);
    }
    message_note("options:%s", line);
    message_note("profile: %s%s%s (%s)", sbx_profile_name(profile),
                 sbx_profile_path(profile)[0] != '\0' ? " " : "", sbx_profile_path(profile),
                 sbx_profile_reason(profile));
}

/* How it ended, in words. */
static void describe_outcome(const struct sbx_report *report, char *text, size_t size)
{
    const char *name = sbx_outcome_name(report->outcome);

    if (report->outcome == SBX_OUTCOME_EXITED)
        snprintf(text, size, "%s with %d", name, report->exit_code);
    else if (report->outcome == SBX_OUTCOME_SIGNALED)
        snprintf(text, size, "%s: %s (signal %d)", name, strsignal(report->signal), report->signal);
    else if (report->cause[0] != '\0')
        snprintf(text, size, "%s: %s", name, report->cause);
    else
        snprintf(text, size, "%s", name);
}

/* What holds each limit, and what a cgroup counted. */
static void describe_limits(const struct sbx_report *report)
{
    char line[LINE_MAX_TEXT] = "";

    for (unsigned i = 0; i < report->limit_count && i < SBX_REPORT_MAX_LIMITS; i++) {
        const struct sbx_report_limit *limit = &report->limits[i];
        char text[sizeof(limit->name) + sizeof(limit->mechanism) + 16];

        snprintf(text, sizeof(text), "%s (%s%s)", limit->name, limit->mechanism,
                 limit->reached ? ", reached" : "");
        add_word(line, text);
    }
    if (line[0] != '\0')
        message_note("limits:%s", line);
    if (report->peak_memory_kb > 0)
        message_note("all together: %.1f MiB at most", (double)report->peak_memory_kb / 1024);
}

/* Which system calls were refused, and how often. */
static void describe_refusals(const struct sbx_report *report)
{
    char line[LINE_MAX_TEXT] = "";

    for (unsigned i = 0; i < report->refusal_count && i < SBX_REPORT_MAX_REFUSALS; i++) {
        char text[sizeof(report->refusals[i].name) + 32];

        snprintf(text, sizeof(text), "%s (%" PRIu64 ")", report->refusals[i].name,
                 report->refusals[i].count);
        add_word(line, text);
    }
    if (report->refusals_counted)
        message_note("refused system calls:%s", line[0] != '\0' ? line : " none");
}

static void describe_after(const struct sbx_report *report)
{
    char outcome[128];

    describe_outcome(report, outcome, sizeof(outcome));
    message_note("%s; %.3f s, CPU %.3f s user, %.3f s system; largest process %.1f MiB", outcome,
                 (double)report->wall_ms / 1000, (double)report->user_ms / 1000,
                 (double)report->system_ms / 1000, (double)report->peak_process_kb / 1024);
    describe_limits(report);
    describe_refusals(report);
    for (unsigned i = 0; i < report->degraded_count && i < SBX_REPORT_MAX_DEGRADED; i++)
        message_note("without: %s", report->degraded[i]);
}

/* The one line on an end that the exit code alone doesn't explain. */
static void note_end(const struct sbx_report *report)
{
    double seconds = (double)report->wall_ms / 1000;

    switch (report->outcome) {
    case SBX_OUTCOME_TIMEOUT:
        message_note("ended by --time after %.1f s", seconds);
        break;
    case SBX_OUTCOME_LIMIT:
        if (strcmp(report->cause, "syscall") == 0) {
            message_note("ended after %.1f s by a system call that is refused: %s", seconds,
                         report->refusals[0].name);
            break;
        }
        message_note("ended by the %s limit after %.1f s", report->cause, seconds);
        break;
    case SBX_OUTCOME_OOM:
        message_note(strcmp(report->cause, "memory") == 0
                         ? "out of memory: ended by the memory limit after %.1f s"
                         : "out of memory after %.1f s, not by a limit of the sandbox's own",
                     seconds);
        break;
    case SBX_OUTCOME_INIT_DIED:
        message_note("the sandbox's first process died, and everything in it with it");
        break;
    case SBX_OUTCOME_SETUP_FAILED:
    case SBX_OUTCOME_EXITED:
    case SBX_OUTCOME_SIGNALED:
    case SBX_OUTCOME_NOT_EXECUTABLE:
    case SBX_OUTCOME_NOT_FOUND:
        break;
    }
}

/*
 * What went wrong though the set-up did not: the command could not be executed or found, or the
 * report's file not be written.  These are errors, which --quiet doesn't silence.
 */
static void explain(const struct sbx_report *report, const char *command)
{
    struct sbx_error err = report->error;

    if (err.message[0] == '\0') {
        if (report->outcome != SBX_OUTCOME_NOT_FOUND &&
            report->outcome != SBX_OUTCOME_NOT_EXECUTABLE)
            return;
        err.number = 0;
        snprintf(err.message, sizeof(err.message), "%.200s: %s", command,
                 report->outcome == SBX_OUTCOME_NOT_FOUND
                     ? "command not found in the sandbox"
                     : "the command can't be executed in the sandbox");
    }
    message_error(&err);
}

/* A shell ends its loop or script when Ctrl-C has killed a job, which an exit code alone does not
 * tell it: on a terminal, in the foreground, sbx dies of that signal too. */
static void die_of_interrupt(const struct sbx_report *report)
{
    if (report->outcome != SBX_OUTCOME_SIGNALED || report->signal != SIGINT)
        return;
    for (int fd = 0; fd <= 2; fd++)
        if (!isatty(fd))
            return;
    if (tcgetpgrp(0) != getpgrp())
        return;
    fflush(NULL);
    signal(SIGINT, SIG_DFL);
    raise(SIGINT);
}

/* The run did not come about: the report says so too. */
static int run_failed(const struct sbx_settings *settings, const struct sbx_error *err)
{
    struct sbx_error unwritten = {0};

    if (sbx_settings_report(settings, err, &unwritten) < 0)
        message_error(&unwritten);
    return EXIT_SBX_FAILED;
}

int cmd_run(const struct call *call)
{
    _cleanup_arguments_ struct arguments arguments = {0};
    _cleanup_settings_ struct sbx_settings *settings = NULL;
    _cleanup_profile_ struct sbx_profile *profile = NULL;
    _cleanup_plan_ struct sbx_plan *plan = NULL;
    struct sbx_report report = {0};
    struct sbx_error err = {0};
    int verbosity;

    if (arguments_parse("run", call->words, 0, &arguments, &err) < 0)
        return verb_failed(&err);
    if (arguments.help)
        return verb_help(call, "run");
    if (prepare_settings(call, "run", &arguments, &settings, &err) < 0)
        return verb_failed(&err);
    if (prepare_profile(call, arguments.command[0], settings, &profile, &err) < 0)
        return run_failed(settings, &err);
    if (sbx_plan_new(settings, (const char *const *)arguments.command, &plan, &err) < 0) {
        verb_failed(&err);
        return run_failed(settings, &err);
    }
    verbosity = sbx_plan_verbosity(plan);
    if (verbosity > 0)
        describe_before(&arguments, profile);
    if (sbx_plan_run(plan, SBX_RUN_JOB_CONTROL, &report, &err) < 0)
        return verb_failed(&err);
    explain(&report, arguments.command[0]);
    if (verbosity >= 0)
        note_end(&report);
    if (verbosity > 0)
        describe_after(&report);
    die_of_interrupt(&report);
    return sbx_report_exit_code(&report);
}
