/* SPDX-License-Identifier: Apache-2.0 */
/* The life of one command from the START message to its exec.  See init.c for the whole. */
#ifndef INIT_COMMAND_H
#define INIT_COMMAND_H

#include "init/wire.h"

#include <signal.h>
#include <stddef.h>

/** What every command of this sandbox gets; filled once, by CONFIG. */
struct lockdown {
    const struct wire_config *config;
    const struct sock_filter *filter; /* config->filter_length instructions */
    struct sigaction child_action;    /* what init inherited for SIGCHLD */
};

/** The strings of a command: a read-only map of its memory file, and pointers into it. */
struct strings {
    void *text;
    size_t text_size;
    char **vector; /* argv, NULL, environment, NULL */
    size_t vector_size;
    char **argv;
    char **environment;
    const char *directory; /* "" where the command stays where init is */
};

struct command {
    const struct wire_start *start;
    struct strings strings;
    int exec_socket;
    int strings_file; /* what strings is a map of */
    int terminal;     /* what start->terminal asks for; valid once it was made */
    int *fds; /* start->fd_count descriptors, all close-on-exec; command_run() changes them */
};

/**
 * Map the memory file @fd and point at its strings.  Returns 0, -EBADMSG where the file does not
 * hold exactly the strings that @start announces, or another negative errno.
 */
int strings_map(const struct wire_start *start, int fd, struct strings *ret_strings);
void strings_unmap(const struct strings *strings);

/** Become the command: runs in the forked child, as the first thing there. */
_Noreturn void command_run(struct command *command, const struct lockdown *lockdown);

/** Tell the supervisor over @exec_socket why the command will never run. */
void command_report(int exec_socket, enum wire_stage stage, int number, unsigned detail);

#endif
