/* SPDX-License-Identifier: Apache-2.0 */
/* The script for zsh: a file _sbx in $fpath, or sourced after compinit. */
#include "cli/completion.h"
#include "cli/verb.h"

#include <stdio.h>

/* Print @text within single quotes that are there already, with @special behind backslashes. */
static void print_quoted(const char *text, const char *special)
{
    for (; *text != '\0'; text++)
        if (*text == '\'')
            printf("'\\''");
        else
            completion_escaped((char[]){*text, '\0'}, special);
}

static const char head[] = "#compdef sbx\n"
                           "# zsh completion for sbx, made by \"sbx completion zsh\"\n"
                           "\n"
                           "# A value with parts: complete the path after the last : or = of it.\n"
                           "_sbx_parts() {\n"
                           "    compset -P '*[:=]'\n"
                           "    _files\n"
                           "}\n"
                           "\n"
                           "_sbx_profiles() {\n"
                           "    local -a names\n"
                           "    names=(${(f)\"$(_call_program profiles sbx profile list --names "
                           "2>/dev/null)\"})\n"
                           "    _alternative 'profiles:profile:compadd -a names' "
                           "'files:file:_files -g \"*.yaml\"'\n"
                           "}\n"
                           "\n"
                           "_sbx_or_directory() {\n"
                           "    _alternative \"words:word:($*)\" 'files:directory:_files -/'\n"
                           "}\n"
                           "\n";

/* What completes the value of @option. */
static void print_action(const struct sbx_option *option)
{
    if (completion_is_profile(option)) {
        printf("_sbx_profiles");
    } else if (option->choices != NULL && completion_is_path(option)) {
        /* The space keeps _arguments from adding words of its own to the call. */
        printf(" _sbx_or_directory ");
        completion_choices(option->choices, " ");
    } else if (option->choices != NULL) {
        putchar('(');
        completion_choices(option->choices, " ");
        putchar(')');
    } else if (option->kind == SBX_VALUE_PATH) {
        printf("_files");
    } else if (completion_is_path(option)) {
        printf("_sbx_parts");
    } else if (option->kind == SBX_VALUE_ENV) {
        printf("_parameters -g \"*export*\"");
    } else {
        /* A value that nothing completes: show its name. */
        putchar(' ');
    }
}

static void print_option(const struct sbx_option *option)
{
    bool flag = option->kind == SBX_VALUE_FLAG;

    printf("            ");
    if (option->repeatable)
        printf("'*'");
    if (option->letter != 0)
        printf("{-%c%s,--%s%s}", option->letter, flag ? "" : "+", option->name, flag ? "" : "=");
    else
        printf("--%s%s", option->name, flag ? "" : "=");
    printf("'[");
    print_quoted(option->summary, "[]:\\");
    printf("]");
    if (!flag) {
        putchar(':');
        print_quoted(option->value_name, "[]:\\");
        putchar(':');
        print_action(option);
    }
    printf("' \\\n");
}

/* "sbx profile": its verbs, then their options and words. */
static void print_profile(void)
{
    static const char *const words[] = {
        [COMPLETION_NOTHING] = NULL,
        [COMPLETION_PROFILE] = "*:profile:_sbx_profiles",
        [COMPLETION_FILE] = "*:file:_files -g \"*.yaml\"",
        [COMPLETION_COMMAND] = "1:command:_command_names -e",
    };

    printf("_sbx_profile() {\n"
           "    local curcontext=$curcontext state line\n"
           "    local -a verbs\n"
           "    typeset -A opt_args\n"
           "    verbs=(\n");
    for (const struct completion_verb *verb = completion_profile_verbs; verb->name != NULL;
         verb++) {
        printf("        '%s:", verb->name);
        print_quoted(verb->summary, ":\\");
        printf("'\n");
    }
    printf(
        "    )\n"
        "    _arguments -C '(- *)'{-h,--help}'[print help]' '1: :->verb' '*:: :->words' && return\n"
        "    case $state:$words[1] in\n"
        "    verb:*) _describe -t commands verb verbs ;;\n");
    for (const struct completion_verb *verb = completion_profile_verbs; verb->name != NULL;
         verb++) {
        if (verb->option == NULL && words[verb->word] == NULL)
            continue;
        printf("    words:%s) _arguments", verb->name);
        if (verb->option != NULL)
            printf(" %s", verb->option);
        if (words[verb->word] != NULL)
            printf(" '%s'", words[verb->word]);
        printf(" ;;\n");
    }
    printf("    esac\n"
           "}\n"
           "\n");
}

void completion_zsh(void)
{
    size_t count;
    const struct sbx_option *options = sbx_options(&count);

    fputs(head, stdout);
    print_profile();
    printf("_sbx() {\n"
           "    local curcontext=$curcontext state line verb\n"
           "    local -a verbs json\n"
           "    typeset -A opt_args\n"
           "    verbs=(\n");
    for (const struct verb *verb = verbs; verb->name != NULL; verb++) {
        printf("        '%s:", verb->name);
        print_quoted(verb->summary, ":\\");
        printf("'\n");
    }
    printf(
        "    )\n"
        "    _arguments -C '(- *)'{-h,--help}'[print help]' '(- *)--version[print the version]' "
        "\\\n"
        "        '1: :->verb' '*:: :->arguments' && return\n"
        "    case $state in\n"
        "    verb) _describe -t commands verb verbs ;;\n"
        "    arguments)\n"
        "        verb=$words[1]\n"
        "        curcontext=\"${curcontext%%:*:*}:sbx-$verb:\"\n"
        "        case $verb in\n"
        "        ps) _arguments '(- *)'{-h,--help}'[print help]' '--json[print it as JSON]' "
        "'--names[print the names alone]' ;;\n"
        "        exec) _arguments -S -A '-*' '(- *)'{-h,--help}'[print help]' "
        "'*'{-e,--env}'[set a variable]:NAME=VALUE' {-C,--cd}'[start in this directory]:DIR' "
        "'(-):sandbox:($(_call_program names sbx ps --names 2>/dev/null))' "
        "'*::arguments:_normal' ;;\n"
        "        stop) _arguments '(- *)'{-h,--help}'[print help]' "
        "'--grace[time until SIGKILL]:TIME' "
        "'*:sandbox:($(_call_program names sbx ps --names 2>/dev/null))' ;;\n"
        "        stats) _arguments '(- *)'{-h,--help}'[print help]' '--json[print JSON objects]' "
        "'--once[print one line and exit]' "
        "':sandbox:($(_call_program names sbx ps --names 2>/dev/null))' ;;\n"
        "        doctor) _arguments '(- *)'{-h,--help}'[print help]' '--json[print it as JSON]' "
        ";;\n"
        "        profile) _sbx_profile ;;\n"
        "        fs) _arguments '--json[print the answers as JSON]' \\\n"
        "            '(- *)'{-h,--help}'[print help]' '*:path:_files' ;;\n"
        "        completion) _arguments '1:shell:(bash zsh fish)' ;;\n"
        "        help) _arguments '1:verb:(");
    for (const struct verb *verb = verbs; verb->name != NULL; verb++)
        printf("%s%s", verb == verbs ? "" : " ", verb->name);
    printf(")' ;;\n"
           "        run | plan)\n"
           "            [[ $verb == plan ]] && json=('--json[print the steps as JSON]')\n"
           "            _arguments -s -S -A '-*' $json \\\n");
    for (size_t i = 0; i < count; i++)
        print_option(&options[i]);
    printf("            '(- *)'{-h,--help}'[print help]' \\\n"
           "            '(-):command:_command_names -e' '*::arguments:_normal'\n"
           "            ;;\n"
           "        esac\n"
           "        ;;\n"
           "    esac\n"
           "}\n"
           "\n"
           "if [[ $funcstack[1] == _sbx ]]; then\n"
           "    _sbx \"$@\"\n"
           "else\n"
           "    compdef _sbx sbx\n"
           "fi\n");
}
