/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/trial.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int fill(const void *argument, void *result)
{
    memcpy(result, argument, 4);
    return -EXDEV;
}

static int say_ids(const void *argument, void *result)
{
    unsigned *ids = result;

    (void)argument;
    ids[0] = geteuid();
    ids[1] = getegid();
    ids[2] = (unsigned)getpid();
    return 0;
}

static int die(const void *argument, void *result)
{
    (void)argument;
    memcpy(result, "half", 4);
    raise(SIGKILL);
    return 0;
}

static int hang(const void *argument, void *result)
{
    (void)argument;
    memcpy(result, "half", 4);
    while (pause() < 0)
        ;
    return 0;
}

Test(trial, result_and_bytes_come_back)
{
    char bytes[4];
    enum trial_stage stage;
    const struct trial trial = {.timeout_ms = 10000, .function = fill, .argument = "abcd"};

    cr_expect_eq(trial_run(&trial, bytes, sizeof(bytes), &stage), -EXDEV);
    cr_expect_eq(stage, TRIAL_STAGE_TRIED);
    cr_expect_arr_eq(bytes, "abcd", 4);
}

Test(trial, one_that_dies_or_hangs_is_told_with_what_it_had_found)
{
    char bytes[4];
    enum trial_stage stage;
    struct trial trial = {.timeout_ms = 10000, .function = die};

    cr_expect_eq(trial_run(&trial, bytes, sizeof(bytes), &stage), -ECHILD);
    cr_expect_arr_eq(bytes, "half", 4);
    trial.function = hang;
    trial.timeout_ms = 50;
    memset(bytes, 0, sizeof(bytes));
    cr_expect_eq(trial_run(&trial, bytes, sizeof(bytes), &stage), -ETIMEDOUT);
    cr_expect_eq(stage, TRIAL_STAGE_HUNG);
    cr_expect_arr_eq(bytes, "half", 4);
}

Test(trial, in_namespaces_the_ids_are_the_callers)
{
    unsigned ids[3] = {0};
    enum trial_stage stage;
    const struct trial trial = {
        .namespaces = CLONE_NEWUSER | CLONE_NEWPID, .timeout_ms = 10000, .function = say_ids};
    int result = trial_run(&trial, ids, sizeof(ids), &stage);

    if (result < 0 && stage != TRIAL_STAGE_TRIED)
        cr_skip_test("no user namespaces here");
    cr_assert_eq(result, 0);
    cr_expect_eq(ids[0], geteuid());
    cr_expect_eq(ids[1], getegid());
    cr_expect_eq(ids[2], 1);
}

Test(trial, what_the_clone_refuses_is_told_as_that)
{
    char byte;
    enum trial_stage stage;
    /* CLONE_FS with a new mount namespace: see clone(2) */
    const struct trial trial = {
        .namespaces = CLONE_NEWNS | CLONE_FS, .timeout_ms = 10000, .function = fill};

    cr_expect_eq(trial_run(&trial, &byte, sizeof(byte), &stage), -EINVAL);
    cr_expect_eq(stage, TRIAL_STAGE_CLONE);
}
