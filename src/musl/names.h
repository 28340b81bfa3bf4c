/* SPDX-License-Identifier: Apache-2.0 */
/* Errors and signals by number, as glibc calls them.  Made by src/tools/namegen.c. */
#ifndef MUSL_NAMES_H
#define MUSL_NAMES_H

#include <stddef.h>

/** NULL where a number stands for nothing. */
struct musl_name {
    const char *name;        /* "ENOENT", "TERM" */
    const char *description; /* "No such file or directory", "Terminated" */
};

extern const struct musl_name musl_errors[];
extern const size_t musl_error_count;
extern const struct musl_name musl_signals[];
extern const size_t musl_signal_count;

#endif
