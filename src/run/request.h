/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `sbx ps`, `exec`, `stop` and `stats` say to a supervisor, and what it answers: messages of a
 * SOCK_SEQPACKET socket, of one build, on one machine, between processes of one user.
 */
#ifndef RUN_REQUEST_H
#define RUN_REQUEST_H

#include "init/wire.h"

#include <limits.h>
#include <stdint.h>

#define REQUEST_MAX_FDS     3          /* 0, 1 and 2 */
#define REQUEST_MAX_STRINGS (4U << 20) /* bytes of argv and environment of a further command */

enum request_type {
    REQUEST_INFO = 1, /* a bare type; ANSWER_INFO */
    REQUEST_STOP,     /* struct request_stop; the end of file is the sandbox's end */
    REQUEST_EXEC,     /* struct request_exec, with descriptors; ANSWER_STARTED and so on */
    REQUEST_SIGNAL,   /* struct request_signal, after REQUEST_EXEC on the same connection */
    ANSWER_INFO,      /* struct answer_info */
    ANSWER_STARTED,   /* a bare type: the command's exec succeeded */
    ANSWER_FAILED,    /* struct answer_failed: it could not be started */
    ANSWER_CHANGED,   /* struct answer_changed */
};

struct request_stop {
    uint32_t type;
    uint32_t unused;
    uint64_t grace_ms; /* between SIGTERM and SIGKILL */
};

/**
 * Start a further command.  Descriptors, in this order: a memory file that holds @argc strings of
 * argv, @envc variables that are set or replaced ("NAME=VALUE"), and the working directory ("": the
 * first command's), each NUL-terminated; then @fd_count descriptors.
 */
struct request_exec {
    uint32_t type;
    uint32_t argc;
    uint32_t envc;
    uint32_t fd_count;
    uint64_t strings_size;
    uint64_t signal_mask; /* as in struct wire_start */
    int32_t fd_targets[REQUEST_MAX_FDS];
};

struct request_signal {
    uint32_t type;
    int32_t signal;
    uint32_t to_group;
};

struct answer_info {
    uint32_t type;
    int32_t supervisor; /* pids, as the supervisor sees them */
    int32_t init;
    uint32_t processes;
    uint64_t age_ms;
    uint64_t cpu_ms;
    uint64_t memory; /* bytes */
    char name[64];
    char profile[80];
    char command[128]; /* argv[0], cut */
};

struct answer_failed {
    uint32_t type;
    uint32_t stage; /* enum wire_stage; 0: the request could not be taken */
    int32_t number; /* errno */
    uint32_t detail;
};

struct answer_changed {
    uint32_t type;
    uint32_t change; /* enum wire_change */
    int32_t value;
};

union request {
    uint32_t type;
    struct request_stop stop;
    struct request_exec exec;
    struct request_signal signal;
};

union answer {
    uint32_t type;
    struct answer_info info;
    struct answer_failed failed;
    struct answer_changed changed;
};

#endif
