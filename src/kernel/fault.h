/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is in the way of a sandbox on this host, or may be.  Looked at after something has failed,
 * to find the hint that helps, and by `sbx doctor`.
 */
#ifndef KERNEL_FAULT_H
#define KERNEL_FAULT_H

/** Bits of what is known to be in the way. */
enum host_fault {
    FAULT_NO_USERNS_LEFT = 1 << 0,    /* user.max_user_namespaces is 0 here */
    FAULT_USERNS_CLONE_OFF = 1 << 1,  /* kernel.unprivileged_userns_clone is 0 */
    FAULT_APPARMOR_USERNS = 1 << 2,   /* kernel.apparmor_restrict_unprivileged_userns is 1 */
    FAULT_SECCOMP = 1 << 3,           /* the caller is under a system-call filter */
    FAULT_CHROOT = 1 << 4,            /* the caller's root is not its namespace's root */
    FAULT_PROC_COVERED = 1 << 5,      /* something is mounted over files of /proc */
    FAULT_PROC_READ_ONLY = 1 << 6,    /* /proc is mounted read-only */
    FAULT_NO_NEW_MOUNT_API = 1 << 7,  /* no mount_setattr(2): Linux before 5.12 */
    FAULT_NESTED_USERNS = 1 << 8,     /* the caller is in a user namespace already */
    FAULT_FILTER_NAMESPACES = 1 << 9, /* that filter refuses new user namespaces */
    FAULT_FILTER_KILLS = 1 << 10,     /* that filter kills who asks for one */
    FAULT_IDS_UNMAPPED = 1 << 11,     /* the caller's ids have no name in its user namespace */
    FAULT_NO_SETFCAP = 1 << 12,       /* uid 0 without CAP_SETFCAP, see user_namespaces(7) */
    FAULT_NO_NEW_PRIVS = 1 << 13,     /* the caller has no_new_privs */
    FAULT_NO_MNT_LEFT = 1 << 14,      /* user.max_mnt_namespaces is 0 here, and so on */
    FAULT_NO_PID_LEFT = 1 << 15,
    FAULT_NO_NET_LEFT = 1 << 16,
    FAULT_NO_IPC_LEFT = 1 << 17,
    FAULT_NO_UTS_LEFT = 1 << 18,
    FAULT_NO_CGROUP_LEFT = 1 << 19,
    FAULT_APPARMOR_CONFINED = 1 << 20, /* the caller is under an enforcing AppArmor profile */
    FAULT_NO_RIGHTS_INSIDE = 1 << 21,  /* a user namespace can be made, but not used: its maps can't
                                          be written.  A clone with other namespaces is EPERM then */
    FAULT_END = 1 << 22,               /* of the list */
};

/** The limits on each kind of namespace. */
#define FAULTS_OF_LIMITS                                                                           \
    ((unsigned)(FAULT_NO_USERNS_LEFT | FAULT_NO_MNT_LEFT | FAULT_NO_PID_LEFT | FAULT_NO_NET_LEFT | \
                FAULT_NO_IPC_LEFT | FAULT_NO_UTS_LEFT | FAULT_NO_CGROUP_LEFT))

/**
 * Find out; an unsigned mask of enum host_fault.  Changes nothing, and where a filter might kill
 * the one who asks, a process of its own asks.
 */
unsigned fault_probe(void);

#endif
