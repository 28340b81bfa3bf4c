/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/spec.h"

#include "base/cleanup.h"
#include "policy/option.h"
#include "policy/rlimit.h"
#include "policy/spec_cgroup.h"
#include "policy/spec_syscalls.h"
#include "policy/value.h"

#include <errno.h>
#include <string.h>

#define MAX_PIDS     4194304    /* the kernel's PID_MAX_LIMIT */
#define MAX_FILES    1048576    /* the usual fs.nr_open */
#define MAX_ID       4294967294 /* (uid_t)-1 means "no id" to the kernel */
#define MAX_FD       1023
#define MAX_HOSTNAME 64
#define MAX_LABEL    63
#define MAX_NAME     63

static const char default_origin[] = "default";

/* What the cases below work with: one setting at a time. */
struct builder {
    struct arena *arena;
    struct spec *spec;
    const char *value;
    const char *origin;         /* a copy in the arena */
    const char *proc_ro_origin; /* an explicit --proc ro is in force */
    struct sbx_error *err;
};

static int refuse(struct builder *b, const char *hint, const char *message)
{
    int r = error_usage(b->err, b->origin, "%s", message);

    error_add_hint(b->err, hint);
    return r;
}

static int build_mount(struct builder *b, enum spec_mount_kind kind)
{
    struct spec_mount mount = {.kind = kind, .origin = b->origin};
    struct spec_mount *added;
    int r;

    switch (kind) {
    case SPEC_MOUNT_RO:
    case SPEC_MOUNT_RW:
        r = value_bind(b->arena, b->value, b->origin, &mount, b->err);
        break;
    case SPEC_MOUNT_TMPFS:
        r = value_tmpfs(b->arena, b->value, b->origin, &mount, b->err);
        break;
    case SPEC_MOUNT_FILE:
        r = value_file(b->arena, b->value, b->origin, &mount, b->err);
        break;
    case SPEC_MOUNT_HIDE:
    case SPEC_MOUNT_DEV_NODE:
    default:
        r = value_path(b->arena, b->value, b->origin, &mount.target, b->err);
        if (kind == SPEC_MOUNT_DEV_NODE)
            mount.source = mount.target;
        break;
    }
    if (r < 0)
        return r;
    added = ARENA_PUSH(b->arena, &b->spec->mounts);
    if (added == NULL)
        return error_oom(b->err);
    *added = mount;
    return 0;
}

static int build_choice(struct builder *b, enum option_id id, unsigned *ret_index)
{
    return value_choice(b->value, b->origin, option_by_id(id)->choices, ret_index, b->err);
}

static int build_home(struct builder *b)
{
    struct spec *spec = b->spec;
    const char *directory = NULL;
    enum spec_home home = SPEC_HOME_DIRECTORY;
    unsigned index;

    if (value_choice(b->value, b->origin, option_by_id(OPTION_HOME)->choices, &index, NULL) == 0) {
        home = index == 0 ? SPEC_HOME_PRIVATE : SPEC_HOME_HOST;
    } else {
        int r = value_path(b->arena, b->value, b->origin, &directory, b->err);

        if (r < 0)
            return r;
    }
    spec->home = home;
    spec->home_option = (struct spec_text){.value = directory, .origin = b->origin};
    return 0;
}

static int build_proc(struct builder *b)
{
    unsigned index;
    int r = build_choice(b, OPTION_PROC, &index);

    if (r < 0)
        return r;
    b->spec->proc_writable = index == 1;
    b->spec->proc_origin = b->origin;
    b->proc_ro_origin = index == 0 ? b->origin : NULL;
    return 0;
}

static int build_net(struct builder *b)
{
    static const enum spec_net nets[] = {SPEC_NET_NONE, SPEC_NET_HOST, SPEC_NET_HOST_ABSTRACT};
    unsigned index;
    int r = build_choice(b, OPTION_NET, &index);

    if (r < 0)
        return r;
    b->spec->net = nets[index];
    b->spec->net_origin = b->origin;
    return 0;
}

static int build_tty(struct builder *b)
{
    static const enum spec_tty choices[] = {SPEC_TTY_AUTO, SPEC_TTY_NEW, SPEC_TTY_INHERIT,
                                            SPEC_TTY_NONE};
    unsigned index;
    int r = build_choice(b, OPTION_TTY, &index);

    if (r < 0)
        return r;
    b->spec->tty = choices[index];
    b->spec->tty_origin = b->origin;
    return 0;
}

static int build_env(struct builder *b)
{
    struct spec_env env = {.origin = b->origin};
    struct spec_env *added;
    int r = value_env(b->arena, b->value, b->origin, &env.name, &env.value, b->err);

    if (r < 0)
        return r;
    added = ARENA_PUSH(b->arena, &b->spec->env);
    if (added == NULL)
        return error_oom(b->err);
    *added = env;
    return 0;
}

static bool is_alphanumeric(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9');
}

/* RFC 1123: labels of letters, digits and inner hyphens, with dots between them. */
static bool is_hostname(const char *text)
{
    size_t total = strlen(text);

    if (total > MAX_HOSTNAME)
        return false;
    for (;;) {
        size_t length = strcspn(text, ".");

        if (length == 0 || length > MAX_LABEL || text[0] == '-' || text[length - 1] == '-')
            return false;
        for (size_t i = 0; i < length; i++)
            if (!is_alphanumeric(text[i]) && text[i] != '-')
                return false;
        if (text[length] == '\0')
            return true;
        text += length + 1;
    }
}

/* A name may become a file's name: so it starts with a letter or digit. */
static bool is_sandbox_name(const char *text)
{
    if (strlen(text) > MAX_NAME || !is_alphanumeric(text[0]))
        return false;
    for (; *text != '\0'; text++)
        if (!is_alphanumeric(*text) && strchr("._-", *text) == NULL)
            return false;
    return true;
}

static int build_text(struct builder *b, struct spec_text *text)
{
    const char *copy = arena_strdup(b->arena, b->value);

    if (copy == NULL)
        return error_oom(b->err);
    *text = (struct spec_text){.value = copy, .origin = b->origin};
    return 0;
}

static int build_path(struct builder *b, struct spec_text *text)
{
    const char *path;
    int r = value_path(b->arena, b->value, b->origin, &path, b->err);

    if (r == 0)
        *text = (struct spec_text){.value = path, .origin = b->origin};
    return r;
}

static int build_hostname(struct builder *b)
{
    if (!is_hostname(b->value))
        return refuse(b,
                      "letters, digits and inner hyphens, in parts separated by dots, "
                      "64 characters at most",
                      "this is not a host name");
    return build_text(b, &b->spec->hostname);
}

static int build_name(struct builder *b)
{
    if (!is_sandbox_name(b->value))
        return refuse(b,
                      "letters, digits, \".\", \"_\" and \"-\", 63 characters at most, the first "
                      "a letter or digit",
                      "this is not a name for a sandbox");
    return build_text(b, &b->spec->name);
}

/* Its settings are in the list already: what is left of it is its name. */
static int build_profile(struct builder *b)
{
    if (b->value[0] == '\0')
        return refuse(b, "write the name of a profile, or a file", "the profile is empty");
    return build_text(b, &b->spec->profile);
}

static int build_as(struct builder *b)
{
    if (b->value[0] == '\0')
        return refuse(b, "write a user's name or number", "the user is empty");
    return build_text(b, &b->spec->as);
}

static int build_keep_fd(struct builder *b)
{
    struct spec_keep_fds *fds = &b->spec->keep_fds;
    struct spec_keep_fd *added;
    uint64_t fd;
    int r = value_count(b->value, b->origin, 3, MAX_FD, &fd, b->err);

    if (r < 0)
        return r;
    for (size_t i = 0; i < fds->count; i++)
        if (fds->items[i].fd == (int)fd)
            return 0;
    added = ARENA_PUSH(b->arena, fds);
    if (added == NULL)
        return error_oom(b->err);
    *added = (struct spec_keep_fd){.fd = (int)fd, .origin = b->origin};
    return 0;
}

static int build_count(struct builder *b, uint64_t min, uint64_t max, struct spec_number *number)
{
    uint64_t value;
    int r = value_count(b->value, b->origin, min, max, &value, b->err);

    if (r == 0)
        *number = (struct spec_number){.value = value, .origin = b->origin};
    return r;
}

static int build_size(struct builder *b, struct spec_number *number)
{
    uint64_t value;
    int r = value_size(b->value, b->origin, &value, b->err);

    if (r == 0)
        *number = (struct spec_number){.value = value, .origin = b->origin};
    return r;
}

static int build_time(struct builder *b, struct spec_number *number)
{
    uint64_t value;
    int r = value_time(b->value, b->origin, &value, b->err);

    if (r == 0)
        *number = (struct spec_number){.value = value, .origin = b->origin};
    return r;
}

static int build_cpu_time(struct builder *b)
{
    struct spec_number number = {0};
    int r = build_time(b, &number);

    if (r < 0)
        return r;
    /* Rounding would give the command more or less than was asked for. */
    if (number.value % 1000 != 0)
        return refuse(b, "write whole seconds, 1s at least",
                      "the kernel counts CPU time in whole seconds");
    b->spec->cpu_time = number;
    return 0;
}

/* Of two for the same resource the later one counts. */
static int build_rlimit(struct builder *b)
{
    struct spec_rlimits *limits = &b->spec->rlimits;
    struct spec_rlimit limit;
    struct spec_rlimit *slot = NULL;
    int r = rlimit_parse(b->arena, b->value, b->origin, &limit, b->err);

    if (r < 0)
        return r;
    for (size_t i = 0; i < limits->count && slot == NULL; i++)
        if (limits->items[i].resource == limit.resource)
            slot = &limits->items[i];
    if (slot == NULL)
        slot = ARENA_PUSH(b->arena, limits);
    if (slot == NULL)
        return error_oom(b->err);
    *slot = limit;
    return 0;
}

static int build_userns(struct builder *b)
{
    b->spec->userns = true;
    b->spec->userns_origin = b->origin;
    return 0;
}

static int build_report_format(struct builder *b)
{
    unsigned index;
    int r = value_choice(b->value, b->origin, option_by_id(OPTION_REPORT_FORMAT)->choices, &index,
                         b->err);

    if (r == 0)
        b->spec->report_format = index == 0 ? REPORT_FORMAT_JSON : REPORT_FORMAT_ISOLATE;
    return r;
}

/* Lockdown, limits and run. */
static int build_limits(struct builder *b, enum option_id id)
{
    struct spec *spec = b->spec;

    switch (id) {
    case OPTION_USERNS:
        return build_userns(b);
    case OPTION_SECCOMP:
    case OPTION_ALLOW_SYSCALL:
    case OPTION_DENY_SYSCALL:
    case OPTION_ON_REFUSAL:
        return spec_syscalls_build(b->arena, id, b->value, b->origin, spec, b->err);
    case OPTION_KEEP_FD:
        return build_keep_fd(b);
    case OPTION_PIDS:
        return build_count(b, 1, MAX_PIDS, &spec->pids);
    case OPTION_MEMORY:
    case OPTION_SWAP:
    case OPTION_CPUS:
    case OPTION_CPUSET:
    case OPTION_IO_WEIGHT:
    case OPTION_CGROUP_PARENT:
    case OPTION_CGROUP:
        return spec_cgroup_build(b->arena, id, b->value, b->origin, &spec->cgroup, b->err);
    case OPTION_FILE_SIZE:
        return build_size(b, &spec->file_size);
    case OPTION_MAX_OUTPUT:
        return build_size(b, &spec->max_output);
    case OPTION_OPEN_FILES:
        return build_count(b, 3, MAX_FILES, &spec->open_files);
    case OPTION_CPU_TIME:
        return build_cpu_time(b);
    case OPTION_RLIMIT:
        return build_rlimit(b);
    case OPTION_TIME:
        return build_time(b, &spec->time);
    case OPTION_GRACE:
        return build_time(b, &spec->grace);
    case OPTION_PROFILE:
        return build_profile(b);
    case OPTION_DIE_WITH_PARENT:
        spec->die_with_parent = true;
        return 0;
    case OPTION_TTY:
        return build_tty(b);
    case OPTION_NAME:
        return build_name(b);
    case OPTION_REPORT:
    case OPTION_ATTEST:
        return build_path(b, id == OPTION_REPORT ? &spec->report : &spec->attest);
    case OPTION_REPORT_FORMAT:
        return build_report_format(b);
    case OPTION_VERBOSE:
    case OPTION_QUIET:
        spec->verbosity = id == OPTION_VERBOSE ? 1 : -1;
        return 0;
    default:
        /* Never ignored: an option without a case would be isolation that nobody gets. */
        return error_set(b->err, SBX_ERROR_INTERNAL, ENOSYS, "spec", NULL,
                         "this option has no meaning yet");
    }
}

/* Filesystem, network, environment and identity. */
static int build_setting(struct builder *b, enum option_id id)
{
    struct spec *spec = b->spec;

    switch (id) {
    case OPTION_RO:
        return build_mount(b, SPEC_MOUNT_RO);
    case OPTION_RW:
        return build_mount(b, SPEC_MOUNT_RW);
    case OPTION_HIDE:
        return build_mount(b, SPEC_MOUNT_HIDE);
    case OPTION_TMPFS:
        return build_mount(b, SPEC_MOUNT_TMPFS);
    case OPTION_FILE:
        return build_mount(b, SPEC_MOUNT_FILE);
    case OPTION_DEV_NODE:
        return build_mount(b, SPEC_MOUNT_DEV_NODE);
    case OPTION_HOME:
        return build_home(b);
    case OPTION_PROC:
        return build_proc(b);
    case OPTION_ROOT:
        return build_path(b, &spec->root);
    case OPTION_CD:
        return build_path(b, &spec->cd);
    case OPTION_NET:
        return build_net(b);
    case OPTION_ENV:
        return build_env(b);
    case OPTION_ENV_ALL:
        spec->env_all = true;
        spec->env_all_origin = b->origin;
        return 0;
    case OPTION_HOSTNAME:
        return build_hostname(b);
    case OPTION_UID:
        return build_count(b, 0, MAX_ID, &spec->uid);
    case OPTION_GID:
        return build_count(b, 0, MAX_ID, &spec->gid);
    case OPTION_AS:
        return build_as(b);
    default:
        return build_limits(b, id);
    }
}

/* What two settings together mean, or forbid. */
static int check_together(struct builder *b)
{
    struct spec *spec = b->spec;

    if (spec->userns && b->proc_ro_origin != NULL) {
        b->origin = b->proc_ro_origin;
        return refuse(b, "leave out one of the two", "--userns needs a writable /proc");
    }
    if (spec->userns && !spec->proc_writable) {
        spec->proc_writable = true;
        spec->proc_origin = spec->userns_origin;
    }
    return spec_syscalls_check(spec, b->err);
}

static int copy_command(struct builder *b, const char *const *command)
{
    size_t count = 0;
    const char **words;

    while (command != NULL && command[count] != NULL)
        count++;
    if (count == 0) {
        b->origin = "command";
        return refuse(b, "name the command to run", "there is no command");
    }
    words = arena_alloc(b->arena, (count + 1) * sizeof(*words));
    if (words == NULL)
        return error_oom(b->err);
    for (size_t i = 0; i < count; i++) {
        words[i] = arena_strdup(b->arena, command[i]);
        if (words[i] == NULL)
            return error_oom(b->err);
    }
    b->spec->command = words;
    b->spec->command_count = count;
    return 0;
}

static int build_one(struct builder *b, const struct sbx_option *option, const char *value,
                     const char *origin)
{
    int r;

    b->value = value;
    b->origin = arena_strdup(b->arena, origin);
    if (b->origin == NULL)
        return error_oom(b->err);
    /* "no" for a flag is not a way to leave it off: refused, not taken as yes. */
    if (option->kind == SBX_VALUE_FLAG && value[0] != '\0')
        return refuse(b, "leave the option out to leave it off", "a flag takes no value");
    r = build_setting(b, (enum option_id)option->id);
    if (r < 0)
        error_add_origin(b->err, b->origin);
    return r;
}

int spec_check_value(struct arena *arena, const struct sbx_option *option, const char *value,
                     const char *origin, struct sbx_error *err)
{
    struct spec spec = {0};
    struct builder b = {.arena = arena, .spec = &spec, .err = err};

    return build_one(&b, option, value, origin);
}

int spec_build(struct arena *arena, const struct settings *settings, const char *const *command,
               struct spec *ret_spec, struct sbx_error *err)
{
    struct spec spec = {
        .home_option.origin = default_origin,
        .proc_origin = default_origin,
        .net_origin = default_origin,
        .env_all_origin = default_origin,
        .hostname = {.value = "sbx", .origin = default_origin},
        .userns_origin = default_origin,
        .seccomp_origin = default_origin,
        .on_refusal_origin = default_origin,
        .tty_origin = default_origin,
    };
    struct builder b = {.arena = arena, .spec = &spec, .err = err};
    int r;

    for (size_t i = 0; i < settings->count; i++) {
        const struct setting *setting = &settings->items[i];

        r = build_one(&b, setting->option, setting->value, setting->origin);
        if (r < 0)
            return r;
    }
    r = check_together(&b);
    if (r == 0)
        r = copy_command(&b, command);
    if (r < 0)
        return r;
    *ret_spec = spec;
    return 0;
}
