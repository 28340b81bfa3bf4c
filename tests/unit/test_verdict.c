/* SPDX-License-Identifier: Apache-2.0 */
/* Judging hosts that are made up. */
#include "policy/verdict.h"

#include "base/cleanup.h"
#include "kernel/fault.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static struct arena *arena;

/* A host on which everything works. */
static struct checkup good_host(void)
{
    struct checkup checkup = {
        .namespace_limits = {1000, 1000, 1000, 1000, 1000, 1000, 1000},
        .mount_limit = 100000,
        .mounts = 30,
        .pid_max = 32768,
        .cgroup = {.path = "/sys/fs/cgroup/u", .controllers = "cpu memory pids", .writable = true},
        .subordinate_uids = 65536,
        .subordinate_gids = 65536,
        .newuidmap = "/usr/bin/newuidmap",
        .newuidmap_has_power = true,
        .pasta = "/usr/bin/pasta",
        .program = "/opt/sbx",
    };

    for (size_t i = 0; i < ATTEMPT_COUNT; i++)
        checkup.attempts[i] = (struct attempt){.made = true, .stage = TRIAL_STAGE_TRIED};
    checkup.attempts[ATTEMPT_LANDLOCK].value = 7;
    checkup.attempts[ATTEMPT_PID_MAX].value = 4194304;
    return checkup;
}

/* All that needs a user namespace gets no further than to @stage. */
static void stop_at(struct checkup *checkup, enum trial_stage stage, int error)
{
    for (size_t i = 0; i < ATTEMPT_COUNT; i++)
        if (i != ATTEMPT_SECCOMP && i != ATTEMPT_LANDLOCK && i != ATTEMPT_NOTIFICATIONS &&
            i != ATTEMPT_SYSTEMD)
            checkup->attempts[i] = (struct attempt){.made = true, .stage = stage, .error = error};
}

static struct checks judge(const struct checkup *checkup)
{
    struct checks checks = {0};

    cr_assert_eq(verdict_add(arena, checkup, &checks), 0);
    return checks;
}

static struct sbx_check check_of(const struct checkup *checkup, const char *name)
{
    struct checks checks = judge(checkup);

    for (size_t i = 0; i < checks.count; i++)
        if (strcmp(checks.items[i].name, name) == 0)
            return checks.items[i];
    cr_assert_fail("there is no check %s", name);
    return (struct sbx_check){0};
}

static void set_up(void)
{
    arena = arena_new();
}

static void tear_down(void)
{
    arena_free(arena);
}

TestSuite(verdict, .init = set_up, .fini = tear_down);

Test(verdict, a_good_host_works_and_nothing_is_said_to_cost)
{
    struct checkup checkup = good_host();
    struct checks checks = judge(&checkup);

    cr_expect_geq(checks.count, 20);
    for (size_t i = 0; i < checks.count; i++) {
        cr_expect_eq(checks.items[i].state, SBX_CHECK_WORKS, "%s", checks.items[i].name);
        cr_expect_null(checks.items[i].cost, "%s", checks.items[i].name);
        cr_expect_null(checks.items[i].fix, "%s", checks.items[i].name);
        for (size_t k = 0; k < i; k++)
            cr_expect_str_neq(checks.items[i].name, checks.items[k].name);
    }
}

/* Ubuntu 24.04, as seen with a profile without capabilities on Linux 6.1: the clone of a user
 * namespace works, writing to setgroups is EACCES, a clone with other namespaces is EPERM. */
Test(verdict, capabilities_that_apparmor_takes_away)
{
    struct checkup checkup = good_host();
    struct sbx_check check;

    checkup.faults = FAULT_APPARMOR_USERNS | FAULT_NO_RIGHTS_INSIDE;
    stop_at(&checkup, TRIAL_STAGE_CLONE, EPERM);
    checkup.attempts[ATTEMPT_USER_NAMESPACE].stage = TRIAL_STAGE_MAPS;
    checkup.attempts[ATTEMPT_USER_NAMESPACE].error = EACCES;
    check = check_of(&checkup, "user-namespaces");
    cr_expect_eq(check.state, SBX_CHECK_FAILS);
    cr_expect_not_null(strstr(check.cause, "takes their capabilities away"));
    cr_expect_not_null(strstr(check.fix, "apparmor_parser -r /etc/apparmor.d/sbx"));
    cr_expect_str_eq(check.file, "/etc/apparmor.d/sbx");
    cr_expect_not_null(strstr(check.file_text, "profile sbx \"/opt/sbx\" flags=(unconfined) {\n"
                                               "  userns,\n"));
    /* the others are not told to be something else's fault */
    check = check_of(&checkup, "procfs");
    cr_expect_eq(check.state, SBX_CHECK_UNKNOWN);
    cr_expect_null(check.fix);
    /* the same without that setting: nobody knows who it was */
    checkup.faults = FAULT_NO_RIGHTS_INSIDE;
    check = check_of(&checkup, "user-namespaces");
    cr_expect_null(check.file);
    cr_expect_not_null(strstr(check.fix, "log"));
}

Test(verdict, user_namespaces_that_are_switched_off)
{
    struct checkup checkup = good_host();
    struct sbx_check check;

    checkup.faults = FAULT_USERNS_CLONE_OFF;
    stop_at(&checkup, TRIAL_STAGE_CLONE, EPERM);
    check = check_of(&checkup, "user-namespaces");
    cr_expect_eq(check.state, SBX_CHECK_FAILS);
    cr_expect_not_null(strstr(check.fix, "`sysctl kernel.unprivileged_userns_clone=1`"));
    cr_expect_not_null(strstr(check.cost, "125"));
    cr_expect_eq(check_of(&checkup, "network-namespaces").state, SBX_CHECK_UNKNOWN);
    cr_expect_eq(check_of(&checkup, "seccomp").state, SBX_CHECK_WORKS);
}

Test(verdict, each_kind_of_namespace_has_its_own_limit)
{
    static const struct {
        enum attempt_kind kind;
        const char *name;
        const char *sysctl;
    } rows[] = {
        {ATTEMPT_MOUNT_NAMESPACE, "mount-namespaces", "user.max_mnt_namespaces"},
        {ATTEMPT_PID_NAMESPACE, "pid-namespaces", "user.max_pid_namespaces"},
        {ATTEMPT_NETWORK_NAMESPACE, "network-namespaces", "user.max_net_namespaces"},
        {ATTEMPT_IPC_NAMESPACE, "ipc-namespaces", "user.max_ipc_namespaces"},
        {ATTEMPT_UTS_NAMESPACE, "uts-namespaces", "user.max_uts_namespaces"},
        {ATTEMPT_CGROUP_NAMESPACE, "cgroup-namespaces", "user.max_cgroup_namespaces"},
    };
    struct checkup checkup = good_host();

    checkup.faults = FAULTS_OF_LIMITS & ~(unsigned)FAULT_NO_USERNS_LEFT;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        checkup.attempts[rows[i].kind] =
            (struct attempt){.made = true, .stage = TRIAL_STAGE_CLONE, .error = ENOSPC};
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct sbx_check check = check_of(&checkup, rows[i].name);

        cr_expect_eq(check.state, SBX_CHECK_FAILS);
        cr_assert_not_null(check.fix, "%s", rows[i].name);
        cr_expect_not_null(strstr(check.fix, rows[i].sysctl), "%s: %s", rows[i].name, check.fix);
    }
    cr_expect_eq(check_of(&checkup, "user-namespaces").state, SBX_CHECK_WORKS);
}

Test(verdict, limits_that_are_low)
{
    struct checkup checkup = good_host();
    struct sbx_check check;

    checkup.namespace_limits[3] = 5;
    check = check_of(&checkup, "namespace-limits");
    cr_expect_eq(check.state, SBX_CHECK_LIMITED);
    cr_expect_not_null(strstr(check.fix, "user.max_net_namespaces"));
    checkup.namespace_limits[3] = 0;
    checkup.faults = FAULT_NO_NET_LEFT;
    check = check_of(&checkup, "namespace-limits");
    cr_expect_eq(check.state, SBX_CHECK_FAILS);
    cr_expect_not_null(strstr(check.fix, "user.max_net_namespaces"));
    for (size_t i = 0; i < CHECKUP_NAMESPACES; i++)
        checkup.namespace_limits[i] = -1;
    cr_expect_eq(check_of(&checkup, "namespace-limits").state, SBX_CHECK_UNKNOWN);
    checkup.mount_limit = 200 + 2 * 30;
    cr_expect_eq(check_of(&checkup, "mount-limit").state, SBX_CHECK_WORKS);
    checkup.mount_limit--;
    check = check_of(&checkup, "mount-limit");
    cr_expect_eq(check.state, SBX_CHECK_LIMITED);
    cr_expect_not_null(strstr(check.fix, "fs.mount-max"));
    checkup.mount_limit = -1;
    cr_expect_eq(check_of(&checkup, "mount-limit").state, SBX_CHECK_UNKNOWN);
}

Test(verdict, a_masked_proc)
{
    struct checkup checkup = good_host();
    struct sbx_check check;

    checkup.faults = FAULT_PROC_COVERED;
    checkup.attempts[ATTEMPT_PROCFS].error = EPERM;
    checkup.attempts[ATTEMPT_PID_MAX].error = EPERM;
    strcpy(checkup.attempts[ATTEMPT_PROCFS].reason, "VFS: Mount too revealing");
    check = check_of(&checkup, "procfs");
    cr_expect_eq(check.state, SBX_CHECK_FAILS);
    cr_expect_not_null(strstr(check.finding, "(VFS: Mount too revealing)"));
    cr_expect_not_null(strstr(check.fix, "systempaths=unconfined"));
    cr_expect_eq(check_of(&checkup, "user-namespaces").state, SBX_CHECK_WORKS);
    /* no claim on a number that could not be seen */
    cr_expect_eq(check_of(&checkup, "pid-max").state, SBX_CHECK_UNKNOWN);
    /* real root has its own way */
    checkup.attempts[ATTEMPT_PROCFS].error = 0;
    checkup.procfs_first = true;
    check = check_of(&checkup, "procfs");
    cr_expect_eq(check.state, SBX_CHECK_WORKS);
    cr_expect_not_null(strstr(check.finding, "covered"));
}

Test(verdict, a_kernel_before_5_12)
{
    struct checkup checkup = good_host();
    struct sbx_check check;

    checkup.faults = FAULT_NO_NEW_MOUNT_API;
    checkup.attempts[ATTEMPT_MIRROR].error = ENOSYS;
    check = check_of(&checkup, "mount-setattr");
    cr_expect_eq(check.state, SBX_CHECK_FAILS);
    cr_expect_not_null(strstr(check.fix, "5.12"));
}

Test(verdict, landlock_by_its_abi)
{
    struct checkup checkup = good_host();
    struct attempt *attempt = &checkup.attempts[ATTEMPT_LANDLOCK];
    struct sbx_check check;

    for (unsigned long abi = 1; abi <= 8; abi++) {
        attempt->value = abi;
        check = check_of(&checkup, "landlock");
        cr_expect_eq(check.state, abi < 6 ? SBX_CHECK_LIMITED : SBX_CHECK_WORKS, "ABI %lu", abi);
        cr_expect_eq(check.finding[strlen(check.finding) - 1], (char)('0' + abi));
        cr_expect_eq(check.cost != NULL && strstr(check.cost, "truncate") != NULL, abi == 2);
    }
    *attempt = (struct attempt){.made = true, .stage = TRIAL_STAGE_TRIED, .error = EOPNOTSUPP};
    check = check_of(&checkup, "landlock");
    cr_expect_eq(check.state, SBX_CHECK_LIMITED);
    cr_expect_not_null(strstr(check.fix, "lsm="));
    attempt->error = ENOSYS;
    check = check_of(&checkup, "landlock");
    cr_expect_not_null(strstr(check.fix, "CONFIG_SECURITY_LANDLOCK"));
    /* it is there, but does not do what it should: a run would fail */
    attempt->value = 7;
    attempt->error = EBADE;
    check = check_of(&checkup, "landlock");
    cr_expect_eq(check.state, SBX_CHECK_FAILS);
    cr_expect_not_null(strstr(check.finding, "no effect"));
}

Test(verdict, pid_max_is_never_guessed)
{
    struct checkup checkup = good_host();
    struct attempt *attempt = &checkup.attempts[ATTEMPT_PID_MAX];

    attempt->value = 32768;
    cr_expect_eq(check_of(&checkup, "pid-max").state, SBX_CHECK_FAILS);
    attempt->writable = true;
    cr_expect_eq(check_of(&checkup, "pid-max").state, SBX_CHECK_WORKS);
    checkup.is_root = true;
    cr_expect_eq(check_of(&checkup, "pid-max").state, SBX_CHECK_UNKNOWN);
}

Test(verdict, what_hangs_or_would_kill_is_unknown)
{
    struct checkup checkup = good_host();

    checkup.attempts[ATTEMPT_MIRROR] =
        (struct attempt){.made = true, .stage = TRIAL_STAGE_HUNG, .error = ETIMEDOUT};
    checkup.attempts[ATTEMPT_DEVPTS].made = false;
    cr_expect_eq(check_of(&checkup, "mount-setattr").state, SBX_CHECK_UNKNOWN);
    cr_expect_not_null(check_of(&checkup, "mount-setattr").finding);
    cr_expect_eq(check_of(&checkup, "devpts").state, SBX_CHECK_UNKNOWN);
}

/* Nothing of a default run's; the one thing that an option needs says which. */
Test(verdict, what_no_default_run_needs_says_so)
{
    struct checkup checkup = good_host();
    struct checks checks;

    for (size_t i = ATTEMPT_SYSFS; i < ATTEMPT_COUNT; i++)
        checkup.attempts[i].error = ENOENT;
    checkup.newuidmap = NULL;
    checkup.pasta = NULL;
    checks = judge(&checkup);
    for (size_t i = 0; i < checks.count; i++) {
        if (checks.items[i].used) {
            cr_expect_eq(checks.items[i].state, SBX_CHECK_WORKS, "%s", checks.items[i].name);
        } else {
            cr_expect_neq(checks.items[i].state, SBX_CHECK_WORKS, "%s", checks.items[i].name);
            if (strcmp(checks.items[i].name, "seccomp-notifications") == 0)
                cr_expect_not_null(strstr(checks.items[i].cost, "--on-refusal notify"));
            else if (checks.items[i].state == SBX_CHECK_FAILS)
                cr_expect_eq(strncmp(checks.items[i].cost, "nothing: ", 9), 0, "%s",
                             checks.items[i].cost);
        }
    }
}

Test(verdict, cgroups_and_subordinate_ids)
{
    struct checkup checkup = good_host();

    checkup.cgroup.controllers = "cpuset memory_recursiveprot";
    cr_expect_eq(check_of(&checkup, "cgroup").state, SBX_CHECK_LIMITED);
    checkup.cgroup.controllers = "memory pids cpu";
    cr_expect_eq(check_of(&checkup, "cgroup").state, SBX_CHECK_WORKS);
    checkup.cgroup.writable = false;
    cr_expect_not_null(strstr(check_of(&checkup, "cgroup").fix, "enable-linger"));
    checkup.cgroup.manager = "systemd's user manager";
    checkup.cgroup.manager_controllers = CGROUP_MEMORY | CGROUP_PIDS | CGROUP_CPU;
    cr_expect_eq(check_of(&checkup, "cgroup").state, SBX_CHECK_WORKS);
    cr_expect_str_eq(check_of(&checkup, "cgroup").finding,
                     "a scope of systemd's user manager, controllers: cpu memory pids");
    checkup.cgroup.manager_controllers = CGROUP_MEMORY | CGROUP_PIDS;
    cr_expect_eq(check_of(&checkup, "cgroup").state, SBX_CHECK_LIMITED);
    checkup.subordinate_gids = 0;
    cr_expect_not_null(strstr(check_of(&checkup, "subordinate-ids").fix, "--add-subgids"));
    checkup.newuidmap_has_power = false;
    cr_expect_not_null(strstr(check_of(&checkup, "subordinate-ids").fix, "chmod u+s"));
    checkup.newuidmap_has_power = true;
    checkup.faults = FAULT_NO_NEW_PRIVS;
    cr_expect_not_null(strstr(check_of(&checkup, "subordinate-ids").cause, "no_new_privs"));
}

static struct host_strings notes_of(unsigned faults, const struct host *host,
                                    const struct host_strings *masked)
{
    struct host_strings notes = {0};

    cr_assert_eq(verdict_add_notes(arena, faults, host, masked, &notes), 0);
    return notes;
}

Test(verdict, notes_name_groups_and_sockets)
{
    struct host_group groups[] = {{998, "docker"}, {6, "disk"}, {5000, NULL}, {0, "root"}};
    const char *sockets[] = {"/srv/x/sock"};
    const struct host_strings masked = {.items = sockets, .count = 1};
    const struct host_strings none = {0};
    struct host host = {.uid = 1000};
    struct host_strings notes = notes_of(0, &host, &none);

    cr_expect_eq(notes.count, 0);
    host.groups.items = groups;
    host.groups.count = ARRAY_SIZE(groups);
    host.lost_sockets = 2;
    notes = notes_of(FAULT_NO_NEW_PRIVS, &host, &masked);
    cr_assert_eq(notes.count, 7);
    cr_expect_not_null(strstr(notes.items[0], "no_new_privs"));
    cr_expect_not_null(strstr(notes.items[1], "group docker (998)"));
    cr_expect_not_null(strstr(notes.items[1], "socket"));
    cr_expect_not_null(strstr(notes.items[2], "whole disks"));
    cr_expect_not_null(strstr(notes.items[3], "group ? (5000)"));
    cr_expect_not_null(strstr(notes.items[4], "group root (0)"));
    cr_expect_not_null(strstr(notes.items[5], "/srv/x/sock"));
    cr_expect_not_null(strstr(notes.items[6], "can't be told (2)"));
}

/* In a user namespace all groups without a number there look like one. */
Test(verdict, notes_do_not_repeat_themselves)
{
    struct host_group groups[] = {{65534, "nogroup"}, {65534, "nogroup"}};
    const struct host_strings none = {0};
    const struct host host = {.uid = 1000, .groups = {.items = groups, .count = 2}};
    struct host_strings notes = notes_of(FAULT_NESTED_USERNS, &host, &none);

    cr_assert_eq(notes.count, 2);
    cr_expect_not_null(strstr(notes.items[1], "no number"));
    cr_expect_eq(notes_of(0, &host, &none).count, 1);
}
