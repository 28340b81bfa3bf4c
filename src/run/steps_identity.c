/* SPDX-License-Identifier: Apache-2.0 */
/* Steps about who the command is: ids, host name, keyring, network interface. */
#include "run/child.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "kernel/netlink.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int write_text(struct child *child, const char *path, const char *text)
{
    _cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);

    child->what = path;
    return fd < 0 ? -errno : io_write_all(fd, text, strlen(text));
}

int apply_id_map(struct child *child, const struct step *step)
{
    /* without this an unprivileged writer may not map a group, see user_namespaces(7) */
    int result = write_text(child, "/proc/self/setgroups", "deny");

    if (result == 0)
        result = write_text(child, "/proc/self/uid_map", step->source);
    if (result == 0)
        result = write_text(child, "/proc/self/gid_map", step->target);
    return result;
}

int apply_userns_limit(struct child *child, const struct step *step)
{
    (void)step;
    return write_text(child, "/proc/sys/user/max_user_namespaces", "0");
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

int apply_keyring(struct child *child, const struct step *step)
{
    (void)child;
    (void)step;
    /* ENOSYS: a kernel without key rings has none that could be passed on */
    if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS)
        return -errno;
    return 0;
}

int apply_loopback(struct child *child, const struct step *step)
{
    (void)step;
    return netlink_send(child->inputs->loopback, child->inputs->loopback_size);
}
