/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/mount_table.h"

#include "base/cleanup.h"
#include "kernel/compat.h"
#include "kernel/mountinfo.h"

#include <errno.h>
#include <sys/mount.h>

#define IDS         512
#define ROW_SIZE    (256U << 10) /* mountinfo has longer options */
#define SB_RDONLY   1U
#define SB_SYNC     (1U << 4)
#define SB_DIRSYNC  (1U << 7)
#define SB_LAZYTIME (1U << 25)
#define WANTED                                                                                     \
    (COMPAT_STATMOUNT_SB_BASIC | COMPAT_STATMOUNT_MNT_BASIC | COMPAT_STATMOUNT_PROPAGATE_FROM |    \
     COMPAT_STATMOUNT_MNT_ROOT | COMPAT_STATMOUNT_MNT_POINT | COMPAT_STATMOUNT_FS_TYPE |           \
     COMPAT_STATMOUNT_MNT_OPTS | COMPAT_STATMOUNT_FS_SUBTYPE | COMPAT_STATMOUNT_SB_SOURCE)

static int list(uint64_t after, uint64_t ids[static IDS])
{
    struct compat_mnt_id_req request = {
        .size = sizeof(request), .mnt_id = COMPAT_LSMT_ROOT, .param = after};
    long count = syscall(SYS_listmount, &request, ids, (size_t)IDS, 0U);

    return count < 0 ? -errno : (int)count;
}

static int ask(uint64_t id, struct compat_statmount *row)
{
    struct compat_mnt_id_req request = {
        .size = sizeof(request), .mnt_id = id, .param = WANTED | COMPAT_STATMOUNT_SUPPORTED_MASK};

    if (syscall(SYS_statmount, &request, row, (size_t)ROW_SIZE, 0U) < 0)
        return -errno;
    if ((row->mask & COMPAT_STATMOUNT_SUPPORTED_MASK) == 0 ||
        (row->supported_mask & WANTED) != WANTED)
        return -EOPNOTSUPP;
    return 0;
}

/* A string of @row; one that is empty is left out by the kernel. */
static const char *string(const struct compat_statmount *row, uint64_t mask, uint32_t offset)
{
    return (row->mask & mask) != 0 ? row->strings + offset : "";
}

/* As /proc/self/mountinfo has them: flags of the superblock, then the file system's own options. */
static char *super_options(struct arena *arena, const struct compat_statmount *row)
{
    const char *options = string(row, COMPAT_STATMOUNT_MNT_OPTS, row->mnt_opts);
    char *text = arena_printf(arena, "%s%s%s%s%s%s", (row->sb_flags & SB_RDONLY) != 0 ? "ro" : "rw",
                              (row->sb_flags & SB_SYNC) != 0 ? ",sync" : "",
                              (row->sb_flags & SB_DIRSYNC) != 0 ? ",dirsync" : "",
                              (row->sb_flags & SB_LAZYTIME) != 0 ? ",lazytime" : "",
                              options[0] != '\0' ? "," : "", options);

    if (text != NULL)
        mountinfo_unescape(text);
    return text;
}

static int add_row(struct arena *arena, const struct compat_statmount *row,
                   struct host_mounts *mounts)
{
    const char *subtype = string(row, COMPAT_STATMOUNT_FS_SUBTYPE, row->fs_subtype);
    struct host_mount *mount;

    /* mountinfo leaves out what lies outside the caller's root, a chroot's own mount */
    if ((row->mask & COMPAT_STATMOUNT_MNT_POINT) == 0)
        return 0;
    mount = ARENA_PUSH(arena, mounts);
    if (mount == NULL)
        return -ENOMEM;
    *mount = (struct host_mount){
        .id = (int)row->mnt_id_old,
        .parent = (int)row->mnt_parent_id_old,
        .major = row->sb_dev_major,
        .minor = row->sb_dev_minor,
        .root = arena_strdup(arena, string(row, COMPAT_STATMOUNT_MNT_ROOT, row->mnt_root)),
        .point = arena_strdup(arena, string(row, COMPAT_STATMOUNT_MNT_POINT, row->mnt_point)),
        .type = arena_printf(arena, "%s%s%s", string(row, COMPAT_STATMOUNT_FS_TYPE, row->fs_type),
                             subtype[0] != '\0' ? "." : "", subtype),
        .source = arena_strdup(arena, string(row, COMPAT_STATMOUNT_SB_SOURCE, row->sb_source)),
        .super_options = super_options(arena, row),
        .attributes = row->mnt_attr,
        .shared = (row->mnt_propagation & MS_SHARED) != 0 ? row->mnt_peer_group : 0,
        .master = (row->mnt_propagation & MS_SLAVE) != 0 ? row->mnt_master : 0,
        .unbindable = (row->mnt_propagation & MS_UNBINDABLE) != 0,
        .unique_id = row->mnt_id,
    };
    /* mountinfo names the nearest group only where it isn't the master itself */
    if ((row->mask & COMPAT_STATMOUNT_PROPAGATE_FROM) != 0 && row->propagate_from != mount->master)
        mount->propagate_from = row->propagate_from;
    if (mount->root == NULL || mount->point == NULL || mount->type == NULL ||
        mount->source == NULL || mount->super_options == NULL)
        return -ENOMEM;
    return 0;
}

int mount_table_statmount(struct arena *arena, struct host_mounts *ret_mounts)
{
    _cleanup_free_ struct compat_statmount *row = malloc(ROW_SIZE);
    struct host_mounts mounts = {0};
    uint64_t ids[IDS] = {0};
    uint64_t after = 0;
    int count;

    if (row == NULL)
        return -ENOMEM;
    do {
        count = list(after, ids);
        if (count < 0)
            return count;
        for (int i = 0; i < count; i++) {
            int result = ask(ids[i], row);

            after = ids[i];
            if (result == -ENOENT) /* it was just unmounted */
                continue;
            if (result == 0)
                result = add_row(arena, row, &mounts);
            if (result < 0)
                return result;
        }
    } while (count == IDS);
    /* a namespace without any mount isn't one that a caller can be in */
    if (mounts.count == 0)
        return -EOPNOTSUPP;
    *ret_mounts = mounts;
    return 0;
}

int mount_table_read(struct arena *arena, struct host_mounts *ret_mounts, struct sbx_error *err)
{
    /* whatever the reason: the older interface says the same */
    if (mount_table_statmount(arena, ret_mounts) == 0)
        return 0;
    return mountinfo_read(arena, ret_mounts, err);
}
