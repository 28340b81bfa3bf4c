/* SPDX-License-Identifier: Apache-2.0 */
/* Two other ways from rules to verdicts, to hold kernel/seccomp.c against. */
#ifndef TESTS_SECCOMP_REFERENCE_H
#define TESTS_SECCOMP_REFERENCE_H

#include "kernel/seccomp.h"

#include <linux/seccomp.h>

/**
 * libseccomp's programs for @rules, in @arena.  It can't say "fail if the argument is X, and allow
 * whatever else" in one program, so there are several, and seccomp_reference_run() goes through
 * them.  Calls have at most 10 rules here, and a rule looks at an argument once.
 */
struct seccomp_reference *seccomp_reference_new(struct arena *arena,
                                                const struct seccomp_rule *rules, size_t count,
                                                int default_error);

/** The verdict of libseccomp's programs for @data. */
uint32_t seccomp_reference_run(const struct seccomp_reference *reference,
                               const struct seccomp_data *data);

/** The verdict that kernel/seccomp.h promises for @data, read off the rules one by one. */
uint32_t seccomp_promised(const struct seccomp_reference *reference,
                          const struct seccomp_data *data);

#endif
