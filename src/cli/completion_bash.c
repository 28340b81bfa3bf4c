/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The script for bash.  It needs nothing but bash 4.1; where the bash-completion package is
 * loaded, the words after the command are completed as that command's own.
 *
 * Readline cuts words at the bytes of COMP_WORDBREAKS ("=" and ":" among them), so the script
 * first puts them together again, and answers with what follows the last cut only.  For paths it
 * answers nothing: then readline's own file name completion takes over (-o default).
 */
#include "cli/completion.h"
#include "cli/verb.h"

#include <stdio.h>

static const char head[] =
    "# bash completion for sbx, made by \"sbx completion bash\"\n"
    "\n"
    "# Put the words up to the cursor together again: words and starts (their first index).\n"
    "_sbx_words() {\n"
    "    local i rest=${COMP_LINE:0:COMP_POINT} word stripped\n"
    "    words=() starts=()\n"
    "    for ((i = 0; i <= COMP_CWORD; i++)); do\n"
    "        word=${COMP_WORDS[i]}\n"
    "        stripped=${rest#\"${rest%%[![:space:]]*}\"}\n"
    "        if ((i == 0)) || [[ $stripped != \"$rest\" || -z $rest ]]; then\n"
    "            words+=(\"\") starts+=(\"$i\")\n"
    "        fi\n"
    "        # The last word ends at the cursor.\n"
    "        ((i == COMP_CWORD)) && word=$stripped\n"
    "        words[${#words[@]}-1]+=$word\n"
    "        rest=${stripped#\"$word\"}\n"
    "    done\n"
    "}\n"
    "\n"
    "# Answer with those of the words $2... that begin with $1, less what readline has cut off.\n"
    "_sbx_reply() {\n"
    "    local current=$1 cut='' word\n"
    "    shift\n"
    "    compopt +o default\n"
    "    [[ $COMP_WORDBREAKS == *=* ]] || cut=$prefix\n"
    "    for word; do\n"
    "        [[ $word == \"$current\"* ]] && COMPREPLY+=(\"$cut$word\")\n"
    "    done\n"
    "}\n"
    "\n"
    "# Complete the profile $1: a name, or a file of this directory; a path is readline's.\n"
    "_sbx_profile() {\n"
    "    local IFS=$'\\n'\n"
    "    [[ $1 == */* || $1 == [.~]* ]] ||\n"
    "        _sbx_reply \"$1\" $(\"${words[0]}\" profile list --names 2>/dev/null) \\\n"
    "            $(compgen -f -X '!*.yaml' -- \"$1\")\n"
    "}\n"
    "\n";

static void print_value_cases(void)
{
    size_t count;
    const struct sbx_option *options = sbx_options(&count);

    printf("# Complete the value $2 of option $1; prefix is what stands before it in its word.\n"
           "_sbx_value() {\n"
           "    local IFS=$'\\n'\n"
           "    case $1 in\n");
    for (size_t i = 0; i < count; i++) {
        const struct sbx_option *option = &options[i];

        if (option->kind == SBX_VALUE_FLAG || (completion_is_path(option) && !option->choices))
            continue;
        printf("    ");
        if (option->letter != 0)
            printf("-%c | ", option->letter);
        printf("--%s) ", option->name);
        if (completion_is_profile(option)) {
            printf("_sbx_profile \"$2\"");
        } else if (option->choices != NULL) {
            printf("_sbx_reply \"$2\" ");
            completion_choices(option->choices, " ");
            if (completion_is_path(option))
                printf("; compopt -o default -o filenames; COMPREPLY+=($(compgen -d -- \"$2\"))");
        } else if (option->kind == SBX_VALUE_ENV) {
            printf("[[ $2 == *=* ]] || _sbx_reply \"$2\" $(compgen -e)");
        } else {
            printf("compopt +o default");
        }
        printf(" ;;\n");
    }
    printf("    esac\n"
           "}\n"
           "\n");
}

/* Patterns of a word that is an option whose value is the next word. */
static void print_takes_value(void)
{
    size_t count;
    const struct sbx_option *options = sbx_options(&count);
    const char *separator = "";

    printf("# Is the word $1 an option whose value is the next word?\n"
           "_sbx_takes_value() {\n"
           "    case $1 in\n"
           "    ");
    for (size_t i = 0; i < count; i++) {
        if (options[i].kind == SBX_VALUE_FLAG)
            continue;
        printf("%s--%s", separator, options[i].name);
        separator = " | ";
    }
    printf(") return 0 ;;\n"
           "    esac\n"
           "    [[ $1 =~ ^-[");
    for (size_t i = 0; i < count; i++)
        if (options[i].kind == SBX_VALUE_FLAG && options[i].letter != 0)
            putchar(options[i].letter);
    printf("]*[");
    for (size_t i = 0; i < count; i++)
        if (options[i].kind != SBX_VALUE_FLAG && options[i].letter != 0)
            putchar(options[i].letter);
    printf("]$ ]]\n"
           "}\n"
           "\n");
}

static const char walk[] =
    "# Complete \"sbx run\" and \"sbx plan\": options, their values, then the command.\n"
    "_sbx_command_line() {\n"
    "    local i=2 last=$((${#words[@]} - 1)) option\n"
    "    while ((i < last)); do\n"
    "        if [[ ${words[i]} == -- ]]; then\n"
    "            ((i++))\n"
    "            break\n"
    "        elif _sbx_takes_value \"${words[i]}\"; then\n"
    "            if ((i + 1 == last)); then\n"
    "                option=${words[i]}\n"
    "                [[ $option == --* ]] || option=-${option: -1}\n"
    "                _sbx_value \"$option\" \"${words[last]}\"\n"
    "                return\n"
    "            fi\n"
    "            ((i += 2))\n"
    "        elif [[ ${words[i]} == -?* ]]; then\n"
    "            ((i++))\n"
    "        else\n"
    "            break\n"
    "        fi\n"
    "    done\n"
    "    if ((i == last)) && [[ ${words[last - 1]} != -- ]]; then\n"
    "        case ${words[last]} in\n"
    "        --*=*)\n"
    "            prefix=${words[last]%%=*}=\n"
    "            _sbx_value \"${words[last]%%=*}\" \"${words[last]#*=}\"\n"
    "            return\n"
    "            ;;\n"
    "        -*)\n"
    "            _sbx_reply \"${words[last]}\" $1\n"
    "            return\n"
    "            ;;\n"
    "        esac\n"
    "    fi\n"
    "    if declare -F _command_offset >/dev/null; then\n"
    "        _command_offset \"${starts[i]}\"\n"
    "    elif ((i == last)) && [[ ${words[last]} != */* ]]; then\n"
    "        local IFS=$'\\n'\n"
    "        COMPREPLY=($(compgen -c -- \"${words[last]}\"))\n"
    "    fi\n"
    "}\n"
    "\n";

/* "sbx profile": its verbs, then their options and words. */
static void print_profile(void)
{
    printf("# Complete \"sbx profile\".\n"
           "_sbx_profile_line() {\n"
           "    local last=$((${#words[@]} - 1))\n"
           "    if ((last == 2)); then\n"
           "        _sbx_reply \"${words[2]}\"");
    for (const struct completion_verb *verb = completion_profile_verbs; verb->name != NULL; verb++)
        printf(" %s", verb->name);
    printf(" --help\n"
           "        return\n"
           "    fi\n"
           "    case ${words[2]}:${words[last]} in\n");
    for (const struct completion_verb *verb = completion_profile_verbs; verb->name != NULL;
         verb++) {
        printf("    %s:-*) _sbx_reply \"${words[last]}\"%s%s --help ;;\n", verb->name,
               verb->option != NULL ? " " : "", verb->option != NULL ? verb->option : "");
        if (verb->word == COMPLETION_FILE)
            continue;
        printf("    %s:*) ", verb->name);
        if (verb->word == COMPLETION_PROFILE)
            printf("_sbx_profile \"${words[last]}\"");
        else if (verb->word == COMPLETION_COMMAND)
            printf("[[ ${words[last]} == */* ]] || _sbx_reply \"${words[last]}\" "
                   "$(compgen -c -- \"${words[last]}\")");
        else
            printf("compopt +o default");
        printf(" ;;\n");
    }
    printf("    esac\n"
           "}\n"
           "\n");
}

static void print_options(bool json)
{
    size_t count;
    const struct sbx_option *options = sbx_options(&count);

    for (size_t i = 0; i < count; i++)
        printf("--%s ", options[i].name);
    printf(json ? "--json --help" : "--help");
}

/* The names of running sandboxes; after that of exec, the command. */
static const char running[] =
    "_sbx_running_line() {\n"
    "    local verb=${words[1]} word=${words[-1]}\n"
    "    case $word in\n"
    "    -*)\n"
    "        case $verb in\n"
    "        exec) _sbx_reply \"$word\" --cd --env --help ;;\n"
    "        stop) _sbx_reply \"$word\" --grace --help ;;\n"
    "        stats) _sbx_reply \"$word\" --json --once --help ;;\n"
    "        esac\n"
    "        ;;\n"
    "    *)\n"
    "        if [[ $verb == exec ]] && ((${#words[@]} > 3)) && [[ ${words[2]} != -* ]]; then\n"
    "            COMPREPLY=($(compgen -c -- \"$word\"))\n"
    "        else\n"
    "            _sbx_reply \"$word\" $(sbx ps --names 2>/dev/null)\n"
    "        fi\n"
    "        ;;\n"
    "    esac\n"
    "}\n"
    "\n";

void completion_bash(void)
{
    fputs(head, stdout);
    print_value_cases();
    print_takes_value();
    fputs(walk, stdout);
    print_profile();
    fputs(running, stdout);
    printf("_sbx() {\n"
           "    local IFS=$' \\t\\n' words starts prefix=''\n"
           "    COMPREPLY=()\n"
           "    _sbx_words\n"
           "    if ((${#words[@]} == 2)); then\n"
           "        _sbx_reply \"${words[1]}\" ");
    for (const struct verb *verb = verbs; verb->name != NULL; verb++)
        printf("%s ", verb->name);
    printf("--help --version\n"
           "        return\n"
           "    fi\n"
           "    case ${words[1]} in\n"
           "    run) _sbx_command_line \"");
    print_options(false);
    printf("\" ;;\n"
           "    plan) _sbx_command_line \"");
    print_options(true);
    printf("\" ;;\n"
           "    ps) _sbx_reply \"${words[2]}\" --json --names --help ;;\n"
           "    exec | stop | stats) _sbx_running_line ;;\n"
           "    doctor) _sbx_reply \"${words[2]}\" --json --help ;;\n"
           "    profile) _sbx_profile_line ;;\n"
           "    fs) [[ ${words[${#words[@]}-1]} != -* ]] ||\n"
           "        _sbx_reply \"${words[${#words[@]}-1]}\" --json --help ;;\n"
           "    completion) _sbx_reply \"${words[2]}\" bash zsh fish ;;\n"
           "    help) _sbx_reply \"${words[2]}\"");
    for (const struct verb *verb = verbs; verb->name != NULL; verb++)
        printf(" %s", verb->name);
    printf(" ;;\n"
           "    esac\n"
           "}\n"
           "\n"
           "complete -o default -F _sbx sbx\n");
}
