/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The choice of the system-call filter: a policy, its userns variant, the user's changes.
 * What the policies allow and refuse, and why, is in syscall_groups.c.
 */
#ifndef POLICY_SYSCALLS_H
#define POLICY_SYSCALLS_H

#include "kernel/seccomp.h"
#include "policy/spec.h"

#include <errno.h>

struct syscalls_request {
    enum spec_seccomp policy;
    bool userns;     /* nested user namespaces are wanted */
    bool keep_files; /* a file that is open for reading may not be emptied, by any name of it */
    const struct spec_syscall *changes; /* in the order they were asked for: the later wins */
    size_t change_count;
    enum spec_on_refusal on_refusal;
    const char *on_refusal_origin;
};

/** What a call that the policy doesn't know fails with: as on a kernel that doesn't have it. */
#define SYSCALLS_UNKNOWN_ERROR ENOSYS

/**
 * Check @request without compiling it.  Returns 0, or -EINVAL with a usage error that names the
 * change's origin: an unknown system call, a refusal where the filter is off, or a change that does
 * not go with being told of refusals.  Pure.
 */
int syscalls_check(const struct syscalls_request *request, struct sbx_error *err);

/**
 * The rules of @request after its changes, in @arena; those for one system call stand together.
 * Names that this architecture lacks are among them.  No rules where the policy is off.
 * Returns 0, -ENOMEM, or -EINVAL as syscalls_check() does.  Pure.
 */
int syscalls_rules(struct arena *arena, const struct syscalls_request *request,
                   struct seccomp_rule **ret_rules, size_t *ret_count, struct sbx_error *err);

/** How many calls of this architecture @rules let pass (some or all arguments), or refuse. Pure. */
void syscalls_count(const struct seccomp_rule *rules, size_t count, unsigned *ret_allowed,
                    unsigned *ret_refused);

/** Compile @request here and now; a program and 0, or NULL and 0 for "off".  Pure. */
int syscalls_compile(struct arena *arena, const struct syscalls_request *request,
                     struct sock_filter **ret_filter, size_t *ret_length, struct sbx_error *err);

/**
 * The program of @request: a built-in one where there are neither changes nor files to keep, else
 * compiled into @arena; NULL and 0 where the policy is off.  Returns as syscalls_compile() does.
 */
int syscalls_filter(struct arena *arena, const struct syscalls_request *request,
                    const struct sock_filter **ret_filter, size_t *ret_length,
                    struct sbx_error *err);

/**
 * One line about @request for the plan: "default: 325 system calls allowed, 60 refused, others
 * unknown (ENOSYS); +mount -ptrace".  In @arena; NULL out of memory.  Pure.
 */
char *syscalls_describe(struct arena *arena, const struct syscalls_request *request);

/** A program made at build time by src/tools/policygen.c. */
struct syscalls_builtin {
    const struct sock_filter *filter;
    size_t length;
    unsigned allowed;
    unsigned refused;
};

#define SYSCALLS_BUILTIN_POLICIES 2

/** [SPEC_SECCOMP_DEFAULT or _STRICT][userns]; defined in the generated builtin_filters.c. */
extern const struct syscalls_builtin syscalls_builtin[SYSCALLS_BUILTIN_POLICIES][2];

#endif
