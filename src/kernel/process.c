/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

pid_t process_clone(uint64_t flags, int cgroup, int *ret_pidfd)
{
    struct clone_args arguments = {
        .flags = flags | CLONE_PIDFD | (cgroup >= 0 ? CLONE_INTO_CGROUP : 0),
        .pidfd = (uint64_t)(uintptr_t)ret_pidfd,
        .exit_signal = SIGCHLD,
        .cgroup = cgroup >= 0 ? (uint64_t)cgroup : 0,
    };
    long pid = syscall(SYS_clone3, &arguments, sizeof(arguments));

    /* A filter around the caller may hide clone3(2), whose arguments no filter can see; older
     * container managers do so with EPERM.  The flags wanted here are known to clone(2) as well,
     * but for that of a cgroup. */
    if (pid < 0 && (errno == ENOSYS || errno == EPERM) && cgroup < 0)
        pid = syscall(SYS_clone, flags | CLONE_PIDFD | SIGCHLD, NULL, ret_pidfd, NULL, NULL);
    return pid < 0 ? -errno : (pid_t)pid;
}

pid_t process_fork_as(pid_t number, int *ret_pidfd)
{
    struct clone_args arguments = {
        .flags = CLONE_PIDFD,
        .pidfd = (uint64_t)(uintptr_t)ret_pidfd,
        .exit_signal = SIGCHLD,
        .set_tid = (uint64_t)(uintptr_t)&number,
        .set_tid_size = 1,
    };
    long pid = syscall(SYS_clone3, &arguments, sizeof(arguments));

    return pid < 0 ? process_clone(0, -1, ret_pidfd) : (pid_t)pid;
}

/* Between fork and exec: system calls only.  Returns where @path can't be executed, with errno. */
static void become(const char *path, char *const *arguments, char *const *environment,
                   const int descriptors[static 3])
{
    int given[3];

    for (int i = 0; i < 3; i++) {
        int fd = descriptors[i] < 0 ? open("/dev/null", O_RDWR) : descriptors[i];

        /* above those that are overwritten */
        given[i] = fd < 0 ? -1 : fcntl(fd, F_DUPFD, 3);
        if (given[i] < 0)
            return;
    }
    for (int i = 0; i < 3; i++)
        if (dup2(given[i], i) < 0)
            return;
    if (syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
        execve(path, arguments, environment);
}

pid_t process_spawn(const char *path, char *const *arguments, char *const *environment,
                    const int descriptors[static 3])
{
    int ends[2]; /* an exec closes it */
    int number = 0;
    ssize_t got;
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    pid = fork();
    if (pid == 0) {
        int above = fcntl(ends[1], F_DUPFD_CLOEXEC, 3);

        become(path, arguments, environment, descriptors);
        number = errno;
        if (above < 0 || write(above, &number, sizeof(number)) != (ssize_t)sizeof(number))
            _exit(126);
        _exit(127);
    }
    number = pid < 0 ? errno : 0;
    close(ends[1]);
    do
        got = pid < 0 ? 0 : read(ends[0], &number, sizeof(number));
    while (got < 0 && errno == EINTR);
    close(ends[0]);
    if (pid < 0 || got == 0)
        return pid < 0 ? -number : pid;
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    return got == (ssize_t)sizeof(number) && number > 0 ? -number : -EIO;
}

int process_open(pid_t pid)
{
    long fd = syscall(SYS_pidfd_open, pid, 0U);

    return fd < 0 ? -errno : (int)fd;
}

int process_send_kill(int pidfd)
{
    return syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0U) < 0 ? -errno : 0;
}

void process_kill(int pidfd, pid_t pid)
{
    if (pidfd < 0 || pid <= 0)
        return;
    (void)process_send_kill(pidfd);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
}
