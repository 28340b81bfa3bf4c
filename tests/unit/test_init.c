/* SPDX-License-Identifier: Apache-2.0 */
/* sbx-init, the sandbox's pid 1, driven over its wire as the supervisor drives it. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "init_driver.h"

#include <dirent.h>
#include <sys/stat.h>

TestSuite(init, .timeout = 60);

/* ---- how a command ends ---- */

Test(init, exit_codes)
{
    struct result result = run_shell("exit 42");

    assert_ended(&result.changed, WIRE_EXITED, 42);
    result = run_shell(":");
    assert_ended(&result.changed, WIRE_EXITED, 0);
    result = run_shell("exit 255");
    assert_ended(&result.changed, WIRE_EXITED, 255);
}

Test(init, death_by_signal)
{
    struct result result = run_shell("kill -KILL $$");

    assert_ended(&result.changed, WIRE_KILLED, SIGKILL);
    result = run_shell("kill -TERM $$");
    assert_ended(&result.changed, WIRE_KILLED, SIGTERM);
    result = run_shell("kill -ABRT $$");
    assert_ended(&result.changed, WIRE_KILLED, SIGABRT);
}

Test(init, signals_reach_the_command)
{
    /* The command alone: its child, of the same group, must be there for SIGTERM (143). */
    struct session session =
        start_shell("exec 2>/dev/null; sleep 1000 & child=$!\n"
                    "trap 'kill -TERM $child; wait $child; echo usr1 $?' USR1\n"
                    "echo ready; while :; do read x && break; done; exit 9");

    expect_line(&session, "ready");
    send_signal(&session.sandbox, FIRST, SIGUSR1, false);
    expect_line(&session, "usr1 143");
    send_signal(&session.sandbox, 12345, SIGKILL, false); /* none of that number: nothing */
    send_signal(&session.sandbox, FIRST, SIGTERM, false);
    expect_change(&session, WIRE_KILLED, SIGTERM);
    cr_assert_eq(init_result(&session.sandbox), WIRE_INIT_DONE);
}

Test(init, signals_reach_the_group)
{
    struct session session = start_shell("trap 'wait; exit 3' TERM\n"
                                         "sh -c 'trap \"echo child; exit\" TERM; echo ready\n"
                                         "while :; do sleep 0.01; done' 2>/dev/null & wait");

    expect_line(&session, "ready");
    send_signal(&session.sandbox, FIRST, SIGTERM, true);
    expect_line(&session, "child");
    expect_change(&session, WIRE_EXITED, 3);
    cr_assert_eq(init_result(&session.sandbox), WIRE_INIT_DONE);
}

Test(init, stop_and_continue)
{
    /* An orphan that stops and goes on is nobody's business; the command itself is. */
    struct session session =
        start_shell("export COMMAND=$$; trap 'done=1' USR1\n"
                    "(sh -c 'kill -STOP $$; echo woken; kill -USR1 $COMMAND' &)\n"
                    "while [ -z \"$done\" ]; do sleep 0.05; kill -CONT -1 2>/dev/null; done\n"
                    "echo ready; read x; exit 4");

    expect_line(&session, "woken");
    expect_line(&session, "ready");
    send_signal(&session.sandbox, FIRST, SIGSTOP, false);
    expect_change(&session, WIRE_STOPPED, SIGSTOP);
    send_signal(&session.sandbox, FIRST, SIGCONT, false);
    expect_change(&session, WIRE_CONTINUED, SIGCONT);
    cr_assert_eq(write(session.input, "x\n", 2), 2);
    expect_change(&session, WIRE_EXITED, 4);
    cr_assert_eq(init_result(&session.sandbox), WIRE_INIT_DONE);
}

Test(init, a_signal_before_the_exec_ends_the_command)
{
    /* Signals that the launcher had blocked for itself must not be held up. */
    struct sandbox sandbox = launch(LAUNCH_BLOCKING_SIGNALS);
    struct request request = {.argv = ARGV("/bin/true")};
    struct wire_changed changed;

    send_config(&sandbox, NULL, 0, NULL, 0);
    send_start(&sandbox, FIRST, &request);
    send_signal(&sandbox, FIRST, SIGTERM, true); /* right behind START, to the group */
    changed = expect_changed(&sandbox);
    assert_ended(&changed, WIRE_KILLED, SIGTERM);
    cr_assert_eq(init_result(&sandbox), WIRE_INIT_DONE);
}

/* ---- a terminal ---- */

/* Run @script with a pipe as 1, and what @request has more; it is left running. */
static struct session start_with_output(unsigned flags, struct request request, const char *script,
                                        int *ret_exec_socket)
{
    struct session session = {.sandbox = launch(flags), .input = -1};
    int output[2];

    cr_assert_eq(pipe2(output, O_CLOEXEC), 0);
    request.argv = ARGV("sh", "-c", script);
    request.environment = ARGV(PATH);
    request.fd_count = 1;
    request.fds[0] = output[1];
    request.targets[0] = 1;
    send_config(&session.sandbox, NULL, 0, NULL, 0);
    *ret_exec_socket = send_start(&session.sandbox, FIRST, &request);
    close(output[1]);
    session.output = output[0];
    return session;
}

Test(init, a_terminal_of_the_commands_own)
{
    struct wire_exec_failed failure;
    int exec_socket, master;
    struct session session = start_with_output(
        LAUNCH_FRESH_PTS, (struct request){.session = true, .terminal = 1 | 4},
        "test -t 2 && ! test -t 1 && tty && test -e /dev/tty && exec 3<>/dev/tty && read x && "
        "echo \"$x\" && echo seen >&3",
        &exec_socket);
    char text[64] = "";

    master = expect_terminal(exec_socket);
    session.pid = expect_hello(exec_socket);
    send_go(exec_socket);
    cr_assert_not(exec_failed(exec_socket, &failure));
    expect_line(&session, "/dev/pts/0");
    cr_assert_eq(getsid(session.pid), session.pid);
    cr_assert_eq(write(master, "typed\n", 6), 6);
    expect_line(&session, "typed");
    expect_change(&session, WIRE_EXITED, 0);
    cr_assert_geq(read(master, text, sizeof(text) - 1), 0);
    cr_expect_not_null(strstr(text, "typed"), "no echo: %s", text);
    cr_assert_eq(init_result(&session.sandbox), WIRE_INIT_DONE);
}

Test(init, a_session_without_a_terminal)
{
    struct wire_exec_failed failure;
    int exec_socket;
    struct session session =
        start_with_output(0, (struct request){.session = true},
                          "exec 2>&-; (exec 3</dev/tty) || echo none; read x", &exec_socket);

    session.pid = expect_hello(exec_socket);
    send_go(exec_socket);
    cr_assert_not(exec_failed(exec_socket, &failure));
    expect_line(&session, "none");
    expect_change(&session, WIRE_EXITED, 1); /* there is no descriptor 0 to read from */
    cr_assert_eq(init_result(&session.sandbox), WIRE_INIT_DONE);
}

Test(init, a_terminal_that_can_not_be_made)
{
    struct sandbox sandbox = launch(LAUNCH_EMPTY_PTS);
    struct request request = {.argv = ARGV("/bin/true"), .session = true, .terminal = 1};
    struct wire_exec_failed failure = {0};
    struct wire_changed changed;

    send_config(&sandbox, NULL, 0, NULL, 0);
    cr_assert(exec_failed(send_start(&sandbox, FIRST, &request), &failure));
    cr_expect_eq(failure.stage, WIRE_STAGE_TERMINAL);
    cr_expect_eq(failure.number, ENOENT);
    changed = expect_changed(&sandbox);
    assert_ended(&changed, WIRE_EXITED, 127);
    cr_assert_eq(init_result(&sandbox), WIRE_INIT_DONE);
}

/* ---- what could not be executed ---- */

static struct result run_argv(const char *const *argv, const char *const *environment,
                              const char *directory)
{
    struct setup setup = {
        .request = {.argv = argv, .environment = environment, .directory = directory}};

    return run(&setup);
}

static void assert_exec_fails(const char *name, const char *path, const char *directory, int number,
                              unsigned detail)
{
    struct result result = run_argv(ARGV(name), path == NULL ? NULL : ARGV(path), directory);

    cr_assert(result.failed, "%s was executed", name);
    cr_assert_eq(result.failure.stage, WIRE_STAGE_EXEC);
    cr_assert_eq(result.failure.number, number, "%s: %s", name, strerror(result.failure.number));
    cr_assert_eq(result.failure.detail, detail, "%s: detail %u", name, result.failure.detail);
    assert_ended(&result.changed, WIRE_EXITED, 127);
    cr_assert_eq(result.init_code, WIRE_INIT_DONE);
}

static void make_file(const char *directory, const char *name, const char *text, mode_t mode)
{
    char path[256];
    int fd;

    snprintf(path, sizeof(path), "%s/%s", directory, name);
    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    cr_assert_eq(fchmod(fd, mode), 0);
    close(fd);
}

/** A directory with commands of every sort; returns its name. */
static char *make_commands(void)
{
    static char directory[] = "/tmp/sbx-test-init-XXXXXX";
    char path[256];

    cr_assert_not_null(mkdtemp(directory));
    snprintf(path, sizeof(path), "%s/directory", directory);
    cr_assert_eq(mkdir(path, 0755), 0);
    snprintf(path, sizeof(path), "%s/closed", directory);
    cr_assert_eq(mkdir(path, 0000), 0);
    make_file(directory, "plain", "echo never\n", 0644);
    make_file(directory, "text", "echo never\n", 0755);
    make_file(directory, "bad", "#!/no/such/interpreter\n", 0755);
    make_file(directory, "good", "#!/bin/sh\necho \"good $0 $1\"\n", 0755);
    make_file(directory, "true", "no\n", 0644);
    make_file(directory, "directory/plain", "#!/no/such/interpreter\n", 0755);
    return directory;
}

static void remove_commands(const char *directory)
{
    const char *const names[] = {"plain", "text", "bad", "good", "true", "directory/plain"};
    char path[256];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
        unlink(path);
    }
    snprintf(path, sizeof(path), "%s/directory", directory);
    rmdir(path);
    snprintf(path, sizeof(path), "%s/closed", directory);
    rmdir(path);
    rmdir(directory);
}

Test(init, exec_failures)
{
    char *directory = make_commands();
    char path[128], name[5000];

    assert_exec_fails("/no/such", NULL, NULL, ENOENT, 0);
    assert_exec_fails("/etc/passwd/x", NULL, NULL, ENOTDIR, 0);
    assert_exec_fails("/etc/passwd", NULL, NULL, EACCES, 1);
    assert_exec_fails("/etc", NULL, NULL, EACCES, 1);
    assert_exec_fails("./text", NULL, directory, ENOEXEC, 1);
    assert_exec_fails("./bad", NULL, directory, ENOENT, 1);
    assert_exec_fails("closed/x", NULL, directory, EACCES, 1);
    assert_exec_fails("", NULL, NULL, ENOENT, 0);

    snprintf(path, sizeof(path), "PATH=/no/such:%s/closed:%s", directory, directory);
    assert_exec_fails("no-such-command", "PATH=/usr/bin:/bin", NULL, ENOENT, 0);
    assert_exec_fails("no-such-command", path, NULL, EACCES, 0);
    assert_exec_fails("plain", path, NULL, EACCES, 1);
    assert_exec_fails("text", path, NULL, ENOEXEC, 1);
    assert_exec_fails("bad", path, NULL, ENOENT, 1);
    /* the first file that was found decides */
    snprintf(path, sizeof(path), "PATH=%s:%s/directory", directory, directory);
    assert_exec_fails("plain", path, NULL, EACCES, 1);
    snprintf(path, sizeof(path), "PATH=%s/directory:%s", directory, directory);
    assert_exec_fails("plain", path, NULL, ENOENT, 1);
    snprintf(path, sizeof(path), "PATH=%s", directory);
    assert_exec_fails("directory", path, NULL, ENOENT, 0);
    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    assert_exec_fails(name, path, NULL, ENOENT, 0);
    remove_commands(directory);
}

static void assert_says(const char *name, const char *path, const char *directory,
                        const char *expected)
{
    struct result result =
        run_argv(ARGV(name, "word"), path == NULL ? NULL : ARGV("A=1", path, "PATH=/x"), directory);

    cr_assert_not(result.failed, "%s: %s", name, strerror(result.failure.number));
    cr_assert_str_eq(result.output, expected);
}

Test(init, path_search)
{
    char *directory = make_commands();
    char path[128], expected[128];

    /* past a file that can't be executed, and in the default path */
    snprintf(path, sizeof(path), "PATH=%s:/no/such:/etc/passwd:/bin", directory);
    assert_says("true", path, NULL, "");
    assert_says("echo", NULL, NULL, "word\n");
    /* the new environment decides */
    snprintf(expected, sizeof(expected), "good %s/good word\n", directory);
    assert_says("good", path, NULL, expected);
    /* empty elements are the working directory */
    assert_says("good", "PATH=", directory, "good good word\n");
    assert_says("good", "PATH=/no/such:", directory, "good good word\n");
    assert_says("good", "PATH=:/no/such", directory, "good good word\n");
    assert_exec_fails("good", "PATH=/no/such", directory, ENOENT, 0);
    remove_commands(directory);
}

Test(init, arguments_environment_and_directory)
{
    struct result result =
        run_argv(ARGV("/bin/sh", "-c", "echo \"$#:$0:$1:$2\"; pwd", "", "a b", ""), NULL, "/usr");

    cr_assert_not(result.failed);
    cr_assert_str_eq(result.output, "2::a b:\n/usr\n");

    result = run_argv(ARGV("/usr/bin/env"), ARGV("B=x y", "EMPTY=", "no equals", "A=\n"), "");
    cr_assert_not(result.failed);
    cr_assert_str_eq(result.output, "B=x y\nEMPTY=\nno equals\nA=\n\n");

    result = run_argv(ARGV("/bin/true"), NULL, "/no/such");
    cr_assert(result.failed);
    cr_assert_eq(result.failure.stage, WIRE_STAGE_CHDIR);
    cr_assert_eq(result.failure.number, ENOENT);
}

/* ---- descriptors ---- */

/** Read-only: as descriptor 2 it must not take the shell's complaints. */
static int text_file(const char *text)
{
    int file = memfd_create("text", MFD_CLOEXEC), fd;
    char path[64];

    cr_assert_geq(file, 0);
    cr_assert_eq(write(file, text, strlen(text)), (ssize_t)strlen(text));
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    cr_assert_geq(fd, 0);
    close(file);
    return fd;
}

/** Run @script with a file "N\n" at each of @targets but 1, which is the output. */
static void assert_descriptors(const int *targets, uint32_t count, const char *expected)
{
    struct sandbox sandbox = launch(0);
    struct request request = {
        .argv = ARGV("/bin/sh", "-c",
                     "for i in 0 2 3 4 5 6 7 8 9; do read x <&$i && echo $x; done\n"
                     "exec /bin/ls /proc/self/fd"),
        .fd_count = count};
    struct wire_exec_failed failure;
    char text[16], output[512];
    int pipes[2], exec_socket;

    cr_assert_eq(pipe2(pipes, O_CLOEXEC), 0);
    for (uint32_t i = 0; i < count; i++) {
        snprintf(text, sizeof(text), "%d\n", targets[i]);
        request.targets[i] = targets[i];
        request.fds[i] = targets[i] == 1 ? pipes[1] : text_file(text);
    }
    send_config(&sandbox, NULL, 0, NULL, 0);
    exec_socket = send_start(&sandbox, FIRST, &request);
    expect_hello(exec_socket);
    send_go(exec_socket);
    cr_assert_not(exec_failed(exec_socket, &failure));
    close(pipes[1]);
    read_all(pipes[0], output, sizeof(output));
    cr_assert_str_eq(output, expected);
    cr_assert_eq(init_result(&sandbox), WIRE_INIT_DONE);
}

Test(init, descriptors_at_odd_places)
{
    /* ls has its directory open too, at the lowest free number */
    assert_descriptors((int[]){0, 1, 2, 7}, 4, "0\n2\n7\n0\n1\n2\n3\n7\n");
    assert_descriptors((int[]){1}, 1, "0\n1\n");
    assert_descriptors((int[]){1, 2, 3, 4, 5, 6, 7, 8, 9}, 9,
                       "2\n3\n4\n5\n6\n7\n8\n9\n0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    assert_descriptors((int[]){0, 1, 5, 6, 8, 500}, 6, "0\n5\n6\n8\n0\n1\n2\n5\n500\n6\n8\n");
}

Test(init, descriptor_beyond_the_limit)
{
    struct setup setup = {
        .request = {.argv = ARGV("/bin/true"), .fd_count = 1, .fds = {2}, .targets = {INT32_MAX}}};
    struct result result = run(&setup);

    cr_assert(result.failed);
    cr_assert_eq(result.failure.stage, WIRE_STAGE_DESCRIPTORS);
    cr_assert_eq(result.failure.number, EBADF);
}

Test(init, a_mebibyte_through_cat)
{
    enum { SIZE = 1 << 20 };
    struct session session = start_shell("exec cat");
    unsigned char *sent = malloc(SIZE), *got = malloc(SIZE);
    size_t out = 0, in = 0;

    cr_assert(sent != NULL && got != NULL);
    for (size_t i = 0; i < SIZE; i++)
        sent[i] = (unsigned char)(i * 2654435761U >> 13);
    cr_assert_eq(fcntl(session.input, F_SETFL, O_NONBLOCK), 0);
    while (in < SIZE) {
        struct pollfd ends[] = {{.fd = out < SIZE ? session.input : -1, .events = POLLOUT},
                                {.fd = session.output, .events = POLLIN}};
        ssize_t count;

        cr_assert_gt(poll(ends, 2, PATIENCE_MS), 0, "stuck at %zu of %d", in, SIZE);
        if (ends[0].revents != 0 && (count = write(session.input, sent + out, SIZE - out)) > 0)
            out += (size_t)count;
        if (out == SIZE && session.input >= 0) {
            close(session.input);
            session.input = -1;
        }
        if (ends[1].revents != 0) {
            count = read(session.output, got + in, SIZE - in);
            cr_assert_gt(count, 0, "end after %zu", in);
            in += (size_t)count;
        }
    }
    cr_assert_eq(memcmp(sent, got, SIZE), 0);
    expect_change(&session, WIRE_EXITED, 0);
    free(sent);
    free(got);
}

/* ---- processes ---- */

/** How many processes of the host have @parent and are in @state, or in any for 0. */
static int count_children(pid_t parent, char state)
{
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    int count = 0;

    cr_assert_not_null(proc);
    while ((entry = readdir(proc)) != NULL) {
        char path[300], stat[512] = "", *end, its_state = 0;
        int fd, ppid = 0;

        snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
        fd = entry->d_name[0] > '0' && entry->d_name[0] <= '9' ? open(path, O_RDONLY) : -1;
        if (fd < 0)
            continue;
        if (read(fd, stat, sizeof(stat) - 1) > 0 && (end = strrchr(stat, ')')) != NULL &&
            sscanf(end, ") %c %d", &its_state, &ppid) == 2 && ppid == parent)
            count += state == 0 || state == its_state;
        close(fd);
    }
    closedir(proc);
    return count;
}

static void await_children(pid_t parent, char state, int count)
{
    for (int i = 0; i < PATIENCE_MS / 20 && count_children(parent, state) != count; i++)
        usleep(20000);
    cr_assert_eq(count_children(parent, state), count, "%d children, not %d",
                 count_children(parent, state), count);
}

Test(init, orphans_are_reaped)
{
    /* They all end when the input does.  More than init reaps in one go. */
    struct session session = start_shell("exec 3<&0; i=0\n"
                                         "while [ $i -lt 600 ]; do (cat <&3 >/dev/null &)\n"
                                         "i=$((i+1)); done; echo ready\n"
                                         "trap 'exit 5' TERM; while :; do sleep 0.05; done");
    pid_t init = session.sandbox.init;

    expect_line(&session, "ready");
    await_children(init, 0, 601);
    /* Held up meanwhile, init finds them dead all at once, for one SIGCHLD. */
    cr_assert_eq(kill(init, SIGSTOP), 0);
    close(session.input);
    await_children(init, 'Z', 600);
    cr_assert_eq(kill(init, SIGCONT), 0);
    await_children(init, 0, 1);
    send_signal(&session.sandbox, FIRST, SIGTERM, false);
    expect_change(&session, WIRE_EXITED, 5);
    cr_assert_eq(init_result(&session.sandbox), WIRE_INIT_DONE);
}

Test(init, the_first_commands_end_ends_all)
{
    /* The pipe's end comes only when nobody has it open any more. */
    struct result result = run_shell("setsid sleep 1000 & (sleep 1000 &); trap '' TERM; exit 6");

    assert_ended(&result.changed, WIRE_EXITED, 6);
}

Test(init, hanging_up_ends_all)
{
    struct session session = start_shell("trap '' TERM HUP; setsid sleep 1000 &\n"
                                         "echo ready; wait; sleep 1000");
    char rest[64];

    expect_line(&session, "ready");
    close(session.sandbox.control);
    cr_assert_eq(init_result(&session.sandbox), WIRE_INIT_HUNG_UP);
    read_all(session.output, rest, sizeof(rest));
    cr_assert_eq(kill(session.pid, 0), -1);
    cr_assert_eq(errno, ESRCH);
}

Test(init, no_go_no_command)
{
    struct sandbox sandbox = launch(0);
    struct request request = {.argv = ARGV("/bin/true")};
    struct wire_changed changed;
    int exec_socket;

    send_config(&sandbox, NULL, 0, NULL, 0);
    exec_socket = send_start(&sandbox, FIRST, &request);
    expect_hello(exec_socket);
    close(exec_socket);
    changed = expect_changed(&sandbox);
    assert_ended(&changed, WIRE_EXITED, 127);
    cr_assert_eq(init_result(&sandbox), WIRE_INIT_DONE);
}

Test(init, further_commands)
{
    struct session session = start_shell("echo ready; read x; exit 8");
    struct request request = {.argv = ARGV("/bin/sh", "-c", "exit 11")};
    int sockets[WIRE_MAX_RUNNING];
    struct wire_exec_failed failure;
    struct wire_changed changed;

    expect_line(&session, "ready");
    /* as many as there can be beside the first, all waiting for GO */
    for (uint32_t i = 0; i < WIRE_MAX_RUNNING - 1; i++) {
        sockets[i] = send_start(&session.sandbox, 1000 + i, &request);
        expect_hello(sockets[i]);
    }
    cr_assert(exec_failed(send_start(&session.sandbox, 2000, &request), &failure));
    cr_assert_eq(failure.stage, WIRE_STAGE_FORK);
    cr_assert_eq(failure.number, EAGAIN);
    for (uint32_t i = 0; i < WIRE_MAX_RUNNING - 1; i++) {
        send_go(sockets[i]);
        cr_assert_not(exec_failed(sockets[i], &failure));
        changed = expect_changed(&session.sandbox);
        cr_assert_eq(changed.command, 1000 + i);
        assert_ended(&changed, WIRE_EXITED, 11);
    }
    /* a number may be used again once its command is gone */
    sockets[0] = send_start(&session.sandbox, 1000, &request);
    expect_hello(sockets[0]);
    cr_assert_eq(write(session.input, "x\n", 2), 2);
    expect_change(&session, WIRE_EXITED, 8);
    cr_assert_eq(init_result(&session.sandbox), WIRE_INIT_DONE);
}
