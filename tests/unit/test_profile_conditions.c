/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/profile.h"

#include "base/cleanup.h"
#include "unit/profile_world.h"

#include <criterion/criterion.h>
#include <errno.h>

/* ------------------------------------------------------------------ optional, when */

Test(profile_conditions, optional)
{
    PROFILE_WORLD(world);

    profile_world_has(&world, "/there");
    profile_world_fails(&world, "/closed", EACCES);
    profile_world_fails(&world, "/file/x", ENOTDIR);
    profile_world_add(&world, "a",
                      "filesystem:\n"
                      "  hide:\n"
                      "    - { path: /there, optional: true }\n"
                      "    - { path: /gone, optional: true }\n"
                      "    - { path: /closed, optional: true }\n"
                      "    - { path: /missing, optional: false }\n"
                      "  file:\n"
                      "    - { path: /f=/gone, optional: true }\n"
                      "    - { path: /g=/there, optional: true }\n"
                      "  dev-node: { path: /gone, optional: true }\n"
                      "  ro:\n"
                      "    - { path: /file/x, optional: true }\n"
                      "    - { path: \"/gone:/dst\", optional: true }\n"
                      "    - \"/gone:/dst2:noexec,optional\"\n");
    profile_world_expect(&world, "ro /gone:/dst:optional\n"
                                 "ro /gone:/dst2:noexec,optional\n"
                                 "hide /closed\n"
                                 "hide /missing\n"
                                 "hide /there\n"
                                 "file /g=/there\n");
}

/* What is not there takes no place: the earlier rule stays. */
Test(profile_conditions, what_is_missing_replaces_nothing)
{
    PROFILE_WORLD(world);

    profile_world_add(&world, "a", "filesystem: { ro: \"/src:/in\", hide: [/h, /k] }\n");
    profile_world_add(
        &world, "b",
        "filesystem:\n"
        "  rw: [ { path: \"/gone:/in\", optional: true }, { path: /h, optional: true } ]\n"
        "  dev-node: { path: /k, optional: true }\n");
    profile_world_expect(&world, "ro /src:/in\nhide /h\nhide /k\n");
}

Test(profile_conditions, conditions)
{
    PROFILE_WORLD(world);

    profile_world_has(&world, "/there");
    profile_world_has(&world, "/home/u/x");
    profile_world_fails(&world, "/closed", EACCES);
    profile_world_add(&world, "a",
                      "environment:\n"
                      "  env:\n"
                      "    - { value: A1, when: { exists: /there } }\n"
                      "    - { value: A2, when: { exists: /gone } }\n"
                      "    - { value: A3, when: { missing: /gone } }\n"
                      "    - { value: A4, when: { missing: /there } }\n"
                      "    - { value: A5, when: { exists: [/there, /gone] } }\n"
                      "    - { value: A6, when: { exists: [/there, ~/x], missing: /gone } }\n"
                      /* nobody knows */
                      "    - { value: A7, when: { exists: /closed } }\n"
                      "    - { value: A8, when: { missing: /closed } }\n"
                      "    - { value: A9, when: { exists: ../x } }\n");
    profile_world_expect(&world, "env A1\nenv A3\nenv A6\nenv A9\n");
}

static const char features[] = "environment:\n"
                               "  env:\n"
                               "    - { value: L, when: { feature: landlock } }\n"
                               "    - { value: S, when: { feature: landlock-scopes } }\n"
                               "    - { value: P, when: { feature: pids-limit } }\n"
                               "    - { value: A, when: { feature: [landlock, pids-limit] } }\n"
                               "    - { value: R, when: { user: root } }\n"
                               "    - { value: U, when: { user: ordinary } }\n";

Test(profile_conditions, limits_that_take_a_cgroup)
{
    static const char profile[] = "environment:\n"
                                  "  env:\n"
                                  "    - { value: P, when: { feature: pids-limit } }\n"
                                  "    - { value: M, when: { feature: memory-limit } }\n"
                                  "    - { value: C, when: { feature: cpu-limit } }\n";
    static const struct {
        struct host_cgroup cgroup;
        bool root;
        const char *lines;
    } cases[] = {
        {{.path = NULL}, false, "env P\n"},
        {{.path = NULL}, true, ""},
        {{.path = "/c", .controllers = CGROUP_MEMORY | CGROUP_CPU}, false, "env C\nenv M\nenv P\n"},
        {{.path = "/c", .controllers = CGROUP_MEMORY}, true, "env M\n"},
        {{.path = "/c", .controllers = CGROUP_PIDS}, true, "env P\n"},
        {{.path = "/c", .controllers = CGROUP_CPU, .others = true}, false, "env P\n"},
        {{.path = "/c", .controllers = CGROUP_CPU, .managed = true}, false, "env P\n"},
        {{.path = "/c", .controllers = CGROUP_CPU, .error = EACCES}, false, "env P\n"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct host_cgroup cgroup = cases[i].cgroup;
        PROFILE_WORLD(world);

        world.host.is_root = cases[i].root;
        world.host.cgroups.items = &cgroup;
        world.host.cgroups.count = cgroup.path != NULL;
        profile_world_add(&world, "a", profile);
        profile_world_expect(&world, cases[i].lines);
    }
}

Test(profile_conditions, features_and_users)
{
    static const struct {
        int landlock;
        uid_t uid;
        bool root;
        const char *lines;
    } cases[] = {
        {7, 1000, false, "env A\nenv L\nenv P\nenv S\nenv U\n"},
        {6, 1000, false, "env A\nenv L\nenv P\nenv S\nenv U\n"},
        {5, 1000, false, "env A\nenv L\nenv P\nenv U\n"},
        {2, 1000, false, "env A\nenv L\nenv P\nenv U\n"},
        {1, 1000, false, "env P\nenv U\n"},
        {0, 1000, false, "env P\nenv U\n"},
        {2, 0, true, "env L\nenv R\n"},
        {2, 0, false, "env A\nenv L\nenv P\nenv R\n"}, /* of a user namespace */
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        PROFILE_WORLD(world);

        world.host.landlock_abi = cases[i].landlock;
        world.host.uid = cases[i].uid;
        world.host.is_root = cases[i].root;
        profile_world_add(&world, "a", features);
        profile_world_expect(&world, cases[i].lines);
    }
}

/* ------------------------------------------------------------------ refuse */

Test(profile_conditions, refuse)
{
    PROFILE_WORLD(world);

    profile_world_has(&world, "/there");
    profile_world_add(&world, "a",
                      "filesystem: { rw: . }\n"
                      "refuse:\n"
                      "  - { when: { exists: /gone }, because: not this }\n"
                      "  - { when: { exists: /there }, because: \"100 % this\" }\n");
    profile_world_add(&world, "b", "network: { net: none }\n");
    cr_assert_eq(profile_world_settle(&world), -EPERM);
    cr_expect_eq(world.err.kind, SBX_ERROR_USAGE);
    cr_expect_str_eq(world.err.operation, "refuse");
    cr_expect_str_eq(world.err.message, "100 % this");
    cr_expect_str_eq(world.err.origin, "a.yaml:5:5");
    cr_expect_neq(world.err.hint[0], '\0');
    cr_expect_eq(world.settings.count, 0);
    cr_expect_eq(world.problems.count, 0);
}

/* What is wrong with a profile is so in every directory. */
Test(profile_conditions, problems_come_before_a_refusal)
{
    PROFILE_WORLD(world);

    profile_world_add(&world, "a",
                      "filesystem: { rw: \"${GOPATH}\" }\n"
                      "refuse: [ { when: { missing: /gone }, because: x } ]\n");
    profile_world_expect_problems(&world, "a.yaml:2:19 the variable 'GOPATH' is not set (write "
                                          "${GOPATH:-default} where it may not be set)\n");
}

Test(profile_conditions, at_home)
{
    static const struct {
        const char *cwd, *home, *account;
        bool refused;
    } cases[] = {
        {"/home/u", "HOME=/home/u", "/home/u", true},
        {"/home/u/work", "HOME=/home/u", "/home/u", false},
        {"/home", "HOME=/home/u", "/home/u", true},
        {"/", "HOME=/home/u", "/home/u", true},
        {"/hom", "HOME=/home/u", NULL, false},
        /* the account's home is one too */
        {"/home/u", "HOME=/tmp/x", "/home/u", true},
        {"/tmp/x", "HOME=/tmp/x/", "/home/u", true},
        {"/srv/h", "HOME=/link", "/home/u", true},
        {"/home/u", "HOME=", "/home/u", true},
        {"/home/u", "HOME=", NULL, false},
        {"/", "HOME=/", "/", true},
        {"/srv", "HOME=/", NULL, false},
        {"/srv", "HOME=srv", NULL, false},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        PROFILE_WORLD(world);
        const char *const environment[] = {cases[i].home, NULL};

        world.host.cwd = cases[i].cwd;
        world.host.environment = environment;
        world.host.passwd_home = cases[i].account;
        profile_world_link(&world, "/link", "/srv/h");
        profile_world_add(&world, "a", "refuse: [ { when: { workdir: home }, because: x } ]\n");
        cr_expect_eq(profile_world_settle(&world), cases[i].refused ? -EPERM : 0, "case %zu", i);
    }
}
