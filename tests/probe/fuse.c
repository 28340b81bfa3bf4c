/* SPDX-License-Identifier: Apache-2.0 */
/* A file system whose server takes every request and answers none. */
#define _GNU_SOURCE
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* The first request has to be answered: until then no other reaches us, and those who wait for
 * that can still be killed, as they can't once we have their request. */
static int answer_init(int fd)
{
    static char request[FUSE_MIN_READ_BUFFER];
    struct {
        struct fuse_out_header header;
        struct fuse_init_out body;
    } answer = {
        .header = {.len = sizeof(answer)},
        .body = {.major = FUSE_KERNEL_VERSION,
                 .minor = FUSE_KERNEL_MINOR_VERSION,
                 .max_write = 4096},
    };

    if (read(fd, request, sizeof(request)) < (ssize_t)sizeof(struct fuse_in_header))
        return -1;
    answer.header.unique = ((const struct fuse_in_header *)request)->unique;
    return write(fd, &answer, sizeof(answer)) == (ssize_t)sizeof(answer) ? 0 : -1;
}

static void serve_nothing(int fd)
{
    static char request[FUSE_MIN_READ_BUFFER];

    while (read(fd, request, sizeof(request)) > 0 || errno == EINTR || errno == EAGAIN)
        ;
}

/* silent-fuse DIR COMMAND...: COMMAND's exit code; its requests end with ENOTCONN when it ends. */
int silent_fuse(int argc, char **argv)
{
    int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    char options[128];
    int status;
    pid_t server;
    pid_t pid;

    (void)argc;
    snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=%u,group_id=%u,allow_other",
             fd, geteuid(), getegid());
    if (fd < 0 || mount("silent", argv[0], "fuse.silent", MS_NOSUID | MS_NODEV, options) < 0)
        return fail("silent-fuse");
    server = fork();
    if (server == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (answer_init(fd) == 0)
            serve_nothing(fd);
        _exit(0);
    }
    close(fd);
    pid = fork();
    if (pid == 0) {
        execvp(argv[1], argv + 1);
        _exit(fail(argv[1]));
    }
    if (server < 0 || pid < 0 || waitpid(pid, &status, 0) < 0)
        return fail("fork");
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    umount2(argv[0], MNT_DETACH);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
