/* SPDX-License-Identifier: Apache-2.0 */
/* Many launches: all cases of a variant, run by several workers, each in a world of its own. */
#ifndef SUITE_H
#define SUITE_H

#include "judge.h"

#include <stdbool.h>
#include <stdint.h>

struct suite_options {
    const char *sbx;
    const char *witness;
    const char *only;    /* one case, in words; or NULL */
    const char *variant; /* NULL: all of them */
    int role;            /* enum role, or ROLE_COUNT for all of them */
    unsigned errnos;     /* a call of sbx or the child fails with so many of all errnos */
    unsigned every;      /* of the cases in the child, init and command: each so many-th */
    unsigned seed;       /* which is the first of them */
    unsigned workers;
    bool off; /* calls that are missing throughout (off.h), instead of single calls that fail */
};

/** A case with what became of it, in memory that the workers share. */
struct suite_case {
    struct fault_case which;
    uint8_t verdict;               /* enum verdict */
    int nr;                        /* the call that was disturbed */
    char reason[JUDGE_MAX_REASON]; /* or, of calls that are missing, what sbx said */
};

struct suite {
    struct suite_options *options;
    const struct variant *variant;
    char base[64];   /* the directory of all worlds */
    unsigned worlds; /* made so far */
    struct trace_record record;
    struct suite_case *cases; /* shared */
    size_t count;
    size_t capacity;
};

/** Record an undisturbed launch, and list the cases that it has.  Returns 0, or -1 with a message
 * printed. */
int suite_plan(struct suite *suite);

/** Run them all.  Returns 0, or -1 with a message printed. */
int suite_run(struct suite *suite);

/** Run the one case of the options, and print all that it came to.  Returns its verdict. */
enum verdict suite_run_one(struct suite *suite);

#endif
