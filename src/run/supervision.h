/* SPDX-License-Identifier: Apache-2.0 */
/* What supervise() and its loop share: one run, from before the clone to the report. */
#ifndef RUN_SUPERVISION_H
#define RUN_SUPERVISION_H

#include "run/attest.h"
#include "run/caller_state.h"
#include "run/cgroup_run.h"
#include "run/fullness.h"
#include "run/judge.h"
#include "run/launch.h"
#include "run/output.h"
#include "run/refusals.h"
#include "run/relay.h"
#include "run/service.h"
#include "run/supervise.h"
#include "run/terminal.h"

#include <poll.h>

/* Places in supervision.watched. */
enum {
    AT_CONTROL,
    AT_EXEC,
    AT_PIDFD,
    AT_SIGNALS,
    AT_TIMER,
    AT_PARENT,
    AT_REFUSALS,
    AT_RELAY,
    AT_OUTPUT = AT_RELAY + RELAY_POLL_COUNT,
    AT_COUNT = AT_OUTPUT + OUTPUT_POLL_COUNT
};

#define AT_ALL (AT_COUNT + SERVICE_MAX_POLL) /* behind them what the service watches */

struct supervision {
    const struct plan *plan;
    unsigned flags;
    struct caller_state caller;
    struct launch launch;
    struct cgroup_run cgroup;
    struct terminal terminal;
    struct relay *relay;   /* NULL: the command shares the caller's terminal, or there is none */
    struct output *output; /* NULL: 1 and 2 are the caller's, or the relay's */
    struct meter meter;    /* of both */
    uint64_t start;        /* by CLOCK_MONOTONIC, milliseconds */
    struct pollfd watched[AT_ALL];
    struct service service;
    bool in_service; /* it is open */
    struct fullness fullness;
    struct refusals refusals;
    struct attestation attestation;
    struct attest_command first; /* what the command is to have */
    int32_t first_fds[WIRE_MAX_FDS];
    int master; /* of the command's own terminal, until the relay has it; or negative */
    struct sbx_report *report;
    bool gone;       /* nothing runs inside any more */
    bool stopped;    /* `sbx stop` has asked for the end */
    bool stop_typed; /* Ctrl-Z reached sbx, and was passed on */
    pid_t command;   /* the command's pid as the caller sees it; 0 until known */
    int broken;      /* errno of what made it impossible to go on; 0: nothing did */
    struct ending ending;
};

/** Get ready to watch what was launched.  0 or a negative errno with @err. */
int supervision_watch(struct supervision *self, const sigset_t *signals, pid_t parent,
                      struct sbx_error *err);

/** Hear and do what there is, until nothing runs inside and all output is passed on. */
void supervision_loop(struct supervision *self);

/** Kill all that runs inside, by pid 1. */
void supervision_kill(struct supervision *self);

#endif
