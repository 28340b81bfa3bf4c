/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_SETTINGS_H
#define LIB_SETTINGS_H

#include "kernel/host.h"
#include "policy/setting.h"

#include <sbx/sbx.h>

struct sbx_settings {
    struct arena *arena;
    struct settings list;
    struct host_strings profile_files; /* named by their path: as guarded as the directories are */
};

#endif
