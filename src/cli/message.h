/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What sbx says on standard error.  Paths and names in it may come from hostile code, so nothing
 * that could steer a terminal or start a new line is printed as it is.
 */
#ifndef CLI_MESSAGE_H
#define CLI_MESSAGE_H

#include <sbx/error.h>
#include <stddef.h>

/** The longest text that message_format() makes, NUL included. */
#define MESSAGE_MAX 8192

/**
 * Copy @text into @buffer with control characters, characters that turn the direction of writing,
 * and bytes that are not UTF-8 written as \n, \t, \xNN or \uNNNN.  What doesn't fit is left out.
 * Returns the length.
 */
size_t message_escape(char *buffer, size_t size, const char *text);

/**
 * One or two lines: "sbx: ORIGIN: MESSAGE: errno's text" and "hint: HINT", each part where it is
 * there.  Always ends in a newline.
 */
void message_format(char *buffer, size_t size, const struct sbx_error *err);

/** Print @err on standard error. */
void message_error(const struct sbx_error *err);

/** Print one line "sbx: ..." on standard error, escaped. */
void message_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Fill @err with a usage error; @origin and @hint may be NULL. Returns -EINVAL. */
int message_usage(struct sbx_error *err, const char *origin, const char *hint, const char *format,
                  ...) __attribute__((format(printf, 4, 5)));

#endif
