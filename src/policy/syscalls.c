/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/syscalls.h"

#include "policy/syscall_groups.h"

#include <string.h>

struct rules {
    struct seccomp_rule *items;
    size_t count;
    size_t capacity;
};

static int add(struct arena *arena, struct rules *rules, const struct seccomp_rule *rule)
{
    struct seccomp_rule *slot = ARENA_PUSH(arena, rules);

    if (slot == NULL)
        return -ENOMEM;
    *slot = *rule;
    return 0;
}

/* A rule without conditions for each of @calls. */
static int add_calls(struct arena *arena, struct rules *rules, const char *const *calls,
                     enum seccomp_verdict verdict, int error)
{
    for (; *calls != NULL; calls++) {
        int r = add(arena, rules,
                    &(struct seccomp_rule){.name = *calls, .verdict = verdict, .error = error});

        if (r < 0)
            return r;
    }
    return 0;
}

static bool has_rule(const struct rules *rules, const char *name)
{
    for (size_t i = 0; i < rules->count; i++)
        if (strcmp(rules->items[i].name, name) == 0)
            return true;
    return false;
}

/* The rules about arguments; a call that has none in this policy is refused. */
static int add_conditions(struct arena *arena, struct rules *rules, unsigned policy)
{
    int r = 0;

    for (size_t i = 0; i < syscall_condition_count && r == 0; i++)
        if (syscall_conditions[i].policies & policy)
            r = add(arena, rules, &syscall_conditions[i].rule);
    for (size_t i = 0; i < syscall_condition_count && r == 0; i++) {
        const char *name = syscall_conditions[i].rule.name;

        if (!has_rule(rules, name))
            r = add_calls(arena, rules, (const char *const[]){name, NULL}, SECCOMP_FAIL, EPERM);
    }
    return r;
}

static int add_policy(struct arena *arena, struct rules *rules,
                      const struct syscalls_request *request)
{
    unsigned bit = request->policy == SPEC_SECCOMP_STRICT ? IN_STRICT : IN_DEFAULT;
    int r = add_conditions(arena, rules, bit | (request->keep_files ? WITH_KEPT_FILES : 0));

    for (size_t i = 0; i < syscall_group_count && r == 0; i++) {
        const struct syscall_group *group = &syscall_groups[i];

        if (group->policies & bit)
            r = add_calls(arena, rules, group->calls, SECCOMP_ALLOW, 0);
        else
            r = add_calls(arena, rules, group->calls, SECCOMP_FAIL, EPERM);
    }
    for (size_t i = 0; i < syscall_refusal_count && r == 0; i++)
        r = add_calls(arena, rules, syscall_refusals[i].calls, SECCOMP_FAIL,
                      syscall_refusals[i].error);
    return r;
}

/* One rule without conditions in the place of all rules for @name. */
static int change(struct arena *arena, struct rules *rules, const char *name, bool allow)
{
    size_t kept = 0;

    for (size_t i = 0; i < rules->count; i++)
        if (strcmp(rules->items[i].name, name) != 0)
            rules->items[kept++] = rules->items[i];
    rules->count = kept;
    return add_calls(arena, rules, (const char *const[]){name, NULL},
                     allow ? SECCOMP_ALLOW : SECCOMP_FAIL, allow ? 0 : EPERM);
}

static int unknown_call(const struct spec_syscall *wrong, struct sbx_error *err)
{
    _cleanup_arena_ struct arena *scratch = arena_new();
    const char *nearest = NULL, *hint = NULL;
    int r = error_usage(err, wrong->origin, "there is no system call \"%s\"", wrong->name);

    if (scratch != NULL)
        nearest = seccomp_syscall_nearest(scratch, wrong->name);
    if (nearest != NULL)
        hint = arena_printf(scratch, "did you mean \"%s\"?", nearest);
    error_add_hint(err, hint);
    return r;
}

/* Refused calls can be told only where this holds. */
static int check_notified(const struct syscalls_request *request, const struct spec_syscall *asked,
                          struct sbx_error *err)
{
    if (request->on_refusal == SPEC_ON_REFUSAL_ERRNO)
        return 0;
    /* the command's process hands over what they are told on when it has the filter already */
    if (!asked->allow && strcmp(asked->name, "sendmsg") == 0)
        error_usage(err, asked->origin, "without sendmsg no refused system call can be told (%s)",
                    request->on_refusal_origin);
    else if (asked->allow && strncmp(asked->name, "io_uring_", 9) == 0)
        error_usage(err, asked->origin,
                    "what io_uring does passes the filter by, and could not be told (%s)",
                    request->on_refusal_origin);
    else
        return 0;
    error_add_hint(err, "leave it out, or say --on-refusal errno");
    return -EINVAL;
}

int syscalls_check(const struct syscalls_request *request, struct sbx_error *err)
{
    for (size_t i = 0; i < request->change_count; i++) {
        const struct spec_syscall *asked = &request->changes[i];

        if (!seccomp_syscall_exists(asked->name))
            return unknown_call(asked, err);
        if (check_notified(request, asked, err) < 0)
            return -EINVAL;
        if (request->policy == SPEC_SECCOMP_OFF && !asked->allow) {
            int r =
                error_usage(err, asked->origin,
                            "the system call %s can't be refused without a filter", asked->name);

            error_add_hint(err, "leave out --seccomp off, and allow what the command needs with "
                                "--allow-syscall");
            return r;
        }
    }
    return 0;
}

int syscalls_rules(struct arena *arena, const struct syscalls_request *request,
                   struct seccomp_rule **ret_rules, size_t *ret_count, struct sbx_error *err)
{
    struct rules rules = {0};
    int r = syscalls_check(request, err);

    if (r < 0)
        return r;
    if (request->policy != SPEC_SECCOMP_OFF) {
        r = add_policy(arena, &rules, request);
        if (r == 0 && request->keep_files)
            r = change(arena, &rules, "truncate", false);
        if (request->userns)
            for (size_t i = 0; syscall_userns_calls[i] != NULL && r == 0; i++)
                r = change(arena, &rules, syscall_userns_calls[i], true);
        for (size_t i = 0; i < request->change_count && r == 0; i++)
            r = change(arena, &rules, request->changes[i].name, request->changes[i].allow);
    }
    if (r < 0)
        return error_oom(err);
    *ret_rules = rules.items;
    *ret_count = rules.count;
    return 0;
}

void syscalls_count(const struct seccomp_rule *rules, size_t count, unsigned *ret_allowed,
                    unsigned *ret_refused)
{
    unsigned allowed = 0, refused = 0;

    for (size_t i = 0; i < count;) {
        const char *name = rules[i].name;
        bool passes = false;

        for (; i < count && strcmp(rules[i].name, name) == 0; i++)
            passes |= rules[i].verdict == SECCOMP_ALLOW;
        if (seccomp_syscall_number(name) < 0)
            continue;
        if (passes)
            allowed++;
        else
            refused++;
    }
    *ret_allowed = allowed;
    *ret_refused = refused;
}

int syscalls_compile(struct arena *arena, const struct syscalls_request *request,
                     struct sock_filter **ret_filter, size_t *ret_length, struct sbx_error *err)
{
    struct seccomp_rule *rules;
    size_t count;
    int r = syscalls_rules(arena, request, &rules, &count, err);

    if (r < 0)
        return r;
    if (request->policy == SPEC_SECCOMP_OFF) {
        *ret_filter = NULL;
        *ret_length = 0;
        return 0;
    }
    return seccomp_compile(arena, rules, count, SYSCALLS_UNKNOWN_ERROR, ret_filter, ret_length,
                           err);
}
