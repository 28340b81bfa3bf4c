/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/terminal.h"

#include "base/error.h"

#include <errno.h>
#include <string.h>

const char *terminal_unguarded_by(const struct spec *spec)
{
    const char *origin = spec->seccomp == SPEC_SECCOMP_OFF ? spec->seccomp_origin : NULL;

    /* the refusals are conditions on ioctl(2), which an unconditional rule replaces */
    for (size_t i = 0; i < spec->syscalls.count; i++)
        if (strcmp(spec->syscalls.items[i].name, "ioctl") == 0)
            origin = spec->syscalls.items[i].allow ? spec->syscalls.items[i].origin : NULL;
    return origin;
}

/* Who asked for what a shared terminal can't give: a guard, or a count of the output. */
static const char *own_terminal_by(const struct spec *spec)
{
    const char *unguarded = terminal_unguarded_by(spec);

    return unguarded != NULL ? unguarded : spec->max_output.origin;
}

static enum plan_terminal_mode mode_of(const struct spec *spec)
{
    switch (spec->tty) {
    case SPEC_TTY_NEW:
        return PLAN_TERMINAL_OWN;
    case SPEC_TTY_NONE:
        return PLAN_TERMINAL_NONE;
    case SPEC_TTY_INHERIT:
        return PLAN_TERMINAL_SHARED;
    case SPEC_TTY_AUTO:
        break;
    }
    return own_terminal_by(spec) == NULL ? PLAN_TERMINAL_SHARED : PLAN_TERMINAL_OWN;
}

static bool is_terminal(const struct host_fd *fd)
{
    return fd != NULL && fd->terminal;
}

/* Of a pipeline, the member that prints to the terminal is the one that may ask for a key: less(1)
 * at its end, but not what feeds it.  A command that prints to a file has no such member after it.
 */
static bool takes_keyboard(const struct host_fd *input, const struct host_fd *output)
{
    return is_terminal(output) || (is_terminal(input) && output != NULL && !output->pipe);
}

struct plan_terminal terminal_decide(const struct spec *spec, const struct host *host)
{
    struct plan_terminal terminal = {.mode = mode_of(spec), .origin = spec->tty_origin};

    if (spec->tty == SPEC_TTY_AUTO && terminal.mode != PLAN_TERMINAL_SHARED)
        terminal.origin = own_terminal_by(spec);
    if (terminal.mode == PLAN_TERMINAL_SHARED)
        return terminal;
    for (int fd = 0; fd <= 2; fd++)
        if (is_terminal(host_fd_find(host, fd)))
            terminal.replaced |= 1U << fd;
    /* no terminal to stand for, nobody to relay to */
    if (terminal.replaced == 0)
        terminal.mode = PLAN_TERMINAL_NONE;
    terminal.keyboard = terminal.mode == PLAN_TERMINAL_OWN &&
                        takes_keyboard(host_fd_find(host, 0), host_fd_find(host, 1));
    return terminal;
}

int terminal_check(const struct spec *spec, const struct host *host, struct sbx_error *err)
{
    if (mode_of(spec) == PLAN_TERMINAL_SHARED)
        return 0;
    for (size_t i = 0; i < spec->keep_fds.count; i++) {
        int number = spec->keep_fds.items[i].fd;

        if (!is_terminal(host_fd_find(host, number)))
            continue;
        error_usage(err, spec->keep_fds.items[i].origin,
                    "descriptor %d is a terminal, which the command is not to have", number);
        error_add_hint(err, "leave it out, or share the terminal with --tty inherit");
        return -EINVAL;
    }
    return 0;
}
