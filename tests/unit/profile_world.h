/* SPDX-License-Identifier: Apache-2.0 */
/* Profiles as text and a host by hand: what comes of them, as lines. */
#ifndef UNIT_PROFILE_WORLD_H
#define UNIT_PROFILE_WORLD_H

#include "policy/profile.h"

/** One test's profiles and host.  Everything lives in @arena. */
struct profile_world {
    struct arena *arena;
    struct host host;
    struct profile_layers layers;
    struct profile_problems problems;
    struct settings settings;
    struct sbx_error err;
    const char *yaml; /* of profile_world_again() */
};

/** One for a test, with an arena of its own. */
#define PROFILE_WORLD(world)                                                                       \
    _cleanup_arena_ struct arena *arena = arena_new();                                             \
    struct profile_world world = profile_world_new(arena)

/** A user with HOME=/home/u in /home/u/work, on a new kernel. */
struct profile_world profile_world_new(struct arena *arena);

/** Put a layer on top of those that are there; NAME.yaml is what origins call it. */
void profile_world_add(struct profile_world *world, const char *name, const char *text);

/** A path that is there; one that leads elsewhere; one that can't be looked at. */
void profile_world_has(struct profile_world *world, const char *path);
void profile_world_link(struct profile_world *world, const char *path, const char *canonical);
void profile_world_fails(struct profile_world *world, const char *path, int number);

/** What an absolute pattern stands for: paths with a blank between; or an error. */
void profile_world_fits(struct profile_world *world, const char *pattern, const char *matches);
void profile_world_cannot_tell(struct profile_world *world, const char *pattern, int number);

/** profile_request(), then profile_settings(): what nobody has said is there is missing. */
int profile_world_settle(struct profile_world *world);

/** Write the settings as YAML, read that and settle again, in place of all layers. */
int profile_world_again(struct profile_world *world);

/** "ro /etc\npids 5\n": the settings; with origins "ro /etc [a.yaml:3:7]". */
const char *profile_world_text(const struct profile_world *world);
const char *profile_world_origins(const struct profile_world *world);

/** "a.yaml:3:7 message (hint)\n": the problems. */
const char *profile_world_problems(const struct profile_world *world);

/** Settle, and expect these lines as the text, or as the problems. */
void profile_world_expect(struct profile_world *world, const char *lines);
void profile_world_expect_problems(struct profile_world *world, const char *lines);

#endif
