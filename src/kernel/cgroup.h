/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Control groups, version 2: one thin wrapper an operation, by descriptors of their directories.
 * See cgroups(7) and Documentation/admin-guide/cgroup-v2.rst of the kernel.
 */
#ifndef KERNEL_CGROUP_H
#define KERNEL_CGROUP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** Controllers, as bits of a mask. */
enum cgroup_controller {
    CGROUP_CPU = 1 << 0,
    CGROUP_CPUSET = 1 << 1,
    CGROUP_IO = 1 << 2,
    CGROUP_MEMORY = 1 << 3,
    CGROUP_PIDS = 1 << 4,
};

/** Room for the names of all controllers, and more. */
#define CGROUP_NAMES_SIZE 64

/** The mask of the names in @text, between spaces, commas or newlines; other names are left out. */
unsigned cgroup_controllers_parse(const char *text);

/** Write the names of @mask, each after @prefix ("+", "") and with a space between, to @buffer. */
const char *cgroup_controllers_print(unsigned mask, const char *prefix,
                                     char buffer[static CGROUP_NAMES_SIZE]);

/**
 * Open the cgroup directory at the absolute @path, which no symbolic link may lead through.
 * Returns a close-on-exec descriptor, -ENOTDIR, -EMEDIUMTYPE where it is none of version 2, or
 * another negative errno.
 */
int cgroup_open(const char *path);

/** Make a cgroup @name in @parent that only its owner may enter, and open it: a descriptor or a
 * negative errno. */
int cgroup_make(int parent, const char *name);

/** Write @value to @file of the cgroup @directory, in one write(2). 0 or a negative errno. */
int cgroup_set(int directory, const char *file, const char *value);

/** Read @file into @buffer, with a NUL and without the last newline: 0, -EFBIG where it does not
 * fit, or a negative errno. */
int cgroup_get(int directory, const char *file, char *buffer, size_t size);

/** The number in a file that holds nothing else. 0, -EBADMSG for another content, ... */
int cgroup_get_number(int directory, const char *file, uint64_t *ret_number);

/** The number after @key in a file of lines "KEY NUMBER". 0, -ENODATA without such a line, ... */
int cgroup_get_key(int directory, const char *file, const char *key, uint64_t *ret_number);

/** Move process @pid, or where that is 0 the caller, into @directory. 0 or a negative errno. */
int cgroup_move(int directory, pid_t pid);

/** Kill every process in @directory and below (Linux 5.14). Such a cgroup is not to be used again:
 * Linux 6.1 kills at birth what is cloned into it. 0 or a negative errno. */
int cgroup_kill(int directory);

/** Remove the cgroup @name of @parent, and wait a second at most for its last process to be gone.
 * 0, also where it does not exist, or a negative errno. */
int cgroup_remove(int parent, const char *name);

/** The same with all cgroups in it, whatever rights their directories have. */
int cgroup_remove_tree(int parent, const char *name);

#endif
