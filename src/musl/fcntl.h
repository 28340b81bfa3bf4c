/* SPDX-License-Identifier: Apache-2.0 */
/* musl's open(3) makes the descriptor close-on-exec once more, for kernels before Linux 2.6.23. */
#ifndef MUSL_FCNTL_H
#define MUSL_FCNTL_H

#include_next <fcntl.h>

#define open(...) openat(AT_FDCWD, __VA_ARGS__)

#endif
