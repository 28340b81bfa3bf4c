/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/spec_syscalls.h"

#include "policy/value.h"

#include <errno.h>
#include <string.h>

static int build_policy(const char *value, const char *origin, struct spec *spec,
                        struct sbx_error *err)
{
    static const enum spec_seccomp policies[] = {SPEC_SECCOMP_DEFAULT, SPEC_SECCOMP_STRICT,
                                                 SPEC_SECCOMP_OFF};
    unsigned index;
    int r = value_choice(value, origin, option_by_id(OPTION_SECCOMP)->choices, &index, err);

    if (r < 0)
        return r;
    spec->seccomp = policies[index];
    spec->seccomp_origin = origin;
    return 0;
}

static int build_on_refusal(const char *value, const char *origin, struct spec *spec,
                            struct sbx_error *err)
{
    static const enum spec_on_refusal answers[] = {SPEC_ON_REFUSAL_ERRNO, SPEC_ON_REFUSAL_NOTIFY,
                                                   SPEC_ON_REFUSAL_KILL};
    unsigned index;
    int r = value_choice(value, origin, option_by_id(OPTION_ON_REFUSAL)->choices, &index, err);

    if (r < 0)
        return r;
    spec->on_refusal = answers[index];
    spec->on_refusal_origin = origin;
    return 0;
}

static bool is_syscall_name(const char *text)
{
    return text[0] != '\0' && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(text);
}

static int build_change(struct arena *arena, const char *value, const char *origin, bool allow,
                        struct spec *spec, struct sbx_error *err)
{
    struct spec_syscall *added;
    int r;

    if (!is_syscall_name(value)) {
        r = error_usage(err, origin, "this is not the name of a system call");
        error_add_hint(err, "write the name of one system call, such as ptrace");
        return r;
    }
    value = arena_strdup(arena, value);
    added = ARENA_PUSH(arena, &spec->syscalls);
    if (value == NULL || added == NULL)
        return error_oom(err);
    *added = (struct spec_syscall){.name = value, .allow = allow, .origin = origin};
    return 0;
}

int spec_syscalls_build(struct arena *arena, enum option_id id, const char *value,
                        const char *origin, struct spec *spec, struct sbx_error *err)
{
    switch (id) {
    case OPTION_SECCOMP:
        return build_policy(value, origin, spec, err);
    case OPTION_ALLOW_SYSCALL:
    case OPTION_DENY_SYSCALL:
        return build_change(arena, value, origin, id == OPTION_ALLOW_SYSCALL, spec, err);
    case OPTION_ON_REFUSAL:
        return build_on_refusal(value, origin, spec, err);
    default:
        return error_set(err, SBX_ERROR_INTERNAL, ENOSYS, "spec", NULL,
                         "this option has nothing to do with the system-call filter");
    }
}

int spec_syscalls_check(const struct spec *spec, struct sbx_error *err)
{
    if (spec->seccomp != SPEC_SECCOMP_OFF)
        return 0;
    if (spec->on_refusal != SPEC_ON_REFUSAL_ERRNO) {
        int r = error_usage(err, spec->on_refusal_origin,
                            "with --seccomp off no system call is refused, and none can be told");

        error_add_hint(err, "leave out --seccomp off, or say --on-refusal errno");
        return r;
    }
    for (size_t i = 0; i < spec->syscalls.count; i++) {
        int r;

        if (spec->syscalls.items[i].allow)
            continue;
        r = error_usage(err, spec->syscalls.items[i].origin,
                        "with --seccomp off no system call can be refused");
        error_add_hint(err, "leave out one of the two");
        return r;
    }
    return 0;
}
