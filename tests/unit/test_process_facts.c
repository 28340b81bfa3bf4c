/* SPDX-License-Identifier: Apache-2.0 */
/* What /proc says of a process. */
#include "kernel/process_facts.h"

#include "base/cleanup.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static const char status_text[] = "Name:\ta b\nUmask:\t0022\nState:\tS (sleeping)\n"
                                  "Uid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nFDSize:\t64\n"
                                  "Groups:\t9 10 4294967295 \nNStgid:\t70\t2\nNSpid:\t71\t2\n"
                                  "NSpgid:\t72\t0\nNSsid:\t73\t0\n"
                                  "CapInh:\t0000000000000001\nCapPrm:\t0000000000000002\n"
                                  "CapEff:\t0000000000000003\nCapBnd:\t000001ffffffffff\n"
                                  "CapAmb:\t0000000000000005\nNoNewPrivs:\t1\nSeccomp:\t2\n"
                                  "Seccomp_filters:\t3\n";

Test(process_facts, status)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct process_status status;

    cr_assert_eq(process_status_parse(arena, status_text, &status), 0);
    for (unsigned i = 0; i < 4; i++) {
        cr_expect_eq(status.uids[i], i + 1);
        cr_expect_eq(status.gids[i], i + 5);
    }
    cr_assert_eq(status.group_count, 3);
    cr_expect_eq(status.groups[0], 9);
    cr_expect_eq(status.groups[1], 10);
    cr_expect_eq(status.groups[2], (gid_t)-1);
    cr_expect_eq(status.capabilities[PROCESS_INHERITABLE], 1);
    cr_expect_eq(status.capabilities[PROCESS_PERMITTED], 2);
    cr_expect_eq(status.capabilities[PROCESS_EFFECTIVE], 3);
    cr_expect_eq(status.capabilities[PROCESS_BOUNDING], 0x1ffffffffff);
    cr_expect_eq(status.capabilities[PROCESS_AMBIENT], 5);
    cr_expect_eq(status.no_new_privs, 1);
    cr_expect_eq(status.seccomp_mode, 2);
    cr_expect_eq(status.seccomp_filters, 3);
    cr_expect_eq(status.pid, 71);
    cr_expect_eq(status.process_group, 72);
    cr_expect_eq(status.session, 73);
}

/* Each line is needed, but for one that older kernels lack; a name has no say in another's line. */
Test(process_facts, status_without_a_line)
{
    static const char *const needed[] = {"Uid",    "Gid",        "Groups", "NSpid",  "NSpgid",
                                         "NSsid",  "CapInh",     "CapPrm", "CapEff", "CapBnd",
                                         "CapAmb", "NoNewPrivs", "Seccomp"};
    _cleanup_arena_ struct arena *arena = arena_new();
    struct process_status status;
    char text[sizeof(status_text)];

    for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
        char line[32];

        snprintf(line, sizeof(line), "\n%s:", needed[i]);
        strcpy(text, status_text);
        cr_assert_not_null(strstr(text, line));
        strstr(text, line)[1] = 'x';
        cr_expect_eq(process_status_parse(arena, text, &status), -EBADMSG, "%s", needed[i]);
    }
    strcpy(text, status_text);
    *strstr(text, "Seccomp_filters") = '\0';
    cr_assert_eq(process_status_parse(arena, text, &status), 0);
    cr_expect_eq(status.seccomp_filters, -1);
    cr_expect_eq(process_status_parse(arena, "", &status), -EBADMSG);
}

Test(process_facts, another_process)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct process_status status;
    uint64_t own[PROCESS_NAMESPACES];
    uint64_t its[PROCESS_NAMESPACES];
    struct process_fds fds;
    uint64_t soft, hard;
    char path[64];
    _cleanup_process_text_ struct process_text text = {0};
    int words[2];
    char word = 0;
    unsigned found = 0;
    pid_t pid;

    cr_assert_eq(pipe2(words, O_CLOEXEC), 0);
    pid = fork();
    if (pid == 0) {
        const struct rlimit limit = {.rlim_cur = 1, .rlim_max = 2};

        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        word = setpgid(0, 0) == 0 && chdir("/proc") == 0 && setrlimit(RLIMIT_CORE, &limit) == 0 &&
                       unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0
                   ? 'y'
                   : 'n';
        (void)!write(words[1], &word, 1);
        pause();
        _exit(0);
    }
    cr_assert_eq(read(words[0], &word, 1), 1);
    if (word != 'y') {
        kill(pid, SIGKILL);
        cr_skip_test("no user namespaces here");
    }
    {
        _cleanup_close_ int here = process_directory(getpid());
        _cleanup_close_ int there = process_directory(pid);

        cr_assert_geq(there, 0);
        cr_assert_eq(process_status_read(arena, &text, there, &status), 0);
        cr_expect_eq(status.uids[0], getuid());
        cr_expect_eq(status.no_new_privs, 1);
        cr_expect_eq(status.pid, pid);
        cr_expect_eq(status.process_group, pid);
        cr_assert_eq(process_namespaces_read(here, own), 0);
        cr_assert_eq(process_namespaces_read(there, its), 0);
        for (size_t i = 0; i < PROCESS_NAMESPACES; i++) {
            bool apart =
                (process_namespaces[i].flag & (uint64_t)(CLONE_NEWUSER | CLONE_NEWNS)) != 0;

            cr_expect_neq(own[i], 0);
            cr_expect_eq(own[i] != its[i], apart, "%s", process_namespaces[i].name);
        }
        cr_assert_eq(process_rlimit(pid, RLIMIT_CORE, &soft, &hard), 0);
        cr_expect_eq(soft, 1);
        cr_expect_eq(hard, 2);
        cr_expect_eq(process_link(there, "cwd", path, sizeof(path)), 5);
        cr_expect_str_eq(path, "/proc");
        cr_assert_eq(process_fds_read(arena, there, &fds), 0);
        for (size_t i = 0; i < fds.count; i++)
            found += fds.items[i] == words[0] || fds.items[i] == words[1];
        cr_expect_eq(found, 2);
        cr_assert_eq(process_read(&text, there, "uid_map"), 0);
        cr_expect_str_eq(text.data, "", "nobody has mapped anything");
        cr_expect_eq(process_read(&text, there, "no such file"), -ENOENT);
    }
    kill(pid, SIGKILL);
    cr_assert_eq(waitpid(pid, NULL, 0), pid);
    cr_expect_eq(process_directory(pid), -ENOENT);
}
