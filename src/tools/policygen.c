/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Print builtin_filters.c, which holds the programs of the system-call policies, so that an
 * ordinary run spends no time on compiling them.
 *
 * Build recipe:
 *   policygen is linked from src/tools/policygen.c src/policy/syscalls.c
 *       src/policy/syscall_groups.c src/kernel/seccomp*.c src/kernel/bpf_writer.c src/base/arena.c
 *       src/base/error.c and -lseccomp, with include paths include/ and src/; not from
 *       src/policy/syscalls_filter.c, which needs what is generated here;
 *   `policygen >builtin_filters.c` (no arguments; exit code 1 on an error, with nothing useful
 *       on stdout: remove the file then);
 *   builtin_filters.c (include path src/ and include/) goes where src/policy/syscalls_filter.c
 *       goes, that is into libsbx and so into each unit test.
 * It must run on the architecture that sbx is built for; the generated file checks that.
 */
#include "policy/syscalls.h"

#include <stdio.h>

#if defined(__x86_64__)
#define ARCHITECTURE "__x86_64__"
#elif defined(__aarch64__)
#define ARCHITECTURE "__aarch64__"
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCHITECTURE "__riscv"
#else
#error "nobody has reviewed the system-call policy for this architecture"
#endif

static const char *const policies[SYSCALLS_BUILTIN_POLICIES] = {
    [SPEC_SECCOMP_DEFAULT] = "default",
    [SPEC_SECCOMP_STRICT] = "strict",
};

static int print_filter(struct arena *arena, unsigned policy, bool userns,
                        struct syscalls_builtin *ret, struct sbx_error *err)
{
    const struct syscalls_request request = {.policy = policy, .userns = userns};
    struct seccomp_rule *rules;
    struct sock_filter *filter;
    size_t count, length;
    int r = syscalls_rules(arena, &request, &rules, &count, err);

    if (r < 0)
        return r;
    r = syscalls_compile(arena, &request, &filter, &length, err);
    if (r < 0)
        return r;
    printf("\nstatic const struct sock_filter %s_%d[] = {\n", policies[policy], userns);
    for (size_t i = 0; i < length; i++)
        printf("    {0x%02x, %u, %u, 0x%08x},\n", filter[i].code, filter[i].jt, filter[i].jf,
               filter[i].k);
    printf("};\n");
    ret->length = length;
    syscalls_count(rules, count, &ret->allowed, &ret->refused);
    return 0;
}

static int print_all(struct sbx_error *err)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct syscalls_builtin made[SYSCALLS_BUILTIN_POLICIES][2] = {0};

    if (arena == NULL)
        return error_oom(err);
    printf("/* Made by policygen from src/policy/syscall_groups.c: don't change it by hand. */\n"
           "#include \"policy/syscalls.h\"\n\n"
           "#ifndef " ARCHITECTURE "\n"
           "#error \"policygen ran on another architecture\"\n"
           "#endif\n");
    for (unsigned policy = 0; policy < SYSCALLS_BUILTIN_POLICIES; policy++)
        for (int userns = 0; userns < 2; userns++) {
            int r = print_filter(arena, policy, userns, &made[policy][userns], err);

            if (r < 0)
                return r;
        }
    printf("\nconst struct syscalls_builtin syscalls_builtin[SYSCALLS_BUILTIN_POLICIES][2] = {\n");
    for (unsigned policy = 0; policy < SYSCALLS_BUILTIN_POLICIES; policy++)
        for (int userns = 0; userns < 2; userns++)
            printf("    [%u][%d] = {%s_%d, %zu, %u, %u},\n", policy, userns, policies[policy],
                   userns, made[policy][userns].length, made[policy][userns].allowed,
                   made[policy][userns].refused);
    printf("};\n");
    if (fflush(stdout) != 0 || ferror(stdout))
        return error_set(err, SBX_ERROR_INTERNAL, errno, "policygen", NULL, "can't write");
    return 0;
}

int main(void)
{
    struct sbx_error err = {0};

    if (print_all(&err) < 0) {
        fprintf(stderr, "policygen: %s\n", err.message);
        return 1;
    }
    return 0;
}
