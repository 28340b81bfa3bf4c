/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/default_view.h"

#include "policy/terminal.h"

#include "base/path.h"

#include <errno.h>
#include <string.h>
#include <sys/mount.h>

#define DEFAULT "default"
#define PRIVATE (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)

const char *const default_view_paths[] = {
    "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom",
    "/dev/tty",  "/proc/sys", "/proc/fs",  "/proc/irq",   NULL,
};

const char *const default_view_places[] = {
    "/tmp", "/var/tmp", "/run", "/etc/passwd", "/etc/hosts", "/etc/resolv.conf", NULL,
};

/* What is hidden by default; where it is no file but a directory it is hidden at the second try. */
struct default_mask {
    const char *path;
    bool directory;
};

#define FILE(path)                                                                                 \
    {                                                                                              \
        path, false                                                                                \
    }
#define DIRECTORY(path)                                                                            \
    {                                                                                              \
        path, true                                                                                 \
    }

/* Each of these tells of the machine or of others, or is a handle on the kernel. */
static const struct default_mask proc_masks[] = {
    DIRECTORY("/proc/acpi"),          /* writable settings of the firmware on some machines */
    DIRECTORY("/proc/asound"),        /* sound hardware and who uses it */
    DIRECTORY("/proc/bus"),           /* raw access to PCI and USB configuration */
    FILE("/proc/config.gz"),          /* helps to choose an exploit */
    DIRECTORY("/proc/dynamic_debug"), /* control of the kernel's log */
    FILE("/proc/interrupts"),         /* timing of other people's key strokes */
    FILE("/proc/kallsyms"),           /* kernel addresses */
    FILE("/proc/kcore"),              /* the machine's memory */
    FILE("/proc/key-users"),          /* key rings of other users */
    FILE("/proc/keys"),               /* key rings are not in any namespace */
    FILE("/proc/kmsg"),               /* the kernel's log */
    FILE("/proc/kpagecgroup"),        /* physical memory, page by page */
    FILE("/proc/kpagecount"),         /* the same */
    FILE("/proc/kpageflags"),         /* the same */
    FILE("/proc/latency_stats"),      /* what other processes wait for */
    FILE("/proc/modules"),            /* helps to choose an exploit */
    FILE("/proc/sched_debug"),        /* every process of the machine */
    DIRECTORY("/proc/scsi"),          /* writable: removes disks */
    FILE("/proc/slabinfo"),           /* helps to shape the kernel's heap */
    FILE("/proc/sysrq-trigger"),      /* reboots the machine */
    FILE("/proc/timer_list"),         /* every process of the machine, kernel addresses */
    FILE("/proc/timer_stats"),        /* the same, on older kernels */
    FILE("/proc/vmallocinfo"),        /* kernel addresses */
};

static const struct default_mask sys_masks[] = {
    DIRECTORY("/sys/devices/virtual/powercap"), /* power readings leak what others compute */
    DIRECTORY("/sys/firmware"),                 /* serial numbers, EFI variables */
    DIRECTORY("/sys/fs/bpf"),                   /* pinned programs and maps of others */
    DIRECTORY("/sys/fs/cgroup"),                /* every service and user of the machine */
    DIRECTORY("/sys/fs/pstore"),                /* kernel logs of crashes */
    DIRECTORY("/sys/fs/selinux"),               /* policy control */
    DIRECTORY("/sys/kernel/debug"),             /* debugfs */
    FILE("/sys/kernel/notes"),                  /* helps to choose an exploit */
    DIRECTORY("/sys/kernel/security"),          /* securityfs */
    DIRECTORY("/sys/kernel/tracing"),           /* tracefs */
    FILE("/sys/kernel/vmcoreinfo"),             /* kernel addresses */
    DIRECTORY("/sys/module"),                   /* helps to choose an exploit */
};

const char *const root_secrets[] = {
    "/boot/grub",
    "/etc/.pwd.lock",
    "/etc/NetworkManager/system-connections",
    "/etc/apt/auth.conf",
    "/etc/apt/auth.conf.d",
    "/etc/crypttab",
    "/etc/cryptsetup-keys.d",
    "/etc/docker/key.json",
    "/etc/exim4/passwd.client",
    "/etc/gshadow",
    "/etc/gshadow-",
    "/etc/ipsec.d/private",
    "/etc/ipsec.secrets",
    "/etc/krb5.keytab",
    "/etc/kubernetes",
    "/etc/letsencrypt",
    "/etc/libvirt",
    "/etc/mysql/debian.cnf",
    "/etc/netplan",
    "/etc/openvpn",
    "/etc/postfix/sasl",
    "/etc/postfix/sasl_passwd",
    "/etc/ppp/chap-secrets",
    "/etc/ppp/pap-secrets",
    "/etc/samba/private",
    "/etc/security/opasswd",
    "/etc/shadow",
    "/etc/shadow-",
    "/etc/ssh/ssh_host_dsa_key",
    "/etc/ssh/ssh_host_ecdsa_key",
    "/etc/ssh/ssh_host_ed25519_key",
    "/etc/ssh/ssh_host_rsa_key",
    "/etc/ssl/private",
    "/etc/sudoers",
    "/etc/sudoers.d",
    "/etc/swanctl/private",
    "/etc/wireguard",
    "/etc/wpa_supplicant",
    "/var/backups",
    "/var/cache/debconf/passwords.dat",
    "/var/lib/NetworkManager",
    "/var/lib/containerd",
    "/var/lib/containers",
    "/var/lib/docker",
    "/var/lib/iwd",
    "/var/lib/kubelet",
    "/var/lib/private",
    "/var/lib/samba/private",
    "/var/lib/systemd/credential.secret",
    "/var/lib/systemd/random-seed",
    "/var/log",
    "/var/mail",
    "/var/spool/at",
    "/var/spool/cron",
    "/var/spool/mail",
    NULL,
};

static bool is_masked(const char *path, const struct default_mask *masks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (path_is_within(path, masks[i].path))
            return true;
    return false;
}

static bool is_secret(const char *path)
{
    for (const char *const *secret = root_secrets; *secret != NULL; secret++)
        if (path_is_within(path, *secret))
            return true;
    return false;
}

bool default_view_masks(const char *path, bool is_root)
{
    return is_masked(path, proc_masks, sizeof(proc_masks) / sizeof(proc_masks[0])) ||
           is_masked(path, sys_masks, sizeof(sys_masks) / sizeof(sys_masks[0])) ||
           (is_root && is_secret(path));
}

static int add(struct view *view, struct arena *arena, const struct view_entry *entry)
{
    struct view_entry copy = *entry;

    if (copy.step.origin == NULL)
        copy.step.origin = DEFAULT;
    return view_add(view, arena, &copy);
}

static int add_masks(struct view *view, struct arena *arena, const struct default_mask *masks,
                     size_t count, unsigned flags)
{
    for (size_t i = 0; i < count; i++) {
        const struct view_entry mask = {
            .step = {STEP_MASK, .target = masks[i].path, .flags = flags},
            .directory = masks[i].directory,
        };

        if (add(view, arena, &mask) < 0)
            return -ENOMEM;
    }
    return 0;
}

int default_view_add_tmpfs(struct view *view, struct arena *arena, const struct host *host,
                           const char *target, uint32_t mode, unsigned percent, const char *origin)
{
    uint64_t size = host->memory / 100 * percent;
    struct view_entry entry = {
        .step = {STEP_TMPFS, .origin = origin, .target = target, .mode = mode,
                 .number = size < (1U << 20) ? 1U << 20 : size,
                 /* an inode costs about 1 KiB of kernel memory that the size doesn't count */
                 .number2 = host->memory / 16384 < 4096 ? 4096 : host->memory / 16384,
                 .attributes = PRIVATE},
        .writable = true,
        .directory = true,
    };

    return view_add(view, arena, &entry);
}

static const char *directory_of(const struct host_path *fact)
{
    return fact != NULL && fact->type == HOST_FILE_DIRECTORY ? fact->canonical : NULL;
}

static bool is_own_place(const char *path)
{
    return path_is_within(path, "/dev") || path_is_within(path, "/proc") ||
           path_is_within(path, "/sys");
}

/* The directory that @path of the view's root is or leads to: /var/tmp -> /tmp is private once, as
 * /tmp.  A tree that lacks it gets it, where @always says so. */
static const char *private_place(const struct host *host, const char *path, bool always)
{
    const char *directory = directory_of(host_inside_path(host, path));
    const struct host_place *place = host->tree.path == NULL ? NULL : host_inside_place(host, path);

    if (directory == NULL && always && place != NULL && place->error == 0 && place->directory)
        directory = place->place;
    /* a tree whose /tmp is a link to /dev */
    return directory != NULL && place != NULL && is_own_place(directory) ? NULL : directory;
}

static bool has_child_mount(const struct host *host, const struct host_mount *mount)
{
    for (size_t i = 0; i < host->mounts.count; i++)
        if (host->mounts.items[i].parent == mount->id)
            return true;
    return false;
}

/* What the host mounted below its /proc is mounted below the fresh one, topmost mounts only: the
 * copy of each is recursive.  An automount point that nothing triggered has nothing to show. */
static int add_proc_submounts(struct view *view, struct arena *arena, const struct host *host)
{
    for (size_t i = 0; i < host->mounts.count; i++) {
        const struct host_mount *mount = &host->mounts.items[i];
        const struct view_entry *around =
            path_is_below(mount->point, "/proc") ? view_covering(view, mount->point) : NULL;
        struct view_entry entry = {
            .step = {STEP_BIND, .origin = "host mount", .source = mount->point,
                     .target = mount->point,
                     .attributes = MOUNT_ATTR_RDONLY | PRIVATE | MOUNT_ATTR_NOEXEC},
        };

        if (around == NULL || around->step.kind != STEP_PROC)
            continue;
        if (strcmp(mount->type, "autofs") == 0 && !has_child_mount(host, mount))
            continue;
        if (view_add(view, arena, &entry) < 0)
            return -ENOMEM;
    }
    return 0;
}

/* In a writable procfs what belongs to the machine stays read-only: a user id of 0 is enough to
 * write most of it, no capability is asked for. */
static int add_proc_guards(struct view *view, struct arena *arena, const struct host *host)
{
    static const char *const guarded[] = {"/proc/sys", "/proc/fs", "/proc/irq"};

    for (size_t i = 0; i < sizeof(guarded) / sizeof(guarded[0]); i++) {
        struct view_entry entry = {
            .step = {STEP_BIND, .source = guarded[i], .target = guarded[i],
                     .attributes = MOUNT_ATTR_RDONLY | PRIVATE | MOUNT_ATTR_NOEXEC},
            .directory = true,
        };

        if (directory_of(host_path_find(host, guarded[i])) != NULL && add(view, arena, &entry) < 0)
            return -ENOMEM;
    }
    return 0;
}

static int add_proc(struct view *view, struct arena *arena, const struct spec *spec,
                    const struct host *host)
{
    struct view_entry proc = {
        .step = {STEP_PROC, .target = "/proc", .origin = spec->proc_origin,
                 .attributes =
                     DEFAULT_VIEW_PROC_ATTRIBUTES | (spec->proc_writable ? 0 : MOUNT_ATTR_RDONLY)},
        .writable = spec->proc_writable,
    };

    if (add(view, arena, &proc) < 0 ||
        add_masks(view, arena, proc_masks, sizeof(proc_masks) / sizeof(proc_masks[0]),
                  STEP_ON_PROCFS) < 0)
        return -ENOMEM;
    if (spec->proc_writable && add_proc_guards(view, arena, host) < 0)
        return -ENOMEM;
    /* last: a mount of the host below something that is masked stays hidden */
    return add_proc_submounts(view, arena, host);
}

static int add_device(struct view *view, struct arena *arena, const char *source,
                      const char *target, uint64_t device, uint64_t inode)
{
    struct view_entry entry = {
        .step = {STEP_BIND, .source = source, .target = target, .device = device, .inode = inode,
                 .attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC},
        .device = true,
    };

    return add(view, arena, &entry);
}

static int add_dev_links(struct view *view, struct arena *arena)
{
    static const char *const links[][2] = {
        {"/dev/fd", "/proc/self/fd"},       {"/dev/stdin", "/proc/self/fd/0"},
        {"/dev/stdout", "/proc/self/fd/1"}, {"/dev/stderr", "/proc/self/fd/2"},
        {"/dev/ptmx", "pts/ptmx"},
    };

    for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
        if (add(view, arena,
                &(struct view_entry){
                    .step = {STEP_SYMLINK, .target = links[i][0], .source = links[i][1]}}) < 0)
            return -ENOMEM;
    return 0;
}

static int add_dev(struct view *view, struct arena *arena, const struct spec *spec,
                   const struct host *host)
{
    static const char *const nodes[] = {"/dev/null",   "/dev/zero",    "/dev/full",
                                        "/dev/random", "/dev/urandom", "/dev/tty"};
    struct view_entry dev = {
        .step = {STEP_TMPFS, .target = "/dev", .mode = 0755, .number = 1U << 20, .number2 = 1024,
                 .attributes = PRIVATE | MOUNT_ATTR_NOEXEC},
        .seal = true,
    };
    /* a terminal may be written to through its own node, wherever in /dev/pts it is */
    struct view_entry pts = {.step = {STEP_DEVPTS, .target = "/dev/pts"}, .device = true};

    if (add(view, arena, &dev) < 0 || add(view, arena, &pts) < 0 || add_dev_links(view, arena) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
        const struct host_path *fact = host_path_find(host, nodes[i]);

        if (fact == NULL || fact->type != HOST_FILE_DEVICE || fact->canonical == NULL)
            continue;
        if (add_device(view, arena, fact->canonical, nodes[i], fact->device, fact->inode) < 0)
            return -ENOMEM;
    }
    /* the name of a terminal that is shared; one of the command's own has one in /dev/pts */
    if (host->terminal != NULL && terminal_decide(spec, host).mode == PLAN_TERMINAL_SHARED &&
        add_device(view, arena, host->terminal, "/dev/console", 0, 0) < 0)
        return -ENOMEM;
    return default_view_add_tmpfs(view, arena, host, "/dev/shm", 01777, 20, DEFAULT);
}

static int add_run_directories(struct view *view, struct arena *arena, const struct spec *spec,
                               const struct host *host)
{
    uint64_t uid = spec->uid.origin != NULL ? spec->uid.value : host->uid;
    const char *run = private_place(host, "/run", true);
    const char *lock = run == NULL ? NULL : path_join(arena, run, "lock");
    const char *users = run == NULL ? NULL : path_join(arena, run, "user");
    const char *user =
        users == NULL ? NULL : arena_printf(arena, "%s/%llu", users, (unsigned long long)uid);
    const struct {
        const char *path;
        uint32_t mode;
    } directories[] = {{lock, 01777}, {users, 0755}, {user, 0700}};

    if (run == NULL)
        return 0;
    if (lock == NULL || users == NULL || user == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
        if (add(view, arena,
                &(struct view_entry){.step = {STEP_DIRECTORY, .target = directories[i].path,
                                              .mode = directories[i].mode}}) < 0)
            return -ENOMEM;
    return 0;
}

static int add_private(struct view *view, struct arena *arena, const struct host *host,
                       const char *path, uint32_t mode, unsigned percent)
{
    const char *directory = private_place(host, path, strcmp(path, "/var/tmp") != 0);

    if (directory == NULL)
        return 0;
    return default_view_add_tmpfs(view, arena, host, directory, mode, percent, DEFAULT);
}

/* The root itself: the host's tree, which has its /sys in it, or that of --root. */
static int add_root(struct view *view, struct arena *arena, const struct spec *spec,
                    const struct host *host)
{
    const struct host_tree *tree = &host->tree;
    struct view_entry mirror = {
        .step = {STEP_MIRROR, .source = "/", .target = "/",
                 .attributes = MOUNT_ATTR_RDONLY | PRIVATE},
    };
    struct view_entry sys = {
        .step = {STEP_BIND, .source = "/sys", .target = "/sys",
                 .attributes = MOUNT_ATTR_RDONLY | PRIVATE | MOUNT_ATTR_NOEXEC},
        .directory = true,
    };

    sys.step.origin = spec->root.origin;
    if (tree->path == NULL)
        return add(view, arena, &mirror);
    mirror.asked = true;
    mirror.step.origin = spec->root.origin;
    mirror.step.source = tree->path;
    mirror.step.device = tree->device;
    mirror.step.inode = tree->inode;
    return add(view, arena, &mirror) < 0 ? -ENOMEM : add(view, arena, &sys);
}

int default_view_add(struct view *view, struct arena *arena, const struct spec *spec,
                     const struct host *host)
{
    int result = add_root(view, arena, spec, host);

    if (result == 0)
        result = add_proc(view, arena, spec, host);
    if (result == 0)
        result = add_masks(view, arena, sys_masks, sizeof(sys_masks) / sizeof(sys_masks[0]),
                           STEP_ON_SYSFS);
    if (result == 0)
        result = add_dev(view, arena, spec, host);
    if (result == 0)
        result = add_private(view, arena, host, "/tmp", 01777, 20);
    if (result == 0)
        result = add_private(view, arena, host, "/var/tmp", 01777, 20);
    if (result == 0)
        result = add_private(view, arena, host, "/run", 0755, 5);
    if (result == 0)
        result = add_run_directories(view, arena, spec, host);
    return result;
}
