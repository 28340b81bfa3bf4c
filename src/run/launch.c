/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory of operation.  Everything that needs a library or memory is done here, before the clone:
 * the filter is compiled, the netlink message is built, the init program and the command's strings
 * are put into memory files.  The orders to init (CONFIG, START) are sent right after the clone and
 * wait in the socket until init reads them, so no round trip is needed; if a step of the child
 * fails they are lost with the socket.
 */
#include "run/launch.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "init/wire.h"
#include "kernel/compat.h"
#include "kernel/netlink.h"
#include "kernel/process.h"
#include "kernel/seccomp_notify.h"
#include "run/cgroup_run.h"
#include "run/child.h"
#include "run/init_image.h"
#include "run/orders.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

struct orders {
    struct wire_config config;
    const struct sock_filter *filter;
    struct orders_start start;
};

static int launch_error(struct sbx_error *err, int number, const char *message)
{
    return error_set(err, SBX_ERROR_SETUP, number < 0 ? -number : number, "launch", NULL, "%s",
                     message);
}

/* The init program as an executable memory file.  Its mode lets nobody read it, which makes the
 * process that executes it not dumpable from its first instruction. */
static int open_init(struct sbx_error *err)
{
    size_t size = (size_t)(sbx_init_image_end - sbx_init_image);
    unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    _cleanup_close_ int fd = memfd_create("sbx-init", flags | MFD_EXEC);

    if (fd < 0 && errno == EINVAL) /* before Linux 6.3 every memory file is executable */
        fd = memfd_create("sbx-init", flags);
    if (fd < 0 || io_write_all(fd, sbx_init_image, size) < 0 || fchmod(fd, 0111) < 0 ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
        return launch_error(err, errno, "cannot make the sandbox's init program");
    return take_fd(&fd);
}

/* argv, environment and working directory, each string with its NUL; see struct wire_start. */
static int open_strings(const struct plan *plan, struct wire_start *start, struct sbx_error *err)
{
    const struct orders_strings strings = {
        .argv = plan->argv,
        .argc = plan->argc,
        .environment = plan->environment,
        .envc = plan->environment_count,
        .directory = "", /* the child has entered it already */
    };
    int fd = orders_write_strings(&strings, start);

    return fd < 0 ? launch_error(err, fd, "cannot pass the command's arguments on") : fd;
}

static int fill_config(struct arena *arena, const struct plan *plan, struct orders *orders,
                       struct sbx_error *err)
{
    size_t length = 0;
    int result = syscalls_filter(arena, &plan->filter, &orders->filter, &length, err);

    if (result < 0)
        return result;
    orders->config.listen = plan->filter.on_refusal != SPEC_ON_REFUSAL_ERRNO;
    if (orders->config.listen)
        orders->filter = seccomp_notifying(arena, orders->filter, length);
    if (orders->config.listen && orders->filter == NULL)
        return error_oom(err);
    if (length > WIRE_MAX_FILTER)
        return launch_error(err, E2BIG, "the system-call filter is too long");
    orders->config.type = WIRE_CONFIG;
    orders->config.filter_length = (uint32_t)length;
    orders->config.try_userns = (plan->tries & PLAN_TRY_USERNS) != 0;
    for (size_t i = 0; i < plan->steps.count; i++) {
        const struct step *step = &plan->steps.items[i];
        struct wire_rlimit *limit;

        if (step->kind != STEP_RLIMIT)
            continue;
        if (orders->config.rlimit_count == WIRE_MAX_RLIMITS)
            return launch_error(err, E2BIG, "too many resource limits");
        limit = &orders->config.rlimits[orders->config.rlimit_count++];
        limit->resource = (uint32_t)step->number;
        limit->soft = step->number2;
        limit->hard = step->number3;
    }
    return 0;
}

static int fill_start(const struct plan *plan, const struct launch_inputs *given, int exec,
                      int strings, struct orders_start *start, struct sbx_error *err)
{
    int result = 0;

    start->message.session = plan->terminal.mode != PLAN_TERMINAL_SHARED;
    start->message.terminal =
        plan->terminal.mode == PLAN_TERMINAL_OWN ? plan->terminal.replaced : 0;
    for (int signal = 1; signal <= 64; signal++)
        if (sigismember(given->signal_mask, signal) == 1)
            start->message.signal_mask |= UINT64_C(1) << (signal - 1);
    orders_begin(start, exec, strings);
    for (int fd = 0; fd <= 2; fd++)
        if (given->standard[fd] >= 0)
            (void)orders_add_fd(start, given->standard[fd], fd);
    for (size_t i = 0; i < plan->fds.count && result == 0; i++)
        result = orders_add_fd(start, plan->fds.items[i].fd, plan->fds.items[i].fd);
    return result < 0 ? launch_error(err, result, "too many descriptors are to be kept") : 0;
}

static int send_orders(int control, const struct orders *orders)
{
    struct iovec parts[2] = {
        {.iov_base = (void *)&orders->config, .iov_len = sizeof(orders->config)},
        {.iov_base = (void *)orders->filter,
         .iov_len = orders->config.filter_length * sizeof(*orders->filter)},
    };
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};

    if (sendmsg(control, &message, MSG_NOSIGNAL) < 0)
        return -errno;
    return orders_send_start(control, &orders->start, 0);
}

/* Memory files count for RLIMIT_FSIZE: past it, an error is wanted and no signal. */
static int open_files(const struct plan *plan, struct wire_start *start, int *ret_init,
                      int *ret_strings, struct sbx_error *err)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction saved;
    int result;

    sigaction(SIGXFSZ, &ignore, &saved);
    result = *ret_init = open_init(err);
    if (result >= 0)
        result = *ret_strings = open_strings(plan, start, err);
    sigaction(SIGXFSZ, &saved, NULL);
    return result < 0 ? result : 0;
}

static int pair(int ends[2], struct sbx_error *err)
{
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return launch_error(err, errno, "cannot make a socket pair");
    return 0;
}

static int clone_child(const struct plan *plan, const struct child_inputs *inputs,
                       struct launch *launch, int cgroup, struct sbx_error *err)
{
    const struct step *namespaces = plan_step(plan, STEP_NAMESPACES);
    pid_t pid = process_clone(namespaces != NULL ? namespaces->number : 0, cgroup, &launch->pidfd);

    if (pid == 0)
        child_run(plan, inputs);
    if (pid < 0 && cgroup >= 0 && cgroup_run_is_clone_error(-pid))
        return error_set(err, SBX_ERROR_SETUP, -pid, "cgroup", plan->cgroup,
                         "cannot start the sandbox in its cgroup, in %s", plan->cgroup);
    if (pid < 0)
        return error_set(err, SBX_ERROR_SETUP, -pid, "namespaces", NULL,
                         "cannot make the namespaces");
    launch->pid = pid;
    return 0;
}

/* Into a scope only a process can go that is there already: it waits for that. */
static int put_into_scope(const struct plan *plan, pid_t child, int control,
                          struct cgroup_run *cgroup, struct sbx_error *err)
{
    const uint32_t go = WIRE_GO;
    int result = cgroup_run_start(plan, child, cgroup, err);

    if (result == 0 && send(control, &go, sizeof(go), MSG_NOSIGNAL) < 0)
        result = launch_error(err, errno, "cannot tell the child to go on");
    return result;
}

static int clone_into_cgroup(const struct plan *plan, const struct child_inputs *inputs,
                             struct launch *launch, struct cgroup_run *cgroup,
                             struct sbx_error *err)
{
    int result = plan->scope ? 0 : cgroup_run_start(plan, 0, cgroup, err);

    if (result == 0)
        result = clone_child(plan, inputs, launch, cgroup->inside, err);
    if (result == 0 && plan->scope)
        result = put_into_scope(plan, launch->pid, inputs->launcher, cgroup, err);
    return result;
}

int launch_start(const struct plan *plan, const struct launch_inputs *given,
                 struct launch *ret_launch, struct sbx_error *err)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct launch launch = {.pid = -1, .pidfd = -EBADF, .control = -EBADF, .exec = -EBADF};
    struct child_inputs inputs = {.ignore_sigchld = given->ignore_sigchld, .wait = plan->scope};
    struct orders orders = {0};
    int control[2] = {-EBADF, -EBADF};
    int exec[2] = {-EBADF, -EBADF};
    _cleanup_close_ int strings = -EBADF;
    _cleanup_close_ int init = -EBADF;
    int one = 1;
    int result = arena == NULL ? error_oom(err) : fill_config(arena, plan, &orders, err);

    if (result == 0)
        result = capability_prepare(&inputs.capabilities, err);
    if (result == 0)
        result = open_files(plan, &orders.start.message, &init, &strings, err);
    if (result == 0)
        result = pair(control, err);
    if (result == 0)
        result = pair(exec, err);
    if (result == 0 && setsockopt(exec[0], SOL_SOCKET, SO_PASSCRED, &one, sizeof(one)) < 0)
        result = launch_error(err, errno, "cannot learn the command's process id");
    if (result == 0)
        result = fill_start(plan, given, exec[1], strings, &orders.start, err);
    inputs.control = control[1];
    inputs.launcher = control[0];
    inputs.init = init;
    if (result == 0)
        result = clone_into_cgroup(plan, &inputs, &launch, given->cgroup, err);
    launch.control = control[0];
    launch.exec = exec[0];
    if (result == 0 && send_orders(launch.control, &orders) < 0 && errno != EPIPE &&
        errno != ECONNRESET) /* the child has failed: it says why */
        result = launch_error(err, errno, "cannot send the orders to the sandbox's init");
    cleanup_close(&control[1]);
    cleanup_close(&exec[1]);
    if (result < 0) {
        process_kill(launch.pidfd, launch.pid);
        launch_end(&launch);
        return result;
    }
    *ret_launch = launch;
    return 0;
}

void launch_end(struct launch *launch)
{
    cleanup_close(&launch->pidfd);
    cleanup_close(&launch->control);
    cleanup_close(&launch->exec);
    *launch = (struct launch){.pid = -1, .pidfd = -EBADF, .control = -EBADF, .exec = -EBADF};
}
