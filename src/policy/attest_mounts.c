/* SPDX-License-Identifier: Apache-2.0 */
/* The part of attestation that compares mounts; see attest.h. */
#include "policy/attest.h"

#include "kernel/mountinfo.h"
#include "policy/mount_reach.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#define RESTRICTIONS (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

/* ---- what is planned ---- */

/* The planned mount at @place, or NULL. */
static struct attest_mount *planned_at(const struct attest *attest, const struct path_prefix *place)
{
    struct path_search search = path_index_search(&attest->by_point, place->hash);
    size_t i;

    while (path_search_next(&search, &i))
        if (path_prefix_is(attest->mounts.items[i].point, place))
            return &attest->mounts.items[i];
    return NULL;
}

/* The planned mount at @point or at the nearest directory above it; NULL: none. */
static struct attest_mount *planned_around(const struct attest *attest, const char *point)
{
    struct attest_mount *around = NULL;
    struct path_prefix place = {.path = point};

    while (path_prefix_next(&place)) {
        struct attest_mount *planned = planned_at(attest, &place);

        around = planned != NULL ? planned : around;
    }
    return around;
}

static bool is_planned(const struct attest_mount *around, const char *point)
{
    return around != NULL && strcmp(around->point, point) == 0;
}

/* What @step mounts, if it does; false: nothing. */
static bool planned_by(const struct step *step, struct attest_mount *ret_planned)
{
    struct attest_mount planned = {
        .step = step, .point = step->target, .attributes = step->attributes & RESTRICTIONS};

    switch (step->kind) {
    case STEP_MIRROR:
    case STEP_BIND:
        planned.copy = true;
        planned.may_lack = (step->flags & STEP_WHERE_THERE) != 0;
        break;
    case STEP_PROC:
        planned.type = "proc";
        break;
    case STEP_TMPFS:
        planned.type = "tmpfs";
        break;
    case STEP_DEVPTS:
        planned.type = "devpts";
        planned.attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;
        break;
    case STEP_CGROUPFS:
        planned.type = "cgroup2";
        planned.may_lack = (step->flags & STEP_DELEGATE) == 0;
        break;
    case STEP_FILE:
        planned.type = "tmpfs";
        planned.attributes |= MOUNT_ATTR_RDONLY;
        break;
    case STEP_MASK:
        planned.type = "tmpfs";
        planned.attributes = RESTRICTIONS;
        planned.may_lack = step->inode == 0;
        break;
    default:
        return false;
    }
    *ret_planned = planned;
    return true;
}

static int index_planned(struct attest *attest)
{
    if (path_index_reserve(&attest->by_point, attest->arena, attest->mounts.count) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < attest->mounts.count; i++)
        if (path_index_add(&attest->by_point, attest->arena,
                           path_prefix_whole(attest->mounts.items[i].point).hash, i) < 0)
            return -ENOMEM;
    return 0;
}

int attest_begin(struct arena *arena, const struct plan *plan, bool all, struct attest *ret_attest)
{
    struct attest attest = {.arena = arena, .plan = plan, .all = all};

    attest.mounts.items = arena_alloc(arena, plan->steps.count * sizeof(*attest.mounts.items));
    attest.mounts.capacity = attest.mounts.items == NULL ? 0 : plan->steps.count;
    for (size_t i = 0; i < plan->steps.count; i++) {
        struct attest_mount planned;
        struct attest_mount *slot;

        if (!planned_by(&plan->steps.items[i], &planned))
            continue;
        slot = ARENA_PUSH(arena, &attest.mounts);
        if (slot == NULL)
            return -ENOMEM;
        *slot = planned;
    }
    if (index_planned(&attest) < 0)
        return -ENOMEM;
    /* a private directory that is sealed once all is in it */
    for (size_t i = 0; i < plan->steps.count; i++) {
        const struct step *step = &plan->steps.items[i];
        struct attest_mount *sealed =
            step->kind == STEP_SEAL ? planned_around(&attest, step->target) : NULL;

        if (is_planned(sealed, step->target))
            sealed->attributes |= MOUNT_ATTR_RDONLY;
    }
    *ret_attest = attest;
    return 0;
}

/* ---- what the host has ---- */

static uint32_t device_hash(const struct host_mount *mount)
{
    return path_hash_number(path_hash_number(0, mount->major), mount->minor);
}

int attest_host_index(struct arena *arena, const struct host_mounts *mounts,
                      struct attest_host *ret_host)
{
    struct attest_host host = {.mounts = mounts};

    if (path_index_reserve(&host.by_device, arena, mounts->count) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < mounts->count; i++)
        if (path_index_add(&host.by_device, arena, device_hash(&mounts->items[i]), i) < 0)
            return -ENOMEM;
    *ret_host = host;
    return 0;
}

/* A file system that was made for this run isn't one that the host has mounted. */
static bool is_of_host(const struct host_mount *mount, const struct attest_host *host)
{
    struct path_search search = path_index_search(&host->by_device, device_hash(mount));
    size_t i;

    while (path_search_next(&search, &i))
        if (host->mounts->items[i].major == mount->major &&
            host->mounts->items[i].minor == mount->minor)
            return true;
    return false;
}

/* ---- what is there ---- */

int attest_mounts_match(struct attest *attest, const struct host_mounts *mounts,
                        const struct attest_place **ret_places)
{
    struct attest_place *places = arena_alloc(attest->arena, mounts->count * sizeof(*places));
    bool *shown;

    if (places == NULL || mount_reach_find(attest->arena, mounts, &shown) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < attest->mounts.count; i++)
        attest->mounts.items[i].found = NULL;
    for (size_t i = 0; i < mounts->count; i++) {
        const struct host_mount *mount = &mounts->items[i];
        struct attest_mount *planned = shown[i] ? planned_around(attest, mount->point) : NULL;

        if (is_planned(planned, mount->point))
            planned->found = mount;
        places[i] = (struct attest_place){.shown = shown[i], .around = planned};
    }
    *ret_places = places;
    return 0;
}

/* ---- words ---- */

static const char *attributes_text(struct arena *arena, uint64_t attributes)
{
    return arena_printf(arena, "%s%s%s%s", (attributes & MOUNT_ATTR_RDONLY) != 0 ? "ro" : "rw",
                        (attributes & MOUNT_ATTR_NOSUID) != 0 ? ",nosuid" : "",
                        (attributes & MOUNT_ATTR_NODEV) != 0 ? ",nodev" : "",
                        (attributes & MOUNT_ATTR_NOEXEC) != 0 ? ",noexec" : "");
}

static const char *planned_text(struct arena *arena, const struct attest_mount *planned)
{
    const char *attributes = attributes_text(arena, planned->attributes);

    if (attributes == NULL)
        return NULL;
    if (planned->step->kind == STEP_TMPFS)
        return arena_printf(arena, "a fresh tmpfs, size=%lluk,nr_inodes=%llu, %s, private",
                            (unsigned long long)(planned->step->number >> 10),
                            (unsigned long long)planned->step->number2, attributes);
    if (planned->step->kind == STEP_MASK)
        return arena_printf(arena, "a mask, %s, private%s", attributes,
                            planned->may_lack ? "; or nothing there" : "");
    return arena_printf(
        arena, "%s%s%s, %s%s, private%s", planned->copy ? "" : "a fresh ",
        planned->copy ? "a copy of " : planned->type, planned->copy ? planned->step->source : "",
        attributes, planned->copy ? " or less" : "", planned->may_lack ? "; or nothing there" : "");
}

static const char *propagation_text(const struct host_mount *mount)
{
    if (mount->shared != 0)
        return "shared";
    return mount->master != 0 ? "slave" : "private";
}

static const char *found_text(struct arena *arena, const struct host_mount *mount)
{
    bool tmpfs = strcmp(mount->type, "tmpfs") == 0;
    const char *attributes = attributes_text(arena, mount->attributes);

    if (attributes == NULL)
        return NULL;
    return arena_printf(arena, "%s%s%s of device %u:%u, its %s, %s, %s", mount->type,
                        tmpfs ? " " : "", tmpfs ? mount->super_options : "", mount->major,
                        mount->minor, mount->root, attributes, propagation_text(mount));
}

static int add_mount(struct attest *attest, enum attest_state state, const char *point,
                     const struct attest_mount *planned, const char *expected,
                     const struct host_mount *mount, const char *found)
{
    if (!attest_wants(attest, state))
        return 0;
    return attest_add(
        attest,
        &(struct attest_item){
            .state = state,
            .what = "mount",
            .subject = arena_strdup(attest->arena, point),
            .expected = planned != NULL && expected == NULL ? planned_text(attest->arena, planned)
                                                            : expected,
            .found = mount != NULL && found == NULL ? found_text(attest->arena, mount) : found,
            .origin = planned != NULL ? planned->step->origin : NULL,
        });
}

/* ---- judging ---- */

static bool is_private(const struct host_mount *mount)
{
    return mount->shared == 0 && mount->master == 0;
}

/* The number of option @name ("size=") in @options; false where the kernel leaves it out. */
static bool option_of(const char *options, const char *name, int base, uint64_t *ret_number)
{
    size_t length = strlen(name);

    for (; options != NULL; options = strchr(options, ',')) {
        options += *options == ',';
        if (strncmp(options, name, length) != 0)
            continue;
        *ret_number = strtoull(options + length, NULL, base);
        return true;
    }
    return false;
}

/* Is it the tmpfs of @step?  The kernel leaves out an option that has its default value; both of
 * these have not.  A size is rounded up to pages. */
static bool is_tmpfs_of(const struct host_mount *mount, const struct step *step)
{
    uint64_t size = 0;
    uint64_t inodes = 0;
    uint64_t mode = 01777;
    bool has_size = option_of(mount->super_options, "size=", 10, &size);
    bool has_inodes = option_of(mount->super_options, "nr_inodes=", 10, &inodes);

    (void)option_of(mount->super_options, "mode=", 8, &mode);
    return (has_size || has_inodes) && mode == step->mode && strcmp(mount->root, "/") == 0 &&
           (!has_inodes || inodes == step->number2) &&
           (!has_size ||
            (size << 10 >= step->number && size << 10 < step->number + (UINT64_C(1) << 16)));
}

/* The very part of a file system that the host's mount @there shows, too. */
static bool is_the_hosts(const struct host_mount *mount, const struct host_mount *there)
{
    return there != NULL && there->major == mount->major && there->minor == mount->minor &&
           strcmp(there->root, mount->root) == 0;
}

static bool is_mask_root(const char *root)
{
    return strcmp(root, "/dir") == 0 || strcmp(root, "/file") == 0;
}

static bool is_fresh_of(const struct attest_mount *planned, const struct attest_host *host)
{
    const struct host_mount *mount = planned->found;
    unsigned more = planned->step->kind == STEP_FILE ? MOUNT_ATTR_NOEXEC : 0;

    /* a file comes from the staging directory, which is noexec as well */
    if ((mount->attributes & RESTRICTIONS & ~(uint64_t)more) != planned->attributes ||
        strcmp(mount->type, planned->type) != 0)
        return false;
    /* there is one cgroup2 only: a fresh mount of it begins at the run's own cgroup */
    if (planned->step->kind == STEP_CGROUPFS)
        return !is_the_hosts(mount, mountinfo_find(host->mounts, planned->point));
    if (is_of_host(mount, host))
        return false;
    switch (planned->step->kind) {
    case STEP_TMPFS:
        return is_tmpfs_of(mount, planned->step);
    case STEP_MASK:
        return is_mask_root(mount->root);
    case STEP_FILE: /* its name in the staging directory was taken away again */
        return strcmp(mount->root, "/") != 0 && !is_mask_root(mount->root);
    default:
        return strcmp(mount->root, "/") == 0;
    }
}

/* The host may have a mount at the very place where a bind puts something else: is it that one? */
static bool is_hosts_instead(const struct attest_mount *planned, const struct host_mounts *host)
{
    const struct step *step = planned->step;
    const struct host_mount *source;
    const struct host_mount *there;

    if (step->kind != STEP_BIND || (step->flags & STEP_PIN) != 0 || step->source == NULL ||
        strcmp(step->source, planned->point) == 0)
        return false;
    there = mountinfo_find(host, planned->point);
    if (there == NULL || strcmp(there->point, planned->point) != 0)
        return false;
    source = mountinfo_find(host, step->source);
    return is_the_hosts(planned->found, there) &&
           (source == NULL || strcmp(source->point, step->source) != 0 ||
            source->major != there->major || source->minor != there->minor ||
            strcmp(source->root, there->root) != 0);
}

static bool has_restrictions(const struct host_mount *mount, const struct attest_mount *planned)
{
    uint64_t wanted = planned->attributes & RESTRICTIONS;

    return (mount->attributes & wanted) == wanted;
}

static int compare_planned(struct attest *attest, const struct attest_mount *planned,
                           const struct attest_host *host)
{
    const struct host_mount *mount = planned->found;
    bool good;

    if (mount == NULL)
        return add_mount(
            attest, planned->may_lack && planned->placeless ? ATTEST_AS_PLANNED : ATTEST_DIFFERS,
            planned->point, planned, NULL, NULL, planned->placeless ? "nothing there" : "no mount");
    good = is_private(mount) && (planned->copy ? has_restrictions(mount, planned) &&
                                                     !is_hosts_instead(planned, host->mounts)
                                               : is_fresh_of(planned, host));
    return add_mount(attest, good ? ATTEST_AS_PLANNED : ATTEST_DIFFERS, planned->point, planned,
                     NULL, mount, NULL);
}

/* A mount that shows where no step has put it: part of the copy that it lies in, or a stranger. */
static int compare_further(struct attest *attest, const struct host_mount *mount,
                           const struct attest_mount *around)
{
    bool in_copy = around != NULL && around->copy;
    bool good = in_copy && is_private(mount) && has_restrictions(mount, around);

    return add_mount(attest, good ? ATTEST_AS_PLANNED : ATTEST_DIFFERS, mount->point, around,
                     in_copy ? NULL : "no mount", mount, NULL);
}

/* One beneath others: it may come from any of the copies around it. */
static int compare_hidden(struct attest *attest, const struct host_mount *mount)
{
    struct path_prefix place = {.path = mount->point};
    bool good = false;

    while (path_prefix_next(&place) && !good) {
        const struct attest_mount *planned = planned_at(attest, &place);

        good = planned != NULL && planned->copy && has_restrictions(mount, planned);
    }
    return add_mount(attest, good && is_private(mount) ? ATTEST_AS_PLANNED : ATTEST_DIFFERS,
                     mount->point, NULL, "hidden, restricted as the copy it came with, private",
                     mount, NULL);
}

int attest_mounts_compare(struct attest *attest, const struct host_mounts *mounts,
                          const struct attest_place *places, const struct attest_host *host)
{
    int result = 0;

    for (size_t i = 0; i < attest->mounts.count && result == 0; i++)
        result = compare_planned(attest, &attest->mounts.items[i], host);
    for (size_t i = 0; i < mounts->count && result == 0; i++) {
        const struct host_mount *mount = &mounts->items[i];
        const struct attest_mount *around = places[i].around;

        if (!places[i].shown)
            result = compare_hidden(attest, mount);
        else if (!is_planned(around, mount->point))
            result = compare_further(attest, mount, around);
    }
    return result;
}
