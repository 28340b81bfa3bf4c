/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/hint.h"

#include "base/cleanup.h"
#include "kernel/fault.h"
#include "run/step.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#define ALL_FAULTS (FAULT_END - 1)

struct row {
    const char *operation;
    int number;
    unsigned faults;
    const char *word; /* what the hint has in it; NULL: there is no hint */
};

static void expect_row(const struct row *row)
{
    const char *hint = hint_find(row->operation, row->number, row->faults);

    if (row->word == NULL) {
        cr_expect_null(hint, "%s %s %#x: %s", row->operation, strerrorname_np(row->number),
                       row->faults, hint);
        return;
    }
    cr_assert_not_null(hint, "%s %s %#x: no hint", row->operation, strerrorname_np(row->number),
                       row->faults);
    cr_expect_not_null(strstr(hint, row->word), "%s %s %#x: '%s' is not in '%s'", row->operation,
                       strerrorname_np(row->number), row->faults, row->word, hint);
}

/* The faults of the host that users meet most. */
Test(hint, faults_of_the_host)
{
    static const struct row rows[] = {
        {"namespaces", ENOSPC, FAULT_NO_USERNS_LEFT, "sysctl user.max_user_namespaces"},
        {"namespaces", ENOSPC, FAULT_NO_USERNS_LEFT | FAULT_NESTED_USERNS, "inside another"},
        {"namespaces", ENOSPC, FAULT_NESTED_USERNS, "32 deep"},
        {"namespaces", ENOSPC, 0, "/proc/sys/user/"},
        {"namespaces", ENOSPC, FAULT_NO_NET_LEFT, "sysctl user.max_net_namespaces"},
        {"unshare", ENOSPC, FAULT_NO_MNT_LEFT, "sysctl user.max_mnt_namespaces"},
        {"namespaces", EPERM, FAULT_FILTER_NAMESPACES | FAULT_CHROOT, "seccomp=unconfined"},
        {"namespaces", ENOSYS, FAULT_FILTER_NAMESPACES, "seccomp=unconfined"},
        {"namespaces", EPERM, FAULT_IDS_UNMAPPED, "--map-current-user"},
        {"id-map", EPERM, FAULT_NO_SETFCAP, "CAP_SETFCAP"},
        {"id-map", EPERM, 0, "no rights"},
        {"mirror", ENOSYS, FAULT_NO_NEW_MOUNT_API | FAULT_SECCOMP, "hidden by"},
        {"proc", EPERM, FAULT_PROC_COVERED | FAULT_APPARMOR_USERNS, "covered"},
        {"namespaces", EPERM, FAULT_USERNS_CLONE_OFF, "kernel.unprivileged_userns_clone=1"},
        {"namespaces", EPERM, FAULT_CHROOT, "chroot"},
        {"namespaces", EPERM, FAULT_SECCOMP, "seccomp=unconfined"},
        {"namespaces", EPERM, FAULT_APPARMOR_USERNS, "AppArmor"},
        {"namespaces", ENOSYS, 0, "5.12"},
        {"namespaces", EINVAL, 0, "CONFIG_USER_NS"},
        {"namespaces", EAGAIN, 0, "ulimit -u"},
        {"id-map", EPERM, FAULT_APPARMOR_USERNS, "AppArmor"},
        {"id-map", EACCES, FAULT_APPARMOR_USERNS, "AppArmor"},
        {"mirror", EPERM, FAULT_APPARMOR_USERNS, "apparmor_restrict_unprivileged_userns=0"},
        {"mirror", ENOSYS, FAULT_NO_NEW_MOUNT_API, "mount_setattr"},
        {"id-map", EROFS, 0, "read-only"},
        {"userns-limit", EROFS, 0, "--userns"},
        {"proc", EPERM, FAULT_PROC_COVERED, "systempaths=unconfined"},
        {"proc", EPERM, FAULT_PROC_COVERED, "root with CAP_SYS_ADMIN"},
        {"proc", EPERM, FAULT_PROC_COVERED | FAULT_PROC_READ_ONLY, "covered"},
        {"proc", EPERM, FAULT_PROC_READ_ONLY, "--proc rw"},
        {"proc", EPERM, 0, "a whole one"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        expect_row(&rows[i]);
}

Test(hint, what_the_user_asked_for)
{
    static const struct row rows[] = {
        {"bind", ENOENT, 0, "--tmpfs"},
        {"bind", ESTALE, 0, "changed"},
        {"bind", ELOOP, 0, "symbolic link"},
        {"bind", ENOTDIR, 0, "a directory over a directory"},
        {"bind", EACCES, 0, "no more rights"},
        {"file", ENOENT, 0, "--tmpfs"},
        {"file", ENOTDIR, 0, "file"},
        {"tmpfs", ENOENT, 0, "mount point"},
        {"tmpfs", ENOTDIR, 0, "directory"},
        {"chdir", ENOENT, 0, "--cd"},
        {"chdir", EACCES, 0, "--cd"},
        {"chdir", ENOTDIR, 0, "--cd"},
        {"keyring", EDQUOT, 0, "maxkeys"},
        {"mirror", ENOSPC, 0, "fs.mount-max"},
        {"init", EACCES, 0, "vm.memfd_noexec"},
        {"launch", EACCES, 0, "vm.memfd_noexec"},
        {"launch", EMFILE, 0, "ulimit -n"},
        {"launch", ENFILE, 0, "open files"},
        {"bind", EMFILE, 0, "ulimit -n"},
        {"tmpfs", ENOMEM, 0, "memory"},
        {"landlock", EPERM, FAULT_SECCOMP, "filter"},
        /* what was asked for comes before what a host might have in the way */
        {"report", EACCES, FAULT_APPARMOR_USERNS, "can be written to"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        expect_row(&rows[i]);
}

/* A hint that doesn't fit is worse than none. */
Test(hint, nothing_is_said_where_nothing_is_known)
{
    static const struct row rows[] = {
        {"namespaces", EIO, ALL_FAULTS, NULL},
        {"mirror", EPERM, 0, NULL},
        {"bind", EPERM, FAULT_CHROOT, NULL},
        {"hostname", EINVAL, ALL_FAULTS, NULL},
        {"mirror", ENOSYS, 0, NULL},
        {"proc", ENOENT, 0, NULL},
        {"", 0, ALL_FAULTS, NULL},
        {"no-such-step", ENOENT, 0, NULL},
        {"binds", ENOENT, 0, NULL},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        expect_row(&rows[i]);
}

/* What to do can be said of every errno, if only in general. */
Test(hint, in_general)
{
    cr_expect_null(hint_general(0));
    for (int number = 1; number < 134; number++) {
        const char *hint = hint_general(number);

        cr_assert_not_null(hint, "%s", strerrorname_np(number));
        cr_expect_gt(strlen(hint), 10, "%s", hint);
        cr_expect_lt(strlen(hint), sizeof(((struct sbx_error *)NULL)->hint), "%s", hint);
        cr_expect_neq(hint[strlen(hint) - 1], '.', "%s", hint);
    }
    cr_expect_str_neq(hint_general(EIO), hint_general(EBADF));
}

/* Each pair of step and errno, on each host with one fault: whatever is said is said for people. */
Test(hint, every_hint_reads_as_a_sentence)
{
    for (unsigned kind = 0; kind < STEP_KIND_COUNT; kind++)
        for (int number = 1; number < 134; number++)
            for (unsigned fault = 0; fault < FAULT_END; fault = fault ? fault << 1 : 1) {
                const char *hint = hint_find(step_ops[kind].name, number, fault);

                if (hint == NULL)
                    continue;
                cr_expect_gt(strlen(hint), 10, "%s", hint);
                cr_expect_lt(strlen(hint), sizeof(((struct sbx_error *)NULL)->hint), "%s", hint);
                cr_expect_neq(hint[strlen(hint) - 1], '.', "%s", hint);
                cr_expect_null(strpbrk(hint, "\n\t"), "%s", hint);
            }
}

/* Which calls are refused is looked for only where nothing better is known. */
Test(hint, the_names_of_refused_calls_are_wanted_last)
{
    static const struct {
        const char *operation;
        int number;
        unsigned faults;
        bool wanted;
    } rows[] = {
        {"mirror", ENOSYS, FAULT_SECCOMP, true},
        {"mirror", EPERM, FAULT_SECCOMP, true},
        {"mirror", ENOSYS, 0, true},
        {"mirror", EPERM, 0, false},
        {"mirror", ENOENT, FAULT_SECCOMP, false},
        {"mirror", ENOSYS, FAULT_SECCOMP | FAULT_NO_NEW_MOUNT_API, false},
        {"namespaces", EPERM, FAULT_SECCOMP, false},
        {"proc", EPERM, FAULT_SECCOMP | FAULT_PROC_COVERED, false},
        {"mirror", EPERM, FAULT_SECCOMP | FAULT_APPARMOR_USERNS, false},
        {"landlock", ENOSYS, FAULT_SECCOMP, true},
        {"keyring", ENOSYS, FAULT_SECCOMP, false},
        {"rlimit", EPERM, FAULT_SECCOMP, false},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        cr_expect_eq(hint_wants_calls(rows[i].operation, rows[i].number, rows[i].faults),
                     rows[i].wanted, "%s %s %#x", rows[i].operation,
                     strerrorname_np(rows[i].number), rows[i].faults);
}

Test(hint, refused_calls_are_named)
{
    char hint[768];

    hint_of_calls("openat2, fsmount", FAULT_SECCOMP, hint, sizeof(hint));
    cr_expect_not_null(strstr(hint, "filter around sbx refuses openat2, fsmount:"), "%s", hint);
    hint_of_calls("openat2, fsmount", 0, hint, sizeof(hint));
    cr_expect_not_null(strstr(hint, "kernel lacks openat2, fsmount:"), "%s", hint);
    cr_expect_not_null(strstr(hint, "5.12"), "%s", hint);
}
