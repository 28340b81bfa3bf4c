/* SPDX-License-Identifier: Apache-2.0 */
/* The probe's front door: finds the sub-command and runs it. */
#define _GNU_SOURCE
#include "probe.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int refused(const char *what)
{
    printf("refused: %s %s\n", what, strerrorname_np(errno));
    return TRY_REFUSED;
}

int verdict(long result, const char *what)
{
    if (result < 0)
        return refused(what);
    printf("done: %s\n", what);
    return TRY_DONE;
}

int untried(const char *why)
{
    printf("untried: %s\n", why);
    return TRY_UNTRIED;
}

int fail(const char *what)
{
    fprintf(stderr, "probe: %s: %s\n", what, strerror(errno));
    return 2;
}

int run_command(char **argv)
{
    execvp(argv[0], argv);
    return fail(argv[0]);
}

static const struct command *find(const struct command *table, const char *name)
{
    for (; table->name != NULL; table++)
        if (strcmp(table->name, name) == 0)
            return table;
    return NULL;
}

/*
 * Every try runs in a child of its own: a system-call filter may kill it, and that is a refusal
 * like any other.
 */
static int try_in_child(const struct command *command, int argc, char **argv)
{
    int status;
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if (pid < 0)
        return untried("fork");
    if (pid == 0) {
        int result = command->run(argc, argv);

        fflush(stdout);
        _exit(result);
    }
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return untried("waitpid");
    if (WIFSIGNALED(status)) {
        printf("refused: killed SIG%s\n", sigabbrev_np(WTERMSIG(status)));
        return TRY_REFUSED;
    }
    return WEXITSTATUS(status);
}

static const struct command *const try_tables[] = {
    mount_tries,      reach_tries,     process_tries, terminal_tries,
    descriptor_tries, neighbour_tries, kernel_tries};
static const struct command *const tables[] = {fact_commands, tool_commands, bait_commands,
                                               filter_commands};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int run_try(int argc, char **argv)
{
    for (size_t i = 0; i < COUNT(try_tables); i++) {
        const struct command *command = find(try_tables[i], argv[0]);

        if (command == NULL)
            continue;
        if (argc - 1 < command->min_args)
            return untried("too few words");
        return try_in_child(command, argc - 1, argv + 1);
    }
    return untried("no such try");
}

static void print_table(const char *prefix, const struct command *table)
{
    for (; table->name != NULL; table++)
        printf("  %s%-18s %s\n", prefix, table->name, table->help);
}

static int usage(void)
{
    puts("probe facts | probe try WHAT ... | probe TOOL ...\n"
         "`try` exits 0: it worked, 1: refused, 2: could not be tried");
    for (size_t i = 0; i < COUNT(try_tables); i++)
        print_table("try ", try_tables[i]);
    for (size_t i = 0; i < COUNT(tables); i++)
        print_table("", tables[i]);
    return TRY_UNTRIED;
}

int main(int argc, char **argv)
{
    const struct command *command = NULL;

    if (argc < 2)
        return usage();
    if (strcmp(argv[1], "try") == 0 && argc > 2)
        return run_try(argc - 2, argv + 2);
    for (size_t i = 0; i < COUNT(tables) && command == NULL; i++)
        command = find(tables[i], argv[1]);
    if (command == NULL || argc - 2 < command->min_args)
        return usage();
    return command->run(argc - 2, argv + 2);
}
