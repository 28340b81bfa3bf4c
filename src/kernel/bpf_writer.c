/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/bpf_writer.h"

/* From the first instruction so far.  A conditional jump skips up to 255, and the stepping stone of
 * its other target may come between. */
#define REACH 254

struct bpf_target bpf_start(const struct bpf_writer *writer)
{
    return (struct bpf_target){.value = (uint32_t)writer->start};
}

bool bpf_same_target(struct bpf_target left, struct bpf_target right)
{
    return left.is_return == right.is_return && left.value == right.value;
}

static void prepend(struct bpf_writer *writer, struct sock_filter instruction)
{
    if (writer->start == 0)
        writer->too_long = true;
    else
        writer->items[--writer->start] = instruction;
}

void bpf_write(struct bpf_writer *writer, uint16_t code, uint32_t k)
{
    prepend(writer, (struct sock_filter)BPF_STMT(code, k));
}

/* Does the instruction at @at do nothing but what a jump to @target would? */
static bool leads_to(const struct bpf_writer *writer, size_t at, struct bpf_target target)
{
    const struct sock_filter *instruction = &writer->items[at];

    if (target.is_return)
        return instruction->code == (BPF_RET | BPF_K) && instruction->k == target.value;
    return at == target.value ||
           (instruction->code == (BPF_JMP | BPF_JA) && at + 1 + instruction->k == target.value);
}

/* The index of an instruction within @distance of the start that leads to @target; one is written
 * where there is none. */
static size_t reach(struct bpf_writer *writer, struct bpf_target target, size_t distance)
{
    for (size_t at = writer->start; at < BPF_MAXINSNS && at - writer->start <= distance; at++)
        if (leads_to(writer, at, target))
            return at;
    if (target.is_return)
        bpf_write(writer, BPF_RET | BPF_K, target.value);
    else
        bpf_write(writer, BPF_JMP | BPF_JA, target.value - (uint32_t)writer->start);
    return writer->start;
}

struct bpf_target bpf_write_jump(struct bpf_writer *writer, uint16_t test, uint32_t k,
                                 struct bpf_target yes, struct bpf_target no)
{
    size_t on_yes = reach(writer, yes, REACH), on_no = reach(writer, no, REACH);
    /* Offsets count from the instruction behind the jump, which is the first so far. */
    uint8_t yes_offset = (uint8_t)(on_yes - writer->start),
            no_offset = (uint8_t)(on_no - writer->start);

    prepend(writer, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_K | test, k, yes_offset, no_offset));
    return bpf_start(writer);
}

void bpf_continue_at(struct bpf_writer *writer, struct bpf_target target)
{
    reach(writer, target, 0);
}
