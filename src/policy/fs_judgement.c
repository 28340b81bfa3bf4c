/* SPDX-License-Identifier: Apache-2.0 */
/* What tries came to, put into answers; see src/kernel/fs_try_overlay.c for what they mean. */
#include "policy/fs_judgement.h"

#include "base/error.h"
#include "kernel/mountinfo.h"
#include "policy/hint.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define ODD_DIRECTORY                                                                              \
    "overlays don't take such a directory, whatever its depth (one that is case-insensitive, "     \
    "say, "                                                                                        \
    "or whose names the kernel makes up)"

const char *fs_trial_failure(struct arena *arena, const struct fs_trial *trial)
{
    if (trial->stage == TRIAL_STAGE_HUNG)
        return arena_printf(arena, "it did not answer within %d s", FS_TIMEOUT_MS / 1000);
    if (trial->result == 0)
        return NULL;
    if (trial->stage == TRIAL_STAGE_CLONE)
        return arena_printf(arena, "no namespaces to try it in can be made here (%s)",
                            strerror(-trial->result));
    if (trial->stage == TRIAL_STAGE_MAPS)
        return arena_printf(arena, "a user namespace to try it in can't be set up here (%s)",
                            strerror(-trial->result));
    return "the process that tried it was killed";
}

/* The hint for namespaces that could not be had, or NULL. */
static const char *namespace_hint(const struct fs_trial *trial, unsigned faults)
{
    if (trial->result == 0 || trial->stage >= TRIAL_STAGE_TRIED)
        return NULL;
    return hint_find(trial->stage == TRIAL_STAGE_MAPS ? "id-map" : "namespaces", -trial->result,
                     faults);
}

/* ------------------------------------------------------------------ depth */

/* Where nothing else went wrong before: what did the overlays say? */
static const char *read_depth(struct arena *arena, const struct fs_facts *facts, int *ret_depth)
{
    const struct fs_overlay *overlay = &facts->overlay;
    bool old_idmap = (facts->mount->attributes & MOUNT_ATTR_IDMAP) != 0;

    if (overlay->first == FS_WORKED && overlay->second == FS_WORKED)
        *ret_depth = 0;
    else if (overlay->first == FS_WORKED && overlay->second == -EINVAL)
        *ret_depth = 1;
    else if (overlay->first == -EINVAL && !old_idmap)
        *ret_depth = 2;
    if (*ret_depth == 0)
        return "an overlay over it works, and an overlay over that one too";
    if (*ret_depth == 1)
        return "an overlay over it works, but no overlay over that one";
    if (*ret_depth == 2)
        return "the kernel refuses an overlay over it";
    if (overlay->first == -EINVAL)
        return "the kernel refuses an overlay over it, which may be because of the mount's id map";
    return arena_printf(arena, "an overlay over it ended with: %s",
                        strerror(-(overlay->first < 0 ? overlay->first : overlay->second)));
}

/* Why the overlays could not be tried, or NULL where they were. */
static const char *overlay_failure(struct arena *arena, const struct fs_facts *facts)
{
    const struct fs_overlay *overlay = &facts->overlay;

    if (overlay->reopened < 0)
        return arena_printf(arena, "the path can't be opened again in a namespace to try it in: %s",
                            strerror(-overlay->reopened));
    if (overlay->made_private == -EINVAL)
        return "the caller's root is not a mount point (a chroot), so nothing can be tried without "
               "showing on the host";
    if (overlay->made_private < 0)
        return arena_printf(arena,
                            "the mounts of a namespace to try it in can't be made private: "
                            "%s",
                            strerror(-overlay->made_private));
    if (overlay->staging < 0)
        return arena_printf(arena, "nothing can be mounted in a namespace to try it in: %s",
                            strerror(-overlay->staging));
    if (overlay->control < 0)
        return arena_printf(arena, "no overlay can be made here at all: %s",
                            strerror(-overlay->control));
    if (overlay->found < 0 && overlay->accepted_alone < 0)
        return ODD_DIRECTORY;
    if (overlay->found < 0 && overlay->alone_private < 0 && !facts->admin)
        return "each of its directories that was tried has other mounts below, which are locked to "
               "it for an ordinary user";
    if (overlay->found < 0)
        return "no directory of it was found to try it with";
    return NULL;
}

static const char *overlay_hint(const struct fs_facts *facts)
{
    const struct fs_overlay *overlay = &facts->overlay;
    const char *hint = namespace_hint(&facts->overlay_trial, facts->faults);
    int number = overlay->made_private < 0 ? -overlay->made_private
                 : overlay->staging < 0    ? -overlay->staging
                                           : -overlay->control;

    if (hint != NULL || overlay->reopened < 0)
        return hint;
    if (overlay->made_private == -EINVAL)
        return "run it outside of the chroot, or enter the tree with pivot_root instead";
    if (overlay->made_private < 0 || overlay->staging < 0 || overlay->control < 0)
        return number == ENODEV ? "this kernel has no overlayfs, or its module isn't loaded: as "
                                  "root, modprobe overlay"
                                : hint_find("overlay", number, facts->faults);
    if (overlay->found < 0 && overlay->alone_private < 0 && !facts->admin)
        return "root can tell: there the mounts below are not locked";
    return NULL;
}

int fs_judge_depth(struct arena *arena, const struct fs_facts *facts, struct sbx_fs_path *path)
{
    const char *because = fs_trial_failure(arena, &facts->overlay_trial);

    path->depth = -1;
    if (because == NULL)
        because = overlay_failure(arena, facts);
    if (because != NULL)
        path->depth_hint = overlay_hint(facts);
    /* what was found before the process hung stands */
    if (because == NULL || facts->overlay.second != FS_UNTRIED)
        because = read_depth(arena, facts, &path->depth);
    if (path->depth >= 0)
        path->depth_hint = NULL;
    path->depth_because = because;
    return because == NULL ? -ENOMEM : 0;
}

/* ------------------------------------------------------------------ layer */

static struct sbx_fs_verdict say_no(const char *because, const char *hint)
{
    return (struct sbx_fs_verdict){SBX_FS_NO, because, hint};
}

static struct sbx_fs_verdict say_unknown(const char *because, const char *hint)
{
    return (struct sbx_fs_verdict){SBX_FS_UNKNOWN, because, hint};
}

/* An overlay takes the mount of a layer alone, and here that is not possible. */
static struct sbx_fs_verdict layer_not_alone(struct arena *arena, const struct fs_facts *facts,
                                             const struct sbx_fs_path *path)
{
    const struct fs_overlay *overlay = &facts->overlay;
    const char *because;

    /* a copy with all that lies below works, so it is these */
    if (overlay->alone == -EINVAL && overlay->whole == FS_WORKED && path->submount_count > 0) {
        because = arena_printf(
            arena, "%zu mount%s below it %s locked to it%s, and a layer has none",
            path->submount_count, path->submount_count == 1 ? "" : "s",
            path->submount_count == 1 ? "is" : "are", facts->admin ? "" : " for an ordinary user");
        return say_no(because, facts->admin ? NULL : "root can have it as a layer, without them");
    }
    because =
        arena_printf(arena, "its mount can't be copied to try it: %s", strerror(-overlay->alone));
    return say_unknown(because, NULL);
}

/* The path itself is a directory, and overlays were tried with it. */
static struct sbx_fs_verdict read_layer(const struct sbx_fs_path *path)
{
    struct sbx_fs_verdict yes = {SBX_FS_YES, NULL, NULL};

    if (path->depth == 2)
        return say_no("its stacking depth is 2, the most that the kernel allows", NULL);
    if (path->depth < 0)
        return say_unknown("its depth is unknown", NULL);
    if (path->depth == 1)
        yes.because = "but the overlay then has depth 2, and can't be a layer itself";
    else if (path->submount_count > 0)
        yes.because = "without the mounts below it: a layer never has them";
    return yes;
}

int fs_judge_layer(struct arena *arena, const struct fs_facts *facts, struct sbx_fs_path *path)
{
    const struct fs_overlay *overlay = &facts->overlay;

    if (!S_ISDIR(facts->place.mode))
        path->layer = say_no("a layer is a directory", NULL);
    /* the copy in the namespace of the try may have lost that */
    else if (facts->mount->unbindable)
        path->layer = say_no("its mount is unbindable", NULL);
    /* where the depth is a reason, it is the one to tell */
    else if (path->depth != 2 && overlay->alone < 0)
        path->layer = layer_not_alone(arena, facts, path);
    else if (path->depth != 2 && overlay->accepted_alone < 0)
        path->layer = say_no(ODD_DIRECTORY, NULL);
    else
        path->layer = read_layer(path);
    return path->layer.answer != SBX_FS_YES && path->layer.because == NULL ? -ENOMEM : 0;
}

/* ------------------------------------------------------------------ id map */

int fs_judge_idmap(struct arena *arena, const struct fs_facts *facts, struct sbx_fs_path *path)
{
    const struct fs_idmap *idmap = &facts->idmap;
    const char *because = fs_trial_failure(arena, &facts->idmap_trial);
    struct sbx_fs_verdict verdict = {SBX_FS_UNKNOWN, because,
                                     namespace_hint(&facts->idmap_trial, facts->faults)};

    if (idmap->mapped == FS_WORKED) {
        verdict = (struct sbx_fs_verdict){SBX_FS_YES, NULL, NULL};
    } else if ((facts->mount->attributes & MOUNT_ATTR_IDMAP) != 0) {
        verdict = say_no("its mount has an id map already", NULL);
    } else if (idmap->mapped == -EINVAL) {
        verdict = say_no("this type of file system doesn't support it", NULL);
    } else if (idmap->mapped == -EPERM) {
        verdict =
            say_no("this user may not: it takes CAP_SYS_ADMIN in the user namespace that the file "
                   "system was mounted in",
                   facts->admin ? NULL : "root can try it");
    } else if (because == NULL) {
        int number = idmap->namespace < 0 ? idmap->namespace
                     : idmap->copied < 0  ? idmap->copied
                                          : idmap->mapped;

        verdict.because =
            arena_printf(arena, "%s: %s",
                         idmap->namespace < 0 ? "no user namespace can be made to try it with"
                         : idmap->copied < 0  ? "the mount can't be copied to try it"
                                              : "it ended in an unexpected way",
                         strerror(-number));
        if (idmap->namespace < 0)
            verdict.hint = hint_find("namespaces", -idmap->namespace, facts->faults);
        if (verdict.because == NULL)
            return -ENOMEM;
    }
    path->idmap = verdict;
    return 0;
}

/* ------------------------------------------------------------------ locks */

static const char *locks_failure(struct arena *arena, const struct fs_facts *facts)
{
    const struct fs_locks *locks = &facts->locks;
    const char *because = fs_trial_failure(arena, &facts->locks_trial);

    if (because != NULL)
        return because;
    if (locks->entered < 0)
        return arena_printf(arena, "no user namespace can be made to try it in: %s",
                            strerror(-locks->entered));
    if (locks->copied < 0)
        return arena_printf(arena, "the mount can't be copied to try it: %s",
                            strerror(-locks->copied));
    if (locks->control != FS_WORKED)
        return arena_printf(arena, "flags of a copy can't be set either: %s",
                            strerror(-locks->control));
    if (locks->other != 0)
        return arena_printf(arena, "one of them ended in an unexpected way: %s",
                            strerror(-locks->other));
    return NULL;
}

int fs_judge_locks(struct arena *arena, const struct fs_facts *facts, struct sbx_fs_path *path)
{
    static const struct {
        uint64_t flag;
        const char *name;
    } names[] = {
        {MOUNT_ATTR_RDONLY, "ro"},
        {MOUNT_ATTR_NOSUID, "nosuid"},
        {MOUNT_ATTR_NODEV, "nodev"},
        {MOUNT_ATTR_NOEXEC, "noexec"},
        {MOUNT_ATTR_NODIRATIME, "nodiratime"},
        {MOUNT_ATTR_NOSYMFOLLOW, "nosymfollow"},
        {MOUNT_ATTR__ATIME, "atime"},
    };
    const char *text = "";

    path->locked_because = locks_failure(arena, facts);
    if (path->locked_because != NULL) {
        if (facts->locks.entered < 0)
            path->locked_hint = hint_find("namespaces", -facts->locks.entered, facts->faults);
        return 0;
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && text != NULL; i++)
        if ((facts->locks.locked & names[i].flag) != 0)
            text = arena_printf(arena, "%s%s%s", text, text[0] != '\0' ? "," : "", names[i].name);
    path->locked = text;
    return text == NULL ? -ENOMEM : 0;
}

/* ------------------------------------------------------------------ all */

int fs_judge_failure(const struct fs_facts *facts, const struct host_mounts *mounts,
                     struct sbx_error *err)
{
    const struct fs_trial *trial = &facts->place_trial;
    const struct host_mount *mount = NULL;

    if (trial->stage == TRIAL_STAGE_HUNG) {
        if (facts->path[0] == '/')
            mount = mountinfo_find(mounts, facts->path);
        error_set(err, SBX_ERROR_SETUP, ETIMEDOUT, "fs", facts->path,
                  "'%s' did not answer within %d s", facts->path, FS_TIMEOUT_MS / 1000);
        if (err != NULL && mount != NULL)
            snprintf(err->hint, sizeof(err->hint),
                     "by its name it is on the mount %.200s (%.64s): is its server, or the program "
                     "behind it, still there?",
                     mount->point, mount->type);
        return -ETIMEDOUT;
    }
    if (trial->result < 0)
        return error_set(err, SBX_ERROR_SETUP, -trial->result, "fs", facts->path,
                         "no process can be started to look at '%s'", facts->path);
    if (facts->place.opened < 0)
        return error_set(err, SBX_ERROR_SETUP, -facts->place.opened, "fs", facts->path,
                         "cannot reach '%s'", facts->path);
    error_set(err, SBX_ERROR_SETUP, 0, "fs", facts->path,
              "'%s' is on a mount that is not in this process's list of mounts", facts->path);
    error_add_hint(err, "it lies outside of the caller's root (a chroot), in another mount "
                        "namespace, or is a pipe or socket: ask where it is mounted");
    return -EXDEV;
}

static const char *kind_of(uint32_t mode)
{
    if (S_ISDIR(mode))
        return "directory";
    if (S_ISREG(mode))
        return "file";
    if (S_ISCHR(mode) || S_ISBLK(mode))
        return "device";
    if (S_ISSOCK(mode))
        return "socket";
    return S_ISFIFO(mode) ? "fifo" : "other";
}

int fs_judge(struct arena *arena, const struct fs_facts *facts, const struct host_mounts *mounts,
             const struct fs_caller *caller, struct sbx_fs_path *ret_path)
{
    struct sbx_fs_path path = {
        .path = facts->path,
        .real = facts->place.real[0] != '\0' ? facts->place.real : NULL,
        .kind = kind_of(facts->place.mode),
    };
    int r = fs_describe_mount(arena, facts, mounts, &path);

    if (r == 0)
        r = fs_judge_locks(arena, facts, &path);
    if (r == 0)
        r = fs_judge_depth(arena, facts, &path);
    if (r == 0)
        r = fs_judge_layer(arena, facts, &path);
    if (r == 0)
        r = fs_judge_idmap(arena, facts, &path);
    if (r == 0)
        r = fs_advise(arena, caller, &path);
    if (r == 0)
        *ret_path = path;
    return r;
}
