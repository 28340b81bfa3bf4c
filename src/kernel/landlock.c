/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/landlock.h"

#include "kernel/compat.h"

#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RIGHTS_ABI2                                                                                \
    (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |                               \
     LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | \
     LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |   \
     LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REFER)

_Static_assert(LANDLOCK_CLOSE_ABSTRACT_SOCKETS == LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET &&
                   LANDLOCK_CLOSE_SIGNALS == LANDLOCK_SCOPE_SIGNAL,
               "the scopes go to the kernel as they are");

static __u64 handled_rights(int abi)
{
    __u64 rights = RIGHTS_ABI2;

    if (abi >= 3)
        rights |= LANDLOCK_ACCESS_FS_TRUNCATE;
    if (abi >= 5)
        rights |= LANDLOCK_ACCESS_FS_IOCTL_DEV;
    return rights;
}

int landlock_version(void)
{
    long abi =
        syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, LANDLOCK_CREATE_RULESET_VERSION);

    return abi < 0 ? -errno : (int)abi;
}

int landlock_abi(void)
{
    int abi = landlock_version();

    return abi < 0 ? 0 : abi;
}

int landlock_ruleset(int abi, unsigned scopes)
{
    struct compat_landlock_ruleset_attr attr = {.handled_access_fs = handled_rights(abi)};
    size_t size = offsetof(struct compat_landlock_ruleset_attr, handled_access_net);
    long fd;

    if (abi >= 6) {
        attr.scoped = scopes;
        size = sizeof(attr);
    }
    fd = syscall(SYS_landlock_create_ruleset, &attr, size, 0);
    return fd < 0 ? -errno : (int)fd;
}

static int add_rule(int ruleset, int fd, __u64 rights)
{
    struct landlock_path_beneath_attr attr = {.allowed_access = rights, .parent_fd = fd};

    if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &attr, 0) < 0)
        return -errno;
    return 0;
}

int landlock_allow_tree(int ruleset, int abi, int fd)
{
    int result = add_rule(ruleset, fd, handled_rights(abi));

    /* a single file that is mounted writable: it has no rights of directories */
    return result == -EINVAL ? landlock_allow_writes(ruleset, abi, fd) : result;
}

int landlock_allow_writes(int ruleset, int abi, int fd)
{
    __u64 rights = LANDLOCK_ACCESS_FS_WRITE_FILE;
    int result;

    if (abi >= 3)
        rights |= LANDLOCK_ACCESS_FS_TRUNCATE;
    if (abi >= 5)
        rights |= LANDLOCK_ACCESS_FS_IOCTL_DEV;
    result = add_rule(ruleset, fd, rights);
    return result == -EBADFD ? 1 : result;
}

int landlock_enforce(int ruleset)
{
    return syscall(SYS_landlock_restrict_self, ruleset, 0) < 0 ? -errno : 0;
}
