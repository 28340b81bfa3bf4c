/* SPDX-License-Identifier: Apache-2.0 */
/* The system-call policies, tried on the running kernel, with controls that use no filter. */
#include "filtered_child.h"

#include <fcntl.h>
#include <linux/kd.h>
#include <linux/netlink.h>
#include <linux/vt.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

/* What the kernel cuts off an int argument. */
#define HIGH_BITS 0xdeadbeef00000000UL

static const struct syscalls_request by_default = {.policy = SPEC_SECCOMP_DEFAULT};
static const struct syscalls_request strict = {.policy = SPEC_SECCOMP_STRICT};
static const struct syscalls_request with_userns = {.policy = SPEC_SECCOMP_DEFAULT, .userns = true};

/* terminal input */

static const unsigned long refused_commands[] = {
    TIOCSTI,   TIOCLINUX, TIOCEXCL,  TIOCSETD,   TIOCCONS,   KDSKBMODE,
    KDSETMODE, KDFONTOP,  KDGKBTYPE, VT_SETMODE, VT_OPENQRY,
};

static bool is_refused(unsigned long command)
{
    const unsigned long kind = command & 0xffffff00;

    if (kind == 'K' << 8 || kind == 'V' << 8) /* a virtual console's */
        return true;
    for (size_t i = 0; i < ARRAY_SIZE(refused_commands); i++)
        if ((command & 0xffffffff) == refused_commands[i])
            return true;
    return false;
}

static void terminal_refused(struct report *report)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    HOLDS(null >= 0);
    FAILS(EPERM, SYS_ioctl, null, (unsigned long)TIOCSTI, "x");
    FAILS(EPERM, SYS_ioctl, null, TIOCSTI | HIGH_BITS, "x");
    FAILS(EPERM, SYS_ioctl, null, TIOCSTI | 1UL << 32, "x");
    FAILS(EPERM, SYS_ioctl, null, (unsigned long)TIOCLINUX, "x");
    FAILS(EPERM, SYS_ioctl, null, TIOCLINUX | HIGH_BITS, "x");
    FAILS(EPERM, SYS_ioctl, -1, (unsigned long)TIOCSTI, "x");
    FAILS(ENOTTY, SYS_ioctl, null, (unsigned long)TCGETS, NULL);
    for (size_t i = 0; i < ARRAY_SIZE(refused_commands); i++) {
        FAILS(EPERM, SYS_ioctl, null, refused_commands[i], NULL);
        FAILS(EPERM, SYS_ioctl, null, refused_commands[i] | HIGH_BITS, NULL);
        FAILS(EPERM, SYS_ioctl, null, refused_commands[i] | 1UL << 32, NULL);
        FAILS(EPERM, SYS_ioctl, -1, refused_commands[i], NULL);
    }
}

static void terminal_without(struct report *report)
{
    int ends[2], count = -1, null = open("/dev/null", O_RDWR | O_CLOEXEC);

    FAILS(ENOTTY, SYS_ioctl, null, (unsigned long)TIOCSTI, "x");
    FAILS(ENOTTY, SYS_ioctl, null, TIOCSTI | HIGH_BITS, "x");
    for (size_t i = 0; i < ARRAY_SIZE(refused_commands); i++) {
        FAILS(ENOTTY, SYS_ioctl, null, refused_commands[i], NULL);
        FAILS(EBADF, SYS_ioctl, -1, refused_commands[i], NULL);
    }
    /* The kernel doesn't look at the upper half: high bits are a real way round. */
    HOLDS(pipe2(ends, O_CLOEXEC) == 0 && write(ends[1], "four", 4) == 4);
    WORKS(SYS_ioctl, ends[0], FIONREAD | HIGH_BITS, &count);
    HOLDS(count == 4);
}

/* Every other command passes: those one bit away from a refused one, and many more. */
static void other_commands(struct report *report)
{
    uint64_t random = 42;

    for (size_t i = 0; i < ARRAY_SIZE(refused_commands); i++)
        for (int bit = 0; bit < 32; bit++) {
            const unsigned long command = refused_commands[i] ^ 1UL << bit;

            if (is_refused(command))
                continue;
            FAILS(EBADF, SYS_ioctl, -1, command, 0);
            FAILS(EBADF, SYS_ioctl, -1, command | HIGH_BITS, 0);
        }
    for (int i = 0; i < 20000; i++) {
        random = random * 6364136223846793005UL + 1442695040888963407UL;
        if (!is_refused(random >> 16))
            FAILS(EBADF, SYS_ioctl, -1, random >> 16, 0);
    }
}

/* What TIOCEXCL does: a terminal that is open can't be opened again, but by root. */
static void exclusive_terminal(struct report *report)
{
    int number = -1, unlock = 0, master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
    char name[32];
    int terminal;

    if (master < 0)
        return;
    HOLDS(ioctl(master, TIOCSPTLCK, &unlock) == 0 && ioctl(master, TIOCGPTN, &number) == 0);
    snprintf(name, sizeof(name), "/dev/pts/%d", number);
    terminal = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    HOLDS(terminal >= 0);
    FAILS(EPERM, SYS_ioctl, terminal, (unsigned long)TIOCEXCL, 0);
    HOLDS(open(name, O_RDWR | O_NOCTTY | O_CLOEXEC) >= 0);
    WORKS(SYS_ioctl, terminal, (unsigned long)TIOCNXCL, 0);
}

static void exclusive_terminal_without(struct report *report)
{
    int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);

    if (master >= 0)
        WORKS(SYS_ioctl, master, (unsigned long)TIOCEXCL, 0);
}

Test(syscalls, terminal_input)
{
    expect_good(NULL, terminal_without);
    expect_good(&by_default, terminal_refused);
    expect_good(&strict, terminal_refused);
    expect_good(&with_userns, terminal_refused);
    expect_good(&by_default, other_commands);
    expect_good(NULL, exclusive_terminal_without);
    expect_good(&by_default, exclusive_terminal);
    expect_good(&strict, exclusive_terminal);
}

/* resource limits */

static void limits_of_others(struct report *report)
{
    struct rlimit limit;

    WORKS(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, &limit);
    WORKS(SYS_prlimit64, HIGH_BITS, RLIMIT_NOFILE, NULL, &limit);
    WORKS(SYS_prlimit64, 0, RLIMIT_NOFILE, &limit, NULL);
    FAILS(EPERM, SYS_prlimit64, 1, RLIMIT_NOFILE, NULL, &limit);
    FAILS(EPERM, SYS_prlimit64, (long)getpid(), RLIMIT_NOFILE, NULL, &limit);
    FAILS(EPERM, SYS_prlimit64, (long)getpid() | HIGH_BITS, RLIMIT_NOFILE, NULL, &limit);
    FAILS(EPERM, SYS_prlimit64, (long)getpid(), RLIMIT_CORE, &limit, NULL);
    FAILS(EPERM, SYS_prlimit64, -1L, RLIMIT_NOFILE, NULL, &limit);
    for (int bit = 0; bit < 32; bit++)
        FAILS(EPERM, SYS_prlimit64, 1L << bit, RLIMIT_NOFILE, NULL, &limit);
}

static void limits_without(struct report *report)
{
    struct rlimit limit, zero = {0, 0};

    WORKS(SYS_prlimit64, (long)getpid(), RLIMIT_NOFILE, NULL, &limit);
    WORKS(SYS_prlimit64, (long)getpid() | HIGH_BITS, RLIMIT_NOFILE, NULL, &limit);
    WORKS(SYS_prlimit64, 0, RLIMIT_CORE | HIGH_BITS, &zero, &limit);
}

static void core_limit_stays(struct report *report)
{
    struct rlimit before, after, three = {3, 3}, stack, lower;

    WORKS(SYS_prlimit64, 0, RLIMIT_CORE, NULL, &before);
    WORKS(SYS_prlimit64, 0, RLIMIT_CORE, &three, NULL);
    WORKS(SYS_prlimit64, HIGH_BITS, RLIMIT_CORE | HIGH_BITS, &three, NULL);
    FAILS(EPERM, SYS_prlimit64, 0, RLIMIT_CORE, &three, &after);
    WORKS(SYS_prlimit64, 0, RLIMIT_CORE, NULL, &after);
    HOLDS(before.rlim_cur == after.rlim_cur && before.rlim_max == after.rlim_max);
#ifdef SYS_setrlimit
    WORKS(SYS_setrlimit, RLIMIT_CORE, &three);
    WORKS(SYS_setrlimit, RLIMIT_CORE | HIGH_BITS, &three);
    FAILS(EFAULT, SYS_setrlimit, RLIMIT_CORE, NULL);
    WORKS(SYS_getrlimit, RLIMIT_CORE, &after);
    HOLDS(before.rlim_cur == after.rlim_cur && before.rlim_max == after.rlim_max);
#endif
    HOLDS(setrlimit(RLIMIT_CORE, &three) == 0);
    HOLDS(getrlimit(RLIMIT_CORE, &after) == 0 && after.rlim_cur == before.rlim_cur);
    /* Other limits are set as ever. */
    HOLDS(getrlimit(RLIMIT_NOFILE, &stack) == 0);
    lower = (struct rlimit){20, stack.rlim_max};
    HOLDS(setrlimit(RLIMIT_NOFILE, &lower) == 0);
    WORKS(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, &stack);
    HOLDS(stack.rlim_cur == 20);
}

Test(syscalls, resource_limits)
{
    expect_good(NULL, limits_without);
    expect_good(&by_default, limits_of_others);
    expect_good(&strict, limits_of_others);
    expect_good(&by_default, core_limit_stays);
    expect_good(&strict, core_limit_stays);
}

/* processes and namespaces */

static void *thread_body(void *nothing)
{
    return nothing;
}

static void ordinary_processes(struct report *report)
{
    pthread_t thread;
    pid_t child = fork();
    int status = -1;

    if (child == 0)
        _exit(7);
    HOLDS(child > 0 && waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 7);
    HOLDS(pthread_create(&thread, NULL, thread_body, NULL) == 0);
    HOLDS(pthread_join(thread, NULL) == 0);
    child = vfork();
    if (child == 0)
        _exit(0);
    HOLDS(child > 0 && waitpid(child, &status, 0) == child && status == 0);
    HOLDS(system("exit 3") == 3 << 8);
}

static void namespaces_refused(struct report *report)
{
    static const unsigned long flags[] = {CLONE_NEWNS,  CLONE_NEWCGROUP, CLONE_NEWUTS,
                                          CLONE_NEWIPC, CLONE_NEWUSER,   CLONE_NEWPID,
                                          CLONE_NEWNET};

    for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
        FAILS(EPERM, SYS_clone, flags[i] | SIGCHLD, 0, 0, 0, 0);
        FAILS(EPERM, SYS_clone, flags[i] | HIGH_BITS | SIGCHLD, 0, 0, 0, 0);
        FAILS(EPERM, SYS_unshare, flags[i]);
        FAILS(EPERM, SYS_unshare, flags[i] | CLONE_FS);
    }
    FAILS(EPERM, SYS_clone, 0xffffffffUL, 0, 0, 0, 0);
    FAILS(EPERM, SYS_unshare, 0x80UL); /* CLONE_NEWTIME */
    WORKS(SYS_unshare, 0UL);
    WORKS(SYS_unshare, (unsigned long)CLONE_FS);
    WORKS(SYS_unshare, (unsigned long)CLONE_FILES);
    FAILS(ENOSYS, SYS_clone3, NULL, 0);
    FAILS(ENOSYS, SYS_clone3, NULL, 88);
    FAILS(EPERM, SYS_setns, -1, 0);
    FAILS(EPERM, SYS_chroot, "/");
}

/* Any flag of unshare that isn't known to be harmless, today's or tomorrow's. */
static void unshare_flags(struct report *report)
{
    const unsigned long harmless =
        CLONE_FILES | CLONE_FS | CLONE_SIGHAND | CLONE_SYSVSEM | CLONE_THREAD | CLONE_VM;

    for (int bit = 0; bit < 64; bit++)
        if (!(1UL << bit & harmless))
            FAILS(EPERM, SYS_unshare, 1UL << bit);
}

static void namespaces_without(struct report *report)
{
    FAILS(EINVAL, SYS_unshare, HIGH_BITS);
    FAILS(EINVAL, SYS_clone3, NULL, 0);
    FAILS(EBADF, SYS_setns, -1, 0);
}

static void namespaces_allowed(struct report *report)
{
    FAILS(EINVAL, SYS_unshare, HIGH_BITS);
    FAILS(EBADF, SYS_setns, -1, 0);
    FAILS(ENOSYS, SYS_clone3, NULL, 0);
    /* EINVAL comes from the kernel: a thread needs CLONE_SIGHAND, whatever the namespace. */
    FAILS(EINVAL, SYS_clone, CLONE_NEWUSER | CLONE_THREAD | SIGCHLD, 0, 0, 0, 0);
    FAILS(EFAULT, SYS_mount, NULL, 1L, NULL, 0, NULL);
    FAILS(EFAULT, SYS_chroot, 1L);
    FAILS(EPERM, SYS_keyctl, 0, 0, 0, 0, 0);
    FAILS(EPERM, SYS_bpf, 0, NULL, 0);
}

Test(syscalls, namespaces)
{
    expect_good(NULL, ordinary_processes);
    expect_good(NULL, namespaces_without);
    expect_good(&by_default, ordinary_processes);
    expect_good(&by_default, namespaces_refused);
    expect_good(&by_default, unshare_flags);
    expect_good(&strict, ordinary_processes);
    expect_good(&strict, namespaces_refused);
    expect_good(&with_userns, ordinary_processes);
    expect_good(&with_userns, namespaces_allowed);
}

/* sockets */

static void sockets_default(struct report *report)
{
    int pair[2];

    for (long family = 0; family < 64; family++) {
        if (family == AF_UNIX || family == AF_INET || family == AF_INET6 || family == AF_NETLINK)
            continue;
        FAILS(EAFNOSUPPORT, SYS_socket, family, SOCK_STREAM, 0);
        FAILS(EAFNOSUPPORT, SYS_socket, family | HIGH_BITS, SOCK_DGRAM, 0);
        FAILS(EAFNOSUPPORT, SYS_socketpair, family, SOCK_STREAM, 0, pair);
    }
    WORKS(SYS_socket, AF_UNIX, SOCK_STREAM, 0);
    WORKS(SYS_socket, AF_UNIX | HIGH_BITS, SOCK_STREAM, 0);
    WORKS(SYS_socket, AF_INET, SOCK_STREAM, 0);
    WORKS(SYS_socket, AF_INET, SOCK_DGRAM, 0);
    WORKS(SYS_socket, AF_INET6, SOCK_STREAM, 0);
    WORKS(SYS_socket, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    WORKS(SYS_socket, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE | HIGH_BITS);
    WORKS(SYS_socket, AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT);
    for (long protocol = 1; protocol < 32; protocol++)
        if (protocol != NETLINK_KOBJECT_UEVENT)
            FAILS(EAFNOSUPPORT, SYS_socket, AF_NETLINK, SOCK_RAW, protocol);
    WORKS(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, pair);
    FAILS(EAFNOSUPPORT, SYS_socketpair, AF_INET, SOCK_STREAM, 0, pair);
}

static void sockets_strict(struct report *report)
{
    int pair[2];

    WORKS(SYS_socket, AF_UNIX, SOCK_STREAM, 0);
    WORKS(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, pair);
    FAILS(EAFNOSUPPORT, SYS_socket, AF_INET, SOCK_STREAM, 0);
    FAILS(EAFNOSUPPORT, SYS_socket, AF_INET6, SOCK_STREAM, 0);
    FAILS(EAFNOSUPPORT, SYS_socket, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    FAILS(EAFNOSUPPORT, SYS_socket, AF_INET | HIGH_BITS, SOCK_STREAM, 0);
}

static void sockets_without(struct report *report)
{
    WORKS(SYS_socket, AF_NETLINK, SOCK_RAW, NETLINK_USERSOCK);
    WORKS(SYS_socket, AF_INET | HIGH_BITS, SOCK_STREAM, 0);
}

Test(syscalls, sockets)
{
    expect_good(NULL, sockets_without);
    expect_good(&by_default, sockets_default);
    expect_good(&strict, sockets_strict);
}

/* personality */

static void personality_default(struct report *report)
{
    FAILS(EPERM, SYS_personality, READ_IMPLIES_EXEC);
    FAILS(EPERM, SYS_personality, ADDR_COMPAT_LAYOUT | ADDR_NO_RANDOMIZE);
    FAILS(EPERM, SYS_personality, PER_SVR4);
    FAILS(EPERM, SYS_personality, 1);
    WORKS(SYS_personality, ADDR_NO_RANDOMIZE);
    HOLDS(syscall(SYS_personality, 0xffffffffUL) == ADDR_NO_RANDOMIZE);
    HOLDS(syscall(SYS_personality, -1L) == ADDR_NO_RANDOMIZE);
    WORKS(SYS_personality, PER_LINUX32);
    WORKS(SYS_personality, PER_LINUX);
}

static void personality_without(struct report *report)
{
    WORKS(SYS_personality, READ_IMPLIES_EXEC | HIGH_BITS);
    WORKS(SYS_personality, 0);
}

static void personality_strict(struct report *report)
{
    FAILS(EPERM, SYS_personality, 0);
    FAILS(EPERM, SYS_personality, 0xffffffffUL);
}

Test(syscalls, personality)
{
    expect_good(NULL, personality_without);
    expect_good(&by_default, personality_default);
    expect_good(&strict, personality_strict);
}

/* the plain lists */

static void refused_everywhere(struct report *report)
{
    FAILS(EPERM, SYS_io_uring_setup, 1, NULL);
    FAILS(EPERM, SYS_io_uring_enter, -1, 0, 0, 0, NULL, 0);
    FAILS(EPERM, SYS_io_uring_register, -1, 0, NULL, 0);
    FAILS(EPERM, SYS_add_key, NULL, NULL, NULL, 0, 0);
    FAILS(EPERM, SYS_request_key, NULL, NULL, NULL, 0);
    FAILS(EPERM, SYS_keyctl, 0, 0, 0, 0, 0);
    FAILS(EPERM, SYS_bpf, 99, NULL, 0);
    FAILS(EPERM, SYS_userfaultfd, 1);
    FAILS(EPERM, SYS_perf_event_open, NULL, 0, -1, -1, 0);
    FAILS(EPERM, SYS_mount, NULL, 1L, NULL, 0, NULL);
    FAILS(EPERM, SYS_umount2, "/", 0);
    FAILS(EPERM, SYS_pivot_root, NULL, NULL);
    FAILS(EPERM, SYS_open_tree, -1, NULL, 0);
    FAILS(EPERM, SYS_move_mount, -1, NULL, -1, NULL, 0);
    FAILS(EPERM, SYS_fsopen, NULL, 0);
    FAILS(EPERM, SYS_fsconfig, -1, 0, NULL, NULL, 0);
    FAILS(EPERM, SYS_fsmount, -1, 0, 0);
    FAILS(EPERM, SYS_fspick, -1, NULL, 0);
    FAILS(EPERM, SYS_mount_setattr, -1, NULL, 0, NULL, 0);
    FAILS(EPERM, 467, -1, NULL, 0, NULL, 0); /* open_tree_attr */
    FAILS(EPERM, SYS_open_by_handle_at, -1, NULL, 0);
    FAILS(EPERM, SYS_kexec_load, 0, 0, NULL, 0);
    FAILS(EPERM, SYS_kexec_file_load, -1, -1, 0, NULL, 0);
    FAILS(EPERM, SYS_init_module, NULL, 0, NULL);
    FAILS(EPERM, SYS_finit_module, -1, NULL, 0);
    FAILS(EPERM, SYS_delete_module, NULL, 0);
    FAILS(EPERM, SYS_swapon, NULL, 0);
    FAILS(EPERM, SYS_swapoff, NULL);
    FAILS(EPERM, SYS_reboot, 0, 0, 0, NULL);
    FAILS(EPERM, SYS_quotactl, 0, NULL, 0, NULL);
    FAILS(EPERM, SYS_quotactl_fd, -1, 0, 0, NULL);
    FAILS(EPERM, SYS_acct, 1L);
    FAILS(EPERM, SYS_syslog, 99, NULL, 0);
    FAILS(EPERM, SYS_settimeofday, 1L, 1L);
    FAILS(EPERM, SYS_clock_settime, 0, NULL);
    FAILS(EPERM, SYS_sethostname, NULL, 0);
    FAILS(EPERM, SYS_fanotify_init, 99, 99);
    FAILS(EPERM, 460, 0, NULL, 0, 0); /* lsm_set_self_attr */
#ifdef __x86_64__
    FAILS(EPERM, SYS_iopl, 99);
    FAILS(EPERM, SYS_ioperm, -1L, 1, 1);
    FAILS(EPERM, SYS_modify_ldt, 99, NULL, 0);
#endif
    FAILS(ENOSYS, 9999);
    FAILS(ENOSYS, 600);
    FAILS(ENOSYS, -1L);
    FAILS(ENOSYS, SYS_nfsservctl);
}

/* Without the filter these say something else: it is the filter that refuses. */
static void refused_without(struct report *report)
{
    FAILS(EFAULT, SYS_mount, NULL, 1L, NULL, 0, NULL);
    FAILS(EINVAL, SYS_open_tree, -1, NULL, -1);
    FAILS(EFAULT, SYS_add_key, NULL, NULL, NULL, 0, 0);
    FAILS(EFAULT, SYS_clock_settime, 0, 1L);
    FAILS(EFAULT, SYS_settimeofday, 1L, 1L);
}

static void allowed_by_default(struct report *report)
{
    char byte = 'x', copy = 0;
    struct iovec local = {&copy, 1}, remote = {&byte, 1};
    struct timespec now;
    int status = -1;
    pid_t child;

    WORKS(SYS_process_vm_readv, getpid(), &local, 1UL, &remote, 1UL, 0UL);
    HOLDS(copy == 'x');
    WORKS(SYS_clock_gettime, CLOCK_REALTIME, &now);
    WORKS(SYS_inotify_init1, IN_CLOEXEC);
    FAILS(ENOENT, SYS_shmget, 0x7b0c5, 1UL, 0);
    /* The version, or "not enabled" where the kernel lacks it. */
    HOLDS(syscall(SYS_landlock_create_ruleset, NULL, 0UL, 1U) > 0 || errno == EOPNOTSUPP);
    FAILS(EFAULT, SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, NULL);
    FAILS(EBADF, SYS_mknodat, -1, "x", S_IFSOCK | 0600, 0);
    FAILS(EBADF, SYS_name_to_handle_at, -1, "x", &status, &status, 0);
    child = fork();
    if (child == 0) {
        syscall(SYS_ptrace, 0 /* PTRACE_TRACEME */, 0, 0, 0);
        raise(SIGSTOP);
        _exit(5);
    }
    HOLDS(waitpid(child, &status, 0) == child && WIFSTOPPED(status));
    WORKS(SYS_ptrace, 7 /* PTRACE_CONT */, child, 0, 0);
    HOLDS(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 5);
}

static void refused_by_strict(struct report *report)
{
    FAILS(EPERM, SYS_process_vm_readv, getpid(), NULL, 0UL, NULL, 0UL, 0UL);
    FAILS(EPERM, SYS_ptrace, 0, 0, 0, 0);
    FAILS(EPERM, SYS_shmget, 0x7b0c5, 1UL, 0);
    FAILS(EPERM, SYS_mknodat, -1, "x", 0, 0);
    FAILS(EPERM, SYS_mknodat, -1, "x", S_IFREG | 0600, 0);
    FAILS(EPERM, SYS_mknodat, -1, "x", S_IFCHR | 0600, 0x103);
    FAILS(EBADF, SYS_mknodat, -1, "x", S_IFIFO | 0600, 0);
    FAILS(EBADF, SYS_mknodat, -1, "x", S_IFIFO | 0600 | HIGH_BITS, 0);
    FAILS(EPERM, SYS_inotify_init1, 0);
    FAILS(EPERM, SYS_mbind, NULL, 0UL, 0, NULL, 0UL, 0U);
    FAILS(EPERM, SYS_io_setup, 0, NULL);
    FAILS(EPERM, SYS_vmsplice, -1, NULL, 0UL, 0);
}

Test(syscalls, lists)
{
    expect_good(NULL, refused_without);
    expect_good(NULL, allowed_by_default);
    expect_good(&by_default, refused_everywhere);
    expect_good(&by_default, allowed_by_default);
    expect_good(&strict, refused_everywhere);
    expect_good(&strict, refused_by_strict);
}

/* Calls newer than libseccomp: where the filter lets them pass, the kernel answers alike. */
Test(syscalls, newer_than_libseccomp)
{
    static const struct {
        const char *name;
        int number;
    } calls[] = {
        {"fchmodat2", 452},        {"cachestat", 451},    {"mseal", 462},
        {"futex_waitv", 449},      {"futex_wake", 454},   {"futex_wait", 455},
        {"futex_requeue", 456},    {"statmount", 457},    {"listmount", 458},
        {"setxattrat", 463},       {"getxattrat", 464},   {"listxattrat", 465},
        {"removexattrat", 466},    {"file_getattr", 468}, {"file_setattr", 469},
        {"map_shadow_stack", 453},
    };
    struct seccomp_rule *rules;
    size_t count;
    _cleanup_arena_ struct arena *arena = arena_new();

    cr_assert_eq(syscalls_rules(arena, &by_default, &rules, &count, NULL), 0);
    for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
        bool allowed = false;

        cr_expect_eq(seccomp_syscall_number(calls[i].name), calls[i].number, "%s", calls[i].name);
        for (size_t j = 0; j < count; j++)
            if (strcmp(rules[j].name, calls[i].name) == 0)
                allowed = rules[j].verdict == SECCOMP_ALLOW;
        cr_expect(allowed, "%s", calls[i].name);
    }
}

/* foreign architectures */

#ifdef __x86_64__
static void call_as_i386(struct report *report)
{
    int result = 20; /* getpid of i386 */

    __asm__ volatile("int $0x80" : "+a"(result) : : "memory");
    HOLDS(result == getpid());
}

static void call_as_x32(struct report *report)
{
    long result = syscall(0x40000000L | SYS_getpid);

    HOLDS(result == getpid() || (result == -1 && errno == ENOSYS));
}

Test(syscalls, foreign_i386)
{
    struct report report;

    if (run(NULL, call_as_i386, &report) != 0)
        cr_skip_test("the kernel has no i386 emulation");
    expect_killed(&by_default, call_as_i386, SIGSYS);
    expect_killed(&strict, call_as_i386, SIGSYS);
    expect_killed(&with_userns, call_as_i386, SIGSYS);
}

Test(syscalls, foreign_x32)
{
    expect_good(NULL, call_as_x32);
    expect_killed(&by_default, call_as_x32, SIGSYS);
    expect_killed(&strict, call_as_x32, SIGSYS);
    expect_killed(&with_userns, call_as_x32, SIGSYS);
}
#endif
