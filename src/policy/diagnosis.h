/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a host can have in the way of a sandbox, and the way out of each: the one table.  The hint
 * of a failed run and the report of `sbx doctor` are both taken from it.
 */
#ifndef POLICY_DIAGNOSIS_H
#define POLICY_DIAGNOSIS_H

#include <stdbool.h>

/** One condition.  All text is constant, one line each, without a full stop. */
struct diagnosis {
    const char *name;  /* stable word, "masked-proc" */
    const char *cause; /* what is in the way */
    const char *fix;   /* what to do: a command stands between backquotes */
    const char *hint;  /* both: "CAUSE: FIX" */
    bool apparmor;     /* the fix needs the profile of apparmor_profile() */
    bool some_call;    /* which call is refused isn't said: see kernel/refused_calls.h */
};

/** Where the profile of apparmor_profile() has to lie. */
#define APPARMOR_PROFILE "/etc/apparmor.d/sbx"

/**
 * The condition because of which @operation (a step's name, "namespaces", "launch", ...) failed
 * with @number (errno) on a host with @faults (enum host_fault); NULL where nothing is known. Pure.
 */
const struct diagnosis *diagnosis_find(const char *operation, int number, unsigned faults);

#endif
