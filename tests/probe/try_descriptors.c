/* SPDX-License-Identifier: Apache-2.0 */
/* Tries by way of descriptors that somebody left open, and on what a file may carry out. */
#define _GNU_SOURCE
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

enum { LAST_DESCRIPTOR = 1023 };

/* Print what a descriptor holds; closes it.  0 or -1. */
static int print_all(int fd)
{
    char buffer[4096];
    ssize_t n = read(fd, buffer, sizeof(buffer));

    close(fd);
    if (n < 0)
        return -1;
    fwrite(buffer, 1, (size_t)n, stdout);
    return 0;
}

/* Is there a directory among our descriptors, or the working directory, in which PATH can be read?
 */
static int try_fd_read(int argc, char **argv)
{
    (void)argc;
    for (int at = -1; at <= LAST_DESCRIPTOR; at++) {
        int fd = openat(at < 0 ? AT_FDCWD : at, argv[0], O_RDONLY | O_CLOEXEC);

        if (fd >= 0 && print_all(fd) == 0)
            return verdict(at + 1, "openat through a descriptor");
    }
    return refused("openat through a descriptor");
}

/* Write a text to whatever is open but 0, 1 and 2. */
static int try_fd_write(int argc, char **argv)
{
    int written = 0;

    (void)argc;
    signal(SIGPIPE, SIG_IGN);
    for (int fd = 3; fd <= LAST_DESCRIPTOR; fd++)
        written += write(fd, argv[0], strlen(argv[0])) > 0;
    return written > 0 ? verdict(written, "write to a descriptor") : refused("write");
}

/* SIGKILL to whatever process a descriptor stands for. */
static int try_fd_kill(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    for (int fd = 0; fd <= LAST_DESCRIPTOR; fd++)
        if (syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0) == 0)
            return verdict(0, "pidfd_send_signal");
    return refused("pidfd_send_signal");
}

/* A file by its handle, as `probe handle` prints it. */
static int try_open_handle(int argc, char **argv)
{
    struct {
        struct file_handle head;
        unsigned char bytes[MAX_HANDLE_SZ];
    } handle = {0};
    int mount_fd = open(argv[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd;

    (void)argc;
    if (mount_fd < 0)
        return refused("open");
    handle.head.handle_type = atoi(argv[1]);
    for (const char *hex = argv[2]; hex[0] != '\0' && hex[1] != '\0'; hex += 2) {
        const char digits[3] = {hex[0], hex[1], '\0'};

        if (handle.head.handle_bytes == MAX_HANDLE_SZ)
            return untried("the handle is too long");
        handle.bytes[handle.head.handle_bytes++] = (unsigned char)strtoul(digits, NULL, 16);
    }
    fd = open_by_handle_at(mount_fd, &handle.head, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || print_all(fd) < 0)
        return refused("open_by_handle_at");
    return verdict(0, "open_by_handle_at");
}

/* Take a lease and keep it: who opens the file for writing has to wait. */
static int try_lease(int argc, char **argv)
{
    int fd = open(argv[0], O_RDONLY | O_CLOEXEC);
    char byte;

    (void)argc;
    if (fd < 0)
        return refused("open");
    signal(SIGIO, SIG_IGN);
    if (fcntl(fd, F_SETLEASE, F_RDLCK) < 0)
        return refused("fcntl(F_SETLEASE)");
    verdict(0, "fcntl(F_SETLEASE)");
    fflush(stdout);
    /* Until the test has looked. */
    return read(STDIN_FILENO, &byte, 1) < 0 ? TRY_UNTRIED : TRY_DONE;
}

static int try_link(int argc, char **argv)
{
    (void)argc;
    return verdict(link(argv[0], argv[1]), "link");
}

/* Another name for the same file by each way there is; done if one works. */
static int try_take(int argc, char **argv)
{
    char path[64];
    int fd = open(argv[0], O_PATH | O_CLOEXEC);

    (void)argc;
    if (fd < 0)
        return refused("open");
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    if (link(argv[0], argv[1]) == 0 || rename(argv[0], argv[1]) == 0 ||
        linkat(AT_FDCWD, path, AT_FDCWD, argv[1], AT_SYMLINK_FOLLOW) == 0 ||
        linkat(fd, "", AT_FDCWD, argv[1], AT_EMPTY_PATH) == 0)
        return verdict(0, "link or rename");
    return refused("link or rename");
}

/* --- set-user-ID files ---------------------------------------------------------------------- */

struct open_how_bits {
    unsigned long long flags, mode, resolve;
};

static int make_by_openat2(const char *path)
{
    struct open_how_bits how = {O_CREAT | O_WRONLY | O_EXCL, 04755, 0};

    return (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
}

static int make_by_tmpfile(const char *path)
{
    char name[64];
    int fd = open(".", O_TMPFILE | O_WRONLY, 04755);

    if (fd < 0)
        return -1;
    snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    return linkat(AT_FDCWD, name, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
}

/* Each way to get a file with the set-user-ID bit in the working directory; done if one works. */
static int try_setuid_files(int argc, char **argv)
{
    int fd, made = 0;

    (void)argc;
    (void)argv;
    umask(0);
    fd = open("by-fchmod", O_CREAT | O_WRONLY | O_CLOEXEC, 0755);
    close(open("by-chmod", O_CREAT | O_WRONLY | O_CLOEXEC, 0755));
    if (fd < 0)
        return refused("open of a new file");
    made += chmod("by-chmod", 04755) == 0;
    made += fchmod(fd, 04755) == 0;
    made += syscall(SYS_fchmodat, AT_FDCWD, "by-chmod", 04755) == 0;
    made += syscall(SYS_fchmodat2, AT_FDCWD, "by-chmod", 04755, AT_SYMLINK_NOFOLLOW) == 0;
    made += open("by-open", O_CREAT | O_WRONLY | O_CLOEXEC, 04755) >= 0;
    made += creat("by-creat", 04755) >= 0;
    made += mknod("by-mknod", S_IFREG | 04755, 0) == 0;
    made += make_by_openat2("by-openat2") >= 0;
    made += make_by_tmpfile("by-tmpfile") >= 0;
    printf("calls that said yes: %d\n", made);
    return made > 0 ? TRY_DONE : TRY_REFUSED;
}

const struct command descriptor_tries[] = {
    {"fd-read", 1, try_fd_read, "PATH: read it by a directory that is open"},
    {"fd-write", 1, try_fd_write, "TEXT: write it to whatever is open"},
    {"fd-kill", 0, try_fd_kill, "kill whatever process a descriptor stands for"},
    {"open-handle", 3, try_open_handle, "DIR TYPE HEX: print the file of that handle"},
    {"lease", 1, try_lease, "PATH: hold a lease until a byte comes from stdin"},
    {"link", 2, try_link, "PATH NEW"},
    {"take", 2, try_take, "PATH NEW: link or rename, by any way"},
    {"setuid-files", 0, try_setuid_files, "make some in the working directory, by any way"},
    {NULL, 0, NULL, NULL},
};
