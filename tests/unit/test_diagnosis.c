/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/diagnosis.h"

#include "base/cleanup.h"
#include "kernel/fault.h"
#include "policy/apparmor.h"
#include "policy/hint.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static const char *const operations[] = {
    "namespaces", "unshare", "probe",         "id-map",     "userns-limit",    "proc",
    "keyring",    "mirror",  "init",          "launch",     "landlock",        "seccomp",
    "sysfs",      "overlay", "notifications", "delegation", "subordinate-ids", "tun",
    "pasta",      "systemd", "pid-max",       "devpts",
};

static const char *name_of(const char *operation, int number, unsigned faults)
{
    const struct diagnosis *diagnosis = diagnosis_find(operation, number, faults);

    return diagnosis == NULL ? "none" : diagnosis->name;
}

/* The faults that look alike to a user, each told from the others. */
Test(diagnosis, what_looks_alike_is_told_apart)
{
    static const struct {
        const char *operation;
        int number;
        unsigned faults;
        const char *name;
    } rows[] = {
        {"namespaces", EPERM, FAULT_USERNS_CLONE_OFF, "unprivileged-userns-clone"},
        {"namespaces", ENOSPC, FAULT_NO_USERNS_LEFT, "max-user-namespaces"},
        {"namespaces", ENOSPC, FAULT_NO_USERNS_LEFT | FAULT_NO_NET_LEFT, "max-user-namespaces"},
        {"namespaces", ENOSPC, FAULT_NO_PID_LEFT, "max-pid-namespaces"},
        {"namespaces", ENOSPC, FAULT_NO_CGROUP_LEFT, "max-cgroup-namespaces"},
        {"namespaces", ENOSPC, FAULT_NO_USERNS_LEFT | FAULT_NESTED_USERNS, "no-nested-namespaces"},
        {"namespaces", ENOSPC, FAULT_NESTED_USERNS, "namespace-limit"},
        {"id-map", EPERM, FAULT_APPARMOR_USERNS, "apparmor"},
        {"namespaces", EACCES, FAULT_APPARMOR_USERNS, "apparmor"},
        {"namespaces", EPERM, FAULT_FILTER_NAMESPACES, "filter"},
        {"namespaces", ENOSYS, FAULT_FILTER_NAMESPACES, "filter"},
        {"namespaces", ENOSYS, 0, "old-kernel"},
        {"namespaces", ECHILD, FAULT_FILTER_KILLS, "filter-kills"},
        {"namespaces", EPERM, FAULT_CHROOT, "chroot"},
        {"namespaces", EPERM, FAULT_IDS_UNMAPPED, "unmapped-ids"},
        {"namespaces", EPERM, 0, "refused"},
        {"namespaces", EPERM, FAULT_NO_RIGHTS_INSIDE, "no-rights-inside"},
        {"namespaces", EPERM, FAULT_NO_RIGHTS_INSIDE | FAULT_APPARMOR_USERNS, "apparmor"},
        {"id-map", EACCES, 0, "no-rights-inside"},
        {"id-map", EACCES, FAULT_APPARMOR_USERNS, "apparmor"},
        {"namespaces", EACCES, 0, "refused"},
        {"namespaces", EACCES, FAULT_APPARMOR_CONFINED | FAULT_APPARMOR_USERNS, "apparmor-profile"},
        {"id-map", EPERM, FAULT_APPARMOR_CONFINED, "apparmor-profile"},
        {"mirror", EACCES, FAULT_APPARMOR_CONFINED, "apparmor-profile"},
        {"id-map", EPERM, FAULT_NO_SETFCAP, "root-without-setfcap"},
        {"id-map", EPERM, 0, "no-rights-inside"},
        {"id-map", EROFS, FAULT_PROC_READ_ONLY, "read-only-proc"},
        {"proc", EPERM, FAULT_PROC_COVERED, "masked-proc"},
        {"proc", EPERM, FAULT_PROC_COVERED | FAULT_PROC_READ_ONLY, "masked-proc"},
        {"proc", EPERM, FAULT_PROC_READ_ONLY, "read-only-proc"},
        {"proc", EPERM, 0, "no-whole-proc"},
        {"mirror", ENOSYS, FAULT_NO_NEW_MOUNT_API, "old-kernel"},
        {"mirror", ENOSYS, FAULT_NO_NEW_MOUNT_API | FAULT_SECCOMP, "filtered-mount-setattr"},
        {"landlock", ENOSYS, 0, "landlock-missing"},
        {"landlock", ENOSYS, FAULT_SECCOMP, "filter"},
        {"seccomp", ENOSYS, 0, "seccomp-missing"},
        {"seccomp", ENOSYS, FAULT_SECCOMP, "filter"},
        {"landlock", EOPNOTSUPP, 0, "landlock-off"},
        {"mirror", EPERM, 0, "none"},
        {"devpts", EIO, FAULT_END - 1, "none"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        cr_expect_str_eq(name_of(rows[i].operation, rows[i].number, rows[i].faults), rows[i].name,
                         "%s %s %#x: %s, not %s", rows[i].operation,
                         strerrorname_np(rows[i].number), rows[i].faults,
                         name_of(rows[i].operation, rows[i].number, rows[i].faults), rows[i].name);
}

static void expect_sentence(const char *text)
{
    size_t quotes = 0;

    cr_assert_not_null(text);
    cr_expect_gt(strlen(text), 10, "%s", text);
    cr_expect_neq(text[strlen(text) - 1], '.', "%s", text);
    cr_expect_null(strpbrk(text, "\n\t"), "%s", text);
    for (; *text != '\0'; text++)
        quotes += *text == '`';
    cr_expect_eq(quotes % 2, 0, "a command is not closed");
}

/* The doctor's cause and fix, and the hint of a run, are the same words. */
Test(diagnosis, the_hint_is_cause_and_fix)
{
    size_t found = 0;

    for (size_t i = 0; i < ARRAY_SIZE(operations); i++)
        for (int number = 1; number < 134; number++)
            for (unsigned fault = 0; fault < FAULT_END; fault = fault ? fault << 1 : 1) {
                const struct diagnosis *diagnosis = diagnosis_find(operations[i], number, fault);
                char both[1024];

                if (diagnosis == NULL)
                    continue;
                found++;
                expect_sentence(diagnosis->cause);
                expect_sentence(diagnosis->fix);
                snprintf(both, sizeof(both), "%s: %s", diagnosis->cause, diagnosis->fix);
                cr_expect_str_eq(diagnosis->hint, both);
                cr_expect_str_eq(hint_find(operations[i], number, fault), both);
            }
    cr_expect_gt(found, 100);
}

Test(apparmor, the_profile_has_the_real_path)
{
    _cleanup_arena_ struct arena *arena = arena_new();

    cr_expect_str_eq(apparmor_profile(arena, "/opt/my tools/sbx"),
                     "abi <abi/4.0>,\n"
                     "include <tunables/global>\n"
                     "\n"
                     "profile sbx \"/opt/my tools/sbx\" flags=(unconfined) {\n"
                     "  userns,\n"
                     "\n"
                     "  include if exists <local/sbx>\n"
                     "}\n");
}

Test(apparmor, a_path_cannot_say_more_than_a_path)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    const char *text = apparmor_profile(arena, "/a\" {\n capability,\n}*?[x]{y,z}^@\\");

    cr_expect_not_null(strstr(text,
                              "profile sbx \"/a\\\" \\{\\012 capability\\,\\012\\}\\*\\?\\[x\\]"
                              "\\{y\\,z\\}\\^\\@\\\\\" flags=(unconfined) {\n"),
                       "%s", text);
    cr_expect_null(strstr(text, "\n capability"), "%s", text);
}

Test(apparmor, an_unknown_path_is_said)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    const char *text = apparmor_profile(arena, NULL);

    cr_expect_eq(text[0], '#');
    cr_expect_not_null(strstr(text, "\"/usr/bin/sbx\""));
}
