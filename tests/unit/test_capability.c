/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/io.h"
#include "kernel/capability.h"

#include <cap-ng.h>
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>

/* What is to be dropped is all that the kernel says it knows, and no more. */
Test(capability, what_is_dropped_is_what_the_kernel_knows)
{
    struct arena *arena = arena_new();
    struct capability_drop drop = {0};
    char *text;
    unsigned long last;

    cr_assert_eq(io_read_file(arena, AT_FDCWD, "/proc/sys/kernel/cap_last_cap", 64, &text, NULL),
                 0);
    last = strtoul(text, NULL, 10);
    cr_assert_lt(last, 64);
    cr_assert_eq(capability_prepare(&drop, NULL), 0);
    for (unsigned capability = 0; capability < 64; capability++)
        cr_expect_eq((drop.bounding >> capability & 1) != 0, capability <= last, "capability %u",
                     capability);
    arena_free(arena);
}

/* libcap-ng says the same. */
Test(capability, what_is_dropped_is_what_another_knows)
{
    struct capability_drop drop = {0};

    cr_assert_eq(capability_prepare(&drop, NULL), 0);
    capng_fill(CAPNG_SELECT_BOTH);
    for (unsigned capability = 0; capability < 64; capability++)
        cr_expect_eq((drop.bounding >> capability & 1) != 0,
                     capng_have_capability(CAPNG_BOUNDING_SET, capability) == 1, "capability %u",
                     capability);
}
