/* SPDX-License-Identifier: Apache-2.0 */
/* What --tty means for the descriptors that the caller has. */
#include "policy/terminal.h"

#include "base/cleanup.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

enum kind { CLOSED, TERMINAL, PIPE, FILE_OR_DEVICE };

static struct plan_terminal decide(struct spec spec, enum kind in, enum kind out, enum kind err)
{
    const enum kind kinds[3] = {in, out, err};
    struct host_fd fds[3] = {0};
    struct host host = {.fds = {fds, 3, 3}};

    for (int fd = 0; fd < 3; fd++)
        fds[fd] = (struct host_fd){.fd = fd,
                                   .open = kinds[fd] != CLOSED,
                                   .terminal = kinds[fd] == TERMINAL,
                                   .pipe = kinds[fd] == PIPE};
    return terminal_decide(&spec, &host);
}

Test(terminal, what_is_replaced_and_who_has_the_keyboard)
{
    static const struct {
        enum kind in, out, err;
        enum plan_terminal_mode mode;
        unsigned replaced;
        bool keyboard;
    } rows[] = {
        {TERMINAL, TERMINAL, TERMINAL, PLAN_TERMINAL_OWN, 7, true},
        {TERMINAL, TERMINAL, FILE_OR_DEVICE, PLAN_TERMINAL_OWN, 3, true},
        {TERMINAL, TERMINAL, PIPE, PLAN_TERMINAL_OWN, 3, true},
        {TERMINAL, FILE_OR_DEVICE, TERMINAL, PLAN_TERMINAL_OWN, 5, true},
        /* the last of a pipeline */
        {PIPE, TERMINAL, TERMINAL, PLAN_TERMINAL_OWN, 6, true},
        {FILE_OR_DEVICE, TERMINAL, TERMINAL, PLAN_TERMINAL_OWN, 6, true},
        {CLOSED, TERMINAL, TERMINAL, PLAN_TERMINAL_OWN, 6, true},
        /* the first, or one in between: another member has the terminal */
        {TERMINAL, PIPE, TERMINAL, PLAN_TERMINAL_OWN, 5, false},
        {PIPE, PIPE, TERMINAL, PLAN_TERMINAL_OWN, 4, false},
        /* nobody to relay for */
        {FILE_OR_DEVICE, FILE_OR_DEVICE, TERMINAL, PLAN_TERMINAL_OWN, 4, false},
        {TERMINAL, CLOSED, CLOSED, PLAN_TERMINAL_OWN, 1, false},
        {PIPE, FILE_OR_DEVICE, CLOSED, PLAN_TERMINAL_NONE, 0, false},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct plan_terminal own =
            decide((struct spec){.tty = SPEC_TTY_NEW}, rows[i].in, rows[i].out, rows[i].err);
        struct plan_terminal none =
            decide((struct spec){.tty = SPEC_TTY_NONE}, rows[i].in, rows[i].out, rows[i].err);
        struct plan_terminal shared =
            decide((struct spec){.tty = SPEC_TTY_INHERIT}, rows[i].in, rows[i].out, rows[i].err);

        cr_expect_eq(own.mode, rows[i].mode, "row %zu", i);
        cr_expect_eq(own.replaced, rows[i].replaced, "row %zu: %u", i, own.replaced);
        cr_expect_eq(own.keyboard, rows[i].keyboard, "row %zu", i);
        cr_expect_eq(none.mode, PLAN_TERMINAL_NONE, "row %zu", i);
        cr_expect_eq(none.replaced, rows[i].replaced, "row %zu", i);
        cr_expect_not(none.keyboard, "row %zu", i);
        cr_expect_eq(shared.mode, PLAN_TERMINAL_SHARED, "row %zu", i);
        cr_expect_eq(shared.replaced, 0, "row %zu", i);
    }
}

/* Without the filter a shared terminal could be typed into. */
Test(terminal, auto_shares_what_the_filter_guards)
{
    static struct spec_syscall ioctl_allowed[] = {{"ioctl", true, "--allow"}};
    static struct spec_syscall ioctl_refused[] = {{"ioctl", true, "o"}, {"ioctl", false, "o"}};
    static struct spec_syscall other[] = {{"ioctl_no", true, "o"}, {"ptrace", true, "o"}};
    const struct {
        struct spec spec;
        const char *unguarded_by;
    } rows[] = {
        {{.seccomp = SPEC_SECCOMP_DEFAULT}, NULL},
        {{.seccomp = SPEC_SECCOMP_STRICT}, NULL},
        {{.seccomp = SPEC_SECCOMP_DEFAULT, .userns = true}, NULL},
        {{.seccomp = SPEC_SECCOMP_OFF}, "--seccomp"},
        {{.seccomp = SPEC_SECCOMP_DEFAULT, .syscalls = {ioctl_allowed, 1, 1}}, "--allow"},
        {{.seccomp = SPEC_SECCOMP_DEFAULT, .syscalls = {ioctl_refused, 2, 2}}, NULL},
        {{.seccomp = SPEC_SECCOMP_DEFAULT, .syscalls = {other, 2, 2}}, NULL},
        {{.seccomp = SPEC_SECCOMP_OFF, .syscalls = {other, 2, 2}}, "--seccomp"},
    };
    const struct spec counted = {.max_output.origin = "--max-output", .tty_origin = "default"};

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct spec spec = rows[i].spec;
        const char *expected = rows[i].unguarded_by;
        const char *found;
        struct plan_terminal terminal;

        spec.seccomp_origin = "--seccomp";
        spec.tty_origin = "default";
        found = terminal_unguarded_by(&spec);
        terminal = decide(spec, TERMINAL, TERMINAL, TERMINAL);
        cr_expect_eq(found == NULL, expected == NULL, "row %zu", i);
        cr_expect(found == NULL || expected == NULL || strcmp(found, expected) == 0, "row %zu", i);
        cr_expect_eq(terminal.mode, expected == NULL ? PLAN_TERMINAL_SHARED : PLAN_TERMINAL_OWN,
                     "row %zu", i);
        cr_expect_str_eq(terminal.origin, expected == NULL ? "default" : expected, "row %zu", i);
    }
    /* what goes to a shared one can't be counted */
    cr_expect_eq(decide(counted, TERMINAL, TERMINAL, TERMINAL).mode, PLAN_TERMINAL_OWN);
    cr_expect_str_eq(decide(counted, TERMINAL, TERMINAL, TERMINAL).origin, "--max-output");
    cr_expect_eq(decide(counted, PIPE, PIPE, PIPE).mode, PLAN_TERMINAL_NONE);
}

Test(terminal, no_kept_descriptor_is_one)
{
    static const enum spec_tty modes[] = {SPEC_TTY_NEW, SPEC_TTY_NONE};
    struct spec_keep_fd keep = {.fd = 5, .origin = "--keep-fd"};
    struct host_fd fd = {.fd = 5, .open = true, .terminal = true};
    struct host host = {.fds = {&fd, 1, 1}};
    struct spec spec = {.keep_fds = {&keep, 1, 1}, .tty = SPEC_TTY_INHERIT};
    struct sbx_error err = {0};

    cr_expect_eq(terminal_check(&spec, &host, &err), 0);
    for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
        spec.tty = modes[i];
        fd.terminal = true;
        cr_expect_eq(terminal_check(&spec, &host, &err), -EINVAL);
        cr_expect_str_eq(err.origin, "--keep-fd");
        cr_expect_not_null(strstr(err.message, "5"), "%s", err.message);
        fd.terminal = false;
        cr_expect_eq(terminal_check(&spec, &host, &err), 0);
    }
}
