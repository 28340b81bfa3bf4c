/* SPDX-License-Identifier: Apache-2.0 */
/* Callers under a system-call filter of somebody else's. */
#define _GNU_SOURCE
#include "probe.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#define MAX_CODE 64

/* A filter being written. */
struct filter {
    struct sock_filter code[MAX_CODE];
    unsigned short length;
};

static const struct {
    const char *name;
    unsigned number;
} calls[] = {{"statmount", 457}, /* Debian 12's headers have neither */
             {"listmount", 458},
             {"landlock", SYS_landlock_create_ruleset},
             {"landlock_add_rule", SYS_landlock_add_rule},
             {"mount_setattr", SYS_mount_setattr},
             {"faccessat2", SYS_faccessat2},
             {"openat2", SYS_openat2},
             {"close_range", SYS_close_range},
             {"clone3", SYS_clone3},
             {"pidfd_open", SYS_pidfd_open},
             {"pidfd_send_signal", SYS_pidfd_send_signal},
             {"fsopen", SYS_fsopen},
             {"move_mount", SYS_move_mount},
             {"open_tree", SYS_open_tree},
             {"statx", SYS_statx},
             {"execveat", SYS_execveat},
             {"memfd_create", SYS_memfd_create},
             {"seccomp", SYS_seccomp},
             {"timerfd_create", SYS_timerfd_create},
             {"signalfd4", SYS_signalfd4},
             {"unshare", SYS_unshare},
             {"keyctl", SYS_keyctl},
             {"add_key", SYS_add_key},
             {"request_key", SYS_request_key},
             {"mount", SYS_mount},
             {"flock", SYS_flock},
             {"setns", SYS_setns}};

static void add(struct filter *filter, struct sock_filter instruction)
{
    if (filter->length == MAX_CODE)
        abort();
    filter->code[filter->length++] = instruction;
}

static void load(struct filter *filter, size_t offset)
{
    add(filter, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offset));
}

static void answer(struct filter *filter, unsigned verdict)
{
    add(filter, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, verdict));
}

/* A call with this number gets @verdict. */
static void rule(struct filter *filter, unsigned number, unsigned verdict)
{
    add(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1));
    answer(filter, verdict);
}

/* A clone with CLONE_NEWUSER does; clone3, whose flags a filter can't see, is hidden then.  The
 * last rule: what is loaded after it is no call's number any more. */
static void rule_for_namespaces(struct filter *filter, unsigned verdict)
{
    rule(filter, SYS_clone3, SECCOMP_RET_ERRNO | ENOSYS);
    add(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3));
    load(filter, offsetof(struct seccomp_data, args[0]));
    add(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_NEWUSER, 0, 1));
    answer(filter, verdict);
}

static int run_under(struct filter *filter, char **argv)
{
    struct sock_fprog program;

    answer(filter, SECCOMP_RET_ALLOW);
    program = (struct sock_fprog){filter->length, filter->code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
        return fail("seccomp");
    return run_command(argv);
}

/* with-seccomp COMMAND...: what container managers refuse: new namespaces and mounts are EPERM. */
static int with_seccomp(int argc, char **argv)
{
    static const unsigned refused_calls[] = {SYS_unshare,    SYS_setns,      SYS_mount,
                                             SYS_umount2,    SYS_pivot_root, SYS_open_tree,
                                             SYS_move_mount, SYS_fsopen,     SYS_mount_setattr};
    struct filter filter = {.length = 0};

    (void)argc;
    load(&filter, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < sizeof(refused_calls) / sizeof(refused_calls[0]); i++)
        rule(&filter, refused_calls[i], SECCOMP_RET_ERRNO | EPERM);
    rule_for_namespaces(&filter, SECCOMP_RET_ERRNO | EPERM);
    return run_under(&filter, argv);
}

static bool add_call(struct filter *filter, const char *name, unsigned verdict)
{
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
        if (strcmp(name, calls[i].name) == 0) {
            rule(filter, calls[i].number, verdict);
            return true;
        }
    return false;
}

/* with-answer CALL[,CALL...] ERRNO COMMAND...: a filter answers these calls; an ERRNO of 0 kills
 * who makes one.  "userns", the last of them, is a clone with CLONE_NEWUSER. */
static int with_answer(int argc, char **argv)
{
    unsigned error = (unsigned)atoi(argv[1]);
    unsigned verdict = error == 0 ? SECCOMP_RET_KILL_PROCESS : SECCOMP_RET_ERRNO | error;
    struct filter filter = {.length = 0};

    (void)argc;
    load(&filter, offsetof(struct seccomp_data, nr));
    for (char *name = strtok(argv[0], ","); name != NULL; name = strtok(NULL, ","))
        if (strcmp(name, "userns") == 0) {
            rule_for_namespaces(&filter, verdict);
        } else if (!add_call(&filter, name, verdict)) {
            errno = EINVAL;
            return fail(name);
        }
    return run_under(&filter, argv + 2);
}

const struct command filter_commands[] = {
    {"with-seccomp", 1, with_seccomp, "COMMAND...: namespaces and mounts are EPERM"},
    {"with-answer", 3, with_answer, "CALL,... ERRNO COMMAND...: a filter answers so; 0 kills"},
    {NULL, 0, NULL, NULL},
};
