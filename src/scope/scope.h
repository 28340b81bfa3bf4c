/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCOPE_SCOPE_H
#define SCOPE_SCOPE_H

#include "scope/wire.h"

struct scope_request {
    const char *bus;   /* path of the socket */
    const char *unit;  /* "sbx-1234-0123456789abcdef.scope" */
    const char *slice; /* or NULL: the manager's own choice */
    uint32_t pid;      /* the process that goes into it beside this one */
};

/**
 * Have the scope made, and wait until it is.  Returns 0; or a negative errno with the reason in
 * *@ret_why, which is never freed: -ECONNREFUSED where nobody answers, -ETIMEDOUT where nobody does
 * in time, -EACCES where the manager refuses, -EXDEV where it is in another PID namespace.
 * See org.freedesktop.systemd1(5).
 */
int scope_make(const struct scope_request *request, const char **ret_why);

#endif
