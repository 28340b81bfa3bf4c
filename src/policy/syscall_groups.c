/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The system-call policies, to be read from top to bottom.
 *
 *   default   what compilers, interpreters, databases, debuggers and network programs use
 *   strict    what a shell, the core utilities, a C compiler and Python need; IN_BOTH below.
 *             No debugging of other processes, no sockets but AF_UNIX, no SysV or POSIX message
 *             passing, no nodes but FIFOs, no personality, no memory placement, no zero-copy pipes
 *   userns    default or strict, and what a program needs to make a sandbox of its own (--userns)
 *
 * A call in no list fails with ENOSYS, as on a kernel that doesn't have it: programs then do
 * without.  A call that is known and refused fails with EPERM, and the reason stands above it.
 * Programs of a foreign architecture (i386, x32) are killed: nobody has reviewed their calls.
 *
 * A new kernel's calls are unknown until someone puts them into one of the lists; dead ones
 * (uselib, ustat, sysfs, nfsservctl, ...) stay unknown.
 */
#include "policy/syscall_groups.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

const struct syscall_group syscall_groups[] = {
    /* Read and write what is open, and wait for it. */
    {"io", IN_BOTH,
     CALLS("close", "close_range", "copy_file_range", "dup", "dup2", "dup3", "epoll_create",
           "epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_pwait2", "epoll_wait", "eventfd",
           "eventfd2", "fadvise64", "fdatasync", "flock", "fsync", "lseek", "pipe", "pipe2", "poll",
           "ppoll", "pread64", "preadv", "preadv2", "pselect6", "pwrite64", "pwritev", "pwritev2",
           "read", "readahead", "readv", "select", "sendfile", "signalfd", "signalfd4", "sync",
           "sync_file_range", "syncfs", "timerfd_create", "timerfd_gettime", "timerfd_settime",
           "write", "writev")},

    /* Files by name and their attributes: the view and the file modes decide.  What gives a file
     * its mode is below. */
    {"files", IN_BOTH,
     CALLS("access", "chdir", "chown", "faccessat", "faccessat2", "fallocate", "fchdir", "fchown",
           "fchownat", "fgetxattr", "file_getattr", "file_setattr", "flistxattr", "fremovexattr",
           "fsetxattr", "fstat", "fstatfs", "ftruncate", "futimesat", "getcwd", "getdents",
           "getdents64", "getxattr", "getxattrat", "lchown", "lgetxattr", "link", "linkat",
           "listxattr", "listxattrat", "llistxattr", "lremovexattr", "lsetxattr", "lstat", "mkdir",
           "mkdirat", "newfstatat", "readlink", "readlinkat", "removexattr", "removexattrat",
           "rename", "renameat", "renameat2", "rmdir", "setxattr", "setxattrat", "stat", "statfs",
           "statx", "symlink", "symlinkat", "truncate", "umask", "unlink", "unlinkat", "utime",
           "utimensat", "utimes")},

    /* Memory of the process itself. */
    {"memory", IN_BOTH,
     CALLS("brk", "madvise", "map_shadow_stack", "membarrier", "memfd_create", "mlock", "mlock2",
           "mlockall", "mmap", "mprotect", "mremap", "mseal", "msync", "munlock", "munlockall",
           "munmap", "pkey_alloc", "pkey_free", "pkey_mprotect")},

    /* Start, end and wait for processes; clone and unshare are below. */
    {"processes", IN_BOTH,
     CALLS("execve", "execveat", "exit", "exit_group", "fork", "getpgid", "getpgrp", "getpid",
           "getppid", "getsid", "gettid", "pidfd_open", "pidfd_send_signal", "prctl", "setpgid",
           "setsid", "vfork", "wait4", "waitid")},

    /* Threads, their locks, and what a C library sets up at its start. */
    {"threads", IN_BOTH,
     CALLS("arch_prctl", "futex", "futex_requeue", "futex_wait", "futex_waitv", "futex_wake",
           "get_robust_list", "getcpu", "riscv_flush_icache", "rseq", "set_robust_list",
           "set_tid_address")},

    /* Signals: the PID namespace bounds whom they reach. */
    {"signals", IN_BOTH,
     CALLS("kill", "pause", "restart_syscall", "rt_sigaction", "rt_sigpending", "rt_sigprocmask",
           "rt_sigqueueinfo", "rt_sigreturn", "rt_sigsuspend", "rt_sigtimedwait",
           "rt_tgsigqueueinfo", "sigaltstack", "tgkill", "tkill")},

    /* Clocks and timers.  adjtimex and clock_adjtime also read; the kernel refuses the setting. */
    {"time", IN_BOTH,
     CALLS("adjtimex", "alarm", "clock_adjtime", "clock_getres", "clock_gettime", "clock_nanosleep",
           "getitimer", "gettimeofday", "nanosleep", "setitimer", "time", "timer_create",
           "timer_delete", "timer_getoverrun", "timer_gettime", "timer_settime", "times")},

    /* Scheduling within the kernel's rules for users without privileges; what could reach pid 1 is
     * below. */
    {"scheduling", IN_BOTH,
     CALLS("getpriority", "ioprio_get", "ioprio_set", "sched_get_priority_max",
           "sched_get_priority_min", "sched_getaffinity", "sched_getattr", "sched_getparam",
           "sched_getscheduler", "sched_rr_get_interval", "sched_yield")},

    /* Ids and capabilities: one id is mapped and the capability sets are empty. */
    {"identity", IN_BOTH,
     CALLS("capget", "capset", "getegid", "geteuid", "getgid", "getgroups", "getresgid",
           "getresuid", "getuid", "setfsgid", "setfsuid", "setgid", "setgroups", "setregid",
           "setresgid", "setresuid", "setreuid", "setuid")},

    /* Facts about the system and the process's limits; setrlimit and prlimit64 are below. */
    {"system", IN_BOTH,
     CALLS("getrandom", "getrlimit", "getrusage", "listmount", "statmount", "sysinfo", "uname")},

    /* A program may sandbox itself further. */
    {"sandboxing", IN_BOTH,
     CALLS("landlock_add_rule", "landlock_create_ruleset", "landlock_restrict_self", "seccomp")},

    /* Work on sockets that exist; which may be made is below. */
    {"sockets", IN_BOTH,
     CALLS("accept", "accept4", "bind", "connect", "getpeername", "getsockname", "getsockopt",
           "listen", "recvfrom", "recvmmsg", "recvmsg", "sendmmsg", "sendmsg", "sendto",
           "setsockopt", "shutdown")},

    /* The kernel itself puts these into a program that an administrator's uprobe watches. */
    {"uprobes", IN_BOTH, CALLS("uprobe", "uretprobe")},

    /* Debuggers, strace and sanitizers: the PID namespace bounds whom they reach. */
    {"debugging", IN_DEFAULT,
     CALLS("kcmp", "pidfd_getfd", "process_madvise", "process_mrelease", "process_vm_readv",
           "process_vm_writev", "ptrace")},

    /* SysV IPC and POSIX message queues: the IPC namespace is the sandbox's own. */
    {"ipc", IN_DEFAULT,
     CALLS("mq_getsetattr", "mq_notify", "mq_open", "mq_timedreceive", "mq_timedsend", "mq_unlink",
           "msgctl", "msgget", "msgrcv", "msgsnd", "semctl", "semget", "semop", "semtimedop",
           "shmat", "shmctl", "shmdt", "shmget")},

    /* Placement of memory on a machine's nodes: Java, databases. */
    {"memory-placement", IN_DEFAULT,
     CALLS("get_mempolicy", "mbind", "migrate_pages", "move_pages", "set_mempolicy",
           "set_mempolicy_home_node")},

    /* What is in memory, memory hidden from the kernel, and a call that old databases use. */
    {"memory-more", IN_DEFAULT, CALLS("cachestat", "memfd_secret", "mincore", "remap_file_pages")},

    /* Asynchronous I/O of the old kind: databases, ffmpeg. */
    {"aio", IN_DEFAULT,
     CALLS("io_cancel", "io_destroy", "io_getevents", "io_pgetevents", "io_setup", "io_submit")},

    /* Pages moved between pipes without a copy. */
    {"splice", IN_DEFAULT, CALLS("splice", "tee", "vmsplice")},

    /* Changes of files. */
    {"watch", IN_DEFAULT,
     CALLS("inotify_add_watch", "inotify_init", "inotify_init1", "inotify_rm_watch")},

    /* A file's lasting number; without open_by_handle_at it opens nothing. */
    {"handles", IN_DEFAULT, CALLS("name_to_handle_at")},

    /* The process's own security label, to read. */
    {"labels", IN_DEFAULT, CALLS("lsm_get_self_attr", "lsm_list_modules")},
};

/* In clone the bit of CLONE_NEWTIME belongs to the number of the exit signal. */
#define CLONE_NAMESPACES                                                                           \
    (CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUSER |  \
     CLONE_NEWUTS)
#define UNSHARE_HARMLESS                                                                           \
    (CLONE_FILES | CLONE_FS | CLONE_SIGHAND | CLONE_SYSVSEM | CLONE_THREAD | CLONE_VM)
/* PER_LINUX and PER_LINUX32 with these; not READ_IMPLIES_EXEC and its like. */
#define PERSONALITY_HARMLESS (PER_LINUX32 | ADDR_NO_RANDOMIZE | UNAME26)
#ifdef __s390__
#error "the flags are the second argument of clone here"
#endif

/* The flag by which the kernel knows O_TMPFILE; O_DIRECTORY in it is for kernels that don't. */
#define TMPFILE_FLAG (O_TMPFILE & ~O_DIRECTORY)

/* F_SETDELEG of newer kernels does what a lease does. */
#define SET_DELEGATION 1040

/* clang-format off */
/* Refuse a set-user-ID bit in the mode that is argument @mode; */
#define FAIL_IF_SETUID(call, mode) \
    {IN_BOTH, FAIL_IF(call, EPERM, ALL_OF(mode, S_ISUID))}
/* the same where argument @flags has @flag. */
#define FAIL_IF_SETUID_WITH(call, flags, flag, mode) \
    {IN_BOTH, FAIL_IF(call, EPERM, ALL_OF(flags, flag), ALL_OF(mode, S_ISUID))}
/* clang-format on */

/* Of the rules for one call the first that fits decides. */
const struct syscall_condition syscall_conditions[] = {
    /* A new namespace gives capabilities in it, and with them most of the kernel's attack surface;
     * in a mount namespace of its own a program could also undo read-only mounts. */
    {IN_BOTH, ALLOW_IF("clone", NONE_OF(0, CLONE_NAMESPACES))},
    {IN_BOTH, ELSE_FAIL("clone", EPERM)},
    /* The same; and the other way round, as unshare still gets new flags. */
    {IN_BOTH, ALLOW_IF("unshare", NONE_BUT(0, UNSHARE_HARMLESS))},
    {IN_BOTH, ELSE_FAIL("unshare", EPERM)},

    /* These two put input into the terminal, which the caller's shell reads when sbx is gone. */
    {IN_BOTH, FAIL_IF("ioctl", EPERM, INT(1, TIOCSTI))},
    {IN_BOTH, FAIL_IF("ioctl", EPERM, INT(1, TIOCLINUX))},
    /* The terminal's owner could not open it again, and the mark stays when sbx is gone. */
    {IN_BOTH, FAIL_IF("ioctl", EPERM, INT(1, TIOCEXCL))},
    /* Loads and runs a line discipline in the kernel: old code for modems and amateur radio. */
    {IN_BOTH, FAIL_IF("ioctl", EPERM, INT(1, TIOCSETD))},
    /* Takes the messages of the machine's console. */
    {IN_BOTH, FAIL_IF("ioctl", EPERM, INT(1, TIOCCONS))},
    /* Whoever sits at a virtual console would be left without keyboard or screen: its modes, its
     * maps and its fonts (KDSKBMODE, VT_SETMODE, ...; ioctl_console(2)) stay when sbx is gone. */
    {IN_BOTH, FAIL_IF("ioctl", EPERM, REQUESTS_OF(1, 'K'))},
    {IN_BOTH, FAIL_IF("ioctl", EPERM, REQUESTS_OF(1, 'V'))},
    {IN_BOTH, ELSE_ALLOW("ioctl")},

    /* A lease on a file that the caller owns stops whoever opens it on the host, until the lease
     * is given back or the kernel's time for that has passed; then a new one can be taken. */
    {IN_BOTH, FAIL_IF("fcntl", EPERM, INT(1, F_SETLEASE))},
    {IN_BOTH, FAIL_IF("fcntl", EPERM, INT(1, SET_DELEGATION))},
    {IN_BOTH, ELSE_ALLOW("fcntl")},

    /* A set-user-ID program in a writable directory would outlive the sandbox: nosuid holds inside
     * only, and an accomplice on the host who runs the file gets the caller's uid.  The
     * set-group-ID bit passes: a filter can't see what a path names, the directories of a team
     * carry it, and every chmod of such a directory keeps it.
     * mkdir and mkdirat need no rule: the kernel drops the bit from their mode. */
    FAIL_IF_SETUID("chmod", 1),
    {IN_BOTH, ELSE_ALLOW("chmod")},
    FAIL_IF_SETUID("fchmod", 1),
    {IN_BOTH, ELSE_ALLOW("fchmod")},
    FAIL_IF_SETUID("fchmodat", 2),
    {IN_BOTH, ELSE_ALLOW("fchmodat")},
    FAIL_IF_SETUID("fchmodat2", 2),
    {IN_BOTH, ELSE_ALLOW("fchmodat2")},
    FAIL_IF_SETUID("creat", 1),
    {IN_BOTH, ELSE_ALLOW("creat")},
    /* Here the mode counts only if a file may be made; else it is what a register happens to hold,
     * and must not make an ordinary open fail.  O_TRUNC without writing is refused only where a
     * file is given to be read and Landlock is too old (Linux 6.1) to keep the command from
     * emptying it by its link in /proc/self/fd; there truncate is refused as well. */
    {WITH_KEPT_FILES, FAIL_IF("open", EPERM, EMPTIED_BUT_READ(1))},
    {WITH_KEPT_FILES, FAIL_IF("open", EPERM, EMPTIED_FOR_IOCTL(1))},
    FAIL_IF_SETUID_WITH("open", 1, O_CREAT, 2),
    FAIL_IF_SETUID_WITH("open", 1, TMPFILE_FLAG, 2),
    {IN_BOTH, ELSE_ALLOW("open")},
    {WITH_KEPT_FILES, FAIL_IF("openat", EPERM, EMPTIED_BUT_READ(2))},
    {WITH_KEPT_FILES, FAIL_IF("openat", EPERM, EMPTIED_FOR_IOCTL(2))},
    FAIL_IF_SETUID_WITH("openat", 2, O_CREAT, 3),
    FAIL_IF_SETUID_WITH("openat", 2, TMPFILE_FLAG, 3),
    {IN_BOTH, ELSE_ALLOW("openat")},

    /* Pid 1 is the sandbox's init: with the lowest priority, or on a processor that others keep
     * busy, it would answer late or never.  In a PID namespace below (--userns) 1 is another
     * process, which can't be told from here.  A whole user has init among them; and so may a
     * process group, since a process can join init's (setpgid) and then say 0 for its own. */
    {IN_BOTH, FAIL_IF("setpriority", EPERM, INT(0, PRIO_PROCESS), INT(1, 1))},
    {IN_BOTH, ALLOW_IF("setpriority", INT(0, PRIO_PROCESS))},
    {IN_BOTH, ELSE_FAIL("setpriority", EPERM)},
    {IN_BOTH, FAIL_IF("sched_setaffinity", EPERM, INT(0, 1))},
    {IN_BOTH, ELSE_ALLOW("sched_setaffinity")},
    {IN_BOTH, FAIL_IF("sched_setattr", EPERM, INT(0, 1))},
    {IN_BOTH, ELSE_ALLOW("sched_setattr")},
    {IN_BOTH, FAIL_IF("sched_setparam", EPERM, INT(0, 1))},
    {IN_BOTH, ELSE_ALLOW("sched_setparam")},
    {IN_BOTH, FAIL_IF("sched_setscheduler", EPERM, INT(0, 1))},
    {IN_BOTH, ELSE_ALLOW("sched_setscheduler")},

    /* The limit of 1 for cores keeps the host's core_pattern program away from the command; 0
     * would start it again.  Programs that set it (gpg, ssh-agent) want no core, and get none: they
     * are told so.  The old value can't be filled in here, so asking for both is refused. */
    {IN_BOTH, FAIL_IF("setrlimit", EFAULT, INT(0, RLIMIT_CORE), NULL_POINTER(1))},
    {IN_BOTH, FAIL_IF("setrlimit", 0, INT(0, RLIMIT_CORE))},
    {IN_BOTH, ELSE_ALLOW("setrlimit")},
    {IN_BOTH, ALLOW_IF("prlimit64", INT(0, 0), INT(1, RLIMIT_CORE), NULL_POINTER(2))},
    {IN_BOTH, FAIL_IF("prlimit64", 0, INT(0, 0), INT(1, RLIMIT_CORE), NULL_POINTER(3))},
    {IN_BOTH, FAIL_IF("prlimit64", EPERM, INT(0, 0), INT(1, RLIMIT_CORE))},
    {IN_BOTH, ALLOW_IF("prlimit64", INT(0, 0))},
    /* Another process's limits: RLIMIT_CPU for pid 1 would end the sandbox as if by itself. */
    {IN_BOTH, ELSE_FAIL("prlimit64", EPERM)},

    /* AF_VSOCK reaches the hypervisor, AF_ALG and many others load kernel modules that hardly
     * anyone has looked at.  EAFNOSUPPORT is what a kernel without them says. */
    {IN_BOTH, ALLOW_IF("socket", INT(0, AF_UNIX))},
    {IN_DEFAULT, ALLOW_IF("socket", INT(0, AF_INET))},
    {IN_DEFAULT, ALLOW_IF("socket", INT(0, AF_INET6))},
    /* Netlink for interfaces and routes (getifaddrs) and for device events (libudev) only. */
    {IN_DEFAULT, ALLOW_IF("socket", INT(0, AF_NETLINK), INT(2, NETLINK_ROUTE))},
    {IN_DEFAULT, ALLOW_IF("socket", INT(0, AF_NETLINK), INT(2, NETLINK_KOBJECT_UEVENT))},
    {IN_BOTH, ELSE_FAIL("socket", EAFNOSUPPORT)},
    /* Beside AF_UNIX only exotic families (TIPC) have pairs. */
    {IN_BOTH, ALLOW_IF("socketpair", INT(0, AF_UNIX))},
    {IN_BOTH, ELSE_FAIL("socketpair", EAFNOSUPPORT)},

    /* The kernel itself refuses device nodes; strict lets FIFOs pass and doesn't rely on that.
     * They make regular files as well, so the mode is looked at as in chmod. */
    FAIL_IF_SETUID("mknod", 1),
    {IN_STRICT, ALLOW_IF("mknod", FILE_TYPE(1, S_IFIFO))},
    {IN_STRICT, ELSE_FAIL("mknod", EPERM)},
    {IN_DEFAULT, ELSE_ALLOW("mknod")},
    FAIL_IF_SETUID("mknodat", 2),
    {IN_STRICT, ALLOW_IF("mknodat", FILE_TYPE(2, S_IFIFO))},
    {IN_STRICT, ELSE_FAIL("mknodat", EPERM)},
    {IN_DEFAULT, ELSE_ALLOW("mknodat")},

    /* Most personalities are emulations of dead systems that weaken memory protection; gdb and
     * some builds switch address randomisation off, setarch asks for 32 bits. */
    {IN_DEFAULT, ALLOW_IF("personality", INT_NONE_BUT(0, PERSONALITY_HARMLESS))},
    {IN_DEFAULT, ALLOW_IF("personality", INT(0, 0xffffffff))}, /* asks for the current one */
    {IN_DEFAULT, ELSE_FAIL("personality", EPERM)},
};

const struct syscall_refusal syscall_refusals[] = {
    /* Its flags lie in memory, out of a filter's sight; C libraries then use clone. */
    {ENOSYS, CALLS("clone3")},

    /* Its flags and mode lie in memory too, and the mode could make a set-user-ID program; whoever
     * uses it falls back to openat. */
    {ENOSYS, CALLS("openat2")},

    /* Enters a namespace of someone else. */
    {EPERM, CALLS("setns")},

    /* Does what other system calls do without passing this filter, and has had many holes. */
    {EPERM, CALLS("io_uring_enter", "io_uring_register", "io_uring_setup")},

    /* Keyrings have no namespace: the caller's keys are in reach. */
    {EPERM, CALLS("add_key", "keyctl", "request_key")},

    /* Code in the kernel. */
    {EPERM, CALLS("bpf", "delete_module", "finit_module", "init_module")},

    /* Stops the kernel in the middle of a copy from user memory: the tool of many exploits. */
    {EPERM, CALLS("userfaultfd")},

    /* A large interface that watches other processes and the kernel, with many past holes. */
    {EPERM, CALLS("perf_event_open")},

    /* The view is made; changing it could undo what is read-only or hidden in it. */
    {EPERM, CALLS("fsconfig", "fsmount", "fsopen", "fspick", "mount", "mount_setattr", "move_mount",
                  "open_tree", "open_tree_attr", "pivot_root", "umount", "umount2")},
    /* Needs a capability in any case; and with a directory open it leads out of the view. */
    {EPERM, CALLS("chroot")},

    /* Opens any file of a file system by its number, past the view. */
    {EPERM, CALLS("open_by_handle_at")},

    /* Reports what others do with files all over a mount. */
    {EPERM, CALLS("fanotify_init", "fanotify_mark")},

    /* The machine as a whole: its kernel, power, swap, clock, names, accounting and quotas. */
    {EPERM,
     CALLS("acct", "clock_settime", "kexec_file_load", "kexec_load", "quotactl", "quotactl_fd",
           "reboot", "setdomainname", "sethostname", "settimeofday", "swapoff", "swapon")},

    /* The kernel's log tells addresses and what goes on outside. */
    {EPERM, CALLS("syslog")},

    /* The hardware itself. */
    {EPERM, CALLS("ioperm", "iopl")},

    /* Hangs up the terminal that the caller shares. */
    {EPERM, CALLS("vhangup")},

    /* 16-bit segments: hardly used, and a source of holes. */
    {EPERM, CALLS("modify_ldt")},

    /* Turns a profiler's cookie into a path, whosever it is. */
    {EPERM, CALLS("lookup_dcookie")},

    /* Changes the security label that the host's security module goes by. */
    {EPERM, CALLS("lsm_set_self_attr")},
};

const char *const syscall_userns_calls[] = {
    /* clone and unshare with any flags; clone3 stays unknown, C libraries do without. */
    "clone",
    "setns",
    "unshare",
    /* A browser chroots its helpers; a container tool builds a view. */
    "chroot",
    "fsconfig",
    "fsmount",
    "fsopen",
    "fspick",
    "mount",
    "mount_setattr",
    "move_mount",
    "open_tree",
    "open_tree_attr",
    "pivot_root",
    "umount",
    "umount2",
    NULL,
};

const size_t syscall_group_count = ARRAY_SIZE(syscall_groups);
const size_t syscall_condition_count = ARRAY_SIZE(syscall_conditions);
const size_t syscall_refusal_count = ARRAY_SIZE(syscall_refusals);
