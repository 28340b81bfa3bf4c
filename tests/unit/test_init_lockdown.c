/* SPDX-License-Identifier: Apache-2.0 */
/* sbx-init: what a command gets imposed, what it can't do to init, and what init won't accept. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "init_driver.h"

#include "kernel/seccomp_notify.h"
#include "run/receive.h"

#include <dirent.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/utsname.h>

TestSuite(init_lockdown, .timeout = 60);

#define LOAD(field)         BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(value)       BPF_STMT(BPF_RET | BPF_K, (value))
#define REFUSE              RETURN(SECCOMP_RET_ERRNO | EPERM)
#define ALLOW               RETURN(SECCOMP_RET_ALLOW)
#define IF_NOT(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (skip))
#define LENGTH(array)       ((uint32_t)(sizeof(array) / sizeof((array)[0])))

/* ---- limits and filter ---- */

Test(init_lockdown, limits)
{
    const struct wire_rlimit rlimits[] = {
        {.resource = RLIMIT_NOFILE, .soft = 20, .hard = 30},
        {.resource = RLIMIT_CORE, .soft = 1, .hard = 1},
        {.resource = RLIMIT_FSIZE, .soft = RLIM_INFINITY, .hard = RLIM_INFINITY},
    };
    struct rlimit unlimited;
    struct setup setup = {.rlimits = rlimits, .rlimit_count = 3};
    struct result result;

    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &unlimited), 0);
    if (unlimited.rlim_max != RLIM_INFINITY)
        setup.rlimit_count = 2;
    result = run_shell_with(setup, "ulimit -Sn; ulimit -Hn; grep core /proc/self/limits");
    cr_assert_str_eq(result.output, "20\n30\nMax core file size        1                    1     "
                                    "               bytes     \n");
}

Test(init_lockdown, descriptors_above_their_own_limit)
{
    const struct wire_rlimit rlimits[] = {{.resource = RLIMIT_NOFILE, .soft = 10, .hard = 10}};
    struct setup setup = {.rlimits = rlimits, .rlimit_count = 1};
    int pipes[2];
    struct result result;

    cr_assert_eq(pipe2(pipes, O_CLOEXEC), 0);
    setup.request = (struct request){
        .argv = ARGV("/bin/true"), .fd_count = 1, .fds = {pipes[0]}, .targets = {40}};
    result = run(&setup);
    cr_assert_not(result.failed);
    assert_ended(&result.changed, WIRE_EXITED, 0);
}

Test(init_lockdown, a_limit_that_cannot_be_set)
{
    const struct wire_rlimit rlimits[] = {{.resource = RLIMIT_CORE, .soft = 1, .hard = 1},
                                          {.resource = RLIMIT_CPU, .soft = 9, .hard = 8}};
    struct setup setup = {
        .rlimits = rlimits, .rlimit_count = 2, .request = {.argv = ARGV("/bin/true")}};
    struct result result = run(&setup);

    cr_assert(result.failed);
    cr_assert_eq(result.failure.stage, WIRE_STAGE_RLIMIT);
    cr_assert_eq(result.failure.number, EINVAL);
    cr_assert_eq(result.failure.detail, RLIMIT_CPU);
}

Test(init_lockdown, the_process_limit_is_the_commands)
{
    /* init and the command are two; so one more process, and no second */
    const struct wire_rlimit rlimits[] = {{.resource = RLIMIT_NPROC, .soft = 3, .hard = 3}};
    struct setup setup = {.rlimits = rlimits, .rlimit_count = 1};
    struct result result;

    if (geteuid() == 0)
        cr_skip_test("the limit does not count processes of the host's uid 0");
    result = run_shell_with(setup, "sleep 0.1; echo one; sleep 0.1 | sleep 0.1; echo two");
    cr_assert_not_null(strstr(result.output, "one\n"));
    cr_assert_not_null(strstr(result.output, "annot fork"), "%s", result.output);
}

Test(init_lockdown, filter)
{
    const struct sock_filter filter[] = {LOAD(nr), IF_NOT(SYS_uname, 1), REFUSE, ALLOW};
    struct setup setup = {.filter = filter, .filter_length = LENGTH(filter)};
    struct result result;

    result = run_shell_with(setup, "uname 2>/dev/null || echo refused\n"
                                   "grep -E '^(NoNewPrivs|Seccomp|CapPrm|CapEff):' "
                                   "/proc/self/status");
    cr_assert_str_eq(result.output, "refused\nCapPrm:\t0000000000000000\nCapEff:\t"
                                    "0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n");
    result = run_shell_with((struct setup){0}, "uname; grep ^Seccomp: /proc/self/status");
    cr_assert_str_eq(result.output, "Linux\nSeccomp:\t0\n");
}

Test(init_lockdown, the_filter_comes_after_the_limits)
{
    /* refuses prlimit64() where that would set something, and all that place_descriptors() does */
    const struct sock_filter filter[] = {
        LOAD(nr), IF_NOT(SYS_prlimit64, 3), LOAD(args[2]), IF_NOT(0, 6), ALLOW, IF_NOT(SYS_dup2, 1),
        REFUSE,   IF_NOT(SYS_chdir, 1),     REFUSE,        ALLOW,        REFUSE};
    const struct wire_rlimit rlimits[] = {{.resource = RLIMIT_CORE, .soft = 1, .hard = 1}};
    struct setup setup = {.rlimits = rlimits,
                          .rlimit_count = 1,
                          .filter = filter,
                          .filter_length = LENGTH(filter),
                          .request = {.argv = ARGV("/bin/true"), .directory = "/"}};
    struct result result = run(&setup);

    cr_assert_not(result.failed, "stage %u", result.failure.stage);
    assert_ended(&result.changed, WIRE_EXITED, 0);
}

Test(init_lockdown, a_filter_that_the_kernel_refuses)
{
    const struct sock_filter filter[] = {LOAD(nr)}; /* no return at its end */
    struct setup setup = {
        .filter = filter, .filter_length = LENGTH(filter), .request = {.argv = ARGV("/bin/true")}};
    struct result result = run(&setup);

    cr_assert(result.failed);
    cr_assert_eq(result.failure.stage, WIRE_STAGE_SECCOMP);
    cr_assert_eq(result.failure.number, EINVAL);
}

Test(init_lockdown, a_failed_exec_is_told_through_a_filter_without_sockets)
{
    const struct sock_filter filter[] = {LOAD(nr), IF_NOT(SYS_sendto, 1), REFUSE, ALLOW};
    struct setup setup = {
        .filter = filter, .filter_length = LENGTH(filter), .request = {.argv = ARGV("/no/such")}};
    struct result result = run(&setup);

    cr_assert(result.failed);
    cr_assert_eq(result.failure.stage, WIRE_STAGE_EXEC);
    cr_assert_eq(result.failure.number, ENOENT);
}

/* The command's process waits in the refused call until whoever got the listener has answered. */
Test(init_lockdown, a_filter_that_asks)
{
    struct {
        struct wire_config head;
        struct sock_filter filter[4];
    } config = {.head = {.type = WIRE_CONFIG, .filter_length = 4, .listen = 1},
                .filter = {LOAD(nr), IF_NOT(SYS_uname, 1), RETURN(SECCOMP_RET_USER_NOTIF), ALLOW}};
    struct sandbox sandbox = launch(0);
    struct request request = {.argv = ARGV("/bin/sh", "-c", "uname || exit 9")};
    struct wire_exec_failed failed;
    struct seccomp_refusal refusal;
    struct wire_changed changed;
    uint32_t type = 0;
    int listener;
    int socket;

    send_bytes(sandbox.control, &config, sizeof(config), NULL, 0);
    socket = send_start(&sandbox, FIRST, &request);
    wait_readable(socket, "LISTENER");
    cr_assert_eq(receive(socket, &type, sizeof(type), &listener, NULL), (ssize_t)sizeof(type));
    cr_assert_eq(type, WIRE_LISTENER);
    cr_assert_geq(listener, 0);
    expect_hello(socket);
    send_go(socket);
    cr_assert_not(exec_failed(socket, &failed), "stage %u", failed.stage);
    wait_readable(listener, "the refused call");
    cr_assert_eq(seccomp_receive(listener, &refusal), 0);
    cr_expect_eq(refusal.data.nr, SYS_uname);
    cr_expect_eq(seccomp_refuse(listener, refusal.id + 1, EPERM), -ENOENT);
    cr_expect_eq(seccomp_refuse(listener, refusal.id, EPERM), 0);
    changed = expect_changed(&sandbox);
    assert_ended(&changed, WIRE_EXITED, 9);
    close(listener);
}

/* ---- signals ---- */

#define SHOW_SIGNALS "grep -E '^Sig(Blk|Ign)' /proc/self/status"

Test(init_lockdown, dispositions_pass_through)
{
    struct setup setup = {0};
    struct result result = run_shell_with(setup, SHOW_SIGNALS);

    cr_assert_str_eq(result.output, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
    setup.flags = LAUNCH_IGNORING_HANGUP;
    result = run_shell_with(setup, SHOW_SIGNALS);
    cr_assert_str_eq(result.output, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000001\n");
    /* What the launcher blocked for itself is not for the command; what START says is. */
    setup.flags = LAUNCH_BLOCKING_SIGNALS;
    setup.request.argv = ARGV("/bin/grep", "^SigBlk", "/proc/self/status"); /* sh changes it */
    setup.request.signal_mask = 1ULL << (SIGUSR1 - 1) | 1ULL << (33 - 1) | 1ULL << (64 - 1);
    result = run(&setup);
    cr_assert_str_eq(result.output, "SigBlk:\t8000000100000200\n");
}

Test(init_lockdown, ignored_children_are_still_reaped_by_init)
{
    struct setup setup = {.flags = LAUNCH_IGNORING_CHILDREN,
                          .request = {.argv = ARGV("/bin/grep", "^SigIgn", "/proc/self/status")}};
    struct result result = run(&setup);

    cr_assert_not(result.failed);
    assert_ended(&result.changed, WIRE_EXITED, 0);
    cr_assert_str_eq(result.output, "SigIgn:\t0000000000010000\n");
}

/* ---- what the command can't do to init ---- */

Test(init_lockdown, no_signal_from_inside_means_anything)
{
    struct result result =
        run_shell("i=1; while [ $i -le 64 ]; do kill -$i 1 2>/dev/null; i=$((i+1)); done\n"
                  "kill -CHLD 1; kill -KILL 1; kill -STOP 1; sleep 0.1; (exit 3); echo $?");

    cr_assert_str_eq(result.output, "3\n");
    assert_ended(&result.changed, WIRE_EXITED, 0);
}

Test(init_lockdown, init_shows_nothing)
{
    struct setup setup = {.flags = LAUNCH_FRESH_PROC};
    /* The owner, who is uid 0 of the namespace, may list the numbers in fd, but no more. */
    struct result result =
        run_shell_with(setup, "cat /proc/1/comm; tr '\\0' ' ' </proc/1/cmdline; echo\n"
                              "for i in environ maps auxv fdinfo/0; do\n"
                              "  cat /proc/self/$i >/dev/null 2>&1 && echo own $i\n"
                              "  cat /proc/1/$i >/dev/null 2>&1 && echo readable $i; done\n"
                              "for i in exe cwd root fd/0 ns/mnt; do\n"
                              "  readlink /proc/self/$i >/dev/null && echo own $i\n"
                              "  readlink /proc/1/$i && echo readable $i; done; true");

    cr_assert_str_eq(result.output, "sbx-init\nsbx-init \nown environ\nown maps\nown auxv\n"
                                    "own fdinfo/0\nown exe\nown cwd\nown root\nown fd/0\n"
                                    "own ns/mnt\n");
}

/** A perl script that takes descriptor 0 of, then seizes, init, a child of its own, and a
 * command that waits for GO; it prints the errno of each try, 0 where it worked. */
static const char *tamper_script(void)
{
    static char script[1024];

    snprintf(script, sizeof(script),
             "$| = 1; my $child = fork; if (!$child) { sleep 1000; }\n"
             "print \"ready\\n\"; my $word = <STDIN>;\n"
             "for my $pid ($child, 1, $child + 1) {\n"
             "  my $fd = syscall(%d, $pid, 0); die if $fd < 0;\n"
             "  $! = 0; syscall(%d, $fd, 0, 0); print $! + 0, \"\\n\";\n"
             "  $! = 0; syscall(%d, 0x4206, $pid, 0, 0); print $! + 0, \"\\n\"; }\n",
             SYS_pidfd_open, SYS_pidfd_getfd, SYS_ptrace);
    return script;
}

Test(init_lockdown, nobody_tampers_with_init_or_a_command_to_be)
{
    struct session session;
    struct request request = {.argv = ARGV("/bin/true"), .fd_count = 1, .fds = {2}};
    char script[1100];
    int exec_socket;

    snprintf(script, sizeof(script), "exec perl -e '%s'", tamper_script());
    session = start_shell(script);
    expect_line(&session, "ready");
    exec_socket = send_start(&session.sandbox, FIRST + 1, &request);
    expect_hello(exec_socket);
    cr_assert_eq(write(session.input, "x\n", 2), 2);
    for (int i = 0; i < 2; i++)
        expect_line(&session, "0");
    for (int i = 0; i < 4; i++)
        expect_line(&session, "1"); /* EPERM */
    expect_change(&session, WIRE_EXITED, 0);
    close(exec_socket);
}

Test(init_lockdown, the_group_is_the_commands_own)
{
    struct setup setup = {.flags = LAUNCH_FRESH_PROC};
    /* pid, then group, of init, then of the command: fields 1 and 5 */
    struct result result = run_shell_with(
        setup, "cut -d' ' -f1,5 /proc/1/stat /proc/$$/stat; kill -KILL 0; echo not reached");

    cr_assert_str_eq(result.output, "1 1\n2 2\n");
    assert_ended(&result.changed, WIRE_KILLED, SIGKILL);
}

/* ---- what the process says of itself, and what it has open while it waits ---- */

static unsigned count_open(pid_t pid)
{
    char path[32];
    DIR *directory;
    unsigned count = 0;

    snprintf(path, sizeof(path), "/proc/%d/fdinfo", pid);
    directory = opendir(path);
    cr_assert_not_null(directory);
    for (const struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory))
        count += entry->d_name[0] != '.';
    closedir(directory);
    return count;
}

Test(init_lockdown, what_hello_says)
{
    struct sandbox sandbox = launch(0);
    struct request request = {.argv = ARGV("/bin/true"), .fd_count = 2, .targets = {1, 40}};
    struct wire_exec_failed failure;
    struct wire_hello hello;
    struct utsname names;
    int exec_socket;
    pid_t pid;

    cr_assert_eq(uname(&names), 0);
    request.fds[0] = request.fds[1] = open("/dev/null", O_WRONLY | O_CLOEXEC);
    send_config(&sandbox, NULL, 0, NULL, 0);
    exec_socket = send_start(&sandbox, FIRST, &request);
    pid = expect_hello_saying(exec_socket, &hello);
    cr_expect_eq(hello.securebits, (SECURE_ALL_BITS | SECURE_ALL_LOCKS) & ~SECBIT_KEEP_CAPS,
                 "the exec takes that one away");
    cr_expect_eq(hello.dumpable, 0);
    cr_expect_eq(hello.userns_error, 0, "nobody asked for the try");
    cr_expect_str_eq(hello.hostname, names.nodename);
    /* 1 and 40 and the exec socket: nothing else is left to the exec to close */
    cr_expect_eq(count_open(pid), 3);
    send_go(exec_socket);
    cr_assert_not(exec_failed(exec_socket, &failure));
    cr_assert_eq(init_result(&sandbox), WIRE_INIT_DONE);
}

/* No capability is needed to make a user namespace, so only the limit refuses it. */
Test(init_lockdown, the_try_of_a_user_namespace)
{
    struct sandbox sandbox = launch(0);
    struct request request = {.argv = ARGV("/bin/true")};
    struct wire_config config = {.type = WIRE_CONFIG, .try_userns = 1};
    struct wire_hello hello;
    pid_t pid;
    char own[64], its[64], path[48];
    ssize_t length;

    send_bytes(sandbox.control, &config, sizeof(config), NULL, 0);
    pid = expect_hello_saying(send_start(&sandbox, FIRST, &request), &hello);
    cr_expect_eq(hello.userns_error, 0, "it can make one here, and says so: %s",
                 strerror(hello.userns_error));
    snprintf(path, sizeof(path), "/proc/%d/ns/user", sandbox.init);
    length = readlink(path, own, sizeof(own));
    snprintf(path, sizeof(path), "/proc/%d/ns/user", pid);
    cr_assert_gt(length, 0);
    cr_assert_eq(readlink(path, its, sizeof(its)), length);
    cr_expect_neq(memcmp(own, its, (size_t)length), 0, "it is in the one that it has made");
    kill(sandbox.init, SIGKILL);
    cr_assert_eq(init_result(&sandbox), -SIGKILL);
}

static void assert_passes_the_gate_without(const int *calls, size_t count, bool passes)
{
    struct sock_filter filter[16] = {LOAD(nr)};
    struct setup setup = {.filter = filter, .request = {.argv = ARGV("/bin/true")}};
    uint32_t length = 1;
    struct result result;

    for (size_t i = 0; i < count; i++) {
        filter[length++] = (struct sock_filter)IF_NOT((uint32_t)calls[i], 1);
        filter[length++] = (struct sock_filter)REFUSE;
    }
    filter[length++] = (struct sock_filter)ALLOW;
    setup.filter_length = length;
    result = run(&setup);
    cr_expect_eq(result.failed, !passes);
    if (!passes)
        cr_expect_eq(result.failure.stage, WIRE_STAGE_HANDSHAKE);
}

Test(init_lockdown, filters_that_refuse_to_listen_or_speak)
{
    static const int calls[] = {SYS_read, SYS_recvfrom, SYS_readv};
    static const int others[] = {SYS_sendto, SYS_write};

    assert_passes_the_gate_without(calls, 1, true);
    assert_passes_the_gate_without(calls, 2, true);
    assert_passes_the_gate_without(calls, 3, false);
    assert_passes_the_gate_without(others, 2, true);
}

/* ---- what init does not accept ---- */

Test(init_lockdown, refuses_to_work_without_isolation)
{
    struct sandbox sandbox = launch(LAUNCH_WITHOUT_NO_NEW_PRIVS);

    cr_assert_eq(init_result(&sandbox), WIRE_INIT_NOT_ISOLATED);
    sandbox = launch(LAUNCH_WITHOUT_PID_NAMESPACE);
    cr_assert_eq(init_result(&sandbox), WIRE_INIT_NOT_ISOLATED);
}

Test(init_lockdown, hanging_up_before_any_message)
{
    struct sandbox sandbox = launch(0);

    close(sandbox.control);
    cr_assert_eq(init_result(&sandbox), WIRE_INIT_HUNG_UP);
    sandbox = launch(0);
    send_config(&sandbox, NULL, 0, NULL, 0);
    close(sandbox.control);
    cr_assert_eq(init_result(&sandbox), WIRE_INIT_HUNG_UP);
}

/** As first message or, @configured, after CONFIG. */
static void assert_refused(bool configured, const void *data, size_t size, const int *fds,
                           size_t fd_count)
{
    struct sandbox sandbox = launch(0);

    if (configured)
        send_config(&sandbox, NULL, 0, NULL, 0);
    send_bytes(sandbox.control, data, size, fds, fd_count);
    cr_assert_eq(init_result(&sandbox), WIRE_INIT_BAD_MESSAGE);
    close(sandbox.control);
}

Test(init_lockdown, bad_configs)
{
    struct {
        struct wire_config head;
        struct sock_filter filter[2];
    } config = {.head = {.type = WIRE_CONFIG}};
    struct wire_start start = {.type = WIRE_START};
    uint32_t type = WIRE_CONFIG;
    int fd = 2;

    assert_refused(false, &start, sizeof(start), NULL, 0); /* before CONFIG */
    assert_refused(false, &type, 3, NULL, 0);
    assert_refused(false, &type, sizeof(type), NULL, 0);
    assert_refused(false, &config, sizeof(config), NULL, 0); /* two instructions too many */
    assert_refused(false, &config, sizeof(config.head), &fd, 1);
    assert_refused(true, &config, sizeof(config.head), NULL, 0); /* a second one */
    config.head.filter_length = 3;
    assert_refused(false, &config, sizeof(config), NULL, 0);
    config.head.filter_length = WIRE_MAX_FILTER + 1;
    assert_refused(false, &config, sizeof(config), NULL, 0);
    config.head.filter_length = 2;
    config.head.listen = 2;
    assert_refused(false, &config, sizeof(config), NULL, 0);
    config.head.filter_length = 0;
    config.head.listen = 1; /* to nothing */
    assert_refused(false, &config, sizeof(config.head), NULL, 0);
    config.head.listen = 0;
    config.head.rlimit_count = WIRE_MAX_RLIMITS + 1;
    assert_refused(false, &config, sizeof(config.head), NULL, 0);
}

/** START for @text of @size bytes as the strings, with descriptors 3 and @second_target. */
static struct wire_start start_for(const char *text, size_t size, int second_target, int *ret_fds)
{
    struct wire_start start = {.type = WIRE_START,
                               .command = FIRST,
                               .argc = 2,
                               .envc = 1,
                               .strings_size = size,
                               .fd_count = 2,
                               .fd_targets = {3, second_target}};
    int pair[2];

    cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    ret_fds[0] = pair[0];
    ret_fds[1] = memfd_create("strings", MFD_CLOEXEC);
    cr_assert_eq(write(ret_fds[1], text, size), (ssize_t)size);
    ret_fds[2] = ret_fds[3] = ret_fds[4] = 2;
    return start;
}

#define GOOD "a\0b\0E=1\0/"

Test(init_lockdown, bad_starts)
{
    int fds[5];
    struct wire_start start = start_for(GOOD, sizeof(GOOD), 4, fds);
    unsigned char longer[sizeof(start) + 4] = {0};

    memcpy(longer, &start, sizeof(start));
    assert_refused(true, longer, sizeof(longer), fds, 4);
    assert_refused(true, &start, sizeof(start) - 4, fds, 4);
    assert_refused(true, &start, sizeof(start), fds, 3);
    assert_refused(true, &start, sizeof(start), fds, 5);
    assert_refused(true, &start, sizeof(start), NULL, 0);
    start = start_for(GOOD, sizeof(GOOD), 3, fds); /* targets that don't increase */
    assert_refused(true, &start, sizeof(start), fds, 4);
    start.fd_targets[0] = -1;
    assert_refused(true, &start, sizeof(start), fds, 4);
    start.fd_count = WIRE_MAX_FDS + 1;
    assert_refused(true, &start, sizeof(start), fds, 4);
    start = start_for(GOOD, sizeof(GOOD), 4, fds);
    start.terminal = 1; /* without a session to control */
    assert_refused(true, &start, sizeof(start), fds, 4);
    start.session = 1;
    start.terminal = 8;
    assert_refused(true, &start, sizeof(start), fds, 4);
    start.terminal = 4; /* what a descriptor is for already */
    start.fd_targets[0] = 2;
    assert_refused(true, &start, sizeof(start), fds, 4);
}

Test(init_lockdown, bad_strings)
{
    char page[4096];
    int fds[5];
    struct wire_start start = start_for(GOOD, sizeof(GOOD), 4, fds);

    start.strings_size++; /* longer than the file */
    assert_refused(true, &start, sizeof(start), fds, 4);
    start.strings_size -= 2; /* the last one has no end */
    assert_refused(true, &start, sizeof(start), fds, 4);
    start = start_for(GOOD, sizeof(GOOD), 4, fds);
    start.argc = 0;
    assert_refused(true, &start, sizeof(start), fds, 4);
    start.argc = 1; /* one string too many in the file, then one too few */
    assert_refused(true, &start, sizeof(start), fds, 4);
    start.argc = 3;
    assert_refused(true, &start, sizeof(start), fds, 4);
    start.argc = 2;
    start.envc = 2;
    assert_refused(true, &start, sizeof(start), fds, 4);
    start.envc = start.argc = UINT32_MAX;
    assert_refused(true, &start, sizeof(start), fds, 4);
    start = start_for(GOOD, sizeof(GOOD), 4, fds);
    memset(page, 'x', sizeof(page)); /* no end in the whole page, nor after it */
    start = start_for(page, sizeof(page), 4, fds);
    start.strings_size += sizeof(page);
    assert_refused(true, &start, sizeof(start), fds, 4);
    fds[1] = fds[0]; /* not a file */
    assert_refused(true, &start, sizeof(start), fds, 4);
}

Test(init_lockdown, bad_orders)
{
    struct wire_signal order = {.type = WIRE_SIGNAL, .command = FIRST, .signal = SIGTERM};
    uint32_t type = 77;
    int fd = 2;

    assert_refused(true, &type, sizeof(type), NULL, 0);
    assert_refused(true, &type, 1, NULL, 0);
    assert_refused(true, &order, sizeof(order) - 1, NULL, 0);
    assert_refused(true, &order, sizeof(order), &fd, 1);
    order.signal = 0;
    assert_refused(true, &order, sizeof(order), NULL, 0);
    order.signal = 65;
    assert_refused(true, &order, sizeof(order), NULL, 0);
}

Test(init_lockdown, a_number_in_use)
{
    struct sandbox sandbox = launch(0);
    struct request request = {.argv = ARGV("/bin/true")};

    send_config(&sandbox, NULL, 0, NULL, 0);
    expect_hello(send_start(&sandbox, FIRST, &request));
    send_start(&sandbox, FIRST, &request);
    cr_assert_eq(init_result(&sandbox), WIRE_INIT_BAD_MESSAGE);
}
