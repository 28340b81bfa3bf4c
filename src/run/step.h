/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The step table: what each kind of step is called, how it is printed, who does it and how.
 * What is not in this table can't be planned, can't be printed and can't be done.
 */
#ifndef RUN_STEP_H
#define RUN_STEP_H

#include "run/child.h"

enum step_stage {
    STEP_STAGE_CHILD,  /* by the child, between clone and exec */
    STEP_STAGE_CLONE,  /* by the flags of the one clone3(2) */
    STEP_STAGE_SBX,    /* by sbx itself, before the clone or while the child waits */
    STEP_STAGE_COMMAND /* by init, in the command's own process, from what CONFIG and START say */
};

struct step_ops {
    const char *name; /* "bind" */
    enum step_stage stage;
    const char *says; /* what the step does, where that is always the same, or else: */
    char *(*describe)(struct arena *arena, const struct plan *plan, const struct step *step);
    step_apply apply;    /* STEP_STAGE_CHILD only */
    const char *failure; /* what is said when it fails: "cannot mirror the host's tree" */
};

extern const struct step_ops step_ops[STEP_KIND_COUNT];

/** What @step does, in words, in @arena; NULL out of memory. */
char *step_describe(struct arena *arena, const struct plan *plan, const struct step *step);

/** The name of a resource limit, as in the option table: "pids"; "core" and others by their own. */
const char *step_rlimit_name(uint64_t resource);

#endif
