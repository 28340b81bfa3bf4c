/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a host may refuse a sandbox.  Looked at only after something has failed, to find the hint
 * that helps.
 */
#ifndef KERNEL_FAULT_H
#define KERNEL_FAULT_H

/** Bits of what is known to be in the way. */
enum host_fault {
    FAULT_NO_USERNS_LEFT = 1 << 0,   /* user.max_user_namespaces is 0 here */
    FAULT_USERNS_CLONE_OFF = 1 << 1, /* kernel.unprivileged_userns_clone is 0 */
    FAULT_APPARMOR_USERNS = 1 << 2,  /* kernel.apparmor_restrict_unprivileged_userns is 1 */
    FAULT_SECCOMP = 1 << 3,          /* the caller is under a system-call filter */
    FAULT_CHROOT = 1 << 4,           /* the caller's root is not its namespace's root */
    FAULT_PROC_COVERED = 1 << 5,     /* something is mounted over files of /proc */
    FAULT_PROC_READ_ONLY = 1 << 6,   /* /proc is mounted read-only */
    FAULT_NO_NEW_MOUNT_API = 1 << 7, /* no mount_setattr(2): Linux before 5.12 */
    FAULT_NESTED_USERNS = 1 << 8,    /* the caller is in a user namespace already */
};

/** Find out; an unsigned mask of enum host_fault. Changes nothing. */
unsigned fault_probe(void);

#endif
