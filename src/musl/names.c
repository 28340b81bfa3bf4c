/* SPDX-License-Identifier: Apache-2.0 */
#include "musl/names.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char *of(const struct musl_name *names, size_t count, int number, size_t which)
{
    if (number < 0 || (size_t)number >= count)
        return NULL;
    return which == 0 ? names[number].name : names[number].description;
}

const char *strerrorname_np(int number)
{
    return of(musl_errors, musl_error_count, number, 0);
}

const char *strerrordesc_np(int number)
{
    return of(musl_errors, musl_error_count, number, 1);
}

const char *sigabbrev_np(int signal)
{
    return of(musl_signals, musl_signal_count, signal, 0);
}

char *musl_strerror(int number)
{
    const char *description = strerrordesc_np(number);

    return (char *)(description == NULL ? "Unknown error" : description);
}

char *musl_strsignal(int signal)
{
    const char *description = of(musl_signals, musl_signal_count, signal, 1);
    static char number[32];

    if (description != NULL)
        return (char *)description;
    if (signal >= SIGRTMIN && signal <= SIGRTMAX)
        snprintf(number, sizeof(number), "Real-time signal %d", signal - SIGRTMIN);
    else
        snprintf(number, sizeof(number), "Unknown signal %d", signal);
    return number;
}
