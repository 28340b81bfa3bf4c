/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What glibc's header declares and musl's does not: names of errors and signals.  Descriptions are
 * glibc's too, so that both programs of sbx say the same.  Made by src/tools/namegen.c.
 */
#ifndef MUSL_STRING_H
#define MUSL_STRING_H

#include_next <string.h>

/** As strerrorname_np(3), strerrordesc_np(3) and sigabbrev_np(3). */
const char *strerrorname_np(int number);
const char *strerrordesc_np(int number);
const char *sigabbrev_np(int signal);

/** As strerror(3) and strsignal(3) in the C locale; what has no description is "Unknown error". */
char *musl_strerror(int number);
char *musl_strsignal(int signal);

#define strerror  musl_strerror
#define strsignal musl_strsignal

#endif
