/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The error object that every sbx function takes as its last parameter.
 *
 * It is plain data in fixed buffers: filling it needs no memory, and it crosses a socket between
 * two processes as it is.  It is filled once, by the lowest level that knows the path; upper
 * levels add the origin and the hint.
 */
#ifndef SBX_ERROR_H
#define SBX_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

/** What kind of fault an error is; it decides nothing but how a caller may react. */
enum sbx_error_kind {
    SBX_ERROR_NONE = 0, /**< no error */
    SBX_ERROR_USAGE,    /**< an option or value is wrong: nothing was tried */
    SBX_ERROR_SETUP,    /**< a step of the set-up failed: the command did not start */
    SBX_ERROR_INTERNAL, /**< memory, a broken promise inside sbx, or the host */
};

/**
 * One error.  All strings are NUL-terminated and may be empty; longer text is cut with "...".
 * Zero-initialise it (`struct sbx_error err = {0}`).  No ownership, no threads: it is a value.
 */
struct sbx_error {
    int number;               /**< positive errno(3) value, 0 where no system call failed */
    enum sbx_error_kind kind; /**< see enum sbx_error_kind */
    char operation[32];       /**< name of the step or operation, such as "mirror" */
    char path[512];           /**< the path it was about */
    char origin[128];         /**< who asked for it: "--rw #2", "default" */
    char message[512];        /**< one line in the user's terms, without the errno's text */
    char hint[768];           /**< what to do about it */
};

#ifdef __cplusplus
}
#endif
#endif
