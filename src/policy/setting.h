/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A setting is one option with its value, as written, and where it was written.  All sources
 * (the command line now, profiles later) become one ordered list of settings.
 */
#ifndef POLICY_SETTING_H
#define POLICY_SETTING_H

#include "base/arena.h"
#include "base/error.h"
#include <sbx/option.h>

struct setting {
    const struct sbx_option *option;
    const char *value;  /* as written; "" for a flag */
    const char *origin; /* "--rw #2", "build.yaml:12:5" */
};

struct settings {
    struct setting *items;
    size_t count;
    size_t capacity;
};

/**
 * Append a copy of (@option, @value, @origin) to @settings, strings owned by @arena.
 * The value is parsed later, by spec_build().  Returns 0 or -ENOMEM.
 */
int settings_add(struct settings *settings, struct arena *arena, const struct sbx_option *option,
                 const char *value, const char *origin, struct sbx_error *err);

#endif
