/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/profile.h"

#include "base/cleanup.h"
#include "unit/profile_world.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

/* ------------------------------------------------------------------ form and order */

Test(profile_settings, one_profile)
{
    PROFILE_WORLD(world);

    profile_world_add(&world, "a",
                      "limits: { time: 5s, pids: 10 }\n"
                      "environment: { env: [B=1, A] }\n"
                      "filesystem:\n"
                      "  hide: [ ~/.ssh, /b ]\n"
                      "  rw: .\n"
                      "  ro: [ '/z', \"/a:${HOME}/x:noexec\" ]\n"
                      "  tmpfs: \"t:size=1M\"\n"
                      "  file: /etc/x=~/y\n"
                      "  cd: sub\n"
                      "  home: private\n"
                      "lockdown: { userns: true, allow-syscall: [ptrace, bpf] }\n");
    cr_assert_eq(profile_world_settle(&world), 0, "%s", profile_world_problems(&world));
    cr_expect_str_eq(profile_world_origins(&world), "ro /a:/home/u/x:noexec [a.yaml:7:15]\n"
                                                    "ro /z [a.yaml:7:9]\n"
                                                    "rw /home/u/work [a.yaml:6:7]\n"
                                                    "hide /b [a.yaml:5:19]\n"
                                                    "hide /home/u/.ssh [a.yaml:5:11]\n"
                                                    "tmpfs /home/u/work/t:size=1M [a.yaml:8:10]\n"
                                                    "file /etc/x=/home/u/y [a.yaml:9:9]\n"
                                                    "home private [a.yaml:11:9]\n"
                                                    "cd /home/u/work/sub [a.yaml:10:7]\n"
                                                    "env A [a.yaml:3:27]\n"
                                                    "env B=1 [a.yaml:3:22]\n"
                                                    "userns [a.yaml:12:21]\n"
                                                    "allow-syscall bpf [a.yaml:12:51]\n"
                                                    "allow-syscall ptrace [a.yaml:12:43]\n"
                                                    "pids 10 [a.yaml:2:27]\n"
                                                    "time 5s [a.yaml:2:17]\n");
}

Test(profile_settings, nothing)
{
    PROFILE_WORLD(world);

    profile_world_expect(&world, "");
    profile_world_add(&world, "a", "description: nothing\n");
    profile_world_expect(&world, "");
}

/* Only a word is a word: a directory that has its name is written with its path. */
Test(profile_settings, a_home_that_is_a_directory)
{
    PROFILE_WORLD(world);

    profile_world_add(&world, "a", "filesystem: { home: ./host }\n");
    profile_world_expect(&world, "home /home/u/work/host\n");
}

/* ------------------------------------------------------------------ layers */

Test(profile_settings, the_later_layer_decides)
{
    PROFILE_WORLD(world);

    profile_world_add(&world, "base",
                      "filesystem: { ro: [/a, /b, /c:/in], hide: /d, home: host }\n"
                      "environment: { env: [A=1, B=1, C] }\n"
                      "network: { net: none }\n"
                      "limits: { time: 5s }\n"
                      "lockdown: { allow-syscall: [bpf, ptrace], userns: true, keep-fd: [3, 4] }\n"
                      "run: { verbose: true }\n");
    profile_world_add(&world, "top",
                      "filesystem: { rw: /a, tmpfs: [/b, /in], ro: /d/, home: private }\n"
                      "environment: { env: [A=2, B] }\n"
                      "network: { net: host }\n"
                      "lockdown: { deny-syscall: bpf, keep-fd: 3 }\n"
                      "run: { quiet: true }\n");
    cr_assert_eq(profile_world_settle(&world), 0);
    cr_expect_str_eq(profile_world_origins(&world), "ro /d [top.yaml:2:45]\n"
                                                    "rw /a [top.yaml:2:19]\n"
                                                    "tmpfs /b [top.yaml:2:31]\n"
                                                    "tmpfs /in [top.yaml:2:35]\n"
                                                    "home private [top.yaml:2:56]\n"
                                                    "net host [top.yaml:4:17]\n"
                                                    "env A=2 [top.yaml:3:22]\n"
                                                    "env B [top.yaml:3:27]\n"
                                                    "env C [base.yaml:3:32]\n"
                                                    "userns [base.yaml:6:51]\n"
                                                    "allow-syscall ptrace [base.yaml:6:34]\n"
                                                    "deny-syscall bpf [top.yaml:5:27]\n"
                                                    "keep-fd 3 [top.yaml:5:41]\n"
                                                    "keep-fd 4 [base.yaml:6:70]\n"
                                                    "time 5s [base.yaml:5:17]\n"
                                                    "quiet [top.yaml:6:15]\n");
}

Test(profile_settings, the_later_rule_of_one_file_decides)
{
    PROFILE_WORLD(world);

    profile_world_add(&world, "a", "filesystem: { rw: [/a, /b], hide: /a, ro: /b }\n");
    profile_world_expect(&world, "ro /b\nhide /a\n");
}

Test(profile_settings, relative_and_absolute_are_one_path)
{
    PROFILE_WORLD(world);

    profile_world_add(&world, "a", "filesystem: { rw: [., /x/../y] }\n");
    profile_world_add(&world, "b", "filesystem: { ro: [/home/u/work, ~/work/, /y] }\n");
    profile_world_expect(&world, "ro /home/u/work\nro /y\n");
}

/* A local file comes after its profile, as just another layer. */
Test(profile_settings, a_local_file_takes_back)
{
    PROFILE_WORLD(world);

    profile_world_add(&world, "a", "filesystem: { rw: . }\nlockdown: { userns: true }\n");
    profile_world_add(&world, "a.local",
                      "remove: { filesystem: { rw: . } }\nlockdown: { userns: false }\n"
                      "filesystem: { ro: . }\n");
    cr_assert_eq(profile_world_settle(&world), 0);
    cr_expect_str_eq(profile_world_origins(&world), "ro /home/u/work [a.local.yaml:4:19]\n");
}

/* ------------------------------------------------------------------ remove */

Test(profile_settings, remove_by_key)
{
    PROFILE_WORLD(world);

    profile_world_add(&world, "base",
                      "filesystem:\n"
                      "  ro: [ ~/.gitconfig, \"/src:/dst:noexec\", /stay ]\n"
                      "  hide: [ /h, /dst2 ]\n"
                      "  tmpfs: \"/t:size=1M\"\n"
                      "  file: [ \"/f=/src\", \"/g\\\\=1=/src\" ]\n"
                      "environment: { env: [FOO=1, BAR] }\n"
                      "lockdown: { allow-syscall: ptrace, keep-fd: [3, 4] }\n"
                      "limits: { pids: 5, time: 1s }\n");
    profile_world_add(&world, "top",
                      "remove:\n"
                      "  filesystem:\n"
                      "    ro: [ \"${HOME}/.gitconfig\", /dst ]\n"
                      "    hide: { path: /h/. }\n"
                      "    tmpfs: /t\n"
                      "    file: [ /f, \"/g\\\\=1\" ]\n"
                      "  environment: { env: [FOO, BAR=x] }\n"
                      "  lockdown: { allow-syscall: ptrace, keep-fd: 4 }\n"
                      "  limits: { pids: all }\n");
    profile_world_expect(&world, "ro /stay\nhide /dst2\nkeep-fd 3\ntime 1s\n");
}

Test(profile_settings, remove_all)
{
    PROFILE_WORLD(world);

    profile_world_add(&world, "base", "filesystem: { ro: [/a, /b], rw: /c }\n");
    profile_world_add(&world, "top",
                      "remove: { filesystem: { ro: all } }\nfilesystem: { ro: /d }\n");
    profile_world_expect(&world, "ro /d\nrw /c\n");
}

/* The other option of the same path is not meant, and what was replaced counts again. */
Test(profile_settings, remove_is_of_one_option)
{
    PROFILE_WORLD(world);

    profile_world_add(&world, "a", "filesystem: { ro: /a }\n");
    profile_world_add(&world, "b", "filesystem: { rw: /a }\n");
    profile_world_add(&world, "c", "remove: { filesystem: { rw: /a } }\n");
    profile_world_expect(&world, "ro /a\n");
}

Test(profile_settings, what_is_not_there_to_remove)
{
    PROFILE_WORLD(world);

    profile_world_add(&world, "a", "filesystem: { rw: /a }\n");
    profile_world_add(&world, "b",
                      "remove:\n"
                      "  filesystem: { ro: [ /a, { path: /o, optional: true } ] }\n"
                      "  limits: { pids: all }\n"
                      "  environment: { env: X }\n"
                      "filesystem: { ro: /a }\n"
                      "lockdown: { userns: false }\n");
    profile_world_expect_problems(
        &world,
        "b.yaml:3:23 there is no inherited ro '/a' to remove (\"sbx profile show\" of what this "
        "one extends has the entries; optional: true lets one be missing)\n"
        "b.yaml:4:19 no 'pids' was inherited that could be removed (\"sbx profile show\" of what "
        "this one extends has the entries; optional: true lets one be missing)\n"
        "b.yaml:5:23 there is no inherited env 'X' to remove (\"sbx profile show\" of what this "
        "one extends has the entries; optional: true lets one be missing)\n");
}

/* Also what does not count here can be named: a profile must not break on another host. */
Test(profile_settings, remove_what_does_not_count)
{
    PROFILE_WORLD(world);

    profile_world_add(&world, "a",
                      "filesystem:\n"
                      "  ro:\n"
                      "    - { path: /a, when: { exists: /no } }\n"
                      "    - { path: \"${GOPATH}/x\", when: { exists: /no } }\n"
                      "    - { path: \"/p/*\", when: { exists: /no } }\n"
                      "  hide: [ { path: /b, optional: true }, \"/q/*\" ]\n");
    profile_world_add(&world, "b",
                      "remove:\n"
                      "  filesystem:\n"
                      "    ro: [ /a, \"${GOPATH}/x\", \"/p/*\" ]\n"
                      "    hide: [ /b, \"/q/*\" ]\n");
    profile_world_expect(&world, "");
}

Test(profile_settings, a_removal_has_its_conditions)
{
    PROFILE_WORLD(world);

    profile_world_add(&world, "a", "filesystem: { ro: [/a, /b] }\n");
    profile_world_add(&world, "b",
                      "remove:\n"
                      "  filesystem:\n"
                      "    ro:\n"
                      "      - { path: /a, when: { user: root } }\n"
                      "      - { path: /b, when: { user: ordinary } }\n"
                      "      - { path: /c, when: { user: root } }\n");
    profile_world_expect(&world, "ro /a\n");
}

Test(profile_settings, remove_a_pattern)
{
    PROFILE_WORLD(world);

    profile_world_fits(&world, "/p/*", "/p/a /p/b");
    profile_world_fits(&world, "/q/*", "/q/a /q/b");
    profile_world_add(&world, "a", "filesystem: { ro: [\"/p/*\", \"/q/*\", \"/p/[*]\"] }\n");
    profile_world_add(&world, "b", "remove: { filesystem: { ro: [\"/p//*\", /q/b] } }\n");
    profile_world_expect(&world, "ro /p/*\nro /q/a\n");
}

Test(profile_settings, a_star_of_its_own_is_removed_alone)
{
    PROFILE_WORLD(world);

    profile_world_fits(&world, "/p/*", "/p/a");
    profile_world_add(&world, "a", "filesystem: { ro: [\"/p/*\", \"/p/[*]\"] }\n");
    profile_world_add(&world, "b", "remove: { filesystem: { ro: \"/p/[*]\" } }\n");
    profile_world_expect(&world, "ro /p/a\n");
}

/* ------------------------------------------------------------------ patterns */

Test(profile_settings, patterns)
{
    PROFILE_WORLD(world);

    profile_world_fits(&world, "/home/u/work/*.key", "/home/u/work/a:b.key /home/u/work/c*\\.key");
    profile_world_fits(&world, "/dev/r[0-9]", "/dev/r1 /dev/r2");
    profile_world_add(&world, "a",
                      "filesystem:\n"
                      "  hide: [ \"*.key\", \"/none/*\" ]\n"
                      "  ro: \"${PWD}/*.key\"\n"
                      "  rw: { path: \"/none/?\", optional: true }\n"
                      "  dev-node: \"/dev/r[0-9]\"\n");
    cr_assert_eq(profile_world_settle(&world), 0, "%s", profile_world_problems(&world));
    cr_expect_str_eq(profile_world_origins(&world), "ro /home/u/work/a\\:b.key [a.yaml:4:7]\n"
                                                    "ro /home/u/work/c*\\\\.key [a.yaml:4:7]\n"
                                                    "dev-node /dev/r1 [a.yaml:6:13]\n"
                                                    "dev-node /dev/r2 [a.yaml:6:13]\n");
}

Test(profile_settings, a_later_rule_takes_one_match)
{
    PROFILE_WORLD(world);

    profile_world_fits(&world, "/p/*", "/p/a /p/b");
    profile_world_add(&world, "a", "filesystem: { hide: \"/p/*\" }\n");
    profile_world_add(&world, "b", "filesystem: { ro: /p/b }\n");
    profile_world_expect(&world, "ro /p/b\nhide /p/a\n");
}

Test(profile_settings, patterns_that_fail)
{
    PROFILE_WORLD(world);

    profile_world_cannot_tell(&world, "/many/*", E2BIG);
    profile_world_cannot_tell(&world, "/closed/*", EACCES);
    profile_world_add(&world, "a",
                      "filesystem:\n"
                      "  ro: [ \"/none/*\", \"/many/*\", \"/a*:/b\" ]\n"
                      "  hide: { path: \"/closed/*\", optional: true }\n");
    profile_world_expect_problems(
        &world,
        "a.yaml:3:9 nothing fits the pattern '/none/*' (add \"optional: true\" where there may be "
        "nothing)\n"
        "a.yaml:3:20 '/many/*' stands for too many paths (name the directory that they are in)\n"
        "a.yaml:3:31 a pattern can't have a destination (name one path; a star itself is written "
        "[*])\n"
        "a.yaml:4:17 cannot tell what '/closed/*' stands for: Permission denied (the caller of sbx "
        "has to be able to read the directories on the way)\n");
}

/* A star that is written as one is a path like any other, with a destination and all. */
Test(profile_settings, written_stars)
{
    PROFILE_WORLD(world);

    profile_world_has(&world, "/a*");
    profile_world_add(
        &world, "a",
        "filesystem:\n"
        "  ro: [ \"/[*]/x[?]:/in*\", \"/b[[]\", { path: \"/a[*]\", optional: true } ]\n"
        "  hide: { path: \"/gone[*]\", optional: true }\n"
        "  tmpfs: \"/t*\"\n");
    profile_world_expect(&world, "ro /a*:/a*:optional\nro /b[\nro /*/x?:/in*\ntmpfs /t*\n");
}

/* The working directory is not the profile's: its name is no pattern, whatever it looks like. */
Test(profile_settings, an_odd_working_directory)
{
    PROFILE_WORLD(world);

    world.host.cwd = "/w/*\\[a]";
    profile_world_has(&world, "/w/*\\[a]/x");
    profile_world_fits(&world, "/w/\\*\\\\\\[a]/*.c", "/w/*\\[a]/1.c");
    profile_world_add(&world, "a",
                      "filesystem:\n"
                      "  rw: [ ., \"${PWD}/y\" ]\n"
                      "  ro: \"*.c\"\n"
                      "  hide: [ \"${PWD}/*.c\", { path: x, optional: true } ]\n");
    profile_world_expect(&world, "rw /w/*\\\\[a]\n"
                                 "rw /w/*\\\\[a]/y\n"
                                 "hide /w/*\\[a]/1.c\n"
                                 "hide /w/*\\[a]/x\n");
}

/* ------------------------------------------------------------------ values */

Test(profile_settings, values_with_variables_are_checked)
{
    PROFILE_WORLD(world);
    static const char *const environment[] = {"HOME=/home/u", "XDG_N=many", NULL};

    world.host.environment = environment;
    profile_world_add(&world, "a",
                      "limits: { pids: \"${XDG_N:-7}\" }\n"
                      "identity: { hostname: { value: \"${XDG_N:-h}\", when: { user: root } } }\n");
    profile_world_expect_problems(&world,
                                  "a.yaml:2:17 'many' is not a whole number (write digits only)\n");
}

Test(profile_settings, variables_that_are_not_set)
{
    PROFILE_WORLD(world);

    profile_world_add(&world, "a",
                      "filesystem:\n"
                      "  ro:\n"
                      "    - \"${GOPATH}\"\n"
                      "    - { path: \"${GOCACHE}\", when: { exists: /gone } }\n"
                      "    - { path: /a, when: { exists: \"${NVM_DIR}\" } }\n");
    profile_world_expect_problems(
        &world, "a.yaml:4:7 the variable 'GOPATH' is not set (write ${GOPATH:-default} where it "
                "may not be set)\n"
                "a.yaml:6:35 the variable 'NVM_DIR' is not set (write ${NVM_DIR:-default} where "
                "it may not be set)\n");
}

Test(profile_settings, a_home_with_odd_characters)
{
    PROFILE_WORLD(world);
    static const char *const environment[] = {"HOME=/h:o=m\\e", NULL};

    world.host.environment = environment;
    profile_world_has(&world, "/h:o=m\\e/x");
    profile_world_add(&world, "a",
                      "filesystem:\n"
                      "  ro: { path: \"~/x:~/y\", optional: true }\n"
                      "  tmpfs: \"~/t:mode=0700\"\n"
                      "  file: ~/d=~/s\n");
    profile_world_expect(&world, "ro /h\\:o=m\\\\e/x:/h\\:o=m\\\\e/y:optional\n"
                                 "tmpfs /h\\:o=m\\\\e/t:mode=0700\n"
                                 "file /h:o\\=m\\\\e/d=/h:o=m\\e/s\n");
}

/* ------------------------------------------------------------------ one place, two names */

/* Of two rules for one place the later decides, so it has to stay the later one. */
Test(profile_settings, names_by_a_link_keep_their_order)
{
    PROFILE_WORLD(world);

    profile_world_link(&world, "/var/run", "/run");
    profile_world_has(&world, "/run");
    profile_world_add(&world, "a", "filesystem: { rw: /run/x, hide: /var/run/y }\n");
    profile_world_add(&world, "b", "filesystem: { ro: [/var/run/x, /run/y, /etc] }\n");
    profile_world_expect(&world, "rw /run/x\nhide /var/run/y\nro /etc\nro /var/run/x\nro /run/y\n");
}

Test(profile_settings, names_by_a_link_within_one_option)
{
    PROFILE_WORLD(world);

    profile_world_link(&world, "/z", "/a");
    profile_world_add(&world, "a", "filesystem: { ro: [\"/1:/z\", /b] }\n");
    profile_world_add(&world, "b", "filesystem: { ro: \"/2:/a\" }\n");
    profile_world_expect(&world, "ro /1:/z\nro /2:/a\nro /b\n");
}

Test(profile_settings, names_by_a_link_that_cross)
{
    PROFILE_WORLD(world);

    profile_world_link(&world, "/var/run", "/run");
    profile_world_has(&world, "/run");
    profile_world_add(&world, "a", "filesystem: { rw: /run/x, ro: /run/y }\n");
    profile_world_add(&world, "b", "filesystem: { ro: /var/run/x, rw: /var/run/y }\n");
    cr_assert_eq(profile_world_settle(&world), -EINVAL);
    cr_assert_eq(world.problems.count, 1);
    cr_expect_str_eq(world.problems.items[0].file, "b.yaml");
    cr_expect_eq(world.settings.count, 0);
}

/* ------------------------------------------------------------------ the request */

static bool is_asked(const struct host_strings *strings, const char *list)
{
    while (*list != '\0') {
        char word[128];
        size_t length = strcspn(list, " ");

        memcpy(word, list, length);
        word[length] = '\0';
        if (!host_strings_contain(strings, word))
            return false;
        list += length + strspn(list + length, " ");
    }
    return true;
}

Test(profile_settings, request)
{
    PROFILE_WORLD(world);
    struct host_request request = {0};

    world.host.passwd_home = "/account";
    profile_world_add(&world, "a",
                      "filesystem:\n"
                      "  ro:\n"
                      "    - { path: \"~/s:/d\", optional: true, when: { exists: ~/c } }\n"
                      "    - \"/o:/p:optional\"\n"
                      "    - \"sub/*\"\n"
                      "    - { path: \"/l[*]\", optional: true }\n"
                      "    - \"${GOPATH}\"\n"
                      "  file: { path: /f=g, optional: true }\n"
                      "remove: { filesystem: { ro: { path: /r, when: { missing: m } } } }\n"
                      "refuse: [ { when: { exists: .git/HEAD }, because: x } ]\n");
    cr_assert_eq(profile_request(arena, &world.layers, &world.host, &request, &world.err), 0);
    cr_expect(is_asked(&request.paths, "/home/u/s /home/u/c /d /o /p /l* /home/u/work/g /f "
                                       "/home/u/work/m /home/u/work/.git/HEAD"));
    cr_expect_not(host_strings_contain(&request.paths, "/r"));
    cr_assert_eq(request.patterns.count, 1);
    cr_expect_str_eq(request.patterns.items[0], "/home/u/work/sub/*");
}

/* Most profiles depend on little, and a launch asks for no more. */
Test(profile_settings, what_a_profile_without_conditions_depends_on)
{
    static const struct {
        const char *text;
        const char *paths;
        size_t count; /* of these paths */
        bool landlock;
    } cases[] = {
        {"description: x\n", "", 0, false},
        {"filesystem: { hide: { path: /a, when: { feature: landlock } } }\n", "/a /", 2, true},
        {"filesystem: { hide: { path: /a, when: { workdir: home } } }\n",
         "/a / /home/u/work /home/u /home", 5, false},
        {"refuse: [ { when: { workdir: home }, because: x } ]\n", "/home/u/work /home/u /home /", 4,
         false},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct host_request request;
        PROFILE_WORLD(world);

        profile_world_add(&world, "a", cases[i].text);
        cr_assert_eq(profile_request(arena, &world.layers, &world.host, &request, &world.err), 0);
        cr_expect(is_asked(&request.paths, cases[i].paths), "%s", cases[i].text);
        cr_expect_eq(request.paths.count, cases[i].count, "%s", cases[i].text);
        cr_expect_eq(request.landlock, cases[i].landlock, "%s", cases[i].text);
    }
}

/* Nothing is guessed where nobody looked. */
Test(profile_settings, facts_that_nobody_asked_for)
{
    static const char *const texts[] = {
        "filesystem: { hide: { path: /a, optional: true } }\n",
        "filesystem: { hide: \"/a*\" }\n",
        "filesystem: { hide: { path: /b, when: { missing: /a } } }\n",
    };

    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        PROFILE_WORLD(world);

        profile_world_add(&world, "a", texts[i]);
        cr_expect_lt(profile_settings(arena, &world.layers, &world.host, &world.settings,
                                      &world.problems, &world.err),
                     0);
        cr_expect_eq(world.err.kind, SBX_ERROR_INTERNAL);
        cr_expect_eq(world.settings.count, 0);
    }
}

/* As many as a file may have, and as many of the next. */
Test(profile_settings, many_entries, .timeout = 20)
{
    PROFILE_WORLD(world);
    char *text = arena_alloc(arena, 1 << 20);
    char *end = text + sprintf(text, "environment:\n  env:\n");

    for (unsigned i = 0; i < 4000; i++)
        end += sprintf(end, "    - A%u=%u\n", i % 2000, i);
    profile_world_add(&world, "a", text);
    profile_world_add(&world, "b", text);
    cr_assert_eq(profile_world_settle(&world), 0);
    cr_expect_eq(world.settings.count, 2000);
    cr_expect_str_eq(world.settings.items[0].value, "A0=2000");
    cr_expect_str_eq(world.settings.items[0].origin, "b.yaml:2004:7");
}
