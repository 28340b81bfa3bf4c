/* SPDX-License-Identifier: Apache-2.0 */
/* A whole host probe for a scratch directory, shared by the tests of its parts. */
#ifndef TESTS_HOST_TRIAL_H
#define TESTS_HOST_TRIAL_H

#include "kernel/host.h"
#include "unit/scratch.h"

__attribute__((unused)) static const char *const no_environment[] = {NULL};

/** The caller's working directory is the scratch directory. */
static inline struct host probe(const struct scratch *scratch, const char *const *environment,
                                const struct host_request *request)
{
    struct host host = {0};
    struct sbx_error err = {0};

    cr_assert_eq(chdir(scratch->path), 0);
    cr_assert_eq(host_probe_caller(scratch->arena, environment, &host, &err), 0, "%s", err.message);
    cr_assert_eq(host_probe_guarded(scratch->arena, true, &host, &err), 0, "%s", err.message);
    cr_assert_eq(host_probe(scratch->arena, request, &host, &err), 0, "%s", err.message);
    return host;
}

#endif
