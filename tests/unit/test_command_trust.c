/* SPDX-License-Identifier: Apache-2.0 */
/* Which commands may choose a profile.  What only root can make is tried as root, as somebody
 * else's: the caller is a parameter. */
#include "kernel/command_trust.h"

#include "unit/scratch.h"

#include <sys/statvfs.h>

static const char *const words[] = {"trusted", "not found", "writable", "elsewhere"};

/* "trusted /usr/bin/env", "not found". */
static const char *probe_in(const struct scratch *scratch, const struct host *caller,
                            const char *root, const char *command, const char *search_path)
{
    enum command_trust trust;
    const char *path = "unset";
    struct sbx_error err = {0};
    const struct command_search search = {
        .command = command, .search_path = search_path, .root = root};

    cr_assert_eq(command_trust_probe(scratch->arena, caller, &search, &trust, &path, &err), 0, "%s",
                 err.message);
    cr_expect_eq(trust == COMMAND_NOT_FOUND, path == NULL);
    return arena_printf(scratch->arena, "%s%s%s", words[trust], path == NULL ? "" : " ",
                        path == NULL ? "" : path);
}

static const char *probe(const struct scratch *scratch, const struct host *caller,
                         const char *command, const char *search_path)
{
    return probe_in(scratch, caller, NULL, command, search_path);
}

static struct host ordinary(const char *cwd)
{
    return (struct host){.uid = geteuid() != 0 ? geteuid() : 4711, .gid = 4711, .cwd = cwd};
}

static char *program(const struct scratch *scratch, const char *name)
{
    return scratch_bytes(scratch, name, "#!/bin/sh\n", 10, 0755);
}

/* A directory that only root can write to, all the way up. */
static struct scratch scratch_of_root(void)
{
    struct statvfs status;
    struct stat root;

    if (stat("/", &root) < 0 || geteuid() != 0 || root.st_uid != 0)
        cr_skip_test("only root can make what belongs to root");
    if (statvfs("/var/lib", &status) < 0 || (status.f_flag & ST_NOSUID) != 0)
        cr_skip_test("/var/lib is mounted nosuid here");
    cr_assert_eq(setenv("TMPDIR", "/var/lib", 1), 0);
    umask(022);

    struct scratch scratch = scratch_new();

    if (chown(scratch.path, 4711, 4711) < 0 || chown(scratch.path, 0, 0) < 0) {
        SCRATCH_SKIP(&scratch, "root of this user namespace can give nothing away");
    }
    cr_assert_eq(chmod(scratch.path, 0755), 0);
    return scratch;
}

Test(command_trust, a_program_of_the_system)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    struct host caller = ordinary("/");
    struct host root = {.uid = 0, .cwd = "/", .is_root = true};

    cr_expect_str_eq(probe(&scratch, &caller, "env", "/nowhere:/usr/bin"), "trusted /usr/bin/env");
    cr_expect_str_eq(probe(&scratch, &root, "env", "/usr/bin"), "trusted /usr/bin/env");
    cr_expect_str_eq(probe(&scratch, &caller, "/usr/bin/env", NULL), "trusted /usr/bin/env");
    cr_expect_str_eq(probe(&scratch, &caller, "usr/bin/env", ""), "trusted //usr/bin/env");
    cr_expect_str_eq(probe(&scratch, &caller, "env", NULL), "trusted /usr/bin/env",
                     "init's own default");
    cr_expect_str_eq(probe(&scratch, &caller, "sh", "/bin"), "trusted /bin/sh", "links are fine");
}

Test(command_trust, what_is_not_there)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    struct host caller = ordinary(scratch.path);

    scratch_directory(&scratch, "directory");
    scratch_file(&scratch, "plain", "");
    scratch_link(&scratch, "loop", "loop");
    cr_expect_str_eq(probe(&scratch, &caller, "no-such-command", "/usr/bin:/bin"), "not found");
    cr_expect_str_eq(probe(&scratch, &caller, "", "/usr/bin"), "not found");
    cr_expect_str_eq(probe(&scratch, &caller, "./directory", NULL), "not found");
    cr_expect_str_eq(probe(&scratch, &caller, "./plain", NULL), "not found", "not executable");
    cr_expect_str_eq(probe(&scratch, &caller, "./loop", NULL), "not found");
    cr_expect_str_eq(probe(&scratch, &caller, "/usr/bin/env/x", NULL), "not found");
}

Test(command_trust, what_the_caller_made)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    struct host caller = ordinary(scratch.path);
    struct host root = {.uid = 0, .cwd = scratch.path, .is_root = true};
    const char *file;
    const char *link;

    file = arena_printf(scratch.arena, "writable %s", program(&scratch, "env"));
    link = arena_printf(scratch.arena, "writable %s/to-env", scratch.path);
    scratch_link(&scratch, "to-env", "/usr/bin/env");
    scratch_directory(&scratch, "bin");
    scratch_link(&scratch, "bin/usr", "/usr");
    /* by every way to name it */
    cr_expect_str_eq(probe(&scratch, &caller, "./env", NULL),
                     arena_printf(scratch.arena, "writable %s/./env", scratch.path));
    cr_expect_str_eq(probe(&scratch, &caller, "env", scratch.path), file);
    cr_expect_str_eq(probe(&scratch, &caller, "env", ":/usr/bin"), file, "empty: here");
    cr_expect_str_eq(probe(&scratch, &caller, "env", "/none::/usr/bin"), file);
    cr_expect_str_eq(probe(&scratch, &caller, "env", "/none:"), file);
    cr_expect_str_eq(probe(&scratch, &caller, "env", ".:/usr/bin"),
                     arena_printf(scratch.arena, "writable %s/./env", scratch.path));
    cr_expect_str_eq(probe(&scratch, &caller, "env", "/usr/bin:."), "trusted /usr/bin/env");
    cr_expect_str_eq(probe(&scratch, &root, "env", scratch.path), file);
    /* a link or a directory of the caller's decides, though the file is root's */
    cr_expect_str_eq(probe(&scratch, &caller, "to-env", scratch.path), link);
    cr_expect_str_eq(probe(&scratch, &caller, "./bin/usr/bin/env", NULL),
                     arena_printf(scratch.arena, "writable %s/./bin/usr/bin/env", scratch.path));
    /* /proc/PID is the caller's, and its links lead where their text does not say */
    if (geteuid() != 0)
        cr_expect_str_eq(probe(&scratch, &caller, "/proc/self/root/usr/bin/env", NULL),
                         "writable /proc/self/root/usr/bin/env");
}

Test(command_trust, only_root_all_the_way)
{
    _cleanup_scratch_ struct scratch scratch = scratch_of_root();
    struct host caller = ordinary("/");
    char *file;
    char *directory = scratch_directory(&scratch, "a/b");
    const struct {
        const char *path;
        mode_t mode;
        const char *trust;
    } rows[] = {
        {"", 0755, "trusted"},
        {"/a", 0775, "writable"},
        {"/a", 01777, "writable"},
        {"/a", 0757, "writable"},
        {"/a/b", 0775, "writable"},
        {"/a/b/program", 0775, "writable"},
        {"/a/b/program", 0757, "writable"},
        {"/a/b/program", 04755, "trusted"},
        {"/a/b/program", 0644, "not found"},
    };

    file = program(&scratch, "a/b/program");
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char *path = arena_printf(scratch.arena, "%s%s", scratch.path, rows[i].path);
        struct stat before;

        cr_assert(stat(path, &before) == 0 && chmod(path, rows[i].mode) == 0);
        cr_expect_eq(strncmp(probe(&scratch, &caller, "program", directory), rows[i].trust,
                             strlen(rows[i].trust)),
                     0, "%s %o: %s", rows[i].path, rows[i].mode,
                     probe(&scratch, &caller, "program", directory));
        cr_assert_eq(chmod(path, before.st_mode & 07777), 0);
    }
    cr_assert_eq(chown(file, 4711, 0), 0);
    cr_expect_eq(strncmp(probe(&scratch, &caller, "program", directory), "writable", 8), 0);
    cr_assert(chown(file, 0, 0) == 0 && chown(directory, 4711, 0) == 0);
    cr_expect_eq(strncmp(probe(&scratch, &caller, "program", directory), "writable", 8), 0);
}

Test(command_trust, every_hop_of_links)
{
    _cleanup_scratch_ struct scratch scratch = scratch_of_root();
    struct host caller = ordinary("/");
    char *open = scratch_directory(&scratch, "open");

    scratch_directory(&scratch, "bin");
    scratch_directory(&scratch, "real");
    program(&scratch, "real/program");
    scratch_link(&scratch, "bin/direct", "../real/program");
    scratch_link(&scratch, "open/hop", scratch_path(&scratch, "real/program"));
    scratch_link(&scratch, "bin/by-hop", "../open/hop");
    scratch_link(&scratch, "open/place", "../real");
    scratch_link(&scratch, "bin/by-place", "../open/place/program");
    scratch_link(&scratch, "bin/back", "../open/../real/program");
    cr_assert_eq(chmod(open, 01777), 0);
    for (unsigned i = 0; i < 4; i++) {
        static const char *const names[] = {"direct", "by-hop", "by-place", "back"};
        const char *expected = i == 0 ? "trusted" : "writable";
        const char *found = probe(&scratch, &caller, names[i], scratch_path(&scratch, "bin"));

        cr_expect_eq(strncmp(found, expected, strlen(expected)), 0, "%s: %s", names[i], found);
    }
    cr_assert_eq(chmod(open, 0755), 0);
    cr_expect_eq(
        strncmp(probe(&scratch, &caller, "by-hop", scratch_path(&scratch, "bin")), "trusted", 7),
        0);
    /* ".." goes up from where the link leads, not from where it is written */
    scratch_link(&scratch, "up", "real/..");
    cr_expect_eq(strncmp(probe(&scratch, &caller, scratch_path(&scratch, "up/bin/direct"), NULL),
                         "trusted", 7),
                 0);
}

Test(command_trust, root_owns_more_than_programs)
{
    _cleanup_scratch_ struct scratch scratch = scratch_of_root();
    struct host root = {.uid = 0, .cwd = "/", .is_root = true};
    char *link;

    program(&scratch, "env");
    link = scratch_link(&scratch, "to-env", "/usr/bin/env");
    cr_expect_str_eq(probe(&scratch, &root, "env", scratch.path),
                     arena_printf(scratch.arena, "elsewhere %s/env", scratch.path));
    cr_expect_str_eq(probe(&scratch, &root, link, NULL),
                     arena_printf(scratch.arena, "elsewhere %s", link),
                     "the name that chooses is the link's");
}

Test(command_trust, in_a_tree_its_own_links_count)
{
    _cleanup_scratch_ struct scratch scratch = scratch_of_root();
    struct host caller = ordinary("/");
    char *tree = scratch_directory(&scratch, "tree");

    scratch_directory(&scratch, "tree/usr/bin");
    program(&scratch, "tree/usr/bin/program");
    scratch_link(&scratch, "tree/bin", "/usr/bin");
    scratch_link(&scratch, "tree/out", "../../../../../../usr/bin");
    cr_expect_str_eq(probe_in(&scratch, &caller, tree, "program", NULL),
                     "trusted /usr/bin/program");
    cr_expect_str_eq(probe_in(&scratch, &caller, tree, "/bin/program", NULL),
                     "trusted /bin/program");
    cr_expect_str_eq(probe_in(&scratch, &caller, tree, "program", "/out"), "trusted /out/program",
                     "'..' ends at the tree");
    cr_expect_str_eq(probe_in(&scratch, &caller, tree, "env", NULL), "not found",
                     "the host's programs are none of it");
    cr_expect_str_eq(probe_in(&scratch, &caller, scratch_path(&scratch, "none"), "env", NULL),
                     "not found");
}

Test(command_trust, a_tree_counts_with_all_above_it)
{
    _cleanup_scratch_ struct scratch scratch = scratch_of_root();
    struct host caller = ordinary("/");
    char *above = scratch_directory(&scratch, "above");
    char *tree = scratch_directory(&scratch, "above/tree");

    scratch_directory(&scratch, "above/tree/usr/bin");
    program(&scratch, "above/tree/usr/bin/program");
    cr_expect_str_eq(probe_in(&scratch, &caller, tree, "program", NULL),
                     "trusted /usr/bin/program");
    cr_assert_eq(chmod(above, 01777), 0);
    cr_expect_str_eq(probe_in(&scratch, &caller, tree, "program", NULL),
                     "writable /usr/bin/program");
    cr_assert_eq(chmod(above, 0755), 0);
    cr_assert_eq(chown(tree, 4712, 0), 0);
    cr_expect_str_eq(probe_in(&scratch, &caller, tree, "program", NULL),
                     "writable /usr/bin/program");
}

Test(command_trust, in_a_tree_a_relative_name_chooses_nothing)
{
    _cleanup_scratch_ struct scratch scratch = scratch_of_root();
    struct host caller = ordinary("/usr/bin");
    char *tree = scratch_directory(&scratch, "tree");

    scratch_directory(&scratch, "tree/usr/bin");
    program(&scratch, "tree/usr/bin/program");
    cr_expect_str_eq(probe_in(&scratch, &caller, tree, "./program", NULL),
                     "elsewhere /usr/bin/./program");
    cr_expect_str_eq(probe_in(&scratch, &caller, tree, "program", "/bin:."),
                     "elsewhere /usr/bin/./program");
}
