/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tries on interfaces of the kernel that many flaws were reached by.  Each makes a call that is
 * right, so that it fails only where the caller may not: a wrong one would be found wrong before
 * anybody asks for rights.
 */
#define _GNU_SOURCE
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <linux/userfaultfd.h>
#include <sys/syscall.h>
#include <unistd.h>

static int try_bpf(int argc, char **argv)
{
    union bpf_attr attr = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4};

    (void)argc;
    (void)argv;
    attr.max_entries = 1;
    return verdict(syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr)), "bpf(BPF_MAP_CREATE)");
}

/* The processor time of the own process, in user space only: what asks for the least. */
static int try_perf(int argc, char **argv)
{
    struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE,
                                   .size = sizeof(attr),
                                   .config = PERF_COUNT_SW_TASK_CLOCK,
                                   .exclude_kernel = 1,
                                   .exclude_hv = 1};

    (void)argc;
    (void)argv;
    return verdict(syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC),
                   "perf_event_open");
}

static int try_userfaultfd(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return verdict(syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY), "userfaultfd");
}

static int try_io_uring(int argc, char **argv)
{
    struct io_uring_params params = {0};

    (void)argc;
    (void)argv;
    return verdict(syscall(SYS_io_uring_setup, 4, &params), "io_uring_setup");
}

static int try_modify_ldt(int argc, char **argv)
{
    (void)argc;
    (void)argv;
#ifdef SYS_modify_ldt
    char table[64];

    return verdict(syscall(SYS_modify_ldt, 0, table, sizeof(table)), "modify_ldt");
#else
    return untried("not an x86-64 machine");
#endif
}

const struct command kernel_tries[] = {
    {"bpf", 0, try_bpf, "make a map"},
    {"perf", 0, try_perf, "count the own processor time"},
    {"userfaultfd", 0, try_userfaultfd, ""},
    {"io_uring", 0, try_io_uring, "make a ring"},
    {"modify_ldt", 0, try_modify_ldt, "read the own table"},
    {NULL, 0, NULL, NULL},
};
