/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one step that changes the host: a directory that the command must not make is made first.
 *
 * Theory of operation.  It runs before the mirror is taken, with the caller's ids; the rights that
 * the user namespace adds are over the caller's own files only.  The walk starts at a directory
 * that was there when the plan was made and had no link above it, and goes one component at a time
 * by descriptors that follow no link: what was swapped since ends the launch.
 */
#include "run/child.h"

#include "base/cleanup.h"
#include "kernel/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where the caller has no right to make it, the command has none either: it has fewer. */
static bool is_forbidden(int error)
{
    return error == EACCES || error == EPERM || error == EROFS;
}

int apply_host_directory(struct child *child, const struct step *step)
{
    _cleanup_close_ int directory = open_without_symlinks(step->source);
    const char *rest = step->target + strlen(step->source);

    child->what = "open the directory above it";
    if (directory < 0)
        return directory;
    while (*(rest += strspn(rest, "/")) != '\0') {
        char name[NAME_MAX + 1];
        size_t length = strcspn(rest, "/");
        int next;

        if (length >= sizeof(name))
            return -ENAMETOOLONG;
        memcpy(name, rest, length);
        name[length] = '\0';
        rest += length;
        child->what = "make a part of it";
        if (mkdirat(directory, name, step->mode) < 0 && errno != EEXIST) {
            if (!is_forbidden(errno) || (step->flags & STEP_REQUIRED) != 0)
                return -errno;
            child->unmade = true;
            return 0;
        }
        child->what = "enter what is there already";
        next = open_in_root(directory, name, O_DIRECTORY);
        if (next < 0)
            return next;
        close(directory);
        directory = next;
    }
    return 0;
}
