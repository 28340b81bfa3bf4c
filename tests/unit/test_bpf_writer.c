/* SPDX-License-Identifier: Apache-2.0 */
/* kernel/bpf_writer.c: jumps lead where they should, however far that is. */
#include "kernel/bpf_writer.h"

#include "base/cleanup.h"
#include "bpf_machine.h"

#include <criterion/criterion.h>

#define LOAD_NUMBER BPF_LD | BPF_W | BPF_ABS, 0

static struct sock_filter items[BPF_MAXINSNS];

static uint32_t run(const struct bpf_writer *writer, int number)
{
    const struct bpf_outcome outcome =
        bpf_run(writer->items + writer->start, BPF_MAXINSNS - writer->start,
                &(struct seccomp_data){.nr = number});

    cr_assert_not(outcome.is_broken);
    return outcome.verdict;
}

static struct bpf_target returning(uint32_t value)
{
    return (struct bpf_target){.is_return = true, .value = value};
}

/* Write some instruction that leads to @value, for a jump to lead to. */
static struct bpf_target write_way_to(struct bpf_writer *writer, uint32_t value)
{
    bpf_continue_at(writer, returning(value));
    bpf_write(writer, LOAD_NUMBER);
    return bpf_start(writer);
}

static void write_gap(struct bpf_writer *writer, size_t length)
{
    for (size_t i = 0; i < length; i++)
        bpf_write(writer, BPF_ALU | BPF_AND | BPF_K, UINT32_MAX);
}

/* Both targets at all distances around the 255 that a jump can do, and one far, one near. */
Test(bpf_writer, jumps_of_all_lengths)
{
    for (size_t gap = 0; gap < 520; gap++)
        for (size_t between = 0; between < 300; between += 3) {
            struct bpf_writer writer = {items, BPF_MAXINSNS, false};
            struct bpf_target far = write_way_to(&writer, 11), near;

            write_gap(&writer, between);
            near = write_way_to(&writer, 22);
            write_gap(&writer, gap);
            bpf_write_jump(&writer, BPF_JEQ, 5, gap % 2 ? far : near, gap % 2 ? near : far);
            bpf_write(&writer, LOAD_NUMBER);
            cr_assert_eq(run(&writer, 5), gap % 2 ? 11 : 22, "%zu and %zu", gap, between);
            cr_assert_eq(run(&writer, 6), gap % 2 ? 22 : 11, "%zu and %zu", gap, between);
        }
}

Test(bpf_writer, one_stepping_stone_for_many_jumps)
{
    struct bpf_writer writer = {items, BPF_MAXINSNS, false};
    struct bpf_target far = write_way_to(&writer, 11), next;
    size_t start;

    write_gap(&writer, 300);
    start = writer.start;
    next = returning(33);
    for (uint32_t i = 0; i < 100; i++)
        next = bpf_write_jump(&writer, BPF_JEQ, i, far, next);
    cr_expect_eq(start - writer.start, 100 + 1 + 1, "jumps, a return, a stepping stone");
    bpf_write(&writer, LOAD_NUMBER);
    for (int i = 0; i < 110; i++)
        cr_expect_eq(run(&writer, i), i < 100 ? 11 : 33, "%d", i);
}

Test(bpf_writer, returns_are_shared_or_copied)
{
    struct bpf_writer writer = {items, BPF_MAXINSNS, false};

    bpf_continue_at(&writer, returning(11));
    bpf_write_jump(&writer, BPF_JGE, 9, returning(11), returning(22));
    cr_expect_eq(writer.start, BPF_MAXINSNS - 3, "the one that is there is taken");
    bpf_write(&writer, LOAD_NUMBER);
    cr_expect_eq(run(&writer, 9), 11);
    cr_expect_eq(run(&writer, 8), 22);
    write_gap(&writer, 300);
    bpf_write_jump(&writer, BPF_JGT, 9, returning(11), bpf_start(&writer));
    cr_expect_eq(writer.start, BPF_MAXINSNS - 4 - 300 - 2, "a copy is as short as a way there");
    bpf_write(&writer, LOAD_NUMBER);
    cr_expect_eq(run(&writer, 10), 11);
    cr_expect_eq(run(&writer, 9), 11);
    cr_expect_eq(run(&writer, 8), 22);
}

Test(bpf_writer, continues_where_it_is_told)
{
    struct bpf_writer writer = {items, BPF_MAXINSNS, false};
    struct bpf_target way = write_way_to(&writer, 11);

    bpf_continue_at(&writer, way);
    cr_expect(bpf_same_target(bpf_start(&writer), way), "it does so anyway");
    bpf_continue_at(&writer, returning(22));
    bpf_continue_at(&writer, way);
    cr_expect_eq(run(&writer, 0), 11);
}

Test(bpf_writer, too_long)
{
    struct bpf_writer writer = {items, BPF_MAXINSNS, false};

    bpf_continue_at(&writer, returning(11));
    write_gap(&writer, BPF_MAXINSNS - 1);
    cr_expect_eq(writer.start, 0);
    cr_expect_not(writer.too_long);
    cr_expect_eq(run(&writer, 0), 11);
    bpf_write_jump(&writer, BPF_JEQ, 0, returning(22), returning(33));
    cr_expect(writer.too_long);
    cr_expect_eq(writer.start, 0);
}
