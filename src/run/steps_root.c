/* SPDX-License-Identifier: Apache-2.0 */
/* The first and the last of the steps that make the view, see steps_mount.c: its root, the staging
 * directory that holds it, and the pivot. */
#include "run/steps.h"

#include "kernel/mount.h"
#include "run/place.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int apply_mirror(struct child *child, const struct step *step)
{
    child->root = copy_source(child, step);
    place_hold(child, child->root);
    return child->root < 0 ? child->root : 0;
}

/* Mount the staging tmpfs over "/", and open it. */
static int make_staging(struct child *child)
{
    const struct step tmpfs = {.number = 64U << 20,
                               .number2 = 4096,
                               .mode = 0700,
                               .attributes = MASK_ATTRIBUTES & ~(uint64_t)MOUNT_ATTR_RDONLY};

    if (mount_tmpfs(&tmpfs, "/") == 0) {
        child->what = "open the staging directory";
        child->staging = open(STAGING_PATH, O_PATH | O_DIRECTORY | O_CLOEXEC);
        return child->staging < 0 ? -errno : 0;
    }
    child->staging = new_tmpfs(child, &tmpfs);
    if (child->staging < 0)
        return child->staging;
    child->what = "attach the staging directory";
    return move_mount(child->staging, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0 ? -errno : 0;
}

/* Show the staging directory once more within itself, restricted: a copy of a mount has what the
 * mount has, so a mask that is copied from there needs no step of its own to restrict it. */
static int make_masks(struct child *child)
{
    int masks;
    int result;

    child->what = "make the masks";
    /* not recursive: the view lies in it */
    masks = place_leave_open(child, mount_copy_one(child->staging, ""));
    if (masks < 0)
        return masks;
    result = mount_restrict(masks, MASK_ATTRIBUTES, 0);
    if (result < 0)
        return result;
    return move_mount(masks, "", child->staging, STAGING_MASK, MOVE_MOUNT_F_EMPTY_PATH) < 0 ? -errno
                                                                                            : 0;
}

/* It comes after the root: a copy of "/" would hold the staging directory as well. */
int apply_staging(struct child *child, const struct step *step)
{
    int result = make_staging(child);

    (void)step;
    if (result < 0)
        return result;
    place_hold(child, child->staging);
    child->what = "fill the staging directory";
    if (mkdirat(child->staging, STAGING_ROOT, 0755) < 0 ||
        mkdirat(child->staging, STAGING_MASK, 0755) < 0 ||
        mkdirat(child->staging, STAGING_DIR, 0555) < 0 ||
        mknodat(child->staging, STAGING_FILE, S_IFREG, 0) < 0)
        return -errno;
    result = make_masks(child);
    if (result < 0)
        return result;
    child->what = "attach the root";
    return move_mount(child->root, "", child->staging, STAGING_ROOT, MOVE_MOUNT_F_EMPTY_PATH) < 0
               ? -errno
               : 0;
}

/* "/.." ends at the topmost mount on the root: it must be the view and nothing stacked over it. */
static int check_root(const struct child *child)
{
    struct statx view;
    struct statx top;

    if (statx(child->root, "", AT_EMPTY_PATH, STATX_INO | STATX_MNT_ID, &view) < 0 ||
        statx(AT_FDCWD, "/..", 0, STATX_INO | STATX_MNT_ID, &top) < 0)
        return -errno;
    /* without statx(2) libc makes its answer of others, which say nothing of mounts */
    if ((view.stx_mask & top.stx_mask & STATX_MNT_ID) == 0)
        return -ENOSYS;
    return view.stx_mnt_id == top.stx_mnt_id ? 0 : -EBUSY;
}

/*
 * The staging directory, which holds the view, lies over the root of the host's tree.  Moved to a
 * directory of that tree it goes with it: each unmounting waits for all processors (see
 * synchronize_rcu_expedited() in the kernel).  What stood in the way there is not needed any more.
 * Returns 1 where it was moved, 0 where there is no such directory, or a negative errno.
 */
static int move_staging(const struct child *child)
{
    static const char *const places[] = {"/proc", "/usr", "/etc"};

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (move_mount(child->staging, "", AT_FDCWD, places[i], MOVE_MOUNT_F_EMPTY_PATH) == 0)
            return 1;
        if (errno != ENOENT && errno != ENOTDIR && errno != EINVAL) /* EINVAL: a link, a file */
            return -errno;
    }
    return 0;
}

int apply_pivot(struct child *child, const struct step *step)
{
    int moved;

    (void)step;
    child->what = "move the staging directory";
    moved = move_staging(child);
    if (moved < 0)
        return moved;
    child->what = "enter the view";
    if (fchdir(child->root) < 0)
        return -errno;
    child->entered = -EBADF;
    child->what = "pivot_root";
    if (syscall(SYS_pivot_root, ".", ".") < 0)
        return -errno;
    /* The old root now lies over the new one, and the staging tmpfs over the old root where it
     * could not be moved: "." is looked up to the top of that stack, so each call takes one away.
     */
    child->what = "let the host's tree go";
    if (umount2(".", MNT_DETACH) < 0 || (moved == 0 && umount2(".", MNT_DETACH) < 0))
        return -errno;
    child->what = "check that the host's tree is gone";
    if (chdir("/") < 0)
        return -errno;
    return check_root(child);
}

int apply_chdir(struct child *child, const struct step *step)
{
    (void)child;
    return chdir(step->target) < 0 ? -errno : 0;
}
