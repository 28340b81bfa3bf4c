/* SPDX-License-Identifier: Apache-2.0 */
/* Tries on processes, privileges and bare system calls. */
#define _GNU_SOURCE
#include "probe.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/* SIGTERM to the own process group; who isn't the prober must not feel it. */
static int try_kill0(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    signal(SIGTERM, SIG_IGN);
    return verdict(kill(0, SIGTERM), "kill(0, SIGTERM)");
}

static int try_kill(int argc, char **argv)
{
    int number = argc > 1 ? atoi(argv[1]) : 0;

    return verdict(kill((pid_t)atoi(argv[0]), number), "kill");
}

static int try_prlimit(int argc, char **argv)
{
    struct rlimit limit = {1, 1};

    (void)argc;
    return verdict(prlimit((pid_t)atoi(argv[0]), RLIMIT_CPU, &limit, NULL), "prlimit(RLIMIT_CPU)");
}

static int try_prlimit1(int argc, char **argv)
{
    struct rlimit limit = {1, 1};

    (void)argc;
    (void)argv;
    return verdict(prlimit(1, RLIMIT_CPU, &limit, NULL), "prlimit(1, RLIMIT_CPU)");
}

static int try_setpriority(int argc, char **argv)
{
    (void)argc;
    return verdict(setpriority(PRIO_PROCESS, (id_t)atoi(argv[0]), 19), "setpriority");
}

static int try_ptrace(int argc, char **argv)
{
    pid_t pid = (pid_t)atoi(argv[0]);
    long result = ptrace(PTRACE_SEIZE, pid, NULL, NULL);

    (void)argc;
    if (result == 0)
        ptrace(PTRACE_DETACH, pid, NULL, NULL);
    return verdict(result, "ptrace(PTRACE_SEIZE)");
}

static int try_ptrace1(int argc, char **argv)
{
    char one[] = "1";
    char *words[] = {one, NULL};

    (void)argc;
    (void)argv;
    return try_ptrace(1, words);
}

/* A process of one's own must stay traceable: debuggers and sanitizers need it. */
static int try_ptrace_child(int argc, char **argv)
{
    pid_t pid = fork();
    int status;

    (void)argc;
    (void)argv;
    if (pid == 0) {
        pause();
        _exit(0);
    }
    if (pid < 0)
        return untried("fork");
    status = verdict(ptrace(PTRACE_SEIZE, pid, NULL, NULL), "ptrace(PTRACE_SEIZE)");
    kill(pid, SIGKILL);
    waitpid(pid, NULL, __WALL);
    return status;
}

static int try_read_memory(int argc, char **argv)
{
    char byte;
    struct iovec local = {&byte, 1};
    struct iovec remote = {(void *)(uintptr_t)0x10000, 1};
    long result = process_vm_readv((pid_t)atoi(argv[0]), &local, 1, &remote, 1, 0);

    (void)argc;
    /* EFAULT: the kernel let us in, only that address is empty. */
    return result < 0 && errno == EFAULT ? verdict(0, "process_vm_readv")
                                         : verdict(result, "process_vm_readv");
}

static int try_pidfd_getfd(int argc, char **argv)
{
    long pidfd = syscall(SYS_pidfd_open, atoi(argv[0]), 0);

    (void)argc;
    if (pidfd < 0)
        return refused("pidfd_open");
    return verdict(syscall(SYS_pidfd_getfd, (int)pidfd, argc > 1 ? atoi(argv[1]) : 0, 0),
                   "pidfd_getfd");
}

/* --- privileges ---------------------------------------------------------------------------- */

static int try_setuid(int argc, char **argv)
{
    (void)argc;
    return verdict(setuid((uid_t)atoi(argv[0])), "setuid");
}

static int try_setgroups(int argc, char **argv)
{
    gid_t group = 0;

    (void)argc;
    (void)argv;
    return verdict(syscall(SYS_setgroups, 1, &group), "setgroups");
}

static int try_capset(int argc, char **argv)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {{1U << CAP_CHOWN, 1U << CAP_CHOWN, 0}, {0, 0, 0}};

    (void)argc;
    (void)argv;
    return verdict(syscall(SYS_capset, &header, data), "capset(CAP_CHOWN)");
}

/* Worked only if the limit really is 0 afterwards. */
static int try_core_zero(int argc, char **argv)
{
    struct rlimit zero = {0, 0}, limit;
    int result = setrlimit(RLIMIT_CORE, &zero);

    (void)argc;
    (void)argv;
    printf("setrlimit said %d\n", result);
    if (getrlimit(RLIMIT_CORE, &limit) < 0)
        return untried("getrlimit");
    if (limit.rlim_cur == 0) {
        puts("done: the limit is 0");
        return TRY_DONE;
    }
    puts("refused: the limit stayed");
    return TRY_REFUSED;
}

/* --- bare system calls --------------------------------------------------------------------- */

static const struct {
    const char *name;
    long number;
} syscalls[] = {
    {"acct", SYS_acct},
    {"add_key", SYS_add_key},
    {"bpf", SYS_bpf},
    {"chroot", SYS_chroot},
    {"clone3", SYS_clone3},
    {"delete_module", SYS_delete_module},
    {"fanotify_init", SYS_fanotify_init},
    {"finit_module", SYS_finit_module},
    {"fsconfig", SYS_fsconfig},
    {"fsmount", SYS_fsmount},
    {"fsopen", SYS_fsopen},
    {"fspick", SYS_fspick},
    {"getpid", SYS_getpid},
    {"init_module", SYS_init_module},
    {"io_uring_enter", SYS_io_uring_enter},
    {"io_uring_register", SYS_io_uring_register},
    {"io_uring_setup", SYS_io_uring_setup},
    {"kexec_file_load", SYS_kexec_file_load},
    {"kexec_load", SYS_kexec_load},
    {"keyctl", SYS_keyctl},
    {"mount", SYS_mount},
    {"mount_setattr", SYS_mount_setattr},
    {"move_mount", SYS_move_mount},
    {"open_by_handle_at", SYS_open_by_handle_at},
    {"open_tree", SYS_open_tree},
    {"perf_event_open", SYS_perf_event_open},
    {"pivot_root", SYS_pivot_root},
    {"quotactl", SYS_quotactl},
    {"reboot", SYS_reboot},
    {"request_key", SYS_request_key},
    {"setdomainname", SYS_setdomainname},
    {"sethostname", SYS_sethostname},
    {"setns", SYS_setns},
    {"settimeofday", SYS_settimeofday},
    {"swapoff", SYS_swapoff},
    {"swapon", SYS_swapon},
    {"umount2", SYS_umount2},
    {"userfaultfd", SYS_userfaultfd},
};

/*
 * Call by number or name with arguments that can do no harm (all ones).  Refused only where the
 * answer is EPERM or ENOSYS (or death): any other errno shows that the kernel took the call.
 */
static int try_syscall(int argc, char **argv)
{
    long number = -1, result;
    char *end;

    (void)argc;
    for (size_t i = 0; i < sizeof(syscalls) / sizeof(syscalls[0]); i++)
        if (strcmp(syscalls[i].name, argv[0]) == 0)
            number = syscalls[i].number;
    if (number < 0) {
        number = strtol(argv[0], &end, 0);
        if (*end != '\0' || end == argv[0])
            return untried("no such system call");
    }
    result = syscall(number, -1L, -1L, -1L, -1L, -1L, -1L);
    if (result < 0 && (errno == EPERM || errno == ENOSYS))
        return refused(argv[0]);
    printf("done: %s %s\n", argv[0], result < 0 ? strerrorname_np(errno) : "0");
    return TRY_DONE;
}

/* getpid by the i386 entry: the number 20 there, another one on x86-64. */
static int try_int80(int argc, char **argv)
{
    (void)argc;
    (void)argv;
#ifdef __x86_64__
    long result = 20;

    __asm__ volatile("int $0x80" : "+a"(result) : : "r8", "r9", "r10", "r11", "memory");
    if (result == getpid()) {
        puts("done: int 0x80");
        return TRY_DONE;
    }
    printf("refused: int 0x80 said %ld\n", result);
    return TRY_REFUSED;
#else
    return untried("not an x86-64 machine");
#endif
}

static int try_x32(int argc, char **argv)
{
    (void)argc;
    (void)argv;
#ifdef __x86_64__
    return verdict(syscall(0x40000000L | SYS_getpid), "x32 getpid");
#else
    return untried("not an x86-64 machine");
#endif
}

static int try_personality(int argc, char **argv)
{
    (void)argc;
    return verdict(syscall(SYS_personality, strtoul(argv[0], NULL, 0)), "personality");
}

const struct command process_tries[] = {
    {"kill0", 0, try_kill0, "SIGTERM to the own process group"},
    {"kill", 1, try_kill, "PID [SIGNAL]"},
    {"prlimit", 1, try_prlimit, "PID: one second of CPU time for it"},
    {"prlimit1", 0, try_prlimit1, "the same for pid 1"},
    {"setpriority", 1, try_setpriority, "PID"},
    {"ptrace", 1, try_ptrace, "PID"},
    {"ptrace1", 0, try_ptrace1, "pid 1"},
    {"ptrace-child", 0, try_ptrace_child, "a child of one's own"},
    {"read-memory", 1, try_read_memory, "PID"},
    {"pidfd_getfd", 1, try_pidfd_getfd, "PID [FD]"},
    {"setuid", 1, try_setuid, "UID"},
    {"setgroups", 0, try_setgroups, ""},
    {"capset", 0, try_capset, "take a capability"},
    {"core-zero", 0, try_core_zero, "lower RLIMIT_CORE to 0"},
    {"syscall", 1, try_syscall, "NAME or NUMBER"},
    {"personality", 1, try_personality, "FLAGS as a number"},
    {"int80", 0, try_int80, "an i386 system call"},
    {"x32", 0, try_x32, "an x32 system call"},
    {NULL, 0, NULL, NULL},
};
