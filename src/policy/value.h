/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strict parsers of option values, one for each enum sbx_value_kind.  Each takes the text and the
 * origin for its message, writes ret_x only on success, and returns 0 or -EINVAL (-ENOMEM) with
 * @err filled.  Strings that are returned live in @arena.  Pure; safe from any thread.
 */
#ifndef POLICY_VALUE_H
#define POLICY_VALUE_H

#include "base/arena.h"
#include "base/error.h"
#include "policy/spec.h"

#include <stdint.h>

/** A decimal number from @min to @max, nothing before or after it. */
int value_count(const char *text, const char *origin, uint64_t min, uint64_t max,
                uint64_t *ret_number, struct sbx_error *err);

/** Bytes: a whole number, then nothing or K, M or G (powers of 1024); overflow is an error. */
int value_size(const char *text, const char *origin, uint64_t *ret_bytes, struct sbx_error *err);

/** A duration in milliseconds: "1.5s", "200ms", "2min", "1h", "10" (seconds); more than zero. */
int value_time(const char *text, const char *origin, uint64_t *ret_milliseconds,
               struct sbx_error *err);

/** The index of @text among @choices ("none|host"). */
int value_choice(const char *text, const char *origin, const char *choices, unsigned *ret_index,
                 struct sbx_error *err);

/** A path that is not empty. */
int value_path(struct arena *arena, const char *text, const char *origin, const char **ret_path,
               struct sbx_error *err);

/**
 * SRC[:DST[:FLAGS]] into source, target (SRC where absent) and flags.  "\:" is a colon within a
 * path, "\\" a backslash.  FLAGS is a comma list of `noexec` and `optional`.
 */
int value_bind(struct arena *arena, const char *text, const char *origin, struct spec_mount *ret,
               struct sbx_error *err);

/**
 * PATH[:size=SIZE,mode=OCTAL,inodes=N] into target, size and inodes (0: the default) and mode
 * (default 0755).
 */
int value_tmpfs(struct arena *arena, const char *text, const char *origin, struct spec_mount *ret,
                struct sbx_error *err);

/** DST=SRC into target and source; "\=" is an equals sign within DST. */
int value_file(struct arena *arena, const char *text, const char *origin, struct spec_mount *ret,
               struct sbx_error *err);

/** A number of processors in hundredths: "2", "0.5"; more than zero. */
int value_cpus(const char *text, const char *origin, uint64_t *ret_hundredths,
               struct sbx_error *err);

/** A list of processors as the kernel takes it: "0-3,5". */
int value_cpu_list(struct arena *arena, const char *text, const char *origin, const char **ret_list,
                   struct sbx_error *err);

/** NAME or NAME=VALUE; NAME is not empty; *ret_value is NULL where there is no "=". */
int value_env(struct arena *arena, const char *text, const char *origin, const char **ret_name,
              const char **ret_value, struct sbx_error *err);

#endif
