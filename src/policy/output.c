/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/output.h"

#include "base/error.h"

#include <errno.h>

static bool is_piped(const struct host_fd *fd, const struct plan_terminal *terminal)
{
    return fd != NULL && fd->writable && !terminal_replaces(terminal, fd->fd);
}

struct plan_output output_decide(const struct spec *spec, const struct host *host,
                                 const struct plan_terminal *terminal)
{
    struct plan_output output = {.origin = spec->max_output.origin, .most = spec->max_output.value};
    const struct host_fd *second = host_fd_find(host, 2);

    for (int fd = 1; fd <= 2 && output.origin != NULL; fd++)
        if (is_piped(host_fd_find(host, fd), terminal))
            output.piped |= 1U << fd;
    output.joined = output.piped == (1U << 1 | 1U << 2) && second->same == 1;
    return output;
}

int output_check(const struct spec *spec, const struct host *host, struct sbx_error *err)
{
    const char *origin = spec->max_output.origin;
    const struct host_fd *input = host_fd_find(host, 0);

    if (origin == NULL)
        return 0;
    if (spec->tty == SPEC_TTY_INHERIT) {
        error_usage(err, origin,
                    "what goes to a terminal that the command shares can't be counted (%s)",
                    spec->tty_origin);
        error_add_hint(err, "--tty new gives the command a terminal of its own, --tty none none");
        return -EINVAL;
    }
    for (int fd = 1; fd <= 2; fd++) {
        const struct host_fd *output = host_fd_find(host, fd);

        if (input == NULL || !input->writable || input->terminal || output == NULL ||
            output->same != 0)
            continue;
        error_usage(err, origin,
                    "standard input is the same as descriptor %d, and what is written to it can't "
                    "be counted",
                    fd);
        error_add_hint(err, "give the command an input of its own, such as </dev/null");
        return -EINVAL;
    }
    return 0;
}
