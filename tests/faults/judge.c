/* SPDX-License-Identifier: Apache-2.0 */
#include "judge.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define WITNESS_EXIT 42

const char *const verdict_names[VERDICT_COUNT] = {
    [VERDICT_NONE] = "not run",        [VERDICT_FAILED] = "FAILED",     [VERDICT_CLOSED] = "closed",
    [VERDICT_ISOLATED] = "isolated",   [VERDICT_DEGRADED] = "degraded", [VERDICT_LATE] = "late",
    [VERDICT_REFUSED] = "refused",     [VERDICT_KILLED] = "killed",     [VERDICT_LIBC] = "libc",
    [VERDICT_UNREACHED] = "unreached",
};

/* What may be missing, in the words of the report, and the facts that then differ. */
static const struct {
    const char *degraded;
    const char *fact;
} excuses[] = {
    {"Landlock is absent", "try write "},
    {"Landlock is absent", "try connect-abstract "},
    {"Landlock is absent", "try setpriority "},
    {"Landlock has no scopes", "try connect-abstract "},
};

/* One launch, looked at. */
struct trial {
    const struct fault_case *which;
    const struct trace_result *result;
    const struct world_output *output;
    const char *facts;
    char *reason;
};

static enum verdict failed(const struct trial *trial, const char *what, const char *detail)
{
    snprintf(trial->reason, JUDGE_MAX_REASON, "%s%.*s", what, 240, detail);
    for (char *c = trial->reason; *c != '\0'; c++)
        if (*c == '\n')
            *c = '|';
    return VERDICT_FAILED;
}

static bool is_kill(const struct trial *trial)
{
    return trial->which != NULL && trial->result->reached && trial->which->fault.kind >= FAULT_KILL;
}

/* --- the facts ------------------------------------------------------------------------------- */

static bool excused(const struct trial *trial, const char *line)
{
    const char *degraded = strstr(trial->output->report, "\"degraded\"");

    if (degraded == NULL)
        return false;
    for (size_t i = 0; i < sizeof(excuses) / sizeof(excuses[0]); i++)
        if (strncmp(line, excuses[i].fact, strlen(excuses[i].fact)) == 0 &&
            strstr(degraded, excuses[i].degraded) != NULL)
            return true;
    return false;
}

/* How much of a line has room in a reason. */
static int shown(const char *line)
{
    size_t length = strcspn(line, "\n");

    return length < 100 ? (int)length : 100;
}

static const char *next_line(const char *text)
{
    text += strcspn(text, "\n");
    return text + (*text == '\n');
}

static bool same_line(const char *one, const char *other)
{
    size_t length = strcspn(one, "\n");

    return length == strcspn(other, "\n") && memcmp(one, other, length) == 0;
}

/* Pid 1 may be dying, killed by the case or as it gives up, while the command looks at it. */
static bool step_over_pid1(const char **expected, const char **found)
{
    const char **const sides[] = {expected, found};

    for (size_t i = 0; i < 2; i++) {
        const char *word = memmem(*sides[i], strcspn(*sides[i], "\n"), "/proc/1/", 8);

        if (word == NULL)
            continue;
        *sides[i] = next_line(*sides[i]);
        return true;
    }
    return false;
}

/* What hides a path.  Sockets of the host come and go while the suite runs, and each that is there
 * is hidden: one such mount more is nothing less. */
static bool is_mask(const char *line)
{
    return strncmp(line, "mount /file ", 12) == 0 || strncmp(line, "mount /dir ", 11) == 0;
}

/* Has the report this outcome?  A report that isn't there has none. */
static bool report_says(const struct trial *trial, const char *outcome)
{
    char line[64];

    snprintf(line, sizeof(line), "\"outcome\": \"%s\"", outcome);
    return strstr(trial->output->report, line) != NULL;
}

/* VERDICT_ISOLATED, VERDICT_DEGRADED, or why not.  Where @cut, the command may have been killed in
 * the middle of its write. */
static enum verdict compare(const struct trial *trial, bool cut)
{
    const char *expected = trial->facts;
    const char *found = trial->output->facts;
    enum verdict verdict = VERDICT_ISOLATED;

    while (*expected != '\0' || *found != '\0') {
        char detail[240];

        if (cut && strchr(found, '\n') == NULL && strncmp(expected, found, strlen(found)) == 0)
            break;
        if (!same_line(expected, found)) {
            if ((is_kill(trial) || !report_says(trial, "exited")) &&
                step_over_pid1(&expected, &found))
                continue;
            if (is_mask(found)) {
                found = next_line(found);
                continue;
            }
            if (!excused(trial, expected) || !excused(trial, found)) {
                snprintf(detail, sizeof(detail), "'%.*s' instead of '%.*s'", shown(found), found,
                         shown(expected), expected);
                return failed(trial, "less isolated: ", detail);
            }
            verdict = VERDICT_DEGRADED;
        }
        expected = next_line(expected);
        found = next_line(found);
    }
    return verdict;
}

/* --- what sbx says --------------------------------------------------------------------------- */

static const char more_lines[] = "more than two lines: ";

/* One line that says what failed, and one with a hint where @hint; NULL, or what is wrong. */
static const char *check_message(const char *text, bool hint)
{
    const char *second = strchr(text, '\n');
    const char *end;

    if (strncmp(text, "sbx: ", 5) != 0 || second == NULL)
        return "no message: ";
    if (second - text < 20 || strstr(text, "something failed") != NULL)
        return "the message says nothing: ";
    end = second + 1;
    if (*end == '\0')
        return hint ? "no hint: " : NULL;
    if (strncmp(end, "hint: ", 6) != 0)
        return "the second line is no hint: ";
    end = strchr(end, '\n');
    return end == NULL || end[1] != '\0' ? more_lines : NULL;
}

/* Where several calls are missing, what is to be run and its report may fail for two reasons. */
static const char *second_message(const struct trial *trial)
{
    const char *rest = next_line(next_line(trial->output->error));

    return trial->which != NULL && trial->which->fault.kind == FAULT_OFF && *rest != '\0' ? rest
                                                                                          : NULL;
}

/* --- each way to end ------------------------------------------------------------------------- */

static enum verdict judge_success(const struct trial *trial)
{
    enum verdict verdict;

    if (trial->output->facts[0] == '\0')
        return failed(trial, "the command's exit code without the command", "");
    verdict = compare(trial, false);
    if (verdict == VERDICT_FAILED)
        return verdict;
    if (trial->output->error[0] != '\0')
        return failed(trial, "a successful run prints: ", trial->output->error);
    if (!report_says(trial, "exited") || strstr(trial->output->report, "\"exit_code\": 42") == NULL)
        return failed(trial, "the report doesn't say so: ", trial->output->report);
    if (trial->which == NULL || trial->which->fault.kind == FAULT_OFF || trial->result->reached)
        return verdict;
    return VERDICT_UNREACHED;
}

static enum verdict judge_setup_failed(const struct trial *trial)
{
    const char *second = second_message(trial);
    const char *wrong = check_message(trial->output->error, true);

    if (second != NULL && wrong == more_lines)
        wrong = check_message(second, true);
    if (wrong != NULL)
        return failed(trial, wrong, trial->output->error);
    if (trial->output->report[0] != '\0' && !report_says(trial, "setup-failed"))
        return failed(trial, "125, but the report says: ", trial->output->report);
    if (!trial->result->started)
        return trial->output->facts[0] == '\0' ? VERDICT_CLOSED
                                               : failed(trial, "it never started, and spoke", "");
    if (trial->output->facts[0] != '\0' && compare(trial, true) == VERDICT_FAILED)
        return VERDICT_FAILED;
    return VERDICT_LATE;
}

static enum verdict judge_exec_failed(const struct trial *trial, int code)
{
    const char *wrong = check_message(trial->output->error, false);

    if (trial->result->started || trial->which == NULL || trial->which->role != ROLE_COMMAND ||
        (trial->result->nr != SYS_execve && trial->result->nr != SYS_stat))
        return failed(trial,
                      "126 or 127, but it isn't the exec that failed: ", trial->output->error);
    if (wrong != NULL)
        return failed(trial, wrong, trial->output->error);
    if (!report_says(trial, code == 126 ? "not-executable" : "not-found"))
        return failed(trial, "the report doesn't say so: ", trial->output->report);
    return VERDICT_REFUSED;
}

/* The command or init was killed by the case; or init gave up, at a moment when sbx can't know any
 * more whether the command has started. */
static enum verdict judge_signaled(const struct trial *trial)
{
    bool gave_up = report_says(trial, "init-died");
    const char *wrong = gave_up ? check_message(trial->output->error, false) : NULL;

    if (wrong != NULL)
        return failed(trial, wrong, trial->output->error);
    if (!is_kill(trial) && !gave_up)
        return failed(trial, "137, but nothing was killed: ", trial->output->error);
    if (!report_says(trial, "signaled") && !report_says(trial, "init-died"))
        return failed(trial, "the report doesn't say so: ", trial->output->report);
    if (trial->output->facts[0] != '\0' && compare(trial, true) == VERDICT_FAILED)
        return VERDICT_FAILED;
    return is_kill(trial) ? VERDICT_KILLED : VERDICT_LATE;
}

/* libc has words of its own for what it needs itself: its start before main(), its heap. */
static bool is_libc_giving_up(const struct trial *trial)
{
    const char *text = trial->output->error;

    return trial->which != NULL && trial->which->role == ROLE_SBX && !trial->result->started &&
           (strncmp(text, "Fatal glibc error", 17) == 0 ||
            strncmp(text, "cannot set %fs base address", 27) == 0 ||
            strncmp(text, ": error while loading shared libraries: ", 40) == 0);
}

static enum verdict judge_sbx_signaled(const struct trial *trial, int signal)
{
    bool meant = is_kill(trial) &&
                 (trial->which->fault.kind == FAULT_KILL_SBX ||
                  (trial->which->fault.kind == FAULT_KILL && trial->which->role == ROLE_SBX));

    /* the heap could not grow, and nothing else: any other assertion of malloc's is sbx's fault */
    if (signal == SIGABRT && trial->result->nr == SYS_brk && is_libc_giving_up(trial))
        return VERDICT_LIBC;
    if (!meant || signal != SIGKILL)
        return failed(trial, "sbx died of SIG", sigabbrev_np(signal));
    if (trial->output->facts[0] != '\0' && compare(trial, true) == VERDICT_FAILED)
        return VERDICT_FAILED;
    return VERDICT_KILLED;
}

static enum verdict judge_code(const struct trial *trial, int code)
{
    char text[32];

    switch (code) {
    case WITNESS_EXIT:
        return judge_success(trial);
    case 125:
        return judge_setup_failed(trial);
    case 126:
    case 127:
        if (is_libc_giving_up(trial))
            return VERDICT_LIBC;
        return judge_exec_failed(trial, code);
    case 128 + SIGKILL:
        return judge_signaled(trial);
    default:
        snprintf(text, sizeof(text), "exit code %d: ", code);
        return failed(trial, text, trial->output->error);
    }
}

enum verdict judge(const struct fault_case *which, const struct trace_result *result,
                   const struct world_output *output, const char *facts,
                   char reason[static JUDGE_MAX_REASON])
{
    const struct trial trial = {
        .which = which, .result = result, .output = output, .facts = facts, .reason = reason};

    reason[0] = '\0';
    if (result->hung)
        return failed(&trial, "it hangs: ", result->who);
    if (result->outlived)
        return failed(&trial, "still there when sbx had ended: ", result->who);
    if (result->left)
        return failed(&trial, "a process is left: ", result->who);
    if (WIFSIGNALED(result->status))
        return judge_sbx_signaled(&trial, WTERMSIG(result->status));
    return judge_code(&trial, WEXITSTATUS(result->status));
}
