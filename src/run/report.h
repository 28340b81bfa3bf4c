/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The report as a file.
 *
 * Theory of operation.  The directory is opened before the command runs, and what stands under the
 * report's name is removed, so that nothing old or planted is ever taken for the result.  After
 * everything inside is gone the report is written to a new file there (O_EXCL) and renamed to its
 * name: it is whole or absent.  If it can't be written (the command may have had the directory
 * writable and moved it, or taken its permissions away), that is an error and the exit code is 125.
 * No link under the report's name is ever followed.  A FIFO or a character device is opened before
 * the run and written to; "/dev/stdout", "/dev/stderr" and "/dev/fd/N" are the caller's own
 * descriptors.
 */
#ifndef RUN_REPORT_H
#define RUN_REPORT_H

#include "policy/plan.h"
#include "run/report_text.h"

#include <limits.h>
#include <sbx/run.h>

struct report_file {
    const char *option; /* that named it: "--report"; or "--attest", for which all this holds too */
    enum report_format format;
    char path[PATH_MAX]; /* as asked for */
    int directory;       /* -EBADF where `direct` is used, or no report is wanted */
    int direct;
    char name[NAME_MAX + 1]; /* within directory */
    char parent[PATH_MAX];   /* path of directory */
};

/**
 * Open what --report names; @path is absolute, NULL: none.  The directory that it is in has to be
 * @directory; NULL: there is no plan, so nobody knows which links the command of an earlier run may
 * have made, and the path may lead through none.  0 or a negative errno with @err.
 */
int report_open(const char *path, const struct plan_directory *directory, enum report_format format,
                struct report_file *ret_file, struct sbx_error *err);

/** The same for a file that @option names. */
int report_open_for(const char *option, const char *path, const struct plan_directory *directory,
                    struct report_file *ret_file, struct sbx_error *err);

/** Write @text to it, if one was opened; 0 where it is at its place, else as report_write(). */
int report_write_text(const struct report_file *file, const char *text, struct sbx_error *err);

/** Write the report of one run; 0 where it is at its place, else a negative errno with @err. */
int report_write(const struct report_file *file, const struct sbx_report *report,
                 struct sbx_error *err);

void report_close(struct report_file *file);

#endif
