/* SPDX-License-Identifier: Apache-2.0 */
/* One launch under ptrace(2): its system calls are counted, and one of them is disturbed. */
#ifndef TRACE_H
#define TRACE_H

#include "fault.h"

#include <linux/filter.h>
#include <sys/types.h>

#define TRACE_MAX_CALLS 8192 /* of one role */

/** The calls that one role makes in an undisturbed launch. */
struct trace_calls {
    size_t count;
    struct trace_call {
        int nr;
        char path[60]; /* where it has one, and the driver may read it */
    } items[TRACE_MAX_CALLS];
};

struct trace_record {
    struct trace_calls roles[ROLE_COUNT];
};

/** What the driver saw of a launch. */
struct trace_result {
    int status;    /* of sbx, as wait(2) has it */
    bool reached;  /* the call that was to be disturbed was made */
    long nr;       /* which it was */
    bool started;  /* the command's exec succeeded */
    bool hung;     /* it took longer than TRACE_SECONDS */
    bool outlived; /* something was still running when sbx had ended by itself */
    bool left;     /* ... and TRACE_LEFT_SECONDS later, however sbx ended */
    char who[64];  /* which process that was */
};

/* Each is SBX_TEST_SLOW times as long, where the environment has that. */
#define TRACE_SECONDS      10
#define TRACE_LEFT_SECONDS 2

/** What is to be started: in a session of its own, with these three descriptors. */
struct trace_program {
    const char *path;
    char *const *argv;
    char *const *environment;
    const char *directory;
    int fds[3];
    int leaked;                      /* a descriptor that the caller has open, as number 9 */
    const struct sock_fprog *filter; /* around all of it; NULL: none */
};

/**
 * Run @program, disturbed as @which says, until nothing of it is left.  @record, or NULL, takes the
 * calls of all roles.  Returns 0, or -1 where the launch could not be traced, with errno.
 */
int trace_run(const struct trace_program *program, const struct fault_case *which,
              struct trace_record *record, struct trace_result *ret_result);

/** Have all that is started later end with the caller, and no alarm end the caller. */
int trace_prepare(void);

#endif
