/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the START message to the exec.
 *
 * Everything in command_run() happens in the forked child, in an order that is no matter of taste:
 *
 *   process group   before HELLO: the supervisor may make it the terminal's foreground group;
 *                   or session and terminal, the master of which goes to the supervisor
 *   descriptors     before the limits: RLIMIT_NOFILE may be lower than numbers in use now
 *   directory       before the limits and the filter, which may forbid what it needs
 *   limits          before the filter, which refuses to change some of them
 *   signals         dispositions, then the mask: from here on a signal ends the command
 *   filter          nothing of the command ever runs without it; where the supervisor is to be told
 *                   what it refuses, the descriptor for that goes to it at once
 *   HELLO, GO       last, so that the supervisor can look at the very process that the command is
 *                   going to be, with all in force: no GO, no command
 *   exec            also turns the process dumpable; until then nobody inside can trace it
 */
#include "init/command.h"

#include "init/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <unistd.h>

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* ---- strings ---- */

/** Point at @count strings from @text on; returns what follows them, or NULL past @end. */
static char *point(char **vector, size_t count, char *text, const char *end)
{
    for (size_t i = 0; i < count; i++) {
        char *terminator = memchr(text, '\0', (size_t)(end - text));

        if (terminator == NULL)
            return NULL;
        vector[i] = text;
        text = terminator + 1;
    }
    vector[count] = NULL;
    return text;
}

void strings_unmap(const struct strings *strings)
{
    if (strings->text != NULL)
        munmap(strings->text, strings->text_size);
    if (strings->vector != NULL)
        munmap(strings->vector, strings->vector_size);
}

/** Fill in the pointers; false where the text is not what @start announces. */
static bool strings_point(const struct wire_start *start, struct strings *strings)
{
    char *text = strings->text;
    const char *end = text + strings->text_size;

    strings->argv = strings->vector;
    strings->environment = strings->vector + start->argc + 1;
    text = point(strings->argv, start->argc, text, end);
    if (text != NULL)
        text = point(strings->environment, start->envc, text, end);
    if (text == NULL)
        return false;
    strings->directory = text;
    /* Exactly one more string, and nothing after it. */
    return memchr(text, '\0', (size_t)(end - text)) == end - 1;
}

int strings_map(const struct wire_start *start, int fd, struct strings *ret_strings)
{
    struct strings strings = {.text_size = start->strings_size};
    uint64_t count = (uint64_t)start->argc + start->envc + 1;
    struct stat status;
    void *map;

    /* Past the file's end a map is a SIGBUS.  Each string takes a byte at least. */
    if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) ||
        (uint64_t)status.st_size < start->strings_size)
        return -EBADMSG;
    if (start->argc == 0 || count > start->strings_size)
        return -EBADMSG;

    map = mmap(NULL, strings.text_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (map == MAP_FAILED)
        return -errno;
    strings.text = map;
    strings.vector_size = (count + 1) * sizeof(*strings.vector);
    map =
        mmap(NULL, strings.vector_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED) {
        int number = errno;

        strings_unmap(&strings);
        return -number;
    }
    strings.vector = map;
    if (!strings_point(start, &strings)) {
        strings_unmap(&strings);
        return -EBADMSG;
    }
    *ret_strings = strings;
    return 0;
}

/* ---- failure ---- */

/** A filter may refuse the one call or the other. */
static ssize_t say(int socket, const void *data, size_t size)
{
    struct iovec part = {.iov_base = (void *)data, .iov_len = size};
    ssize_t length = write(socket, data, size);

    if (length < 0)
        length = sendto(socket, data, size, MSG_NOSIGNAL, NULL, 0);
    return length < 0 ? writev(socket, &part, 1) : length;
}

void command_report(int exec_socket, enum wire_stage stage, int number, unsigned detail)
{
    struct wire_exec_failed failed = {
        .type = WIRE_EXEC_FAILED, .stage = stage, .number = number, .detail = detail};

    (void)say(exec_socket, &failed, sizeof(failed));
}

static _Noreturn void fail(const struct command *command, enum wire_stage stage, int number,
                           unsigned detail)
{
    command_report(command->exec_socket, stage, number, detail);
    _exit(127);
}

/* ---- the stages ---- */

static enum wire_stage group_stage(const struct command *command)
{
    return command->start->session ? WIRE_STAGE_SESSION : WIRE_STAGE_PROCESS_GROUP;
}

/** Get out of the caller's job: into a group, or a session with the terminal that was asked for. */
static void separate(struct command *command, int *ret_master)
{
    int result;

    if ((command->start->session ? setsid() : setpgid(0, 0)) < 0)
        fail(command, group_stage(command), errno, 0);
    if (command->start->terminal == 0)
        return;
    result = terminal_new(ret_master, &command->terminal);
    if (result < 0)
        fail(command, WIRE_STAGE_TERMINAL, -result, 0);
}

/** Send a bare @type, with descriptor @fd where that is not -1.  True where it is on its way. */
static bool send_with(int exec_socket, uint32_t type, int fd)
{
    struct iovec part = {.iov_base = &type, .iov_len = sizeof(type)};
    union {
        struct cmsghdr header;
        unsigned char space[CMSG_SPACE(sizeof(int))];
    } control = {.header = {.cmsg_len = CMSG_LEN(sizeof(int)),
                            .cmsg_level = SOL_SOCKET,
                            .cmsg_type = SCM_RIGHTS}};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

    if (fd >= 0) {
        memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
        message.msg_control = &control;
        message.msg_controllen = sizeof(control);
    }
    return sendmsg(exec_socket, &message, MSG_NOSIGNAL) == sizeof(type);
}

static bool is_target(const struct wire_start *start, int fd)
{
    if (fd <= 2 && (start->terminal & (1U << fd)) != 0)
        return true;
    for (uint32_t i = 0; i < start->fd_count; i++)
        if (start->fd_targets[i] == fd)
            return true;
    return false;
}

/** Move @fd to a number that the command has no use for. */
static int park(const struct command *command, int fd)
{
    while (is_target(command->start, fd)) {
        int moved = fcntl(fd, F_DUPFD_CLOEXEC, fd + 1);

        if (moved < 0)
            fail(command, WIRE_STAGE_DESCRIPTORS, errno, 0);
        close(fd);
        fd = moved;
    }
    return fd;
}

/**
 * Descriptors were received at any numbers, targets among them.  Once all are parked outside the
 * targets no dup2() can hit one that is still needed, and each dup2() really makes a new
 * descriptor, one that is not close-on-exec.  All the others are.
 */
static void place_descriptors(struct command *command)
{
    const struct wire_start *start = command->start;

    close(command->strings_file);
    command->exec_socket = park(command, command->exec_socket);
    for (uint32_t i = 0; i < start->fd_count; i++)
        command->fds[i] = park(command, command->fds[i]);
    if (start->terminal != 0)
        command->terminal = park(command, command->terminal);
    for (uint32_t i = 0; i < start->fd_count; i++)
        if (dup2(command->fds[i], start->fd_targets[i]) < 0)
            fail(command, WIRE_STAGE_DESCRIPTORS, errno, 0);
    for (int fd = 0; fd <= 2; fd++)
        if ((start->terminal & (1U << fd)) != 0 && dup2(command->terminal, fd) < 0)
            fail(command, WIRE_STAGE_DESCRIPTORS, errno, 0);
    /* not left to the exec, so that the supervisor can count what is open */
    for (uint32_t i = 0; i < start->fd_count; i++)
        close(command->fds[i]);
    if (start->terminal != 0)
        close(command->terminal);
}

static void apply_rlimits(const struct command *command, const struct wire_config *config)
{
    for (uint32_t i = 0; i < config->rlimit_count; i++) {
        const struct wire_rlimit *wanted = &config->rlimits[i];
        uint64_t limit[] = {wanted->soft, wanted->hard}; /* struct rlimit64 */

        if (syscall(SYS_prlimit64, 0, wanted->resource, limit, NULL) < 0)
            fail(command, WIRE_STAGE_RLIMIT, errno, wanted->resource);
    }
}

static void restore_signals(const struct command *command, const struct lockdown *lockdown)
{
    /* The system call itself: a libc keeps some signals for itself and would drop their bits. */
    uint64_t mask = command->start->signal_mask;

    if (sigaction(SIGCHLD, &lockdown->child_action, NULL) < 0 ||
        syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, sizeof(mask)) < 0)
        fail(command, group_stage(command), errno, 0);
}

/**
 * From here on, what the filter refuses waits for whoever has @listener.  Until the supervisor
 * does, nothing but sendmsg() may be called, which a filter that is listened to never refuses.
 */
static void hand_over(const struct command *command, int listener)
{
    bool sent = send_with(command->exec_socket, WIRE_LISTENER, listener);
    int number = errno;

    /* with nobody to ask, the kernel refuses by itself */
    close(listener);
    if (!sent)
        fail(command, WIRE_STAGE_SECCOMP, number, 0);
}

static void load_filter(const struct command *command, const struct lockdown *lockdown)
{
    struct sock_fprog program = {.len = (unsigned short)lockdown->config->filter_length,
                                 .filter = (struct sock_filter *)lockdown->filter};

    unsigned flags = lockdown->config->listen ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0;
    long listener;

    if (program.len == 0)
        return;
    listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
    if (listener < 0)
        fail(command, WIRE_STAGE_SECCOMP, errno, 0);
    if (lockdown->config->listen)
        hand_over(command, (int)listener);
}

/* ---- the gate ---- */

/** What the filter may forbid to ask for, and what only this process can tell. */
static void look_around(const struct command *command, const struct lockdown *lockdown,
                        struct wire_hello *hello)
{
    struct utsname names;
    long keyring = syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);

    hello->type = WIRE_HELLO;
    hello->exec_socket = command->exec_socket;
    hello->exec_flags = fcntl(command->exec_socket, F_GETFD);
    hello->securebits = prctl(PR_GET_SECUREBITS, 0, 0, 0, 0);
    hello->dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
    hello->keyring = keyring < 0 ? -errno : (int32_t)keyring;
    if (uname(&names) == 0) {
        memcpy(hello->hostname, names.nodename, sizeof(hello->hostname));
        memcpy(hello->domainname, names.domainname, sizeof(hello->domainname));
    }
    /* where this works the launch is over: nobody says GO to a process with new capabilities */
    if (lockdown->config->try_userns && unshare(CLONE_NEWUSER) < 0)
        hello->userns_error = errno;
}

/** The same for what comes in. */
static ssize_t hear(int socket, void *buffer, size_t size)
{
    struct iovec part = {.iov_base = buffer, .iov_len = size};
    ssize_t length = read(socket, buffer, size);

    if (length < 0 && errno != EINTR)
        length = recvfrom(socket, buffer, size, 0, NULL, NULL);
    return length < 0 && errno != EINTR ? readv(socket, &part, 1) : length;
}

/** Show ourselves to the supervisor, then wait for its word.  A failure is told: an end without a
 * word would look like that of the command. */
static void handshake(const struct command *command, const struct wire_hello *hello)
{
    uint32_t words[2];
    ssize_t length;

    if (say(command->exec_socket, hello, sizeof(*hello)) != sizeof(*hello))
        fail(command, WIRE_STAGE_HANDSHAKE, errno, 0);
    do
        length = hear(command->exec_socket, words, sizeof(words));
    while (length < 0 && errno == EINTR);
    if (length != sizeof(words[0]) || words[0] != WIRE_GO)
        fail(command, WIRE_STAGE_HANDSHAKE, length < 0 ? errno : EPROTO, 0);
}

/* ---- exec ---- */

/** argv[0] has a slash: one file, no search. */
static _Noreturn void exec_file(const struct command *command, const char *path)
{
    struct stat status;
    int number;

    execve(path, command->strings.argv, command->strings.environment);
    number = errno;
    /* What can't be looked at may well be there: only "no such" counts as not found. */
    fail(command, WIRE_STAGE_EXEC, number,
         stat(path, &status) == 0 || (errno != ENOENT && errno != ENOTDIR));
}

static const char *search_path(char *const *environment)
{
    for (; *environment != NULL; environment++)
        if (strncmp(*environment, "PATH=", 5) == 0)
            return *environment + 5;
    return DEFAULT_PATH;
}

/** Join a directory of PATH and @name; false where that is longer than any path may be. */
static bool join(char *buffer, size_t size, const char *directory, size_t length, const char *name)
{
    size_t name_size = strlen(name) + 1;

    if (length + 1 + name_size > size)
        return false;
    memcpy(buffer, directory, length);
    /* An empty element is the current directory: the bare name says that. */
    if (length > 0)
        buffer[length++] = '/';
    memcpy(buffer + length, name, name_size);
    return true;
}

/** May another directory of PATH still have the command after exec failed with @number? */
static bool is_lookup_error(int number)
{
    switch (number) {
    case EACCES:
    case ENOENT:
    case ENOTDIR:
    case ELOOP: /* an automount point that can't be triggered in here */
    case ENAMETOOLONG:
    case ENODEV:
    case ESTALE:
    case ETIMEDOUT:
        return true;
    default:
        return false;
    }
}

/** What a search has come to: the errno to report, and whether some file by that name was seen. */
struct search {
    int number;
    bool found;
};

/** Execute @path if that can be done; returns where it can't, but elsewhere it still might. */
static void exec_candidate(const struct command *command, const char *path, struct search *search)
{
    struct stat status;
    int number;

    execve(path, command->strings.argv, command->strings.environment);
    number = errno;
    if (!is_lookup_error(number))
        fail(command, WIRE_STAGE_EXEC, number, 1);
    if (search->found)
        return;
    if (stat(path, &status) < 0) {
        if (number == EACCES)
            search->number = EACCES;
    } else if (!S_ISDIR(status.st_mode)) {
        search->found = true;
        search->number = number;
    }
}

/**
 * Search PATH as execvp(3) does, but never hand a file to a shell: what the kernel does not
 * execute is reported.  The first file that was found but could not be executed decides the errno.
 */
static _Noreturn void exec_search(const struct command *command, const char *name)
{
    const char *element = search_path(command->strings.environment);
    struct search search = {.number = ENOENT};
    char candidate[PATH_MAX];

    for (;;) {
        size_t length = strcspn(element, ":");

        if (join(candidate, sizeof(candidate), element, length, name))
            exec_candidate(command, candidate, &search);
        if (element[length] == '\0')
            fail(command, WIRE_STAGE_EXEC, search.number, search.found);
        element += length + 1;
    }
}

_Noreturn void command_run(struct command *command, const struct lockdown *lockdown)
{
    const char *name = command->strings.argv[0];
    struct wire_hello hello = {0};
    int master = -1;

    separate(command, &master);
    if (master >= 0 && !send_with(command->exec_socket, WIRE_TERMINAL, master))
        fail(command, WIRE_STAGE_HANDSHAKE, errno, 0);
    if (master >= 0)
        close(master);
    place_descriptors(command);
    if (command->strings.directory[0] != '\0' && chdir(command->strings.directory) < 0)
        fail(command, WIRE_STAGE_CHDIR, errno, 0);
    apply_rlimits(command, lockdown->config);
    look_around(command, lockdown, &hello);
    restore_signals(command, lockdown);
    load_filter(command, lockdown);
    handshake(command, &hello);
    if (name[0] == '\0')
        fail(command, WIRE_STAGE_EXEC, ENOENT, 0);
    if (strchr(name, '/') != NULL)
        exec_file(command, name);
    exec_search(command, name);
}
