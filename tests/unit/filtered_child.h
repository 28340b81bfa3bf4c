/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Try system calls in a child that has loaded the very program that a command gets.  Criterion's
 * workers have two threads, so every test that loads a filter forks first.
 */
#ifndef TESTS_FILTERED_CHILD_H
#define TESTS_FILTERED_CHILD_H

#include "base/cleanup.h"
#include "policy/syscalls.h"

#include <criterion/criterion.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* What a child reports through shared memory, which needs no system call. */
struct report {
    char text[256];
};

static inline void load(const struct syscalls_request *request)
{
    struct arena *arena = arena_new();
    const struct sock_filter *filter = NULL;
    size_t length = 0;
    struct sock_fprog program;

    if (syscalls_filter(arena, request, &filter, &length, NULL) < 0 || length == 0)
        _exit(99);
    program = (struct sock_fprog){(unsigned short)length, (struct sock_filter *)filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
        _exit(98);
    arena_free(arena);
}

/* Run @body in a child under the filter of @request (none if NULL); returns the wait status. */
static inline int run(const struct syscalls_request *request, void (*body)(struct report *),
                      struct report *ret_report)
{
    struct report *shared =
        mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status = -1;
    pid_t child;

    cr_assert_neq(shared, MAP_FAILED);
    child = fork();
    cr_assert_neq(child, -1);
    if (child == 0) {
        struct rlimit no_core = {0, 0};

        setrlimit(RLIMIT_CORE, &no_core);
        alarm(20);
        if (request != NULL)
            load(request);
        body(shared);
        _exit(shared->text[0] != '\0');
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    *ret_report = *shared;
    munmap(shared, sizeof(*shared));
    return status;
}

static inline void expect_good(const struct syscalls_request *request,
                               void (*body)(struct report *))
{
    struct report report;
    int status = run(request, body, &report);

    cr_expect(WIFEXITED(status), "killed by signal %d: %s", WTERMSIG(status), report.text);
    cr_expect_eq(WEXITSTATUS(status), 0, "exit %d: %s", WEXITSTATUS(status), report.text);
}

static inline void expect_killed(const struct syscalls_request *request,
                                 void (*body)(struct report *), int signal)
{
    struct report report;
    int status = run(request, body, &report);

    cr_expect(WIFSIGNALED(status), "exit %d: %s", WEXITSTATUS(status), report.text);
    cr_expect_eq(WTERMSIG(status), signal, "signal %d", WTERMSIG(status));
}

/* In a child: note the first call that did something else than expected. */
static inline void note(struct report *report, int line, const char *call, long result, int error,
                        int wanted)
{
    if (report->text[0] == '\0')
        snprintf(report->text, sizeof(report->text), "line %d: %s gave %ld, errno %d, wanted %d",
                 line, call, result, result < 0 ? error : 0, wanted);
}

#define FAILS(wanted, ...)                                                                         \
    do {                                                                                           \
        long result_ = (errno = 0, syscall(__VA_ARGS__));                                          \
        if (result_ != -1 || errno != (wanted))                                                    \
            note(report, __LINE__, #__VA_ARGS__, result_, errno, (wanted));                        \
    } while (0)
#define WORKS(...)                                                                                 \
    do {                                                                                           \
        long result_ = (errno = 0, syscall(__VA_ARGS__));                                          \
        if (result_ < 0)                                                                           \
            note(report, __LINE__, #__VA_ARGS__, result_, errno, 0);                               \
    } while (0)
#define HOLDS(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            note(report, __LINE__, #condition, 0, 0, 1);                                           \
    } while (0)

#endif
