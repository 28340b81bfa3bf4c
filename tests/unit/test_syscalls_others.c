/* SPDX-License-Identifier: Apache-2.0 */
/* What the policies keep from others: set-user-ID files and leases left on the host, and pid 1. */
#include "filtered_child.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What the kernel cuts off an int argument. */
#define HIGH_BITS    0xdeadbeef00000000UL
#define TMPFILE_FLAG 020000000UL

static const struct syscalls_request policies[] = {
    {.policy = SPEC_SECCOMP_DEFAULT},
    {.policy = SPEC_SECCOMP_DEFAULT, .userns = true},
    {.policy = SPEC_SECCOMP_STRICT},
    {.policy = SPEC_SECCOMP_STRICT, .userns = true},
};

static void expect_good_in_all(void (*body)(struct report *))
{
    for (size_t i = 0; i < ARRAY_SIZE(policies); i++)
        expect_good(&policies[i], body);
}

/* set-user-ID */

/* Every mode there is: with that bit it is the filter that answers, else the kernel. */
static void all_modes(struct report *report)
{
    for (unsigned long mode = 0; mode <= 07777; mode++) {
        const bool setid = mode & 04000;
        const unsigned long fifo = S_IFIFO | mode, high = mode | HIGH_BITS;

        FAILS(setid ? EPERM : EFAULT, SYS_chmod, NULL, mode);
        FAILS(setid ? EPERM : EFAULT, SYS_chmod, NULL, high);
        FAILS(setid ? EPERM : EBADF, SYS_fchmod, -1, mode);
        FAILS(setid ? EPERM : EBADF, SYS_fchmod, -1, high);
        FAILS(setid ? EPERM : EBADF, SYS_fchmodat, -1, "x", mode);
        FAILS(setid ? EPERM : EBADF, SYS_fchmodat, -1, "x", high);
        FAILS(setid ? EPERM : EFAULT, SYS_creat, NULL, mode);
        FAILS(setid ? EPERM : EFAULT, SYS_mknod, NULL, fifo, 0);
        FAILS(setid ? EPERM : EBADF, SYS_mknodat, -1, "x", fifo, 0);
        FAILS(setid ? EPERM : EBADF, SYS_mknodat, -1, "x", fifo | HIGH_BITS, 0);
        FAILS(setid ? EPERM : EFAULT, SYS_open, NULL, O_CREAT, mode);
        FAILS(setid ? EPERM : EFAULT, SYS_open, NULL, O_TMPFILE | O_RDWR, mode);
        FAILS(EFAULT, SYS_open, NULL, O_RDONLY, mode);
        FAILS(EFAULT, SYS_open, NULL, O_RDWR | O_DIRECTORY, high);
        FAILS(setid ? EPERM : EBADF, SYS_openat, -1, "x", O_CREAT, mode);
        FAILS(setid ? EPERM : EBADF, SYS_openat, -1, "x", O_CREAT | HIGH_BITS, high);
        FAILS(setid ? EPERM : EBADF, SYS_openat, -1, "x", O_TMPFILE | O_RDWR, mode);
        FAILS(EBADF, SYS_openat, -1, "x", O_RDONLY, mode);
        FAILS(EBADF, SYS_openat, -1, "x", O_RDWR | O_DIRECTORY, high);
        /* fchmodat2; a kernel before 6.6 has none */
        if (setid)
            FAILS(EPERM, 452, -1, "x", mode, 0);
        else
            HOLDS(syscall(452, -1, "x", mode, 0) == -1 && (errno == EBADF || errno == ENOSYS));
    }
}

/* Two flags at a time: the mode counts with the two that make a file, and no others. */
static void all_open_flags(struct report *report)
{
    for (int first = 0; first < 32; first++)
        for (int second = 0; second < 32; second++) {
            const unsigned long flags = 1UL << first | 1UL << second;
            const bool makes = flags & (O_CREAT | TMPFILE_FLAG);

            for (unsigned long mode = 04000; mode <= 06000; mode += 02000) {
                HOLDS(syscall(SYS_openat, -1, "x", flags, mode) == -1 && (errno == EPERM) == makes);
                HOLDS(syscall(SYS_open, NULL, flags, mode) == -1 && (errno == EPERM) == makes);
            }
            HOLDS(syscall(SYS_openat, -1, "x", flags, 03777) == -1 && errno != EPERM);
            HOLDS(syscall(SYS_open, NULL, flags, 03777) == -1 && errno != EPERM);
        }
}

static void enter_scratch(struct report *report, char *directory)
{
    strcpy(directory, "/tmp/sbx-unit-XXXXXX");
    HOLDS(mkdtemp(directory) != NULL && chdir(directory) == 0);
    umask(0);
}

static void leave_scratch(struct report *report, const char *directory)
{
    static const char *const names[] = {"chmod", "open", "openat", "creat", "mknod", "mknodat"};

    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        unlink(names[i]);
    rmdir("mkdir");
    HOLDS(rmdir(directory) == 0);
}

static mode_t mode_of(const char *name)
{
    struct stat status;

    return stat(name, &status) < 0 ? 0 : status.st_mode & 07777;
}

/* Each of them really leaves such a file behind, where no filter is. */
static void setid_without(struct report *report)
{
    char directory[32];
    struct stat status;
    int fd;

    enter_scratch(report, directory);
    fd = (int)syscall(SYS_openat, AT_FDCWD, "chmod", O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    for (mode_t bit = S_ISGID; bit <= S_ISUID; bit *= 2) {
        WORKS(SYS_fchmod, fd, 0755);
        WORKS(SYS_chmod, "chmod", bit | 0755);
        HOLDS(mode_of("chmod") == (bit | 0755));
        WORKS(SYS_fchmod, fd, 0755 | HIGH_BITS);
        WORKS(SYS_fchmodat, AT_FDCWD, "chmod", bit | 0755 | HIGH_BITS);
        HOLDS(mode_of("chmod") == (bit | 0755));
        WORKS(SYS_fchmodat, AT_FDCWD, "chmod", 0755);
        WORKS(SYS_fchmod, fd, bit | 0755);
        HOLDS(mode_of("chmod") == (bit | 0755));
        WORKS(SYS_open, "open", O_CREAT | O_RDWR, bit | 0755);
        WORKS(SYS_openat, AT_FDCWD, "openat", O_CREAT | O_RDWR, bit | 0755);
        WORKS(SYS_creat, "creat", bit | 0755);
        WORKS(SYS_mknod, "mknod", S_IFREG | bit | 0755, 0);
        WORKS(SYS_mknodat, AT_FDCWD, "mknodat", S_IFREG | bit | 0755, 0);
        HOLDS(mode_of("open") == (bit | 0755) && mode_of("openat") == (bit | 0755));
        HOLDS(mode_of("creat") == (bit | 0755));
        HOLDS(mode_of("mknod") == (bit | 0755) && mode_of("mknodat") == (bit | 0755));
        unlink("open"), unlink("openat"), unlink("creat"), unlink("mknod"), unlink("mknodat");
        /* Not every file system has unnamed files. */
        fd = (int)syscall(SYS_open, ".", O_TMPFILE | O_RDWR, bit | 0755);
        HOLDS(fd < 0 || (fstat(fd, &status) == 0 && (status.st_mode & 07777) == (bit | 0755)));
        fd = open("chmod", O_RDWR | O_CLOEXEC);
    }
    /* These two don't, so no rule is needed. */
    WORKS(SYS_mkdir, "mkdir", 06755);
    HOLDS(mode_of("mkdir") == 0755 && rmdir("mkdir") == 0);
    WORKS(SYS_mkdirat, AT_FDCWD, "mkdir", 06755);
    HOLDS(mode_of("mkdir") == 0755);
    leave_scratch(report, directory);
}

static void setid_refused(struct report *report)
{
    char directory[32];
    int fd;

    enter_scratch(report, directory);
    fd = open("chmod", O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    FAILS(EPERM, SYS_chmod, "chmod", 04755);
    FAILS(EPERM, SYS_fchmod, fd, 04755);
    FAILS(EPERM, SYS_fchmodat, AT_FDCWD, "chmod", 06755);
    FAILS(EPERM, SYS_open, "open", O_CREAT | O_RDWR, 04755);
    FAILS(EPERM, SYS_openat, AT_FDCWD, "openat", O_CREAT | O_RDWR, 04755);
    FAILS(EPERM, SYS_openat, AT_FDCWD, ".", O_TMPFILE | O_RDWR, 04755);
    FAILS(EPERM, SYS_creat, "creat", 04755);
    FAILS(EPERM, SYS_mknod, "mknod", S_IFREG | 04755, 0);
    FAILS(EPERM, SYS_mknodat, AT_FDCWD, "mknodat", S_IFREG | 04755, 0);
    HOLDS(mode_of("chmod") == 0600 && mode_of(".") == 0700 && access("open", F_OK) < 0);
    HOLDS(access("openat", F_OK) < 0 && access("creat", F_OK) < 0);
    HOLDS(access("mknod", F_OK) < 0 && access("mknodat", F_OK) < 0);
    /* Ordinary modes, the sticky bit of a directory, and a register that is left from elsewhere. */
    WORKS(SYS_chmod, "chmod", 0755);
    WORKS(SYS_fchmod, fd, 0777);
    WORKS(SYS_fchmodat, AT_FDCWD, "chmod", 0640);
    WORKS(SYS_chmod, ".", 01777);
    WORKS(SYS_chmod, ".", 02755); /* directories of a team carry it */
    WORKS(SYS_open, "open", O_CREAT | O_RDWR, 0755);
    WORKS(SYS_creat, "creat", 0644);
    WORKS(SYS_openat, AT_FDCWD, "chmod", O_RDWR | O_TRUNC, 06755);
    WORKS(SYS_open, "chmod", O_RDONLY, ~0UL);
    WORKS(SYS_open, ".", O_RDONLY | O_DIRECTORY, ~0UL);
    HOLDS(mode_of("chmod") == 0640 && mode_of("open") == 0755);
    leave_scratch(report, directory);
}

static void hidden_mode(struct report *report)
{
    const uint64_t how[3] = {O_CREAT | O_RDWR, 04755, 0};
    char directory[32];

    enter_scratch(report, directory);
    FAILS(ENOSYS, SYS_openat2, AT_FDCWD, "open", how, sizeof(how));
    FAILS(ENOSYS, SYS_openat2, AT_FDCWD, "/", NULL, 0UL);
    HOLDS(access("open", F_OK) < 0);
    leave_scratch(report, directory);
}

static void hidden_mode_without(struct report *report)
{
    const uint64_t how[3] = {O_CREAT | O_RDWR, 04755, 0};
    char directory[32];

    enter_scratch(report, directory);
    WORKS(SYS_openat2, AT_FDCWD, "open", how, sizeof(how));
    HOLDS(mode_of("open") == 04755);
    leave_scratch(report, directory);
}

Test(syscalls_others, setid_modes)
{
    expect_good(NULL, setid_without);
    expect_good_in_all(setid_refused);
    expect_good_in_all(all_modes);
    expect_good_in_all(all_open_flags);
}

Test(syscalls_others, mode_out_of_sight)
{
    expect_good(NULL, hidden_mode_without);
    expect_good_in_all(hidden_mode);
}

/* files that are open to read */

/* The flags by which a file is emptied without being opened to write. */
static const unsigned long emptying[] = {O_TRUNC, O_TRUNC | O_ACCMODE, O_TRUNC | O_CLOEXEC,
                                         O_TRUNC | HIGH_BITS, O_TRUNC | O_NOFOLLOW | O_NONBLOCK};

static off_t fill(const char *name)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ssize_t written = write(fd, "precious", 8);

    return close(fd) == 0 ? (off_t)written : -1;
}

static off_t size_of(const char *name)
{
    struct stat status;

    return stat(name, &status) < 0 ? -1 : status.st_size;
}

static void emptied(struct report *report)
{
    char directory[32];

    enter_scratch(report, directory);
    for (size_t i = 0; i < ARRAY_SIZE(emptying); i++) {
        HOLDS(fill("open") == 8);
        WORKS(SYS_open, "open", emptying[i]);
        HOLDS(size_of("open") == 0 && fill("open") == 8);
        WORKS(SYS_openat, AT_FDCWD, "open", emptying[i]);
        HOLDS(size_of("open") == 0);
    }
    HOLDS(fill("open") == 8);
    WORKS(SYS_truncate, "open", 0);
    HOLDS(size_of("open") == 0);
    leave_scratch(report, directory);
}

static void kept(struct report *report)
{
    char directory[32];

    enter_scratch(report, directory);
    HOLDS(fill("open") == 8);
    for (size_t i = 0; i < ARRAY_SIZE(emptying); i++) {
        FAILS(EPERM, SYS_open, "open", emptying[i]);
        FAILS(EPERM, SYS_openat, AT_FDCWD, "open", emptying[i]);
    }
    FAILS(EPERM, SYS_truncate, "open", 0);
    HOLDS(size_of("open") == 8);
    FAILS(EPERM, SYS_openat, AT_FDCWD, "openat", O_CREAT | O_RDWR, 04755);
    /* Who may write may empty: there Landlock is asked. */
    WORKS(SYS_openat, AT_FDCWD, "open", O_WRONLY | O_TRUNC);
    HOLDS(size_of("open") == 0 && fill("open") == 8);
    WORKS(SYS_open, "open", O_RDWR | O_TRUNC);
    HOLDS(size_of("open") == 0);
    WORKS(SYS_open, "open", O_RDONLY);
    WORKS(SYS_ftruncate, syscall(SYS_open, "open", O_RDWR), 5);
    HOLDS(size_of("open") == 5);
    leave_scratch(report, directory);
}

Test(syscalls_others, files_to_keep)
{
    expect_good(NULL, emptied);
    expect_good_in_all(emptied);
    for (size_t i = 0; i < ARRAY_SIZE(policies); i++) {
        struct syscalls_request request = policies[i];

        request.keep_files = true;
        expect_good(&request, kept);
    }
}

/* leases */

static void lease(struct report *report, bool refused)
{
    char name[] = "/tmp/sbx-unit-XXXXXX";
    int fd = mkstemp(name);

    HOLDS(fd >= 0 && close(fd) == 0);
    fd = open(name, O_RDONLY | O_CLOEXEC);
    HOLDS(fd >= 0 && unlink(name) == 0);
    if (refused) {
        FAILS(EPERM, SYS_fcntl, fd, F_SETLEASE, F_RDLCK);
        FAILS(EPERM, SYS_fcntl, fd, F_SETLEASE | HIGH_BITS, F_RDLCK);
        FAILS(EPERM, SYS_fcntl, fd, F_SETLEASE | 1UL << 32, F_WRLCK);
        HOLDS(syscall(SYS_fcntl, fd, F_GETLEASE) == F_UNLCK);
    } else {
        WORKS(SYS_fcntl, fd, F_SETLEASE, F_RDLCK);
        HOLDS(syscall(SYS_fcntl, fd, F_GETLEASE) == F_RDLCK);
        WORKS(SYS_fcntl, fd, F_SETLEASE | HIGH_BITS, F_UNLCK);
        HOLDS(syscall(SYS_fcntl, fd, F_GETLEASE) == F_UNLCK);
    }
}

static void lease_without(struct report *report)
{
    lease(report, false);
}

static void lease_refused(struct report *report)
{
    struct flock lock = {.l_type = F_WRLCK};
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

    lease(report, true);
    WORKS(SYS_fcntl, fd, F_GETFL);
    WORKS(SYS_fcntl, fd, F_SETFL, O_NONBLOCK);
    WORKS(SYS_fcntl, fd, F_SETFD, FD_CLOEXEC);
    WORKS(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 10);
    WORKS(SYS_fcntl, fd, F_GETLK, &lock);
    WORKS(SYS_fcntl, fd, F_OFD_GETLK, &(struct flock){.l_type = F_WRLCK});
    for (unsigned long command = 0; command < 2048; command++)
        if (command != F_SETLEASE && command != 1040)
            FAILS(EBADF, SYS_fcntl, -1, command, 0);
    for (int bit = 0; bit < 32; bit++)
        if ((F_SETLEASE ^ 1UL << bit) != 1040)
            FAILS(EBADF, SYS_fcntl, -1, F_SETLEASE ^ 1UL << bit, 0);
}

Test(syscalls_others, leases)
{
    expect_good(NULL, lease_without);
    expect_good_in_all(lease_refused);
}

/* pid 1 */

struct attributes { /* struct sched_attr of the first kernels that had it */
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
};

#define OWN_ATTRIBUTES                                                                             \
    (struct attributes)                                                                            \
    {                                                                                              \
        .size = sizeof(struct attributes), .nice = 19                                              \
    }

static void init_reached(struct report *report)
{
    const struct sched_param none = {0};
    struct attributes attributes = OWN_ATTRIBUTES;
    unsigned long processors[128] = {0};

    HOLDS(getppid() == 1 && getpgid(1) == 1);
    WORKS(SYS_setpriority, PRIO_PROCESS, 1 | HIGH_BITS, 15);
    HOLDS(getpriority(PRIO_PROCESS, 1) == 15);
    WORKS(SYS_setpriority, PRIO_PGRP, 1, 16);
    HOLDS(getpriority(PRIO_PROCESS, 1) == 16);
    WORKS(SYS_setpgid, 0, 1);
    WORKS(SYS_setpriority, PRIO_PGRP, 0, 17);
    HOLDS(getpriority(PRIO_PROCESS, 1) == 17);
    WORKS(SYS_setpriority, PRIO_USER, 0, 18);
    HOLDS(getpriority(PRIO_PROCESS, 1) == 18);
    WORKS(SYS_sched_setattr, 1, &attributes, 0);
    HOLDS(getpriority(PRIO_PROCESS, 1) == 19);
    WORKS(SYS_sched_setscheduler, 1, SCHED_IDLE, &none);
    HOLDS(sched_getscheduler(1) == SCHED_IDLE);
    WORKS(SYS_sched_setparam, 1 | HIGH_BITS, &none);
    WORKS(SYS_sched_getaffinity, 1, sizeof(processors), processors);
    WORKS(SYS_sched_setaffinity, 1, sizeof(processors), processors);
}

static void init_out_of_reach(struct report *report)
{
    const struct sched_param none = {0};
    struct attributes attributes = OWN_ATTRIBUTES;
    unsigned long processors[128] = {0};
    const int before = getpriority(PRIO_PROCESS, 1);

    for (unsigned long high = 0; high <= HIGH_BITS; high += HIGH_BITS) {
        const unsigned long init = 1 | high;

        FAILS(EPERM, SYS_setpriority, PRIO_PROCESS | high, init, 19);
        FAILS(EPERM, SYS_setpriority, PRIO_PGRP | high, init, 19);
        FAILS(EPERM, SYS_setpriority, PRIO_PGRP | high, 0, 19);
        FAILS(EPERM, SYS_setpriority, PRIO_USER | high, 0, 19);
        FAILS(EPERM, SYS_setpriority, PRIO_USER | high, (long)getuid(), 19);
        FAILS(EPERM, SYS_sched_setscheduler, init, SCHED_IDLE, &none);
        FAILS(EPERM, SYS_sched_setparam, init, &none);
        FAILS(EPERM, SYS_sched_setattr, init, &attributes, 0);
        FAILS(EPERM, SYS_sched_setaffinity, init, sizeof(processors), processors);
    }
    /* Reading, and a process's own, by 0 and by its number. */
    WORKS(SYS_sched_getaffinity, 1, sizeof(processors), processors);
    WORKS(SYS_sched_setaffinity, 0, sizeof(processors), processors);
    WORKS(SYS_sched_setaffinity, (long)getpid(), sizeof(processors), processors);
    WORKS(SYS_setpriority, PRIO_PROCESS, 0, 17);
    WORKS(SYS_setpriority, PRIO_PROCESS, (long)getpid(), 18);
    WORKS(SYS_sched_setparam, 0, &none);
    WORKS(SYS_sched_setscheduler, (long)getpid(), SCHED_BATCH, &none);
    WORKS(SYS_sched_setattr, 0, &attributes, 0);
    HOLDS(getpriority(PRIO_PROCESS, 0) == 19 && getpriority(PRIO_PROCESS, 1) == before);
}

/* In a child: a PID namespace, whose init does nothing but wait for the process that tries. */
static void below_own_init(struct report *report, const struct syscalls_request *request,
                           void (*tries)(struct report *))
{
    int status = -1;
    pid_t init, child;

    HOLDS(unshare(CLONE_NEWUSER | CLONE_NEWPID) == 0);
    init = fork();
    if (init == 0) {
        child = setpgid(0, 0) == 0 ? fork() : -1;
        if (child == 0) {
            if (request != NULL)
                load(request);
            tries(report);
            _exit(42);
        }
        _exit(child > 0 && waitpid(child, &status, 0) == child ? WEXITSTATUS(status) : 1);
    }
    HOLDS(init > 0 && waitpid(init, &status, 0) == init && WEXITSTATUS(status) == 42);
}

static void can_have_own_init(struct report *report)
{
    HOLDS(unshare(CLONE_NEWUSER | CLONE_NEWPID) == 0);
}

static void init_without(struct report *report)
{
    below_own_init(report, NULL, init_reached);
}

static void init_refused(struct report *report)
{
    for (size_t i = 0; i < ARRAY_SIZE(policies); i++) {
        pid_t child = fork();

        if (child == 0) {
            below_own_init(report, &policies[i], init_out_of_reach);
            _exit(0);
        }
        HOLDS(child > 0 && waitpid(child, NULL, 0) == child);
    }
}

Test(syscalls_others, priority_of_init)
{
    struct report report;

    if (run(NULL, can_have_own_init, &report) != 0)
        cr_skip_test("no user namespaces here");
    expect_good(NULL, init_without);
    expect_good(NULL, init_refused);
}
