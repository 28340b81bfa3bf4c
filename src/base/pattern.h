/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shell patterns (glob(7)) for one component of a path: `*`, `?`, `[...]` with ranges, classes such
 * as [:digit:] (ASCII) and `!` or `^` in front, and a backslash before what stands for itself.
 * Characters are those of UTF-8, whatever the locale; a byte that is none counts as one.
 */
#ifndef BASE_PATTERN_H
#define BASE_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

/**
 * Does @name fit @pattern, a component of @length bytes?  A dot at the start of @name has to be
 * written.
 */
bool pattern_fits(const char *pattern, size_t length, const char *name);

/**
 * Where the component can only stand for one name ("a", "\*", "[*]"), write that to @ret_name, of
 * @length + 1 bytes, and return true.
 */
bool pattern_is_literal(const char *pattern, size_t length, char *ret_name);

#endif
