/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands on a library, in a program that has none.  Each of these goes on as sbx-full; their
 * contracts are those of the headers.  Nothing here ever returns, for whole_needed() does not.
 */
#include "base/whole.h"
#include "cli/verb.h"
#include "kernel/seccomp.h"
#include "policy/profile.h"
#include "run/attest_json.h"
#include "run/report_text.h"

#include <errno.h>
#include <stddef.h>

/* libyaml */

int profile_parse(struct arena *arena, const char *name, const char *label, const char *file,
                  const char *text, size_t size, struct profile *ret_profile,
                  struct profile_problems *problems, struct sbx_error *err)
{
    (void)arena, (void)name, (void)label, (void)file, (void)text, (void)size;
    (void)ret_profile, (void)problems, (void)err;
    whole_needed();
    return -ENOSYS;
}

/* libseccomp */

int seccomp_compile(struct arena *arena, const struct seccomp_rule *rules, size_t count,
                    int default_error, struct sock_filter **ret_filter, size_t *ret_length,
                    struct sbx_error *err)
{
    (void)arena, (void)rules, (void)count, (void)default_error, (void)ret_filter, (void)ret_length;
    (void)err;
    whole_needed();
    return -ENOSYS;
}

bool seccomp_syscall_exists(const char *name)
{
    (void)name;
    whole_needed();
    return false;
}

int seccomp_syscall_number(const char *name)
{
    (void)name;
    whole_needed();
    return -ENOSYS;
}

char *seccomp_syscall_name(struct arena *arena, int number)
{
    (void)arena, (void)number;
    whole_needed();
    return NULL;
}

char *seccomp_syscall_nearest(struct arena *arena, const char *name)
{
    (void)arena, (void)name;
    whole_needed();
    return NULL;
}

/* jansson */

char *report_text(const struct sbx_report *report, enum report_format format)
{
    (void)report, (void)format;
    whole_needed();
    return NULL;
}

char *attest_json(const struct attest *attest)
{
    (void)attest;
    whole_needed();
    return NULL;
}

/* the other verbs, and all that they stand on */

int verb_help(const struct call *call, const char *name)
{
    (void)call, (void)name;
    whole_needed();
    return EXIT_SBX_FAILED;
}
