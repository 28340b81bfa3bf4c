/* SPDX-License-Identifier: Apache-2.0 */
/* Filling struct sbx_error.  See include/sbx/error.h for the object itself. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <sbx/error.h>
#include <stddef.h>

/**
 * Fill @err (which may be NULL) unless it already holds an error: the lowest level wins.
 * @number is a positive errno or 0; @operation and @path may be NULL.
 * Returns -number, or -EINVAL where @number is 0, so that callers can `return error_set(...)`.
 * Async-signal-safe except for the formatting, which uses vsnprintf(3).
 */
int error_set(struct sbx_error *err, enum sbx_error_kind kind, int number, const char *operation,
              const char *path, const char *format, ...) __attribute__((format(printf, 6, 7)));

/** A wrong option or value: kind USAGE, -EINVAL. @origin says which, such as "--rw #2". */
int error_usage(struct sbx_error *err, const char *origin, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** No memory: kind INTERNAL, returns -ENOMEM. */
int error_oom(struct sbx_error *err);

/** Set the origin or the hint of @err where it is still empty; NULL @err or text is ignored. */
void error_add_origin(struct sbx_error *err, const char *origin);
void error_add_hint(struct sbx_error *err, const char *hint);

/** "SIGTERM", "SIGRTMIN+3": the name of @signal in @buffer, which is returned. */
#define SIGNAL_NAME_SIZE 32
const char *signal_name(int signal, char buffer[static SIGNAL_NAME_SIZE]);

/** Copy @text into @buffer of @size bytes, NUL-terminated; a longer text ends in "...". */
void text_copy(char *buffer, size_t size, const char *text);

#endif
