/* SPDX-License-Identifier: Apache-2.0 */
/* What one check of `sbx doctor` has found.  Plain data. */
#ifndef SBX_CHECK_H
#define SBX_CHECK_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Does it work here? */
enum sbx_check_state {
    SBX_CHECK_WORKS,   /**< yes */
    SBX_CHECK_LIMITED, /**< in part */
    SBX_CHECK_FAILS,   /**< no */
    SBX_CHECK_UNKNOWN, /**< it could not be found out: `finding` says why */
};

/**
 * One check.  Strings are one line each, without a full stop, and live as long as the handle that
 * they came from.
 */
struct sbx_check {
    const char *name;           /**< stable word for programs: "user-namespaces" */
    const char *title;          /**< for people: "user namespaces" */
    enum sbx_check_state state; /**< what came of it */
    bool used;                  /**< false: no default run needs it */
    const char *finding;        /**< what was seen; or NULL */
    const char *cost;           /**< what a user of sbx can't have because of it; or NULL */
    const char *cause;          /**< what is in the way; or NULL where nothing, or unknown */
    const char *fix;            /**< what to do about it, commands between backquotes; or NULL */
    const char *file;           /**< path of a file that the fix wants written; or NULL */
    const char *file_text;      /**< what has to be in it, several lines; or NULL */
};

/** The state's word, "works", "limited", "fails", "unknown".  Constant, any thread. */
const char *sbx_check_state_name(enum sbx_check_state state);

#ifdef __cplusplus
}
#endif
#endif
