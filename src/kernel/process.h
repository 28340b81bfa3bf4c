/* SPDX-License-Identifier: Apache-2.0 */
/* clone3(2) and process descriptors (pidfd_open(2)). */
#ifndef KERNEL_PROCESS_H
#define KERNEL_PROCESS_H

#include <stdint.h>
#include <sys/types.h>

/**
 * Fork into the new namespaces @flags (CLONE_NEW*), and into the cgroup whose directory @cgroup is,
 * or where that is negative into the caller's.  Returns 0 in the child; in the parent the child's
 * pid with its close-on-exec descriptor in *@ret_pidfd; or a negative errno.
 */
pid_t process_clone(uint64_t flags, int cgroup, int *ret_pidfd);

/**
 * Fork.  The child is process @number in the caller's PID namespace where the caller may choose
 * that (see clone3(2), set_tid), so that what is started later has the numbers it would have had;
 * elsewhere it has the next one.  Returns as process_clone() does.
 */
pid_t process_fork_as(pid_t number, int *ret_pidfd);

/**
 * Execute @path with @arguments and @environment and with nothing open but @descriptors, which
 * become its 0, 1 and 2; /dev/null stands for a negative one.  Returns its pid, a child of the
 * caller's, or a negative errno, such as that of execve(2).
 */
pid_t process_spawn(const char *path, char *const *arguments, char *const *environment,
                    const int descriptors[static 3]);

/** A descriptor of process @pid, close-on-exec, or a negative errno. */
int process_open(pid_t pid);

/** Kill the child that @pidfd stands for and reap it; nothing where @pidfd is negative. */
void process_kill(int pidfd, pid_t pid);

/** Send SIGKILL. 0 or a negative errno. */
int process_send_kill(int pidfd);

#endif
