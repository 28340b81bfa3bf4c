/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/capability.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int capability_prepare(struct capability_drop *ret_drop, struct sbx_error *err)
{
    unsigned known = 0; /* the kernel knows this one */
    unsigned above = 64;

    /* A child of a new user namespace starts with every set full, so what is to be dropped is
     * what the kernel knows, not what the caller has.  Their numbers have no gap. */
    while (above - known > 1) {
        unsigned middle = known + (above - known) / 2;

        if (prctl(PR_CAPBSET_READ, middle, 0, 0, 0) >= 0)
            known = middle;
        else if (errno == EINVAL)
            above = middle;
        else
            return error_set(err, SBX_ERROR_SETUP, errno, "capabilities", NULL,
                             "the kernel doesn't say which capabilities it has");
    }
    ret_drop->bounding = UINT64_MAX >> (63 - known);
    return 0;
}

bool capability_is_effective(unsigned capability)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};

    return syscall(SYS_capget, &header, data) == 0 &&
           (data[capability / 32].effective & (1U << capability % 32)) != 0;
}

/* Drop what @drop lists, and look whether the kernel knows one more: a list that was cut short
 * must not leave a capability behind. */
static int empty_bounding_set(const struct capability_drop *drop)
{
    for (unsigned capability = 0; capability < 64; capability++) {
        bool listed = (drop->bounding & (UINT64_C(1) << capability)) != 0;

        if (listed && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0)
            return -errno;
        if (listed)
            continue;
        if (prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0)
            return -ESTALE;
        return errno == EINVAL ? 0
                               : -errno; /* EINVAL: the kernel knows no such number, nor later */
    }
    return 0;
}

static int change_effective(uint64_t taken, uint64_t given, uint64_t *ret_changed)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};
    uint64_t changed = 0;

    if (syscall(SYS_capget, &header, data) < 0)
        return -errno;
    for (unsigned i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
        uint32_t before = data[i].effective;

        data[i].effective = (before & ~(uint32_t)(taken >> 32 * i)) | (uint32_t)(given >> 32 * i);
        changed |= (uint64_t)(before ^ data[i].effective) << 32 * i;
    }
    if (ret_changed != NULL)
        *ret_changed = changed;
    return changed != 0 && syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

int capability_lay_down(uint64_t capabilities, uint64_t *ret_taken)
{
    return change_effective(capabilities, 0, ret_taken);
}

int capability_give_back(uint64_t taken)
{
    return change_effective(0, taken, NULL);
}

int capability_drop_all(const struct capability_drop *drop)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};
    int result = empty_bounding_set(drop);

    if (result < 0)
        return result;
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
        return -errno;
    if (prctl(PR_SET_SECUREBITS, CAPABILITY_SECUREBITS, 0, 0, 0) < 0)
        return -errno;
    return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}
