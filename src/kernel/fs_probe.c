/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/fs_probe.h"

#include "base/path.h"
#include "kernel/capability.h"
#include "kernel/fault.h"
#include "kernel/fs_try.h"

#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>

_Static_assert(FS_TIMEOUT_MS > 0, "a trial without a limit could wait for ever");

static struct fs_trial run(int (*function)(const void *, void *), const void *argument,
                           uint64_t namespaces, void *result, size_t size)
{
    struct fs_trial trial;

    trial.result = trial_run(&(struct trial){.namespaces = namespaces,
                                             .timeout_ms = FS_TIMEOUT_MS,
                                             .function = function,
                                             .argument = argument},
                             result, size, &trial.stage);
    return trial;
}

struct fs_trial fs_probe_place(const char *path, struct fs_place *ret_place)
{
    return run(fs_try_place, path, 0, ret_place, sizeof(*ret_place));
}

/* The row of the mount that a place lies on.  Ids are used again, unique ones never. */
static const struct host_mount *find_mount(const struct host_mounts *mounts,
                                           const struct fs_place *place)
{
    for (size_t i = 0; i < mounts->count; i++) {
        const struct host_mount *mount = &mounts->items[i];

        if ((uint64_t)mount->id == place->mount_id &&
            (mount->unique_id == 0 || place->unique_id == 0 ||
             mount->unique_id == place->unique_id))
            return mount;
    }
    return NULL;
}

/* Places of the same file system as that of @facts. */
static void find_others(const struct fs_facts *facts, const struct host_mounts *mounts,
                        struct fs_target *target)
{
    size_t count = 0;

    for (size_t i = 0; i < mounts->count && count + 1 < FS_OTHERS; i++) {
        const struct host_mount *mount = &mounts->items[i];

        if (mount->major == facts->mount->major && mount->minor == facts->mount->minor)
            target->others[count++] = mount->point;
    }
}

static int fill_target(struct arena *arena, const struct host_mounts *mounts,
                       const struct fs_facts *facts, struct fs_target *target)
{
    const char *real = facts->place.real;

    *target = (struct fs_target){
        .path = facts->path,
        .major = facts->place.major,
        .minor = facts->place.minor,
        .directory = S_ISDIR(facts->place.mode),
        .fs_major = facts->mount->major,
        .fs_minor = facts->mount->minor,
        .attributes = facts->mount->attributes,
    };
    find_others(facts, mounts, target);
    if (target->directory || real[0] == '\0')
        return 0;
    target->parent = path_parent(arena, real);
    target->name = strrchr(real, '/') + 1;
    return target->parent == NULL ? -ENOMEM : 0;
}

static bool has_no_namespace(const struct fs_trial *trial)
{
    return trial->result < 0 && trial->stage < TRIAL_STAGE_TRIED;
}

int fs_probe(struct arena *arena, const struct host_mounts *mounts, const char *path,
             struct fs_facts *ret_facts, struct sbx_error *err)
{
    struct fs_facts *facts = ret_facts;
    struct fs_target target;
    uint64_t namespaces;

    *facts = (struct fs_facts){.path = path, .admin = capability_is_effective(CAP_SYS_ADMIN)};
    facts->place_trial = fs_probe_place(path, &facts->place);
    if (facts->place.opened == FS_WORKED && facts->place_trial.result == 0)
        facts->mount = find_mount(mounts, &facts->place);
    if (facts->mount == NULL)
        return 0;
    if (fill_target(arena, mounts, facts, &target) < 0)
        return error_oom(err);
    /* Without a user namespace no mount is locked to another, which leaves more to be tried. */
    namespaces = CLONE_NEWNS | (facts->admin ? 0 : CLONE_NEWUSER);
    facts->overlay_trial =
        run(fs_try_overlay, &target, namespaces, &facts->overlay, sizeof(facts->overlay));
    facts->locks_trial = run(fs_try_locks, &target, 0, &facts->locks, sizeof(facts->locks));
    if (facts->locks.copied == -EACCES) {
        target.enter = true;
        facts->locks_trial = run(fs_try_locks, &target, 0, &facts->locks, sizeof(facts->locks));
    }
    facts->idmap_trial =
        run(fs_try_idmap, &target, namespaces, &facts->idmap, sizeof(facts->idmap));
    if (has_no_namespace(&facts->overlay_trial) || has_no_namespace(&facts->idmap_trial) ||
        facts->locks.entered < 0 || facts->idmap.namespace < 0)
        facts->faults = fault_probe();
    return 0;
}
