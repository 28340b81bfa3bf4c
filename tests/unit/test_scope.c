/* SPDX-License-Identifier: Apache-2.0 */
/* What sbx believes of its helper: nothing.  Shell scripts stand for it. */
#include "run/scope.h"

#include "base/cleanup.h"
#include "unit/scratch.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/wait.h>

/* Start @script as the helper; *@ret_err says what came of it. */
static int try(const char *script, struct sbx_error *ret_err)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    const struct host_scope manager = {
        .bus = "/no/bus", .mount = "/sys/fs/cgroup", .mount_root = "/"};
    struct step step = {
        .kind = STEP_SCOPE, .target = "systemd", .origin = "--memory", .data = &manager};
    struct scope scope = SCOPE_NONE;
    const char *path = scratch_path(&scratch, "helper");
    int r;

    if (script != NULL) {
        scratch_file(&scratch, "helper", script);
        cr_assert_eq(chmod(path, 0700), 0);
    }
    step.source = path;
    r = scope_start(&step, getpid(), &scope, ret_err);
    cr_expect_eq(scope.helper, 0);
    cr_expect_lt(scope.socket, 0);
    cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1, "the helper was left behind");
    return r;
}

Test(scope, a_helper_that_is_missing)
{
    struct sbx_error err = {0};

    cr_expect_eq(try(NULL, &err), -ENOENT);
    cr_expect_not_null(strstr(err.message, "sbx-scope can't be started"), "%s", err.message);
    cr_expect_str_eq(err.origin, "--memory");
}

Test(scope, one_that_ends_without_a_word)
{
    struct sbx_error err = {0};

    cr_expect_eq(try("#!/bin/sh\nexit 0\n", &err), -ECHILD);
    cr_expect_not_null(strstr(err.message, "ended without an answer"), "%s", err.message);
}

Test(scope, one_that_says_something_else)
{
    struct sbx_error err = {0};

    cr_expect_eq(try("#!/bin/sh\necho done >&0\nexec sleep 60\n", &err), -EPROTO);
    cr_expect_eq(try("#!/bin/sh\nhead -c 249 /dev/zero >&0\nexec sleep 60\n", &err), -EPROTO);
    /* no end of the text, and a number that is none */
    cr_expect_eq(try("#!/bin/sh\nexec 3>&0\nhead -c 248 /dev/zero | tr '\\0' a |\n"
                     "dd bs=248 count=1 iflag=fullblock status=none >&3\nexec sleep 60\n",
                     &err),
                 -EPROTO);
    cr_expect_not_null(strstr(err.message, "not of this version"), "%s", err.message);
}

/* All zero is the good answer. */
Test(scope, one_that_lies)
{
    struct sbx_error err = {0};

    cr_expect_eq(try("#!/bin/sh\nexec 3>&0\nhead -c 248 /dev/zero >&0\nexec sleep 60\n", &err),
                 -EPROTO);
    cr_expect_not_null(strstr(err.message, "the kernel knows of none"), "%s", err.message);
}

Test(scope, what_it_was_told_is_told)
{
    struct sbx_error err = {0};

    cr_expect_eq(try("#!/bin/sh\n{ printf '\\15\\0\\0\\0\\0\\0\\0\\0%s' 'not for you'\n"
                     "head -c 229 /dev/zero; } >\"$0.answer\"\n"
                     "head -c 248 \"$0.answer\" >&0\nexec sleep 60\n",
                     &err),
                 -EACCES);
    cr_expect_not_null(strstr(err.message, "from systemd: not for you"), "%s", err.message);
}

/* The helper has nothing but its socket, and no variable of the caller's. */
Test(scope, what_the_helper_gets)
{
    struct sbx_error err = {0};
    const char *script = "#!/bin/sh\n"
                         "[ ! -e /proc/$$/fd/100 ] || exit 3\n"
                         "[ -z \"$SCOPE_TEST\" ] || exit 4\n"
                         "[ \"$1\" = /no/bus ] || exit 5\n"
                         "case $2 in sbx-*-*.scope) ;; *) exit 6 ;; esac\n"
                         "[ \"$3\" = $PPID ] && [ $# = 3 ] || exit 7\n"
                         "head -c 248 /dev/zero >&0\nexec sleep 60\n";

    setenv("SCOPE_TEST", "x", 1);
    cr_assert_eq(dup2(STDOUT_FILENO, 100), 100);
    cr_expect_eq(try(script, &err), -EPROTO, "%s", err.message);
}
