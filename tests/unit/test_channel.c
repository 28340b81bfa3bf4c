/* SPDX-License-Identifier: Apache-2.0 */
#include "run/channel.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static void make_pipe(int ends[2])
{
    cr_assert_eq(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
}

Test(channel, passes_on_everything_in_its_order)
{
    static struct channel channel;
    int in[2], out[2];
    unsigned char sent = 0, expected = 0;
    size_t written = 0, seen = 0;
    const size_t total = 1 << 20;
    int result;

    make_pipe(in);
    make_pipe(out);
    /* the far end takes little at a time, so that both ends of the buffer move */
    while (seen < total) {
        unsigned char bytes[997];
        ssize_t count;

        while (written < total) {
            for (size_t i = 0; i < sizeof(bytes); i++)
                bytes[i] = (unsigned char)(sent + i);
            count = write(in[1], bytes, sizeof(bytes));
            if (count < 0)
                break;
            sent = (unsigned char)(sent + count);
            written += (size_t)count;
        }
        result = channel_fill(&channel, in[0], NULL);
        cr_assert(result == 0 || result == -EAGAIN, "%d", result);
        result = channel_drain(&channel, out[1], write);
        cr_assert(result == 0 || result == -EAGAIN, "%d", result);
        count = read(out[0], bytes, sizeof(bytes));
        for (ssize_t i = 0; i < count; i++)
            cr_assert_eq(bytes[i], expected++);
        seen += count > 0 ? (size_t)count : 0;
    }
}

Test(channel, tells_of_an_end_and_of_waiting)
{
    static struct channel channel;
    int in[2], out[2];

    make_pipe(in);
    make_pipe(out);
    signal(SIGPIPE, SIG_IGN);
    cr_expect_eq(channel_fill(&channel, in[0], NULL), -EAGAIN);
    cr_expect_eq(channel_drain(&channel, out[1], write), 0);
    cr_assert_eq(write(in[1], "last", 4), 4);
    close(in[1]);
    cr_expect_eq(channel_fill(&channel, in[0], NULL), -ENODATA);
    cr_expect_not(channel_is_empty(&channel));
    close(out[0]);
    cr_expect_eq(channel_drain(&channel, out[1], write), -EPIPE);
    cr_expect_eq(channel_fill(&channel, -1, NULL), -EBADF);
}

Test(channel, has_no_room_while_nobody_reads)
{
    static struct channel channel;
    static char block[CHANNEL_SIZE];
    int in[2];

    make_pipe(in);
    cr_assert_geq(fcntl(in[1], F_SETPIPE_SZ, 4 * CHANNEL_SIZE), 0);
    for (int i = 0; i < 2; i++)
        cr_assert_eq(write(in[1], block, sizeof(block)), (ssize_t)sizeof(block));
    cr_expect_eq(channel_fill(&channel, in[0], NULL), 0);
    cr_expect_not(channel_has_room(&channel));
    cr_expect_eq(channel_fill(&channel, in[0], NULL), 0);
    cr_expect_eq(channel.end, CHANNEL_SIZE);
}

/* Whoever shares the meter: what may pass passes, to the byte, and the rest is thrown away. */
Test(channel, a_meter_lets_so_much_pass)
{
    static struct channel first, second;
    struct meter meter = {.left = 10};
    int left[2], right[2];

    make_pipe(left);
    make_pipe(right);
    cr_assert_eq(write(left[1], "123456", 6), 6);
    cr_expect_eq(channel_fill(&first, left[0], &meter), -EAGAIN);
    cr_assert_eq(write(right[1], "1234", 4), 4);
    cr_expect_eq(channel_fill(&second, right[0], &meter), -EAGAIN);
    cr_expect_eq(meter.left, 0);
    cr_expect_eq(meter.passed, 10);
    cr_expect_not(meter.exceeded, "exactly so much is no offence");
    cr_assert_eq(write(left[1], "78", 2), 2);
    cr_expect_eq(channel_fill(&first, left[0], &meter), -EDQUOT);
    cr_expect(meter.exceeded);
    cr_expect_eq(meter.passed, 10);
    cr_expect_eq(first.end, 6);
    cr_expect_eq(second.end, 4);
}

/* A limit beyond the buffer's size is met in the middle of a buffer. */
Test(channel, a_meter_of_more_than_a_buffer)
{
    static struct channel channel;
    static char block[CHANNEL_SIZE];
    struct meter meter = {.left = CHANNEL_SIZE + 5};
    int in[2];

    make_pipe(in);
    cr_assert_geq(fcntl(in[1], F_SETPIPE_SZ, 4 * CHANNEL_SIZE), 0);
    for (int i = 0; i < 2; i++)
        cr_assert_eq(write(in[1], block, sizeof(block)), (ssize_t)sizeof(block));
    cr_expect_eq(channel_fill(&channel, in[0], &meter), 0);
    cr_expect_eq(channel.end, CHANNEL_SIZE);
    channel.begin = channel.end = 0;
    cr_expect_eq(channel_fill(&channel, in[0], &meter), -EDQUOT);
    cr_expect_eq(channel.end, 5);
    cr_expect_eq(meter.passed, CHANNEL_SIZE + 5);
}
