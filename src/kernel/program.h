/* SPDX-License-Identifier: Apache-2.0 */
/* The running program's own file. */
#ifndef KERNEL_PROGRAM_H
#define KERNEL_PROGRAM_H

#include "base/arena.h"

/**
 * The directory that the running program lies in (/proc/self/exe, see proc_pid_exe(5), or where
 * there is no /proc AT_EXECFN, see getauxval(3)), in @arena; "" where that can't be told; NULL out
 * of memory.
 */
char *program_directory(struct arena *arena);

/** The whole of sbx, as which the program that users call goes on: see base/whole.h. */
#define PROGRAM_WHOLE "sbx-full"

/**
 * The path in @arena of the program that users call, where that at @path, absolute, is running;
 * NULL out of memory.
 */
char *program_called(struct arena *arena, const char *path);

/** Where programs of sbx that aren't meant to be called by hand are installed to. */
extern const char program_helpers[];

/**
 * The path in @arena of sbx's program @name that isn't meant to be called by hand: beside the
 * running program where that was not installed, else where it is installed to.  *@ret_path is NULL
 * where it isn't there.  0 or -ENOMEM.
 */
int program_helper(struct arena *arena, const char *name, const char **ret_path);

#endif
