/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a profile.  What can be read is worked out for a small host, written as YAML and
 * read again: it has to come to the same.
 */
#include "policy/profile.h"
#include "base/arena.h"
#include "policy/profile_write.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const environment[] = {"HOME=/home/u", "PATH=/usr/bin", NULL};

/* Every path that is asked about is a file, every other pattern has two matches. */
static void answer(struct arena *arena, const struct host_request *request, struct host *host)
{
    for (size_t i = 0; i < request->paths.count; i++) {
        const struct host_path fact = {.path = request->paths.items[i],
                                       .canonical = request->paths.items[i],
                                       .type = HOST_FILE_REGULAR,
                                       .error = i % 2 == 1 ? ENOENT : 0};

        if (host_paths_add(&host->paths, arena, &fact) < 0)
            abort();
    }
    for (size_t i = 0; i < request->patterns.count; i++) {
        struct host_pattern *fact = ARENA_PUSH(arena, &host->patterns);

        if (fact == NULL)
            abort();
        fact->pattern = request->patterns.items[i];
        if (i % 2 == 0 && (host_strings_add(&fact->matches, arena, "/a:b*c\\d") < 0 ||
                           host_strings_add(&fact->matches, arena, "/e${f}") < 0))
            abort();
    }
}

static int work_out(struct arena *arena, const struct profile *profile, struct settings *settings)
{
    struct host host = {.uid = 1000,
                        .gid = 1000,
                        .user = "u",
                        .passwd_home = "/home/u",
                        .cwd = "/home/u/p",
                        .environment = environment,
                        .landlock_abi = 6};
    struct profile_layer layer = {.profile = profile};
    struct profile_layers layers = {.items = &layer, .count = 1};
    struct profile_problems problems = {0};
    struct host_request request;
    struct sbx_error err = {0};

    if (profile_request(arena, &layers, &host, &request, &err) < 0)
        abort();
    answer(arena, &request, &host);
    return profile_settings(arena, &layers, &host, settings, &problems, &err);
}

static void write_and_read(struct arena *arena, const struct settings *settings)
{
    struct profile_problems problems = {0};
    struct profile profile;
    struct settings again = {0};
    struct sbx_error err = {0};
    char *text;

    if (profile_write_yaml(arena, settings, "x", &text, &err) < 0)
        abort();
    if (profile_read(arena, "x", "x.yaml", "x.yaml", text, strlen(text), &profile, &problems,
                     &err) < 0) {
        fprintf(stderr, "%s\n%s\n", text, problems.count > 0 ? problems.items[0].message : "?");
        abort();
    }
    if (work_out(arena, &profile, &again) < 0 || again.count != settings->count) {
        fprintf(stderr, "%s\n", text);
        abort();
    }
    for (size_t i = 0; i < again.count; i++)
        if (again.items[i].option != settings->items[i].option ||
            strcmp(again.items[i].value, settings->items[i].value) != 0) {
            fprintf(stderr, "'%s' '%s'\n%s\n", again.items[i].value, settings->items[i].value,
                    text);
            abort();
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    char *text = arena == NULL ? NULL : arena_alloc(arena, size + 1);
    struct profile_problems problems = {0};
    struct profile profile;
    struct settings settings = {0};
    struct sbx_error err = {0};

    if (text == NULL)
        abort();
    memcpy(text, data, size);
    if (profile_read(arena, "x", "x.yaml", "x.yaml", text, size, &profile, &problems, &err) < 0) {
        /* whatever is wrong is told */
        if (problems.count == 0)
            abort();
    } else if (work_out(arena, &profile, &settings) == 0) {
        write_and_read(arena, &settings);
    }
    arena_free(arena);
    return 0;
}
