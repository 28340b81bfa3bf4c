/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory of operation.  The driver seizes sbx before its exec; the kernel then attaches it to each
 * process that one of them starts, whatever namespaces that is born into.  Only the process whose
 * call is to be disturbed stops at its calls, and only until then: everything else, and all that
 * comes after, runs freely.  At the entry of the call its number becomes -1 and its result the
 * errno: the kernel skips it and returns that.  The command is let go at its exec, so that it can't
 * see that it was traced.
 *
 * The driver is the reaper of what loses its parent (PR_SET_CHILD_SUBREAPER): a launch is over when
 * it has neither a child nor a tracee.  What is inside dies with pid 1, which is a tracee.
 */
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROLE_DRIVER  ROLE_COUNT /* what is to become sbx, before its exec */
#define MAX_TRACEES  16
#define LEAKED_FD    9
#define SYSCALL_STOP (SIGTRAP | 0x80)
#define OPTIONS                                                                                    \
    (PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |       \
     PTRACE_O_TRACEVFORK | PTRACE_O_EXITKILL)

struct tracee {
    pid_t pid; /* 0: a free slot */
    enum role role;
    unsigned calls;     /* how many it has entered in its role */
    long nr;            /* the last of them */
    unsigned long heap; /* what its last brk(2) returned */
    int pending;        /* the errno that the call it is in is to return; 0: none */
};

struct trace {
    const struct fault_case *which;
    struct trace_record *record;
    struct trace_result *result;
    struct tracee tracees[MAX_TRACEES];
    pid_t sbx;
    pid_t pid1;
    bool passed; /* the call that was to be disturbed can't be */
    bool over;   /* sbx has ended */
};

static volatile sig_atomic_t alarmed;

static void on_alarm(int signal)
{
    (void)signal;
    alarmed = 1;
}

int trace_prepare(void)
{
    const struct sigaction action = {.sa_handler = on_alarm}; /* no SA_RESTART: it ends a wait */

    if (sigaction(SIGALRM, &action, NULL) < 0)
        return -1;
    return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

/* Once, and then every tenth of a second, in case it comes between two waits. */
/* SBX_TEST_SLOW: how many times as long everything takes here. */
static unsigned scaled(unsigned seconds)
{
    const char *words = getenv("SBX_TEST_SLOW");
    long factor = words != NULL ? strtol(words, NULL, 10) : 1;

    return seconds * (unsigned)(factor > 1 && factor <= 100 ? factor : 1);
}

static void set_alarm(unsigned seconds)
{
    const struct itimerval timer = {.it_value = {.tv_sec = seconds},
                                    .it_interval = {.tv_usec = seconds > 0 ? 100000 : 0}};

    alarmed = 0;
    setitimer(ITIMER_REAL, &timer, NULL);
}

/* --- who is who ------------------------------------------------------------------------------ */

static struct tracee *find(struct trace *trace, pid_t pid)
{
    for (size_t i = 0; i < MAX_TRACEES; i++)
        if (trace->tracees[i].pid == pid)
            return &trace->tracees[i];
    return NULL;
}

/* The values of a line of /proc/PID/status: the first and the last; returns how many there are. */
static int status_line(const char *text, const char *key, pid_t *ret_first, pid_t *ret_last)
{
    const char *line = strstr(text, key);
    char *end;
    int count = 0;

    if (line == NULL)
        return 0;
    line += strlen(key);
    for (long value = strtol(line, &end, 10); end != line; value = strtol(line, &end, 10)) {
        if (count++ == 0)
            *ret_first = (pid_t)value;
        *ret_last = (pid_t)value;
        line = end;
        if (*line == '\n')
            break;
    }
    return count;
}

/* By the parent, and by the number in the innermost PID namespace. */
static enum role role_of(struct trace *trace, pid_t pid)
{
    char path[32];
    char text[2048];
    ssize_t length;
    pid_t parent = 0;
    pid_t outer = 0;
    pid_t inner = 0;
    const struct tracee *above;
    int depth;
    int fd;

    snprintf(path, sizeof(path), "/proc/%d/status", pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
    if (fd >= 0)
        close(fd);
    if (length < 0)
        return ROLE_HELPER;
    text[length] = '\0';
    status_line(text, "\nPPid:", &parent, &parent);
    depth = status_line(text, "\nNSpid:", &outer, &inner);
    above = find(trace, parent);
    if (above != NULL && above->role == ROLE_INIT)
        return ROLE_COMMAND;
    if (above != NULL && above->role == ROLE_SBX && depth > 1 && inner == 1)
        return ROLE_CHILD;
    return ROLE_HELPER;
}

static struct tracee *adopt(struct trace *trace, pid_t pid, enum role role)
{
    struct tracee *tracee = find(trace, 0);

    if (tracee == NULL)
        return NULL;
    *tracee = (struct tracee){.pid = pid, .role = role};
    if (role == ROLE_CHILD)
        trace->pid1 = pid;
    return tracee;
}

/* Is it, or was it until somebody waits for it? */
static bool is_running(pid_t pid)
{
    char path[32];
    char text[256];
    const char *state;
    ssize_t length;
    int fd;

    snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
    if (fd >= 0)
        close(fd);
    if (length <= 0)
        return false;
    text[length] = '\0';
    state = strrchr(text, ')');
    return state != NULL && strchr("ZX", state[2]) == NULL;
}

/* --- disturbing ------------------------------------------------------------------------------ */

static void read_path(pid_t pid, unsigned long address, char *buffer, size_t size)
{
    struct iovec here = {.iov_base = buffer, .iov_len = size - 1};
    struct iovec there = {.iov_base = (void *)address, .iov_len = size - 1};
    ssize_t length = process_vm_readv(pid, &here, 1, &there, 1, 0);

    buffer[length < 0 ? 0 : length] = '\0';
}

static void record_call(struct trace *trace, const struct tracee *tracee,
                        const struct __ptrace_syscall_info *info)
{
    struct trace_calls *calls = &trace->record->roles[tracee->role];
    int path = fault_path_argument((long)info->entry.nr);
    struct trace_call *call;

    if (calls->count >= TRACE_MAX_CALLS)
        return;
    call = &calls->items[calls->count++];
    call->nr = (int)info->entry.nr;
    if (path >= 0)
        read_path(tracee->pid, info->entry.args[path], call->path, sizeof(call->path));
}

static unsigned long *argument_of(struct user_regs_struct *registers, int argument)
{
    switch (argument) {
    case 0:
        return (unsigned long *)&registers->rdi;
    case 1:
        return (unsigned long *)&registers->rsi;
    case 2:
        return (unsigned long *)&registers->rdx;
    case 3:
        return (unsigned long *)&registers->r10;
    default:
        return (unsigned long *)&registers->r8;
    }
}

static void change_call(struct tracee *tracee, const struct fault *fault, long nr)
{
    struct user_regs_struct registers;

    if (ptrace(PTRACE_GETREGS, tracee->pid, NULL, &registers) < 0)
        return;
    if (fault->kind == FAULT_SHORT) {
        unsigned long *length = argument_of(&registers, fault_length_argument(nr));

        if (*length > 1)
            *length = 1;
    } else if (fault_comes_after(nr)) {
        tracee->pending = fault->number;
    } else if (nr != SYS_brk || tracee->heap != 0) { /* the first one only asks */
        registers.orig_rax = (unsigned long)-1;
        /* it fails by returning what it returned before */
        registers.rax = nr == SYS_brk ? tracee->heap : (unsigned long)-fault->number;
    }
    ptrace(PTRACE_SETREGS, tracee->pid, NULL, &registers);
}

static void disturb(struct trace *trace, struct tracee *tracee, long nr)
{
    trace->result->nr = nr;
    /* another call than in the launch that was recorded: the host has changed meanwhile */
    if (!fault_applies(&trace->which->fault, tracee->role, nr)) {
        trace->passed = true;
        return;
    }
    trace->result->reached = true;
    switch (trace->which->fault.kind) {
    case FAULT_KILL:
        kill(tracee->pid, SIGKILL);
        break;
    case FAULT_KILL_SBX:
        kill(trace->sbx, SIGKILL);
        break;
    case FAULT_KILL_PID1:
        if (trace->pid1 > 0)
            kill(trace->pid1, SIGKILL);
        break;
    case FAULT_NONE:
    case FAULT_OFF:
        break;
    case FAULT_ERRNO:
    case FAULT_SHORT:
        change_call(tracee, &trace->which->fault, nr);
        break;
    }
}

static void at_entry(struct trace *trace, struct tracee *tracee,
                     const struct __ptrace_syscall_info *info)
{
    const struct fault_case *which = trace->which;

    /* a stop of the tracer's own making: not a call that the program makes */
    if (info->entry.nr == SYS_restart_syscall || tracee->role == ROLE_DRIVER)
        return;
    tracee->nr = (long)info->entry.nr;
    if (trace->record != NULL)
        record_call(trace, tracee, info);
    if (which != NULL && !trace->result->reached && !trace->passed && which->role == tracee->role &&
        which->index == tracee->calls)
        disturb(trace, tracee, (long)info->entry.nr);
    tracee->calls++;
}

static void at_exit(struct tracee *tracee, const struct __ptrace_syscall_info *info)
{
    struct user_regs_struct registers;

    if (tracee->nr == SYS_brk)
        tracee->heap = (unsigned long)info->exit.rval;
    if (tracee->pending == 0)
        return;
    if (ptrace(PTRACE_GETREGS, tracee->pid, NULL, &registers) == 0) {
        registers.rax = (unsigned long)-tracee->pending;
        ptrace(PTRACE_SETREGS, tracee->pid, NULL, &registers);
    }
    tracee->pending = 0;
}

static void at_call(struct trace *trace, struct tracee *tracee)
{
    struct __ptrace_syscall_info info = {.op = PTRACE_SYSCALL_INFO_NONE};

    if (ptrace(PTRACE_GET_SYSCALL_INFO, tracee->pid, sizeof(info), &info) < 0)
        return;
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
        at_entry(trace, tracee, &info);
    else if (info.op == PTRACE_SYSCALL_INFO_EXIT)
        at_exit(tracee, &info);
}

/* --- following ------------------------------------------------------------------------------- */

static void go_on(const struct trace *trace, const struct tracee *tracee, int signal)
{
    bool wanted =
        trace->record != NULL || tracee->pending != 0 ||
        (trace->which != NULL && trace->which->role == tracee->role && !trace->result->reached);

    /* ESRCH: it was killed meanwhile, and the next wait says so */
    ptrace(wanted ? PTRACE_SYSCALL : PTRACE_CONT, tracee->pid, NULL, (void *)(long)signal);
}

/* A new program: true where it is the command, which was let go. */
static bool at_exec(struct trace *trace, struct tracee *tracee)
{
    tracee->heap = 0; /* the new program has none yet */
    switch ((int)tracee->role) {
    case ROLE_COMMAND:
        trace->result->started = true;
        ptrace(PTRACE_DETACH, tracee->pid, NULL, NULL);
        tracee->pid = 0;
        return true;
    case ROLE_CHILD:
        tracee->role = ROLE_INIT;
        tracee->calls = 0;
        break;
    case ROLE_DRIVER:
        tracee->role = ROLE_SBX;
        break;
    case ROLE_SBX:
    case ROLE_INIT:
    case ROLE_HELPER:
        break;
    }
    return false;
}

/* A fault of its own making kills even pid 1, but not a traced one, which would take it forever. */
static bool is_dying(const struct tracee *tracee, int signal)
{
    bool first = tracee->role == ROLE_CHILD || tracee->role == ROLE_INIT;

    return first && (signal == SIGSEGV || signal == SIGBUS || signal == SIGILL ||
                     signal == SIGFPE || signal == SIGTRAP);
}

static void at_stop(struct trace *trace, struct tracee *tracee, int status)
{
    int event = status >> 16;
    int signal = WSTOPSIG(status);

    if (event == PTRACE_EVENT_EXEC && at_exec(trace, tracee))
        return;
    if (event == PTRACE_EVENT_STOP && signal != SIGTRAP) { /* stopped as a whole: leave it so */
        ptrace(PTRACE_LISTEN, tracee->pid, NULL, NULL);
        return;
    }
    if (event == 0 && is_dying(tracee, signal)) {
        ptrace(PTRACE_DETACH, tracee->pid, NULL, (void *)(long)signal);
        tracee->pid = 0;
        return;
    }
    if (event == 0 && signal == SYSCALL_STOP)
        at_call(trace, tracee);
    go_on(trace, tracee, event == 0 && signal != SYSCALL_STOP ? signal : 0);
}

static void name_who(const struct trace *trace, const struct tracee *tracee)
{
    snprintf(trace->result->who, sizeof(trace->result->who), "%s",
             tracee->role == ROLE_DRIVER ? "the driver" : role_names[tracee->role]);
}

static void at_end(struct trace *trace, pid_t pid, int status)
{
    struct tracee *tracee = find(trace, pid);

    if (tracee != NULL)
        tracee->pid = 0;
    if (pid == trace->pid1)
        trace->pid1 = 0;
    if (pid != trace->sbx)
        return;
    trace->over = true;
    trace->result->status = status;
    set_alarm(scaled(TRACE_LEFT_SECONDS));
    if (!WIFEXITED(status))
        return;
    for (size_t i = 0; i < MAX_TRACEES; i++)
        if (trace->tracees[i].pid != 0 && is_running(trace->tracees[i].pid)) {
            trace->result->outlived = true;
            name_who(trace, &trace->tracees[i]);
        }
}

/* Time is up: end what is left, so that the next launch finds nothing of it. */
static void give_up(struct trace *trace)
{
    if (trace->over)
        trace->result->left = true;
    else
        trace->result->hung = true;
    for (size_t i = 0; i < MAX_TRACEES; i++) {
        if (trace->tracees[i].pid == 0)
            continue;
        name_who(trace, &trace->tracees[i]);
        kill(trace->tracees[i].pid, SIGKILL);
    }
}

static void follow(struct trace *trace)
{
    for (;;) {
        int status;
        pid_t pid = waitpid(-1, &status, __WALL);

        if (pid < 0 && errno == ECHILD)
            return;
        if (pid < 0) {
            if (alarmed)
                give_up(trace);
            continue;
        }
        if (WIFSTOPPED(status)) {
            struct tracee *tracee = find(trace, pid);

            if (tracee == NULL)
                tracee = adopt(trace, pid, role_of(trace, pid));
            if (tracee != NULL)
                at_stop(trace, tracee, status);
        } else {
            at_end(trace, pid, status);
        }
    }
}

/* --- starting -------------------------------------------------------------------------------- */

/* Root may do so without no_new_privs, as a container manager does. */
static int install(const struct sock_fprog *filter)
{
    if (geteuid() != 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -1;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filter);
}

_Noreturn static void become(const struct trace_program *program, int gate)
{
    char byte;

    if (read(gate, &byte, 1) != 1 || setsid() < 0 || chdir(program->directory) < 0)
        _exit(99);
    for (int fd = 0; fd <= 2; fd++)
        if (dup2(program->fds[fd], fd) < 0)
            _exit(99);
    if (dup2(program->leaked, LEAKED_FD) < 0)
        _exit(99);
    syscall(SYS_close_range, LEAKED_FD + 1, ~0U, 0);
    syscall(SYS_close_range, 3, LEAKED_FD - 1, 0);
    if (program->filter != NULL && install(program->filter) < 0)
        _exit(99);
    execve(program->path, program->argv, program->environment);
    _exit(99);
}

int trace_run(const struct trace_program *program, const struct fault_case *which,
              struct trace_record *record, struct trace_result *ret_result)
{
    struct trace trace = {.which = which, .record = record, .result = ret_result};
    int gate[2];

    *ret_result = (struct trace_result){.nr = -1};
    if (pipe2(gate, O_CLOEXEC) < 0)
        return -1;
    trace.sbx = fork();
    if (trace.sbx == 0)
        become(program, gate[0]);
    if (trace.sbx < 0 || ptrace(PTRACE_SEIZE, trace.sbx, NULL, OPTIONS) < 0) {
        int number = errno;

        close(gate[0]);
        close(gate[1]);
        errno = number;
        return -1;
    }
    adopt(&trace, trace.sbx, ROLE_DRIVER);
    set_alarm(scaled(TRACE_SECONDS));
    (void)!write(gate[1], "x", 1);
    close(gate[0]);
    close(gate[1]);
    follow(&trace);
    set_alarm(0);
    return 0;
}
