/* SPDX-License-Identifier: Apache-2.0 */
#include "fault.h"

#include "off.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

const char *const role_names[ROLE_COUNT] = {
    [ROLE_SBX] = "sbx",         [ROLE_CHILD] = "child",   [ROLE_INIT] = "init",
    [ROLE_COMMAND] = "command", [ROLE_HELPER] = "helper",
};

static const struct fault faults[] = {
    {FAULT_ERRNO, EPERM},  {FAULT_ERRNO, EACCES}, {FAULT_ERRNO, EINVAL}, {FAULT_ERRNO, ENOSYS},
    {FAULT_ERRNO, ENOMEM}, {FAULT_ERRNO, EMFILE}, {FAULT_ERRNO, ENOSPC}, {FAULT_ERRNO, EINTR},
    {FAULT_ERRNO, EIO},    {FAULT_ERRNO, EAGAIN}, {FAULT_SHORT, 0},      {FAULT_KILL, 0},
    {FAULT_KILL_SBX, 0},   {FAULT_KILL_PID1, 0},
};

/* What the kernel doesn't answer with an error, whatever happens: the manual pages know none but
 * those of wrong arguments. */
static const long never_fails[] = {
    SYS_getpid,          SYS_getppid,        SYS_gettid,       SYS_getuid, SYS_geteuid,
    SYS_getgid,          SYS_getegid,        SYS_getpgrp,      SYS_umask,  SYS_exit,
    SYS_exit_group,      SYS_rt_sigreturn,   SYS_sched_yield,  SYS_alarm,  SYS_set_tid_address,
    SYS_restart_syscall, SYS_rt_sigprocmask, SYS_rt_sigaction, SYS_lseek,  SYS_sysinfo,
#ifdef SYS_arch_prctl
    SYS_arch_prctl, /* a libc's start: before it there is no thread whose register it could not set
                     */
#endif
};

/* What needs nothing but memory, or a map that is there. */
static const long only_memory[] = {SYS_brk, SYS_munmap};

static const struct {
    long nr;
    signed char argument;
} lengths[] = {
    {SYS_read, 2},      {SYS_write, 2},    {SYS_pread64, 2}, {SYS_pwrite64, 2},
    {SYS_getrandom, 1}, {SYS_sendfile, 3}, {SYS_splice, 4},  {SYS_copy_file_range, 4},
};

static const struct {
    long nr;
    signed char argument;
} paths[] = {
    {SYS_open, 0},      {SYS_openat, 1},     {SYS_openat2, 1},      {SYS_newfstatat, 1},
    {SYS_statx, 1},     {SYS_stat, 0},       {SYS_lstat, 0},        {SYS_access, 0},
    {SYS_faccessat, 1}, {SYS_faccessat2, 1}, {SYS_readlink, 0},     {SYS_readlinkat, 1},
    {SYS_mkdir, 0},     {SYS_mkdirat, 1},    {SYS_mknodat, 1},      {SYS_symlinkat, 0},
    {SYS_unlinkat, 1},  {SYS_renameat, 1},   {SYS_execve, 0},       {SYS_execveat, 1},
    {SYS_open_tree, 1}, {SYS_move_mount, 3}, {SYS_mount, 1},        {SYS_umount2, 0},
    {SYS_fsopen, 0},    {SYS_chdir, 0},      {SYS_memfd_create, 0},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

size_t fault_list(const struct fault **ret_faults)
{
    *ret_faults = faults;
    return COUNT(faults);
}

static bool is_in(const long *list, size_t count, long nr)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] == nr)
            return true;
    return false;
}

int fault_length_argument(long nr)
{
    for (size_t i = 0; i < COUNT(lengths); i++)
        if (lengths[i].nr == nr)
            return lengths[i].argument;
    return -1;
}

int fault_path_argument(long nr)
{
    for (size_t i = 0; i < COUNT(paths); i++)
        if (paths[i].nr == nr)
            return paths[i].argument;
    return -1;
}

bool fault_comes_after(long nr)
{
    return nr == SYS_close;
}

bool fault_applies(const struct fault *fault, enum role role, long nr)
{
    switch (fault->kind) {
    case FAULT_ERRNO:
        if (is_in(never_fails, COUNT(never_fails), nr))
            return false;
        if (is_in(only_memory, COUNT(only_memory), nr))
            return fault->number == ENOMEM;
        if (nr == SYS_close) /* see close(2) */
            return fault->number == EIO || fault->number == EINTR || fault->number == ENOSPC;
        return true;
    case FAULT_SHORT:
        return fault_length_argument(nr) >= 0;
    case FAULT_KILL:
        return true;
    case FAULT_KILL_SBX:
        return role != ROLE_SBX;
    case FAULT_KILL_PID1:
        return role == ROLE_SBX || role == ROLE_COMMAND || role == ROLE_HELPER;
    case FAULT_NONE:
    case FAULT_OFF:
        break;
    }
    return false;
}

const char *fault_name(const struct fault *fault)
{
    static const char *const names[] = {
        [FAULT_NONE] = "none",         [FAULT_SHORT] = "short",         [FAULT_KILL] = "kill",
        [FAULT_KILL_SBX] = "kill-sbx", [FAULT_KILL_PID1] = "kill-pid1",
    };

    return fault->number != 0 ? strerrorname_np(fault->number) : names[fault->kind];
}

void fault_case_print(const struct fault_case *which, char buffer[static FAULT_CASE_SIZE])
{
    if (which->fault.kind == FAULT_OFF)
        snprintf(buffer, FAULT_CASE_SIZE, "off:%s:%s", off_rows[which->index].name,
                 fault_name(&which->fault));
    else
        snprintf(buffer, FAULT_CASE_SIZE, "%s:%u:%s", role_names[which->role], which->index,
                 fault_name(&which->fault));
}

/* The rest of "off:CALLS:ERRNO". */
static bool parse_off(const char *text, struct fault_case *ret_case)
{
    size_t length = strcspn(text, ":");

    for (unsigned row = 0; row < off_count; row++)
        for (size_t i = 0; i < OFF_ERRNO_COUNT; i++)
            if (strlen(off_rows[row].name) == length &&
                strncmp(text, off_rows[row].name, length) == 0 && text[length] == ':' &&
                strcmp(strerrorname_np(off_errnos[i]), text + length + 1) == 0) {
                *ret_case = off_case(row, off_errnos[i]);
                return true;
            }
    return false;
}

bool fault_case_parse(const char *text, struct fault_case *ret_case)
{
    const char *colon = strchr(text, ':');
    char *end;

    if (strncmp(text, "off:", 4) == 0)
        return parse_off(text + 4, ret_case);
    if (colon == NULL)
        return false;
    for (int role = 0; role < ROLE_COUNT; role++) {
        size_t length = strlen(role_names[role]);

        if (length != (size_t)(colon - text) || strncmp(text, role_names[role], length) != 0)
            continue;
        ret_case->role = (enum role)role;
        ret_case->index = (unsigned)strtoul(colon + 1, &end, 10);
        if (end == colon + 1 || *end != ':')
            return false;
        for (size_t i = 0; i < COUNT(faults); i++)
            if (strcmp(fault_name(&faults[i]), end + 1) == 0) {
                ret_case->fault = faults[i];
                return true;
            }
    }
    return false;
}
