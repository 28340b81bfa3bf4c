/* SPDX-License-Identifier: Apache-2.0 */
/* The surroundings of a launch: a caller's home, working directory and files, and what must be as
 * it was before when the launch is over. */
#ifndef WORLD_H
#define WORLD_H

#include "trace.h"

#include <limits.h>

#define WORLD_MAX_TEXT (256 * 1024)
#define WORLD_MAX_ARGS 64

/** A kind of launch: a name, and the options of `sbx run`, with "@" for the world's root. */
struct variant {
    const char *name;
    const char *const *options;
};

extern const struct variant variants[];
extern const size_t variant_count;

struct world {
    char root[PATH_MAX / 2];
    char sbx[PATH_MAX];
    char directory[PATH_MAX]; /* the working directory */
    int input;                /* descriptors 0, 1, 2 and 9 of sbx */
    int output;
    int error;
    int leaked;
    int listener; /* an abstract socket of the host */
    int socket;   /* one with a path, in the working directory */
    char *argv[WORLD_MAX_ARGS];
    char *environment[16];
    char *listing; /* the files of the world, as they ought to be */
    char *mounts;  /* those of the host; NULL where they aren't the caller's own */
};

/** What a launch has said. */
struct world_output {
    char facts[WORLD_MAX_TEXT]; /* of the witness */
    char error[8192];           /* standard error of sbx */
    char report[16384];         /* "" where there is none */
};

/** Make a world below @base, number @number.  Returns 0, or -1 with a message printed. */
int world_make(struct world *world, const char *base, unsigned number, const char *sbx,
               const char *witness);

/** Choose the kind of launch. */
int world_choose(struct world *world, const struct variant *variant);

/** Forget what the last launch has said. */
int world_reset(struct world *world);
void world_program(const struct world *world, struct trace_program *ret_program);
void world_read(const struct world *world, struct world_output *ret_output);

/** From now on the world has to stay as it is. */
int world_remember(struct world *world);

/** Is something there that wasn't, or is something gone?  True, with its name, if so. */
bool world_changed(const struct world *world, char *what, size_t size);

/** Enter a mount namespace of one's own where that is allowed: nobody else's mounts are then taken
 * for a launch's, and from then on worlds look at them. */
void world_isolate_mounts(void);

void world_free(struct world *world);

#endif
