/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench-marks ROUNDS COMMAND [ARG...]: when a launch gets where
 *
 * A filter that the command inherits stops it at a few calls that lie between the phases of a
 * launch; all others run at full speed.  Prints JSON: for each round a list of marks
 * [microseconds since the command's exec, process, program, what].  A mark is taken before the call
 * is done, but for "exec" and "born", which are taken after.
 */
#include "tracer.h"

#include <err.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static const int marked[] = {
    SYS_clone,      SYS_clone3,     SYS_execve,
    SYS_execveat,   SYS_pivot_root, SYS_landlock_restrict_self,
    SYS_exit_group,
#ifdef SYS_fork
    SYS_fork,       SYS_vfork,
#endif
};

enum { MARKED = sizeof(marked) / sizeof(*marked), MAX_MARKS = 1000 };

struct mark {
    int64_t when;
    int process;
    char program[16];
    char what[32];
};

struct marks {
    struct mark list[MAX_MARKS];
    int count;
    uint64_t pending;
};

static void load_filter(void)
{
    struct sock_filter code[MARKED + 4] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))};
    struct sock_fprog program = {.filter = code};
    unsigned short length = 1;

    for (int i = 0; i < MARKED; i++)
        code[length++] = (struct sock_filter)BPF_JUMP(
            BPF_JMP | BPF_JEQ | BPF_K, (unsigned)marked[i], (unsigned char)(MARKED - i), 0);
    code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
    program.len = length;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
        err(1, "cannot load a filter");
}

static void add_mark(struct tracer *tracer, const struct tracer_thread *thread, const char *what,
                     int64_t when)
{
    struct marks *marks = tracer->data;
    struct mark *mark = &marks->list[marks->count];

    if (marks->count == MAX_MARKS)
        errx(1, "too many marks");
    mark->when = when;
    mark->process = thread->process;
    snprintf(mark->program, sizeof(mark->program), "%s", tracer->segments[thread->segment].program);
    snprintf(mark->what, sizeof(mark->what), "%s", what);
    marks->count++;
}

static void note(struct tracer *tracer, struct tracer_thread *thread, int event, int64_t when)
{
    struct __ptrace_syscall_info info;

    switch (event) {
    case PTRACE_EVENT_EXEC:
        add_mark(tracer, thread, "exec", when);
        break;
    case PTRACE_EVENT_EXIT:
        add_mark(tracer, thread, "exit", when);
        break;
    case PTRACE_EVENT_FORK:
    case PTRACE_EVENT_VFORK:
    case PTRACE_EVENT_CLONE:
        add_mark(tracer, thread, "born", when);
        break;
    case PTRACE_EVENT_SECCOMP:
        if (ptrace(PTRACE_GET_SYSCALL_INFO, thread->pid, sizeof(info), &info) > 0)
            add_mark(tracer, thread, tracer_call_name(info.seccomp.nr), when);
        break;
    default:
        break;
    }
}

static void print_round(const struct tracer *tracer, const struct marks *marks, int64_t end)
{
    int64_t begin = tracer->segments[0].begin;

    printf("[");
    for (int i = 0; i < marks->count; i++)
        printf("[%.1f,%d,\"%s\",\"%s\"],", (double)(marks->list[i].when - begin) / 1e3,
               marks->list[i].process, marks->list[i].program, marks->list[i].what);
    printf("[%.1f,0,\"\",\"end\"]]", (double)(end - begin) / 1e3);
}

int main(int argc, char **argv)
{
    static struct tracer tracer;
    static struct marks marks;
    long rounds = argc > 2 ? strtol(argv[1], NULL, 10) : 0;

    if (rounds < 1)
        errx(2, "usage: bench-marks ROUNDS COMMAND [ARG...]");
    printf("[");
    for (long i = 0; i < rounds; i++) {
        marks.count = 0;
        tracer = (struct tracer){.request = PTRACE_CONT, .data = &marks, .stop = note};
        tracer_run(&tracer, argv + 2, load_filter);
        if (!WIFEXITED(tracer.status) || WEXITSTATUS(tracer.status) != 0)
            errx(1, "%s failed: status 0x%x", argv[2], (unsigned)tracer.status);
        printf("%s", i == 0 ? "" : ",\n");
        print_round(&tracer, &marks, tracer_now());
    }
    printf("]\n");
    return 0;
}
