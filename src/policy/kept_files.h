/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that the caller gives to be read, as standard input or by --keep-fd, and that the command
 * must not empty.  Their links in /proc/self/fd lead to the caller's own mount, which may be
 * writable; what a read-only view can't keep from there, Landlock does.  Up to ABI 2 it sees a file
 * that is opened to write, but neither truncate(2) nor an open with O_TRUNC alone: there the
 * system-call filter refuses these two.
 */
#ifndef POLICY_KEPT_FILES_H
#define POLICY_KEPT_FILES_H

#include "kernel/host.h"
#include "policy/spec.h"

#include <stdbool.h>

/** Is it for the filter to keep such a file, and can it?  Pure. */
bool kept_files_by_filter(const struct spec *spec, const struct host *host);

#endif
