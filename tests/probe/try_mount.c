/* SPDX-License-Identifier: Apache-2.0 */
/* Tries on mounts, namespaces, files and devices. */
#define _GNU_SOURCE
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

/* From sys/mount.h, which doesn't go together with linux/mount.h in older C libraries. */
int mount(const char *source, const char *target, const char *type, unsigned long flags,
          const void *data);
int umount2(const char *target, int flags);
#define DETACH 2

static int try_remount(int argc, char **argv)
{
    (void)argc;
    return verdict(mount(NULL, argv[0], NULL, MS_REMOUNT | MS_BIND, NULL), "mount(MS_REMOUNT)");
}

static int try_mount_setattr(int argc, char **argv)
{
    struct mount_attr attr = {.attr_clr = MOUNT_ATTR_RDONLY};

    (void)argc;
    return verdict(syscall(SYS_mount_setattr, AT_FDCWD, argv[0], 0, &attr, sizeof(attr)),
                   "mount_setattr");
}

static int try_mount_tmpfs(int argc, char **argv)
{
    (void)argc;
    return verdict(mount("probe", argv[0], "tmpfs", 0, NULL), "mount(tmpfs)");
}

static int try_bind(int argc, char **argv)
{
    (void)argc;
    return verdict(mount(argv[0], argv[1], NULL, MS_BIND | MS_REC, NULL), "mount(MS_BIND)");
}

static int try_umount(int argc, char **argv)
{
    (void)argc;
    return verdict(umount2(argv[0], DETACH), "umount2");
}

static int try_open_tree(int argc, char **argv)
{
    (void)argc;
    return verdict(syscall(SYS_open_tree, AT_FDCWD, argv[0],
                           OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE),
                   "open_tree(OPEN_TREE_CLONE)");
}

static int try_fsopen(int argc, char **argv)
{
    (void)argc;
    return verdict(syscall(SYS_fsopen, argv[0], FSOPEN_CLOEXEC), "fsopen");
}

static int try_chroot(int argc, char **argv)
{
    (void)argc;
    return verdict(chroot(argv[0]), "chroot");
}

static int try_setns(int argc, char **argv)
{
    int fd = open(argv[0], O_RDONLY | O_CLOEXEC);

    (void)argc;
    return fd < 0 ? refused("open of the namespace") : verdict(setns(fd, 0), "setns");
}

static int try_unshare(int argc, char **argv)
{
    (void)argc;
    return verdict(unshare((int)strtol(argv[0], NULL, 0)), "unshare");
}

/* Reap @pid, a child that does nothing. */
static long reap(long pid)
{
    if (pid > 0)
        waitpid((pid_t)pid, NULL, 0);
    return pid;
}

static int try_userns_unshare(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return verdict(unshare(CLONE_NEWUSER), "unshare(CLONE_NEWUSER)");
}

static int try_userns_clone(int argc, char **argv)
{
    long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL);

    (void)argc;
    (void)argv;
    if (pid == 0)
        _exit(0);
    return verdict(reap(pid), "clone(CLONE_NEWUSER)");
}

static int try_userns_clone3(int argc, char **argv)
{
    struct {
        uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
    } args = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
    long pid = syscall(SYS_clone3, &args, sizeof(args));

    (void)argc;
    (void)argv;
    if (pid == 0)
        _exit(0);
    return verdict(reap(pid), "clone3(CLONE_NEWUSER)");
}

/* Done as soon as one of the three ways works. */
static int try_userns(int argc, char **argv)
{
    int clone_result = try_userns_clone(argc, argv);
    int clone3_result = try_userns_clone3(argc, argv);

    if (clone_result == TRY_DONE || clone3_result == TRY_DONE)
        return TRY_DONE;
    return try_userns_unshare(argc, argv);
}

/* --- files --------------------------------------------------------------------------------- */

/* Done only where there is something to read: an empty file in its place is a mask. */
static int try_read(int argc, char **argv)
{
    char byte;
    int fd = open(argv[0], O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t n;

    (void)argc;
    if (fd < 0)
        return refused("open");
    n = read(fd, &byte, 1);
    if (n == 0) {
        puts("refused: it is empty");
        return TRY_REFUSED;
    }
    return verdict(n, "read");
}

/* Read a whole file and look for a text: "done" only where it's there. */
static int try_find(int argc, char **argv)
{
    static char buffer[1 << 20];
    int fd = open(argv[0], O_RDONLY | O_CLOEXEC);
    size_t used = 0;
    ssize_t n;

    (void)argc;
    if (fd < 0)
        return refused("open");
    while (used < sizeof(buffer) && (n = read(fd, buffer + used, sizeof(buffer) - used)) > 0)
        used += (size_t)n;
    if (used == 0)
        return refused("read");
    if (memmem(buffer, used, argv[1], strlen(argv[1])) != NULL) {
        puts("done: the text is there");
        return TRY_DONE;
    }
    puts("refused: the text isn't there");
    return TRY_REFUSED;
}

/* For a directory: make a file in it.  For a file: open it for writing.  Nothing is changed. */
static int try_write(int argc, char **argv)
{
    char path[4200];
    struct stat st;
    int fd;

    (void)argc;
    if (stat(argv[0], &st) < 0)
        return refused("stat");
    if (!S_ISDIR(st.st_mode))
        return verdict(open(argv[0], O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC),
                       "open for writing");
    snprintf(path, sizeof(path), "%s/.probe-write", argv[0]);
    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return refused("open of a new file");
    unlink(path);
    return verdict(fd, "open of a new file");
}

static int try_create(int argc, char **argv)
{
    (void)argc;
    return verdict(open(argv[0], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), "create");
}

static int try_unlink(int argc, char **argv)
{
    (void)argc;
    return verdict(unlink(argv[0]), "unlink");
}

static int try_chmod(int argc, char **argv)
{
    struct stat st;

    (void)argc;
    if (stat(argv[0], &st) < 0)
        return refused("stat");
    return verdict(chmod(argv[0], st.st_mode & 07777), "chmod");
}

static int try_chown(int argc, char **argv)
{
    (void)argc;
    return verdict(chown(argv[0], (uid_t)atoi(argv[1]), (gid_t)-1), "chown");
}

static int try_utimes(int argc, char **argv)
{
    (void)argc;
    return verdict(utimensat(AT_FDCWD, argv[0], NULL, 0), "utimensat");
}

static int make_node(const char *path, mode_t type, dev_t device)
{
    int fd;

    if (mknod(path, type | 0600, device) < 0)
        return refused("mknod");
    fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    unlink(path);
    /* ENXIO: the node is live, only no such hardware is there. */
    return fd < 0 && errno == ENXIO ? verdict(0, "open of the node")
                                    : verdict(fd, "open of the node");
}

static int try_mknod_block(int argc, char **argv)
{
    unsigned int major_number = argc > 1 ? (unsigned int)atoi(argv[1]) : 7;

    return make_node(argv[0], S_IFBLK, makedev(major_number, 0));
}

static int try_mknod_char(int argc, char **argv)
{
    (void)argc;
    return make_node(argv[0], S_IFCHR, makedev(1, 3));
}

static int try_openat_up(int argc, char **argv)
{
    const char *path = argc > 1 ? argv[1] : "../..";

    return verdict(openat(atoi(argv[0]), path, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
                   "openat through the descriptor");
}

/* Opens the file behind descriptor 0 anew, for writing, and empties it. */
static int try_reopen_stdin_write(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return verdict(open("/proc/self/fd/0", O_WRONLY | O_TRUNC | O_CLOEXEC),
                   "open of /proc/self/fd/0 for writing");
}

/* By its link, in the ways that never open it for writing. */
static int try_empty_stdin(int argc, char **argv)
{
    static const char link[] = "/proc/self/fd/0";
    int flags = strcmp(argv[0], "ioctl") == 0 ? O_ACCMODE : O_RDONLY;

    (void)argc;
    if (strcmp(argv[0], "truncate") == 0)
        return verdict(truncate(link, 0), "truncate of /proc/self/fd/0");
    return verdict(open(link, flags | O_TRUNC | O_CLOEXEC), "open of /proc/self/fd/0 with O_TRUNC");
}

static int try_truncate(int argc, char **argv)
{
    (void)argc;
    return verdict(truncate(argv[0], 0), "truncate");
}

const struct command mount_tries[] = {
    {"remount", 1, try_remount, "PATH: remount it writable"},
    {"mount_setattr", 1, try_mount_setattr, "PATH: clear its read-only flag"},
    {"mount", 1, try_mount_tmpfs, "PATH: mount a tmpfs there"},
    {"bind", 2, try_bind, "SRC DST: a bind mount"},
    {"umount", 1, try_umount, "PATH: detach what is mounted there"},
    {"open_tree", 1, try_open_tree, "PATH: a detached copy of the mounts"},
    {"fsopen", 1, try_fsopen, "TYPE: a new file system"},
    {"chroot", 1, try_chroot, "PATH"},
    {"setns", 1, try_setns, "PATH of a namespace"},
    {"unshare", 1, try_unshare, "FLAGS as a number"},
    {"userns", 0, try_userns, "a nested user namespace, by any way"},
    {"userns-unshare", 0, try_userns_unshare, "by unshare"},
    {"userns-clone", 0, try_userns_clone, "by clone"},
    {"userns-clone3", 0, try_userns_clone3, "by clone3"},
    {"read", 1, try_read, "PATH: open and read a byte"},
    {"find", 2, try_find, "PATH TEXT: read a file, find a text in it"},
    {"write", 1, try_write, "PATH: make a file in a directory, open a file for writing"},
    {"create", 1, try_create, "PATH: a new file, which stays"},
    {"unlink", 1, try_unlink, "PATH"},
    {"truncate", 1, try_truncate, "PATH"},
    {"chmod", 1, try_chmod, "PATH: to what it has"},
    {"chown", 2, try_chown, "PATH UID"},
    {"utimes", 1, try_utimes, "PATH: touch it"},
    {"mknod-block", 1, try_mknod_block, "PATH [MAJOR]: make and open a block device"},
    {"mknod-char", 1, try_mknod_char, "PATH: make and open a null device"},
    {"openat-up", 1, try_openat_up, "FD [PATH]: open ../.. through a descriptor"},
    {"empty-stdin", 1, try_empty_stdin, "HOW (truncate, read, ioctl): empty it without writing"},
    {"reopen-stdin-write", 0, try_reopen_stdin_write, "empty the file that is stdin"},
    {NULL, 0, NULL, NULL},
};
