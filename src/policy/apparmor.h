/* SPDX-License-Identifier: Apache-2.0 */
/* The AppArmor profile that lets one program use the user namespaces which it makes. */
#ifndef POLICY_APPARMOR_H
#define POLICY_APPARMOR_H

#include "base/arena.h"

/**
 * The text of the profile for @program, its absolute path, or NULL where that is unknown; see
 * apparmor.d(5).  In @arena; NULL out of memory.  Pure.
 */
const char *apparmor_profile(struct arena *arena, const char *program);

#endif
