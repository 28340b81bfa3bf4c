/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The caller's terminal, shared with the command as a shell shares it with a job.
 *
 * Theory of operation.  The command has a process group of its own, so it needs the terminal to be
 * handed to it.  That is done when 0, 1 and 2 are all the terminal and sbx is in the foreground, or
 * when the command stops for want of it (SIGTTIN, SIGTTOU); otherwise, as in `sbx run -- cmd |
 * less`, the other members of the job keep it.  Whatever happens, the terminal comes back to the
 * group that had it, with the settings that it had.
 */
#ifndef RUN_TERMINAL_H
#define RUN_TERMINAL_H

#include <stdbool.h>
#include <sys/types.h>
#include <termios.h>

struct terminal {
    int fd;        /* the controlling terminal; -EBADF where there is none */
    bool complete; /* descriptors 0, 1 and 2 are all it */
    bool given;    /* the command's group has it, or had it when it stopped */
    bool held;     /* it has it now */
    bool ours;     /* sbx was in the foreground when it started */
    pid_t own;     /* the caller's process group */
    pid_t group;   /* the command's */
    struct termios caller_settings;
    struct termios command_settings;
    bool have_command_settings;
};

/** Find the controlling terminal and remember its settings. SIGTTOU must be blocked from here on.
 */
void terminal_open(struct terminal *terminal);

/** The command's process group is known: hand the terminal over if that is due. */
void terminal_start(struct terminal *terminal, pid_t group);

/** Is sbx in the foreground, with a terminal that it could hand over? */
bool terminal_is_ours(const struct terminal *terminal);

/** Hand the terminal to the command, with the settings that it had when it was taken. */
void terminal_give(struct terminal *terminal);

/** Where the command holds it, take the terminal back and restore the caller's settings. */
void terminal_take(struct terminal *terminal);

/**
 * Take it back for good, undo what the command did to it on its own (foreground group, settings,
 * stopped output, exclusive mode), and close it.  To be called when nothing inside runs any more.
 */
void terminal_close(struct terminal *terminal);

#endif
