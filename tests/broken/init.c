/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What makes the init of sbx-broken: one kind of system call does nothing and says that it worked.
 * tests/broken/broken.c writes its name into the image.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>

static volatile char broken[] = "SBX_INIT_BREAK=\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

static bool is_broken(const char *name)
{
    const volatile char *at = broken + sizeof("SBX_INIT_BREAK=") - 1;

    for (; *name != '\0'; name++, at++)
        if (*at != *name)
            return false;
    return *at == '\0';
}

int __real_setpgid(pid_t pid, pid_t group);
int __wrap_setpgid(pid_t pid, pid_t group);
pid_t __real_setsid(void);
pid_t __wrap_setsid(void);
int __real_close(int fd);
int __wrap_close(int fd);
int __real_prctl(int option, ...);
int __wrap_prctl(int option, ...);
long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

int __wrap_setpgid(pid_t pid, pid_t group)
{
    return is_broken("setpgid") ? 0 : __real_setpgid(pid, group);
}

pid_t __wrap_setsid(void)
{
    return is_broken("setsid") ? 1 : __real_setsid();
}

int __wrap_close(int fd)
{
    return is_broken("close") ? 0 : __real_close(fd);
}

int __wrap_prctl(int option, ...)
{
    unsigned long arguments[4];
    va_list list;

    va_start(list, option);
    for (int i = 0; i < 4; i++)
        arguments[i] = va_arg(list, unsigned long);
    va_end(list);
    if (option == 4 /* PR_SET_DUMPABLE */ && is_broken("dumpable"))
        arguments[0] = 1;
    return __real_prctl(option, arguments[0], arguments[1], arguments[2], arguments[3]);
}

long __wrap_syscall(long number, ...)
{
    long arguments[6];
    va_list list;

    va_start(list, number);
    for (int i = 0; i < 6; i++)
        arguments[i] = va_arg(list, long);
    va_end(list);
    if ((number == SYS_seccomp && is_broken("seccomp")) ||
        (number == SYS_prlimit64 && is_broken("prlimit")))
        return 0;
    return __real_syscall(number, arguments[0], arguments[1], arguments[2], arguments[3],
                          arguments[4], arguments[5]);
}
