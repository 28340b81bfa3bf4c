/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What sbx and its helper sbx-scope say to each other.
 *
 *     sbx-scope BUS UNIT PID [SLICE]
 *
 * Descriptor 0 of the helper is a SEQPACKET socket to sbx.  The helper sends one answer.  Where
 * that is good it stays, as the one process that keeps the scope alive, until sbx closes its end or
 * dies.
 */
#ifndef SCOPE_WIRE_H
#define SCOPE_WIRE_H

#include <stdint.h>

#define SCOPE_TEXT 240

struct scope_answer {
    int32_t number;  /* 0: the scope is there, and the helper and PID are in it; else an errno */
    uint32_t unused; /* 0 */
    char text[SCOPE_TEXT]; /* why not, in words; NUL-terminated, no control characters */
};

/** How long the manager may take, and how long sbx waits for the answer. */
#define SCOPE_MANAGER_SECONDS 5
#define SCOPE_ANSWER_MS       8000

#endif
