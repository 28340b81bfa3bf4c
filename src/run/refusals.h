/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The system calls that the filter refuses, where somebody wants to know (--on-refusal).
 *
 * Theory of operation.  Each command of the sandbox, those of `sbx exec` too, loads the filter for
 * itself and hands the descriptor on which its refused calls are told over its exec socket, just
 * before its exec, which closes its own.  So no command ever has one.  Each refused call is
 * answered as the filter without notification would (kernel/seccomp_notify.h), and counted by its
 * name once it has been answered.  If sbx dies meanwhile, the kernel refuses.
 *
 * A command may load a stricter filter of its own; what that refuses is never told.
 */
#ifndef RUN_REFUSALS_H
#define RUN_REFUSALS_H

#include "policy/plan.h"

#include <sbx/run.h>

struct refusals {
    const struct plan *plan;
    struct sbx_report *report;
    int events;     /* epoll(7) of all listeners; -EBADF: nobody wants to know */
    int *listeners; /* owned; -EBADF: a free slot */
    size_t listener_count;
    struct arena *arena; /* of the filter, once it was needed */
    const struct sock_filter *filter;
    size_t filter_length;
};

/** Get ready to count into @report, borrowed as @plan is. 0 or a negative errno with @err. */
int refusals_open(const struct plan *plan, struct sbx_report *report, struct refusals *ret_refusals,
                  struct sbx_error *err);

/** Does a command have to hand over a listener? */
bool refusals_wanted(const struct refusals *refusals);

/** Hear of what is refused at @listener; takes it over, a negative one too.  0 or a negative errno.
 */
int refusals_add(struct refusals *refusals, int listener);

/** refusals->events is readable: answer.  Returns true where a refusal is to end the run. */
bool refusals_handle(struct refusals *refusals);

void refusals_close(struct refusals *refusals);

#endif
