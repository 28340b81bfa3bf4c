/* SPDX-License-Identifier: Apache-2.0 */
#include "run/child.h"

#include "init/wire.h"
#include "run/place.h"
#include "run/step.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static void copy_text(char *buffer, size_t size, const char *text)
{
    size_t length = strnlen(text, size - 1);

    memcpy(buffer, text, length);
    buffer[length] = '\0';
}

_Noreturn static void child_fail(const struct child *child, int number)
{
    struct child_failure failure = {
        .type = CHILD_FAILURE_TYPE,
        .step = child->step,
        .number = number,
    };

    copy_text(failure.what, sizeof(failure.what), child->what != NULL ? child->what : "");
    copy_text(failure.reason, sizeof(failure.reason), child->reason);
    (void)send(child->control, &failure, sizeof(failure), MSG_NOSIGNAL);
    _exit(125);
}

/* The launcher may be killed before the death signal is set, and getppid() tells nothing across
 * PID namespaces: its end of the control socket does. */
static void die_with_launcher(struct child *child)
{
    struct pollfd control = {.events = 0};
    int result = place_begin(child); /* closes the launcher's end of the socket, too */

    if (result < 0)
        child_fail(child, -result);
    control.fd = child->control;
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
        child_fail(child, errno);
    if (poll(&control, 1, 0) > 0 && (control.revents & (POLLHUP | POLLERR)) != 0)
        _exit(125);
}

/* Until sbx has put this process into its cgroup.  End of file: it could not, or is gone. */
static void wait_for_launcher(const struct child *child)
{
    uint32_t message = 0;

    if (recv(child->control, &message, sizeof(message), 0) != (ssize_t)sizeof(message) ||
        message != WIRE_GO)
        _exit(125);
}

/* What comes before all steps is told of as a part of the last one, which needs it. */
static uint32_t last_step(const struct plan *plan)
{
    const struct step *init = plan_step(plan, STEP_INIT);

    return init == NULL ? 0 : (uint32_t)(init - plan->steps.items);
}

_Noreturn void child_run(const struct plan *plan, const struct child_inputs *inputs)
{
    struct child child = {
        .plan = plan,
        .inputs = inputs,
        .control = inputs->control,
        .step = last_step(plan),
        .what = "set the descriptors apart",
        .root = -EBADF,
        .staging = -EBADF,
        .procfs = -EBADF,
        .maker_pidfd = -EBADF,
        .made = -EBADF,
        .place = {.fd = -EBADF},
        .source = {.fd = -EBADF},
        .entered = -EBADF,
    };

    const struct sigaction ignore = {.sa_handler = SIG_IGN};

    die_with_launcher(&child);
    if (inputs->wait)
        wait_for_launcher(&child);
    if (inputs->ignore_sigchld)
        (void)sigaction(SIGCHLD, &ignore, NULL);
    child.umask = umask(0);
    for (size_t i = 0; i < plan->steps.count; i++) {
        const struct step *step = &plan->steps.items[i];
        const struct step_ops *ops = &step_ops[step->kind];
        int result;

        if (ops->stage != STEP_STAGE_CHILD)
            continue;
        child.step = (uint32_t)i;
        child.what = NULL;
        child.reason[0] = '\0';
        result = ops->apply(&child, step);
        if (result == 0)
            result = place_sweep(&child);
        if (result < 0)
            child_fail(&child, -result);
    }
    child_fail(&child, ENOEXEC); /* a plan without STEP_INIT */
}
