/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A case is one file, golden/NAME.plan: head lines that say on which host which command line is
 * planned, and below them the text that has to come of it.  A third head line, "# whole", asks for
 * the plan word by word; without it, step numbers and the rows of defaults are left out.
 */
#ifndef TESTS_PLAN_CASE_H
#define TESTS_PLAN_CASE_H

#include "plan/invariants.h"

#define CASE_NAME 96

struct plan_case {
    const char *name;
    const char *path;
    const char *host;
    const char *line; /* options and command, as they were written */
    bool whole;
    const char *expected; /* the text below the head */
};

/** The names of the files in @directory ("golden") that end in @suffix, without it, sorted. */
void case_names(struct arena *arena, const char *directory, const char *suffix,
                struct host_strings *ret_names);

void case_read(struct arena *arena, const char *name, struct plan_case *ret_case);

/**
 * Plan @line, words of `sbx plan`, on the host of @fixture: through the option parser, spec_build()
 * plan_request() and resolve().  Returns what these return; *@ret_planned is filled in any case.
 */
int case_plan(struct arena *arena, const char *name, const struct fixture *fixture,
              const char *line, struct planned *ret_planned, struct sbx_error *err);

/** The text of a golden file for what case_plan() returned. */
const char *case_text(const struct planned *planned, bool whole, int result,
                      const struct sbx_error *err);

/** Put @text below the head of the case's file. */
void case_rewrite(const struct plan_case *plan_case, const char *text);

#endif
