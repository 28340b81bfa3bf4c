/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What needs the programs made at build time.  The maker of those programs is linked from
 * syscalls.c and syscall_groups.c, but not from here.
 */
#include "policy/syscalls.h"

#include <string.h>

static const struct syscalls_builtin *builtin(const struct syscalls_request *request)
{
    if (request->change_count > 0 || request->keep_files || request->policy == SPEC_SECCOMP_OFF)
        return NULL;
    return &syscalls_builtin[request->policy][request->userns];
}

int syscalls_filter(struct arena *arena, const struct syscalls_request *request,
                    const struct sock_filter **ret_filter, size_t *ret_length,
                    struct sbx_error *err)
{
    const struct syscalls_builtin *made = builtin(request);
    struct sock_filter *filter;
    size_t length;
    int r;

    if (made != NULL) {
        *ret_filter = made->filter;
        *ret_length = made->length;
        return 0;
    }
    r = syscalls_compile(arena, request, &filter, &length, err);
    if (r < 0)
        return r;
    *ret_filter = filter;
    *ret_length = length;
    return 0;
}

/* " +mount -ptrace": of several changes of one call the last, in the place of the first. */
static char *describe_changes(struct arena *arena, const struct syscalls_request *request)
{
    char *text = arena_strdup(arena, request->change_count > 0 ? ";" : "");

    for (size_t i = 0; i < request->change_count && text != NULL; i++) {
        const char *name = request->changes[i].name;
        bool allow = request->changes[i].allow, repeated = false;

        for (size_t j = 0; j < i; j++)
            repeated |= strcmp(request->changes[j].name, name) == 0;
        if (repeated)
            continue;
        for (size_t j = i + 1; j < request->change_count; j++)
            if (strcmp(request->changes[j].name, name) == 0)
                allow = request->changes[j].allow;
        text = arena_printf(arena, "%s %c%s", text, allow ? '+' : '-', name);
    }
    return text;
}

char *syscalls_describe(struct arena *arena, const struct syscalls_request *request)
{
    static const char *const names[] = {"default", "strict"};
    static const char *const answers[] = {"", " and told", " (the first ends the run)"};
    const struct syscalls_builtin *made = builtin(request);
    unsigned allowed, refused;
    char *changes;

    if (request->policy == SPEC_SECCOMP_OFF)
        return arena_strdup(arena, "off: every system call passes");
    if (made != NULL) {
        allowed = made->allowed;
        refused = made->refused;
    } else {
        struct seccomp_rule *rules;
        size_t count;

        if (syscalls_rules(arena, request, &rules, &count, NULL) < 0)
            return NULL;
        syscalls_count(rules, count, &allowed, &refused);
    }
    changes = describe_changes(arena, request);
    if (changes == NULL)
        return NULL;
    return arena_printf(
        arena, "%s%s: %u system calls allowed, %u refused%s, others unknown (ENOSYS)%s%s",
        names[request->policy], request->userns ? "+userns" : "", allowed, refused,
        answers[request->on_refusal],
        request->keep_files ? "; no file given to read can be emptied" : "", changes);
}
