/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench-rounds [-r ROUNDS] [-w ROUNDS] [-t SECONDS] [-p MICROSECONDS] [-o null|pipe|pty]
 *              :: NAME COMMAND [ARG...] [:: NAME COMMAND [ARG...]]...
 *
 * Run each command once a round, in an order drawn anew for each round, and print the times as
 * JSON.  So what disturbs the machine for a while meets all commands alike, and the ratio of two
 * times of the same round means something where neither time alone does.
 *
 *   -r   rounds that count             -w   rounds before them that don't
 *   -t   no further round after so many seconds, where there have been three that count
 *   -p   shortest pause before each command; it is as long as the command before took, for the
 *        kernel takes a network namespace down when its last process is gone, and that work is
 *        the past command's
 *   -o   where standard output goes: nowhere, or through a pipe or a terminal to this program,
 *        which then measures from its first byte to its last
 *
 * Wall time is from before the vfork to the end of wait4(2); CPU time is that of the command and of
 * all descendants that were waited for.  A command that fails ends the whole with exit code 1: a
 * launch that didn't work has no time.  This program is static and does no fork of its own but that
 * of posix_spawn(3), which copies no page table: it adds the same few microseconds to each.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pty.h>
#include <spawn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CASES = 64, FEWEST_ROUNDS = 3 };

struct sample {
    int64_t wall; /* ns */
    int64_t cpu;  /* ns */
    int64_t flow; /* ns from the first byte to the last */
    int64_t size; /* bytes */
};

struct bench {
    int rounds;
    int warmup;
    int64_t limit; /* ns, 0: none */
    int64_t pause; /* ns */
    enum { OUTPUT_NULL, OUTPUT_PIPE, OUTPUT_PTY } output;
    int count;
    const char *names[MAX_CASES];
    char **commands[MAX_CASES];
    struct sample *samples[MAX_CASES];
};

static int64_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int64_t cpu_time(const struct rusage *usage)
{
    return ((int64_t)usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000000000 +
           ((int64_t)usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) * 1000;
}

/** The two ends for a command's output: *@ret_read is -1 where nobody reads. */
static int open_output(const struct bench *bench, int *ret_read)
{
    int ends[2];
    int fd;

    *ret_read = -1;
    if (bench->output == OUTPUT_NULL) {
        fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
        if (fd < 0)
            err(1, "/dev/null");
        return fd;
    }
    if (bench->output == OUTPUT_PIPE) {
        if (pipe2(ends, O_CLOEXEC) < 0)
            err(1, "pipe2");
    } else {
        struct termios raw;

        if (openpty(&ends[0], &ends[1], NULL, NULL, NULL) < 0 || tcgetattr(ends[1], &raw) < 0)
            err(1, "openpty");
        cfmakeraw(&raw);
        tcsetattr(ends[1], TCSANOW, &raw);
        fcntl(ends[0], F_SETFD, FD_CLOEXEC);
        fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    }
    *ret_read = ends[0];
    return ends[1];
}

static void drain(int fd, struct sample *sample)
{
    static char buffer[1 << 16];
    int64_t first = 0;
    ssize_t length;

    /* A terminal that its last user has closed gives EIO. */
    while ((length = read(fd, buffer, sizeof(buffer))) > 0) {
        if (first == 0)
            first = now();
        sample->size += length;
    }
    sample->flow = first == 0 ? 0 : now() - first;
}

static void run_case(const struct bench *bench, int number, struct sample *sample)
{
    extern char **environ;
    char **command = bench->commands[number];
    posix_spawn_file_actions_t actions;
    struct rusage usage;
    int64_t begin;
    int source;
    int output = open_output(bench, &source);
    int status;
    int result;
    pid_t pid;

    *sample = (struct sample){0};
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, 1);
    begin = now();
    result = posix_spawnp(&pid, command[0], &actions, NULL, command, environ);
    if (result != 0) {
        errno = result;
        err(1, "%s: %s", bench->names[number], command[0]);
    }
    close(output);
    if (source >= 0)
        drain(source, sample);
    while (wait4(pid, &status, 0, &usage) < 0)
        if (errno != EINTR)
            err(1, "wait4");
    sample->wall = now() - begin;
    sample->cpu = cpu_time(&usage);
    if (source >= 0)
        close(source);
    posix_spawn_file_actions_destroy(&actions);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        errx(1, "%s: %s %d", bench->names[number],
             WIFEXITED(status) ? "it ended with exit code" : "it died by signal",
             WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}

/** Draw an order.  From the same seed each time: what is random needn't be irreproducible. */
static void shuffle(int *order, int count, uint64_t *state)
{
    for (int i = 0; i < count; i++)
        order[i] = i;
    for (int i = count - 1; i > 0; i--) {
        int j;
        int kept = order[i];

        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        j = (int)(*state % (uint64_t)(i + 1));
        order[i] = order[j];
        order[j] = kept;
    }
}

static void settle(int64_t pause)
{
    const struct timespec time = {.tv_sec = pause / 1000000000, .tv_nsec = pause % 1000000000};

    (void)nanosleep(&time, NULL);
}

static void run_rounds(struct bench *bench)
{
    uint64_t state = UINT64_C(0x9e3779b97f4a7c15);
    struct sample sample = {0};
    int64_t begin = now();

    for (int round = -bench->warmup; round < bench->rounds; round++) {
        int order[MAX_CASES];

        if (bench->limit > 0 && round >= FEWEST_ROUNDS && now() - begin > bench->limit) {
            bench->rounds = round;
            return;
        }
        shuffle(order, bench->count, &state);
        for (int i = 0; i < bench->count; i++) {
            if (bench->pause > 0)
                settle(sample.wall > bench->pause ? sample.wall : bench->pause);
            run_case(bench, order[i], &sample);
            if (round >= 0)
                bench->samples[order[i]][round] = sample;
        }
    }
}

static void print_list(const struct bench *bench, int number, const char *name, size_t offset)
{
    printf("\"%s\":[", name);
    for (int i = 0; i < bench->rounds; i++) {
        const char *sample = (const char *)&bench->samples[number][i];

        printf("%s%" PRId64, i == 0 ? "" : ",", *(const int64_t *)(const void *)(sample + offset));
    }
    printf("]");
}

/** Names are the caller's and have nothing in them that JSON would want escaped. */
static void print_all(const struct bench *bench)
{
    printf("{");
    for (int i = 0; i < bench->count; i++) {
        printf("%s\"%s\":{", i == 0 ? "" : ",\n", bench->names[i]);
        print_list(bench, i, "wall_ns", offsetof(struct sample, wall));
        printf(",");
        print_list(bench, i, "cpu_ns", offsetof(struct sample, cpu));
        if (bench->output != OUTPUT_NULL) {
            printf(",");
            print_list(bench, i, "flow_ns", offsetof(struct sample, flow));
            printf(",");
            print_list(bench, i, "bytes", offsetof(struct sample, size));
        }
        printf("}");
    }
    printf("}\n");
}

_Noreturn static void usage(void)
{
    errx(2, "usage: bench-rounds [-r ROUNDS] [-w ROUNDS] [-t SECONDS] [-p MICROSECONDS] "
            "[-o null|pipe|pty] "
            ":: NAME COMMAND [ARG...] ...");
}

static long number(const char *text)
{
    char *end;
    long value = strtol(text, &end, 10);

    if (end == text || *end != '\0' || value < 0 || value > 1000000)
        usage();
    return value;
}

static void parse_cases(struct bench *bench, char **argument)
{
    while (*argument != NULL) {
        if (strcmp(argument[0], "::") != 0 || argument[1] == NULL || argument[2] == NULL ||
            bench->count == MAX_CASES)
            usage();
        *argument = NULL; /* the end of the command before */
        bench->names[bench->count] = argument[1];
        bench->commands[bench->count] = argument + 2;
        bench->samples[bench->count] =
            calloc((size_t)bench->rounds, sizeof(*bench->samples[bench->count]));
        if (bench->samples[bench->count++] == NULL)
            err(1, NULL);
        for (argument += 2; *argument != NULL && strcmp(*argument, "::") != 0;)
            argument++;
    }
}

int main(int argc, char **argv)
{
    struct bench bench = {.rounds = 20, .warmup = 2};
    int option;

    while ((option = getopt(argc, argv, "+r:w:t:p:o:")) != -1) {
        if (option == 'r')
            bench.rounds = (int)number(optarg);
        else if (option == 'w')
            bench.warmup = (int)number(optarg);
        else if (option == 't')
            bench.limit = number(optarg) * 1000000000;
        else if (option == 'p')
            bench.pause = number(optarg) * 1000;
        else if (option == 'o' && strcmp(optarg, "null") == 0)
            bench.output = OUTPUT_NULL;
        else if (option == 'o' && strcmp(optarg, "pipe") == 0)
            bench.output = OUTPUT_PIPE;
        else if (option == 'o' && strcmp(optarg, "pty") == 0)
            bench.output = OUTPUT_PTY;
        else
            usage();
    }
    if (bench.rounds < 1)
        usage();
    parse_cases(&bench, argv + optind);
    if (bench.count == 0)
        usage();
    run_rounds(&bench);
    print_all(&bench);
    return 0;
}
