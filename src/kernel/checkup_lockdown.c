/* SPDX-License-Identifier: Apache-2.0 */
/* Attempts at what restricts a process, and at what the supervisor of one could use. */
#include "kernel/checkup_internal.h"

#include "base/cleanup.h"
#include "kernel/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

/* Install a filter under which getppid(2) fails with EXDEV. A descriptor, 0 or a negative errno. */
static int install_filter(unsigned flags)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EXDEV),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {.len = ARRAY_SIZE(code), .filter = code};
    long result;

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -errno;
    result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
    return result < 0 ? -errno : (int)result;
}

int attempt_seccomp(const struct attempt_context *context)
{
    int result = install_filter(0);

    (void)context;
    if (result < 0)
        return result;
    return syscall(SYS_getppid) == -1 && errno == EXDEV ? 0 : -EBADE;
}

int attempt_notifications(const struct attempt_context *context)
{
    _cleanup_close_ int listener = install_filter(SECCOMP_FILTER_FLAG_NEW_LISTENER);

    (void)context;
    return listener < 0 ? listener : 0;
}

/* A ruleset that allows no write at all: is one refused then?  ABI 1 has fewer rights than the
 * ruleset names, and sbx does without it. */
int attempt_landlock(const struct attempt_context *context)
{
    int abi = landlock_version();
    _cleanup_close_ int ruleset = -EBADF;
    _cleanup_close_ int file = -EBADF;
    int result;

    if (abi < 0)
        return abi;
    context->attempt->value = (unsigned long)abi;
    if (abi < 2)
        return 0;
    ruleset = landlock_ruleset(abi, LANDLOCK_CLOSE_ABSTRACT_SOCKETS | LANDLOCK_CLOSE_SIGNALS);
    if (ruleset < 0)
        return ruleset;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -errno;
    result = landlock_enforce(ruleset);
    if (result < 0)
        return result;
    file = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (file >= 0)
        return -EBADE;
    return errno == EACCES ? 0 : -errno;
}

int attempt_tun(const struct attempt_context *context)
{
    _cleanup_close_ int device = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};

    (void)context;
    if (device < 0)
        return -errno;
    return ioctl(device, TUNSETIFF, &request) < 0 ? -errno : 0;
}

int attempt_systemd(const struct attempt_context *context)
{
    _cleanup_close_ int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(context->manager);

    if (client < 0)
        return -errno;
    if (length >= sizeof(address.sun_path))
        return -ENAMETOOLONG;
    memcpy(address.sun_path, context->manager, length);
    return connect(client, (const struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
}
