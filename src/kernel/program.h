/* SPDX-License-Identifier: Apache-2.0 */
/* The running program's own file. */
#ifndef KERNEL_PROGRAM_H
#define KERNEL_PROGRAM_H

#include "base/arena.h"

/**
 * The directory that the running program lies in (/proc/self/exe, see proc_pid_exe(5)), in @arena;
 * "" where that can't be told; NULL out of memory.
 */
char *program_directory(struct arena *arena);

#endif
