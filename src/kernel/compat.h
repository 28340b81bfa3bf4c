/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Constants and structs that are newer than Debian 12's kernel headers (Linux 6.1), each under
 * #ifndef.  Numbers are those of the kernel's uapi headers and never change.
 */
#ifndef KERNEL_COMPAT_H
#define KERNEL_COMPAT_H

#include <linux/landlock.h>
#include <linux/types.h>
#include <sys/syscall.h>

#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif
#ifndef LANDLOCK_ACCESS_FS_IOCTL_DEV
#define LANDLOCK_ACCESS_FS_IOCTL_DEV (1ULL << 15)
#endif
#ifndef LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET
#define LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET (1ULL << 0)
#endif
#ifndef LANDLOCK_SCOPE_SIGNAL
#define LANDLOCK_SCOPE_SIGNAL (1ULL << 1)
#endif

/** struct landlock_ruleset_attr of ABI 6; an older kernel is given the size it knows. */
struct compat_landlock_ruleset_attr {
    __u64 handled_access_fs;
    __u64 handled_access_net;
    __u64 scoped;
};

#ifndef STATX_MNT_ID_UNIQUE
#define STATX_MNT_ID_UNIQUE 0x00004000U
#endif
#ifndef SYS_statmount
#define SYS_statmount 457
#define SYS_listmount 458
#endif

#ifndef SYS_open_tree_attr
#define SYS_open_tree_attr 467
#endif

/** What statmount(2) is asked for, and says that it gave. */
enum compat_statmount_mask {
    COMPAT_STATMOUNT_SB_BASIC = 0x1,
    COMPAT_STATMOUNT_MNT_BASIC = 0x2,
    COMPAT_STATMOUNT_PROPAGATE_FROM = 0x4,
    COMPAT_STATMOUNT_MNT_ROOT = 0x8,
    COMPAT_STATMOUNT_MNT_POINT = 0x10,
    COMPAT_STATMOUNT_FS_TYPE = 0x20,
    COMPAT_STATMOUNT_MNT_OPTS = 0x80,
    COMPAT_STATMOUNT_FS_SUBTYPE = 0x100,
    COMPAT_STATMOUNT_SB_SOURCE = 0x200,
    COMPAT_STATMOUNT_SUPPORTED_MASK = 0x1000,
};

/** listmount(2): all mounts of the caller's namespace. */
#define COMPAT_LSMT_ROOT UINT64_MAX

/** struct mnt_id_req in its first published form. */
struct compat_mnt_id_req {
    __u32 size;
    __u32 spare;
    __u64 mnt_id;
    __u64 param;
};

/** struct statmount; its strings follow, each member that stands for one is an offset into them. */
struct compat_statmount {
    __u32 size;
    __u32 mnt_opts;
    __u64 mask;
    __u32 sb_dev_major;
    __u32 sb_dev_minor;
    __u64 sb_magic;
    __u32 sb_flags;
    __u32 fs_type;
    __u64 mnt_id;
    __u64 mnt_parent_id;
    __u32 mnt_id_old;
    __u32 mnt_parent_id_old;
    __u64 mnt_attr;
    __u64 mnt_propagation;
    __u64 mnt_peer_group;
    __u64 mnt_master;
    __u64 propagate_from;
    __u32 mnt_root;
    __u32 mnt_point;
    __u64 mnt_ns_id;
    __u32 fs_subtype;
    __u32 sb_source;
    __u32 opt_num;
    __u32 opt_array;
    __u32 opt_sec_num;
    __u32 opt_sec_array;
    __u64 supported_mask;
    __u64 spare[45];
    char strings[];
};

#define COMPAT_SO_PEERPIDFD 77 /* Linux 6.5 */

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#endif
#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif
#ifndef F_SEAL_EXEC
#define F_SEAL_EXEC 0x0020
#endif

#endif
