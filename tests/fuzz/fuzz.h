/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the fuzz targets share.
 *
 * A target is one file NAME.c with LLVMFuzzerTestOneInput().  It reads its input, calls what it is
 * about and CHECKs what has to hold whatever the bytes are; what goes wrong in memory is found by
 * the sanitizers.  libFuzzer drives it in a build of the preset fuzz.  NAME.corpus/ holds the
 * inputs that are worth keeping; the ordinary tests replay them (replay/main.c), so a target must
 * behave the same each time, on any machine, as any user.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include "base/arena.h"
#include "base/error.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** It has to hold; the rest is a printf(3) format that says what does not. */
#define CHECK(condition, ...)                                                                      \
    ((condition) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #condition, " " __VA_ARGS__))

__attribute__((format(printf, 4, 5))) static inline _Noreturn void
fuzz_fail(const char *file, int line, const char *condition, const char *format, ...)
{
    va_list arguments;

    fprintf(stderr, "%s:%d: %s:", file, line, condition);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    abort();
}

/** A refusal is one that a user can read: of kind usage, with a message and an origin. */
static inline void check_refusal(int result, const struct sbx_error *err)
{
    CHECK(result < 0 && result != -ENOMEM && err->kind == SBX_ERROR_USAGE, "%d: %s", result,
          err->message);
    CHECK(err->message[0] != '\0' && err->origin[0] != '\0', "%s [%s]", err->message, err->origin);
}

/* ------------------------------------------------------------------ taking an input apart */

struct input {
    const uint8_t *data;
    size_t size;
};

/** The next @count bytes as a number, lowest first; what is missing is 0. */
static inline uint64_t input_number(struct input *input, size_t count)
{
    uint64_t number = 0;

    for (size_t i = 0; i < count && input->size > 0; i++) {
        number |= (uint64_t)input->data[0] << (8 * i);
        input->data++;
        input->size--;
    }
    return number;
}

/** The next @size bytes, or as many as there are. */
static inline struct input input_part(struct input *input, size_t size)
{
    struct input part = {.data = input->data, .size = size < input->size ? size : input->size};

    input->data += part.size;
    input->size -= part.size;
    return part;
}

/** What comes before the next @end (or NUL), as a string of its own in @arena; both are taken. */
static inline char *input_text(struct input *input, struct arena *arena, char end)
{
    size_t length = 0;
    char *text;

    while (length < input->size && input->data[length] != (uint8_t)end &&
           input->data[length] != '\0')
        length++;
    text = arena_alloc(arena, length + 1);
    CHECK(text != NULL);
    if (length > 0)
        memcpy(text, input->data, length);
    (void)input_part(input, length + 1);
    return text;
}

#endif
