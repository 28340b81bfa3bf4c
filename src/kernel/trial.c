/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/trial.h"

#include "base/cleanup.h"
#include "kernel/idmap.h"
#include "kernel/process.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define END_MS 200 /* how long a killed process may take to end */

/* What the process and its parent share: memory needs no pipe, and holds what was found out when
 * the process hangs. */
struct shared {
    enum trial_stage stage;
    bool done;
    int result;
    _Alignas(16) unsigned char bytes[];
};

_Noreturn static void run_child(const struct trial *trial, const char *const maps[2],
                                struct shared *shared)
{
    shared->stage = TRIAL_STAGE_MAPS;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    shared->result =
        (trial->namespaces & CLONE_NEWUSER) != 0 ? idmap_write(-1, maps[0], maps[1], NULL) : 0;
    if (shared->result == 0) {
        shared->stage = TRIAL_STAGE_TRIED;
        shared->result = trial->function(trial->argument, shared->bytes);
    }
    shared->done = true;
    _exit(0);
}

static int milliseconds_since(const struct timespec *start)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int)((now.tv_sec - start->tv_sec) * 1000 + (now.tv_nsec - start->tv_nsec) / 1000000);
}

/* Has the process ended within @timeout milliseconds? */
static bool has_ended(int pidfd, int timeout)
{
    struct pollfd ended = {.fd = pidfd, .events = POLLIN};
    struct timespec start;
    int left = timeout;

    clock_gettime(CLOCK_MONOTONIC, &start);
    while (left >= 0) {
        int count = poll(&ended, 1, left);

        if (count > 0)
            return true;
        if (count == 0 || errno != EINTR)
            return false;
        left = timeout - milliseconds_since(&start);
    }
    return false;
}

static int wait_for(const struct trial *trial, pid_t pid, int pidfd, struct shared *shared)
{
    bool ended = has_ended(pidfd, (int)trial->timeout_ms);

    if (!ended) {
        (void)process_send_kill(pidfd);
        shared->stage = TRIAL_STAGE_HUNG;
    }
    if (ended || has_ended(pidfd, END_MS))
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            ;
    if (!ended)
        return -ETIMEDOUT;
    return shared->done ? shared->result : -ECHILD;
}

int trial_run(const struct trial *trial, void *ret_result, size_t size, enum trial_stage *ret_stage)
{
    size_t length = sizeof(struct shared) + size;
    struct shared *shared =
        mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    char uids[64];
    char gids[64];
    _cleanup_close_ int pidfd = -EBADF;
    int result;
    pid_t pid;

    if (ret_stage != NULL)
        *ret_stage = TRIAL_STAGE_CLONE;
    if (shared == MAP_FAILED)
        return -ENOMEM;
    snprintf(uids, sizeof(uids), "%u %u 1\n", geteuid(), geteuid());
    snprintf(gids, sizeof(gids), "%u %u 1\n", getegid(), getegid());
    pid = process_clone(trial->namespaces, -1, &pidfd);
    if (pid == 0)
        run_child(trial, (const char *const[]){uids, gids}, shared);
    result = pid < 0 ? (int)pid : wait_for(trial, pid, pidfd, shared);
    memcpy(ret_result, shared->bytes, size);
    if (ret_stage != NULL)
        *ret_stage = shared->stage;
    munmap(shared, length);
    return result;
}
