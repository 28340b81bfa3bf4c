/* SPDX-License-Identifier: Apache-2.0 */
/* Going on as the whole program.  A handover that fails, or that comes too late, ends sbx: nothing
 * is ever done without the part that was needed. */
#include "base/whole.h"

#include "base/cleanup.h"
#include "cli/message.h"
#include "cli/verb.h"
#include "kernel/program.h"
#include "quick/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

static char **arguments;
static int were_closed;
static bool decided;

void whole_begin(char **argv, int closed)
{
    arguments = argv;
    were_closed = closed;
}

void whole_decided(void)
{
    decided = true;
}

static _Noreturn void fail(struct sbx_error *err)
{
    message_error(err);
    _exit(EXIT_SBX_FAILED);
}

void whole_needed(void)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct sbx_error err = {.kind = SBX_ERROR_INTERNAL};
    const char *path = NULL;

    if (decided) {
        snprintf(err.message, sizeof(err.message),
                 "a part of " PROGRAM_WHOLE " is needed too late, when the launch has begun");
        snprintf(err.hint, sizeof(err.hint),
                 "this is a fault of sbx: please report it; " PROGRAM_WHOLE
                 " run with the same arguments does without");
        fail(&err);
    }
    if (arena == NULL || program_helper(arena, PROGRAM_WHOLE, &path) < 0) {
        err.number = ENOMEM;
        snprintf(err.message, sizeof(err.message), PROGRAM_WHOLE " can't be started");
        fail(&err);
    }
    for (int fd = 0; fd <= 2; fd++)
        if ((were_closed & 1 << fd) != 0)
            (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    if (path != NULL)
        execve(path, arguments, environ);
    err.number = path == NULL ? ENOENT : errno;
    snprintf(err.message, sizeof(err.message), PROGRAM_WHOLE " can't be started");
    snprintf(err.hint, sizeof(err.hint),
             "it belongs to sbx: install it beside sbx, or in %s, with the same owner",
             program_helpers);
    fail(&err);
}
