/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/profile_world.h"

#include "policy/profile_write.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static const char *const environment[] = {"HOME=/home/u", "PATH=/usr/bin", NULL};

struct profile_world profile_world_new(struct arena *arena)
{
    return (struct profile_world){.arena = arena,
                                  .host = {.uid = 1000,
                                           .gid = 1000,
                                           .user = "u",
                                           .passwd_home = "/home/u",
                                           .cwd = "/home/u/work",
                                           .environment = environment,
                                           .landlock_abi = 7}};
}

void profile_world_add(struct profile_world *world, const char *name, const char *text)
{
    struct profile *profile = arena_alloc(world->arena, sizeof(*profile));
    struct profile_layer *layer = ARENA_PUSH(world->arena, &world->layers);
    const char *file = arena_printf(world->arena, "%s.yaml", name);
    const char *whole = arena_printf(world->arena, "sbx: 1\n%s", text);
    int r = profile_read(world->arena, name, file, file, whole, strlen(whole), profile,
                         &world->problems, &world->err);

    cr_assert_eq(r, 0, "%s: %s", name, profile_world_problems(world));
    layer->profile = profile;
}

static void add_fact(struct profile_world *world, const char *path, const char *canonical,
                     int number)
{
    const struct host_path fact = {.path = path,
                                   .canonical = canonical,
                                   .type = number == 0 ? HOST_FILE_DIRECTORY : HOST_FILE_MISSING,
                                   .error = number};

    cr_assert_eq(host_paths_add(&world->host.paths, world->arena, &fact), 0);
}

void profile_world_has(struct profile_world *world, const char *path)
{
    add_fact(world, path, path, 0);
}

void profile_world_link(struct profile_world *world, const char *path, const char *canonical)
{
    add_fact(world, path, canonical, 0);
}

void profile_world_fails(struct profile_world *world, const char *path, int number)
{
    add_fact(world, path, NULL, number);
}

void profile_world_fits(struct profile_world *world, const char *pattern, const char *matches)
{
    struct host_pattern *fact = ARENA_PUSH(world->arena, &world->host.patterns);

    fact->pattern = pattern;
    while (*matches != '\0') {
        size_t length = strcspn(matches, " ");

        host_strings_add(&fact->matches, world->arena,
                         arena_strndup(world->arena, matches, length));
        matches += length + strspn(matches + length, " ");
    }
}

void profile_world_cannot_tell(struct profile_world *world, const char *pattern, int number)
{
    struct host_pattern *fact = ARENA_PUSH(world->arena, &world->host.patterns);

    *fact = (struct host_pattern){.pattern = pattern, .error = number};
}

int profile_world_settle(struct profile_world *world)
{
    struct host_request request = {0};

    cr_assert_eq(profile_request(world->arena, &world->layers, &world->host, &request, &world->err),
                 0);
    for (size_t i = 0; i < request.paths.count; i++)
        if (host_path_find(&world->host, request.paths.items[i]) == NULL)
            profile_world_fails(world, request.paths.items[i], ENOENT);
    for (size_t i = 0; i < request.patterns.count; i++)
        if (host_pattern_find(&world->host, request.patterns.items[i]) == NULL)
            profile_world_fits(world, request.patterns.items[i], "");
    world->settings = (struct settings){0};
    return profile_settings(world->arena, &world->layers, &world->host, &world->settings,
                            &world->problems, &world->err);
}

int profile_world_again(struct profile_world *world)
{
    char *yaml;
    int r = profile_write_yaml(world->arena, &world->settings, "", &yaml, &world->err);

    if (r < 0)
        return r;
    world->yaml = yaml;
    world->layers = (struct profile_layers){0};
    cr_assert_eq(strncmp(yaml, "sbx: 1\n", 7), 0, "%s", yaml);
    profile_world_add(world, "again", yaml + 7);
    return profile_world_settle(world);
}

static const char *lines(const struct profile_world *world, bool origins)
{
    const char *text = "";

    for (size_t i = 0; i < world->settings.count; i++) {
        const struct setting *setting = &world->settings.items[i];

        text = arena_printf(world->arena, "%s%s%s%s", text, setting->option->name,
                            setting->value[0] == '\0' ? "" : " ", setting->value);
        text = origins ? arena_printf(world->arena, "%s [%s]\n", text, setting->origin)
                       : arena_printf(world->arena, "%s\n", text);
    }
    return text;
}

const char *profile_world_text(const struct profile_world *world)
{
    return lines(world, false);
}

const char *profile_world_origins(const struct profile_world *world)
{
    return lines(world, true);
}

const char *profile_world_problems(const struct profile_world *world)
{
    const char *text = "";

    for (size_t i = 0; i < world->problems.count; i++) {
        const struct profile_problem *problem = &world->problems.items[i];

        text = arena_printf(world->arena, "%s%s:%u:%u %s (%s)\n", text, problem->file,
                            problem->mark.line, problem->mark.column, problem->message,
                            problem->hint == NULL ? "" : problem->hint);
    }
    return text;
}

void profile_world_expect(struct profile_world *world, const char *lines_wanted)
{
    cr_assert_eq(profile_world_settle(world), 0, "%s%s", profile_world_problems(world),
                 world->err.message);
    cr_expect_str_eq(profile_world_text(world), lines_wanted);
}

void profile_world_expect_problems(struct profile_world *world, const char *lines_wanted)
{
    cr_assert_eq(profile_world_settle(world), -EINVAL);
    cr_expect_str_eq(profile_world_problems(world), lines_wanted);
    cr_expect_eq(world->settings.count, 0);
}
