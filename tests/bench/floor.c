/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench-floor COMMAND [ARG...]: what the kernel makes anyone pay.
 *
 * One clone into the namespaces of sbx's default run, the least mounts that give a read-only view
 * with a /proc and a /tmp of its own, loopback, one small system-call filter, a pid 1 that reaps,
 * and the command.  No profile, no policy, no masks, no Landlock, no check: nothing less is a
 * sandbox of this kind, and whatever a real one takes longer than this is its own doing.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAMESPACES                                                                                 \
    (CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP |  \
     CLONE_NEWNET)

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "add the architecture's AUDIT_ARCH_*"
#endif

static void must(long result, const char *what)
{
    if (result < 0)
        err(125, "bench-floor: %s", what);
}

static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    must(fd, path);
    must(write(fd, text, strlen(text)), path);
    close(fd);
}

static void map_ids(uid_t uid, gid_t gid)
{
    char text[64];

    write_file("/proc/self/setgroups", "deny");
    snprintf(text, sizeof(text), "%u %u 1", uid, uid);
    write_file("/proc/self/uid_map", text);
    snprintf(text, sizeof(text), "%u %u 1", gid, gid);
    write_file("/proc/self/gid_map", text);
}

/** The host's tree, read-only, with a fresh /proc and /tmp, becomes the root. */
static void make_view(void)
{
    struct mount_attr attributes = {
        .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID,
        .propagation = MS_PRIVATE,
    };
    int tree = (int)syscall(SYS_open_tree, AT_FDCWD, "/",
                            OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);

    must(tree, "open_tree");
    must(syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes,
                 sizeof(attributes)),
         "mount_setattr");
    must(syscall(SYS_move_mount, tree, "", AT_FDCWD, "/tmp", MOVE_MOUNT_F_EMPTY_PATH),
         "move_mount");
    must(fchdir(tree), "fchdir");
    close(tree);
    must(mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL), "/proc");
    must(mount("tmpfs", "tmp", "tmpfs", MS_NOSUID | MS_NODEV, NULL), "/tmp");
    must(syscall(SYS_pivot_root, ".", "."), "pivot_root");
    must(umount2(".", MNT_DETACH), "umount2");
}

static void raise_loopback(void)
{
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    must(fd, "socket");
    must(ioctl(fd, SIOCSIFFLAGS, &request), "loopback");
    close(fd);
}

static void load_filter(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_keyctl, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = sizeof(code) / sizeof(*code), .filter = code};

    must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
    must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0), "seccomp");
}

static int exit_code(int status)
{
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/** What pid 1 does: start the command, reap, and end as it ends. */
static int be_init(char **command)
{
    pid_t first = vfork();
    pid_t pid;
    int status;

    must(first, "vfork");
    if (first == 0) {
        execvp(command[0], command);
        warn("bench-floor: %s", command[0]);
        _exit(127);
    }
    do
        pid = wait(&status);
    while (pid != first);
    return exit_code(status);
}

int main(int argc, char **argv)
{
    struct clone_args arguments = {.flags = NAMESPACES, .exit_signal = SIGCHLD};
    uid_t uid = geteuid();
    gid_t gid = getegid();
    char directory[4096];
    int status;
    pid_t pid;

    if (argc < 2)
        errx(125, "usage: bench-floor COMMAND [ARG...]");
    if (getcwd(directory, sizeof(directory)) == NULL)
        err(125, "bench-floor: working directory");
    pid = (pid_t)syscall(SYS_clone3, &arguments, sizeof(arguments));
    must(pid, "clone3");
    if (pid == 0) {
        must(prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0), "death signal");
        map_ids(uid, gid);
        make_view();
        raise_loopback();
        if (chdir(directory) < 0)
            must(chdir("/"), "working directory");
        load_filter();
        _exit(be_init(argv + 1));
    }
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            err(125, "bench-floor: waitpid");
    return exit_code(status);
}
