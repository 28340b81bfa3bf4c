/* SPDX-License-Identifier: Apache-2.0 */
#include "off.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>

#define SYS_STATMOUNT 457 /* Debian 12's headers don't have it */
#define SYS_LISTMOUNT 458

/* Of all kernels that sbx may meet: what came with Linux 3.8 or later has a higher number. */
#define EVERYWHERE 312

#define CLOSED   VERDICT_CLOSED
#define ISOLATED VERDICT_ISOLATED
#define DEGRADED VERDICT_DEGRADED

const int off_errnos[OFF_ERRNO_COUNT] = {ENOSYS, EPERM};

/* The kernel's numbers are in the order in which the calls came. */
const struct off_row off_rows[] = {
    /* call                   its number                       ENOSYS    EPERM */
    {"listmount", SYS_LISTMOUNT, false, {ISOLATED, ISOLATED}, NULL},
    {"statmount", SYS_STATMOUNT, false, {ISOLATED, ISOLATED}, NULL},
    {"landlock_create_ruleset", SYS_landlock_create_ruleset, false, {DEGRADED, DEGRADED}, "host"},
    {"landlock_add_rule", SYS_landlock_add_rule, false, {CLOSED, CLOSED}, NULL},
    {"landlock_restrict_self", SYS_landlock_restrict_self, false, {CLOSED, CLOSED}, NULL},
    {"mount_setattr", SYS_mount_setattr, false, {CLOSED, CLOSED}, NULL},
    {"faccessat2", SYS_faccessat2, false, {ISOLATED, CLOSED}, NULL}, /* for --report */
    {"openat2", SYS_openat2, false, {CLOSED, CLOSED}, NULL},
    {"close_range", SYS_close_range, false, {CLOSED, CLOSED}, NULL},
    {"clone3", SYS_clone3, false, {ISOLATED, ISOLATED}, NULL},
    {"pidfd_open", SYS_pidfd_open, false, {ISOLATED, ISOLATED}, "limits"}, /* --die-with-parent */
    {"pidfd_send_signal", SYS_pidfd_send_signal, false, {ISOLATED, ISOLATED}, NULL},
    {"fsopen", SYS_fsopen, false, {CLOSED, CLOSED}, NULL},
    {"fsconfig", SYS_fsconfig, false, {CLOSED, CLOSED}, NULL},
    {"fsmount", SYS_fsmount, false, {CLOSED, CLOSED}, NULL},
    {"move_mount", SYS_move_mount, false, {CLOSED, CLOSED}, NULL},
    {"open_tree", SYS_open_tree, false, {CLOSED, CLOSED}, NULL},
    {"rseq", SYS_rseq, false, {ISOLATED, ISOLATED}, NULL},
    {"statx", SYS_statx, false, {CLOSED, CLOSED}, NULL},
    {"execveat", SYS_execveat, false, {CLOSED, CLOSED}, NULL},
    {"memfd_create", SYS_memfd_create, false, {CLOSED, CLOSED}, NULL},
    {"getrandom", SYS_getrandom, false, {ISOLATED, ISOLATED}, NULL},
    {"seccomp", SYS_seccomp, false, {CLOSED, CLOSED}, NULL},
    /* older ones that container managers refuse, or kernels can be built without */
    {"kcmp", SYS_kcmp, false, {ISOLATED, ISOLATED}, NULL},
    {"timerfd_create", SYS_timerfd_create, false, {ISOLATED, ISOLATED}, "limits"}, /* --time */
    {"unshare", SYS_unshare, false, {CLOSED, CLOSED}, NULL},
    {"keyctl", SYS_keyctl, false, {CLOSED, CLOSED}, NULL},
    {"mount", SYS_mount, false, {CLOSED, CLOSED}, NULL},
    {"umount2", SYS_umount2, false, {CLOSED, CLOSED}, NULL},
    {"pivot_root", SYS_pivot_root, false, {CLOSED, CLOSED}, NULL},
    {"sethostname", SYS_sethostname, false, {CLOSED, CLOSED}, NULL},
    {"setdomainname", SYS_setdomainname, false, {CLOSED, CLOSED}, NULL},
    {"flock", SYS_flock, false, {ISOLATED, ISOLATED}, "limits"}, /* --name */
    /* all that came after that version */
    {"linux-6.7", SYS_STATMOUNT, true, {ISOLATED, ISOLATED}, NULL},
    {"linux-5.12", SYS_quotactl_fd, true, {DEGRADED, DEGRADED}, "host"},
    {"linux-5.11", SYS_mount_setattr, true, {CLOSED, CLOSED}, NULL},
    {"linux-5.5", SYS_close_range, true, {CLOSED, CLOSED}, NULL},
    {"linux-5.1", SYS_open_tree, true, {CLOSED, CLOSED}, NULL},
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

    if (row->closed_in != NULL && strcmp(row->closed_in, variant) == 0)
        return VERDICT_CLOSED;
    return row->expected[which->fault.number == off_errnos[0] ? 0 : 1];
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
