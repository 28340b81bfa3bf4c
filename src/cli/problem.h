/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong in a profile's file, shown as compilers show it: place, line, caret, hint. */
#ifndef CLI_PROBLEM_H
#define CLI_PROBLEM_H

#include <sbx/profile.h>

/** Print all of @problems on standard error. */
void problems_print(const struct sbx_problems *problems);

void cleanup_problems(struct sbx_problems **problems);
#define _cleanup_problems_ __attribute__((cleanup(cleanup_problems)))
void cleanup_profile(struct sbx_profile **profile);
#define _cleanup_profile_ __attribute__((cleanup(cleanup_profile)))

#endif
