/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What bench-calls and bench-marks share: a command and all its descendants under ptrace(2).
 *
 * A segment is a process from its birth, or from an exec, to its next exec or its end: the
 * launcher, its child before it becomes init, init, and so on.  Nothing counts before the command's
 * exec.
 */
#ifndef BENCH_TRACER_H
#define BENCH_TRACER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { TRACER_MAX_SEGMENTS = 64 };

struct tracer_segment {
    char program[16]; /* what the kernel calls it (comm) at its birth */
    int process;      /* 0 is the command, others in the order of their appearance */
    bool begun_by_exec;
    int64_t begin; /* ns */
};

struct tracer_thread {
    pid_t pid; /* 0: free */
    int process;
    int segment;
    bool in_call;
    uint64_t call;   /* which one, where in_call */
    int64_t resumed; /* when we let it go on, ns */
};

struct tracer {
    struct tracer_thread threads[64];
    struct tracer_segment segments[TRACER_MAX_SEGMENTS];
    int segment_count;
    int process_count;
    pid_t root;
    bool begun;  /* the command's own exec has been */
    int status;  /* of the command, once it has ended */
    int request; /* PTRACE_SYSCALL or PTRACE_CONT */
    void *data;
    /** A stop inside the command.  @event is a PTRACE_EVENT_*, or 0 for entry or exit of a call. */
    void (*stop)(struct tracer *tracer, struct tracer_thread *thread, int event, int64_t when);
};

int64_t tracer_now(void);

/** Have tracer and command share one processor: a stop then costs less, and always the same. */
void tracer_share_cpu(void);

/**
 * Run @command to its end, its standard output going nowhere; @prepare (or NULL) is called in it
 * before the exec.
 */
void tracer_run(struct tracer *tracer, char **command, void (*prepare)(void));

/** The name of the call with @number, or its number as text.  Valid until the next call. */
const char *tracer_call_name(uint64_t number);

#endif
