/* SPDX-License-Identifier: Apache-2.0 */
#include "off.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>

#define SYS_STATMOUNT      457 /* Debian 12's headers don't have it */
#define SYS_LISTMOUNT      458
#define SYS_OPEN_TREE_ATTR 467

/* Of all kernels that sbx may meet: what came with Linux 3.8 or later has a higher number. */
#define EVERYWHERE 312

#define CLOSED   VERDICT_CLOSED
#define ISOLATED VERDICT_ISOLATED
#define DEGRADED VERDICT_DEGRADED

#define EITHER(verdict)                                                                            \
    {                                                                                              \
        verdict, verdict                                                                           \
    }

#define NONE EITHER(CLOSED) /* nothing is an exception */

const int off_errnos[OFF_ERRNO_COUNT] = {ENOSYS, EPERM};

/* The kernel's numbers are in the order in which the calls came. */
const struct off_row off_rows[] = {
    /* call, its number, what becomes of a launch where it is ENOSYS and where it is EPERM */
    {"open_tree_attr", SYS_OPEN_TREE_ATTR, EITHER(ISOLATED), NULL, NONE, false},
    {"listmount", SYS_LISTMOUNT, EITHER(ISOLATED), NULL, NONE, false},
    {"statmount", SYS_STATMOUNT, EITHER(ISOLATED), NULL, NONE, false},
    {"landlock_create_ruleset", SYS_landlock_create_ruleset, EITHER(DEGRADED), "host",
     EITHER(CLOSED), false},
    {"landlock_add_rule", SYS_landlock_add_rule, EITHER(CLOSED), NULL, NONE, false},
    {"landlock_restrict_self", SYS_landlock_restrict_self, EITHER(CLOSED), NULL, NONE, false},
    {"mount_setattr", SYS_mount_setattr, EITHER(CLOSED), NULL, NONE, false},
    /* its report is what needs it */
    {"faccessat2", SYS_faccessat2, {ISOLATED, CLOSED}, NULL, NONE, false},
    {"openat2", SYS_openat2, EITHER(CLOSED), NULL, NONE, false},
    {"close_range", SYS_close_range, EITHER(CLOSED), NULL, NONE, false},
    {"clone3", SYS_clone3, EITHER(ISOLATED), NULL, NONE, false},
    /* --die-with-parent */
    {"pidfd_open", SYS_pidfd_open, EITHER(ISOLATED), "limits", EITHER(CLOSED), false},
    {"pidfd_send_signal", SYS_pidfd_send_signal, EITHER(ISOLATED), NULL, NONE, false},
    {"fsopen", SYS_fsopen, EITHER(CLOSED), NULL, NONE, false},
    {"fsconfig", SYS_fsconfig, EITHER(CLOSED), NULL, NONE, false},
    {"fsmount", SYS_fsmount, EITHER(CLOSED), NULL, NONE, false},
    {"move_mount", SYS_move_mount, EITHER(CLOSED), NULL, NONE, false},
    {"open_tree", SYS_open_tree, EITHER(CLOSED), NULL, NONE, false},
    {"rseq", SYS_rseq, EITHER(ISOLATED), NULL, NONE, false},
    {"statx", SYS_statx, EITHER(CLOSED), NULL, NONE, false},
    {"execveat", SYS_execveat, EITHER(CLOSED), NULL, NONE, false},
    {"memfd_create", SYS_memfd_create, EITHER(CLOSED), NULL, NONE, false},
    {"getrandom", SYS_getrandom, EITHER(ISOLATED), NULL, NONE, false},
    {"seccomp", SYS_seccomp, EITHER(CLOSED), NULL, NONE, false},
    /* older ones, which container managers refuse, or which a kernel can be built without */
    {"kcmp", SYS_kcmp, EITHER(ISOLATED), NULL, NONE, false},
    {"sched_setaffinity", SYS_sched_setaffinity, EITHER(ISOLATED), NULL, NONE, false},
    {"sched_getaffinity", SYS_sched_getaffinity, EITHER(ISOLATED), NULL, NONE, false},
    /* --time */
    {"timerfd_create", SYS_timerfd_create, EITHER(ISOLATED), "limits", EITHER(CLOSED), false},
    {"setns", SYS_setns, EITHER(CLOSED), "host", EITHER(ISOLATED), false},
    /* without a network of its own it is made only to be refused, and EPERM is a refusal */
    {"unshare", SYS_unshare, EITHER(CLOSED), "host", {CLOSED, ISOLATED}, false},
    {"keyctl", SYS_keyctl, EITHER(CLOSED), NULL, NONE, false},
    {"mount", SYS_mount, EITHER(CLOSED), NULL, NONE, false},
    {"umount2", SYS_umount2, EITHER(CLOSED), NULL, NONE, false},
    {"pivot_root", SYS_pivot_root, EITHER(CLOSED), NULL, NONE, false},
    {"sethostname", SYS_sethostname, EITHER(CLOSED), NULL, NONE, false},
    {"setdomainname", SYS_setdomainname, EITHER(CLOSED), NULL, NONE, false},
    /* --name */
    {"flock", SYS_flock, EITHER(ISOLATED), "limits", EITHER(CLOSED), false},
    /* all that came after that version */
    {"linux-6.7", SYS_STATMOUNT, EITHER(ISOLATED), NULL, NONE, true},
    {"linux-5.12", SYS_quotactl_fd, EITHER(DEGRADED), "host", EITHER(CLOSED), true},
    {"linux-5.11", SYS_mount_setattr, EITHER(CLOSED), NULL, NONE, true},
    {"linux-5.5", SYS_close_range, EITHER(CLOSED), NULL, NONE, true},
    {"linux-5.1", SYS_open_tree, EITHER(CLOSED), NULL, NONE, true},
};
const size_t off_count = sizeof(off_rows) / sizeof(off_rows[0]);

struct fault_case off_case(unsigned row, int number)
{
    return (struct fault_case){
        .role = ROLE_ALL, .index = row, .fault = {.kind = FAULT_OFF, .number = number}};
}

enum verdict off_expected(const struct fault_case *which, const char *variant)
{
    const struct off_row *row = &off_rows[which->index];
    bool is_exception = row->except != NULL && strcmp(row->except, variant) == 0;

    return (is_exception ? row->instead
                         : row->expected)[which->fault.number == off_errnos[0] ? 0 : 1];
}

/* Of Landlock a user knows the name, not the calls. */
bool off_is_named(const struct fault_case *which, const char *text)
{
    const struct off_row *row = &off_rows[which->index];

    return row->later || strstr(text, row->name) != NULL ||
           (strncmp(row->name, "landlock_", 9) == 0 && strstr(text, "Landlock") != NULL);
}

bool off_knows(long nr)
{
    for (size_t i = 0; i < off_count; i++)
        if (off_rows[i].nr == nr && !off_rows[i].later)
            return true;
    return nr <= EVERYWHERE;
}

void off_fill(struct off_filter *filter, const struct fault_case *which)
{
    struct sock_filter *code = filter->code;
    unsigned short length = 0;

    code[length++] =
        (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    if (which != NULL) {
        const struct off_row *row = &off_rows[which->index];
        unsigned short compare = row->later ? BPF_JGE : BPF_JEQ;
        unsigned answer = SECCOMP_RET_ERRNO | (unsigned)which->fault.number;

        code[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | compare | BPF_K, row->nr, 0, 1);
        code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, answer);
    }
    code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    filter->program = (struct sock_fprog){.len = length, .filter = code};
}
