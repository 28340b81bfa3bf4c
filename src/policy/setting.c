/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/setting.h"

#include "base/whole.h"
#include "policy/option.h"

int settings_add(struct settings *settings, struct arena *arena, const struct sbx_option *option,
                 const char *value, const char *origin, struct sbx_error *err)
{
    const char *value_copy = arena_strdup(arena, value);
    const char *origin_copy = arena_strdup(arena, origin);
    struct setting *setting;

    if (option_needs_whole(option))
        whole_needed();
    if (value_copy == NULL || origin_copy == NULL)
        return error_oom(err);
    setting = ARENA_PUSH(arena, settings);
    if (setting == NULL)
        return error_oom(err);
    *setting = (struct setting){.option = option, .value = value_copy, .origin = origin_copy};
    return 0;
}
