/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the caller's terminal and a command that doesn't get it (--tty new, --tty none).
 *
 * Theory of operation.  The command has a session of its own, and in the terminal's place a
 * pseudo-terminal or a pipe, the other end of which is here.  The relay opens the caller's terminal
 * once more, so that it alone is non-blocking; and it never waits for either end, so a terminal
 * that is stopped or a command that doesn't read holds up neither signals nor the time limit.
 *
 * With the keyboard, the caller's terminal is in raw mode while sbx is in its foreground: every key
 * is a byte for the line discipline of the command's terminal, which makes of Ctrl-C and Ctrl-Z
 * what they are there.  In the background, settings and keyboard are the shell's.
 *
 * The slave end of the pseudo-terminal is held open here too.  So the master never reports a
 * hang-up in between, when the command closes all it has and opens /dev/tty again; that the command
 * has ended is told by pid 1's end, after which everything that was written is there to be read.
 */
#ifndef RUN_RELAY_H
#define RUN_RELAY_H

#include "policy/terminal.h"

#include <poll.h>

struct meter;
struct relay;

enum { RELAY_CALLER, RELAY_COMMAND, RELAY_POLL_COUNT };

/**
 * What @terminal needs before the launch.  @standard has the caller's descriptors 0 to 2 and gets
 * what the command is to have in their place, negative for what init makes or what is not open.
 * With @job_control the caller's terminal may be set and read.  Returns 0 with *@ret_relay, to be
 * released with relay_free(), NULL where nothing is relayed; or a negative errno with @err.
 * @meter, NULL or borrowed, counts what the command writes.  All functions below do nothing for
 * NULL.
 */
int relay_new(const struct plan_terminal *terminal, bool job_control, struct meter *meter,
              int standard[static 3], struct relay **ret_relay, struct sbx_error *err);

/** The command's descriptors are on their way: close ours of them. */
void relay_launched(struct relay *relay);

/**
 * The command is about to start.  Takes over @master, the master of its pseudo-terminal, or a
 * negative number.  Returns 0 or a negative errno.
 */
int relay_start(struct relay *relay, int master);

/** What to wait for, and how long at most: milliseconds, or -1. */
int relay_watch(const struct relay *relay, struct pollfd watched[static RELAY_POLL_COUNT]);

/** Pass on what can be. */
void relay_pump(struct relay *relay, const struct pollfd watched[static RELAY_POLL_COUNT]);

/** Is sbx in the background of a terminal where such a one may not write (stty tostop)? */
bool relay_wants_stop(const struct relay *relay);

/** The size of the caller's terminal may be another. */
void relay_resize(struct relay *relay);

/** Before sbx stops, as a job, and after it went on; @stopped: it really had stopped. */
void relay_suspend(struct relay *relay);
void relay_resume(struct relay *relay, bool stopped);

/** Nothing runs inside any more: pass on what is left. */
void relay_finish(struct relay *relay);

/** Has all been passed on, or given up? */
bool relay_is_dry(const struct relay *relay);

/** Give up what has not been passed on. */
void relay_abandon(struct relay *relay);

/** Restore the terminal's settings and close everything. */
void relay_free(struct relay *relay);

#endif
