/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this host allows, what it lacks, and the fix for each: `sbx doctor`.
 *
 *     sbx_doctor_new(&doctor, &err);
 *     for (i = 0; (check = sbx_doctor_get(doctor, i)) != NULL; i++)
 *         ...
 *     sbx_doctor_free(doctor);
 *
 * See sbx-doctor(1).
 */
#ifndef SBX_DOCTOR_H
#define SBX_DOCTOR_H

#include <sbx/check.h>
#include <sbx/error.h>
#include <stddef.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What was found. Opaque, constant once made. */
struct sbx_doctor;

/**
 * Examine the host for the caller, by doing: each thing is tried in a process and in namespaces of
 * its own, and `true` is run in a default sandbox.  Nothing is changed and nothing is left.  Takes
 * some 50 ms; an attempt that hangs is given up after a few seconds.
 *
 * *@ret_doctor is to be freed with sbx_doctor_free().  Returns 0, whatever was found; or -ENOMEM
 * with @err filled.  SIGCHLD must not be ignored.  Wants a process with one thread, as
 * sbx_plan_run() does.
 */
int sbx_doctor_new(struct sbx_doctor **ret_doctor, struct sbx_error *err);
void sbx_doctor_free(struct sbx_doctor *doctor);

/** Does a default run work?  That is the state of the first check. */
bool sbx_doctor_works(const struct sbx_doctor *doctor);

/** Check @index, or NULL past the last; owned by @doctor.  The first is the default run. */
const struct sbx_check *sbx_doctor_get(const struct sbx_doctor *doctor, size_t index);

/** Note @index: what stays in force or is remarkable though no check fails for it, such as a
 * supplementary group; NULL past the last; owned by @doctor. */
const char *sbx_doctor_note(const struct sbx_doctor *doctor, size_t index);

/** The system in one line: versions of sbx and the kernel, machine, user; owned by @doctor. */
const char *sbx_doctor_system(const struct sbx_doctor *doctor);

/** Print all of it as JSON, in the form that sbx-doctor(1) documents. 0, -EIO or -ENOMEM. */
int sbx_doctor_print_json(const struct sbx_doctor *doctor, FILE *stream, struct sbx_error *err);

#ifdef __cplusplus
}
#endif
#endif
