/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/account.h"

#include "unit/init_driver.h"
#include "unit/scratch.h"

#include <sched.h>

/* ---- this machine's own accounts ---- */

Test(account, root_is_known_by_number_and_by_name)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct account account = {0};
    static const char *const names[] = {"root", "0", "00"};

    cr_assert_eq(account_by_uid(arena, 0, &account), 0);
    cr_expect_str_eq(account.name, "root");
    cr_expect_str_eq(account.home, "/root");
    cr_expect_eq(account.gid, 0);
    cr_expect(account.local);
    cr_expect_eq(account.shell[0], '/');
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        account = (struct account){.uid = 99};
        cr_assert_eq(account_by_name(arena, names[i], &account), 0, "%s", names[i]);
        cr_expect_eq(account.uid, 0, "%s", names[i]);
        cr_expect_str_eq(account.name, "root", "%s", names[i]);
    }
    cr_expect_str_eq(account_group_name(arena, 0), "root");
}

Test(account, what_nobody_knows)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct account account = {.uid = 4711};
    static const char *const names[] = {
        "",    "-r",  "--help",     "no-such-user-here",    "0x0",   "+0",     " 0",  "0 ",
        "1e3", "0.0", "4294967295", "99999999999999999999", "12abc", "root\n", "roo",
    };

    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        cr_expect_eq(account_by_name(arena, names[i], &account), -ENOENT, "'%s'", names[i]);
    cr_expect_eq(account_by_uid(arena, 3987654321U, &account), -ENOENT);
    cr_expect_null(account_group_name(arena, 3987654321U));
    cr_expect_eq(account.uid, 4711, "written only on success");
}

Test(account, groups_start_with_the_primary_one)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    gid_t *groups = NULL;
    size_t count = 0;

    cr_assert_eq(account_groups(arena, "no-such-user-here", 1234, &groups, &count), 0);
    cr_assert_eq(count, 1);
    cr_expect_eq(groups[0], 1234);
}

/* ---- made-up accounts, in a mount namespace of their own ---- */

/** Returns 0, or the line that found something wrong. */
typedef int (*check)(struct arena *arena);

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            return __LINE__;                                                                       \
    } while (0)

#define NO_NAMESPACE 1

static bool put_over(const struct scratch *scratch, const char *target, const char *text)
{
    char *source = scratch_bytes(scratch, strrchr(target, '/') + 1, text, strlen(text), 0755);

    return mount(source, target, NULL, MS_BIND, NULL) == 0;
}

/* The script stands for a directory service: it is what getent(1) would say. */
static void with_accounts(const char *passwd, const char *group, const char *getent, check test)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    int status;
    pid_t child = fork();

    cr_assert_geq(child, 0);
    if (child == 0) {
        char map[64];
        uid_t uid = geteuid();

        if (uid == 0 ? unshare(CLONE_NEWNS) < 0 : unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
            _exit(NO_NAMESPACE);
        if (uid != 0) {
            snprintf(map, sizeof(map), "0 %u 1\n", uid);
            write_file("/proc/self/setgroups", "deny");
            if (!write_file("/proc/self/uid_map", map))
                _exit(NO_NAMESPACE);
        }
        if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
            !put_over(&scratch, "/etc/passwd", passwd) ||
            !put_over(&scratch, "/etc/group", group) ||
            !put_over(&scratch, "/usr/bin/getent", getent))
            _exit(NO_NAMESPACE);
        alarm(10); /* whoever hangs here must not keep the test */
        status = test(scratch.arena);
        /* lines past 255 would be cut by the exit code */
        if (status != 0)
            fprintf(stderr, "test_account.c:%d\n", status);
        _exit(status == 0 ? 0 : 2);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == NO_NAMESPACE)
        skip_without("userns", "no mount namespace with accounts of its own");
    cr_expect_eq(status, 0, "the line is above");
}

#define PASSWD                                                                                     \
    "root:x:0:0:root:/root:/bin/bash\n"                                                            \
    "# a comment\n"                                                                                \
    "\n"                                                                                           \
    "broken line\n"                                                                                \
    "short:x:5\n"                                                                                  \
    "nan:x:abc:5::/:/bin/sh\n"                                                                     \
    "+nis\n"                                                                                       \
    "#ann:x:1001:100::/old:/bin/old\n"                                                             \
    " \t#ann:x:1001:100::/old:/bin/old\n"                                                          \
    "+ann:x:1001:100::/nis:/bin/nis\n"                                                             \
    "-:x:1001:100::/nis:/bin/nis\n"                                                                \
    "plus:x:+1001:100::/plus:/bin/sh\n"                                                            \
    "none:x:4294967295:100::/none:/bin/sh\n"                                                       \
    "large:x:4294968297:100::/large:/bin/sh\n"                                                     \
    "ann:x:1001:100:Ann,,,:/home/ann:/bin/zsh\n"                                                   \
    "twin:x:1001:101::/home/twin:/bin/sh\n"                                                        \
    "bare:x:1002:100:::\n"                                                                         \
    "1003:x:1004:100::/home/digits:/bin/sh\n"                                                      \
    "  far:x:1005:100::/home/far:/bin/sh\n"                                                        \
    "noshell:x:1006:100::/home/noshell\n"                                                          \
    "nohome:x:1007:100\n"                                                                          \
    "colons:x:1008:100::/home/colons:/bin/sh:more\n"                                               \
    "last:x:1003:100::/home/last:/bin/sh"

#define GROUP                                                                                      \
    "root:x:0:\n"                                                                                  \
    "users:x:100:ann,bare\n"                                                                       \
    "broken\n"                                                                                     \
    "docker:x:998:ann\n"                                                                           \
    "empty:x:55:\n"                                                                                \
    "similar:x:56:anna,an\n"                                                                       \
    "disk:x:6:bare,ann\n"

static int check_local(struct arena *arena)
{
    struct account account;

    CHECK(account_by_name(arena, "ann", &account) == 0);
    CHECK(account.uid == 1001 && account.gid == 100 && account.local);
    CHECK(strcmp(account.home, "/home/ann") == 0 && strcmp(account.shell, "/bin/zsh") == 0);
    CHECK(account_by_uid(arena, 1001, &account) == 0 && strcmp(account.name, "ann") == 0);
    CHECK(account_by_uid(arena, 1002, &account) == 0 && account.home[0] == '\0');
    CHECK(account.shell[0] == '\0');
    CHECK(account_by_name(arena, "last", &account) == 0 && account.uid == 1003);
    /* a name of digits is a name first */
    CHECK(account_by_name(arena, "1003", &account) == 0 && account.uid == 1004);
    CHECK(account_by_name(arena, "1002", &account) == 0 && strcmp(account.name, "bare") == 0);
    /* blanks before an entry, and fields that are missing behind the ids, as glibc takes them */
    CHECK(account_by_uid(arena, 1005, &account) == 0 && strcmp(account.name, "far") == 0);
    CHECK(account_by_uid(arena, 1006, &account) == 0 &&
          strcmp(account.home, "/home/noshell") == 0 && account.shell[0] == '\0');
    CHECK(account_by_uid(arena, 1007, &account) == 0 && account.home[0] == '\0');
    CHECK(account_by_uid(arena, 1008, &account) == 0 && strcmp(account.shell, "/bin/sh:more") == 0);
    CHECK(account_by_name(arena, "#ann", &account) == -ENOENT);
    CHECK(account_by_name(arena, "+ann", &account) == -ENOENT);
    CHECK(account_by_name(arena, "plus", &account) == -ENOENT);
    CHECK(account_by_name(arena, "none", &account) == -ENOENT);
    CHECK(account_by_name(arena, "large", &account) == -ENOENT);
    CHECK(account_by_name(arena, "short", &account) == -ENOENT);
    CHECK(account_by_name(arena, "nan", &account) == -ENOENT);
    CHECK(account_by_name(arena, "broken line", &account) == -ENOENT);
    return 0;
}

Test(account, lines_of_passwd)
{
    with_accounts(PASSWD, GROUP, "#!/bin/sh\nexit 2\n", check_local);
}

static int check_groups(struct arena *arena)
{
    gid_t *groups;
    size_t count;

    CHECK(account_groups(arena, "ann", 100, &groups, &count) == 0);
    CHECK(count == 3 && groups[0] == 100 && groups[1] == 998 && groups[2] == 6);
    CHECK(account_groups(arena, "ann", 7, &groups, &count) == 0);
    CHECK(count == 4 && groups[0] == 7 && groups[1] == 100);
    CHECK(account_groups(arena, "an", 7, &groups, &count) == 0);
    CHECK(count == 2 && groups[1] == 56);
    CHECK(strcmp(account_group_name(arena, 998), "docker") == 0);
    CHECK(account_group_name(arena, 12345) == NULL);
    return 0;
}

Test(account, lines_of_group)
{
    with_accounts(PASSWD, GROUP, "#!/bin/sh\nexit 2\n", check_groups);
}

static int check_remote(struct arena *arena)
{
    struct account account;

    CHECK(account_by_uid(arena, 700042, &account) == 0);
    CHECK(strcmp(account.name, "carol") == 0 && account.gid == 700000 && !account.local);
    CHECK(strcmp(account.home, "/home/c x") == 0);
    CHECK(account_by_name(arena, "carol", &account) == 0 && account.uid == 700042);
    CHECK(account_by_name(arena, "700042", &account) == 0 && !account.local);
    /* the local file counts first */
    CHECK(account_by_name(arena, "ann", &account) == 0 && account.local);
    return 0;
}

Test(account, a_user_of_a_directory_service)
{
    with_accounts(PASSWD, GROUP,
                  "#!/bin/sh\n"
                  "[ \"$1\" = passwd ] && [ $# = 2 ] && [ \"$(/usr/bin/env)\" != \"\" ] || exit 1\n"
                  "case $2 in\n"
                  "carol | 700042) echo 'carol:*:700042:700000:Carol:/home/c x:/bin/zsh' ;;\n"
                  "*) exit 2 ;;\n"
                  "esac\n",
                  check_remote);
}

/* What the service says must be about the one that was asked for. */
static int check_confused(struct arena *arena)
{
    struct account account;

    CHECK(account_by_uid(arena, 700042, &account) == -ENOENT);
    CHECK(account_by_name(arena, "carol", &account) == -ENOENT);
    return 0;
}

Test(account, a_service_that_answers_something_else)
{
    with_accounts(PASSWD, GROUP,
                  "#!/bin/sh\n"
                  "echo nonsense\n"
                  "echo 'mallory:*:0:0:Carol:/:/bin/sh'\n"
                  "echo 'carolx:*:700043:700000:Carol:/:/bin/sh'\n"
                  "echo ':::::'\n",
                  check_confused);
}

Test(account, a_service_that_is_silent_or_broken)
{
    static const char *const scripts[] = {"#!/bin/sh\nexit 0\n", "#!/bin/sh\nkill -9 $$\n",
                                          "#!/no/such/interpreter\n", "\177ELF", ""};

    for (size_t i = 0; i < ARRAY_SIZE(scripts); i++)
        with_accounts(PASSWD, GROUP, scripts[i], check_confused);
}

/* More than a pipe holds, and the answer comes first: nobody may wait for the rest for ever. */
static int check_talkative(struct arena *arena)
{
    struct account account;

    CHECK(account_by_uid(arena, 700042, &account) == 0);
    return 0;
}

Test(account, a_service_that_goes_on_talking, .timeout = 30)
{
    with_accounts(PASSWD, GROUP,
                  "#!/bin/sh\n"
                  "echo 'carol:*:700042:700000:Carol:/home/c:/bin/zsh'\n"
                  "head -c 1000000 /dev/zero | tr '\\000' 'x'\n",
                  check_talkative);
}

/* The helper sees neither the caller's descriptors nor its environment. */
static int check_alone(struct arena *arena)
{
    struct account account;

    CHECK(setenv("LD_PRELOAD_LIKE_SECRET", "x", 1) == 0);
    CHECK(account_by_uid(arena, 700042, &account) == 0);
    CHECK(strcmp(account.home, "/0") == 0);
    return 0;
}

Test(account, the_helper_gets_nothing_of_the_caller)
{
    with_accounts(PASSWD, GROUP,
                  "#!/bin/sh\n"
                  "n=$(/usr/bin/env | grep -c SECRET)\n"
                  "echo \"carol:*:700042:700000::/$n:/bin/sh\"\n",
                  check_alone);
}
