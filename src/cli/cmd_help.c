/* SPDX-License-Identifier: Apache-2.0 */
/* sbx help: everything on options comes from the option table. */
#include "cli/message.h"
#include "cli/verb.h"
#include "cli/wrap.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define SUMMARY_COLUMN 30

static const char exit_codes[] =
    "Exit codes\n"
    "  the command's own, or 128+n where signal n ended it;\n"
    "  124 a time limit ended it; 125 sbx failed, the command did not start;\n"
    "  126 the command could not be executed; 127 it was not found\n";

/* One row: what is written on the left, what it means on the right or on the next line. */
static void print_row(const char *left, const char *summary)
{
    int used = printf("  %s", left);

    if (used + 2 > SUMMARY_COLUMN) {
        putchar('\n');
        used = 0;
    }
    printf("%*s", SUMMARY_COLUMN - used, "");
    wrap_print(summary, SUMMARY_COLUMN);
}

static void print_option(const struct sbx_option *option)
{
    char left[128], letter[8] = "    ";

    if (option->letter != 0)
        snprintf(letter, sizeof(letter), "-%c, ", option->letter);
    snprintf(left, sizeof(left), "%s--%s%s%s", letter, option->name,
             option->value_name != NULL ? " " : "",
             option->value_name != NULL ? option->value_name : "");
    print_row(left, option->summary);
}

static void print_options(bool json)
{
    const char *section = "";
    size_t count;
    const struct sbx_option *options = sbx_options(&count);

    for (size_t i = 0; i < count; i++) {
        if (strcmp(section, options[i].section) != 0) {
            section = options[i].section;
            printf("\n%c%s\n", toupper((unsigned char)section[0]), section + 1);
        }
        print_option(&options[i]);
    }
    printf("\nOther\n");
    if (json)
        print_row("    --json", "print the steps as JSON");
    print_row("-h, --help", "print this help");
}

static void help_run(void)
{
    wrap_print("Run COMMAND in a sandbox: the host's files read-only, a private home, no network, "
               "no privileges. Every option adds to that or takes from it; of those that can be "
               "given only once the last counts.",
               0);
    print_options(false);
    printf("\nExamples\n"
           "  sbx run -- ./program                    run it, let it change nothing\n"
           "  sbx run --rw . --time 10min -- make     build here, ten minutes at most\n"
           "  sbx run -n host -e TOKEN -- ./client    with the network and one variable\n"
           "\n%s\n"
           "A size takes K, M, G; a time takes ms, s, min, h. More is in sbx-run(1).\n",
           exit_codes);
}

static void help_plan(void)
{
    wrap_print("Print the steps that \"sbx run\" with the same options would take, each with the "
               "option or default that asked for it. Nothing is run or changed.",
               0);
    print_options(true);
    printf("\nExamples\n"
           "  sbx plan -- make                        what a default run does\n"
           "  sbx plan --rw . -n host -- make         and what two options change\n"
           "  sbx plan --json -- make | jq .          for a program\n");
}

static void help_doctor(void)
{
    wrap_print("Try what a sandbox needs, each thing in a process of its own, and a default run. "
               "For each: works, limited, fails, or unknown; where it does not work, what that "
               "costs, what is in the way, and the fix. Nothing is changed.",
               0);
    printf("\nOptions\n");
    print_row("    --json", "print it as JSON");
    print_row("-h, --help", "print this help");
    printf("\nExamples\n"
           "  sbx doctor                              what this host allows\n"
           "  sbx doctor >/dev/null && echo fine      0 only where a default run works, else 1\n"
           "  sbx doctor --json | jq -r '.checks[] | select(.state == \"fails\").fix'\n");
}

static void help_ps(void)
{
    wrap_print("List the sandboxes that you have running: name, process id of sbx, processes "
               "inside, age, CPU time, memory, profile and command.",
               0);
    printf("\nOptions\n");
    print_row("    --json", "print it as JSON");
    print_row("    --names", "print the names alone");
    print_row("-h, --help", "print this help");
}

static void help_exec(void)
{
    wrap_print("Start COMMAND in the running sandbox NAME, wait for it, and exit as it did. The "
               "sandbox's own first process starts it, with the same isolation as the first "
               "command, in the same directory and environment.",
               0);
    printf("\nOptions\n");
    print_row("-C, --cd DIR", "start in this directory of the sandbox");
    print_row("-e, --env NAME[=VALUE]", "set a variable, or pass the caller's on");
    print_row("-h, --help", "print this help");
    printf("\nExamples\n"
           "  sbx run --name box -- make &\n"
           "  sbx exec box -- ps ax                   what runs in there\n");
}

static void help_stop(void)
{
    wrap_print("End each sandbox NAME: SIGTERM to its command, after the grace SIGKILL to "
               "everything inside. Returns when nothing of it is left.",
               0);
    printf("\nOptions\n");
    print_row("    --grace TIME", "time between the two, 2 seconds where it is not given");
    print_row("-h, --help", "print this help");
}

static void help_stats(void)
{
    wrap_print("Print once a second what the sandbox NAME uses, until it ends.", 0);
    printf("\nOptions\n");
    print_row("    --json", "print a JSON object on each line");
    print_row("    --once", "print one line and exit");
    print_row("-h, --help", "print this help");
}

static void help_profile(void)
{
    wrap_print("A profile is a file that says what a program may do. \"sbx run\" takes the one "
               "that --profile names, or the one whose match has the command's name, or the "
               "one that is called default.",
               0);
    printf("\n");
    print_row("list [--names]", "all profiles: name, where from, description, [programs]");
    print_row("show [--yaml] NAME|FILE", "what it comes to, each line with its origin");
    print_row("check FILE...", "say all that is wrong in a file");
    print_row("which COMMAND", "the profile that this command gets, and why");
    print_row("path", "the directories of profiles, first the one that counts most");
    print_row("schema", "the JSON Schema, for editors");
    print_row("diff A B", "how two profiles differ; exit code 1 where they do");
    printf("\nExamples\n"
           "  sbx profile show build                  what a build may do\n"
           "  sbx profile check ./mine.yaml           before it is used\n"
           "  sbx run -p ./mine.yaml -- ./program     and use it\n"
           "\nThe format is in sbx-profile(5).\n");
}

static void help_fs(void)
{
    wrap_print(
        "Say what each PATH lies on: the mount with its flags and what is mounted below, the file "
        "system, its stacking depth as overlays see it, whether it can be a layer of one, whether "
        "its mount takes an id map, and how it is shown in a sandbox. What no system call tells is "
        "tried in namespaces that go away again; what can't be tried is said to be unknown, and "
        "why.",
        0);
    printf("\n");
    print_row("    --json", "print an array, an object for each path");
    print_row("-h, --help", "print this help");
    printf("\nExamples\n"
           "  sbx fs /proc                            why no overlay goes over it\n"
           "  sbx fs /srv/chroot                      what is mounted in there\n"
           "  sbx fs --json / | jq '.[].depth'        for a program\n"
           "\nExit code 1 where a path can't be looked at. More is in sbx-fs(1).\n");
}

static void help_completion(void)
{
    printf("Print a script that teaches the shell to complete sbx's words.\n\n"
           "  bash   sbx completion bash > ~/.local/share/bash-completion/completions/sbx\n"
           "  zsh    sbx completion zsh > DIR/_sbx, where DIR is in $fpath\n"
           "  fish   sbx completion fish > ~/.config/fish/completions/sbx.fish\n");
}

void help_verb(const struct verb *verb)
{
    printf("Usage: sbx %s%s%s\n\n", verb->name, verb->arguments[0] != '\0' ? " " : "",
           verb->arguments);
    if (verb->run == cmd_run)
        help_run();
    else if (verb->run == cmd_plan)
        help_plan();
    else if (verb->run == cmd_doctor)
        help_doctor();
    else if (verb->run == cmd_profile)
        help_profile();
    else if (verb->run == cmd_fs)
        help_fs();
    else if (verb->run == cmd_ps)
        help_ps();
    else if (verb->run == cmd_exec)
        help_exec();
    else if (verb->run == cmd_stop)
        help_stop();
    else if (verb->run == cmd_stats)
        help_stats();
    else if (verb->run == cmd_completion)
        help_completion();
    else
        printf("%c%s.\n", toupper((unsigned char)verb->summary[0]), verb->summary + 1);
}

void help_overview(void)
{
    printf("Usage: sbx VERB [ARGUMENTS...]\n\n"
           "sbx runs a command in a sandbox that any ordinary user can make.\n\n"
           "Verbs\n");
    for (const struct verb *verb = verbs; verb->name != NULL; verb++)
        print_row(verb->name, verb->summary);
    printf("\nExamples\n"
           "  sbx run -- id                           run id in a sandbox\n"
           "  sbx run --rw . -- make                  let it write to this directory\n"
           "  sbx plan --rw . -- make                 print what that would do\n"
           "\n%s\n"
           "\"sbx VERB --help\" says more, \"sbx run --help\" lists the options; so does sbx(1).\n",
           exit_codes);
}

int verb_help(const struct call *call, const char *name)
{
    for (const struct verb *verb = verbs; verb->name != NULL; verb++)
        if (strcmp(verb->name, name) == 0)
            help_verb(verb);
    return verb_flush(call);
}

int cmd_help(const struct call *call)
{
    const char *word = call->words[0];
    struct sbx_error err = {0};

    if (word == NULL || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        help_overview();
        return verb_flush(call);
    }
    for (const struct verb *verb = verbs; verb->name != NULL && call->words[1] == NULL; verb++) {
        if (strcmp(verb->name, word) == 0) {
            help_verb(verb);
            return verb_flush(call);
        }
    }
    message_usage(&err, "help", "write sbx help, or sbx help and one verb", "unknown argument '%s'",
                  call->words[1] != NULL ? call->words[1] : word);
    return verb_failed(&err);
}
