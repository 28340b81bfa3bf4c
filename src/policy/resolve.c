/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/plan.h"

#include "base/path.h"
#include "kernel/mountinfo.h"
#include "policy/default_view.h"
#include "policy/environment.h"
#include "policy/kept_files.h"
#include "policy/landlock_abi.h"
#include "policy/resolve_limits.h"
#include "policy/resolve_mounts.h"
#include "policy/tree.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#ifndef CLONE_NEWCGROUP
#define CLONE_NEWCGROUP 0x02000000
#endif

/* Scopes of Landlock ABI 6: the numbers of kernel/landlock.h, without its system calls. */
#include "kernel/landlock.h"

#define DEFAULT_GRACE_MS 2000

#define USUAL_STEPS 128 /* of a plan: most have no more */

static int push_step(struct arena *arena, struct plan *plan, const struct step *step,
                     struct sbx_error *err)
{
    struct step *slot = ARENA_PUSH(arena, &plan->steps);

    if (slot == NULL)
        return error_oom(err);
    *slot = *step;
    if (slot->origin == NULL)
        slot->origin = "default";
    return 0;
}

static int push_steps(struct arena *arena, struct plan *plan, const struct steps *steps,
                      struct sbx_error *err)
{
    int result = 0;

    for (size_t i = 0; result == 0 && i < steps->count; i++)
        result = push_step(arena, plan, &steps->items[i], err);
    return result;
}

/* A directory as descriptor 0 is a way out of the view: openat(0, "../.."). */
static int check_descriptors(const struct spec *spec, const struct host *host,
                             struct sbx_error *err)
{
    static const char *const names[] = {"standard input", "standard output", "standard error"};

    for (size_t i = 0; i < host->fds.count; i++) {
        const struct host_fd *fd = &host->fds.items[i];
        char origin[32];

        if (fd->fd <= 2 && fd->open && (fd->directory || fd->path_only)) {
            snprintf(origin, sizeof(origin), "descriptor %d", fd->fd);
            error_usage(err, origin, "%s is %s: it would lead out of the sandbox", names[fd->fd],
                        fd->directory ? "a directory" : "an O_PATH descriptor");
            error_add_hint(err, "redirect it: </dev/null, >/dev/null or 2>/dev/null");
            return -EINVAL;
        }
        if (fd->fd > 2 && !fd->open)
            for (size_t k = 0; k < spec->keep_fds.count; k++)
                if (spec->keep_fds.items[k].fd == fd->fd)
                    return error_usage(err, spec->keep_fds.items[k].origin,
                                       "descriptor %d is not open", fd->fd);
    }
    return 0;
}

/* The new cgroup namespace shows the cgroup of the process that makes it and what is below: where
 * the sandbox has one, that is made by the child, which is in it; a clone would show sbx's own. */
static int add_cgroup_namespace(struct arena *arena, struct plan *plan, struct sbx_error *err)
{
    return push_step(arena, plan, &(struct step){.kind = STEP_UNSHARE, .number = CLONE_NEWCGROUP},
                     err);
}

/* The namespaces, and before them the cgroup that the clone is born in.  Into a scope the manager
 * moves a process that is there already: then the cgroup comes behind the clone, which waits for it
 * before it does anything.  Where the kernel would refuse a fresh procfs within a user namespace,
 * real root has it made before: then the clone makes the PID namespace alone. */
static int add_namespaces(struct arena *arena, const struct spec *spec, const struct host *host,
                          const struct steps *cgroup, struct plan *plan, struct sbx_error *err)
{
    uint64_t flags =
        CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
    bool procfs_first = host->is_admin && mountinfo_covers_proc(&host->mounts);
    uint64_t later = procfs_first           ? flags & ~(uint64_t)CLONE_NEWPID
                     : plan->cgroup != NULL ? CLONE_NEWCGROUP
                                            : 0;
    int result = plan->scope ? 0 : push_steps(arena, plan, cgroup, err);

    if (result == 0)
        result = push_step(arena, plan,
                           &(struct step){.kind = STEP_NAMESPACES,
                                          .number = flags & ~later,
                                          .origin = spec->net_origin},
                           err);
    if (result == 0 && plan->scope)
        result = push_steps(arena, plan, cgroup, err);
    if (result < 0 || later == 0)
        return result;
    if (!procfs_first)
        return add_cgroup_namespace(arena, plan, err);
    result = push_step(arena, plan,
                       &(struct step){.kind = STEP_PROCFS,
                                      .attributes = DEFAULT_VIEW_PROC_ATTRIBUTES,
                                      .origin = "host mount"},
                       err);
    if (result < 0)
        return result;
    return push_step(
        arena, plan,
        &(struct step){.kind = STEP_UNSHARE, .number = later, .origin = spec->net_origin}, err);
}

/* Begun early and entered late: it takes long, and nothing of the view needs it. */
static int add_network(struct arena *arena, const struct spec *spec, enum step_kind kind,
                       struct plan *plan, struct sbx_error *err)
{
    return spec->net != SPEC_NET_NONE
               ? 0
               : push_step(arena, plan, &(struct step){.kind = kind, .origin = spec->net_origin},
                           err);
}

static int add_identity(struct arena *arena, const struct spec *spec, const struct host *host,
                        struct plan *plan, struct sbx_error *err)
{
    unsigned uid = spec->uid.origin != NULL ? (unsigned)spec->uid.value : host->uid;
    unsigned gid = spec->gid.origin != NULL ? (unsigned)spec->gid.value : host->gid;
    const char *id_origin = spec->uid.origin != NULL ? spec->uid.origin : spec->gid.origin;
    struct step map = {
        .kind = STEP_ID_MAP,
        .source = arena_printf(arena, "%u %u 1\n", uid, host->uid),
        .target = arena_printf(arena, "%u %u 1\n", gid, host->gid),
        .origin = id_origin,
    };
    int result = 0;

    if (map.source == NULL || map.target == NULL)
        return error_oom(err);
    result = push_step(arena, plan, &map, err);
    if (result == 0 && !spec->userns)
        result = push_step(arena, plan, &(struct step){.kind = STEP_USERNS_LIMIT}, err);
    if (result == 0)
        result = push_step(arena, plan,
                           &(struct step){.kind = STEP_HOSTNAME,
                                          .target = spec->hostname.value,
                                          .origin = spec->hostname.origin},
                           err);
    if (result == 0)
        result = push_step(arena, plan, &(struct step){.kind = STEP_KEYRING}, err);
    return result;
}

static int add_degraded(struct arena *arena, struct plan *plan, const char *text,
                        struct sbx_error *err)
{
    return host_strings_add(&plan->degraded, arena, text) < 0 ? error_oom(err) : 0;
}

/* With the host's network namespace, abstract sockets are closed by Landlock or not at all. */
static int check_network(const struct spec *spec, const struct host *host, struct sbx_error *err)
{
    bool scoped = host->landlock_abi >= LANDLOCK_ABI_SCOPES && !spec->userns;

    if (spec->net != SPEC_NET_HOST || scoped)
        return 0;
    error_usage(err, spec->net_origin,
                spec->userns
                    ? "with --userns nothing can close the host's abstract sockets"
                    : "this kernel cannot close the host's abstract sockets (Landlock ABI 6)");
    error_add_hint(err, "--net host-abstract takes the host's network with its abstract sockets: "
                        "the session bus, X11 and others may be reached through them");
    return -EINVAL;
}

static int add_descriptor_rules(struct arena *arena, const struct host *host, struct plan *plan,
                                struct sbx_error *err)
{
    for (size_t i = 0; i < host->fds.count; i++) {
        const struct host_fd *fd = &host->fds.items[i];
        struct landlock_rule *rule;

        /* standard input is for reading, even where it was opened for more */
        if (!fd->open || !fd->writable || fd->directory || (fd->fd == 0 && !fd->terminal) ||
            terminal_replaces(&plan->terminal, fd->fd) || output_pipes(&plan->output, fd->fd))
            continue;
        rule = ARENA_PUSH(arena, &plan->landlock);
        if (rule == NULL)
            return error_oom(err);
        *rule = (struct landlock_rule){.kind = LANDLOCK_RULE_DESCRIPTOR, .fd = fd->fd};
    }
    return 0;
}

static int add_landlock(struct arena *arena, const struct spec *spec, const struct host *host,
                        struct plan *plan, struct sbx_error *err)
{
    struct step step = {.kind = STEP_LANDLOCK, .number = (uint64_t)host->landlock_abi};
    int result = 0;

    if (spec->userns)
        return add_degraded(arena, plan,
                            "Landlock is off: a task under it could not mount (--userns)", err);
    if (host->landlock_abi < LANDLOCK_ABI_USABLE)
        return add_degraded(arena, plan, "Landlock is absent: no second guard over writes", err);
    if (host->landlock_abi >= LANDLOCK_ABI_SCOPES)
        step.number2 = LANDLOCK_CLOSE_SIGNALS |
                       (spec->net == SPEC_NET_HOST_ABSTRACT ? 0 : LANDLOCK_CLOSE_ABSTRACT_SOCKETS);
    else
        result = add_degraded(arena, plan, "Landlock has no scopes for signals and sockets", err);
    if (result == 0 && host->landlock_abi < LANDLOCK_ABI_TRUNCATE &&
        !kept_files_by_filter(spec, host))
        result = add_degraded(arena, plan,
                              "Landlock cannot keep a file from being emptied that is open to read",
                              err);
    if (result == 0)
        result = add_descriptor_rules(arena, host, plan, err);
    return result < 0 ? result : push_step(arena, plan, &step, err);
}

/* What 0, 1 and 2 are in the place of the caller's terminal, after the session that needs it. */
static int add_terminal(struct arena *arena, const struct spec *spec, struct plan *plan,
                        struct sbx_error *err)
{
    bool shared = plan->terminal.mode == PLAN_TERMINAL_SHARED;
    const char *origin = plan->terminal.origin;
    int result;

    if (shared && terminal_unguarded_by(spec) != NULL) {
        result = add_degraded(arena, plan,
                              "the command can type into the terminal that it shares "
                              "(--tty inherit, and no filter)",
                              err);
        if (result < 0)
            return result;
    }
    result = push_step(arena, plan,
                       &(struct step){.kind = shared ? STEP_PROCESS_GROUP : STEP_SESSION,
                                      .origin = shared ? NULL : origin},
                       err);
    if (result == 0 && plan->terminal.replaced != 0)
        result =
            push_step(arena, plan, &(struct step){.kind = STEP_TERMINAL, .origin = origin}, err);
    if (result == 0 && plan->output.origin != NULL)
        result = push_step(arena, plan,
                           &(struct step){.kind = STEP_OUTPUT, .origin = plan->output.origin}, err);
    return result;
}

/* The command's own terminal is one of the sandbox's devpts, which an option may have replaced. */
static int check_devpts(const struct plan *plan, struct sbx_error *err)
{
    for (size_t i = 0; i < plan->steps.count; i++)
        if (plan->steps.items[i].kind == STEP_DEVPTS)
            return 0;
    if (plan->terminal.mode != PLAN_TERMINAL_OWN)
        return 0;
    error_usage(err, plan->terminal.origin,
                "a terminal of the command's own needs /dev/pts, which the view hides");
    error_add_hint(err, "leave out what hides it, or take --tty inherit or --tty none");
    return -EINVAL;
}

static int add_lockdown(struct arena *arena, const struct spec *spec, const struct host *host,
                        struct plan *plan, struct sbx_error *err)
{
    int result = add_network(arena, spec, STEP_NETWORK_ENTER, plan, err);

    if (result == 0)
        result = push_step(arena, plan, &(struct step){.kind = STEP_CAPABILITIES}, err);
    if (result == 0)
        result = push_step(arena, plan, &(struct step){.kind = STEP_NO_NEW_PRIVS}, err);
    if (result == 0)
        result = add_landlock(arena, spec, host, plan, err);
    if (result == 0)
        result = push_step(arena, plan, &(struct step){.kind = STEP_INIT}, err);
    if (result == 0)
        result = add_terminal(arena, spec, plan, err);
    return result;
}

static int add_rlimits(struct arena *arena, const struct spec *spec, const struct host *host,
                       struct plan *plan, struct sbx_error *err)
{
    const struct spec_number none = {0};
    const struct {
        int resource;
        const struct spec_number *limit;
        uint64_t value;
        uint64_t more; /* the hard value above the soft one */
    } limits[] = {
        /* init counts as a process of the user in this namespace as well */
        {RLIMIT_NPROC, plan->pids_in_cgroup ? &none : &spec->pids, spec->pids.value + 1, 0},
        {RLIMIT_FSIZE, &spec->file_size, spec->file_size.value, 0},
        {RLIMIT_NOFILE, &spec->open_files, spec->open_files.value, 0},
        /* SIGXCPU at the soft limit tells why; the hard one is for those who ignore it */
        {RLIMIT_CPU, &spec->cpu_time, (spec->cpu_time.value + 999) / 1000, 1},
    };
    /* 0 would not stop a core_pattern pipe, see core(5); 1 does.  Who may not have 1 and has no
     * pipe either is as well off with 0. */
    const uint64_t core = host->no_cores ? 0 : 1;
    int result;

    result =
        push_step(arena, plan,
                  &(struct step){
                      .kind = STEP_RLIMIT, .number = RLIMIT_CORE, .number2 = core, .number3 = core},
                  err);

    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]) && result == 0; i++)
        if (limits[i].limit->origin != NULL)
            result = push_step(arena, plan,
                               &(struct step){.kind = STEP_RLIMIT,
                                              .number = (uint64_t)limits[i].resource,
                                              .number2 = limits[i].value,
                                              .number3 = limits[i].value + limits[i].more,
                                              .origin = limits[i].limit->origin},
                               err);
    for (size_t i = 0; i < spec->rlimits.count && result == 0; i++) {
        const struct spec_rlimit *limit = &spec->rlimits.items[i];

        result = push_step(arena, plan,
                           &(struct step){.kind = STEP_RLIMIT,
                                          .number = (uint64_t)limit->resource,
                                          .number2 = limit->soft,
                                          .number3 = limit->hard,
                                          .origin = limit->origin},
                           err);
    }
    return result;
}

static int add_seccomp(struct arena *arena, const struct spec *spec, const struct host *host,
                       struct plan *plan, struct sbx_error *err)
{
    int result;

    plan->filter = (struct syscalls_request){
        .policy = spec->seccomp,
        .userns = spec->userns,
        .keep_files = kept_files_by_filter(spec, host),
        .changes = spec->syscalls.items,
        .change_count = spec->syscalls.count,
        .on_refusal = spec->on_refusal,
        .on_refusal_origin = spec->on_refusal_origin,
    };
    result = syscalls_check(&plan->filter, err);
    if (result < 0)
        return result;
    if (spec->seccomp == SPEC_SECCOMP_OFF)
        return add_degraded(arena, plan, "the system-call filter is off (--seccomp off)", err);
    plan->filter_text = syscalls_describe(arena, &plan->filter);
    if (plan->filter_text == NULL)
        return error_oom(err);
    return push_step(arena, plan,
                     &(struct step){.kind = STEP_SECCOMP,
                                    .target = plan->filter_text,
                                    .origin = spec->seccomp_origin},
                     err);
}

/* ------------------------------------------------------------------ the command */

static const char *working_directory(struct arena *arena, const struct spec *spec,
                                     const struct host *host)
{
    char *absolute;
    const struct host_path *fact;

    if (host->tree.path != NULL)
        return tree_workdir(arena, spec, host);
    if (spec->cd.value == NULL)
        return host->cwd;
    absolute = path_absolute(arena, host->cwd, spec->cd.value);
    fact = absolute == NULL ? NULL : host_path_find(host, absolute);
    return fact != NULL && fact->canonical != NULL && fact->type == HOST_FILE_DIRECTORY
               ? fact->canonical
               : absolute;
}

static int add_command(struct arena *arena, const struct spec *spec, const struct host *host,
                       const char *workdir, struct plan *plan, struct sbx_error *err)
{
    if (environment_make(arena, spec, host, workdir, plan) < 0)
        return error_oom(err);
    plan->argv = spec->command;
    plan->argc = spec->command_count;
    plan->tree = host->tree.path;
    for (size_t i = 0; i < host->fds.count; i++) {
        struct plan_fd *fd;

        if (host->fds.items[i].fd <= 2)
            continue;
        fd = ARENA_PUSH(arena, &plan->fds);
        if (fd == NULL)
            return error_oom(err);
        fd->fd = host->fds.items[i].fd;
    }
    return push_step(arena, plan, &(struct step){.kind = STEP_COMMAND, .target = spec->command[0]},
                     err);
}

static int add_supervision(struct arena *arena, const struct spec *spec, const struct host *host,
                           struct plan *plan, struct sbx_error *err)
{
    plan->profile = spec->profile.value;
    plan->profile_origin = spec->profile.origin;
    plan->time_ms = spec->time.origin != NULL ? spec->time.value : 0;
    plan->grace_ms = spec->grace.origin != NULL ? spec->grace.value : DEFAULT_GRACE_MS;
    plan->die_with_parent = spec->die_with_parent;
    plan->cpu_limited = spec->cpu_time.origin != NULL;
    plan->name = spec->name.value;
    plan->state_directory = host->state_directory;
    plan->verbosity = spec->verbosity;
    plan->report_format = spec->report_format;
    if (spec->report.value != NULL) {
        plan->report = path_absolute(arena, host->cwd, spec->report.value);
        if (plan->report == NULL)
            return error_oom(err);
    }
    if (spec->attest.value != NULL) {
        plan->attest = path_absolute(arena, host->cwd, spec->attest.value);
        if (plan->attest == NULL)
            return error_oom(err);
    }
    for (size_t i = 0; i < host->groups.count; i++) {
        const struct host_group *group = &host->groups.items[i];
        const char *text = arena_printf(arena, "group %s (%u) stays in force: the kernel keeps it",
                                        group->name != NULL ? group->name : "?", group->gid);

        if (text == NULL || host_strings_add(&plan->notices, arena, text) < 0)
            return error_oom(err);
    }
    return 0;
}

/* A mask lies over a file, not over its name: a host that replaces the file shows the new one. */
static int add_root_notice(struct arena *arena, const struct host *host, struct plan *plan,
                           struct sbx_error *err)
{
    if (host->uid != 0)
        return 0;
    if (host_strings_add(&plan->notices, arena,
                         "started by root: what root owns is hidden by a list, and a hidden file "
                         "that the host replaces meanwhile shows again; --as USER needs no list") <
        0)
        return error_oom(err);
    return 0;
}

static int add_socket_notice(struct arena *arena, const struct host *host, struct plan *plan,
                             struct sbx_error *err)
{
    const char *text;

    if (host->lost_sockets == 0)
        return 0;
    text = arena_printf(arena,
                        "sockets of the host have a place that can't be told (%u): where one shows "
                        "in the view, the command can connect to it",
                        host->lost_sockets);
    if (text == NULL || host_strings_add(&plan->notices, arena, text) < 0)
        return error_oom(err);
    return 0;
}

/* What attestation takes besides the steps. */
static void add_attestation(const struct host *host, struct plan *plan)
{
    plan->groups = host->groups;
    plan->host_mounts = &host->mounts;
    for (size_t i = 0; i < plan->steps.count; i++) {
        if (plan->steps.items[i].kind == STEP_USERNS_LIMIT)
            plan->tries |= PLAN_TRY_USERNS;
        else if (plan->steps.items[i].kind == STEP_LANDLOCK)
            plan->tries |= PLAN_TRY_LANDLOCK;
    }
}

static bool is_sealed(const struct plan *plan, const char *target)
{
    for (size_t i = 0; i < plan->steps.count; i++)
        if (plan->steps.items[i].kind == STEP_SEAL &&
            strcmp(plan->steps.items[i].target, target) == 0)
            return true;
    return false;
}

/* A report says which of the directories in memory were full. */
static void watch_private_directories(const struct spec *spec, struct plan *plan)
{
    for (size_t i = 0; spec->report.value != NULL && i < plan->steps.count; i++) {
        struct step *step = &plan->steps.items[i];

        if (step->kind == STEP_TMPFS && !is_sealed(plan, step->target))
            step->flags |= STEP_WATCHED;
    }
}

int resolve(struct arena *arena, const struct spec *spec, const struct host *host,
            struct plan *ret_plan, struct sbx_error *err)
{
    struct plan plan = {.terminal = terminal_decide(spec, host)};
    struct steps cgroup = {0};
    const char *workdir = working_directory(arena, spec, host);
    int result = workdir == NULL || ARENA_RESERVE(arena, &plan.steps, USUAL_STEPS) < 0
                     ? error_oom(err)
                     : check_descriptors(spec, host, err);

    plan.output = output_decide(spec, host, &plan.terminal);
    if (result == 0 && spec->root.value != NULL)
        result = tree_check(spec, host, err);
    if (result == 0)
        result = terminal_check(spec, host, err);
    if (result == 0)
        result = output_check(spec, host, err);
    if (result == 0)
        result = check_network(spec, host, err);
    if (result == 0)
        result = resolve_limits(arena, spec, host, &plan, &cgroup, err);
    if (result == 0)
        result = add_namespaces(arena, spec, host, &cgroup, &plan, err);
    if (result == 0)
        result = add_network(arena, spec, STEP_NETWORK, &plan, err);
    if (result == 0)
        result = add_identity(arena, spec, host, &plan, err);
    if (result == 0)
        result = resolve_mounts(arena, spec, host, &plan, err);
    watch_private_directories(spec, &plan);
    if (result == 0)
        result = check_devpts(&plan, err);
    if (result == 0)
        result = push_step(arena, &plan, &(struct step){.kind = STEP_PIVOT}, err);
    if (result == 0)
        result = push_step(
            arena, &plan,
            &(struct step){.kind = STEP_CHDIR, .target = workdir, .origin = spec->cd.origin}, err);
    if (result == 0)
        result = add_lockdown(arena, spec, host, &plan, err);
    if (result == 0)
        result = add_rlimits(arena, spec, host, &plan, err);
    if (result == 0)
        result = add_seccomp(arena, spec, host, &plan, err);
    if (result == 0)
        result = add_command(arena, spec, host, workdir, &plan, err);
    if (result == 0)
        result = add_supervision(arena, spec, host, &plan, err);
    if (result == 0)
        result = add_socket_notice(arena, host, &plan, err);
    if (result == 0)
        result = add_root_notice(arena, host, &plan, err);
    add_attestation(host, &plan);
    if (result == 0)
        *ret_plan = plan;
    return result;
}
