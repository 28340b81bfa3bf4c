/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz/shared/init_inside.h"
#include "init/command.h"

#include <limits.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define FIRST_PID 1000 /* of the processes that init believes to have made */

jmp_buf inside_left;
int inside_code;
pid_t inside_last_pid;
int inside_exec_socket;

static _Noreturn void inside_exit(int code)
{
    inside_code = code;
    longjmp(inside_left, 1);
}

static pid_t inside_fork(const struct command *command)
{
    CHECK(command->strings.argv[0] != NULL && command->strings.directory != NULL);
    CHECK(command->strings.argv[command->start->argc] == NULL);
    CHECK(command->strings.environment[command->start->envc] == NULL);
    if (inside_exec_socket >= 0)
        close(inside_exec_socket);
    inside_exec_socket = fcntl(command->exec_socket, F_DUPFD_CLOEXEC, 3);
    return ++inside_last_pid;
}

static int inside_kill(pid_t pid, int signal)
{
    /* never itself, everybody, or whoever has a group of its own choice */
    CHECK(pid > FIRST_PID || -pid > FIRST_PID, "kill(%d, %d)", pid, signal);
    CHECK(pid <= inside_last_pid && -pid <= inside_last_pid && signal > 0 && signal <= 64);
    return 0;
}

static int inside_setpgid(pid_t pid, pid_t group)
{
    CHECK(pid == group && pid > FIRST_PID);
    return 0;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#define main    inside_main
#define _exit   inside_exit
#define fork()  inside_fork(command)
#define kill    inside_kill
#define setpgid inside_setpgid
int inside_main(void);
#include "init/command.c"
#include "init/terminal.c"
#undef LAST_SIGNAL
#include "init/init.c"
#undef main
#undef _exit
#undef fork
#undef kill
#undef setpgid
#pragma GCC diagnostic pop

static struct init inside;

void inside_start(int control)
{
    memset(&inside, 0, sizeof(inside));
    inside.config.head.type = WIRE_CONFIG;
    inside.lockdown.config = &inside.config.head;
    inside.lockdown.filter = inside.config.filter;
    inside.signal_fd = -1;
    inside_last_pid = FIRST_PID;
    inside_exec_socket = -1;
    inside_code = -1;
    CHECK(dup2(control, CONTROL) == CONTROL);
    close(control);
}

void inside_check(void)
{
    for (size_t i = 0; i < WIRE_MAX_RUNNING; i++) {
        CHECK(inside.running[i].pid == 0 || inside.running[i].pid > FIRST_PID);
        for (size_t k = 0; k < i; k++)
            CHECK(inside.running[i].pid == 0 || inside.running[k].pid == 0 ||
                  (inside.running[i].pid != inside.running[k].pid &&
                   inside.running[i].number != inside.running[k].number));
    }
}

void inside_child(struct input *input)
{
    static const int codes[] = {CLD_EXITED,  CLD_KILLED,    CLD_DUMPED,
                                CLD_STOPPED, CLD_CONTINUED, CLD_TRAPPED};
    siginfo_t info = {0};

    info.si_pid = FIRST_PID + (pid_t)(input_number(input, 1) % 72);
    info.si_code = codes[input_number(input, 1) % 6];
    info.si_status = (int)input_number(input, 1);
    handle_child(&inside, &info);
}

void inside_configure(void)
{
    receive_config(&inside);
}

void inside_hear(void)
{
    handle_control(&inside);
}

void inside_first_runs(void)
{
    inside.first = inside.running[0].pid = ++inside_last_pid;
}
