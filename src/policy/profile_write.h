/* SPDX-License-Identifier: Apache-2.0 */
/* Settings as the YAML text of one profile that stands alone. */
#ifndef POLICY_PROFILE_WRITE_H
#define POLICY_PROFILE_WRITE_H

#include "policy/setting.h"

/**
 * The profile that loads back to @settings (in canonical order, as profile_settings() makes them):
 * no variable, pattern or "~" is left in it.  *@ret_text lives in @arena.  Returns 0, -ENOMEM, or
 * -EILSEQ where a value is not UTF-8, which YAML can't hold.
 */
int profile_write_yaml(struct arena *arena, const struct settings *settings,
                       const char *description, char **ret_text, struct sbx_error *err);

#endif
