/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the benchmark runs inside and outside.
 *
 *   bench-load getppid COUNT   call getppid(2) so often; prints nanoseconds of CPU time per call
 *   bench-load write BYTES     write so many bytes, 64 KiB at a time, to standard output
 *   bench-load wait            print one byte, then wait for the end of standard input
 */
#include <err.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int64_t cpu_time(void)
{
    struct timespec time;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void call_getppid(long count)
{
    int64_t begin = cpu_time();

    for (long i = 0; i < count; i++)
        syscall(SYS_getppid);
    printf("%.2f\n", (double)(cpu_time() - begin) / (double)count);
}

static void write_bytes(long count)
{
    static char buffer[1 << 16];

    memset(buffer, 'x', sizeof(buffer));
    while (count > 0) {
        size_t size = count < (long)sizeof(buffer) ? (size_t)count : sizeof(buffer);
        ssize_t length = write(STDOUT_FILENO, buffer, size);

        if (length < 0 && errno != EINTR)
            err(1, "write");
        if (length > 0)
            count -= length;
    }
}

int main(int argc, char **argv)
{
    long count = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
    char byte;

    if (count > 0 && strcmp(argv[1], "getppid") == 0) {
        call_getppid(count);
    } else if (count > 0 && strcmp(argv[1], "write") == 0) {
        write_bytes(count);
    } else if (argc == 2 && strcmp(argv[1], "wait") == 0) {
        if (write(STDOUT_FILENO, "", 1) != 1)
            err(1, "write");
        while (read(STDIN_FILENO, &byte, 1) > 0)
            ;
    } else {
        errx(2, "usage: bench-load getppid COUNT | write BYTES | wait");
    }
    return 0;
}
