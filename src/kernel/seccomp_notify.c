/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/seccomp_notify.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What newer kernels have in these structs lies behind what is known here. */
#define MAX_MESSAGE 512

static int is_refusal(const struct sock_filter *instruction)
{
    uint32_t error = instruction->k & SECCOMP_RET_DATA;

    return instruction->code == (BPF_RET | BPF_K) &&
           (instruction->k & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO && error != 0 &&
           error != ENOSYS;
}

struct sock_filter *seccomp_notifying(struct arena *arena, const struct sock_filter *filter,
                                      size_t length)
{
    struct sock_filter *copy = arena_alloc(arena, length * sizeof(*copy));

    if (copy == NULL)
        return NULL;
    memcpy(copy, filter, length * sizeof(*copy));
    for (size_t i = 0; i < length; i++)
        if (is_refusal(&copy[i]))
            copy[i].k = SECCOMP_RET_USER_NOTIF;
    return copy;
}

/* How far the jump @instruction goes for @value; -1: it is none that is known. */
static int64_t distance(const struct sock_filter *instruction, uint32_t value)
{
    uint32_t k = instruction->k;

    switch (instruction->code) {
    case BPF_JMP | BPF_JA:
        return k;
    case BPF_JMP | BPF_JEQ | BPF_K:
        return value == k ? instruction->jt : instruction->jf;
    case BPF_JMP | BPF_JGT | BPF_K:
        return value > k ? instruction->jt : instruction->jf;
    case BPF_JMP | BPF_JGE | BPF_K:
        return value >= k ? instruction->jt : instruction->jf;
    case BPF_JMP | BPF_JSET | BPF_K:
        return (value & k) != 0 ? instruction->jt : instruction->jf;
    default:
        return -1;
    }
}

int seccomp_evaluate(const struct sock_filter *filter, size_t length,
                     const struct seccomp_data *data, uint32_t *ret_action)
{
    uint32_t value = 0;

    /* jumps lead forward only, so there is an end */
    for (size_t i = 0; i < length; i++) {
        const struct sock_filter *instruction = &filter[i];
        int64_t skipped;

        switch (instruction->code) {
        case BPF_LD | BPF_W | BPF_ABS:
            if (instruction->k > sizeof(*data) - sizeof(value))
                return -EINVAL;
            memcpy(&value, (const char *)data + instruction->k, sizeof(value));
            continue;
        case BPF_ALU | BPF_AND | BPF_K:
            value &= instruction->k;
            continue;
        case BPF_RET | BPF_K:
            *ret_action = instruction->k;
            return 0;
        default:
            skipped = distance(instruction, value);
            if (skipped < 0)
                return -EINVAL;
            i += (size_t)skipped;
        }
    }
    return -EINVAL;
}

/* The structs are the kernel's in size: it refuses others, and writes as much as it has. */
static int check_sizes(void)
{
    struct seccomp_notif_sizes sizes;

    if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) < 0)
        return -errno;
    return sizes.seccomp_notif <= MAX_MESSAGE && sizes.seccomp_notif_resp <= MAX_MESSAGE ? 0
                                                                                         : -E2BIG;
}

int seccomp_receive(int listener, struct seccomp_refusal *ret_refusal)
{
    union {
        struct seccomp_notif call;
        char room[MAX_MESSAGE];
    } message;
    int result = check_sizes();

    if (result < 0)
        return result;
    memset(&message, 0, sizeof(message)); /* the kernel insists */
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &message) < 0)
        return errno == ENOENT || errno == EINTR ? -EAGAIN : -errno;
    *ret_refusal = (struct seccomp_refusal){.id = message.call.id, .data = message.call.data};
    return 0;
}

int seccomp_refuse(int listener, uint64_t id, int error)
{
    union {
        struct seccomp_notif_resp answer;
        char room[MAX_MESSAGE];
    } message;

    memset(&message, 0, sizeof(message));
    message.answer = (struct seccomp_notif_resp){.id = id, .error = -error};
    return ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &message) < 0 ? -errno : 0;
}
