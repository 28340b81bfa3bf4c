/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attestation: before a command starts, what is in force is read back and compared with the plan.
 *
 * Theory of operation.  The observer is the supervisor, which is outside and trusts nothing that
 * the child's code believes it has done: it looks at the processes by /proc, as anybody could who
 * owns the user namespace.  It looks twice.
 *
 *  - When the view is complete and Landlock is on, the child says so (struct child_view) and goes
 *    on to the exec of init; nothing that comes after has a capability to change a mount.  While
 *    that is under way the mounts are compared, and what every process inside inherits is read:
 *    namespaces, id maps, working directory.  This is most of the work, and where there is a second
 *    processor it costs no time.
 *  - When the command's process has done everything but the exec, it says HELLO and waits.  Then
 *    that very process is looked at: ids, capabilities, filter, limits, descriptors.
 *    It gets its GO, the one thing that lets it execute the command, only where all is as planned.
 *
 * What can't be seen from outside is told by that process, which runs our code only and runs it
 * inside: securebits, host name, session keyring.  What can't be read at all is tried: to make a
 * user namespace, and, for Landlock, to make a directory on the private tmpfs in which the view was
 * built and which no rule allows; nothing else refuses that one.
 *
 * A further command of `sbx exec` is looked at in the same way, but for the mounts, which are those
 * of the first.
 */
#ifndef RUN_ATTEST_H
#define RUN_ATTEST_H

#include "init/wire.h"
#include "policy/attest.h"
#include "run/report.h"

struct attestation {
    struct arena *arena;
    const struct plan *plan;
    struct process_text text; /* that is being read */
    struct attest first;      /* of the plan's own command */
    struct attest_host host;  /* as the plan knows it */
    struct attest_facts facts;
    bool view_known;
    struct report_file file; /* --attest */
};

/** Open what --attest names.  0, to be given to attestation_close(), or a negative errno. */
int attestation_open(const struct plan *plan, struct attestation *ret_attestation,
                     struct sbx_error *err);

/** What can be found out while the child is at work. 0 or a negative errno with @err. */
int attestation_prepare(struct attestation *attestation, struct sbx_error *err);

/**
 * The view of @init is complete; @landlock_error is the errno of the child's try.  Looks at it.
 * Differences are told by attestation_command().  0, or a negative errno where it can't be read.
 */
int attestation_view(struct attestation *attestation, pid_t init, int landlock_error,
                     struct sbx_error *err);

/**
 * The process @pid has said @hello: look at it.  Returns 0 where all is as planned, and for the
 * first command that was written to the file of --attest; else a negative errno with @err.
 */
int attestation_command(struct attestation *attestation, pid_t pid, const struct wire_hello *hello,
                        const struct attest_command *command, struct sbx_error *err);

void attestation_close(struct attestation *attestation);

#endif
