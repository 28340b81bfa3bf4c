/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control of the escape suite: a sandbox as one would write it on a first day.  It has the
 * namespaces and a read-only view, and none of what closes the holes of its kind, so that a try
 * which sbx refuses can be seen to work.
 *
 *     naive run [OPTION]... [--] COMMAND [ARG...]
 *     naive join PID [--] COMMAND [ARG...]      one more command in a sandbox that runs
 *
 *     -w DIR       writable             -d DIR       an empty directory over it
 *     -b DIR       bound where it is    -t PATH      made if need be, an empty directory over it
 *     -f DST=SRC   a copy of SRC there  -o FILE      a report of what came of it
 *     -n           the host's network   -c           chroot, not pivot_root
 *     -k           keep the old root    -s           hand the words to a shell
 *     -l           leave the working directory where it is, in the old root
 *     -r ROOT      make dev, proc and tmp in that tree first
 *
 * What is missing on purpose: descriptors, environment, process group and the status pipe are
 * passed on; the command keeps its capabilities; there is no filter; pid 1 is the launcher's own
 * memory and takes SIGTERM for the end; submounts stay writable, later mounts come in; paths are
 * resolved as they are written.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* From sys/mount.h, which doesn't go together with linux/mount.h in older C libraries. */
int mount(const char *source, const char *target, const char *type, unsigned long flags,
          const void *data);
int umount2(const char *target, int flags);
#define DETACH 2

#define STAGING  "/mnt"
#define OLD_ROOT "/tmp/.old"
enum { MAX_RULES = 32, PATH_SIZE = 8192 };

struct rule {
    char kind; /* the option's letter */
    const char *value;
};

static struct {
    struct rule rules[MAX_RULES];
    size_t rule_count;
    const char *report, *root;
    bool network, by_chroot, keep_old_root, leave_directory, shell;
} options;

static void die(const char *what)
{
    fprintf(stderr, "naive: %s: %s\n", what, strerror(errno));
    _exit(125);
}

/* --- identity ----------------------------------------------------------------------------------
 */

__attribute__((format(printf, 2, 3))) static void write_file(const char *path, const char *format,
                                                             ...)
{
    va_list arguments;
    FILE *file = fopen(path, "we");

    if (file == NULL)
        die(path);
    va_start(arguments, format);
    vfprintf(file, format, arguments);
    va_end(arguments);
    if (fclose(file) != 0)
        die(path);
}

static void enter_namespaces(void)
{
    unsigned uid = getuid(), gid = getgid();
    int flags = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS;

    if (unshare(options.network ? flags : flags | CLONE_NEWNET) < 0)
        die("unshare");
    write_file("/proc/self/setgroups", "deny");
    write_file("/proc/self/uid_map", "0 %u 1\n", uid);
    write_file("/proc/self/gid_map", "0 %u 1\n", gid);
}

/* --- the view ----------------------------------------------------------------------------------
 */

static const char *staged(const char *path)
{
    static char result[PATH_SIZE + sizeof(STAGING)];

    snprintf(result, sizeof(result), STAGING "%s", path);
    return result;
}

static void make_directories(const char *path)
{
    char part[PATH_SIZE];

    snprintf(part, sizeof(part), "%s", path);
    for (char *slash = part + 1; (slash = strchr(slash, '/')) != NULL; *slash++ = '/') {
        *slash = '\0';
        mkdir(part, 0755);
    }
    mkdir(part, 0755);
}

static void copy_file(const char *source, const char *target)
{
    char buffer[4096];
    int from = open(source, O_RDONLY | O_CLOEXEC);
    int to = open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    ssize_t n = read(from, buffer, sizeof(buffer));

    if (from < 0 || to < 0 || n < 0 || write(to, buffer, (size_t)n) != n)
        die(target);
    close(from);
    close(to);
}

static void empty_directory(const char *path)
{
    if (mount("naive", path, "tmpfs", MS_NOSUID, "mode=0755") < 0)
        die(path);
}

static void apply_rule(const struct rule *rule)
{
    char target[PATH_SIZE], *equals;

    switch (rule->kind) {
    case 'w':
        if (mount(rule->value, staged(rule->value), NULL, MS_BIND, NULL) < 0)
            die(rule->value);
        break;
    case 'b':
        if (realpath(rule->value, target) == NULL ||
            mount(target, staged(target), NULL, MS_BIND, NULL) < 0)
            die(rule->value);
        break;
    case 'd':
        empty_directory(staged(rule->value));
        break;
    case 't':
        make_directories(staged(rule->value));
        empty_directory(staged(rule->value));
        break;
    default:
        snprintf(target, sizeof(target), "%s", rule->value);
        equals = strchr(target, '=');
        if (equals == NULL)
            die("-f");
        *equals = '\0';
        copy_file(equals + 1, staged(target));
    }
}

/* What every tree needs, by path: a link in the tree leads where it likes. */
static void furnish_tree(void)
{
    static const char *const directories[] = {"dev/shm", "proc/self", "tmp/naive"};
    char path[PATH_SIZE];

    for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", options.root, directories[i]);
        make_directories(path);
    }
}

static void change_root(void)
{
    if (options.by_chroot) {
        if (chroot(STAGING) < 0)
            die("chroot");
        return;
    }
    if (mkdir(STAGING OLD_ROOT, 0755) < 0 || syscall(SYS_pivot_root, STAGING, STAGING OLD_ROOT) < 0)
        die("pivot_root");
    if (!options.keep_old_root && umount2(OLD_ROOT, DETACH) < 0)
        die("umount");
}

static void make_view(void)
{
    struct mount_attr read_only = {.attr_set = MOUNT_ATTR_RDONLY};
    char directory[PATH_SIZE];

    if (unshare(CLONE_NEWNS) < 0 || getcwd(directory, sizeof(directory)) == NULL)
        die("unshare");
    if (options.root != NULL)
        furnish_tree();
    if (mount("/", STAGING, NULL, MS_BIND | MS_REC, NULL) < 0)
        die("bind");
    if (syscall(SYS_mount_setattr, AT_FDCWD, STAGING, 0, &read_only, sizeof(read_only)) < 0)
        die("mount_setattr");
    if (mount("proc", STAGING "/proc", "proc", 0, NULL) < 0)
        die("proc");
    empty_directory(STAGING "/tmp");
    for (size_t i = 0; i < options.rule_count; i++)
        apply_rule(&options.rules[i]);
    change_root();
    if (!options.leave_directory && chdir(directory) < 0 && chdir("/") < 0)
        die(directory);
}

/* --- processes ---------------------------------------------------------------------------------
 */

static int status_pipe;

static void report_status(int status)
{
    char text[16];
    int length = snprintf(text, sizeof(text), "%d\n", status);

    if (write(status_pipe, text, (size_t)length) != length)
        _exit(125);
    _exit(0);
}

/* Who asks politely gets an end without a fault. */
static void on_sigterm(int number)
{
    (void)number;
    report_status(0);
}

static void run_command(char **argv)
{
    static char line[PATH_SIZE];

    if (options.shell) {
        for (; *argv != NULL; argv++) {
            strncat(line, *argv, sizeof(line) - strlen(line) - 1);
            strncat(line, " ", sizeof(line) - strlen(line) - 1);
        }
        execl("/bin/sh", "sh", "-c", line, (char *)NULL);
    } else {
        execvp(argv[0], argv);
    }
    die(argv[0]);
}

static int exit_status(int status)
{
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void be_init(char **argv)
{
    int status;
    pid_t command, pid;

    make_view();
    signal(SIGTERM, on_sigterm);
    command = fork();
    if (command == 0)
        run_command(argv);
    while ((pid = wait(&status)) != command)
        if (pid < 0 && errno != EINTR)
            die("wait");
    report_status(exit_status(status));
}

static int supervise(pid_t init, int pipe_end, char **argv)
{
    char text[16] = "";
    int status;

    if (read(pipe_end, text, sizeof(text) - 1) <= 0)
        strcpy(text, "137");
    waitpid(init, &status, 0);
    if (options.report != NULL)
        write_file(options.report, "{\"command\": \"%s\", \"exit_code\": %d}\n", argv[0],
                   atoi(text));
    return atoi(text);
}

static int run(char **argv)
{
    int pipe_ends[2];
    pid_t init;

    enter_namespaces();
    if (pipe(pipe_ends) < 0)
        die("pipe");
    status_pipe = pipe_ends[1];
    init = fork();
    if (init < 0)
        die("fork");
    if (init == 0) {
        close(pipe_ends[0]);
        be_init(argv);
    }
    close(pipe_ends[1]);
    return supervise(init, pipe_ends[0], argv);
}

/* --- join ----------------------------------------------------------------------------------------
 */

/* Enters with the host's root open, and with time enough for whoever waits inside. */
static int join(const char *pid, char **argv)
{
    static const char *const kinds[] = {"user", "mnt", "ipc", "uts", "net", "pid"};
    int fds[6], host = open("/", O_RDONLY | O_DIRECTORY), status = 0;
    char path[64];
    pid_t child;

    for (size_t i = 0; i < 6; i++) {
        snprintf(path, sizeof(path), "/proc/%s/ns/%s", pid, kinds[i]);
        fds[i] = open(path, O_RDONLY | O_CLOEXEC);
        if (fds[i] < 0)
            die(path);
    }
    for (size_t i = 0; i < 6; i++)
        if (setns(fds[i], 0) < 0)
            die(kinds[i]);
    child = fork();
    if (child == 0) {
        usleep(200000);
        (void)host;
        run_command(argv);
    }
    if (child < 0 || waitpid(child, &status, 0) < 0)
        die("fork");
    return exit_status(status);
}

/* --- words
 * ----------------------------------------------------------------------------------------- */

/* As getopt does by default: options are looked for among the command's words too, without "--". */
static void read_options(int argc, char **argv)
{
    int option;

    while ((option = getopt(argc, argv, "w:b:d:t:f:o:r:nckls")) != -1) {
        switch (option) {
        case 'o':
            options.report = optarg;
            break;
        case 'r':
            options.root = optarg;
            break;
        case 'n':
            options.network = true;
            break;
        case 'c':
            options.by_chroot = true;
            break;
        case 'k':
            options.keep_old_root = true;
            break;
        case 'l':
            options.leave_directory = true;
            break;
        case 's':
            options.shell = true;
            break;
        case '?':
            _exit(125);
        default:
            if (options.rule_count == MAX_RULES)
                die("too many options");
            options.rules[options.rule_count++] = (struct rule){(char)option, optarg};
        }
    }
}

int main(int argc, char **argv)
{
    if (argc > 3 && strcmp(argv[1], "join") == 0)
        return join(argv[2], argv + 3);
    if (argc < 3 || strcmp(argv[1], "run") != 0) {
        fputs("naive run [OPTION]... [--] COMMAND... | naive join PID COMMAND...\n", stderr);
        return 125;
    }
    read_options(argc - 1, argv + 1);
    return run(argv + 1 + optind);
}
