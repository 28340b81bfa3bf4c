/* SPDX-License-Identifier: Apache-2.0 */
/* `probe facts`: all that a process can see of its surroundings, as one JSON object. */
#define _GNU_SOURCE
#include "probe.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

extern char **environ;

/* --- JSON ---------------------------------------------------------------------------------- */

/* The length of the UTF-8 sequence at @s (2 to 4), or 0 where there is no valid one. */
static int utf8_length(const unsigned char *s)
{
    int length;

    if (s[0] >= 0xc2 && s[0] < 0xe0)
        length = 2;
    else if (s[0] >= 0xe0 && s[0] < 0xf0)
        length = 3;
    else if (s[0] >= 0xf0 && s[0] < 0xf5)
        length = 4;
    else
        return 0;
    for (int i = 1; i < length; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return length;
}

/* A byte that isn't UTF-8 becomes the character of that number, so nothing is lost silently. */
static void json_string(const char *text)
{
    putchar('"');
    for (const unsigned char *s = (const unsigned char *)text; *s != '\0'; s++) {
        int length = utf8_length(s);

        if (length > 0) {
            fwrite(s, 1, (size_t)length, stdout);
            s += length - 1;
        } else if (*s == '"' || *s == '\\') {
            printf("\\%c", *s);
        } else if (*s < 0x20 || *s >= 0x7f) {
            printf("\\u%04x", *s);
        } else {
            putchar(*s);
        }
    }
    putchar('"');
}

static void json_key(const char *name)
{
    json_string(name);
    fputs(": ", stdout);
}

static void json_pair(const char *name, const char *text)
{
    json_key(name);
    json_string(text);
}

/* "a,b,c" as an array of strings; destroys @list. */
static void json_list(char *list)
{
    const char *comma = "";
    char *rest = NULL;

    putchar('[');
    for (char *word = strtok_r(list, ",", &rest); word != NULL; word = strtok_r(NULL, ",", &rest)) {
        fputs(comma, stdout);
        json_string(word);
        comma = ", ";
    }
    putchar(']');
}

static void section(const char *name)
{
    fputs(",\n", stdout);
    json_key(name);
}

/* A whole small file, without the last newline; "" where it can't be read. */
static void read_file(const char *path, char *buffer, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t used = 0;
    ssize_t n;

    buffer[0] = '\0';
    if (fd < 0)
        return;
    while (used + 1 < size && (n = read(fd, buffer + used, size - 1 - used)) > 0)
        used += (size_t)n;
    close(fd);
    buffer[used] = '\0';
    if (used > 0 && buffer[used - 1] == '\n')
        buffer[used - 1] = '\0';
}

static void read_link(const char *path, char *buffer, size_t size)
{
    ssize_t n = readlink(path, buffer, size - 1);

    buffer[n < 0 ? 0 : n] = '\0';
}

/* --- mounts -------------------------------------------------------------------------------- */

/* mountinfo writes space, tab, newline and backslash as three octal digits. */
static void unescape(char *text)
{
    char *to = text;

    for (const char *from = text; *from != '\0'; from++) {
        if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] != '\0' &&
            from[3] != '\0') {
            *to++ = (char)((from[1] - '0') * 64 + (from[2] - '0') * 8 + (from[3] - '0'));
            from += 3;
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
}

static char *next_word(char **rest)
{
    char *word = strsep(rest, " ");

    return word != NULL ? word : (char *)"";
}

static void print_mount(char *line)
{
    char *id = next_word(&line), *parent = next_word(&line), *device = next_word(&line);
    char *root = next_word(&line), *target = next_word(&line), *options = next_word(&line);
    char *type, *source, *super, *word;
    char propagation[256] = "";

    for (word = next_word(&line); strcmp(word, "-") != 0 && line != NULL; word = next_word(&line))
        snprintf(propagation + strlen(propagation), sizeof(propagation) - strlen(propagation),
                 "%s,", word);
    type = next_word(&line);
    source = next_word(&line);
    super = next_word(&line);
    unescape(root);
    unescape(target);
    unescape(source);
    printf("{\"id\": %s, \"parent\": %s, ", id, parent);
    json_pair("device", device);
    fputs(", ", stdout);
    json_pair("root", root);
    fputs(", ", stdout);
    json_pair("target", target);
    fputs(", \"options\": ", stdout);
    json_list(options);
    fputs(", \"propagation\": ", stdout);
    json_list(propagation);
    fputs(", ", stdout);
    json_pair("type", type);
    fputs(", ", stdout);
    json_pair("source", source);
    fputs(", \"super_options\": ", stdout);
    json_list(super);
    putchar('}');
}

static void print_mounts(void)
{
    FILE *file = fopen("/proc/self/mountinfo", "re");
    const char *comma = "\n ";
    char *line = NULL;
    size_t size = 0;
    ssize_t n;

    section("mounts");
    putchar('[');
    while (file != NULL && (n = getline(&line, &size, file)) > 0) {
        if (line[n - 1] == '\n')
            line[n - 1] = '\0';
        fputs(comma, stdout);
        print_mount(line);
        comma = ",\n ";
    }
    putchar(']');
    free(line);
    if (file != NULL)
        fclose(file);
}

/* --- identity, privileges ------------------------------------------------------------------ */

static void print_ids(void)
{
    gid_t groups[1024];
    uid_t uid[3];
    gid_t gid[3];
    int count = getgroups(1024, groups);

    getresuid(&uid[0], &uid[1], &uid[2]);
    getresgid(&gid[0], &gid[1], &gid[2]);
    section("uid");
    printf("[%u, %u, %u]", uid[0], uid[1], uid[2]);
    section("gid");
    printf("[%u, %u, %u]", gid[0], gid[1], gid[2]);
    section("groups");
    putchar('[');
    for (int i = 0; i < count; i++)
        printf("%s%u", i > 0 ? ", " : "", groups[i]);
    putchar(']');
}

static const char *status_value(const char *status, const char *name, char *value, size_t size)
{
    char needle[64];
    const char *at;

    snprintf(needle, sizeof(needle), "\n%s:\t", name);
    at = strstr(status, needle);
    value[0] = '\0';
    if (at != NULL) {
        at += strlen(needle);
        snprintf(value, size, "%.*s", (int)strcspn(at, "\n"), at);
    }
    return value;
}

static void print_privileges(void)
{
    static const char *const sets[][2] = {
        {"CapInh", "inheritable"}, {"CapPrm", "permitted"}, {"CapEff", "effective"},
        {"CapBnd", "bounding"},    {"CapAmb", "ambient"},
    };
    char status[8192], value[256];

    read_file("/proc/self/status", status, sizeof(status));
    section("caps");
    for (size_t i = 0; i < 5; i++) {
        fputs(i > 0 ? ", " : "{", stdout);
        json_pair(sets[i][1], status_value(status, sets[i][0], value, sizeof(value)));
    }
    putchar('}');
    section("no_new_privs");
    printf("%d", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    section("seccomp");
    printf("%d", atoi(status_value(status, "Seccomp", value, sizeof(value))));
    section("seccomp_filters");
    printf("%d", atoi(status_value(status, "Seccomp_filters", value, sizeof(value))));
    section("securebits");
    printf("%d", prctl(PR_GET_SECUREBITS, 0, 0, 0, 0));
    section("nspid");
    json_string(status_value(status, "NSpid", value, sizeof(value)));
}

static void print_namespaces(void)
{
    static const char *const names[] = {"user", "mnt", "pid",    "net",
                                        "ipc",  "uts", "cgroup", "time"};
    const char *comma = "";

    section("namespaces");
    putchar('{');
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[64], link[64];

        snprintf(path, sizeof(path), "/proc/self/ns/%s", names[i]);
        read_link(path, link, sizeof(link));
        fputs(comma, stdout);
        json_pair(names[i], link);
        comma = ", ";
    }
    putchar('}');
}

static void print_proc_texts(void)
{
    static const char *const files[][2] = {
        {"uid_map", "/proc/self/uid_map"},
        {"gid_map", "/proc/self/gid_map"},
        {"setgroups", "/proc/self/setgroups"},
        {"cgroup", "/proc/self/cgroup"},
        {"oom_score_adj", "/proc/self/oom_score_adj"},
        {"comm", "/proc/self/comm"},
    };
    char text[4096];

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        read_file(files[i][1], text, sizeof(text));
        section(files[i][0]);
        json_string(text);
    }
}

/* --- descriptors, environment, limits -------------------------------------------------------- */

static const char *mode_name(int flags)
{
    if ((flags & O_PATH) != 0)
        return "path";
    switch (flags & O_ACCMODE) {
    case O_RDONLY:
        return "r";
    case O_WRONLY:
        return "w";
    default:
        return "rw";
    }
}

static void print_descriptors(void)
{
    DIR *directory = opendir("/proc/self/fd");
    const char *comma = "";
    struct dirent *entry;

    section("fds");
    putchar('[');
    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        char path[300], target[4096];
        int fd = atoi(entry->d_name);

        if (entry->d_name[0] == '.' || fd == dirfd(directory))
            continue;
        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        read_link(path, target, sizeof(target));
        printf("%s{\"fd\": %d, ", comma, fd);
        json_pair("target", target);
        fputs(", ", stdout);
        json_pair("mode", mode_name(fcntl(fd, F_GETFL)));
        putchar('}');
        comma = ", ";
    }
    putchar(']');
    if (directory != NULL)
        closedir(directory);
}

static void print_environment(void)
{
    section("environ");
    putchar('[');
    for (size_t i = 0; environ[i] != NULL; i++) {
        fputs(i > 0 ? ", " : "", stdout);
        json_string(environ[i]);
    }
    putchar(']');
}

static void print_limit(rlim_t value)
{
    if (value == RLIM_INFINITY)
        fputs("null", stdout);
    else
        printf("%ju", (uintmax_t)value);
}

static void print_limits(void)
{
    static const struct {
        const char *name;
        int resource;
    } limits[] = {
        {"as", RLIMIT_AS},         {"core", RLIMIT_CORE},     {"cpu", RLIMIT_CPU},
        {"data", RLIMIT_DATA},     {"fsize", RLIMIT_FSIZE},   {"memlock", RLIMIT_MEMLOCK},
        {"nofile", RLIMIT_NOFILE}, {"nproc", RLIMIT_NPROC},   {"stack", RLIMIT_STACK},
        {"nice", RLIMIT_NICE},     {"rtprio", RLIMIT_RTPRIO}, {"msgqueue", RLIMIT_MSGQUEUE},
    };
    const char *comma = "";

    section("rlimits");
    putchar('{');
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        struct rlimit limit = {0, 0};

        getrlimit((__rlimit_resource_t)limits[i].resource, &limit);
        fputs(comma, stdout);
        json_key(limits[i].name);
        putchar('[');
        print_limit(limit.rlim_cur);
        fputs(", ", stdout);
        print_limit(limit.rlim_max);
        putchar(']');
        comma = ", ";
    }
    putchar('}');
}

/* --- process, signals, network --------------------------------------------------------------- */

static void print_process(void)
{
    char path[4096], tty[256];
    struct utsname names;
    mode_t mask = umask(0);

    umask(mask);
    uname(&names);
    section("hostname");
    json_string(names.nodename);
    section("domainname");
    json_string(names.domainname);
    printf(",\n\"pid\": %d, \"ppid\": %d, \"pgrp\": %d, \"session\": %d, \"foreground\": %d",
           getpid(), getppid(), getpgrp(), getsid(0), tcgetpgrp(0));
    section("tty");
    json_string(ttyname_r(0, tty, sizeof(tty)) == 0 ? tty : "");
    section("cwd");
    json_string(getcwd(path, sizeof(path)) != NULL ? path : "");
    section("exe");
    read_link("/proc/self/exe", path, sizeof(path));
    json_string(path);
    section("umask");
    printf("%u", mask);
}

static void print_signal_set(const char *name, bool (*has)(int))
{
    const char *comma = "";

    section(name);
    putchar('[');
    for (int i = 1; i < 65; i++) {
        if (!has(i))
            continue;
        printf("%s%d", comma, i);
        comma = ", ";
    }
    putchar(']');
}

static bool is_blocked(int number)
{
    sigset_t set;

    sigprocmask(SIG_BLOCK, NULL, &set);
    return sigismember(&set, number) == 1;
}

static bool is_ignored(int number)
{
    struct sigaction action;

    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

static void print_interfaces(void)
{
    struct if_nameindex *list = if_nameindex();

    section("interfaces");
    putchar('[');
    for (size_t i = 0; list != NULL && list[i].if_index != 0; i++) {
        fputs(i > 0 ? ", " : "", stdout);
        json_string(list[i].if_name);
    }
    putchar(']');
    if (list != NULL)
        if_freenameindex(list);
}

static int print_facts(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    printf("{\"probe\": 1");
    print_mounts();
    print_ids();
    print_privileges();
    print_namespaces();
    print_proc_texts();
    print_descriptors();
    print_environment();
    print_limits();
    print_process();
    print_signal_set("blocked", is_blocked);
    print_signal_set("ignored", is_ignored);
    print_interfaces();
    puts("}");
    return fflush(stdout) == 0 ? 0 : 2;
}

/* Which mounts can really be written to: a file is made at each directory's top and removed. */
static int print_writables(int argc, char **argv)
{
    FILE *file = fopen("/proc/self/mountinfo", "re");
    char *line = NULL;
    size_t size = 0;

    (void)argc;
    (void)argv;
    if (file == NULL)
        return 2;
    while (getline(&line, &size, file) > 0) {
        char *rest = line, *target = "", path[4200];
        int fd;

        for (int i = 0; i < 5; i++)
            target = next_word(&rest);
        unescape(target);
        snprintf(path, sizeof(path), "%s/.probe-writes", target);
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0)
            continue;
        close(fd);
        unlink(path);
        puts(target);
    }
    free(line);
    fclose(file);
    return 0;
}

const struct command fact_commands[] = {
    {"facts", 0, print_facts, "everything seen, as JSON"},
    {"writables", 0, print_writables, "the mounts whose top directory takes a new file"},
    {NULL, 0, NULL, NULL},
};
