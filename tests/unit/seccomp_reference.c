/* SPDX-License-Identifier: Apache-2.0 */
#include "seccomp_reference.h"

#include "base/cleanup.h"
#include "bpf_machine.h"

#include <criterion/criterion.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define MAX_PROGRAMS 12
/* "Not decided here, go on in the next program", as a verdict that no rule can have. */
#define GO_ON SCMP_ACT_TRACE(0x601)

struct seccomp_reference {
    struct {
        struct sock_filter *items;
        size_t length;
    } programs[MAX_PROGRAMS];
    size_t count;
    uint32_t default_action;
    const struct seccomp_rule *rules;
    size_t rule_count;
    int *numbers; /* of the rules' calls; negative: not on this architecture */
};

static uint32_t action_of(const struct seccomp_rule *rule)
{
    return rule->verdict == SECCOMP_ALLOW ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO((uint32_t)rule->error);
}

/* Rules of one call with one verdict after the other can share a program. */
static void choose_programs(const struct seccomp_reference *reference, unsigned *programs)
{
    const struct seccomp_rule *rules = reference->rules;

    for (size_t i = 0; i < reference->rule_count; i++) {
        programs[i] = 0;
        for (size_t j = i; j > 0; j--)
            if (reference->numbers[j - 1] == reference->numbers[i]) {
                programs[i] = programs[j - 1] + (action_of(&rules[i]) != action_of(&rules[j - 1]) ||
                                                 rules[i].matches[0].mask == 0);
                break;
            }
        cr_assert_lt(programs[i], MAX_PROGRAMS);
    }
}

static void add_rule(scmp_filter_ctx context, const struct seccomp_rule *rule, int number)
{
    struct scmp_arg_cmp compares[SECCOMP_MAX_MATCHES];
    unsigned i;
    int r;

    for (i = 0; i < SECCOMP_MAX_MATCHES && rule->matches[i].mask != 0; i++)
        compares[i] = (struct scmp_arg_cmp){.arg = rule->matches[i].index,
                                            .op = SCMP_CMP_MASKED_EQ,
                                            .datum_a = rule->matches[i].mask,
                                            .datum_b = rule->matches[i].value};
    r = seccomp_rule_add_exact_array(context, action_of(rule), number, i, compares);
    cr_assert(r == 0 || r == -EEXIST, "%s: %s", rule->name, strerror(-r));
}

/* libseccomp 2.5 writes its program to a descriptor only. */
static struct sock_filter *export(struct arena *arena, scmp_filter_ctx context, size_t *ret_length)
{
    _cleanup_close_ int fd = memfd_create("seccomp", MFD_CLOEXEC);
    struct stat status;
    void *program;

    cr_assert(fd >= 0 && seccomp_export_bpf(context, fd) == 0 && fstat(fd, &status) == 0);
    program = arena_alloc(arena, (size_t)status.st_size);
    cr_assert_eq(pread(fd, program, (size_t)status.st_size, 0), status.st_size);
    *ret_length = (size_t)status.st_size / sizeof(struct sock_filter);
    return program;
}

struct seccomp_reference *seccomp_reference_new(struct arena *arena,
                                                const struct seccomp_rule *rules, size_t count,
                                                int default_error)
{
    struct seccomp_reference *reference = arena_alloc(arena, sizeof(*reference));
    unsigned *programs = arena_alloc(arena, (count + 1) * sizeof(*programs)), last = 0;

    reference->rules = rules;
    reference->rule_count = count;
    reference->numbers = arena_alloc(arena, (count + 1) * sizeof(*reference->numbers));
    for (size_t i = 0; i < count; i++)
        reference->numbers[i] = seccomp_syscall_number(rules[i].name);
    choose_programs(reference, programs);
    for (size_t i = 0; i < count; i++)
        if (reference->numbers[i] >= 0)
            last = programs[i] > last ? programs[i] : last;
    reference->count = last + 1;
    reference->default_action = SCMP_ACT_ERRNO((uint32_t)default_error);
    for (unsigned k = 0; k <= last; k++) {
        scmp_filter_ctx context = seccomp_init(GO_ON);

        cr_assert_not_null(context);
        seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
        cr_assert_eq(seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2), 0, "a binary tree");
        for (size_t i = 0; i < count; i++)
            if (programs[i] == k && reference->numbers[i] >= 0)
                add_rule(context, &rules[i], reference->numbers[i]);
        reference->programs[k].items = export(arena, context, &reference->programs[k].length);
        seccomp_release(context);
    }
    return reference;
}

uint32_t seccomp_reference_run(const struct seccomp_reference *reference,
                               const struct seccomp_data *data)
{
    for (size_t i = 0; i < reference->count; i++) {
        struct bpf_outcome outcome =
            bpf_run(reference->programs[i].items, reference->programs[i].length, data);

        cr_assert_not(outcome.is_broken);
        if (outcome.verdict != GO_ON)
            return outcome.verdict;
    }
    return reference->default_action;
}

static bool matches(const struct seccomp_rule *rule, const struct seccomp_data *data)
{
    for (size_t i = 0; i < SECCOMP_MAX_MATCHES && rule->matches[i].mask != 0; i++)
        if ((data->args[rule->matches[i].index] & rule->matches[i].mask) != rule->matches[i].value)
            return false;
    return true;
}

uint32_t seccomp_promised(const struct seccomp_reference *reference,
                          const struct seccomp_data *data)
{
    if (data->arch != seccomp_arch_native())
        return SECCOMP_RET_KILL_PROCESS;
#ifdef __x86_64__
    if (data->nr >= 0x40000000 || (data->nr < 0 && data->nr != -1))
        return SECCOMP_RET_KILL_PROCESS;
#endif
    for (size_t i = 0; i < reference->rule_count; i++)
        if (data->nr >= 0 && reference->numbers[i] == data->nr &&
            matches(&reference->rules[i], data))
            return action_of(&reference->rules[i]);
    return reference->default_action;
}
