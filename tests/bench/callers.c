/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench-callers -c CALLERS -m MILLISECONDS COMMAND [ARG...]: launches a second
 *
 * Each caller is a process that starts the command again and again until the time is over; what
 * was started by then is waited for, and counts.  Prints {"launches": N, "seconds": S}.  A command
 * that fails ends the whole with exit code 1.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CALLERS = 64 };

static int64_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void launch(char **command)
{
    extern char **environ;
    posix_spawn_file_actions_t actions;
    int status;
    int result;
    pid_t pid;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    result = posix_spawnp(&pid, command[0], &actions, NULL, command, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (result != 0) {
        errno = result;
        err(1, "%s", command[0]);
    }
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            err(1, "waitpid");
    if (status != 0)
        errx(1, "%s failed: status 0x%x", command[0], (unsigned)status);
}

static long number(const char *text, long limit)
{
    char *end;
    long value = strtol(text, &end, 10);

    if (end == text || *end != '\0' || value < 1 || value > limit)
        errx(2, "not a number from 1 to %ld: %s", limit, text);
    return value;
}

static void wait_for(int count)
{
    int failed = 0;
    int status;

    while (count-- > 0) {
        if (wait(&status) < 0)
            err(1, "wait");
        failed |= status;
    }
    if (failed != 0)
        exit(1);
}

int main(int argc, char **argv)
{
    long callers = 1;
    long milliseconds = 1000;
    uint64_t *launches;
    uint64_t sum = 0;
    int64_t begin;
    int option;

    while ((option = getopt(argc, argv, "+c:m:")) != -1) {
        if (option == 'c')
            callers = number(optarg, MAX_CALLERS);
        else if (option == 'm')
            milliseconds = number(optarg, 1000000);
        else
            return 2;
    }
    if (optind == argc)
        errx(2, "usage: bench-callers -c CALLERS -m MILLISECONDS COMMAND [ARG...]");
    launches = mmap(NULL, MAX_CALLERS * sizeof(*launches), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (launches == MAP_FAILED)
        err(1, "mmap");
    begin = now();
    for (long i = 0; i < callers; i++) {
        pid_t pid = fork();

        if (pid < 0)
            err(1, "fork");
        if (pid > 0)
            continue;
        while (now() - begin < milliseconds * 1000000) {
            launch(argv + optind);
            launches[i]++;
        }
        _exit(0);
    }
    wait_for((int)callers);
    for (long i = 0; i < callers; i++)
        sum += launches[i];
    printf("{\"launches\": %llu, \"seconds\": %.6f}\n", (unsigned long long)sum,
           (double)(now() - begin) / 1e9);
    return 0;
}
