/* SPDX-License-Identifier: Apache-2.0 */
#include "run/suspend.h"

#include <signal.h>
#include <stddef.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* A stopped process minds no time limit: have the kernel continue it when the time is over. */
static bool wake_at_limit(int timer, timer_t *ret_timer)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGCONT};
    struct itimerspec left;

    if (timer < 0 || timerfd_gettime(timer, &left) < 0 ||
        timer_create(CLOCK_MONOTONIC, &event, ret_timer) < 0)
        return false;
    if (left.it_value.tv_sec == 0 && left.it_value.tv_nsec == 0)
        left.it_value.tv_nsec = 1; /* over already */
    timer_settime(*ret_timer, 0, &left, NULL);
    return true;
}

bool suspend_self(int signal, bool whole_job, int timer)
{
    struct sigaction standard = {.sa_handler = SIG_DFL};
    struct sigaction saved;
    timer_t waker;
    bool limited;
    sigset_t only;
    sigset_t mask;
    sigset_t pending;

    sigemptyset(&only);
    sigaddset(&only, signal);
    sigaction(signal, &standard, &saved);
    limited = wake_at_limit(timer, &waker);
    kill(whole_job ? 0 : getpid(), signal);
    sigprocmask(SIG_UNBLOCK, &only, &mask); /* the stop happens here */
    sigprocmask(SIG_SETMASK, &mask, NULL);
    if (limited)
        timer_delete(waker);
    sigaction(signal, &saved, NULL);
    /* what ended the stop is blocked, and still there */
    sigpending(&pending);
    return sigismember(&pending, SIGCONT) == 1;
}
