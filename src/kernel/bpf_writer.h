/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A writer of classic BPF programs, from the last instruction to the first.  All jumps of BPF lead
 * forward; so where a jump leads is always written before the jump, and no offset needs mending
 * later.  See bpf(4), seccomp(2) and the kernel's networking/filter document.
 */
#ifndef KERNEL_BPF_WRITER_H
#define KERNEL_BPF_WRITER_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A program in the making: items[start] up to items[BPF_MAXINSNS - 1]. */
struct bpf_writer {
    struct sock_filter *items; /* room for BPF_MAXINSNS */
    size_t start;              /* BPF_MAXINSNS where nothing is written yet */
    bool too_long;             /* something had no room, and the program is of no use */
};

/** Where a jump leads: to an instruction that is written, or to the end with some value. */
struct bpf_target {
    bool is_return;
    uint32_t value; /* what the program returns, or the instruction's index in items */
};

/** The first instruction so far. */
struct bpf_target bpf_start(const struct bpf_writer *writer);

/** Two targets are the same place. */
bool bpf_same_target(struct bpf_target left, struct bpf_target right);

/** Write an instruction that is no jump before all others. */
void bpf_write(struct bpf_writer *writer, uint16_t code, uint32_t k);

/**
 * Write a conditional jump before all others and return where it stands.  @test is BPF_JEQ,
 * BPF_JGE, BPF_JGT or BPF_JSET and compares the accumulator with @k.  Its offsets have 8 bits:
 * where a target is farther away, a stepping stone is written behind the jump, once for all jumps
 * near it.
 */
struct bpf_target bpf_write_jump(struct bpf_writer *writer, uint16_t test, uint32_t k,
                                 struct bpf_target yes, struct bpf_target no);

/** See to it that what is written next runs on into @target. */
void bpf_continue_at(struct bpf_writer *writer, struct bpf_target target);

#endif
