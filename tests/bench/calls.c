/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench-calls PROGRAM COMMAND [ARG...]: the system calls of COMMAND and of its descendants
 *
 * PROGRAM is the path of what the launcher COMMAND is to start; its own calls, from its exec on,
 * don't count, and nor does that exec.  Calls that fail, such as the tries along PATH, do.
 *
 * Prints JSON: for each segment (tracer.h) the number of calls, the time in the kernel by call, and
 * the time in user space.  Being stopped twice a call costs time; what a getppid(2) takes under the
 * same treatment is taken off each.  Calls that wait are no measure of work, and the clock of the
 * processes runs while others are stopped: shares are meant by these times, not sums.
 */
#include "tracer.h"

#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_CALL = 1024, CALIBRATION = 2000 };

struct tally {
    uint32_t calls[MAX_CALL];
    int64_t kernel[MAX_CALL];
    int64_t user;
};

struct counting {
    struct stat program;
    struct tally *tallies; /* one a segment */
    int64_t kernel_cost;   /* of being watched, a call, ns */
    int64_t user_cost;
    struct sample {
        int64_t kernel;
        int64_t user;
    } * samples; /* of getppid, while that cost is found out */
    size_t sample_count;
};

static bool is_program(const struct counting *counting, const struct tracer_thread *thread)
{
    char path[64];
    struct stat found;

    snprintf(path, sizeof(path), "/proc/%d/exe", thread->pid);
    return stat(path, &found) == 0 && found.st_dev == counting->program.st_dev &&
           found.st_ino == counting->program.st_ino;
}

static int64_t less(int64_t time, int64_t cost)
{
    return time > cost ? time - cost : 0;
}

/** Keep what one getppid took, and what was between it and the call before. */
static void note_sample(struct counting *counting, const struct tracer_thread *thread, int64_t when,
                        bool end)
{
    struct sample *sample = &counting->samples[counting->sample_count];

    if (counting->samples == NULL || thread->call != SYS_getppid ||
        counting->sample_count == CALIBRATION)
        return;
    if (end) {
        sample->kernel = when - thread->resumed;
        counting->sample_count++;
    } else {
        sample->user = when - thread->resumed;
    }
}

static void count_call(struct tracer *tracer, struct tracer_thread *thread, int event, int64_t when)
{
    struct counting *counting = tracer->data;
    struct tally *tally = &counting->tallies[thread->segment];
    struct __ptrace_syscall_info info;

    if (event == PTRACE_EVENT_EXEC && is_program(counting, thread)) {
        ptrace(PTRACE_DETACH, thread->pid, NULL, NULL);
        thread->pid = 0;
        return;
    }
    if (event != 0 || ptrace(PTRACE_GET_SYSCALL_INFO, thread->pid, sizeof(info), &info) <= 0)
        return;
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
        thread->call = info.entry.nr < MAX_CALL ? info.entry.nr : MAX_CALL - 1;
        thread->in_call = true;
        tally->calls[thread->call]++;
        if (thread->resumed != 0)
            tally->user += less(when - thread->resumed, counting->user_cost);
        note_sample(counting, thread, when, false);
    } else if (info.op == PTRACE_SYSCALL_INFO_EXIT && thread->in_call) {
        thread->in_call = false;
        tally->kernel[thread->call] += less(when - thread->resumed, counting->kernel_cost);
        note_sample(counting, thread, when, true);
    }
}

static void run(struct counting *counting, struct tracer *tracer, char **command)
{
    *tracer = (struct tracer){.request = PTRACE_SYSCALL, .data = counting, .stop = count_call};
    counting->tallies = calloc(TRACER_MAX_SEGMENTS, sizeof(*counting->tallies));
    if (counting->tallies == NULL)
        err(1, NULL);
    tracer_run(tracer, command, NULL);
}

static int by_kernel(const void *a, const void *b)
{
    int64_t x = ((const struct sample *)a)->kernel;
    int64_t y = ((const struct sample *)b)->kernel;

    return (x > y) - (x < y);
}

static int by_user(const void *a, const void *b)
{
    int64_t x = ((const struct sample *)a)->user;
    int64_t y = ((const struct sample *)b)->user;

    return (x > y) - (x < y);
}

/** What a call that does nothing seems to take: the median, for some are interrupted. */
static void calibrate(struct counting *counting, char *self)
{
    static struct tracer tracer;
    static struct sample samples[CALIBRATION];
    char mode[] = "--calls-that-do-nothing";
    char *command[] = {self, mode, NULL};

    counting->samples = samples;
    run(counting, &tracer, command);
    if (counting->sample_count != CALIBRATION)
        errx(1, "cannot find out what watching costs");
    qsort(samples, CALIBRATION, sizeof(*samples), by_kernel);
    counting->kernel_cost = samples[CALIBRATION / 2].kernel;
    qsort(samples, CALIBRATION, sizeof(*samples), by_user);
    counting->user_cost = samples[CALIBRATION / 2].user;
    counting->samples = NULL;
    free(counting->tallies);
}

static void print_segment(const struct tracer *tracer, int number, const struct tally *tally)
{
    const struct tracer_segment *segment = &tracer->segments[number];
    uint32_t calls = 0;
    const char *separator = "";

    printf("%s{\"program\":\"%s\",\"process\":%d,\"exec\":%s,\"by_call\":{",
           number == 0 ? "" : ",\n", segment->program, segment->process,
           segment->begun_by_exec ? "true" : "false");
    for (uint64_t i = 0; i < MAX_CALL; i++) {
        if (tally->calls[i] == 0)
            continue;
        printf("%s\"%s\":[%u,%.1f]", separator, tracer_call_name(i), tally->calls[i],
               (double)tally->kernel[i] / 1e3);
        separator = ",";
        calls += tally->calls[i];
    }
    printf("},\"calls\":%u,\"user_us\":%.1f}", calls, (double)tally->user / 1e3);
}

int main(int argc, char **argv)
{
    static struct tracer tracer;
    struct counting counting = {0};

    if (argc == 2 && strcmp(argv[1], "--calls-that-do-nothing") == 0) {
        for (int i = 0; i < CALIBRATION; i++)
            syscall(SYS_getppid);
        return 0;
    }
    if (argc < 3)
        errx(2, "usage: bench-calls PROGRAM COMMAND [ARG...]");
    tracer_share_cpu();
    calibrate(&counting, argv[0]);
    if (stat(argv[1], &counting.program) < 0)
        err(1, "%s", argv[1]);
    run(&counting, &tracer, argv + 2);
    if (!WIFEXITED(tracer.status) || WEXITSTATUS(tracer.status) != 0)
        errx(1, "%s failed: status 0x%x", argv[2], (unsigned)tracer.status);
    printf("{\"watching_us\":%.2f,\"segments\":[", (double)counting.kernel_cost / 1e3);
    for (int i = 0; i < tracer.segment_count; i++)
        print_segment(&tracer, i, &counting.tallies[i]);
    printf("]}\n");
    return 0;
}
