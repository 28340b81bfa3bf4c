/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs of sbx: one cmd_VERB.c each, and what they share. */
#ifndef CLI_VERB_H
#define CLI_VERB_H

#include "cli/arguments.h"

#include <sbx/profile.h>
#include <sbx/sbx.h>
#include <stdbool.h>

/** sbx itself failed; the command did not start. */
#define EXIT_SBX_FAILED 125

/** How sbx was called. */
struct call {
    char **argv;        /* all of it */
    char **words;       /* what follows the verb */
    bool stdout_closed; /* there was no standard output, /dev/null stands in for it */
};

/** One verb; returns the exit code of sbx. */
struct verb {
    const char *name;
    const char *arguments; /* for the usage line, may be "" */
    const char *summary;
    int (*run)(const struct call *call);
};

/** All verbs; ends with a row whose name is NULL. */
extern const struct verb verbs[];

int cmd_run(const struct call *call);
int cmd_plan(const struct call *call);
int cmd_doctor(const struct call *call);
int cmd_profile(const struct call *call);
int cmd_ps(const struct call *call);
int cmd_exec(const struct call *call);
int cmd_stop(const struct call *call);
int cmd_stats(const struct call *call);
int cmd_fs(const struct call *call);
int cmd_completion(const struct call *call);
int cmd_help(const struct call *call);
int cmd_version(const struct call *call);

/** Print the overview, or the help of @name; what is printed goes to standard output. */
void help_overview(void);
void help_verb(const struct verb *verb);

/**
 * Where a verb takes nothing: handle --help and refuse all else.  Returns -1 to go on, otherwise
 * the exit code.
 */
int verb_takes_nothing(const struct call *call, const char *name);

/** Print @err and return EXIT_SBX_FAILED. */
int verb_failed(const struct sbx_error *err);

/** End of a verb that printed: EXIT_SBX_FAILED with a message if output was lost, else 0. */
int verb_flush(const struct call *call);

/** verb_flush() after the help of verb @name. */
int verb_help(const struct call *call, const char *name);

/**
 * Turn @arguments into settings and become the user of --as, which starts sbx again and so may
 * not return.  The caller frees *@ret_settings.  Returns 0 or a negative errno with @err filled.
 */
int prepare_settings(const struct call *call, const char *verb, const struct arguments *arguments,
                     struct sbx_settings **ret_settings, struct sbx_error *err);

/**
 * Add the profile that fits to @settings, and become the user that its `as` names, which may not
 * return.  The caller frees *@ret_profile.  Returns 0; or a negative errno with @err filled for the
 * report, after all that is wrong was printed.
 */
int prepare_profile(const struct call *call, const char *command, struct sbx_settings *settings,
                    struct sbx_profile **ret_profile, struct sbx_error *err);
void cleanup_settings(struct sbx_settings **settings);
void cleanup_plan(struct sbx_plan **plan);
#define _cleanup_settings_ __attribute__((cleanup(cleanup_settings)))
#define _cleanup_plan_     __attribute__((cleanup(cleanup_plan)))

#endif
