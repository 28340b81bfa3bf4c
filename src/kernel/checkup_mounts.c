/* SPDX-License-Identifier: Apache-2.0 */
/* Attempts at file systems, each in a mount namespace of its own. */
#include "kernel/checkup_internal.h"

#include "base/cleanup.h"
#include "kernel/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define PRIVATE (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)

int attempt_nothing(const struct attempt_context *context)
{
    (void)context;
    return 0;
}

static int new_mount(const struct attempt_context *context, const char *type,
                     const char *const *options, uint64_t attributes)
{
    return mount_new(type, options, attributes, context->attempt->reason,
                     sizeof(context->attempt->reason));
}

int attempt_mirror(const struct attempt_context *context)
{
    _cleanup_close_ int tree = mount_copy_path(AT_FDCWD, "/");
    struct statvfs status;
    int result;

    (void)context;
    if (tree < 0)
        return tree;
    result = mount_restrict(tree, MOUNT_ATTR_RDONLY | PRIVATE, 1);
    if (result < 0)
        return result;
    if (fstatvfs(tree, &status) < 0)
        return -errno;
    return (status.f_flag & ST_RDONLY) != 0 ? 0 : -EBADE;
}

int attempt_procfs(const struct attempt_context *context)
{
    _cleanup_close_ int procfs = -EBADF;

    if (context->procfs >= 0)
        return 0;
    procfs = new_mount(context, "proc", NULL, MOUNT_ATTR_RDONLY | PRIVATE | MOUNT_ATTR_NOEXEC);
    return procfs < 0 ? procfs : 0;
}

int attempt_devpts(const struct attempt_context *context)
{
    static const char *const options[] = {"ptmxmode", "0666", "mode", "0620", NULL};
    _cleanup_close_ int devpts =
        new_mount(context, "devpts", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);

    return devpts < 0 ? devpts : 0;
}

int attempt_sysfs(const struct attempt_context *context)
{
    _cleanup_close_ int sysfs =
        new_mount(context, "sysfs", NULL, MOUNT_ATTR_RDONLY | PRIVATE | MOUNT_ATTR_NOEXEC);

    return sysfs < 0 ? sysfs : 0;
}

/* Layers of a tmpfs, which hides the host's root from nobody but this process. */
int attempt_overlay(const struct attempt_context *context)
{
    static const char *const options[] = {"lowerdir", "lower",     "upperdir", "upper", "workdir",
                                          "work",     "userxattr", NULL,       NULL};
    static const char *const names[] = {"lower", "upper", "work"};
    _cleanup_close_ int tmpfs = new_mount(context, "tmpfs", NULL, PRIVATE);
    _cleanup_close_ int root = open("/", O_PATH | O_CLOEXEC);
    _cleanup_close_ int overlay = -EBADF;
    int result = tmpfs < 0 ? tmpfs : root < 0 ? -errno : mount_attach(tmpfs, root);

    if (result < 0)
        return result;
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (mkdirat(tmpfs, names[i], 0700) < 0)
            return -errno;
    if (fchdir(tmpfs) < 0)
        return -errno;
    overlay = new_mount(context, "overlay", options, PRIVATE);
    return overlay < 0 ? overlay : 0;
}

static unsigned long to_number(const char *text)
{
    unsigned long number = 0;

    for (; *text >= '0' && *text <= '9'; text++)
        number = number * 10 + (unsigned long)(*text - '0');
    return number;
}

/* A writable one where that may be: where the caller's is read-only, so must this one be. */
static int new_procfs(const struct attempt_context *context)
{
    const uint64_t attributes = PRIVATE | MOUNT_ATTR_NOEXEC;
    int procfs = new_mount(context, "proc", NULL, attributes);

    return procfs >= 0 ? procfs : new_mount(context, "proc", NULL, MOUNT_ATTR_RDONLY | attributes);
}

/* Only looked at: where the limit is the machine's, a write by root would change it for all. */
int attempt_pid_max(const struct attempt_context *context)
{
    static const char path[] = "sys/kernel/pid_max";
    _cleanup_close_ int fresh = context->procfs < 0 ? new_procfs(context) : -EBADF;
    int procfs = context->procfs < 0 ? fresh : context->procfs;
    _cleanup_close_ int file = -EBADF;
    char text[32] = "";

    if (procfs < 0)
        return procfs;
    file = openat(procfs, path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || read(file, text, sizeof(text) - 1) <= 0)
        return -errno;
    context->attempt->value = to_number(text);
    context->attempt->writable = faccessat(procfs, path, W_OK, AT_EACCESS) == 0;
    return 0;
}
