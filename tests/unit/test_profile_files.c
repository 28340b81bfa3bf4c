/* SPDX-License-Identifier: Apache-2.0 */
/* Where profiles lie, and whose files are read. */
#include "kernel/profile_files.h"

#include "unit/host_trial.h"

#include <endian.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#define LIMIT 1000

/* ---- names and directories ---- */

Test(profile_files, names)
{
    static const char *const good[] = {"build", "build.local", "7z", "firefox-esr", "g++", "a_b"};
    static const char *const bad[] = {"",   ".hidden", "-x",       "_x",  "a/b", "a b",
                                      "..", "a\n",     "\303\274", "a:b", "*"};
    char text[66];

    for (size_t i = 0; i < ARRAY_SIZE(good); i++)
        cr_expect(profile_is_name(good[i]), "%s", good[i]);
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        cr_expect_not(profile_is_name(bad[i]), "%s", bad[i]);
    memset(text, 'a', 65);
    text[65] = '\0';
    cr_expect_not(profile_is_name(text));
    text[64] = '\0';
    cr_expect(profile_is_name(text));
}

static struct profile_directories find(const struct scratch *scratch, const struct host *caller)
{
    struct profile_directories directories;
    struct sbx_error err = {0};

    cr_assert_eq(profile_directories_find(scratch->arena, caller, &directories, &err), 0);
    return directories;
}

Test(profile_files, the_order_of_directories)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    const char *const both[] = {"XDG_CONFIG_HOME=/x", "HOME=/y", NULL};
    const char *const home[] = {"XDG_CONFIG_HOME=relative", "HOME=/y/", NULL};
    const struct {
        const char *const *environment;
        const char *account;
        const char *first;
    } rows[] = {
        {both, "/z", "/x/sbx/profiles"},
        {home, "/z", "/y/.config/sbx/profiles"},
        {no_environment, "/z", "/z/.config/sbx/profiles"},
    };
    struct host nobody = {.environment = no_environment};
    struct profile_directories found;

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct host caller = {.environment = rows[i].environment, .passwd_home = rows[i].account};

        found = find(&scratch, &caller);
        cr_assert_eq(found.count, 3);
        cr_expect_eq(found.items[0].source, PROFILE_SOURCE_USER);
        cr_expect_str_eq(found.items[0].path, rows[i].first);
        cr_expect_eq(found.items[1].source, PROFILE_SOURCE_SYSTEM);
        cr_expect_str_eq(found.items[1].path, "/etc/sbx/profiles");
        cr_expect_eq(found.items[2].source, PROFILE_SOURCE_SHIPPED);
        cr_expect_eq(found.items[2].path[0], '/');
    }
    found = find(&scratch, &nobody);
    cr_assert_eq(found.count, 2, "no directory of the user's");
    cr_expect_eq(found.items[0].source, PROFILE_SOURCE_SYSTEM);
}

Test(profile_files, what_a_directory_has)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    struct profile_directory directory = {.source = PROFILE_SOURCE_USER,
                                          .path = scratch_directory(&scratch, "profiles")};
    static const char *const names[] = {"b.yaml", "a.yaml", "a.local.yaml", ".yaml",    ".x.yaml",
                                        "yaml",   "a.yml",  "a.yaml~",      "a b.yaml", "B.yaml"};
    static const char *const expected[] = {"B", "a", "a.local", "b", "link"};
    struct profile_reader reader = {.arena = scratch.arena, .uid = geteuid(), .gid = getegid()};
    struct profile_files files = {0};

    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        scratch_file(&scratch, arena_printf(scratch.arena, "profiles/%s", names[i]), "");
    scratch_directory(&scratch, "profiles/directory.yaml");
    scratch_link(&scratch, "profiles/link.yaml", "a.yaml");
    cr_assert_eq(profile_files_list(&reader, &directory, &files, NULL), 0);
    cr_assert_eq(files.count, ARRAY_SIZE(expected));
    for (size_t i = 0; i < files.count; i++) {
        cr_expect_str_eq(files.items[i].name, expected[i]);
        cr_expect_str_eq(files.items[i].path,
                         arena_printf(scratch.arena, "%s/%s.yaml", directory.path, expected[i]));
        cr_expect_eq(files.items[i].source, PROFILE_SOURCE_USER);
    }
    cr_assert_eq(profile_files_list(&reader, &directory, &files, NULL), 0);
    cr_expect_eq(files.count, ARRAY_SIZE(expected), "the same when it is listed again");
    directory.path = scratch_path(&scratch, "none");
    cr_expect_eq(profile_files_list(&reader, &directory, &files, NULL), 0);
    cr_expect_eq(files.count, 0);
    directory.path = scratch_path(&scratch, "profiles/a.yaml/below");
    cr_expect_eq(profile_files_list(&reader, &directory, &files, NULL), 0);
    profile_reader_close(&reader);
}

/* A directory that is fine is judged once; one that is not is refused with each file. */
Test(profile_files, one_reader_of_many_files)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    struct profile_reader reader = {.arena = scratch.arena, .uid = geteuid(), .gid = getegid()};
    char *good = scratch_directory(&scratch, "good");
    char *bad = scratch_directory(&scratch, "bad");
    char *text;
    size_t size;

    scratch_file(&scratch, "good/a.yaml", "a");
    scratch_file(&scratch, "good/b.yaml", "b");
    scratch_file(&scratch, "bad/a.yaml", "a");
    cr_assert_eq(chmod(bad, 0777), 0);
    for (unsigned i = 0; i < 2; i++) {
        struct sbx_error err = {0};
        const char *name = i == 0 ? "a" : "b";

        cr_expect_eq(profile_file_read(&reader,
                                       arena_printf(scratch.arena, "%s/%s.yaml", good, name),
                                       PROFILE_SOURCE_USER, LIMIT, &text, &size, NULL),
                     0);
        cr_expect_str_eq(text, name);
        cr_expect_eq(profile_file_read(&reader, arena_printf(scratch.arena, "%s/a.yaml", bad),
                                       PROFILE_SOURCE_USER, LIMIT, &text, &size, &err),
                     -EPERM);
        cr_expect_not_null(strstr(err.message, "everybody can write to the directory"));
        cr_expect_eq(profile_file_read(&reader, arena_printf(scratch.arena, "%s/none/a.yaml", good),
                                       PROFILE_SOURCE_USER, LIMIT, &text, &size, NULL),
                     -ENOENT);
    }
    cr_expect_eq(reader.opened.count, 3);
    profile_reader_close(&reader);
}

/* ---- one file ---- */

struct trial {
    int result;
    struct sbx_error err;
    char *text;
    size_t size;
};

static struct trial trial(const struct scratch *scratch, const char *path,
                          enum profile_source source)
{
    struct profile_reader reader = {.arena = scratch->arena, .uid = geteuid(), .gid = getegid()};
    struct trial trial = {0};

    trial.result =
        profile_file_read(&reader, path, source, LIMIT, &trial.text, &trial.size, &trial.err);
    profile_reader_close(&reader);
    if (trial.result < 0) {
        cr_expect_null(trial.text, "written only on success");
        cr_expect_eq(trial.result == -ENOENT, trial.err.kind == SBX_ERROR_NONE, "%s: %d %s", path,
                     trial.result, trial.err.message);
    }
    return trial;
}

static void expect(const struct scratch *scratch, const char *path, enum profile_source source,
                   int result, const char *message, const char *hint)
{
    struct trial got = trial(scratch, path, source);

    cr_expect_eq(got.result, result, "%s: %d, %s", path, got.result, got.err.message);
    cr_expect_not_null(strstr(got.err.message, message), "%s", got.err.message);
    cr_expect_not_null(strstr(got.err.hint, hint), "%s", got.err.hint);
    if (result < 0 && result != -ENOENT)
        cr_expect_not_null(strstr(got.err.message, path), "%s", got.err.message);
}

/* Root of a user namespace has no number but its own. */
static bool can_give_away(const char *path)
{
    return geteuid() == 0 && chown(path, 4711, 4711) == 0 && chown(path, 0, 0) == 0;
}

static struct scratch scratch_of_mine(void)
{
    umask(022);
    return scratch_new();
}

Test(profile_files, a_file_of_ones_own)
{
    _cleanup_scratch_ struct scratch scratch = scratch_of_mine();
    char *path = scratch_bytes(&scratch, "a.yaml", "sbx: 1\n\0x", 9, 0600);
    struct trial got = trial(&scratch, path, PROFILE_SOURCE_USER);

    cr_assert_eq(got.result, 0, "%s", got.err.message);
    cr_expect_eq(got.size, 9);
    cr_expect_eq(memcmp(got.text, "sbx: 1\n\0x", 10), 0, "a NUL after it");
    path = scratch_file(&scratch, "empty.yaml", "");
    got = trial(&scratch, path, PROFILE_SOURCE_USER);
    cr_expect_eq(got.result, 0);
    cr_expect_eq(got.size, 0);
    cr_expect_str_eq(got.text, "");
    cr_assert_eq(chdir(scratch.path), 0);
    cr_expect_eq(trial(&scratch, "a.yaml", PROFILE_SOURCE_FILE).result, 0);
}

Test(profile_files, what_is_no_profile)
{
    _cleanup_scratch_ struct scratch scratch = scratch_of_mine();
    char *text = arena_alloc(scratch.arena, LIMIT + 2);
    char *fifo = scratch_path(&scratch, "fifo");

    memset(text, '#', LIMIT);
    cr_assert_eq(mkfifo(fifo, 0600), 0);
    cr_expect_eq(trial(&scratch, scratch_file(&scratch, "fits", text), PROFILE_SOURCE_USER).result,
                 0);
    text[LIMIT] = '#';
    expect(&scratch, scratch_file(&scratch, "long", text), PROFILE_SOURCE_USER, -EFBIG,
           "longer than 1000 bytes", "extends");
    expect(&scratch, fifo, PROFILE_SOURCE_FILE, -EINVAL, "no regular file", "");
    expect(&scratch, scratch_directory(&scratch, "d"), PROFILE_SOURCE_FILE, -EISDIR, "no file", "");
    expect(&scratch, scratch_path(&scratch, "d/"), PROFILE_SOURCE_FILE, -EISDIR, "no file", "");
    expect(&scratch, scratch_path(&scratch, "none"), PROFILE_SOURCE_USER, -ENOENT, "", "");
    expect(&scratch, scratch_path(&scratch, "none/x"), PROFILE_SOURCE_USER, -ENOENT, "", "");
    expect(&scratch, scratch_path(&scratch, "long/x"), PROFILE_SOURCE_USER, -ENOENT, "", "");
    expect(&scratch, scratch_link(&scratch, "dangling", "nowhere"), PROFILE_SOURCE_USER, -ENOLINK,
           "leads nowhere", "make the file");
    expect(&scratch, scratch_link(&scratch, "loop", "loop"), PROFILE_SOURCE_USER, -ELOOP,
           "can't be opened", "");
}

Test(profile_files, others_can_write_the_file)
{
    _cleanup_scratch_ struct scratch scratch = scratch_of_mine();
    char *path = scratch_file(&scratch, "a.yaml", "");
    const char *chmod_others = arena_printf(scratch.arena, "chmod o-w '%s'", path);
    const char *chmod_group = arena_printf(scratch.arena, "chmod g-w '%s'", path);
    bool private = getegid() == (gid_t)geteuid();

    for (enum profile_source source = PROFILE_SOURCE_USER; source <= PROFILE_SOURCE_FILE;
         source++) {
        cr_assert_eq(chmod(path, 0646), 0);
        expect(&scratch, path, source, -EPERM, "everybody can write to", chmod_others);
        cr_assert_eq(chmod(path, 0664), 0);
        if (private)
            cr_expect_eq(trial(&scratch, path, source).result, 0, "a user's own group");
        else if (source != PROFILE_SOURCE_SHIPPED)
            expect(&scratch, path, source, -EPERM, "the group", chmod_group);
        if (can_give_away(path)) {
            cr_assert_eq(chown(path, 0, 4711), 0);
            expect(&scratch, path, source, -EPERM, "the group 4711", chmod_group);
            cr_assert_eq(chown(path, 0, 0), 0);
        }
        cr_assert_eq(chmod(path, 0644), 0);
        cr_expect_eq(trial(&scratch, path, source).result, 0);
    }
}

/* An ACL of one more user who can write: acl(5) in the form of the kernel's xattr. */
static bool let_write(const char *path, uid_t uid)
{
    const struct {
        uint32_t version;
        struct {
            uint16_t tag;
            uint16_t permissions;
            uint32_t id;
        } entries[5];
    } acl = {
        .version = htole32(2),
        .entries = {{htole16(0x01), htole16(6), UINT32_MAX},
                    {htole16(0x02), htole16(6), htole32(uid)},
                    {htole16(0x04), htole16(4), UINT32_MAX},
                    {htole16(0x10), htole16(6), UINT32_MAX},
                    {htole16(0x20), htole16(4), UINT32_MAX}},
    };

    return setxattr(path, "system.posix_acl_access", &acl, sizeof(acl), 0) == 0;
}

Test(profile_files, an_acl_lets_somebody_write)
{
    _cleanup_scratch_ struct scratch scratch = scratch_of_mine();
    char *path = scratch_file(&scratch, "a.yaml", "");

    cr_expect_eq(trial(&scratch, path, PROFILE_SOURCE_USER).result, 0);
    if (!let_write(path, 4711))
        SCRATCH_SKIP(&scratch, "no ACLs here");
    expect(&scratch, path, PROFILE_SOURCE_USER, -EPERM, "the group", "chmod g-w");
    cr_assert_eq(chmod(path, 0644), 0, "what the hint says");
    cr_expect_eq(trial(&scratch, path, PROFILE_SOURCE_USER).result, 0);
}

Test(profile_files, others_can_write_the_directory)
{
    _cleanup_scratch_ struct scratch scratch = scratch_of_mine();
    char *directory = scratch_directory(&scratch, "d");
    char *path = scratch_file(&scratch, "d/a.yaml", "");
    const char *hint = arena_printf(scratch.arena, "chmod o-w '%s'", directory);

    cr_assert_eq(chmod(directory, 0757), 0);
    expect(&scratch, path, PROFILE_SOURCE_USER, -EPERM, "everybody can write to the directory",
           hint);
    expect(&scratch, path, PROFILE_SOURCE_FILE, -EPERM, "everybody can write to the directory",
           hint);
    /* others can add a file then, but not replace this one */
    cr_assert_eq(chmod(directory, 01777), 0);
    expect(&scratch, path, PROFILE_SOURCE_USER, -EPERM, "everybody can write to the directory",
           hint);
    cr_expect_eq(trial(&scratch, path, PROFILE_SOURCE_FILE).result, 0);
    cr_assert_eq(chmod(directory, 0755), 0);
    cr_expect_eq(trial(&scratch, path, PROFILE_SOURCE_USER).result, 0);
}

Test(profile_files, links_to_files_elsewhere)
{
    _cleanup_scratch_ struct scratch scratch = scratch_of_mine();
    char *elsewhere = scratch_directory(&scratch, "elsewhere");
    char *file = scratch_file(&scratch, "elsewhere/real", "sbx: 1\n");
    char *directory = scratch_directory(&scratch, "d");
    char *path = scratch_link(&scratch, "d/a.yaml", "../elsewhere/real");
    char *by_directory = scratch_path(&scratch, "link/a.yaml");
    struct trial got = trial(&scratch, path, PROFILE_SOURCE_USER);

    scratch_link(&scratch, "link", "d");
    cr_assert_eq(got.result, 0, "%s", got.err.message);
    cr_expect_str_eq(got.text, "sbx: 1\n");
    cr_expect_eq(trial(&scratch, by_directory, PROFILE_SOURCE_USER).result, 0);
    /* where the file really lies */
    cr_assert_eq(chmod(elsewhere, 0777), 0);
    expect(&scratch, path, PROFILE_SOURCE_USER, -EPERM, "everybody can write to the directory",
           elsewhere);
    cr_assert(chmod(elsewhere, 0755) == 0 && chmod(file, 0666) == 0);
    expect(&scratch, path, PROFILE_SOURCE_USER, -EPERM, "everybody can write to", "chmod o-w");
    /* where the link lies */
    cr_assert(chmod(file, 0644) == 0 && chmod(directory, 0777) == 0);
    expect(&scratch, by_directory, PROFILE_SOURCE_USER, -EPERM,
           "everybody can write to the directory", "chmod o-w");
}

Test(profile_files, somebody_elses)
{
    _cleanup_scratch_ struct scratch scratch = scratch_of_mine();
    char *directory = scratch_directory(&scratch, "d");
    char *path = scratch_file(&scratch, "d/a.yaml", "");
    char *link = scratch_link(&scratch, "d/link.yaml", "a.yaml");

    if (!can_give_away(directory))
        SCRATCH_SKIP(&scratch, "only root can make what belongs to somebody else");
    cr_assert_eq(chown(path, 4711, 4711), 0);
    expect(&scratch, path, PROFILE_SOURCE_USER, -EPERM, "belongs to uid 4711", "chown 0");
    expect(&scratch, path, PROFILE_SOURCE_SYSTEM, -EPERM, "belongs to uid 4711", "chown 0");
    expect(&scratch, path, PROFILE_SOURCE_FILE, -EPERM, "belongs to uid 4711", "copy");
    expect(&scratch, link, PROFILE_SOURCE_FILE, -EPERM, "belongs to uid 4711", "copy");
    cr_assert(chown(path, 0, 0) == 0 && chown(directory, 4711, 4711) == 0);
    expect(&scratch, path, PROFILE_SOURCE_USER, -EPERM, "the directory", directory);
    cr_assert(chown(directory, 0, 0) == 0 && lchown(link, 4711, 4711) == 0);
    expect(&scratch, link, PROFILE_SOURCE_FILE, -EPERM, "the link", "chown -h 0");
    expect(&scratch, path, PROFILE_SOURCE_FILE, 0, "", "");
}

/* The same as the user 4711, in a process that was root. */
static int as_ordinary(const struct scratch *scratch, const char *path, enum profile_source source)
{
    pid_t child = fork();
    int status = -1;

    if (child == 0) {
        struct profile_reader reader = {.arena = scratch->arena, .uid = 4711, .gid = 4711};
        char *text;
        size_t size;

        if (setgid(4711) < 0 || setuid(4711) < 0)
            _exit(255);
        _exit(-profile_file_read(&reader, path, source, LIMIT, &text, &size, NULL));
    }
    cr_assert(waitpid(child, &status, 0) == child && WIFEXITED(status));
    return -WEXITSTATUS(status);
}

Test(profile_files, what_an_ordinary_user_reads)
{
    _cleanup_scratch_ struct scratch scratch = scratch_of_mine();
    char *mine = scratch_directory(&scratch, "mine");
    char *closed = scratch_directory(&scratch, "closed");
    char *file = scratch_file(&scratch, "mine/a.yaml", "");
    char *in_closed = scratch_file(&scratch, "closed/a.yaml", "");
    char *below_closed;

    if (!can_give_away(mine))
        SCRATCH_SKIP(&scratch, "only root can be several users");
    scratch_directory(&scratch, "closed/below");
    below_closed = scratch_path(&scratch, "closed/below/a.yaml");
    cr_assert(chmod(scratch.path, 0755) == 0 && chown(mine, 4711, 4711) == 0);
    cr_expect_eq(as_ordinary(&scratch, file, PROFILE_SOURCE_USER), 0, "a file of root's");
    cr_assert_eq(chown(file, 4711, 4711), 0);
    cr_expect_eq(as_ordinary(&scratch, file, PROFILE_SOURCE_USER), 0);
    cr_expect_eq(as_ordinary(&scratch, file, PROFILE_SOURCE_SYSTEM), 0, "the caller's own");
    cr_assert_eq(chmod(file, 0664), 0);
    cr_expect_eq(as_ordinary(&scratch, file, PROFILE_SOURCE_USER), 0, "a user's own group");
    cr_assert_eq(chown(file, 4712, 4712), 0);
    cr_expect_eq(as_ordinary(&scratch, file, PROFILE_SOURCE_USER), -EPERM);
    cr_assert(chown(file, 4711, 4711) == 0 && chmod(file, 0) == 0);
    cr_expect_eq(as_ordinary(&scratch, file, PROFILE_SOURCE_USER), -EACCES);
    /* HOME that is somebody else's has nothing of the caller's; his own mistake is told */
    cr_assert_eq(chmod(closed, 0700), 0);
    cr_expect_eq(as_ordinary(&scratch, below_closed, PROFILE_SOURCE_USER), -ENOENT);
    cr_expect_eq(as_ordinary(&scratch, below_closed, PROFILE_SOURCE_SYSTEM), -EACCES);
    cr_expect_eq(as_ordinary(&scratch, in_closed, PROFILE_SOURCE_FILE), -EACCES);
    cr_assert(chown(closed, 4711, 4711) == 0 && chmod(closed, 0) == 0);
    cr_expect_eq(as_ordinary(&scratch, below_closed, PROFILE_SOURCE_USER), -EACCES);
}
