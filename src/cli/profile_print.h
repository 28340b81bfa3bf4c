/* SPDX-License-Identifier: Apache-2.0 */
/* Profiles on standard output.  What comes from files is escaped as messages are. */
#ifndef CLI_PROFILE_PRINT_H
#define CLI_PROFILE_PRINT_H

#include <sbx/profile.h>
#include <stdbool.h>

/** One line a profile: name, description, what it matches, where it is from; or names alone. */
void profile_print_list(const struct sbx_profile_list *list, bool names);

/** The profile's head, then one line a setting: section, option, value, origin. */
void profile_print(const struct sbx_profile *profile);

/** Name, file and reason of a choice. */
void profile_print_choice(const struct sbx_profile *profile);

/** "FILE: correct". */
void profile_print_checked(const char *path);

/** Lines that only one of the two has, "-" for @left and "+" for @right.  Is there any? */
bool profile_print_diff(const struct sbx_profile *left, const struct sbx_profile *right);

#endif
