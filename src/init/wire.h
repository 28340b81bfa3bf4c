/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What supervisor and init say to each other.
 *
 * One SEQPACKET socket, the control socket, connects the two for the sandbox's life; init has it
 * as descriptor 0.  Each command that init starts has an exec socket of its own (SEQPACKET too),
 * whose other end the supervisor keeps; it is close-on-exec in the command, so its end of file
 * means that the exec succeeded.  Both programs come from one build, so structs cross as they are;
 * a message of an unexpected length ends the receiver.
 *
 *   supervisor                          init                       command (before exec)
 *     CONFIG  ------------------------>  once: limits, system-call filter
 *     START + descriptors ------------>  fork  ------------------->  own process group
 *                              <-----------------------------------  TERMINAL: the master of its
 * pty descriptors, limits, filter
 *                              <-----------------------------------  LISTENER, if CONFIG says so
 *       (the supervisor has SO_PASSCRED)  <------------------------  HELLO on the exec socket
 *     attests what is in force
 *     GO on the exec socket  ------------------------------------->  exec
 *                              <-----------------------------------  EXEC_FAILED, or end of file
 *     SIGNAL  ------------------------>  kill
 *                              <-------  CHANGED: stopped, continued, ended
 */
#ifndef INIT_WIRE_H
#define INIT_WIRE_H

#include <linux/filter.h>
#include <stdint.h>

#define WIRE_MAX_RLIMITS 16
#define WIRE_MAX_FILTER  4096
#define WIRE_MAX_FDS     128 /* descriptors of a command, 0 1 2 included */
#define WIRE_MAX_RUNNING 64  /* commands of one sandbox at a time; more fail with EAGAIN */

enum wire_type {
    WIRE_CONFIG = 1, /* struct wire_config, then the filter's instructions */
    WIRE_START,      /* struct wire_start, with descriptors */
    WIRE_SIGNAL,     /* struct wire_signal */
    WIRE_CHANGED,    /* struct wire_changed */
    WIRE_TERMINAL,   /* a bare type, with the master of the command's terminal */
    WIRE_HELLO,      /* struct wire_hello; the sender's credentials matter too */
    WIRE_GO,         /* a bare type */
    WIRE_LISTENER,   /* a bare type, with the descriptor on which refused calls are told */
    WIRE_EXEC_FAILED /* struct wire_exec_failed */
};

struct wire_rlimit {
    uint32_t resource;
    uint32_t unused;
    uint64_t soft;
    uint64_t hard;
};

/** The lockdown that every command of this sandbox gets, whoever starts it and when. */
struct wire_config {
    uint32_t type;
    uint32_t rlimit_count;
    uint32_t filter_length; /* instructions of struct sock_filter that follow; 0: no filter */
    uint32_t listen;        /* 1: the filter asks the supervisor, see seccomp_unotify(2) */
    uint32_t try_userns;    /* try to make a user namespace, which has to fail: see HELLO */
    struct wire_rlimit rlimits[WIRE_MAX_RLIMITS];
};

/**
 * Start a command.  Descriptors that come along (SCM_RIGHTS), in this order: the exec socket; a
 * memory file that holds @argc strings of argv, @envc strings of the environment and the working
 * directory, each NUL-terminated; then @fd_count descriptors, which the command has as
 * @fd_targets[i] (increasing numbers).  Nothing else is open in the command but the new terminal of
 * @terminal, the master of which comes back with TERMINAL.
 */
struct wire_start {
    uint32_t type;
    uint32_t command; /* number of the command, chosen by the supervisor */
    uint32_t argc;
    uint32_t envc;
    uint64_t strings_size; /* bytes used in the memory file */
    uint64_t signal_mask;  /* blocked signals of the command, bit n-1 for signal n */
    uint32_t session;      /* a session of its own, and not only a process group */
    uint32_t terminal; /* with session; bit n, n up to 2: descriptor n is a new pseudo-terminal */
    uint32_t unused;
    uint32_t fd_count;
    int32_t fd_targets[WIRE_MAX_FDS];
};

#define WIRE_NAME_SIZE 65

/**
 * All is in force and only the exec is left.  What nobody but the command's process itself can read
 * back comes along; the rest is read from outside.
 */
struct wire_hello {
    uint32_t type;
    int32_t exec_socket; /* its number: the only descriptor besides those asked for */
    int32_t exec_flags;  /* F_GETFD of it */
    int32_t securebits;
    int32_t dumpable;     /* inherited from init, until the exec */
    int32_t keyring;      /* serial number of the session keyring, or a negative errno */
    int32_t userns_error; /* errno of the try; 0: it worked, or wasn't asked for */
    char hostname[WIRE_NAME_SIZE];
    char domainname[WIRE_NAME_SIZE];
};

struct wire_signal {
    uint32_t type;
    uint32_t command;
    int32_t signal;
    uint32_t to_group; /* the command's process group instead of the process alone */
};

enum wire_change { WIRE_EXITED = 1, WIRE_KILLED, WIRE_STOPPED, WIRE_CONTINUED };

struct wire_changed {
    uint32_t type;
    uint32_t command;
    uint32_t change; /* enum wire_change */
    int32_t value;   /* exit code or signal number */
};

/** What a command's process was doing when it failed before its exec. */
enum wire_stage {
    WIRE_STAGE_FORK = 1,
    WIRE_STAGE_PROCESS_GROUP,
    WIRE_STAGE_SESSION,
    WIRE_STAGE_TERMINAL,
    WIRE_STAGE_DESCRIPTORS,
    WIRE_STAGE_CHDIR,
    WIRE_STAGE_RLIMIT,
    WIRE_STAGE_SECCOMP,
    WIRE_STAGE_HANDSHAKE, /* HELLO and GO */
    WIRE_STAGE_EXEC
};

struct wire_exec_failed {
    uint32_t type;
    uint32_t stage;  /* enum wire_stage */
    int32_t number;  /* errno */
    uint32_t detail; /* RLIMIT: the resource; EXEC: 1 where some file was found */
};

/** Exit codes of init itself. */
enum wire_init_exit {
    WIRE_INIT_DONE = 0,       /* the first command has ended, or could not be forked */
    WIRE_INIT_HUNG_UP = 20,   /* the control socket is closed: the supervisor is gone */
    WIRE_INIT_BAD_MESSAGE,    /* a message that the supervisor of this build never sends */
    WIRE_INIT_NOT_ISOLATED,   /* not pid 1, or no_new_privs is missing: it refuses to work */
    WIRE_INIT_SYSTEM_FAILURE, /* a system call failed that cannot fail */
};

#endif
