/* SPDX-License-Identifier: Apache-2.0 */
/* The script for fish. */
#include "cli/completion.h"
#include "cli/verb.h"

#include <stdio.h>

static void print_quoted(const char *text)
{
    putchar('\'');
    completion_escaped(text, "'\\");
    putchar('\'');
}

/* __sbx_command: the index of the command's word, so that all after it is the command's own. */
static void print_functions(void)
{
    size_t count;
    const struct sbx_option *options = sbx_options(&count);

    printf("# fish completion for sbx, made by \"sbx completion fish\"\n"
           "\n"
           "# Print the index of the command among the words before the cursor and the one at it.\n"
           "function __sbx_command\n"
           "    set -l words (commandline -opc) (commandline -ct)\n"
           "    set -l i 3\n"
           "    while test $i -lt (count $words)\n"
           "        switch $words[$i]\n"
           "            case --\n"
           "                math $i + 1\n"
           "                return 0\n"
           "            case");
    for (size_t i = 0; i < count; i++)
        if (options[i].kind != SBX_VALUE_FLAG)
            printf(" --%s", options[i].name);
    printf("\n"
           "                set i (math $i + 2)\n"
           "            case '-*'\n"
           "                if string match -qr -- '^-[");
    for (size_t i = 0; i < count; i++)
        if (options[i].kind == SBX_VALUE_FLAG && options[i].letter != 0)
            putchar(options[i].letter);
    printf("]*[");
    for (size_t i = 0; i < count; i++)
        if (options[i].kind != SBX_VALUE_FLAG && options[i].letter != 0)
            putchar(options[i].letter);
    printf(
        "]$' $words[$i]\n"
        "                    set i (math $i + 2)\n"
        "                else\n"
        "                    set i (math $i + 1)\n"
        "                end\n"
        "            case '*'\n"
        "                echo $i\n"
        "                return 0\n"
        "        end\n"
        "    end\n"
        "    # The word at the cursor: a command unless it starts an option or is its value.\n"
        "    test $i -eq (count $words); and not string match -q -- '-*' $words[-1]; and echo $i\n"
        "end\n"
        "\n");
}

static const char conditions[] =
    "function __sbx_verb\n"
    "    set -l words (commandline -opc)\n"
    "    test (count $words) -gt 1; and contains -- $words[2] $argv\n"
    "end\n"
    "\n"
    "function __sbx_no_verb\n"
    "    test (count (commandline -opc)) -eq 1\n"
    "end\n"
    "\n"
    "# Still among the options of one of the verbs $argv?\n"
    "function __sbx_options\n"
    "    __sbx_verb $argv; or return 1\n"
    "    set -l words (commandline -opc) (commandline -ct)\n"
    "    set -l command (__sbx_command)\n"
    "    test -z \"$command\"; or test $command -eq (count $words)\n"
    "end\n"
    "\n"
    "function __sbx_has_command\n"
    "    __sbx_verb run plan; and test -n \"$(__sbx_command)\"\n"
    "end\n"
    "\n"
    "function __sbx_profiles\n"
    "    set -l word (commandline -ct)\n"
    "    if string match -q -- '*/*' $word\n"
    "        __fish_complete_path $word\n"
    "    else\n"
    "        set -l files *.yaml\n"
    "        sbx profile list --names 2>/dev/null\n"
    "        printf '%s\\n' $files\n"
    "    end\n"
    "end\n"
    "\n"
    "# After one of the verbs $argv of \"sbx profile\"?\n"
    "function __sbx_profile_verb\n"
    "    set -l words (commandline -opc)\n"
    "    __sbx_verb profile; and test (count $words) -gt 2; and contains -- $words[3] $argv\n"
    "end\n"
    "\n"
    "function __sbx_profile_no_verb\n"
    "    __sbx_verb profile; and test (count (commandline -opc)) -eq 2\n"
    "end\n"
    "\n"
    "function __sbx_complete_command\n"
    "    set -l words (commandline -opc) (commandline -ct)\n"
    "    set -l rest $words[(__sbx_command)..-1]\n"
    "    complete -C (string join ' ' -- (string escape -- $rest[1..-2]) $rest[-1])\n"
    "end\n"
    "\n"
    "complete -c sbx -f\n"
    "complete -c sbx -n __sbx_has_command -a '(__sbx_complete_command)'\n"
    "complete -c sbx -n __sbx_no_verb -l help -s h -d 'print help'\n"
    "complete -c sbx -n __sbx_no_verb -l version -d 'print the version'\n";

static void print_option(const struct sbx_option *option)
{
    printf("complete -c sbx -n '__sbx_options run plan' -l %s", option->name);
    if (option->letter != 0)
        printf(" -s %c", option->letter);
    if (completion_is_profile(option)) {
        printf(" -x -a '(__sbx_profiles)'");
    } else if (option->choices != NULL) {
        printf(completion_is_path(option) ? " -r -F -a '" : " -x -a '");
        completion_choices(option->choices, " ");
        putchar('\'');
    } else if (option->kind == SBX_VALUE_ENV) {
        printf(" -x -a '(set -xn)'");
    } else if (completion_is_path(option)) {
        printf(" -r -F");
    } else if (option->kind != SBX_VALUE_FLAG) {
        printf(" -x");
    }
    printf(" -d ");
    print_quoted(option->summary);
    putchar('\n');
}

static void print_profile_verb(const struct completion_verb *verb)
{
    printf("complete -c sbx -n __sbx_profile_no_verb -a %s -d ", verb->name);
    print_quoted(verb->summary);
    putchar('\n');
    if (verb->option != NULL)
        printf("complete -c sbx -n '__sbx_profile_verb %s' -l %s\n", verb->name, verb->option + 2);
    if (verb->word == COMPLETION_PROFILE)
        printf("complete -c sbx -n '__sbx_profile_verb %s' -a '(__sbx_profiles)'\n", verb->name);
    else if (verb->word == COMPLETION_COMMAND)
        printf("complete -c sbx -n '__sbx_profile_verb %s' -a '(__fish_complete_command)'\n",
               verb->name);
    else if (verb->word == COMPLETION_FILE)
        printf("complete -c sbx -n '__sbx_profile_verb %s' -F\n", verb->name);
}

void completion_fish(void)
{
    size_t count;
    const struct sbx_option *options = sbx_options(&count);

    print_functions();
    fputs(conditions, stdout);
    for (const struct verb *verb = verbs; verb->name != NULL; verb++) {
        printf("complete -c sbx -n __sbx_no_verb -a %s -d ", verb->name);
        print_quoted(verb->summary);
        printf("\ncomplete -c sbx -n '__sbx_verb help' -a %s -d ", verb->name);
        print_quoted(verb->summary);
        putchar('\n');
    }
    for (const struct completion_verb *verb = completion_profile_verbs; verb->name != NULL; verb++)
        print_profile_verb(verb);
    printf("complete -c sbx -n '__sbx_verb completion' -a 'bash zsh fish'\n"
           "complete -c sbx -n '__sbx_verb fs' -F\n"
           "complete -c sbx -n '__sbx_verb fs' -l json -d 'print the answers as JSON'\n"
           "complete -c sbx -n '__sbx_verb fs' -l help -s h -d 'print help'\n"
           "complete -c sbx -n '__sbx_options run plan' -l help -s h -d 'print help'\n"
           "complete -c sbx -n '__sbx_verb ps' -l json -d 'print it as JSON'\n"
           "complete -c sbx -n '__sbx_verb ps' -l names -d 'print the names alone'\n"
           "complete -c sbx -n '__sbx_verb exec stop stats' -x -a '(sbx ps --names 2>/dev/null)'\n"
           "complete -c sbx -n '__sbx_verb exec' -s C -l cd -x -d 'start in this directory'\n"
           "complete -c sbx -n '__sbx_verb exec' -s e -l env -x -d 'set a variable'\n"
           "complete -c sbx -n '__sbx_verb stop' -l grace -x -d 'time until SIGKILL'\n"
           "complete -c sbx -n '__sbx_verb stats' -l json -d 'print JSON objects'\n"
           "complete -c sbx -n '__sbx_verb stats' -l once -d 'print one line and exit'\n"
           "complete -c sbx -n '__sbx_verb doctor' -l help -s h -d 'print help'\n"
           "complete -c sbx -n '__sbx_verb doctor' -l json -d 'print it as JSON'\n"
           "complete -c sbx -n '__sbx_options plan' -l json -d 'print the steps as JSON'\n");
    for (size_t i = 0; i < count; i++)
        print_option(&options[i]);
}
