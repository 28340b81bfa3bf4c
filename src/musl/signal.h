/* SPDX-License-Identifier: Apache-2.0 */
/* Real-time signals as glibc counts them, for that is most commands' libc: musl keeps one more. */
#ifndef MUSL_SIGNAL_H
#define MUSL_SIGNAL_H

#include_next <signal.h>

#undef SIGRTMIN
#define SIGRTMIN 34

#endif
