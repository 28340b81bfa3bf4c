/* SPDX-License-Identifier: Apache-2.0 */
#include "run/step.h"

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
        return "resource";
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

static char *describe_namespaces(struct arena *arena, const struct plan *plan,
                                 const struct step *step)
{
    (void)plan;
    return arena_printf(arena, "user mount pid ipc uts cgroup%s",
                        (step->number & CLONE_NEWNET) != 0 ? " net" : "; the host's network");
}

static char *describe_id_map(struct arena *arena, const struct plan *plan, const struct step *step)
{
    (void)plan;
    return arena_printf(arena, "uid %.*s, gid %.*s (inside outside count), setgroups denied",
                        (int)strcspn(step->source, "\n"), step->source,
                        (int)strcspn(step->target, "\n"), step->target);
}

static char *describe_target(struct arena *arena, const struct plan *plan, const struct step *step)
{
    (void)plan;
    return arena_strdup(arena, step->target);
}

static char *describe_userns_limit(struct arena *arena, const struct plan *plan,
                                   const struct step *step)
{
    (void)plan;
    (void)step;
    return arena_strdup(arena, "no further user namespace inside");
}

static char *describe_keyring(struct arena *arena, const struct plan *plan, const struct step *step)
{
    (void)plan;
    (void)step;
    return arena_strdup(arena, "a new session keyring");
}

static char *describe_loopback(struct arena *arena, const struct plan *plan,
                               const struct step *step)
{
    (void)plan;
    (void)step;
    return arena_strdup(arena, "lo up, IPv4 and IPv6");
}

static char *describe_staging(struct arena *arena, const struct plan *plan, const struct step *step)
{
    (void)plan;
    (void)step;
    return arena_strdup(arena, "a private tmpfs to build the view in");
}

static char *describe_mirror(struct arena *arena, const struct plan *plan, const struct step *step)
{
    (void)plan;
    return arena_printf(arena, "%s recursively, %s,nosuid,nodev,private", step->source,
                        access_of(step));
}

static char *describe_proc(struct arena *arena, const struct plan *plan, const struct step *step)
{
    (void)plan;
    return arena_printf(arena, "%s fresh, %s,nosuid,nodev,noexec", step->target, access_of(step));
}

static char *describe_tmpfs(struct arena *arena, const struct plan *plan, const struct step *step)
{
    (void)plan;
    return arena_printf(arena, "%s size=%lluK,nr_inodes=%llu,mode=%04o,nosuid,nodev%s",
                        step->target, (unsigned long long)(step->number >> 10),
                        (unsigned long long)step->number2, step->mode, noexec_of(step));
}

static char *describe_directory(struct arena *arena, const struct plan *plan,
                                const struct step *step)
{
    (void)plan;
    return arena_printf(arena, "%s mode=%04o", step->target, step->mode);
}

static char *describe_symlink(struct arena *arena, const struct plan *plan, const struct step *step)
{
    (void)plan;
    return arena_printf(arena, "%s -> %s", step->target, step->source);
}

static char *describe_bind(struct arena *arena, const struct plan *plan, const struct step *step)
{
    (void)plan;
    if (strcmp(step->source, step->target) == 0)
        return arena_printf(arena, "%s %s,nosuid%s%s", step->target, access_of(step),
                            (step->attributes & MOUNT_ATTR_NODEV) != 0 ? ",nodev" : "",
                            noexec_of(step));
    return arena_printf(arena, "%s from %s %s,nosuid%s%s", step->target, step->source,
                        access_of(step), (step->attributes & MOUNT_ATTR_NODEV) != 0 ? ",nodev" : "",
                        noexec_of(step));
}

static char *describe_file(struct arena *arena, const struct plan *plan, const struct step *step)
{
    (void)plan;
    return arena_printf(arena, "%s %zu bytes%s%s, read-only", step->target, step->size,
                        step->source != NULL ? " copied from " : "",
                        step->source != NULL ? step->source : "");
}

static char *describe_mask(struct arena *arena, const struct plan *plan, const struct step *step)
{
    (void)plan;
    return arena_printf(arena, "%s, where it exists", step->target);
}

static char *describe_seal(struct arena *arena, const struct plan *plan, const struct step *step)
{
    (void)plan;
    return arena_printf(arena, "%s read-only from here on", step->target);
}

static char *describe_pivot(struct arena *arena, const struct plan *plan, const struct step *step)
{
    (void)plan;
    (void)step;
    return arena_strdup(arena, "the view becomes the root, the host's tree is let go");
}

static char *describe_capabilities(struct arena *arena, const struct plan *plan,
                                   const struct step *step)
{
    (void)plan;
    (void)step;
    return arena_strdup(arena, "all five sets empty, securebits locked");
}

static char *describe_no_new_privs(struct arena *arena, const struct plan *plan,
                                   const struct step *step)
{
    (void)plan;
    (void)step;
    return arena_strdup(arena, "no set-user-ID program gains anything");
}

static char *describe_landlock(struct arena *arena, const struct plan *plan,
                               const struct step *step)
{
    char *text = arena_printf(arena, "ABI %llu%s, writes only at", (unsigned long long)step->number,
                              step->number2 != 0 ? ", scoped" : "");

    for (size_t i = 0; i < plan->landlock.count && text != NULL; i++) {
        const struct landlock_rule *rule = &plan->landlock.items[i];

        text = rule->kind == LANDLOCK_RULE_DESCRIPTOR
                   ? arena_printf(arena, "%s fd:%d", text, rule->fd)
                   : arena_printf(arena, "%s %s", text, rule->path);
    }
    return text;
}

static char *describe_init(struct arena *arena, const struct plan *plan, const struct step *step)
{
    (void)plan;
    (void)step;
    return arena_strdup(arena, "become sbx-init, pid 1, not dumpable");
}

static char *describe_process_group(struct arena *arena, const struct plan *plan,
                                    const struct step *step)
{
    (void)plan;
    (void)step;
    return arena_strdup(arena, "the command's own");
}

static char *describe_rlimit(struct arena *arena, const struct plan *plan, const struct step *step)
{
    (void)plan;
    return arena_printf(arena, "%s %llu%s", step_rlimit_name(step->number),
                        (unsigned long long)step->number2,
                        step->number == RLIMIT_NPROC ? " (init included)" : "");
}

static char *describe_command(struct arena *arena, const struct plan *plan, const struct step *step)
{
    char *text = arena_strdup(arena, "");

    (void)step;
    for (size_t i = 0; i < plan->argc && text != NULL; i++)
        text = arena_printf(arena, "%s%s%s", text, i > 0 ? " " : "", plan->argv[i]);
    return text == NULL ? NULL
                        : arena_printf(arena, "%s (%zu variables, %zu descriptors)", text,
                                       plan->environment_count, plan->fds.count + 3);
}

const struct step_ops step_ops[STEP_KIND_COUNT] = {
    [STEP_NAMESPACES] = {"namespaces", STEP_STAGE_CLONE, describe_namespaces, NULL,
                         "cannot make the namespaces"},
    [STEP_ID_MAP] = {"id-map", STEP_STAGE_CHILD, describe_id_map, apply_id_map,
                     "cannot map the user and group id"},
    [STEP_USERNS_LIMIT] = {"userns-limit", STEP_STAGE_CHILD, describe_userns_limit,
                           apply_userns_limit, "cannot switch nested user namespaces off"},
    [STEP_HOSTNAME] = {"hostname", STEP_STAGE_CHILD, describe_target, apply_hostname,
                       "cannot set the host name"},
    [STEP_KEYRING] = {"keyring", STEP_STAGE_CHILD, describe_keyring, apply_keyring,
                      "cannot make a new session keyring"},
    [STEP_LOOPBACK] = {"loopback", STEP_STAGE_CHILD, describe_loopback, apply_loopback,
                       "cannot bring the loopback interface up"},
    [STEP_STAGING] = {"staging", STEP_STAGE_CHILD, describe_staging, apply_staging,
                      "cannot make the place to build the view in"},
    [STEP_MIRROR] = {"mirror", STEP_STAGE_CHILD, describe_mirror, apply_mirror,
                     "cannot mirror the host's tree"},
    [STEP_PROC] = {"proc", STEP_STAGE_CHILD, describe_proc, apply_proc,
                   "cannot mount a fresh procfs"},
    [STEP_TMPFS] = {"tmpfs", STEP_STAGE_CHILD, describe_tmpfs, apply_tmpfs,
                    "cannot mount a private tmpfs"},
    [STEP_DEVPTS] = {"devpts", STEP_STAGE_CHILD, describe_target, apply_devpts,
                     "cannot mount a fresh devpts"},
    [STEP_DIRECTORY] = {"directory", STEP_STAGE_CHILD, describe_directory, apply_directory,
                        "cannot make the directory"},
    [STEP_SYMLINK] = {"symlink", STEP_STAGE_CHILD, describe_symlink, apply_symlink,
                      "cannot make the symbolic link"},
    [STEP_BIND] = {"bind", STEP_STAGE_CHILD, describe_bind, apply_bind, "cannot bind"},
    [STEP_FILE] = {"file", STEP_STAGE_CHILD, describe_file, apply_file, "cannot make the file"},
    [STEP_MASK] = {"mask", STEP_STAGE_CHILD, describe_mask, apply_mask, "cannot hide"},
    [STEP_SEAL] = {"seal", STEP_STAGE_CHILD, describe_seal, apply_seal, "cannot make it read-only"},
    [STEP_PIVOT] = {"pivot-root", STEP_STAGE_CHILD, describe_pivot, apply_pivot,
                    "cannot make the view the root"},
    [STEP_CHDIR] = {"chdir", STEP_STAGE_CHILD, describe_target, apply_chdir,
                    "cannot enter the working directory"},
    [STEP_CAPABILITIES] = {"capabilities", STEP_STAGE_CHILD, describe_capabilities,
                           apply_capabilities, "cannot drop the capabilities"},
    [STEP_NO_NEW_PRIVS] = {"no-new-privs", STEP_STAGE_CHILD, describe_no_new_privs,
                           apply_no_new_privs, "cannot set no_new_privs"},
    [STEP_LANDLOCK] = {"landlock", STEP_STAGE_CHILD, describe_landlock, apply_landlock,
                       "cannot put the command under Landlock"},
    [STEP_INIT] = {"init", STEP_STAGE_CHILD, describe_init, apply_init,
                   "cannot start the sandbox's init"},
    [STEP_PROCESS_GROUP] = {"process-group", STEP_STAGE_COMMAND, describe_process_group, NULL,
                            "cannot make the command's process group"},
    [STEP_RLIMIT] = {"rlimit", STEP_STAGE_COMMAND, describe_rlimit, NULL,
                     "cannot set the resource limit"},
    [STEP_SECCOMP] = {"seccomp", STEP_STAGE_COMMAND, describe_target, NULL,
                      "cannot load the system-call filter"},
    [STEP_COMMAND] = {"command", STEP_STAGE_COMMAND, describe_command, NULL,
                      "cannot start the command"},
};
