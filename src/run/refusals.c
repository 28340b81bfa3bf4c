/* SPDX-License-Identifier: Apache-2.0 */
#include "run/refusals.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "kernel/seccomp_notify.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

/* Answered before the rest of the loop has its turn: an endless stream of refused calls must not
 * keep the time limit from being minded. */
#define AT_ONCE 16

int refusals_open(const struct plan *plan, struct sbx_report *report, struct refusals *ret_refusals,
                  struct sbx_error *err)
{
    *ret_refusals = (struct refusals){.plan = plan, .report = report, .events = -EBADF};
    if (plan->filter.on_refusal == SPEC_ON_REFUSAL_ERRNO)
        return 0;
    report->refusals_counted = true;
    ret_refusals->events = epoll_create1(EPOLL_CLOEXEC);
    if (ret_refusals->events < 0)
        return error_set(err, SBX_ERROR_SETUP, errno, "seccomp", NULL,
                         "cannot watch over what is refused");
    return 0;
}

bool refusals_wanted(const struct refusals *refusals)
{
    return refusals->events >= 0;
}

/* A free slot for a listener; as many are in use as there are commands with a living process. */
static int *find_slot(struct refusals *refusals)
{
    size_t count = refusals->listener_count;
    int *longer;

    for (size_t i = 0; i < count; i++)
        if (refusals->listeners[i] < 0)
            return &refusals->listeners[i];
    longer = reallocarray(refusals->listeners, count + 1, sizeof(*longer));
    if (longer == NULL)
        return NULL;
    refusals->listeners = longer;
    refusals->listeners[count] = -EBADF;
    return &refusals->listeners[refusals->listener_count++];
}

int refusals_add(struct refusals *refusals, int listener)
{
    _cleanup_close_ int fd = listener;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    int *slot = find_slot(refusals);

    if (fd < 0) /* it came, but this process could open no more */
        return -EMFILE;
    if (slot == NULL)
        return -ENOMEM;
    if (epoll_ctl(refusals->events, EPOLL_CTL_ADD, fd, &event) < 0)
        return -errno;
    *slot = take_fd(&fd);
    return 0;
}

/* Nobody has this filter any more.  Closed, it also leaves the set. */
static void let_go(struct refusals *refusals, int listener)
{
    for (size_t i = 0; i < refusals->listener_count; i++)
        if (refusals->listeners[i] == listener)
            refusals->listeners[i] = -EBADF;
    close(listener);
}

/* ------------------------------------------------------------------ one call */

/* The filter without notification; compiled a second time, where it isn't a built-in one, only if
 * something is refused at all. */
static int load_filter(struct refusals *refusals)
{
    if (refusals->filter != NULL)
        return 0;
    if (refusals->arena == NULL)
        refusals->arena = arena_new();
    if (refusals->arena == NULL)
        return -ENOMEM;
    return syscalls_filter(refusals->arena, &refusals->plan->filter, &refusals->filter,
                           &refusals->filter_length, NULL);
}

/* What the call would have failed with; never anything that lets it pass. */
static int error_of(struct refusals *refusals, const struct seccomp_data *data)
{
    uint32_t action;

    if (load_filter(refusals) < 0 ||
        seccomp_evaluate(refusals->filter, refusals->filter_length, data, &action) < 0 ||
        (action & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_ERRNO || (action & SECCOMP_RET_DATA) == 0)
        return EPERM;
    return (int)(action & SECCOMP_RET_DATA);
}

static void count(struct refusals *refusals, int number)
{
    struct sbx_report *report = refusals->report;
    _cleanup_arena_ struct arena *arena = arena_new();
    const char *known = arena == NULL ? NULL : seccomp_syscall_name(arena, number);
    char name[sizeof(report->refusals[0].name)];
    unsigned i = 0;

    snprintf(name, sizeof(name), "%d", number);
    if (known != NULL)
        text_copy(name, sizeof(name), known);
    while (i < report->refusal_count && strcmp(report->refusals[i].name, name) != 0)
        i++;
    if (i == SBX_REPORT_MAX_REFUSALS) {
        report->refusals_more++;
        return;
    }
    if (i == report->refusal_count)
        text_copy(report->refusals[report->refusal_count++].name, sizeof(name), name);
    report->refusals[i].count++;
}

static bool handle_one(struct refusals *refusals, int listener)
{
    bool fatal = refusals->plan->filter.on_refusal == SPEC_ON_REFUSAL_KILL;
    struct seccomp_refusal refusal;

    if (seccomp_receive(listener, &refusal) < 0)
        return false;
    /* one that is to end the run waits for its answer until it is killed */
    if (fatal || seccomp_refuse(listener, refusal.id, error_of(refusals, &refusal.data)) == 0)
        count(refusals, refusal.data.nr);
    return fatal;
}

bool refusals_handle(struct refusals *refusals)
{
    struct epoll_event events[AT_ONCE];
    int ready = epoll_wait(refusals->events, events, AT_ONCE, 0);
    bool fatal = false;

    for (int i = 0; i < ready && !fatal; i++) {
        if ((events[i].events & EPOLLIN) != 0)
            fatal = handle_one(refusals, events[i].data.fd);
        else
            let_go(refusals, events[i].data.fd);
    }
    return fatal;
}

void refusals_close(struct refusals *refusals)
{
    for (size_t i = 0; i < refusals->listener_count; i++)
        cleanup_close(&refusals->listeners[i]);
    free(refusals->listeners);
    cleanup_close(&refusals->events);
    arena_free(refusals->arena);
    *refusals = (struct refusals){.events = -EBADF};
}
