/* SPDX-License-Identifier: Apache-2.0 */
/* Steps about who the command is: namespaces, ids, host name, keyring. */
#include "run/child.h"

#include "kernel/idmap.h"

#include <errno.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int apply_unshare(struct child *child, const struct step *step)
{
    (void)child;
    return unshare((int)step->number) < 0 ? -errno : 0;
}

int apply_id_map(struct child *child, const struct step *step)
{
    return idmap_write(child->procfs, step->source, step->target, &child->what);
}

int apply_userns_limit(struct child *child, const struct step *step)
{
    (void)step;
    child->what = "/proc/sys/user/max_user_namespaces";
    return idmap_write_file(child->procfs, child->what, "0");
}

int apply_hostname(struct child *child, const struct step *step)
{
    static const char none[] = "(none)";

    (void)child;
    if (sethostname(step->target, strlen(step->target)) < 0 ||
        setdomainname(none, sizeof(none) - 1) < 0)
        return -errno;
    return 0;
}

/* Asked for nothing, the two other calls say EFAULT or EINVAL where the kernel has key rings. */
static bool are_keys_missing(void)
{
    return syscall(SYS_request_key, NULL, NULL, NULL, 0) < 0 && errno == ENOSYS &&
           syscall(SYS_add_key, NULL, NULL, NULL, 0, 0) < 0 && errno == ENOSYS;
}

int apply_keyring(struct child *child, const struct step *step)
{
    (void)child;
    (void)step;
    if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) >= 0)
        return 0;
    if (errno != ENOSYS)
        return -errno;
    /* a kernel without key rings has none that could be passed on; a filter may hide one call only
     */
    return are_keys_missing() ? 0 : -ENOSYS;
}
