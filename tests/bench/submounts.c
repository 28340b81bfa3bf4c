/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench-submounts COUNT DIRECTORY COMMAND [ARG...]: run COMMAND where DIRECTORY, which has to
 * exist, has COUNT mounts below it
 *
 * They are made in a mount namespace of its own, so they go with the command.  Only root can.
 */
#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    long count = argc > 3 ? strtol(argv[1], NULL, 10) : -1;
    char path[64];

    if (count < 0)
        errx(2, "usage: bench-submounts COUNT DIRECTORY COMMAND [ARG...]");
    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        err(1, "cannot make a mount namespace");
    if (count > 0) {
        int directory = open(".", O_PATH | O_CLOEXEC);

        if (directory < 0 || mount("bench", argv[2], "tmpfs", 0, "mode=0755") < 0 ||
            chdir(argv[2]) < 0)
            err(1, "%s", argv[2]);
        for (long i = 0; i < count; i++) {
            snprintf(path, sizeof(path), "%ld", i);
            if (mkdir(path, 0755) < 0 || mount("bench", path, "tmpfs", 0, "size=4k") < 0)
                err(1, "%s/%s", argv[2], path);
        }
        if (fchdir(directory) < 0)
            err(1, "working directory");
    }
    execvp(argv[3], argv + 3);
    err(127, "%s", argv[3]);
}
