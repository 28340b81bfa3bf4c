/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What makes sbx-broken of sbx: a program for tests, in which one part of the set-up is not done.
 *
 * It has the same objects as sbx, nothing in those knows of this: the linker (--wrap) leads a few
 * calls through here.  The plan stays whole, so what sbx-broken has promised is all of it; only
 * what is launched is not.  SBX_BREAK says what is left out:
 *
 *   skip:N               step N of the plan, as `sbx plan` counts
 *   weaken:N:MASK        of the mount of step N these attributes; of its namespaces these flags
 *   propagation          mounts stay in the groups that the host's are in
 *   shallow              a copy is restricted at its top only
 *   devices              the host's /dev, of which devices are copied, is not restricted
 *   bounding, securebits the bounding set stays full; the securebits are not set
 *   init:NAME            in init and the command's process, see init.c
 */
#include "kernel/capability.h"
#include "run/cgroup_run.h"
#include "run/init_image.h"
#include "run/launch.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define INIT_MARK "SBX_INIT_BREAK="
#define INIT_NAME 16

int __real_launch_start(const struct plan *plan, const struct launch_inputs *given,
                        struct launch *ret_launch, struct sbx_error *err);
int __wrap_launch_start(const struct plan *plan, const struct launch_inputs *given,
                        struct launch *ret_launch, struct sbx_error *err);
int __wrap_mount_restrict(int fd, uint64_t attributes, int recursive);
int __wrap_mount_copy_restricted(int directory, const char *name, uint64_t attributes);
int __real_mount_restrict_tree(const char *path, uint64_t attributes);
int __wrap_mount_restrict_tree(const char *path, uint64_t attributes);
int __real_capability_drop_all(const struct capability_drop *drop);
int __wrap_capability_drop_all(const struct capability_drop *drop);

static const char *break_of(const char *name)
{
    const char *value = getenv("SBX_BREAK");
    size_t length = strlen(name);

    return value != NULL && strncmp(value, name, length) == 0 ? value + length : NULL;
}

/* The child may not look at the environment. */
static bool keeps_propagation;
static bool is_shallow;
static bool keeps_devices;
static bool is_weakened;
static bool keeps_bounding;
static bool keeps_securebits;

static _Noreturn void refuse(const char *what)
{
    fprintf(stderr, "sbx-broken: %s\n", what);
    exit(99);
}

/* Init has no environment: a name is put into its image, which here can be written to. */
__attribute__((constructor)) static void prepare(void)
{
    const char *name = break_of("init:");
    size_t size = (size_t)(sbx_init_image_end - sbx_init_image);
    char *mark = memmem(sbx_init_image, size, INIT_MARK, strlen(INIT_MARK));

    keeps_propagation = break_of("propagation") != NULL;
    is_shallow = break_of("shallow") != NULL;
    keeps_devices = break_of("devices") != NULL;
    is_weakened = break_of("weaken:") != NULL;
    keeps_bounding = break_of("bounding") != NULL;
    keeps_securebits = break_of("securebits") != NULL;
    if (mark == NULL)
        refuse("its init can't be broken");
    /* so that there is a session keyring that could be passed on */
    if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS)
        refuse("cannot make a session keyring");
    if (name != NULL)
        snprintf(mark + strlen(INIT_MARK), INIT_NAME, "%s", name);
}

/* As a plan that never had the step.  The others keep their numbers: they are told by them. */
static void skip(struct plan *plan, struct step *step)
{
    switch (step->kind) {
    case STEP_SECCOMP:
        plan->filter = (struct syscalls_request){.policy = SPEC_SECCOMP_OFF};
        break;
    case STEP_TERMINAL:
        plan->terminal.replaced = 0;
        break;
    case STEP_SESSION:
    case STEP_PROCESS_GROUP:
    case STEP_COMMAND:
        refuse("init does this step: see init:NAME");
    default:
        break;
    }
    step->kind = STEP_PROCESS_GROUP; /* one that nobody but init does anything for */
}

static void weaken(struct step *step, uint64_t mask)
{
    if (step->kind == STEP_NAMESPACES || step->kind == STEP_UNSHARE)
        step->number &= ~mask;
    else
        step->attributes &= ~mask;
}

int __wrap_launch_start(const struct plan *plan, const struct launch_inputs *given,
                        struct launch *ret_launch, struct sbx_error *err)
{
    const char *what = break_of("skip:");
    bool weakened = what == NULL && (what = break_of("weaken:")) != NULL;
    struct plan broken = *plan;
    char *rest = NULL;
    size_t number = what == NULL ? 0 : strtoul(what, &rest, 10);
    int result;

    if (what == NULL)
        return __real_launch_start(plan, given, ret_launch, err);
    if (number < 1 || number > plan->steps.count)
        refuse("the plan has no such step");
    broken.steps.items = malloc(plan->steps.count * sizeof(*broken.steps.items));
    if (broken.steps.items == NULL)
        refuse("no memory");
    memcpy(broken.steps.items, plan->steps.items, plan->steps.count * sizeof(*plan->steps.items));
    if (weakened)
        weaken(&broken.steps.items[number - 1], strtoull(rest + 1, NULL, 0));
    else
        skip(&broken, &broken.steps.items[number - 1]);
    result = __real_launch_start(&broken, given, ret_launch, err);
    free(broken.steps.items);
    return result;
}

int __wrap_mount_restrict(int fd, uint64_t attributes, int recursive)
{
    struct mount_attr attr = {.attr_set = attributes,
                              .propagation = keeps_propagation ? 0 : MS_PRIVATE};
    unsigned flags = AT_EMPTY_PATH | (recursive && !is_shallow ? (unsigned)AT_RECURSIVE : 0);

    return mount_setattr(fd, "", flags, &attr, sizeof(attr)) < 0 ? -errno : 0;
}

/* as on a kernel that has no such call */
int __wrap_mount_copy_restricted(int directory, const char *name, uint64_t attributes)
{
    (void)directory;
    (void)name;
    (void)attributes;
    return -ENOSYS;
}

/* Where one device is to have less than the others, each is restricted by itself: as on a host
 * whose /dev is no mount. */
int __wrap_mount_restrict_tree(const char *path, uint64_t attributes)
{
    if (keeps_devices)
        return 0;
    return is_weakened ? -EINVAL : __real_mount_restrict_tree(path, attributes);
}

int __wrap_capability_drop_all(const struct capability_drop *drop)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};

    if (!keeps_bounding && !keeps_securebits)
        return __real_capability_drop_all(drop);
    for (unsigned capability = 0; capability < 64 && !keeps_bounding; capability++)
        if ((drop->bounding & (UINT64_C(1) << capability)) != 0)
            prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    if (!keeps_securebits)
        prctl(PR_SET_SECUREBITS, CAPABILITY_SECUREBITS, 0, 0, 0);
    return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}
