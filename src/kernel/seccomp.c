/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory of operation
 *
 * libseccomp can say "fail if the argument is X" but, within one program, not "and allow whatever
 * else" (there is no masked not-equal, and a rule without conditions swallows the others).  So the
 * rules are spread over several programs, each of which libseccomp compiles by itself:
 *
 *   program 0   calls whose first rule has no conditions, as a binary tree; for any other call that
 *               has rules the verdict is "go on in program 1"
 *   program k   for each of those calls the k-th run of rules with one verdict;
 *               whatever it doesn't decide goes on in program k + 1
 *   the last    whatever it doesn't decide fails with the default error
 *
 * Then they are put one behind the other, and each return that says "go on in program k" becomes
 * a jump there.  A jump is one instruction as a return is, so no other offset changes.  Within one
 * program the rules of one call have the same verdict, so their order can't matter: the first rule
 * that matches decides, whatever libseccomp makes of it.
 */
#include "kernel/seccomp.h"

#include "base/cleanup.h"

#include <limits.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* A call that needs more runs of rules than this is better written another way. */
#define MAX_PROGRAMS 12
/* Numbers above this are in no table yet. */
#define LAST_NUMBER 511
/* "Go on in program k", as a verdict that no rule can have. */
#define GO_ON(program) SCMP_ACT_TRACE(program)

struct resolved {
    int number; /* negative: not on this architecture */
    unsigned program;
};

struct program {
    struct sock_filter *items;
    size_t count;
};

/* Calls newer than libseccomp 2.5.4; the first group has one number on all architectures. */
static const struct {
    const char *name;
    int number;
} newer_calls[] = {
    {"cachestat", 451},         {"fchmodat2", 452},        {"map_shadow_stack", 453},
    {"futex_wake", 454},        {"futex_wait", 455},       {"futex_requeue", 456},
    {"statmount", 457},         {"listmount", 458},        {"lsm_get_self_attr", 459},
    {"lsm_set_self_attr", 460}, {"lsm_list_modules", 461}, {"mseal", 462},
    {"setxattrat", 463},        {"getxattrat", 464},       {"listxattrat", 465},
    {"removexattrat", 466},     {"open_tree_attr", 467},   {"file_getattr", 468},
    {"file_setattr", 469},
#ifdef __x86_64__
    {"uretprobe", 335},         {"uprobe", 336},
#else
    {"uretprobe", -1},          {"uprobe", -1},
#endif
};

/* The number of @name; below zero not here; INT_MIN no such call anywhere. */
static int resolve(const char *name)
{
    int number = seccomp_syscall_resolve_name(name);

    if (number != __NR_SCMP_ERROR)
        return number;
    for (size_t i = 0; i < ARRAY_SIZE(newer_calls); i++)
        if (strcmp(newer_calls[i].name, name) == 0)
            return newer_calls[i].number;
    return INT_MIN;
}

bool seccomp_syscall_exists(const char *name)
{
    return resolve(name) != INT_MIN;
}

int seccomp_syscall_number(const char *name)
{
    int number = resolve(name);

    return number < 0 ? -1 : number;
}

char *seccomp_syscall_name(struct arena *arena, int number)
{
    _cleanup_free_ char *known = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);

    if (known != NULL)
        return arena_strdup(arena, known);
    for (size_t i = 0; i < ARRAY_SIZE(newer_calls); i++)
        if (newer_calls[i].number == number)
            return arena_strdup(arena, newer_calls[i].name);
    return NULL;
}

/* How many letters must be inserted, removed, changed or swapped with their neighbour. */
static unsigned distance(const char *left, const char *right)
{
    enum { LONGEST = 40 };
    unsigned rows[3][LONGEST + 1];
    size_t left_length = strlen(left), right_length = strlen(right);

    if (left_length > LONGEST || right_length > LONGEST)
        return UINT_MAX;
    for (size_t j = 0; j <= right_length; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= left_length; i++) {
        unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];

        row[0] = (unsigned)i;
        for (size_t j = 1; j <= right_length; j++) {
            unsigned best = above[j - 1] + (left[i - 1] != right[j - 1]);

            if (above[j] + 1 < best)
                best = above[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1] &&
                two_above[j - 2] + 1 < best)
                best = two_above[j - 2] + 1;
            row[j] = best;
        }
    }
    return rows[left_length % 3][right_length];
}

char *seccomp_syscall_nearest(struct arena *arena, const char *name)
{
    _cleanup_arena_ struct arena *scratch = arena_new();
    const char *nearest = NULL;
    unsigned best = 3;

    if (scratch == NULL)
        return NULL;
    for (int number = 0; number <= LAST_NUMBER; number++) {
        const char *candidate = seccomp_syscall_name(scratch, number);
        unsigned steps = candidate != NULL ? distance(name, candidate) : UINT_MAX;

        /* A short word is near only if most of its letters stay. */
        if (steps < best && steps * 2 < strlen(candidate) + (steps == 1)) {
            best = steps;
            nearest = candidate;
        }
    }
    return nearest != NULL ? arena_strdup(arena, nearest) : NULL;
}

static int fail(struct sbx_error *err, int number, const char *what)
{
    return error_set(err, SBX_ERROR_INTERNAL, number, "seccomp", NULL, "can't %s", what);
}

static bool has_condition(const struct seccomp_rule *rule)
{
    return rule->matches[0].mask != 0;
}

static bool same_verdict(const struct seccomp_rule *left, const struct seccomp_rule *right)
{
    return left->verdict == right->verdict &&
           (left->verdict == SECCOMP_ALLOW || left->error == right->error);
}

/* Which program gets rule @index, given where the rules before it went. */
static int choose_program(const struct seccomp_rule *rules, struct resolved *resolved, size_t index,
                          struct sbx_error *err)
{
    const struct seccomp_rule *rule = &rules[index];
    size_t previous = index;

    while (previous > 0 && resolved[previous - 1].number != resolved[index].number)
        previous--;
    if (previous == 0) {
        resolved[index].program = has_condition(rule) ? 1 : 0;
        return 0;
    }
    previous--;
    if (!has_condition(&rules[previous]))
        return error_set(err, SBX_ERROR_INTERNAL, EINVAL, "seccomp", NULL,
                         "two rules for the system call %s, and the first decides always",
                         rule->name);
    resolved[index].program = resolved[previous].program;
    if (!has_condition(rule) || !same_verdict(rule, &rules[previous]))
        resolved[index].program++;
    return 0;
}

static int resolve_rules(const struct seccomp_rule *rules, size_t count, struct resolved *resolved,
                         unsigned *ret_programs, struct sbx_error *err)
{
    unsigned programs = 1;

    for (size_t i = 0; i < count; i++) {
        int r;

        resolved[i].number = resolve(rules[i].name);
        if (resolved[i].number == INT_MIN)
            return error_set(err, SBX_ERROR_INTERNAL, EINVAL, "seccomp", NULL,
                             "there is no system call %s", rules[i].name);
        if (resolved[i].number < 0)
            continue;
        r = choose_program(rules, resolved, i, err);
        if (r < 0)
            return r;
        if (resolved[i].program >= programs)
            programs = resolved[i].program + 1;
    }
    if (programs > MAX_PROGRAMS)
        return fail(err, EINVAL, "compile so many different rules for one system call");
    *ret_programs = programs;
    return 0;
}

static int add_rule(scmp_filter_ctx context, const struct seccomp_rule *rule, int number,
                    uint32_t action)
{
    struct scmp_arg_cmp compares[SECCOMP_MAX_MATCHES];
    unsigned i;

    for (i = 0; i < SECCOMP_MAX_MATCHES && rule->matches[i].mask != 0; i++)
        compares[i] = (struct scmp_arg_cmp){.arg = rule->matches[i].index,
                                            .op = SCMP_CMP_MASKED_EQ,
                                            .datum_a = rule->matches[i].mask,
                                            .datum_b = rule->matches[i].value};
    return seccomp_rule_add_exact_array(context, action, number, i, compares);
}

static int fill_program(scmp_filter_ctx context, const struct seccomp_rule *rules,
                        const struct resolved *resolved, size_t count, unsigned program,
                        uint32_t default_action)
{
    static const struct seccomp_rule no_condition;

    for (size_t i = 0; i < count; i++) {
        const struct seccomp_rule *rule = &rules[i];
        uint32_t action;
        int r;

        if (resolved[i].number < 0)
            continue;
        if (resolved[i].program == program)
            action = rule->verdict == SECCOMP_ALLOW ? SCMP_ACT_ALLOW
                                                    : SCMP_ACT_ERRNO((uint32_t)rule->error);
        else if (program == 0 && resolved[i].program == 1)
            action = GO_ON(1), rule = &no_condition; /* a second time does no harm */
        else
            continue;
        /* libseccomp refuses a rule that says what the default says anyway. */
        if (action == default_action)
            continue;
        r = add_rule(context, rule, resolved[i].number, action);
        if (r < 0 && r != -EEXIST)
            return r;
    }
    return 0;
}

static void release(scmp_filter_ctx *context)
{
    if (*context != NULL)
        seccomp_release(*context);
}

/* libseccomp 2.5 writes its program to a descriptor only. */
static int export_program(struct arena *arena, scmp_filter_ctx context, struct program *ret)
{
    _cleanup_close_ int fd = memfd_create("seccomp", MFD_CLOEXEC);
    struct program program;
    struct stat status;
    int r;

    if (fd < 0)
        return -errno;
    r = seccomp_export_bpf(context, fd);
    if (r < 0)
        return r;
    if (fstat(fd, &status) < 0)
        return -errno;
    if (status.st_size <= 0 || (size_t)status.st_size % sizeof(struct sock_filter) != 0)
        return -EIO;
    program.count = (size_t)status.st_size / sizeof(struct sock_filter);
    program.items = arena_alloc(arena, (size_t)status.st_size);
    if (program.items == NULL)
        return -ENOMEM;
    if (pread(fd, program.items, (size_t)status.st_size, 0) != status.st_size)
        return -EIO;
    *ret = program;
    return 0;
}

static int make_program(struct arena *arena, const struct seccomp_rule *rules,
                        const struct resolved *resolved, size_t count, unsigned program,
                        uint32_t default_action, struct program *ret)
{
    _cleanup_(release) scmp_filter_ctx context = seccomp_init(default_action);
    int r;

    if (context == NULL)
        return -ENOMEM;
    r = seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (r == 0) /* a binary tree: a third of the loading time of a list */
        r = seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    if (r == 0)
        r = fill_program(context, rules, resolved, count, program, default_action);
    if (r < 0)
        return r;
    return export_program(arena, context, ret);
}

/* Put the programs one behind the other and make a jump of each "go on". */
static int join(struct arena *arena, const struct program *programs, unsigned count,
                struct program *ret)
{
    size_t starts[MAX_PROGRAMS], length = 0, at = 0;
    struct sock_filter *filter;

    for (unsigned i = 0; i < count; i++) {
        starts[i] = length;
        length += programs[i].count;
    }
    if (length > BPF_MAXINSNS)
        return -E2BIG;
    filter = arena_alloc(arena, length * sizeof(*filter));
    if (filter == NULL)
        return -ENOMEM;
    for (unsigned i = 0; i < count; i++) {
        memcpy(filter + starts[i], programs[i].items, programs[i].count * sizeof(*filter));
        for (; at < starts[i] + programs[i].count; at++) {
            struct sock_filter *instruction = &filter[at];

            if (instruction->code != (BPF_RET | BPF_K) ||
                (instruction->k & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_TRACE)
                continue;
            if (i + 1 == count || instruction->k != GO_ON(i + 1))
                return -EINVAL;
            *instruction =
                (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, (uint32_t)(starts[i + 1] - at - 1));
        }
    }
    *ret = (struct program){filter, length};
    return 0;
}

int seccomp_compile(struct arena *arena, const struct seccomp_rule *rules, size_t count,
                    int default_error, struct sock_filter **ret_filter, size_t *ret_length,
                    struct sbx_error *err)
{
    struct program programs[MAX_PROGRAMS], whole;
    struct resolved *resolved = arena_alloc(arena, (count + 1) * sizeof(*resolved));
    unsigned program_count = 0;
    int r;

    if (resolved == NULL)
        return error_oom(err);
    r = resolve_rules(rules, count, resolved, &program_count, err);
    if (r < 0)
        return r;
    for (unsigned i = 0; i < program_count; i++) {
        /* Program 0 knows which calls go on; the others let all go on that they don't decide. */
        uint32_t default_action = i == 0 || i + 1 == program_count
                                      ? SCMP_ACT_ERRNO((uint32_t)default_error)
                                      : GO_ON(i + 1);

        r = make_program(arena, rules, resolved, count, i, default_action, &programs[i]);
        if (r == -ENOMEM)
            return error_oom(err);
        if (r < 0)
            return fail(err, -r, "compile the system-call filter");
    }
    r = join(arena, programs, program_count, &whole);
    if (r == -ENOMEM)
        return error_oom(err);
    if (r == -E2BIG)
        return fail(err, EINVAL, "fit the system-call filter into the kernel's limit");
    if (r < 0)
        return fail(err, -r, "join the parts of the system-call filter");
    *ret_filter = whole.items;
    *ret_length = whole.count;
    return 0;
}
