/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *signal_name(int signal, char buffer[static SIGNAL_NAME_SIZE])
{
    const char *abbreviation = sigabbrev_np(signal);

    if (abbreviation != NULL)
        snprintf(buffer, SIGNAL_NAME_SIZE, "SIG%s", abbreviation);
    else if (signal >= SIGRTMIN && signal <= SIGRTMAX)
        snprintf(buffer, SIGNAL_NAME_SIZE, "SIGRTMIN+%d", signal - SIGRTMIN);
    else
        snprintf(buffer, SIGNAL_NAME_SIZE, "signal %d", signal);
    return buffer;
}

void text_copy(char *buffer, size_t size, const char *text)
{
    size_t length;

    if (size == 0)
        return;
    length = strlen(text);
    if (length < size) {
        memcpy(buffer, text, length + 1);
        return;
    }
    memcpy(buffer, text, size - 1);
    buffer[size - 1] = '\0';
    if (size > 4)
        memcpy(buffer + size - 4, "...", 3);
}

__attribute__((format(printf, 4, 0))) static void error_fill(struct sbx_error *err,
                                                             enum sbx_error_kind kind, int number,
                                                             const char *format, va_list arguments)
{
    int length;

    *err = (struct sbx_error){.kind = kind, .number = number};
    length = vsnprintf(err->message, sizeof(err->message), format, arguments);
    if (length >= (int)sizeof(err->message))
        memcpy(err->message + sizeof(err->message) - 4, "...", 3);
}

int error_set(struct sbx_error *err, enum sbx_error_kind kind, int number, const char *operation,
              const char *path, const char *format, ...)
{
    int result = number > 0 ? -number : -EINVAL;
    va_list arguments;

    if (err == NULL || err->kind != SBX_ERROR_NONE)
        return result;
    va_start(arguments, format);
    error_fill(err, kind, number, format, arguments);
    va_end(arguments);
    if (operation != NULL)
        text_copy(err->operation, sizeof(err->operation), operation);
    if (path != NULL)
        text_copy(err->path, sizeof(err->path), path);
    return result;
}

int error_usage(struct sbx_error *err, const char *origin, const char *format, ...)
{
    va_list arguments;

    if (err == NULL || err->kind != SBX_ERROR_NONE)
        return -EINVAL;
    va_start(arguments, format);
    error_fill(err, SBX_ERROR_USAGE, 0, format, arguments);
    va_end(arguments);
    error_add_origin(err, origin);
    return -EINVAL;
}

int error_oom(struct sbx_error *err)
{
    return error_set(err, SBX_ERROR_INTERNAL, ENOMEM, "memory", NULL, "out of memory");
}

void error_add_origin(struct sbx_error *err, const char *origin)
{
    if (err != NULL && origin != NULL && err->origin[0] == '\0')
        text_copy(err->origin, sizeof(err->origin), origin);
}

void error_add_hint(struct sbx_error *err, const char *hint)
{
    if (err != NULL && hint != NULL && err->hint[0] == '\0')
        text_copy(err->hint, sizeof(err->hint), hint);
}
