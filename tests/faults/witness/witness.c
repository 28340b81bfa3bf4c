/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The witness: the command of every launch that the fault driver disturbs.  It looks around inside
 * and says all it sees in one write, a fact a line, in words that are the same in every launch that
 * is isolated in the same way: no inode numbers, no ids of mounts.  Then it exits with 42.
 *
 *   witness [ns=LINK | write=PATH | read=PATH | list=PATH | connect=PATH | abstract=NAME]...
 *
 * ns= is a link of /proc/self/ns as it is outside; each of the others is tried.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <unistd.h>

#define EXIT_CODE 42

extern char **environ;

static char facts[256 * 1024];
static size_t used;

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(facts + used, sizeof(facts) - used, format, arguments);
    va_end(arguments);
    if (length > 0 && (size_t)length < sizeof(facts) - used)
        used += (size_t)length;
}

/* What a try came to; errno where @result is negative. */
static void tried(const char *what, const char *subject, long result)
{
    say("try %s %s: %s\n", what, subject, result < 0 ? strerrorname_np(errno) : "done");
}

static size_t read_file(const char *path, char *buffer, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t length = 0;
    ssize_t count;

    while (fd >= 0 && length + 1 < size &&
           (count = read(fd, buffer + length, size - 1 - length)) > 0)
        length += (size_t)count;
    if (fd >= 0)
        close(fd);
    buffer[length] = '\0';
    return length;
}

static void say_file(const char *path)
{
    static char text[4096];

    say("file %s: ", path);
    if (read_file(path, text, sizeof(text)) == 0)
        say("%s\n", access(path, F_OK) < 0 ? strerrorname_np(errno) : "empty");
    else
        say("%s%s", text, text[strlen(text) - 1] == '\n' ? "" : "\n");
}

/* --- who the process is ---------------------------------------------------------------------- */

/* Its own process id is no matter: there are others where a process could not choose its number. */
static const char *number_or_self(const char *number)
{
    return strtol(number, NULL, 10) == getpid() ? "self" : number;
}

static const char *value_of(const char *key, const char *value)
{
    return strncmp(key, "NS", 2) == 0 ? number_or_self(value) : value;
}

/* Not of pid 1 the blocked signals: all are while it forks, and it may still be at that. */
static void say_status(const char *path)
{
    static const char *const keys[] = {
        "Name:",       "Umask:",   "TracerPid:",      "Uid:",     "Gid:",    "Groups:",
        "NSpid:",      "NSpgid:",  "NSsid:",          "Threads:", "SigBlk:", "SigIgn:",
        "SigCgt:",     "CapInh:",  "CapPrm:",         "CapEff:",  "CapBnd:", "CapAmb:",
        "NoNewPrivs:", "Seccomp:", "Seccomp_filters:"};
    static char text[8192];
    char *rest = text;

    if (read_file(path, text, sizeof(text)) == 0)
        say("%s: none\n", path);
    for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n"))
        for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
            if (strncmp(line, keys[i], strlen(keys[i])) == 0 &&
                (strcmp(path, "/proc/1/status") != 0 || strcmp(keys[i], "SigBlk:") != 0))
                say("%s %s %s\n", path, keys[i], value_of(keys[i], line + strlen(keys[i])));
}

static void say_identity(void)
{
    struct utsname system = {0};

    say_status("/proc/self/status");
    say_status("/proc/1/status");
    say("securebits %d dumpable %d no_new_privs %d\n", prctl(PR_GET_SECUREBITS),
        prctl(PR_GET_DUMPABLE), prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    uname(&system);
    say("host %s domain %s\n", system.nodename, system.domainname);
    for (int resource = 0; resource < RLIM_NLIMITS; resource++) {
        struct rlimit limit = {0};

        getrlimit(resource, &limit);
        say("rlimit %d %llx %llx\n", resource, (unsigned long long)limit.rlim_cur,
            (unsigned long long)limit.rlim_max);
    }
    for (char **variable = environ; *variable != NULL; variable++)
        say("env %s\n", *variable);
    say_file("/proc/self/oom_score_adj");
    say_file("/proc/sys/user/max_user_namespaces");
    say_file("/proc/1/environ");
    say_file("/proc/1/cmdline");
}

static void say_namespace(const char *outside)
{
    char path[64];
    char inside[64] = "";

    snprintf(path, sizeof(path), "/proc/self/ns/%.*s", (int)strcspn(outside, ":"), outside);
    if (readlink(path, inside, sizeof(inside) - 1) < 0)
        say("namespace %s: %s\n", path, strerrorname_np(errno));
    else
        say("namespace %s: %s\n", path, strcmp(inside, outside) == 0 ? "the caller's" : "new");
}

/* --- what it sees ---------------------------------------------------------------------------- */

/* Without the ids of mounts, their parents and their devices, which differ from run to run. */
static void say_mounts(void)
{
    static char text[sizeof(facts)];
    char *rest = text;

    read_file("/proc/self/mountinfo", text, sizeof(text));
    for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n")) {
        for (int word = 0; word < 3; word++)
            line += strcspn(line, " ") + (strchr(line, ' ') != NULL);
        say("mount %s\n", line);
    }
}

static int by_name(const struct dirent **one, const struct dirent **other)
{
    return strcmp((*one)->d_name, (*other)->d_name);
}

static void say_directory(const char *path)
{
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, by_name);

    say("list %s: %s\n", path, count < 0 ? strerrorname_np(errno) : "");
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        struct stat status = {0};
        char full[4096];

        snprintf(full, sizeof(full), "%s/%s", path, name);
        if (strcmp(name, "..") != 0 && lstat(full, &status) == 0)
            say("  %s %o %u:%u rdev %lx\n", name, status.st_mode, status.st_uid, status.st_gid,
                (unsigned long)status.st_rdev);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

static void say_descriptors(void)
{
    for (int fd = 0; fd < 256; fd++) {
        char path[32];
        char link[4096] = "";
        int flags = fcntl(fd, F_GETFL);

        if (flags < 0)
            continue;
        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        (void)!readlink(path, link, sizeof(link) - 1);
        if (strchr(link, '[') != NULL) /* pipe:[NUMBER] */
            *strchr(link, '[') = '\0';
        say("descriptor %d: %s flags %x, close-on-exec %d\n", fd, link, (unsigned)flags,
            fcntl(fd, F_GETFD));
    }
}

static void say_processes(void)
{
    DIR *proc = opendir("/proc");
    const struct dirent *entry;

    say("processes:");
    while (proc != NULL && (entry = readdir(proc)) != NULL)
        if (isdigit((unsigned char)entry->d_name[0]))
            say(" %s", number_or_self(entry->d_name));
    say("\n");
    if (proc != NULL)
        closedir(proc);
}

static void say_network(void)
{
    struct ifreq request = {.ifr_name = "lo"};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int result = ioctl(fd, SIOCGIFFLAGS, &request);
    static char text[8192];
    char *rest = text;

    say("loopback: %s\n", result < 0                                 ? strerrorname_np(errno)
                          : (request.ifr_flags & (IFF_UP)) == IFF_UP ? "up"
                                                                     : "down");
    if (fd >= 0)
        close(fd);
    read_file("/proc/net/dev", text, sizeof(text));
    for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n"))
        if (strchr(line, ':') != NULL)
            say("interface %.*s\n", (int)strcspn(line, ":"), line);
}

/* --- what it tries --------------------------------------------------------------------------- */

/* An address of the family, @abstract or a path; returns its length. */
static socklen_t address_of(const char *name, int abstract, struct sockaddr_un *ret_address)
{
    *ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
    snprintf(ret_address->sun_path + abstract, sizeof(ret_address->sun_path) - 1, "%s", name);
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name));
}

static void try_connect(const char *what, const char *name, int abstract)
{
    struct sockaddr_un address;
    socklen_t length = address_of(name, abstract, &address);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    tried(what, abstract ? "" : name, connect(fd, (struct sockaddr *)&address, length));
    if (fd >= 0)
        close(fd);
}

static void try_open(const char *what, const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    tried(what, path, fd);
    if (fd >= 0)
        close(fd);
}

/* Each has an answer of its own from the system-call filter or from lost capabilities. */
static void try_calls(void)
{
    char tty_byte = 'x';

    tried("mount", "", mount("none", "/tmp", "tmpfs", 0, NULL));
    tried("umount", "", umount2("/proc", MNT_DETACH));
    tried("unshare", "user", unshare(CLONE_NEWUSER));
    tried("chroot", "", chroot("/tmp"));
    tried("sethostname", "", sethostname("x", 1));
    tried("keyctl", "", syscall(SYS_keyctl, 0, -3, 0, 0, 0));
    tried("bpf", "", syscall(SYS_bpf, 0, NULL, 0));
    tried("ptrace", "1", syscall(SYS_ptrace, 16 /* PTRACE_ATTACH */, 1, 0, 0));
    tried("no such call", "", syscall(4000));
    tried("TIOCSTI", "", ioctl(0, TIOCSTI, &tty_byte));
    tried("prlimit", "1", prlimit(1, RLIMIT_CPU, NULL, NULL));
    tried("setpriority", "group 0", setpriority(PRIO_PGRP, 0, 0));
    try_open("write", "/proc/self/fd/0", O_WRONLY);
    try_open("write", "/proc/sys/kernel/domainname", O_WRONLY);
    try_open("write", "/sys/kernel/uevent_helper", O_WRONLY);
    try_open("read", "/proc/kcore", O_RDONLY);
    try_open("read", "/proc/1/mem", O_RDONLY);
    try_open("read", "/etc/shadow", O_RDONLY);
    try_open("write", "/dev/null", O_WRONLY);
    try_open("read", "/dev/kmsg", O_RDONLY);
}

static void obey(const char *word)
{
    const char *value = strchr(word, '=');

    if (value == NULL)
        return;
    value++;
    if (strncmp(word, "ns=", 3) == 0)
        say_namespace(value);
    else if (strncmp(word, "write=", 6) == 0)
        try_open("write", value, O_WRONLY);
    else if (strncmp(word, "read=", 5) == 0)
        say_file(value);
    else if (strncmp(word, "list=", 5) == 0)
        say_directory(value);
    else if (strncmp(word, "connect=", 8) == 0)
        try_connect("connect", value, 0);
    else if (strncmp(word, "abstract=", 9) == 0)
        try_connect("connect-abstract", value, 1);
}

int main(int argc, char **argv)
{
    static const char *const directories[] = {"/dev",     "/dev/shm", "/dev/pts", "/tmp",
                                              "/var/tmp", "/run",     "."};
    char directory[4096] = "";
    size_t written = 0;

    say_identity();
    say_descriptors();
    say_processes();
    say_mounts();
    say_network();
    for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
        say_directory(directories[i]);
    say("directory %s\n", getcwd(directory, sizeof(directory)));
    for (int i = 1; i < argc; i++)
        obey(argv[i]);
    try_calls();
    say("end of the facts\n");
    while (written < used) {
        ssize_t count = write(STDOUT_FILENO, facts + written, used - written);

        if (count <= 0)
            return 1;
        written += (size_t)count;
    }
    return EXIT_CODE;
}
