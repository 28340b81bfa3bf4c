/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer.h"

#include <elf.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OPTIONS                                                                                    \
    (PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |      \
     PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT | PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL)

int64_t tracer_now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

const char *tracer_call_name(uint64_t number)
{
    static char *name;

    free(name);
    name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, (int)number);
    if (name == NULL && asprintf(&name, "%llu", (unsigned long long)number) < 0)
        err(1, NULL);
    return name;
}

static int new_segment(struct tracer *tracer, const struct tracer_thread *thread, bool exec,
                       int64_t when)
{
    struct tracer_segment *segment = &tracer->segments[tracer->segment_count];
    char path[64];
    FILE *file;

    if (tracer->segment_count == TRACER_MAX_SEGMENTS)
        errx(1, "too many processes to follow");
    segment->process = thread->process;
    segment->begun_by_exec = exec;
    segment->begin = when;
    snprintf(path, sizeof(path), "/proc/%d/comm", thread->pid);
    file = fopen(path, "re");
    if (file == NULL || fscanf(file, "%15s", segment->program) != 1)
        errx(1, "cannot read %s", path);
    fclose(file);
    return tracer->segment_count++;
}

static struct tracer_thread *find_thread(struct tracer *tracer, pid_t pid)
{
    for (size_t i = 0; i < sizeof(tracer->threads) / sizeof(*tracer->threads); i++)
        if (tracer->threads[i].pid == pid)
            return &tracer->threads[i];
    return NULL;
}

static struct tracer_thread *get_thread(struct tracer *tracer, pid_t pid, int64_t when)
{
    struct tracer_thread *thread = find_thread(tracer, pid);

    if (thread != NULL)
        return thread;
    thread = find_thread(tracer, 0);
    if (thread == NULL)
        errx(1, "too many processes to follow");
    *thread = (struct tracer_thread){.pid = pid, .process = tracer->process_count++};
    thread->segment = tracer->begun ? new_segment(tracer, thread, false, when) : -1;
    return thread;
}

static void handle_stop(struct tracer *tracer, pid_t pid, int status, int64_t when)
{
    struct tracer_thread *thread = get_thread(tracer, pid, when);
    int event = status >> 16;
    int signal = WSTOPSIG(status);
    int deliver = 0;

    if (event == PTRACE_EVENT_EXEC) {
        tracer->begun = tracer->begun || pid == tracer->root;
        thread->in_call = false;
        thread->segment = new_segment(tracer, thread, true, when);
    }
    if (signal == (SIGTRAP | 0x80))
        event = 0;
    else if (event == 0 || event == PTRACE_EVENT_STOP)
        deliver = event == 0 ? signal : 0;
    if (tracer->begun && deliver == 0 && event != PTRACE_EVENT_STOP)
        tracer->stop(tracer, thread, event, when);
    thread->resumed = tracer_now();
    /* It may have been killed meanwhile. */
    if (ptrace(tracer->request, pid, NULL, (long)deliver) < 0 && errno != ESRCH)
        err(1, "ptrace");
}

void tracer_share_cpu(void)
{
    cpu_set_t set;
    int cpu = sched_getcpu();

    CPU_ZERO(&set);
    if (cpu >= 0)
        CPU_SET((size_t)cpu, &set);
    if (cpu < 0 || sched_setaffinity(0, sizeof(set), &set) < 0)
        err(1, "cannot stay on one processor");
}

static pid_t start(char **command, void (*prepare)(void))
{
    int gate[2];
    char byte;
    pid_t pid;

    if (pipe(gate) < 0)
        err(1, "pipe");
    pid = fork();
    if (pid < 0)
        err(1, "fork");
    if (pid == 0) {
        close(gate[1]);
        while (read(gate[0], &byte, 1) < 0)
            ;
        close(gate[0]);
        /* Standard output is the tracer's. */
        if (dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO) < 0)
            err(1, "/dev/null");
        if (prepare != NULL)
            prepare();
        execvp(command[0], command);
        err(127, "%s", command[0]);
    }
    close(gate[0]);
    if (ptrace(PTRACE_SEIZE, pid, NULL, OPTIONS) < 0 || ptrace(PTRACE_INTERRUPT, pid) < 0)
        err(1, "cannot trace");
    close(gate[1]);
    return pid;
}

void tracer_run(struct tracer *tracer, char **command, void (*prepare)(void))
{
    tracer->root = start(command, prepare);
    for (;;) {
        int status;
        pid_t pid = waitpid(-1, &status, __WALL);
        int64_t when = tracer_now();

        if (pid < 0 && errno == ECHILD)
            return;
        if (pid < 0)
            err(1, "waitpid");
        if (WIFSTOPPED(status)) {
            handle_stop(tracer, pid, status, when);
            continue;
        }
        if (pid == tracer->root)
            tracer->status = status;
        if (find_thread(tracer, pid) != NULL)
            find_thread(tracer, pid)->pid = 0;
    }
}
