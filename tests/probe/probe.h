/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The probe: a static program that the black-box tests run inside a sandbox (and outside, as the
 * control).  It says what it sees, and tries what a sandbox must refuse.
 */
#ifndef PROBE_H
#define PROBE_H

#include <stddef.h>

/* Exit codes of `probe try`. */
enum { TRY_DONE = 0, TRY_REFUSED = 1, TRY_UNTRIED = 2 };

/** A sub-command: its words, without the program's name and its own. */
struct command {
    const char *name;
    int min_args;
    int (*run)(int argc, char **argv);
    const char *help;
};

extern const struct command fact_commands[];
extern const struct command mount_tries[];
extern const struct command reach_tries[];
extern const struct command process_tries[];
extern const struct command terminal_tries[];
extern const struct command descriptor_tries[];
extern const struct command neighbour_tries[];
extern const struct command kernel_tries[];
extern const struct command tool_commands[];
extern const struct command bait_commands[];
extern const struct command filter_commands[];

/** Tools of fuse.c: `probe silent-fuse`. */
int silent_fuse(int argc, char **argv);

/** Print "refused: ERRNO-NAME" for the current errno; returns TRY_REFUSED. */
int refused(const char *what);
/** TRY_DONE for a result that isn't negative, else what refused() returns. */
int verdict(long result, const char *what);
/** Say that @what failed, with the current errno; returns 2. */
int fail(const char *what);
/** Become the command, or return what fail() does. */
int run_command(char **argv);
/** Print why the try could not be made at all; returns TRY_UNTRIED. */
int untried(const char *why);

#endif
