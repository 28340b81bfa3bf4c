/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of the system calls that sbx can't do without are missing: on an old kernel, or because a
 * filter around sbx answers them.  Looked at after something has failed.
 */
#ifndef KERNEL_REFUSED_CALLS_H
#define KERNEL_REFUSED_CALLS_H

#include <stddef.h>

/**
 * Ask for each of them what no kernel does, in a process and namespaces of its own: one that
 * answers with ENOSYS, EPERM or EACCES isn't there.  @ret_names gets their names, "openat2,
 * close_range", as far as there is room.  Returns how many there are; 0 also where nothing could be
 * asked.
 */
unsigned refused_calls(char *ret_names, size_t size);

#endif
