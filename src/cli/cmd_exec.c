/* SPDX-License-Identifier: Apache-2.0 */
/* sbx exec: one more command in a running sandbox. */
#include "cli/message.h"
#include "cli/words.h"

#include <errno.h>
#include <sbx/running.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_VARIABLES 256

struct wanted {
    const char *directory;
    char *variables[MAX_VARIABLES + 1]; /* owned; NULL-terminated */
    size_t count;
};

static int take_directory(void *context, const char *value, struct sbx_error *err)
{
    struct wanted *wanted = context;

    if (value[0] == '\0')
        return message_usage(err, "-C", "leave it out to start where the first command did",
                             "the directory has no name");
    wanted->directory = value;
    return 0;
}

static int add_variable(struct wanted *wanted, const char *name, size_t length, const char *value,
                        struct sbx_error *err)
{
    char *text = NULL;

    if (wanted->count == MAX_VARIABLES)
        return message_usage(err, "-e", NULL, "too many variables");
    if (asprintf(&text, "%.*s=%s", (int)length, name, value) < 0)
        return message_usage(err, "-e", NULL, "no memory");
    wanted->variables[wanted->count++] = text;
    return 0;
}

static int take_variable(void *context, const char *value, struct sbx_error *err)
{
    size_t length = strcspn(value, "=");
    const char *own = value[length] == '=' ? value + length + 1 : getenv(value);

    if (length == 0)
        return message_usage(err, "-e", "write NAME, or NAME=VALUE", "the variable has no name");
    return own == NULL ? 0 : add_variable(context, value, length, own, err);
}

/* What belongs to the terminal that this command has, and the first one may have had another. */
static int add_terminal(struct wanted *wanted, struct sbx_error *err)
{
    static const char *const names[] = {"TERM", "COLORTERM", "NO_COLOR"};
    int r = 0;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && r == 0; i++)
        r = take_variable(wanted, names[i], err);
    return r;
}

static void release(struct wanted *wanted)
{
    for (size_t i = 0; i < wanted->count; i++)
        free(wanted->variables[i]);
}

static int run(const struct call *call, int at, const struct wanted *wanted)
{
    const char *name = call->words[at];
    char **command = call->words + at + 1;
    struct sbx_report report = {0};
    struct sbx_error err = {0};
    struct sbx_exec exec = {
        .variables = (const char *const *)wanted->variables,
        .directory = wanted->directory,
    };

    if (name != NULL && command[0] != NULL && strcmp(command[0], "--") == 0)
        command++;
    if (name == NULL || command[0] == NULL) {
        message_usage(&err, "exec", "write sbx exec NAME -- COMMAND; sbx ps lists the names",
                      name == NULL ? "there is no name" : "there is no command");
        return verb_failed(&err);
    }
    exec.command = (const char *const *)command;
    if (sbx_running_exec(name, &exec, SBX_RUN_JOB_CONTROL, &report, &err) < 0)
        return verb_failed(&err);
    if (report.error.message[0] != '\0')
        message_error(&report.error);
    if (strcmp(report.cause, "sandbox-ended") == 0)
        message_note("the sandbox '%s' has ended, and the command with it", name);
    return sbx_report_exit_code(&report);
}

int cmd_exec(const struct call *call)
{
    struct wanted wanted = {0};
    struct sbx_error err = {0};
    const struct words_option options[] = {
        {.name = "--cd", .letter = 'C', .take = take_directory, .context = &wanted},
        {.name = "--env", .letter = 'e', .take = take_variable, .context = &wanted},
        {.name = NULL},
    };
    int r = add_terminal(&wanted, &err);
    int at = r < 0 ? r : words_parse("exec", call->words, options, &err);
    int code;

    if (at == -1)
        code = verb_help(call, "exec");
    else if (at < 0)
        code = verb_failed(&err);
    else
        code = run(call, at, &wanted);
    release(&wanted);
    return code;
}
