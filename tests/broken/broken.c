/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What makes sbx-broken of sbx: a program for tests, in which one part of the set-up is not done.
 *
 * It has the same objects as sbx, nothing in those knows of this: the linker (--wrap) leads a few
 * calls through here.  The plan stays whole, so what sbx-broken has promised is all of it; only
 * what is launched is not.  SBX_BREAK says in words what is left out:
 *
 *   skip:STEP            a step of the plan
 *   weaken:STEP:MASK     of its mount these attributes; of its namespaces these flags
 *   propagation          mounts stay in the groups that the host's are in
 *   shallow              a copy is restricted at its top only
 *   devices              the host's /dev, of which devices are copied, is not restricted
 *   bounding, securebits the bounding set stays full; the securebits are not set
 *   init:NAME            in init and the command's process, see init.c
 *
 * STEP is its number, as `sbx plan` counts, or its word there, or both its word and its place, as
 * "mask=/proc/keys": by a word nothing is left out where the plan has no such step.
 *
 * With SBX_BREAK_BLIND the attestation finds everything as planned, so that the command starts, and
 * what comes of it can be seen.
 */
#include "kernel/capability.h"
#include "run/attest.h"
#include "run/cgroup_run.h"
#include "run/init_image.h"
#include "run/launch.h"
#include "run/step.h"

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
int __real_attestation_view(struct attestation *attestation, pid_t init, int landlock_error,
                            struct sbx_error *err);
int __wrap_attestation_view(struct attestation *attestation, pid_t init, int landlock_error,
                            struct sbx_error *err);
int __real_attestation_command(struct attestation *attestation, pid_t pid,
                               const struct wire_hello *hello, const struct attest_command *command,
                               struct sbx_error *err);
int __wrap_attestation_command(struct attestation *attestation, pid_t pid,
                               const struct wire_hello *hello, const struct attest_command *command,
                               struct sbx_error *err);

struct word {
    const char *text;
    size_t length;
};

/* The next word of SBX_BREAK after @word, which is empty at first; false: there is no more. */
static bool next_word(struct word *word)
{
    const char *from = word->text == NULL ? getenv("SBX_BREAK") : word->text + word->length;

    if (from == NULL)
        return false;
    word->text = from + strspn(from, " ");
    word->length = strcspn(word->text, " ");
    return word->length > 0;
}

/* Does @word begin with @name?  Then it becomes what follows. */
static bool take(struct word *word, const char *name)
{
    size_t length = strlen(name);

    if (word->length < length || memcmp(word->text, name, length) != 0)
        return false;
    word->text += length;
    word->length -= length;
    return true;
}

static bool breaks(const char *name)
{
    for (struct word word = {0}; next_word(&word);)
        if (take(&word, name))
            return true;
    return false;
}

/* The child may not look at the environment. */
static bool keeps_propagation;
static bool is_shallow;
static bool keeps_devices;
static bool is_weakened;
static bool keeps_bounding;
static bool keeps_securebits;
static bool is_blind;

static _Noreturn void refuse(const char *what)
{
    fprintf(stderr, "sbx-broken: %s\n", what);
    exit(99);
}

/* Init has no environment: a name is put into its image, which here can be written to. */
static void break_init(void)
{
    size_t size = (size_t)(sbx_init_image_end - sbx_init_image);
    char *mark = memmem(sbx_init_image, size, INIT_MARK, strlen(INIT_MARK));

    if (mark == NULL)
        refuse("its init can't be broken");
    for (struct word word = {0}; next_word(&word);)
        if (take(&word, "init:"))
            snprintf(mark + strlen(INIT_MARK), INIT_NAME, "%.*s", (int)word.length, word.text);
}

__attribute__((constructor)) static void prepare(void)
{
    keeps_propagation = breaks("propagation");
    is_shallow = breaks("shallow");
    keeps_devices = breaks("devices");
    is_weakened = breaks("weaken:");
    keeps_bounding = breaks("bounding");
    keeps_securebits = breaks("securebits");
    is_blind = getenv("SBX_BREAK_BLIND") != NULL;
    break_init();
    /* so that there is a session keyring that could be passed on */
    if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS)
        refuse("cannot make a session keyring");
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

/* Is @step, which has this @number, the one that @word means? */
static bool is_meant(const struct step *step, size_t number, struct word word)
{
    const char *place = memchr(word.text, '=', word.length);
    const char *target = step->target != NULL ? step->target : "";

    if (*word.text >= '0' && *word.text <= '9')
        return strtoul(word.text, NULL, 10) == number;
    if (!take(&word, step_ops[step->kind].name))
        return false;
    return place == NULL ? word.length == 0
                         : word.length == strlen(target) + 1 &&
                               memcmp(word.text + 1, target, strlen(target)) == 0;
}

/* What @word says, a step or a step and a mask, in the steps of @broken. */
static void break_steps(struct plan *broken, struct word word, bool weakened)
{
    const char *mask = weakened ? memrchr(word.text, ':', word.length) : NULL;

    if (mask != NULL)
        word.length = (size_t)(mask - word.text);
    if (*word.text >= '0' && *word.text <= '9' &&
        strtoul(word.text, NULL, 10) > broken->steps.count)
        refuse("the plan has no such step");
    for (size_t i = 0; i < broken->steps.count; i++)
        if (!is_meant(&broken->steps.items[i], i + 1, word))
            continue;
        else if (weakened)
            weaken(&broken->steps.items[i], mask == NULL ? 0 : strtoull(mask + 1, NULL, 0));
        else
            skip(broken, &broken->steps.items[i]);
}

int __wrap_launch_start(const struct plan *plan, const struct launch_inputs *given,
                        struct launch *ret_launch, struct sbx_error *err)
{
    size_t size = plan->steps.count * sizeof(*plan->steps.items);
    struct plan broken = *plan;
    int result;

    broken.steps.items = malloc(size);
    if (broken.steps.items == NULL)
        refuse("no memory");
    memcpy(broken.steps.items, plan->steps.items, size);
    for (struct word word = {0}; next_word(&word);) {
        struct word rest = word;

        if (take(&rest, "skip:"))
            break_steps(&broken, rest, false);
        else if (take(&rest, "weaken:"))
            break_steps(&broken, rest, true);
    }
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

int __wrap_attestation_view(struct attestation *attestation, pid_t init, int landlock_error,
                            struct sbx_error *err)
{
    return is_blind ? 0 : __real_attestation_view(attestation, init, landlock_error, err);
}

int __wrap_attestation_command(struct attestation *attestation, pid_t pid,
                               const struct wire_hello *hello, const struct attest_command *command,
                               struct sbx_error *err)
{
    return is_blind ? 0 : __real_attestation_command(attestation, pid, hello, command, err);
}
