/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/spec_cgroup.h"

#include "policy/value.h"

#include <errno.h>

#define MAX_WEIGHT 10000

static int build_memory(const char *value, const char *origin, struct spec_number *number,
                        struct sbx_error *err)
{
    uint64_t bytes;
    int r = value_size(value, origin, &bytes, err);

    if (r < 0)
        return r;
    if (bytes == 0) {
        r = error_usage(err, origin, "with no memory at all nothing can run");
        error_add_hint(err, "leave the option out for no limit, or write a size such as 256M");
        return r;
    }
    *number = (struct spec_number){.value = bytes, .origin = origin};
    return 0;
}

static int build_view(const char *value, const char *origin, struct spec_cgroup *cgroup,
                      struct sbx_error *err)
{
    static const enum spec_cgroup_view views[] = {SPEC_CGROUP_AUTO, SPEC_CGROUP_DELEGATE,
                                                  SPEC_CGROUP_NONE};
    unsigned index;
    int r = value_choice(value, origin, option_by_id(OPTION_CGROUP)->choices, &index, err);

    if (r < 0)
        return r;
    cgroup->view = views[index];
    cgroup->view_origin = origin;
    return 0;
}

int spec_cgroup_build(struct arena *arena, enum option_id id, const char *value, const char *origin,
                      struct spec_cgroup *cgroup, struct sbx_error *err)
{
    struct spec_number number = {.origin = origin};
    struct spec_text text = {.origin = origin};
    int r;

    switch (id) {
    case OPTION_MEMORY:
        return build_memory(value, origin, &cgroup->memory, err);
    case OPTION_SWAP:
        r = value_size(value, origin, &number.value, err);
        if (r == 0)
            cgroup->swap = number;
        return r;
    case OPTION_CPUS:
        r = value_cpus(value, origin, &number.value, err);
        if (r == 0)
            cgroup->cpus = number;
        return r;
    case OPTION_IO_WEIGHT:
        r = value_count(value, origin, 1, MAX_WEIGHT, &number.value, err);
        if (r == 0)
            cgroup->io_weight = number;
        return r;
    case OPTION_CPUSET:
        r = value_cpu_list(arena, value, origin, &text.value, err);
        if (r == 0)
            cgroup->cpuset = text;
        return r;
    case OPTION_CGROUP_PARENT:
        r = value_path(arena, value, origin, &text.value, err);
        if (r == 0)
            cgroup->parent = text;
        return r;
    case OPTION_CGROUP:
        return build_view(value, origin, cgroup, err);
    default:
        return error_set(err, SBX_ERROR_INTERNAL, ENOSYS, "spec", NULL,
                         "this option is no limit of a cgroup");
    }
}
