/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The network namespace, which another process makes while the child builds the view.
 *
 * Theory of operation.  To make a network namespace takes the kernel longer than all other
 * namespaces and most of the view together, and has nothing to do with them.  So the child forks:
 * the maker leaves the network that it is in, brings the loopback interface of the new one up, says
 * so, and waits; the child enters that namespace by the maker's pidfd, kills the maker, and has it
 * reaped before init is executed.  The maker is in the sandbox's PID namespace: it can't outlive
 * the child.  What it couldn't do ends the launch, and so does its own end; the attestation looks
 * at which network the command is in.
 */
#include "run/child.h"

#include "kernel/netlink.h"
#include "kernel/process.h"
#include "run/place.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Any but the numbers that come first: the command is to be process 2.  It is allowed on every
 * machine: kernel.pid_max is above 300. */
#define MAKER_NUMBER 300

/* What the maker says: 0, or the negative errno of what it was doing. */
struct made {
    int32_t result;
    int32_t at_loopback;
};

/* It keeps nothing open but its end of the pipe: nobody waits for what it might hold, and the loss
 * of the child's end tells it that it is on its own. */
static _Noreturn void make_network(int done)
{
    struct pollfd lost = {.fd = 0};
    struct made made = {0};

    if (dup2(done, 0) < 0 || syscall(SYS_close_range, 1U, ~0U, 0U) < 0 ||
        unshare(CLONE_NEWNET) < 0) {
        made.result = -errno;
    } else {
        made.at_loopback = true;
        made.result = netlink_send(&netlink_loopback_up);
    }
    if (write(0, &made, sizeof(made)) == (ssize_t)sizeof(made))
        while (poll(&lost, 1, -1) < 0)
            continue;
    _exit(1);
}

/* The kernel may leave the maker waiting for the processor that the child is busy on, while another
 * has nothing to do.  This saves time only: where it can't be done, as where there is no other, so
 * be it. */
static void keep_apart(pid_t maker)
{
    int own = sched_getcpu();
    cpu_set_t others;

    if (own < 0 || sched_getaffinity(0, sizeof(others), &others) < 0)
        return;
    CPU_CLR((size_t)own, &others);
    (void)sched_setaffinity(maker, sizeof(others), &others);
}

int apply_network(struct child *child, const struct step *step)
{
    int ends[2];
    pid_t pid;

    (void)step;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    child->what = "start the process that makes it";
    pid = process_fork_as(MAKER_NUMBER, &child->maker_pidfd);
    if (pid == 0)
        make_network(ends[1]);
    close(ends[1]);
    if (pid < 0)
        return pid;
    keep_apart(pid);
    child->made = ends[0];
    child->maker = pid;
    place_hold(child, child->made);
    place_hold(child, child->maker_pidfd);
    return 0;
}

/* That ends the maker. */
static void close_made(struct child *child)
{
    if (child->made >= 0)
        close(child->made);
    child->made = -EBADF;
}

int apply_network_enter(struct child *child, const struct step *step)
{
    struct made made;
    ssize_t length;

    (void)step;
    do
        length = read(child->made, &made, sizeof(made));
    while (length < 0 && errno == EINTR);
    if (length != (ssize_t)sizeof(made)) {
        child->what = "hear of the process that makes it";
        return length < 0 ? -errno : -ECHILD;
    }
    if (made.result < 0) {
        child->what = made.at_loopback ? "bring the loopback interface up" : NULL;
        return made.result;
    }
    child->what = "enter it";
    if (setns(child->maker_pidfd, CLONE_NEWNET) < 0)
        return -errno;
    close_made(child);
    (void)process_send_kill(child->maker_pidfd); /* makes it soon */
    return 0;
}

/* It takes a while to end, so that is waited for when all other steps are done.  Nothing here waits
 * for a process that has no reason to end; by now Landlock may forbid a signal to it. */
int network_settle(struct child *child)
{
    if (child->maker <= 0)
        return 0;
    child->what = "end the process that made the network";
    close_made(child);
    while (waitpid(child->maker, NULL, 0) < 0)
        if (errno == ECHILD && child->inputs->ignore_sigchld) /* it has ended, and nobody is told */
            return 0;
        else if (errno != EINTR)
            return -errno;
    return 0;
}
