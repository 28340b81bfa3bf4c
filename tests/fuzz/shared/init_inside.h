/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Init as a part of this process: its own sources, with the four calls taken away that would end
 * the process, make another one, or signal one.  It hears the control socket as descriptor 0.
 */
#ifndef TESTS_FUZZ_INIT_INSIDE_H
#define TESTS_FUZZ_INIT_INSIDE_H

#include "fuzz/shared/descriptors.h"

#include <setjmp.h>

extern jmp_buf inside_left;    /* where init goes instead of its end */
extern int inside_code;        /* what it ended with */
extern pid_t inside_last_pid;  /* the youngest of the processes that it believes to have made */
extern int inside_exec_socket; /* of that one, a copy; or negative */

/** Begin anew, with @control as the control socket, which is taken over. */
void inside_start(int control);

/** Receive CONFIG; or a message that is there. */
void inside_configure(void);
void inside_hear(void);

/** The first command, number 0, runs. */
void inside_first_runs(void);

/** One of init's children changes, as @input says. */
void inside_child(struct input *input);

/** It has no child that it was not given, and none twice. */
void inside_check(void);

#endif
