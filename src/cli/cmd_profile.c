/* SPDX-License-Identifier: Apache-2.0 */
/* sbx profile: look at profiles and check them. */
#include "cli/message.h"
#include "cli/problem.h"
#include "cli/profile_print.h"
#include "cli/verb.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* diff(1)'s exit code for "they differ". */
#define EXIT_DIFFERENT 1

/** The words of one verb below `sbx profile`. */
struct subcall {
    const struct call *call;
    const char *name;
    char **words; /* without options */
    size_t count;
    bool yaml;  /* --yaml */
    bool names; /* --names */
};

struct subverb {
    const char *name;
    const char *arguments;
    size_t least; /* words that it takes */
    size_t most;
    int (*run)(const struct subcall *call);
};

/* A call of the library failed: what it found in files, or the one error. */
static int failed(const struct sbx_problems *problems, const struct sbx_error *err)
{
    if (sbx_problems_count(problems) == 0)
        return verb_failed(err);
    problems_print(problems);
    return EXIT_SBX_FAILED;
}

static struct sbx_problems *new_problems(struct sbx_error *err)
{
    struct sbx_problems *problems = sbx_problems_new();

    if (problems == NULL) {
        message_usage(err, "profile", NULL, "no memory");
        err->kind = SBX_ERROR_INTERNAL;
        err->number = ENOMEM;
    }
    return problems;
}

static int run_list(const struct subcall *call)
{
    struct sbx_profile_list *list = NULL;
    struct sbx_error err = {0};

    if (sbx_profile_list_new(&list, &err) < 0)
        return verb_failed(&err);
    profile_print_list(list, call->names);
    sbx_profile_list_free(list);
    return verb_flush(call->call);
}

static int run_show(const struct subcall *call)
{
    _cleanup_problems_ struct sbx_problems *problems = NULL;
    _cleanup_profile_ struct sbx_profile *profile = NULL;
    struct sbx_error err = {0};

    problems = new_problems(&err);
    if (problems == NULL)
        return verb_failed(&err);
    if (sbx_profile_load(call->words[0], &profile, problems, &err) < 0)
        return failed(problems, &err);
    if (call->yaml) {
        const char *text;

        if (sbx_profile_yaml(profile, &text, &err) < 0)
            return verb_failed(&err);
        fputs(text, stdout);
    } else {
        profile_print(profile);
    }
    return verb_flush(call->call);
}

static int run_check(const struct subcall *call)
{
    _cleanup_problems_ struct sbx_problems *problems = NULL;
    struct sbx_error err = {0};
    int code = 0;

    problems = new_problems(&err);
    if (problems == NULL)
        return verb_failed(&err);
    for (size_t i = 0; i < call->count; i++) {
        err = (struct sbx_error){0};
        if (sbx_profile_check(call->words[i], problems, &err) < 0)
            code = failed(problems, &err);
        else
            profile_print_checked(call->words[i]);
    }
    return code != 0 ? code : verb_flush(call->call);
}

static int run_which(const struct subcall *call)
{
    _cleanup_problems_ struct sbx_problems *problems = NULL;
    _cleanup_profile_ struct sbx_profile *profile = NULL;
    struct sbx_error err = {0};

    problems = new_problems(&err);
    if (problems == NULL)
        return verb_failed(&err);
    if (sbx_profile_choose(NULL, call->words[0], &profile, problems, &err) < 0)
        return failed(problems, &err);
    profile_print_choice(profile);
    return verb_flush(call->call);
}

static int run_path(const struct subcall *call)
{
    for (size_t i = 0;; i++) {
        char *path = sbx_profile_directory(i);

        if (path == NULL)
            break;
        puts(path);
        free(path);
    }
    return verb_flush(call->call);
}

static int run_schema(const struct subcall *call)
{
    char *text = sbx_profile_schema();

    if (text == NULL)
        return verb_failed(&(struct sbx_error){.kind = SBX_ERROR_INTERNAL, .number = ENOMEM});
    fputs(text, stdout);
    free(text);
    return verb_flush(call->call);
}

static int run_diff(const struct subcall *call)
{
    _cleanup_problems_ struct sbx_problems *problems = NULL;
    _cleanup_profile_ struct sbx_profile *left = NULL;
    _cleanup_profile_ struct sbx_profile *right = NULL;
    struct sbx_error err = {0};
    bool different;
    int code;

    problems = new_problems(&err);
    if (problems == NULL)
        return verb_failed(&err);
    if (sbx_profile_load(call->words[0], &left, problems, &err) < 0 ||
        sbx_profile_load(call->words[1], &right, problems, &err) < 0)
        return failed(problems, &err);
    different = profile_print_diff(left, right);
    code = verb_flush(call->call);
    return code != 0 || !different ? code : EXIT_DIFFERENT;
}

static const struct subverb subverbs[] = {
    {"list", "[--names]", 0, 0, run_list},
    {"show", "[--yaml] NAME|FILE", 1, 1, run_show},
    {"check", "FILE...", 1, (size_t)-1, run_check},
    {"which", "COMMAND", 1, 1, run_which},
    {"path", "", 0, 0, run_path},
    {"schema", "", 0, 0, run_schema},
    {"diff", "NAME|FILE NAME|FILE", 2, 2, run_diff},
};

#define SUBVERBS (sizeof(subverbs) / sizeof(subverbs[0]))

static int unknown(const char *word)
{
    struct sbx_error err = {0};

    message_usage(&err, "profile",
                  "write sbx profile list, show, check, which, path, schema or diff",
                  word == NULL ? "there is no verb" : "unknown verb '%s'", word);
    return verb_failed(&err);
}

/* Take the options out of @words; false where one is unknown, which is then *@ret_bad. */
static bool take_options(struct subcall *call, char **words, const char **ret_bad)
{
    bool options = true;

    for (; *words != NULL; words++) {
        if (options && strcmp(*words, "--") == 0) {
            options = false;
        } else if (options && (*words)[0] == '-' && (*words)[1] != '\0') {
            *ret_bad = *words;
            if (strcmp(*words, "--yaml") == 0 && strcmp(call->name, "show") == 0)
                call->yaml = true;
            else if (strcmp(*words, "--names") == 0 && strcmp(call->name, "list") == 0)
                call->names = true;
            else
                return false;
        } else {
            call->words[call->count++] = *words;
        }
    }
    call->words[call->count] = NULL;
    return true;
}

static int run_subverb(const struct call *call, const struct subverb *verb)
{
    struct subcall subcall = {.call = call, .name = verb->name, .words = call->words};
    struct sbx_error err = {0};
    char hint[128];
    const char *bad = NULL;

    snprintf(hint, sizeof(hint), "write sbx profile %s%s%s", verb->name,
             verb->arguments[0] != '\0' ? " " : "", verb->arguments);
    /* the words are moved to the front, over the subverb and the options */
    if (!take_options(&subcall, call->words + 1, &bad)) {
        message_usage(&err, "profile", hint, "unknown option '%s'", bad);
        return verb_failed(&err);
    }
    if (subcall.count < verb->least) {
        message_usage(&err, "profile", hint, "something is missing after '%s'", verb->name);
        return verb_failed(&err);
    }
    if (subcall.count > verb->most) {
        message_usage(&err, "profile", hint, "unknown argument '%s'", subcall.words[verb->most]);
        return verb_failed(&err);
    }
    return verb->run(&subcall);
}

int cmd_profile(const struct call *call)
{
    const char *word = call->words[0];

    for (char **words = call->words; *words != NULL && strcmp(*words, "--") != 0; words++)
        if (strcmp(*words, "--help") == 0 || strcmp(*words, "-h") == 0)
            return verb_help(call, "profile");
    for (size_t i = 0; word != NULL && i < SUBVERBS; i++)
        if (strcmp(subverbs[i].name, word) == 0)
            return run_subverb(call, &subverbs[i]);
    return unknown(word);
}
