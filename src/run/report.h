/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The report as a file.
 *
 * Theory of operation.  The directory is opened before the command runs.  After everything inside
 * is gone the report is written to a new file there (O_EXCL) and renamed to its name, so it is
 * whole or absent, and what the command may have planted under that name is replaced, never
 * followed.  A path that is something else than a regular file (a pipe, /dev/stderr) is opened
 * before the run and written to.
 */
#ifndef RUN_REPORT_H
#define RUN_REPORT_H

#include <sbx/run.h>

struct report_file {
    int directory; /* -EBADF where `direct` is used, or no report is wanted */
    int direct;
    char name[256]; /* within directory */
};

/** Open what --report names; @path is absolute, NULL: none. 0 or a negative errno with @err. */
int report_open(const char *path, struct report_file *ret_file, struct sbx_error *err);

/** Write the report of one run. 0 or a negative errno with @err. */
int report_write(const struct report_file *file, const struct sbx_report *report,
                 struct sbx_error *err);

void report_close(struct report_file *file);

#endif
