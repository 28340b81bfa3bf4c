/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Masks: empty files and directories over what is to be hidden.
 *
 * Theory of operation.
 *  - A mask is a copy of a file or a directory of the staging tmpfs, by a mount that is restricted.
 *  - The two dozen of every plan lie in the fresh procfs and in sysfs, where nobody can plant a
 *    link.  Their root is found as all places are, and each of them from there by its name: one
 *    call.
 *  - The kernel refuses a file as the mask of a directory, and the other way round.  So what the
 *    plan takes a place for is tried first, then the other.
 *  - Where nothing is, there is nothing to hide.  That nothing is there is looked at once more by
 *    the attestation, before the command starts: no passing error leaves something unhidden.
 */
#include "run/steps.h"

#include "kernel/mount.h"
#include "run/place.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

static const char *mask_of(bool directory)
{
    return directory ? STAGING_PATH "/" STAGING_MASK "/" STAGING_DIR
                     : STAGING_PATH "/" STAGING_MASK "/" STAGING_FILE;
}

/* What this step cannot reach with all capabilities of the namespace, the command, which has none,
 * cannot reach either.  @error is the answer of a first look; where something may be there all the
 * same, a second one has to agree. */
static bool is_out_of_reach(struct child *child, const char *target, int error)
{
    if (error == -ENOENT)
        return true;
    return (error == -ENOTDIR || error == -EACCES) &&
           place_leave_open(child, open_in_root(child->root, target, 0)) == error;
}

/* @name is the mask's place as it is seen from @directory, where nobody can have made a link. */
static int mask_by_name(struct child *child, const struct step *step, int directory,
                        const char *name)
{
    bool is_directory = (step->flags & STEP_ON_DIRECTORY) != 0;
    int result = place_enter(child, directory);

    child->what = "attach the mask";
    if (result < 0)
        return result;
    if (mount(mask_of(is_directory), name, NULL, MS_BIND, NULL) == 0 ||
        (errno == ENOTDIR && mount(mask_of(!is_directory), name, NULL, MS_BIND, NULL) == 0))
        return 0;
    result = -errno;
    return is_out_of_reach(child, step->target, result) ? 0 : result;
}

/* Of a fresh procfs the names in its root only: what is deeper may belong to a process. */
static int mask_on_procfs(struct child *child, const struct step *step)
{
    const char *name;
    int directory = place_directory(child, step->target, false, &name);

    return directory < 0 ? directory : mask_by_name(child, step, directory, name);
}

/* 1: this is no sysfs, so the place is found as any other is. */
static int mask_on_sysfs(struct child *child, const struct step *step)
{
    static const char sysfs[] = "/sys";
    bool known = child->place.fd >= 0 && child->place.length == strlen(sysfs) &&
                 memcmp(child->place.path, sysfs, strlen(sysfs)) == 0;
    struct statfs status;
    int fd;

    if (known)
        return mask_by_name(child, step, child->place.fd, step->target + sizeof(sysfs));
    fd = place_leave_open(child, open_in_root(child->root, sysfs, O_DIRECTORY));
    if (fd < 0 || fstatfs(fd, &status) < 0 || status.f_type != SYSFS_MAGIC)
        return 1;
    place_know(child, fd, sysfs);
    return mask_by_name(child, step, fd, step->target + sizeof(sysfs));
}

/* A copy of the mask over the open @target. */
static int attach_mask(struct child *child, int target, bool directory)
{
    int mask;

    child->what = "make the mask";
    mask = place_leave_open(child, mount_copy_one(AT_FDCWD, mask_of(directory)));
    if (mask < 0)
        return mask;
    child->what = "attach the mask";
    return mount_attach(mask, target);
}

int apply_mask(struct child *child, const struct step *step)
{
    int result = 1;
    int target;
    struct stat status;

    if ((step->flags & STEP_ON_PROCFS) != 0)
        return mask_on_procfs(child, step);
    if ((step->flags & STEP_ON_SYSFS) != 0)
        result = mask_on_sysfs(child, step);
    if (result <= 0)
        return result;
    target = place_leave_open(child, open_in_root(child->root, step->target, 0));
    if (target < 0 && step->inode == 0)
        return is_out_of_reach(child, step->target, target) ? 0 : target;
    child->what = "what was to be hidden has gone or was replaced meanwhile";
    if (target < 0)
        return -ESTALE;
    if (fstat(target, &status) < 0)
        return -errno;
    if (step->inode != 0 && (status.st_dev != step->device || status.st_ino != step->inode))
        return -ESTALE;
    return attach_mask(child, target, S_ISDIR(status.st_mode));
}
