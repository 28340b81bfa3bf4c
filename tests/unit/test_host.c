/* SPDX-License-Identifier: Apache-2.0 */
/* The facts that host_probe() finds, each in a directory tree that the test makes. */
#include "kernel/host.h"

#include "kernel/host_internal.h"
#include "unit/host_trial.h"
#include "unit/init_driver.h"

#include <grp.h>
#include <pty.h>
#include <sys/sysmacros.h>

#undef PATH

static struct host_path fact_of(const struct scratch *scratch, const char *path)
{
    struct host_path fact = {0};

    cr_assert_eq(host_path_probe(scratch->arena, path, &fact), 0);
    return fact;
}

/* ---- single paths ---- */

Test(host, what_a_path_is)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *fifo = scratch_path(&scratch, "fifo");
    const struct {
        const char *path;
        enum host_file_type type;
    } rows[] = {
        {scratch_directory(&scratch, "d"), HOST_FILE_DIRECTORY},
        {scratch_file(&scratch, "f", "x"), HOST_FILE_REGULAR},
        {scratch_socket(&scratch, "s"), HOST_FILE_SOCKET},
        {fifo, HOST_FILE_OTHER},
        {"/dev/null", HOST_FILE_DEVICE},
        {"/", HOST_FILE_DIRECTORY},
        {scratch_file(&scratch, "with space\nand newline \377", ""), HOST_FILE_REGULAR},
    };

    cr_assert_eq(mkfifo(fifo, 0600), 0);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct host_path fact = fact_of(&scratch, rows[i].path);
        struct stat status;

        cr_assert_eq(lstat(rows[i].path, &status), 0);
        cr_expect_eq(fact.type, rows[i].type, "%s", rows[i].path);
        cr_expect_str_eq(fact.path, rows[i].path);
        cr_expect_str_eq(fact.canonical, rows[i].path);
        cr_expect_eq(fact.error, 0);
        cr_expect_eq(fact.device, status.st_dev);
        cr_expect_eq(fact.inode, status.st_ino);
        cr_expect_eq(fact.owner, status.st_uid);
    }
}

Test(host, links_lead_to_what_counts)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *directory = scratch_directory(&scratch, "real/sub");
    char *file = scratch_file(&scratch, "real/sub/f", "");
    struct host_path fact;

    scratch_link(&scratch, "dir", "real");
    scratch_link(&scratch, "chain", "dir/sub");
    fact = fact_of(&scratch, scratch_path(&scratch, "chain"));
    cr_expect_eq(fact.type, HOST_FILE_DIRECTORY);
    cr_expect_str_eq(fact.canonical, directory);
    fact = fact_of(&scratch, scratch_path(&scratch, "chain/f"));
    cr_expect_eq(fact.type, HOST_FILE_REGULAR);
    cr_expect_str_eq(fact.canonical, file);
    cr_expect_str_eq(fact.path, scratch_path(&scratch, "chain/f"));
}

Test(host, what_cannot_be_reached)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    const struct {
        const char *path;
        int number;
    } rows[] = {
        {scratch_path(&scratch, "none"), ENOENT},
        {scratch_link(&scratch, "dangling", "nowhere"), ENOENT},
        {scratch_link(&scratch, "loop", "loop"), ELOOP},
        {scratch_path(&scratch, "f/x"), ENOTDIR},
    };

    scratch_file(&scratch, "f", "");
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct host_path fact = fact_of(&scratch, rows[i].path);

        cr_expect_eq(fact.type, HOST_FILE_MISSING, "%s", rows[i].path);
        cr_expect_null(fact.canonical);
        cr_expect_eq(fact.error, rows[i].number, "%s: %s", rows[i].path, strerror(fact.error));
    }
}

/* What is asked about one directory after the other is what each path gives by itself. */
Test(host, paths_near_each_other)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    _cleanup_host_near_ struct host_near near = HOST_NEAR_NONE;
    const char *paths[] = {
        scratch_directory(&scratch, "d"),
        scratch_file(&scratch, "d/a", "x"),
        scratch_path(&scratch, "d/none"),
        scratch_file(&scratch, "d/b", "x"),
        scratch_link(&scratch, "d/link", "a"),
        scratch_link(&scratch, "e", "d"),
        scratch_path(&scratch, "e/a"),
        scratch_path(&scratch, "d/b"),
        scratch_path(&scratch, "d/b/below"),
        scratch_path(&scratch, "d/none/below"),
        scratch_directory(&scratch, "dd"),
        scratch_file(&scratch, "dd/a", "y"),
        scratch_path(&scratch, "d/a"),
        scratch_path(&scratch, "d"),
        scratch_path(&scratch, "d/"),
        scratch_path(&scratch, "d/../d/a"),
        "/",
        "/proc",
        "/proc/self/fd",
    };

    for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
        struct host_path alone = fact_of(&scratch, paths[i]);
        struct host_path fact = {0};

        cr_assert_eq(host_path_probe_near(scratch.arena, &near, paths[i], &fact), 0);
        cr_expect_eq(fact.type, alone.type, "%s", paths[i]);
        cr_expect_eq(fact.error, alone.error, "%s", paths[i]);
        cr_expect_eq(fact.inode, alone.inode, "%s", paths[i]);
        cr_expect((fact.canonical == NULL) == (alone.canonical == NULL), "%s", paths[i]);
        if (fact.canonical != NULL)
            cr_expect_str_eq(fact.canonical, alone.canonical);
    }
    cr_expect_geq(near.fd, 0);
}

/* ---- the caller ---- */

Test(host, the_caller)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    const char *const environment[] = {"A=1", "PATH=/x", "A=2", NULL};
    char *directory = scratch_directory(&scratch, "real");
    struct host host = {0};
    struct sbx_error err = {0};

    cr_assert_eq(chdir(scratch_link(&scratch, "link", "real")), 0);
    cr_assert_eq(host_probe_caller(scratch.arena, environment, &host, &err), 0, "%s", err.message);
    cr_expect_eq(host.uid, geteuid());
    cr_expect_eq(host.gid, getegid());
    cr_expect_str_eq(host.cwd, directory, "the working directory is a canonical path");
    cr_expect_eq(host.environment, environment);
    cr_expect_str_eq(host_getenv(&host, "A"), "1");
    cr_expect_null(host_getenv(&host, "PAT"));
    cr_expect_null(host_getenv(&host, "PATHX"));
    cr_expect_eq(host.landlock_abi, 0, "the machine is not looked at yet");
    for (size_t i = 0; i < host.groups.count; i++)
        cr_expect_neq(host.groups.items[i].gid, host.gid, "the primary group is no supplement");
}

Test(host, a_working_directory_that_was_removed_is_told)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *directory = scratch_directory(&scratch, "gone");
    struct host host = {.uid = 4711};
    struct sbx_error err = {0};

    cr_assert(chdir(directory) == 0 && rmdir(directory) == 0);
    cr_expect_eq(host_probe_caller(scratch.arena, no_environment, &host, &err), -ENOENT);
    cr_expect_str_eq(err.operation, "working-directory");
    cr_expect_eq(host.uid, 4711, "written only on success");
}

/* ---- a whole probe ---- */

static void ask(const struct scratch *scratch, struct host_strings *list, const char *path)
{
    cr_assert_eq(host_strings_add(list, scratch->arena, path), 0);
}

Test(host, every_question_has_one_answer)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    struct host_request request = {0};
    char *file = scratch_file(&scratch, "f", "content\n");
    char *none = scratch_path(&scratch, "none");
    struct host host;

    ask(&scratch, &request.paths, file);
    ask(&scratch, &request.paths, none);
    ask(&scratch, &request.paths, file);
    ask(&scratch, &request.files, file);
    ask(&scratch, &request.files, none);
    ask(&scratch, &request.files, scratch.path);
    host = probe(&scratch, no_environment, &request);
    cr_expect_eq(host.paths.count, 2);
    cr_expect_eq(host_path_find(&host, file)->type, HOST_FILE_REGULAR);
    cr_expect_eq(host_path_find(&host, none)->type, HOST_FILE_MISSING);
    cr_expect_null(host_path_find(&host, "/etc"), "nobody asked");
    cr_expect_str_eq(host_content_find(&host, file)->data, "content\n");
    cr_expect_eq(host_content_find(&host, file)->size, 8);
    cr_expect_eq(host_content_find(&host, none)->error, ENOENT);
    cr_expect_eq(host_content_find(&host, scratch.path)->error, EISDIR);
    cr_expect_null(host_content_find(&host, "/etc/group"));
}

Test(host, the_machine)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    struct host_request request = {0};
    struct host host = probe(&scratch, no_environment, &request);

    cr_expect_gt(host.memory, 64ULL << 20);
    cr_expect_geq(host.landlock_abi, 0);
    cr_expect_gt(host.mounts.count, 0);
    cr_expect_geq(host.fds.count, 3);
    for (int fd = 0; fd <= 2; fd++)
        cr_expect_eq(host.fds.items[fd].fd, fd);
}

/* ---- descriptors and the terminal ---- */

Test(host, descriptors)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    int keep[] = {10, 11, 12, 13, 14};
    struct host_request request = {.keep_fds = keep, .keep_fd_count = ARRAY_SIZE(keep)};
    char *file = scratch_file(&scratch, "f", "");
    struct host host;
    const struct host_fd *fds;

    cr_assert_eq(dup2(open(file, O_RDWR | O_CLOEXEC), 10), 10);
    cr_assert_eq(dup2(open(file, O_RDONLY | O_CLOEXEC), 11), 11);
    cr_assert_eq(dup2(open(scratch.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), 12), 12);
    cr_assert_eq(dup2(open(scratch.path, O_PATH | O_CLOEXEC), 13), 13);
    close(14);
    host = probe(&scratch, no_environment, &request);
    cr_assert_eq(host.fds.count, 3 + ARRAY_SIZE(keep));
    fds = host.fds.items + 3;
    cr_expect(fds[0].open && fds[0].writable && !fds[0].directory && !fds[0].terminal);
    cr_expect(fds[1].open && !fds[1].writable);
    cr_expect(fds[2].open && fds[2].directory && !fds[2].path_only);
    cr_expect(fds[3].open && fds[3].directory && fds[3].path_only && !fds[3].writable);
    cr_expect(!fds[4].open);
}

/* In a child: Criterion's own descriptors 0 to 2 are not for a test to replace. */
Test(host, the_terminal_is_known_by_its_path)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char name[128] = "";
    int outer;
    int inner;
    int status;
    pid_t child;

    if (openpty(&outer, &inner, name, NULL, NULL) < 0)
        skip_without("pty", strerror(errno));
    child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        struct host_request request = {0};
        struct host host = {0};

        if (dup2(inner, 0) < 0 || dup2(open("/dev/null", O_RDWR), 1) < 0 || close(2) < 0)
            _exit(1);
        if (host_probe_caller(scratch.arena, no_environment, &host, NULL) < 0 ||
            host_probe(scratch.arena, &request, &host, NULL) < 0)
            _exit(2);
        if (host.terminal == NULL || strcmp(host.terminal, name) != 0)
            _exit(3);
        if (!host.fds.items[0].terminal || host.fds.items[1].terminal || host.fds.items[2].open)
            _exit(4);
        _exit(0);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_expect_eq(status, 0, "%#x", (unsigned)status);
}

/* What 1 and 2 lead to, and what descriptor 2 is then said to be the same as. */
static int same_with(int output, int error)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    int status;
    pid_t child = fork();

    cr_assert_geq(child, 0);
    if (child == 0) {
        struct host_request request = {0};
        struct host host = {0};

        if (dup2(open("/dev/null", O_RDONLY), 0) < 0 || dup2(output, 1) < 0 || dup2(error, 2) < 0 ||
            host_probe_caller(scratch.arena, no_environment, &host, NULL) < 0 ||
            host_probe(scratch.arena, &request, &host, NULL) < 0)
            _exit(100);
        _exit(host_fd_find(&host, 2)->same);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* 2>&1 is one stream; so is a pipe or a file to append to, however often it was opened. */
Test(host, which_descriptors_are_one_stream)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *file = scratch_file(&scratch, "f", "");
    int plain = open(file, O_WRONLY | O_CLOEXEC);
    int again = open(file, O_WRONLY | O_CLOEXEC);
    int end = open(file, O_WRONLY | O_APPEND | O_CLOEXEC);
    int end_again = open(file, O_WRONLY | O_APPEND | O_CLOEXEC);
    int ends[2];
    int others[2];
    char name[64];

    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    cr_assert_eq(pipe2(others, O_CLOEXEC), 0);
    snprintf(name, sizeof(name), "/proc/self/fd/%d", ends[1]);
    cr_expect_eq(same_with(plain, plain), 1);
    cr_expect_eq(same_with(plain, again), 2, "each has a place of its own in the file");
    cr_expect_eq(same_with(plain, end), 2);
    cr_expect_eq(same_with(end, end_again), 1);
    cr_expect_eq(same_with(ends[1], open(name, O_WRONLY | O_CLOEXEC)), 1);
    cr_expect_eq(same_with(ends[1], others[1]), 2);
    cr_expect_eq(same_with(ends[1], plain), 2);
}

/* ---- sockets ---- */

Test(host, sockets_by_their_names)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    struct host_request request = {0};
    char *plain = scratch_socket(&scratch, "s");
    char *spaced = scratch_socket(&scratch, "a b  c");
    char *removed = scratch_socket(&scratch, "removed");
    char *file;
    struct host host;

    cr_assert_eq(unlink(removed), 0);
    file = scratch_file(&scratch, "removed", "a file of the same name");
    host = probe(&scratch, no_environment, &request);
    cr_expect(host_strings_contain(&host.sockets, plain));
    cr_expect(host_strings_contain(&host.sockets, spaced));
    cr_expect_not(host_strings_contain(&host.sockets, file));
}

/* By whatever names: each is there once. */
Test(host, sockets_of_several_directories)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *directory = scratch_directory(&scratch, "d");
    char *direct = scratch_socket(&scratch, "d/b");
    char *last = scratch_socket(&scratch, "d/c");
    char *through;
    char *deeper;
    struct host_request request = {0};
    struct host host;
    size_t count = 0;

    scratch_directory(&scratch, "d/b.d");
    deeper = scratch_socket(&scratch, "d/b.d/x");
    scratch_link(&scratch, "l", "d");
    scratch_link(&scratch, "link-to-socket", "d/c");
    scratch_socket(&scratch, "l/a");
    through = scratch_path(&scratch, "d/a");
    host = probe(&scratch, no_environment, &request);
    cr_expect(host_strings_contain(&host.sockets, direct));
    cr_expect(host_strings_contain(&host.sockets, deeper));
    cr_expect(host_strings_contain(&host.sockets, last));
    cr_expect(host_strings_contain(&host.sockets, through));
    for (size_t i = 0; i < host.sockets.count; i++) {
        for (size_t k = 0; k < i; k++)
            cr_expect_str_neq(host.sockets.items[i], host.sockets.items[k]);
        count += strncmp(host.sockets.items[i], scratch.path, strlen(scratch.path)) == 0;
    }
    cr_expect_eq(count, 4, "%zu in %s", count, directory);
}

Test(host, a_socket_that_was_renamed_or_bound_by_a_relative_name)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    struct host_request request = {0};
    char *renamed = scratch_path(&scratch, "new-name");
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "relative"};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct host host;

    cr_assert_eq(rename(scratch_socket(&scratch, "old-name"), renamed), 0);
    cr_assert_eq(chdir(scratch.path), 0);
    cr_assert(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 && listen(fd, 1) == 0);
    host = probe(&scratch, no_environment, &request);
    cr_expect(host_strings_contain(&host.sockets, renamed));
    cr_expect(host_strings_contain(&host.sockets, scratch_path(&scratch, "relative")),
              "the working directory is looked through");
    cr_expect_geq(host.lost_sockets, 2, "their names tell nothing");
}

/* A name with a line break splits its row of the table: it must be found, or counted as lost. */
Test(host, a_socket_with_a_line_break_in_its_name)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    struct host_request request = {0};
    unsigned lost = probe(&scratch, no_environment, &request).lost_sockets;
    char *odd;
    struct host host;

    scratch_directory(&scratch, "sub");
    odd = scratch_socket(&scratch, "sub/two\nlines");
    host = probe(&scratch, no_environment, &request);
    cr_expect(host_strings_contain(&host.sockets, odd) || host.lost_sockets > lost);
}

/* ---- aliases ---- */

static void add_mount(const struct scratch *scratch, struct host *host, unsigned minor,
                      const char *root, const char *point)
{
    struct host_mount *mount = ARENA_PUSH(scratch->arena, &host->mounts);

    *mount = (struct host_mount){.id = (int)host->mounts.count,
                                 .major = 8,
                                 .minor = minor,
                                 .root = root,
                                 .point = point,
                                 .type = "ext4"};
}

static bool has_alias(const struct host *host, const char *path, const char *alias)
{
    for (size_t i = 0; i < host->aliases.count; i++)
        if (strcmp(host->aliases.items[i].path, path) == 0 &&
            strcmp(host->aliases.items[i].alias, alias) == 0)
            return true;
    return false;
}

/* Links stand for second mounts of the same file system: they show the same files. */
Test(host, a_file_system_that_is_mounted_twice)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *home = scratch_directory(&scratch, "disk/homes/al");
    char *disk = scratch_path(&scratch, "disk");
    char *again = scratch_link(&scratch, "again", "disk");
    char *part = scratch_link(&scratch, "part", "disk/homes");
    char *covered = scratch_directory(&scratch, "covered");
    char *other = scratch_link(&scratch, "other", "disk");
    struct host host = {0};

    add_mount(&scratch, &host, 9, "/", "/");
    add_mount(&scratch, &host, 1, "/", disk);
    add_mount(&scratch, &host, 1, "/", again);
    add_mount(&scratch, &host, 1, "/homes", part);
    add_mount(&scratch, &host, 1, "/", covered); /* something else lies over it */
    add_mount(&scratch, &host, 2, "/", other);   /* another file system */
    cr_assert_eq(host_aliases_probe(scratch.arena, &host, home), 0);
    cr_expect(has_alias(&host, home, scratch_path(&scratch, "again/homes/al")));
    cr_expect(has_alias(&host, home, scratch_path(&scratch, "part/al")));
    cr_expect_eq(host.aliases.count, 2);
}

Test(host, a_part_of_the_home_that_is_mounted_elsewhere)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *home = scratch_directory(&scratch, "al");
    char *elsewhere = scratch_directory(&scratch, "elsewhere");
    char *inside = scratch_directory(&scratch, "al/inside");
    char *similar = scratch_directory(&scratch, "similar");
    struct host host = {0};

    add_mount(&scratch, &host, 1, "/", scratch.path);
    add_mount(&scratch, &host, 1, "/al/keys", elsewhere);
    add_mount(&scratch, &host, 1, "/al/keys", inside); /* is hidden with the home */
    add_mount(&scratch, &host, 1, "/alice", similar);
    cr_assert_eq(host_aliases_probe(scratch.arena, &host, home), 0);
    cr_expect(has_alias(&host, home, elsewhere));
    for (size_t i = 0; i < host.aliases.count; i++)
        cr_expect_str_eq(host.aliases.items[i].alias, elsewhere);
}

Test(host, without_mounts_there_are_no_aliases)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    struct host host = {0};

    cr_expect_eq(host_aliases_probe(scratch.arena, &host, scratch.path), 0);
    cr_expect_eq(host.aliases.count, 0);
}

/* All of the caller's groups are told of, however many: each may give rights that stay in force. */
Test(host, more_groups_than_most_have)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    int status;
    pid_t child;

    if (geteuid() != 0)
        SCRATCH_SKIP(&scratch, "only root can take groups");
    child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        struct host host = {0};
        gid_t groups[100];

        for (unsigned i = 0; i < 100; i++)
            groups[i] = 5000 + i;
        if (setgroups(100, groups) < 0 ||
            host_probe_caller(scratch.arena, no_environment, &host, NULL) < 0)
            _exit(1);
        _exit(host.groups.count == 100 && host.groups.items[99].gid == 5099 ? 0 : 2);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_expect_eq(status, 0, "%#x", (unsigned)status);
}
