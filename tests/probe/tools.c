/* SPDX-License-Identifier: Apache-2.0 */
/* Small tools for the tests: callers with odd descriptors, listeners, terminals, process trees. */
#define _GNU_SOURCE
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <netinet/in.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* --- callers ------------------------------------------------------------------------------- */

/* leak-fds N COMMAND...: N descriptors more, inheritable, of several kinds. */
static int leak_fds(int argc, char **argv)
{
    int count = atoi(argv[0]);

    (void)argc;
    for (int i = 0; i < count; i++) {
        int pair[2] = {-1, -1};
        int fd;

        switch (i % 4) {
        case 0:
            fd = open("/etc/passwd", O_RDONLY);
            break;
        case 1:
            fd = open("/", O_RDONLY | O_DIRECTORY);
            break;
        case 2:
            fd = open("/", O_PATH);
            break;
        default:
            fd = socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0 ? -1 : pair[0];
        }
        if (fd < 0)
            return fail("leak-fds");
        if (pair[1] >= 0)
            close(pair[1]);
        /* Far apart, so that closing a few low ones isn't enough. */
        if (dup2(fd, 20 + i * 37) < 0)
            return fail("dup2");
        close(fd);
    }
    return run_command(argv + 1);
}

/* with-opath FD PATH COMMAND...: descriptor FD is an O_PATH one. */
static int with_opath(int argc, char **argv)
{
    int fd = open(argv[1], O_PATH);

    (void)argc;
    if (fd < 0 || dup2(fd, atoi(argv[0])) < 0)
        return fail(argv[1]);
    if (fd != atoi(argv[0]))
        close(fd);
    return run_command(argv + 2);
}

/* with-ignored SIGNAL COMMAND..., with-blocked SIGNAL COMMAND...; "all": each that can be */
static int with_ignored(int argc, char **argv)
{
    (void)argc;
    if (strcmp(argv[0], "all") == 0)
        for (int i = 1; i < 65; i++)
            signal(i, SIG_IGN);
    else
        signal(atoi(argv[0]), SIG_IGN);
    return run_command(argv + 1);
}

/* with-defaults COMMAND...: every signal as init has it. */
static int with_defaults(int argc, char **argv)
{
    sigset_t none;

    (void)argc;
    for (int i = 1; i < 65; i++)
        signal(i, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    return run_command(argv);
}

static int with_blocked(int argc, char **argv)
{
    sigset_t set;

    (void)argc;
    sigemptyset(&set);
    if (strcmp(argv[0], "all") == 0)
        sigfillset(&set);
    else
        sigaddset(&set, atoi(argv[0]));
    sigprocmask(SIG_BLOCK, &set, NULL);
    return run_command(argv + 1);
}

/* without-words PROGRAM: it has no argument at all, not even its name. */
static int without_words(int argc, char **argv)
{
    char *none[] = {NULL};

    (void)argc;
    execv(argv[0], none);
    return fail(argv[0]);
}

/* with-key NAME COMMAND...: a new session keyring that holds a key. */
static int with_key(int argc, char **argv)
{
    (void)argc;
    if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 ||
        syscall(SYS_add_key, "user", argv[0], "secret", 6, KEY_SPEC_SESSION_KEYRING) < 0)
        return fail("with-key");
    return run_command(argv + 1);
}

/* --- listeners ----------------------------------------------------------------------------- */

/* Accept for as long as we live; the word tells the test that the socket listens, and a line for
 * each client that somebody came. */
static int serve(int fd, const char *word)
{
    int client;

    puts(word);
    fflush(stdout);
    while ((client = accept(fd, NULL, NULL)) >= 0 || errno == EINTR)
        if (client >= 0) {
            puts("connected");
            fflush(stdout);
            close(client);
        }
    return fail("accept");
}

static int listen_unix_at(const char *name, size_t length)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (length > sizeof(address.sun_path))
        return fail("the name is too long");
    memcpy(address.sun_path, name, length);
    if (bind(fd, (struct sockaddr *)&address,
             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) < 0 ||
        listen(fd, 8) < 0)
        return fail("listen");
    return serve(fd, "ready");
}

static int listen_unix(int argc, char **argv)
{
    (void)argc;
    return listen_unix_at(argv[0], strlen(argv[0]) + 1);
}

static int listen_abstract(int argc, char **argv)
{
    char name[108] = "";

    (void)argc;
    snprintf(name + 1, sizeof(name) - 1, "%s", argv[0]);
    return listen_unix_at(name, 1 + strlen(argv[0]));
}

static int listen_tcp(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char word[16];

    (void)argc;
    (void)argv;
    if (bind(fd, (struct sockaddr *)&address, length) < 0 || listen(fd, 8) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &length) < 0)
        return fail("listen");
    snprintf(word, sizeof(word), "%u", ntohs(address.sin_port));
    return serve(fd, word);
}

/* --- processes ----------------------------------------------------------------------------- */

/* hold TOKEN: stays; the token makes it findable in the host's /proc. */
static int hold(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    puts("ready");
    fflush(stdout);
    while (pause() < 0 && errno == EINTR)
        ;
    return 0;
}

/* stubborn TOKEN: stays, and ignores whatever can be ignored. */
static int stubborn(int argc, char **argv)
{
    for (int i = 1; i < 65; i++)
        signal(i, SIG_IGN);
    return hold(argc, argv);
}

/* daemon TOKEN: a grandchild in a session of its own stays behind; we exit once it's there. */
static int daemonise(int argc, char **argv)
{
    int ready[2];
    char byte;
    pid_t pid;

    if (pipe(ready) < 0)
        return fail("pipe");
    pid = fork();
    if (pid < 0)
        return fail("fork");
    if (pid == 0) {
        setsid();
        if (fork() != 0)
            _exit(0);
        for (int i = 0; i < 3; i++)
            close(i);
        if (write(ready[1], "r", 1) != 1)
            _exit(1);
        close(ready[1]);
        return stubborn(argc, argv);
    }
    close(ready[1]);
    waitpid(pid, NULL, 0);
    return read(ready[0], &byte, 1) == 1 ? 0 : 2;
}

/* How many processes /proc shows as zombies. */
static int count_zombies(void)
{
    int count = 0;

    for (int pid = 2; pid < 4096; pid++) {
        char path[64], line[512], *state;
        FILE *file;

        snprintf(path, sizeof(path), "/proc/%d/stat", pid);
        file = fopen(path, "re");
        if (file == NULL)
            continue;
        if (fgets(line, sizeof(line), file) != NULL && (state = strrchr(line, ')')) != NULL)
            count += state[2] == 'Z';
        fclose(file);
    }
    return count;
}

/* orphans N: N grandchildren lose their parent and exit; prints how many stay as zombies. */
static int orphans(int argc, char **argv)
{
    int count = atoi(argv[0]), zombies = 0;

    (void)argc;
    for (int i = 0; i < count; i++) {
        pid_t pid = fork();

        if (pid < 0)
            return fail("fork");
        if (pid == 0) {
            if (fork() == 0)
                usleep(20000);
            _exit(0);
        }
        waitpid(pid, NULL, 0);
    }
    /* Reaping takes the moment that it takes; five seconds are for ever. */
    for (int i = 0; i < 100; i++) {
        zombies = count_zombies();
        if (zombies == 0)
            break;
        usleep(50000);
    }
    printf("zombies %d\n", zombies);
    return zombies > 0;
}

/* forks N: how many children can be alive at once, N at most. */
static int forks(int argc, char **argv)
{
    int wanted = atoi(argv[0]), made = 0;

    (void)argc;
    while (made < wanted) {
        pid_t pid = fork();

        if (pid < 0)
            break;
        if (pid == 0) {
            for (;;)
                pause();
        }
        made++;
    }
    printf("forked %d\n", made);
    return 0;
}

/* signals: prints each signal that comes; SIGTERM starts the last half second. */
static int signals(int argc, char **argv)
{
    struct timespec half = {0, 500000000};
    sigset_t all;
    int terms = 0;

    (void)argc;
    (void)argv;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    puts("ready");
    fflush(stdout);
    for (;;) {
        int number = terms == 0 ? sigwaitinfo(&all, NULL) : sigtimedwait(&all, NULL, &half);

        if (number < 0 && errno == EAGAIN)
            break;
        if (number < 0)
            continue;
        printf("SIG%s\n", sigabbrev_np(number));
        fflush(stdout);
        terms += number == SIGTERM;
    }
    printf("terms %d\n", terms);
    return 0;
}

/* --- a terminal ---------------------------------------------------------------------------- */

/* Copy the terminal's output to stdout until its last user is gone. */
static void relay(int master)
{
    char buffer[4096];
    ssize_t n;

    while ((n = read(master, buffer, sizeof(buffer))) > 0 || (n < 0 && errno == EINTR))
        if (n > 0 && write(STDOUT_FILENO, buffer, (size_t)n) < 0)
            return;
}

/* pty COMMAND...: runs it in a session of its own on a new terminal, and exits as it did. */
static int run_on_pty(int argc, char **argv)
{
    struct winsize size = {24, 80, 0, 0};
    int master, status;
    pid_t pid = forkpty(&master, NULL, NULL, &size);

    (void)argc;
    if (pid < 0)
        return fail("forkpty");
    if (pid == 0)
        _exit(run_command(argv));
    relay(master);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return fail("waitpid");
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* --- mounts and shared memory ---------------------------------------------------------------- */

/* mounts N DIR: N tmpfs, each on a new directory of DIR. */
static int make_mounts(int argc, char **argv)
{
    int count = atoi(argv[0]);

    (void)argc;
    for (int i = 0; i < count; i++) {
        char path[4200];

        snprintf(path, sizeof(path), "%s/m%04d", argv[1], i);
        if (mkdir(path, 0755) < 0 || mount("probe", path, "tmpfs", 0, "size=64k") < 0)
            return fail(path);
    }
    return 0;
}

static int make_shm(int argc, char **argv)
{
    int id = shmget((key_t)strtol(argv[0], NULL, 0), 4096, IPC_CREAT | 0600);
    char *memory;

    if (id < 0)
        return fail("shmget");
    if (argc < 2)
        return 0;
    memory = shmat(id, NULL, 0);
    if (memory == (void *)-1) /* NOLINT: the call's own sentinel */
        return fail("shmat");
    snprintf(memory, 4096, "%s", argv[1]);
    return 0;
}

static int remove_shm(int argc, char **argv)
{
    int id = shmget((key_t)strtol(argv[0], NULL, 0), 0, 0);

    (void)argc;
    return id < 0 || shmctl(id, IPC_RMID, NULL) < 0 ? fail("shmctl") : 0;
}

static int landlock_abi(int argc, char **argv)
{
    /* 444 is landlock_create_ruleset on every architecture; flag 1 asks for the version. */
    long version = syscall(444, NULL, 0, 1);

    (void)argc;
    (void)argv;
    printf("%ld\n", version < 0 ? 0 : version);
    return 0;
}

const struct command tool_commands[] = {
    {"leak-fds", 2, leak_fds, "N COMMAND...: with N more inheritable descriptors"},
    {"with-opath", 3, with_opath, "FD PATH COMMAND...: descriptor FD is an O_PATH one"},
    {"with-ignored", 2, with_ignored, "SIGNAL COMMAND...: all: each that can be"},
    {"with-blocked", 2, with_blocked, "SIGNAL COMMAND...: all: each that can be"},
    {"without-words", 1, without_words, "PROGRAM: without arguments, its name among them"},
    {"with-defaults", 1, with_defaults, "COMMAND...: no signal ignored or blocked"},
    {"silent-fuse", 2, silent_fuse, "DIR COMMAND...: a FUSE mount there that never answers"},
    {"with-key", 2, with_key, "NAME COMMAND...: a session keyring with that key"},
    {"listen-unix", 1, listen_unix, "PATH"},
    {"listen-abstract", 1, listen_abstract, "NAME"},
    {"listen-tcp", 0, listen_tcp, "on 127.0.0.1, prints the port"},
    {"hold", 1, hold, "TOKEN: stay"},
    {"stubborn", 1, stubborn, "TOKEN: stay and ignore signals"},
    {"daemon", 1, daemonise, "TOKEN: leave a stubborn grandchild behind"},
    {"orphans", 1, orphans, "N: print how many orphans stay as zombies"},
    {"forks", 1, forks, "N: how many children can live at once"},
    {"signals", 0, signals, "print signals as they come"},
    {"pty", 1, run_on_pty, "COMMAND...: on a terminal of its own"},
    {"mounts", 2, make_mounts, "N DIR: make N tmpfs mounts"},
    {"landlock-abi", 0, landlock_abi, "0 where there is none"},
    {"make-shm", 1, make_shm, "KEY [TEXT]"},
    {"remove-shm", 1, remove_shm, "KEY"},
    {NULL, 0, NULL, NULL},
};
