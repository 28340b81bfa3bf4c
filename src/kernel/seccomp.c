/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory of operation
 *
 * The program is loaded for every run, and the kernel checks it, translates it, and tries it with
 * every system-call number as it is loaded.  So it is short: libseccomp knows the calls' names and
 * numbers, but its programs for the same rules are four times as long.  Ours has these parts:
 *
 *   1. a call of a foreign architecture ends the process
 *   2. a search of the call's number leads to a verdict or to the call's rules (seccomp_tree.c)
 *   3. for each call that has conditions its rules one after the other, as they are listed
 *      (seccomp_call.c); calls with the same rules share them
 *
 * Numbers without a name are in the search as all others: theirs is the default error, as is what
 * no rule of a call decides.  On x86_64 a foreign architecture can also hide in the number: those
 * with the bit of x32 end the process.  Not so -1, which is no call: a tracer that makes a call not
 * happen puts it there.
 *
 * All is written from the end to the start (bpf_writer.h), so the parts come in the other order.
 */
#include "kernel/seccomp_internal.h"

#include "base/cleanup.h"

#include <limits.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <string.h>

#if defined(__x86_64__)
#define NATIVE_ARCHITECTURE AUDIT_ARCH_X86_64
#define X32_BIT             0x40000000
#elif defined(__aarch64__)
#define NATIVE_ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define NATIVE_ARCHITECTURE AUDIT_ARCH_RISCV64
#else
#error "nobody has reviewed the system-call filter for this architecture"
#endif

/* Numbers above this are in no table yet. */
#define LAST_NUMBER 511

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

struct stretches {
    struct seccomp_stretch items[SECCOMP_MAX_STRETCHES];
    size_t count;
};

_Static_assert(LAST_NUMBER + 4 <= SECCOMP_MAX_STRETCHES, "one for each number, and the rest");

static int refuse(struct sbx_error *err, const char *what, const struct seccomp_rule *rule)
{
    return error_set(err, SBX_ERROR_INTERNAL, EINVAL, "seccomp", NULL, "%s %s", what, rule->name);
}

/* Find the number of the call of @rule; below zero where there is none here. */
static int check_rule(const struct seccomp_rule *rule, int *ret_number, struct sbx_error *err)
{
    int number = resolve(rule->name);

    if (number == INT_MIN)
        return refuse(err, "there is no system call", rule);
    if (number > LAST_NUMBER)
        return refuse(err, "no filter goes as far as the number of", rule);
    if (!seccomp_can_match(rule))
        return refuse(err, "no argument can match a rule for", rule);
    *ret_number = number;
    return 0;
}

/* Put the rules of each call together, in their order, and give them to @calls. */
static void sort_rules(const struct seccomp_rule *rules, const int *numbers, size_t count,
                       struct seccomp_rule *sorted, struct seccomp_call *calls)
{
    for (size_t i = 0; i < count; i++)
        if (numbers[i] >= 0)
            calls[numbers[i]].count++;
    for (size_t number = 0; number <= LAST_NUMBER; number++) {
        calls[number].items = sorted;
        sorted += calls[number].count;
        calls[number].count = 0;
    }
    for (size_t i = 0; i < count; i++)
        if (numbers[i] >= 0) {
            struct seccomp_call *call = &calls[numbers[i]];

            call->items[call->count++] = rules[i];
        }
}

static int make_calls(struct arena *scratch, const struct seccomp_rule *rules, size_t count,
                      struct seccomp_call *calls, struct sbx_error *err)
{
    struct seccomp_rule *sorted = arena_alloc(scratch, (count + 1) * sizeof(*sorted));
    int *numbers = arena_alloc(scratch, (count + 1) * sizeof(*numbers));

    if (sorted == NULL || numbers == NULL)
        return error_oom(err);
    for (size_t i = 0; i < count; i++) {
        int r = check_rule(&rules[i], &numbers[i], err);

        if (r < 0)
            return r;
    }
    sort_rules(rules, numbers, count, sorted, calls);
    for (size_t number = 0; number <= LAST_NUMBER; number++)
        for (size_t i = 1; i < calls[number].count; i++)
            if (!seccomp_has_condition(&calls[number].items[i - 1]))
                return refuse(err, "two rules where the first decides always, for",
                              &calls[number].items[i]);
    return 0;
}

static bool same_rule(const struct seccomp_rule *left, const struct seccomp_rule *right)
{
    size_t i = 0;

    if (left->verdict != right->verdict ||
        (left->verdict != SECCOMP_ALLOW && left->error != right->error))
        return false;
    for (; i < SECCOMP_MAX_MATCHES && left->matches[i].mask != 0; i++)
        if (left->matches[i].index != right->matches[i].index ||
            left->matches[i].mask != right->matches[i].mask ||
            left->matches[i].value != right->matches[i].value)
            return false;
    return i == SECCOMP_MAX_MATCHES || right->matches[i].mask == 0;
}

static bool same_rules(const struct seccomp_call *left, const struct seccomp_call *right)
{
    if (left->count != right->count)
        return false;
    for (size_t i = 0; i < left->count; i++)
        if (!same_rule(&left->items[i], &right->items[i]))
            return false;
    return true;
}

/* Write the rules of each call, but the same rules once only. */
static void write_calls(struct bpf_writer *writer, const struct seccomp_call *calls,
                        struct bpf_target otherwise, struct bpf_target *targets)
{
    for (size_t number = 0; number <= LAST_NUMBER; number++) {
        size_t same = 0;

        while (same < number && !same_rules(&calls[same], &calls[number]))
            same++;
        targets[number] =
            same < number ? targets[same] : seccomp_write_call(writer, &calls[number], otherwise);
    }
}

static void add_stretch(struct stretches *stretches, size_t first, struct bpf_target target)
{
    if (stretches->count == 0 ||
        !bpf_same_target(stretches->items[stretches->count - 1].target, target))
        stretches->items[stretches->count++] = (struct seccomp_stretch){(uint32_t)first, target};
}

static void write_program(struct bpf_writer *writer, const struct seccomp_call *calls,
                          int default_error)
{
    const struct bpf_target kill = {.is_return = true, .value = SECCOMP_RET_KILL_PROCESS},
                            unknown = {.is_return = true,
                                       .value = SECCOMP_RET_ERRNO |
                                                ((uint32_t)default_error & SECCOMP_RET_DATA)};
    struct bpf_target targets[LAST_NUMBER + 1];
    struct stretches stretches = {.count = 0};

    write_calls(writer, calls, unknown, targets);
    for (size_t number = 0; number <= LAST_NUMBER; number++)
        add_stretch(&stretches, number, targets[number]);
    add_stretch(&stretches, LAST_NUMBER + 1, unknown);
#ifdef X32_BIT
    add_stretch(&stretches, X32_BIT, kill);
    add_stretch(&stretches, UINT32_MAX, unknown);
#endif
    bpf_continue_at(writer, seccomp_write_tree(writer, stretches.items, stretches.count));
    bpf_write(writer, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    bpf_write_jump(writer, BPF_JEQ, NATIVE_ARCHITECTURE, bpf_start(writer), kill);
    bpf_write(writer, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
}

int seccomp_compile(struct arena *arena, const struct seccomp_rule *rules, size_t count,
                    int default_error, struct sock_filter **ret_filter, size_t *ret_length,
                    struct sbx_error *err)
{
    _cleanup_arena_ struct arena *scratch = arena_new();
    struct seccomp_call calls[LAST_NUMBER + 1] = {0};
    struct bpf_writer writer = {.start = BPF_MAXINSNS};
    struct sock_filter *filter;
    size_t length;
    int r;

    if (scratch == NULL)
        return error_oom(err);
    writer.items = arena_alloc(scratch, BPF_MAXINSNS * sizeof(*writer.items));
    if (writer.items == NULL)
        return error_oom(err);
    r = make_calls(scratch, rules, count, calls, err);
    if (r < 0)
        return r;
    write_program(&writer, calls, default_error);
    if (writer.too_long)
        return error_set(err, SBX_ERROR_INTERNAL, EINVAL, "seccomp", NULL,
                         "can't fit the system-call filter into the kernel's limit");
    length = BPF_MAXINSNS - writer.start;
    filter = arena_memdup(arena, writer.items + writer.start, length * sizeof(*filter));
    if (filter == NULL)
        return error_oom(err);
    *ret_filter = filter;
    *ret_length = length;
    return 0;
}
