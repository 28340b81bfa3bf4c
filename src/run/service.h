/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The supervisor's side of `sbx ps`, `exec`, `stop` and `stats`.
 *
 * Theory of operation.  Visitors come by the socket in the register, which nothing in this sandbox
 * can see; each is asked for its uid (SO_PEERCRED), which has to be the supervisor's own or root's,
 * and has to be outside: the register of one run may lie where another sandbox can write.  A
 * further command is started by the sandbox's own init, by the same order and through the same code
 * as the first one, so it has the same lockdown by construction; nobody enters a namespace.  What a
 * visitor sends is checked as if it were hostile.  When a visitor goes away, the command that it
 * started is killed, with its process group.
 */
#ifndef RUN_SERVICE_H
#define RUN_SERVICE_H

#include "policy/plan.h"
#include "run/attest.h"
#include "run/refusals.h"
#include "run/register.h"
#include "run/request.h"

#include <poll.h>

#define SERVICE_MAX_VISITORS 32
#define SERVICE_MAX_POLL     (1 + 2 * SERVICE_MAX_VISITORS)

struct visitor {
    int socket;                   /* -EBADF: a free slot */
    int exec;                     /* to the command's process until its exec, else -EBADF */
    uint32_t command;             /* its number on the wire, 0: none */
    bool failed;                  /* its exec has failed */
    int32_t fds[REQUEST_MAX_FDS]; /* the descriptors that it is to have */
    size_t fd_count;
};

struct service {
    const struct plan *plan;
    struct attestation *attestation;
    struct register_entry entry;
    struct visitor visitors[SERVICE_MAX_VISITORS];
    uint32_t last_command; /* the highest number that was given */
    int control;           /* of init, once it is there */
    pid_t init;
    struct refusals *refusals; /* borrowed */
    uint64_t start_ms;         /* by CLOCK_MONOTONIC */
    bool stop;                 /* somebody asked for the end */
    uint64_t stop_grace;       /* milliseconds */
};

/**
 * Enter the sandbox of @plan in the register.  Where that can't be done and nobody asked for a
 * name, it is just not listed.  Returns 0 or a negative errno with @err.
 */
int service_open(const struct plan *plan, struct service *ret_service, struct sbx_error *err);

/** From here on there is an init to talk to, and commands can be attested.  What its commands are
 * refused goes to @refusals. */
void service_start(struct service *service, struct attestation *attestation, int control,
                   pid_t init, uint64_t start_ms, struct refusals *refusals);

/** Fill @watched (SERVICE_MAX_POLL) with what is to be polled; returns how many of them. */
size_t service_watch(const struct service *service, struct pollfd *watched);

/** Handle what poll(2) found. */
void service_handle(struct service *service, const struct pollfd *watched, size_t count);

/** Init told about a command other than the first. */
void service_changed(struct service *service, const struct wire_changed *changed);

void service_close(struct service *service);

#endif
