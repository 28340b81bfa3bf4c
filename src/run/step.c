/* SPDX-License-Identifier: Apache-2.0 */
#include "run/step.h"

#include "policy/rlimit.h"

#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>

const char *step_rlimit_name(uint64_t resource)
{
    switch (resource) {
    case RLIMIT_CORE:
        return "core";
    case RLIMIT_NPROC:
        return "pids";
    case RLIMIT_FSIZE:
        return "file-size";
    case RLIMIT_NOFILE:
        return "open-files";
    case RLIMIT_CPU:
        return "cpu-time";
    default:
        return rlimit_name(resource) != NULL ? rlimit_name(resource) : "resource";
    }
}

static const char *access_of(const struct step *step)
{
    return (step->attributes & MOUNT_ATTR_RDONLY) != 0 ? "read-only" : "writable";
}

static const char *noexec_of(const struct step *step)
{
    return (step->attributes & MOUNT_ATTR_NOEXEC) != 0 ? ",noexec" : "";
}

/* What one kind of step does, in words; most need nothing but the step itself. */
#define DESCRIBE(kind)                                                                             \
    static char *describe_##kind(struct arena *arena,                                              \
                                 const struct plan *plan __attribute__((unused)),                  \
                                 const struct step *step)

DESCRIBE(namespaces)
{
    static const struct {
        uint64_t flag;
        const char *name;
    } names[] = {
        {CLONE_NEWUSER, "user"}, {CLONE_NEWNS, "mount"}, {CLONE_NEWPID, "pid"},
        {CLONE_NEWIPC, "ipc"},   {CLONE_NEWUTS, "uts"},  {CLONE_NEWCGROUP, "cgroup"},
        {CLONE_NEWNET, "net"},
    };
    char *text = arena_strdup(arena, "");

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && text != NULL; i++)
        if ((step->number & names[i].flag) != 0)
            text = arena_printf(arena, "%s%s%s", text, text[0] == '\0' ? "" : " ", names[i].name);
    return text == NULL || (step->number & CLONE_NEWUSER) == 0 ||
                   plan_step(plan, STEP_NETWORK) != NULL
               ? text
               : arena_printf(arena, "%s; the host's network", text);
}

DESCRIBE(id_map)
{
    return arena_printf(arena, "uid %.*s, gid %.*s (inside outside count), setgroups denied",
                        (int)strcspn(step->source, "\n"), step->source,
                        (int)strcspn(step->target, "\n"), step->target);
}

DESCRIBE(target)
{
    return arena_strdup(arena, step->target);
}

DESCRIBE(mirror)
{
    return arena_printf(arena, "%s recursively, %s,nosuid,nodev%s,private", step->source,
                        access_of(step), noexec_of(step));
}

DESCRIBE(proc)
{
    return arena_printf(arena, "%s fresh, %s,nosuid,nodev,noexec", step->target, access_of(step));
}

DESCRIBE(cgroupfs)
{
    return arena_printf(arena, "%s the run's own cgroup, %s,nosuid,nodev,noexec", step->target,
                        access_of(step));
}

DESCRIBE(tmpfs)
{
    return arena_printf(arena, "%s size=%lluK,nr_inodes=%llu,mode=%04o,nosuid,nodev%s%s",
                        step->target, (unsigned long long)(step->number >> 10),
                        (unsigned long long)step->number2, step->mode, noexec_of(step),
                        (step->flags & STEP_WATCHED) != 0 ? ", full or not told by the report"
                                                          : "");
}

DESCRIBE(directory)
{
    return arena_printf(arena, "%s mode=%04o", step->target, step->mode);
}

DESCRIBE(symlink)
{
    return arena_printf(arena, "%s -> %s", step->target, step->source);
}

DESCRIBE(host_directory)
{
    return arena_printf(arena, "%s mode=%04o, made on the host", step->target, step->mode);
}

/* What lies over itself is there for what that does to it. */
static const char *purpose_of_pin(const struct step *step)
{
    return (step->attributes & MOUNT_ATTR_RDONLY) != 0 ? "" : ", to stay in its place";
}

DESCRIBE(bind)
{
    if ((step->flags & STEP_PIN) != 0)
        return arena_printf(
            arena, "%s over itself, %s,nosuid%s%s%s%s", step->target, access_of(step),
            (step->attributes & MOUNT_ATTR_NODEV) != 0 ? ",nodev" : "", noexec_of(step),
            purpose_of_pin(step), (step->flags & STEP_WHERE_THERE) != 0 ? ", where it exists" : "");
    if (strcmp(step->source, step->target) == 0)
        return arena_printf(arena, "%s %s,nosuid%s%s", step->target, access_of(step),
                            (step->attributes & MOUNT_ATTR_NODEV) != 0 ? ",nodev" : "",
                            noexec_of(step));
    return arena_printf(arena, "%s from %s %s,nosuid%s%s", step->target, step->source,
                        access_of(step), (step->attributes & MOUNT_ATTR_NODEV) != 0 ? ",nodev" : "",
                        noexec_of(step));
}

DESCRIBE(file)
{
    return arena_printf(arena, "%s %zu bytes%s%s, read-only", step->target, step->size,
                        step->source != NULL ? " copied from " : "",
                        step->source != NULL ? step->source : "");
}

DESCRIBE(mask)
{
    return arena_printf(arena, "%s, where it exists", step->target);
}

DESCRIBE(seal)
{
    return arena_printf(arena, "%s read-only from here on", step->target);
}

DESCRIBE(landlock)
{
    char *text = arena_printf(arena, "ABI %llu%s, writes only at", (unsigned long long)step->number,
                              step->number2 != 0 ? ", scoped" : "");

    for (size_t i = 0; i < plan->landlock.count && text != NULL; i++) {
        const struct landlock_rule *rule = &plan->landlock.items[i];

        text =
            rule->kind == LANDLOCK_RULE_DESCRIPTOR
                ? arena_printf(arena, "%s fd:%d", text, rule->fd)
                : arena_printf(arena, "%s %s%s", text, rule->path,
                               strcmp(rule->path, "/dev") == 0 && rule->kind == LANDLOCK_RULE_DEVICE
                                   ? "/*"
                                   : "");
    }
    return text;
}

DESCRIBE(scope)
{
    const struct host_scope *scope = step->data;

    return arena_printf(arena, "a fresh one of %s%s%s, asked for at %s; sbx-scope keeps it",
                        step->target, scope->slice != NULL ? " in " : "",
                        scope->slice != NULL ? scope->slice : "", scope->bus);
}

DESCRIBE(cgroup)
{
    const char *gives = step->number == 0 ? "" : ", which gives out ";
    const char *leaves = (step->flags & STEP_LEAVE) == 0 ? ""
                         : plan->scope                   ? "; sbx-scope moves into a leaf of it"
                                                         : "; sbx moves into a leaf of it";
    const char *delegates = (step->flags & STEP_DELEGATE) == 0 ? "" : "; delegated with ";
    char names[CGROUP_NAMES_SIZE];
    char delegated[CGROUP_NAMES_SIZE] = "";

    if ((step->flags & STEP_DELEGATE) != 0)
        (void)cgroup_controllers_print((unsigned)step->number2, "", delegated);
    return arena_printf(arena, "fresh in %s, %s%s%s%s%s%s", step->target, (const char *)step->data,
                        gives, cgroup_controllers_print((unsigned)step->number, "", names), leaves,
                        delegates, delegated);
}

DESCRIBE(cgroup_limit)
{
    return arena_printf(arena, "%s %s%s", step->target, step->source,
                        strcmp(step->target, "pids.max") == 0 ? " (init included)" : "");
}

static const char *limit_text(struct arena *arena, uint64_t value)
{
    return value == RLIM_INFINITY ? "unlimited"
                                  : arena_printf(arena, "%llu", (unsigned long long)value);
}

DESCRIBE(rlimit)
{
    const char *name = step_rlimit_name(step->number);
    const char *soft = limit_text(arena, step->number2);
    const char *hard = limit_text(arena, step->number3);

    if (soft == NULL || hard == NULL)
        return NULL;
    if (step->number2 != step->number3)
        return arena_printf(arena, "%s %s, hard %s", name, soft, hard);
    return arena_printf(arena, "%s %s%s", name, soft,
                        step->number == RLIMIT_NPROC ? " (init included)" : "");
}

/* "0 1 2": those of @fds, a bit each. */
static char *descriptors(struct arena *arena, unsigned fds)
{
    char *text = arena_strdup(arena, "");

    for (unsigned fd = 0; fd <= 2 && text != NULL; fd++)
        if ((fds & (1U << fd)) != 0)
            text = arena_printf(arena, "%s%s%u", text, text[0] == '\0' ? "" : " ", fd);
    return text;
}

DESCRIBE(terminal)
{
    const struct plan_terminal *terminal = &plan->terminal;
    unsigned output = terminal->replaced & ~1U;
    bool own = terminal->mode == PLAN_TERMINAL_OWN;
    const char *fds = descriptors(arena, own ? terminal->replaced : output);

    (void)step;
    if (fds == NULL)
        return NULL;
    if (own)
        return arena_printf(arena, "a pseudo-terminal of /dev/pts as %s, relayed%s", fds,
                            terminal->keyboard ? ", the keyboard too" : ", without the keyboard");
    return arena_printf(arena, "%s%s%s%s", terminal->replaced & 1U ? "/dev/null as 0" : "",
                        terminal->replaced & 1U && output != 0 ? ", " : "",
                        output != 0 ? "a pipe, relayed, as " : "", fds);
}

/* What is counted of 1 and 2 besides the output of the command's own terminal. */
DESCRIBE(output)
{
    const struct plan_output *output = &plan->output;
    char *text = arena_printf(arena, "%llu bytes at most in all", (unsigned long long)output->most);

    (void)step;
    if (text != NULL && (plan->terminal.replaced & ~1U) != 0)
        text = arena_printf(arena, "%s, with what goes to the terminal", text);
    if (text != NULL && output->joined)
        return arena_printf(arena, "%s, one pipe as 1 2", text);
    for (int fd = 1; fd <= 2 && text != NULL; fd++)
        if (output_pipes(output, fd))
            text = arena_printf(arena, "%s, a pipe as %d", text, fd);
    return text;
}

DESCRIBE(command)
{
    char *text = arena_strdup(arena, step->target);

    for (size_t i = 1; i < plan->argc && text != NULL; i++)
        text = arena_printf(arena, "%s %s", text, plan->argv[i]);
    return text == NULL ? NULL
                        : arena_printf(arena, "%s (%zu variables, %zu descriptors)", text,
                                       plan->environment_count, plan->fds.count + 3);
}

/* clang-format off */
const struct step_ops step_ops[STEP_KIND_COUNT] = {
    [STEP_SCOPE] = {
        .name = "scope", .stage = STEP_STAGE_SBX, .describe = describe_scope,
        .failure = "cannot have a scope of"},
    [STEP_CGROUP] = {
        .name = "cgroup", .stage = STEP_STAGE_SBX, .describe = describe_cgroup,
        .failure = "cannot make the sandbox's cgroup in"},
    [STEP_CGROUP_LIMIT] = {
        .name = "cgroup-limit", .stage = STEP_STAGE_SBX, .describe = describe_cgroup_limit,
        .failure = "cannot set the limit of the sandbox's cgroup"},
    [STEP_NAMESPACES] = {
        .name = "namespaces", .stage = STEP_STAGE_CLONE, .describe = describe_namespaces,
        .failure = "cannot make the namespaces"},
    [STEP_PROCFS] = {
        .name = "procfs", .says = "fresh, made before the user namespace: /proc is covered here",
        .apply = apply_procfs, .failure = "cannot mount a fresh procfs"},
    [STEP_UNSHARE] = {
        .name = "unshare", .describe = describe_namespaces, .apply = apply_unshare,
        .failure = "cannot make the namespaces"},
    [STEP_NETWORK] = {
        .name = "network", .says = "its making begins, in a process beside: lo up, IPv4 and IPv6",
        .apply = apply_network, .failure = "cannot begin with the network namespace"},
    [STEP_ID_MAP] = {
        .name = "id-map", .describe = describe_id_map, .apply = apply_id_map,
        .failure = "cannot map the user and group id"},
    [STEP_USERNS_LIMIT] = {
        .name = "userns-limit", .says = "no further user namespace inside",
        .apply = apply_userns_limit, .failure = "cannot switch nested user namespaces off"},
    [STEP_HOSTNAME] = {
        .name = "hostname", .describe = describe_target, .apply = apply_hostname,
        .failure = "cannot set the host name"},
    [STEP_KEYRING] = {
        .name = "keyring", .says = "a new session keyring", .apply = apply_keyring,
        .failure = "cannot make a new session keyring"},
    [STEP_STAGING] = {
        .name = "staging", .says = "a private tmpfs to build the view in", .apply = apply_staging,
        .failure = "cannot make the place to build the view in"},
    [STEP_HOST_DIRECTORY] = {
        .name = "host-directory", .describe = describe_host_directory,
        .apply = apply_host_directory, .failure = "cannot make the host's directory"},
    [STEP_MIRROR] = {
        .name = "mirror", .describe = describe_mirror, .apply = apply_mirror,
        .failure = "cannot mirror the host's tree"},
    [STEP_PROC] = {
        .name = "proc", .describe = describe_proc, .apply = apply_proc,
        .failure = "cannot mount a fresh procfs"},
    [STEP_TMPFS] = {
        .name = "tmpfs", .describe = describe_tmpfs, .apply = apply_tmpfs,
        .failure = "cannot mount a private tmpfs"},
    [STEP_DEVPTS] = {
        .name = "devpts", .describe = describe_target, .apply = apply_devpts,
        .failure = "cannot mount a fresh devpts"},
    [STEP_CGROUPFS] = {
        .name = "cgroupfs", .describe = describe_cgroupfs, .apply = apply_cgroupfs,
        .failure = "cannot mount the run's own cgroup"},
    [STEP_DIRECTORY] = {
        .name = "directory", .describe = describe_directory, .apply = apply_directory,
        .failure = "cannot make the directory"},
    [STEP_SYMLINK] = {
        .name = "symlink", .describe = describe_symlink, .apply = apply_symlink,
        .failure = "cannot make the symbolic link"},
    [STEP_BIND] = {
        .name = "bind", .describe = describe_bind, .apply = apply_bind, .failure = "cannot bind"},
    [STEP_FILE] = {
        .name = "file", .describe = describe_file, .apply = apply_file,
        .failure = "cannot make the file"},
    [STEP_MASK] = {
        .name = "mask", .describe = describe_mask, .apply = apply_mask, .failure = "cannot hide"},
    [STEP_SEAL] = {
        .name = "seal", .describe = describe_seal, .apply = apply_seal,
        .failure = "cannot make it read-only"},
    [STEP_PIVOT] = {
        .name = "pivot-root", .says = "the view becomes the root, the host's tree is let go",
        .apply = apply_pivot, .failure = "cannot make the view the root"},
    [STEP_CHDIR] = {
        .name = "chdir", .describe = describe_target, .apply = apply_chdir,
        .failure = "cannot enter the working directory"},
    [STEP_NETWORK_ENTER] = {
        .name = "network-enter", .says = "the network namespace, as soon as it is made",
        .apply = apply_network_enter, .failure = "cannot have a network namespace"},
    [STEP_CAPABILITIES] = {
        .name = "capabilities", .says = "all five sets empty, securebits locked",
        .apply = apply_capabilities, .failure = "cannot drop the capabilities"},
    [STEP_NO_NEW_PRIVS] = {
        .name = "no-new-privs", .says = "no set-user-ID program gains anything",
        .apply = apply_no_new_privs, .failure = "cannot set no_new_privs"},
    [STEP_LANDLOCK] = {
        .name = "landlock", .describe = describe_landlock, .apply = apply_landlock,
        .failure = "cannot put the command under Landlock"},
    [STEP_INIT] = {
        .name = "init", .says = "become sbx-init, pid 1, not dumpable", .apply = apply_init,
        .failure = "cannot start the sandbox's init"},
    [STEP_PROCESS_GROUP] = {
        .name = "process-group", .stage = STEP_STAGE_COMMAND, .says = "the command's own",
        .failure = "cannot make the command's process group"},
    [STEP_SESSION] = {
        .name = "session", .stage = STEP_STAGE_COMMAND,
        .says = "the command's own, apart from the caller's terminal",
        .failure = "cannot make the command's session"},
    [STEP_TERMINAL] = {
        .name = "terminal", .stage = STEP_STAGE_COMMAND, .describe = describe_terminal,
        .failure = "cannot make the command's terminal"},
    [STEP_OUTPUT] = {
        .name = "output", .stage = STEP_STAGE_COMMAND, .describe = describe_output,
        .failure = "cannot count the command's output"},
    [STEP_RLIMIT] = {
        .name = "rlimit", .stage = STEP_STAGE_COMMAND, .describe = describe_rlimit,
        .failure = "cannot set the resource limit"},
    [STEP_SECCOMP] = {
        .name = "seccomp", .stage = STEP_STAGE_COMMAND, .describe = describe_target,
        .failure = "cannot load the system-call filter"},
    [STEP_COMMAND] = {
        .name = "command", .stage = STEP_STAGE_COMMAND, .describe = describe_command,
        .failure = "cannot start the command"},
};
/* clang-format on */

char *step_describe(struct arena *arena, const struct plan *plan, const struct step *step)
{
    const struct step_ops *ops = &step_ops[step->kind];

    return ops->says != NULL ? arena_strdup(arena, ops->says) : ops->describe(arena, plan, step);
}
