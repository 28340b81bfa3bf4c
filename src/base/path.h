/* SPDX-License-Identifier: Apache-2.0 */
/* Lexical work on absolute paths.  Nothing here touches a file system. */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include "base/arena.h"
#include <stdbool.h>

/**
 * Return @path, taken relative to @base where it is not absolute, with //, "." and ".." removed
 * lexically; owned by @arena.  NULL out of memory.  @base must be absolute.
 */
char *path_absolute(struct arena *arena, const char *base, const char *path);

/** Is @path as path_absolute() leaves it: absolute, without //, ".", ".." and a slash at its end?
 */
bool path_is_normal(const char *path);

/** Is @path, absolute or not, the root directory by its name: "/", "//", "/."? */
bool path_is_root(const char *path);

/** Is @path the directory @ancestor itself or below it?  Both normalised and absolute. */
bool path_is_within(const char *path, const char *ancestor);

/** Is @path strictly below @ancestor? */
bool path_is_below(const char *path, const char *ancestor);

/**
 * The part of @path after @ancestor, without a leading slash ("" where they are equal), a pointer
 * into @path; NULL where @path is not within @ancestor.
 */
const char *path_relative(const char *path, const char *ancestor);

/** Do @path below @base and @other below @other_base have the same name there? */
bool path_is_same_below(const char *path, const char *base, const char *other,
                        const char *other_base);

/** @directory/@name in @arena, with one slash between; @name may be "". */
char *path_join(struct arena *arena, const char *directory, const char *name);

/** The parent directory ("/" for "/"), in @arena. */
char *path_parent(struct arena *arena, const char *path);

/**
 * Order paths so that a directory comes right before everything below it: bytewise, with '/'
 * lower than any other byte.  Returns <0, 0, >0 as strcmp(3) does.
 */
int path_compare(const char *left, const char *right);

#endif
