/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a seccomp program step by step, with every way out of it checked. */
#ifndef TESTS_BPF_MACHINE_H
#define TESTS_BPF_MACHINE_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bpf_outcome {
    bool is_broken; /* left the program, or met an instruction that no such program has */
    bool looked_at_arguments;
    uint32_t verdict; /* SECCOMP_RET_*, with its data */
    unsigned steps;
};

static inline bool bpf_test_holds(uint16_t code, uint32_t accumulator, uint32_t k)
{
    switch (BPF_OP(code)) {
    case BPF_JEQ:
        return accumulator == k;
    case BPF_JGE:
        return accumulator >= k;
    case BPF_JGT:
        return accumulator > k;
    default:
        return (accumulator & k) != 0; /* BPF_JSET */
    }
}

static inline struct bpf_outcome bpf_run(const struct sock_filter *program, size_t length,
                                         const struct seccomp_data *data)
{
    struct bpf_outcome outcome = {.is_broken = true};
    uint32_t accumulator = 0;

    for (size_t at = 0; at < length; at++) {
        const struct sock_filter *instruction = &program[at];
        const uint16_t code = instruction->code;

        outcome.steps++;
        if (code == (BPF_LD | BPF_W | BPF_ABS)) {
            const uint32_t offset = instruction->k;

            if (offset % sizeof(uint32_t) != 0 || offset >= sizeof(*data))
                return outcome;
            accumulator = ((const uint32_t *)data)[offset / sizeof(uint32_t)];
            outcome.looked_at_arguments |= offset >= offsetof(struct seccomp_data, args);
        } else if (code == (BPF_ALU | BPF_AND | BPF_K)) {
            accumulator &= instruction->k;
        } else if (code == (BPF_JMP | BPF_JA)) {
            at += instruction->k;
        } else if (code == (BPF_RET | BPF_K)) {
            outcome.verdict = instruction->k;
            outcome.is_broken = false;
            return outcome;
        } else if (code == (BPF_JMP | BPF_K | BPF_JEQ) || code == (BPF_JMP | BPF_K | BPF_JGE) ||
                   code == (BPF_JMP | BPF_K | BPF_JGT) || code == (BPF_JMP | BPF_K | BPF_JSET)) {
            at += bpf_test_holds(code, accumulator, instruction->k) ? instruction->jt
                                                                    : instruction->jf;
        } else {
            return outcome;
        }
    }
    return outcome;
}

#endif
