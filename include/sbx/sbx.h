/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libsbx: run a command in a sandbox that any ordinary user can make.
 *
 *     settings = sbx_settings_new();
 *     sbx_settings_add(settings, "rw", ".", "my program", &err);
 *     sbx_plan_new(settings, (const char *[]){"make", NULL}, &plan, &err);
 *     sbx_plan_run(plan, 0, &report, &err);
 *     code = sbx_report_exit_code(&report);
 *
 * Every call returns 0 (or what it says) or a negative errno(3) value, and then fills @err, which
 * may be NULL.  The library prints nothing and never exits.  Handles may be used by one thread at
 * a time; different handles by different threads at once, except sbx_plan_run(), see there.
 */
#ifndef SBX_SBX_H
#define SBX_SBX_H

#include <sbx/error.h>
#include <sbx/option.h>
#include <sbx/run.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The version of the library, "0.1.0". Constant. */
const char *sbx_version(void);

/** What is wanted: options with their values, in order. Opaque. */
struct sbx_settings;

/** A new empty list, to be freed with sbx_settings_free(); NULL out of memory. */
struct sbx_settings *sbx_settings_new(void);
void sbx_settings_free(struct sbx_settings *settings);

/**
 * Add option @name (a row of sbx_options(), "rw") with @value as it was written ("" for a flag).
 * @origin is shown in messages and by the plan ("--rw #1"); all strings are copied.
 * Returns 0, -EINVAL for an unknown name, -ENOMEM.  The value is checked by sbx_plan_new().
 */
int sbx_settings_add(struct sbx_settings *settings, const char *name, const char *value,
                     const char *origin, struct sbx_error *err);

/** The last value given for option @name, or NULL; owned by @settings. */
const char *sbx_settings_get(const struct sbx_settings *settings, const char *name);

/**
 * Give up root for @user (name or number) for good: groups, gid, uid, and the environment, which
 * keeps only what @settings let a command have; HOME USER LOGNAME SHELL become the user's.  Every
 * descriptor past 2 that --keep-fd does not name becomes close-on-exec.  Does nothing when the
 * process already is that user.  Afterwards the process must exec before it does anything else: its
 * memory still holds root's data, see ptrace(2) on PR_SET_DUMPABLE.  Returns 1 where the user was
 * changed, 0 where nothing had to be done, -EPERM without root, -ENOENT for an unknown user.
 * Process-wide.
 */
int sbx_become_user(const struct sbx_settings *settings, const char *user, struct sbx_error *err);

/**
 * Write the file that --report in @settings names, if any, for a run that did not come about
 * because of @failure: outcome "setup-failed".  0, or a negative errno with @err filled.
 */
int sbx_settings_report(const struct sbx_settings *settings, const struct sbx_error *failure,
                        struct sbx_error *err);

/** The steps of one run, worked out in full. Opaque, constant once made. */
struct sbx_plan;

/**
 * Parse the settings, look at the host, and work out every step of a run of @command
 * (NULL-terminated, at least one word).  Nothing of the host is changed.
 * *@ret_plan is to be freed with sbx_plan_free(); it does not refer to @settings.
 * Returns 0, -EINVAL for a wrong setting (kind USAGE), another negative errno for a host fault.
 */
int sbx_plan_new(const struct sbx_settings *settings, const char *const *command,
                 struct sbx_plan **ret_plan, struct sbx_error *err);
void sbx_plan_free(struct sbx_plan *plan);

enum sbx_format { SBX_FORMAT_TEXT, SBX_FORMAT_JSON };

/** Print the very steps that sbx_plan_run() executes. Returns 0 or -EIO, -ENOMEM. */
int sbx_plan_print(const struct sbx_plan *plan, enum sbx_format format, FILE *stream,
                   struct sbx_error *err);

/** -1 for --quiet, 1 for --verbose, else 0. */
int sbx_plan_verbosity(const struct sbx_plan *plan);

/**
 * Run the plan and wait for its end.  When this returns, no process of the sandbox is left.
 * Fills *@ret_report always; also writes the file of --report.
 * Returns 0 where the command was started (whatever came of it) or could not be executed or found;
 * a negative errno where the set-up failed, with @err filled (and ret_report->error the same), and
 * also where the report's file could not be written after the run.
 * With SBX_RUN_JOB_CONTROL it blocks signals in the calling thread for the time of the run and may
 * stop the process; such a run wants a process with one thread.
 * Where the plan says that sbx moves into a leaf of its cgroup, the calling process is moved, with
 * all its threads, until the last such run has ended; see cgroups(7).
 */
int sbx_plan_run(const struct sbx_plan *plan, unsigned flags, struct sbx_report *ret_report,
                 struct sbx_error *err);

#ifdef __cplusplus
}
#endif
#endif
