/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/shipped.h"

#include "base/io.h"
#include "base/path.h"
#include "policy/profile.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

const char *shipped_directory(struct arena *arena)
{
    const char *build = getenv("SBX_BUILD");

    if (build != NULL)
        return arena_printf(arena, "%s/share/sbx/profiles", build);
    return path_absolute(arena, fixture_directory(arena, "hosts"), "../../../profiles");
}

static bool is_there(const struct profile_layers *layers, const char *name)
{
    for (size_t i = 0; i < layers->count; i++)
        if (strcmp(layers->items[i].profile->name, name) == 0)
            return true;
    return false;
}

/* What @name extends, depth first and each once, then itself. */
static void add_layers(struct arena *arena, const char *name, struct profile_layers *layers)
{
    const char *label = arena_printf(arena, "%s.yaml", name);
    const char *path = arena_printf(arena, "%s/%s", shipped_directory(arena), label);
    struct profile *profile = arena_alloc(arena, sizeof(*profile));
    struct profile_problems problems = {0};
    struct profile_layer *layer;
    char *text;
    size_t size;

    if (is_there(layers, name))
        return;
    cr_assert_eq(io_read_file(arena, AT_FDCWD, path, PROFILE_MAX_SIZE, &text, &size), 0,
                 "cannot read %s", path);
    cr_assert_eq(profile_read(arena, name, label, path, text, size, profile, &problems, NULL), 0,
                 "%s: %s", path, problems.count > 0 ? problems.items[0].message : "?");
    for (size_t i = 0; i < profile->extends.count; i++)
        add_layers(arena, profile->extends.items[i].word, layers);
    layer = ARENA_PUSH(arena, layers);
    layer->profile = profile;
}

/* The host as host_probe_profile() would see it; a pattern fits nothing there. */
static void look(struct arena *arena, const struct fixture *fixture,
                 const struct host_request *request, struct host *host)
{
    fixture_probe(arena, fixture, request, host);
    for (size_t i = 0; i < request->patterns.count; i++) {
        struct host_pattern *pattern = ARENA_PUSH(arena, &host->patterns);

        pattern->pattern = request->patterns.items[i];
    }
}

int shipped_settings(struct arena *arena, const struct fixture *fixture, const char *name,
                     struct settings *settings, struct sbx_error *err)
{
    struct profile_layers layers = {0};
    struct profile_problems problems = {0};
    struct host_request request = {0};
    struct settings found = {0};
    struct host host = {0};
    int r;

    add_layers(arena, name, &layers);
    fixture_caller(arena, fixture, &host);
    cr_assert_eq(profile_request(arena, &layers, &host, &request, err), 0);
    request.command = ""; /* it is asked for later, with the plan */
    look(arena, fixture, &request, &host);
    r = profile_settings(arena, &layers, &host, &found, &problems, err);
    if (problems.count > 0) {
        error_usage(err, profile_origin(arena, layers.items[0].profile, problems.items[0].mark),
                    "%s", problems.items[0].message);
        return -EINVAL;
    }
    for (size_t i = 0; r == 0 && i < found.count; i++) {
        const struct setting *setting = &found.items[i];

        r = settings_add(settings, arena, setting->option, setting->value,
                         arena_printf(arena, "--%s %s", setting->option->name, setting->origin),
                         err);
    }
    return r;
}
