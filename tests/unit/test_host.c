/* SPDX-License-Identifier: Apache-2.0 */
/* The facts that host_probe() finds, each in a directory tree that the test makes. */
#include "kernel/host.h"

#include "kernel/host_internal.h"
#include "unit/init_driver.h"
#include "unit/scratch.h"

#include <elf.h>
#include <pty.h>
#include <sys/sysmacros.h>

#undef PATH

static struct host_path fact_of(const struct scratch *scratch, const char *path)
{
    struct host_path fact = {0};

    cr_assert_eq(host_path_probe(scratch->arena, path, &fact), 0);
    return fact;
}

static bool has_file(const struct host_paths *files, const char *path)
{
    for (size_t i = 0; i < files->count; i++)
        if (strcmp(files->items[i].path, path) == 0)
            return true;
    return false;
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

/* ---- the caller ---- */

static const char *const no_environment[] = {NULL};

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

/** The caller's working directory is the scratch directory. */
static struct host probe(const struct scratch *scratch, const char *const *environment,
                         const struct host_request *request)
{
    struct host host = {0};
    struct sbx_error err = {0};

    cr_assert_eq(chdir(scratch->path), 0);
    cr_assert_eq(host_probe_caller(scratch->arena, environment, &host, &err), 0, "%s", err.message);
    cr_assert_eq(host_probe(scratch->arena, request, &host, &err), 0, "%s", err.message);
    return host;
}

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
    cr_expect_null(host_content_find(&host, "/etc/passwd"));
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

/* ---- the work tree ---- */

static const char *worktree_from(const struct scratch *scratch, const char *directory)
{
    struct host_request request = {.workdir = scratch_path(scratch, directory)};
    struct host host = probe(scratch, no_environment, &request);

    return host.worktree.path;
}

Test(host, the_nearest_work_tree)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();

    scratch_directory(&scratch, "outer/.git");
    scratch_directory(&scratch, "outer/inner/deep/down");
    scratch_file(&scratch, "outer/inner/.git", "gitdir: elsewhere\n");
    scratch_directory(&scratch, "plain/sub");
    scratch_directory(&scratch, "planted");
    scratch_link(&scratch, "planted/.git", "/");
    scratch_link(&scratch, "link", "outer/inner/deep");
    cr_expect_str_eq(worktree_from(&scratch, "outer"), scratch_path(&scratch, "outer"));
    cr_expect_str_eq(worktree_from(&scratch, "outer/inner/deep/down"),
                     scratch_path(&scratch, "outer/inner"), "a file .git counts too");
    cr_expect_str_eq(worktree_from(&scratch, "link"), scratch_path(&scratch, "outer/inner"));
    cr_expect_null(worktree_from(&scratch, "plain/sub"));
    cr_expect_null(worktree_from(&scratch, "planted"), "a link .git does not");
}

Test(host, the_work_tree_of_the_callers_own_directory)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    struct host_request request = {0};

    scratch_directory(&scratch, ".git");
    cr_expect_str_eq(probe(&scratch, no_environment, &request).worktree.path, scratch.path);
}

/* ---- what directories of PATH link to ---- */

static struct host probe_path(const struct scratch *scratch, const char *search_path)
{
    const char *const environment[] = {arena_printf(scratch->arena, "HOME=%s/home", scratch->path),
                                       NULL};
    struct host_request request = {.search_path = search_path};

    return probe(scratch, environment, &request);
}

Test(host, links_in_directories_of_path)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *bin = scratch_directory(&scratch, "home/bin");
    char *tool;
    struct host host;

    scratch_directory(&scratch, "home/app");
    tool = scratch_bytes(&scratch, "home/app/tool", "x", 1, 0755);
    scratch_file(&scratch, "home/app/secret", "x");
    scratch_bytes(&scratch, "home/bin/own", "x", 1, 0755);
    scratch_link(&scratch, "home/bin/tool", "../app/tool");
    scratch_link(&scratch, "home/bin/hop", "tool");
    scratch_link(&scratch, "home/bin/secret", "../app/secret");
    scratch_link(&scratch, "home/bin/dangling", "nowhere");
    scratch_link(&scratch, "home/bin/directory", "../app");
    scratch_link(&scratch, "home/bin/loop", "loop");
    host = probe_path(&scratch, arena_printf(scratch.arena, "/usr/bin:%s:rel:", bin));
    cr_expect(has_file(&host.path_files, tool));
    cr_expect_not(has_file(&host.path_files, scratch_path(&scratch, "home/app/secret")),
                  "what cannot be executed is no program");
    cr_expect_not(has_file(&host.path_files, scratch_path(&scratch, "home/bin/own")),
                  "what lies there itself needs no grant");
    cr_expect_not(has_file(&host.path_files, scratch_path(&scratch, "home/app")));
    for (size_t i = 0; i < host.path_files.count; i++) {
        cr_expect_eq(host.path_files.items[i].type, HOST_FILE_REGULAR);
        cr_expect_str_eq(host.path_files.items[i].canonical, tool);
    }
}

Test(host, directories_outside_of_a_home_are_not_looked_through)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *outside = scratch_directory(&scratch, "outside");

    scratch_directory(&scratch, "home/app");
    scratch_bytes(&scratch, "home/app/tool", "x", 1, 0755);
    scratch_link(&scratch, "outside/tool", "../home/app/tool");
    cr_expect_eq(probe_path(&scratch, outside).path_files.count, 0);
}

/* A link in the home may have been planted to bring another directory into view. */
Test(host, a_directory_of_path_that_is_a_link_in_the_home)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *link;

    scratch_directory(&scratch, "home/private");
    scratch_bytes(&scratch, "home/tool", "x", 1, 0755);
    scratch_link(&scratch, "home/private/tool", "../tool");
    link = scratch_link(&scratch, "home/bin", "private");
    cr_expect_eq(probe_path(&scratch, link).path_files.count, 0);
}

/* ---- the command's files ---- */

static struct host probe_command(const struct scratch *scratch, const char *command,
                                 const char *search_path)
{
    struct host_request request = {.command = command, .search_path = search_path};

    return probe(scratch, no_environment, &request);
}

static char *script(const struct scratch *scratch, const char *name, const char *line)
{
    return scratch_bytes(scratch, name, line, strlen(line), 0755);
}

Test(host, a_chain_of_interpreters)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *last = script(&scratch, "last", "#!/bin/sh\n");
    char *middle = script(&scratch, "middle", arena_printf(scratch.arena, "#! \t%s -x y\n", last));
    char *first = script(&scratch, "first", arena_printf(scratch.arena, "#!%s\n", middle));
    struct host host = probe_command(&scratch, first, NULL);

    cr_expect(has_file(&host.command_files, first));
    cr_expect(has_file(&host.command_files, middle));
    cr_expect(has_file(&host.command_files, last));
    cr_expect(has_file(&host.command_files, "/bin/sh"));
}

Test(host, a_command_that_is_a_link)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *real = script(&scratch, "real", "#!/bin/sh\n");
    char *link = scratch_link(&scratch, "link", "real");
    struct host host = probe_command(&scratch, "./link", NULL);

    cr_expect(has_file(&host.command_files, link));
    cr_expect(has_file(&host.command_files, real));
}

/* Whoever wrote the script must not choose what comes into view. */
Test(host, an_interpreter_that_cannot_be_executed_is_no_interpreter)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *secret = scratch_file(&scratch, "secret", "key");
    char *directory = scratch_directory(&scratch, "directory");
    char *command = script(&scratch, "c", arena_printf(scratch.arena, "#!%s\n", secret));
    char *other = script(&scratch, "o", arena_printf(scratch.arena, "#!%s\n", directory));
    struct host host = probe_command(&scratch, command, NULL);

    cr_expect(has_file(&host.command_files, command));
    cr_expect_not(has_file(&host.command_files, secret));
    host = probe_command(&scratch, other, NULL);
    cr_expect_not(has_file(&host.command_files, directory));
}

Test(host, a_script_that_is_its_own_interpreter_ends, .timeout = 20)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *path = scratch_path(&scratch, "self");
    struct host host;

    script(&scratch, "self", arena_printf(scratch.arena, "#!%s\n", path));
    host = probe_command(&scratch, path, NULL);
    cr_expect_eq(host.command_files.count, 1);
}

Test(host, first_lines_that_name_nothing)
{
    static const char *const lines[] = {"",
                                        "#",
                                        "#!",
                                        "#!\n",
                                        "#! \t \n",
                                        "#!relative\n",
                                        "#!../x\n",
                                        "##!/bin/sh\n",
                                        " #!/bin/sh\n",
                                        "#!\n/bin/sh"};

    for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
        _cleanup_scratch_ struct scratch scratch = scratch_new();
        char *path = script(&scratch, "c", lines[i]);
        struct host host = probe_command(&scratch, path, NULL);

        cr_expect_eq(host.command_files.count, 1, "%zu: %zu files", i, host.command_files.count);
    }
}

/* The kernel cuts the line in the same way; what it would refuse is not brought into view. */
Test(host, a_first_line_that_is_cut_off)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char line[600];
    char *command;

    memset(line, '/', sizeof(line)); /* "////...//bin/sh" is /bin/sh, past the 256th byte */
    memcpy(line, "#!", 2);
    snprintf(line + 500, sizeof(line) - 500, "bin/sh\n");
    command = script(&scratch, "c", line);
    cr_expect_eq(probe_command(&scratch, command, NULL).command_files.count, 1);
}

Test(host, commands_are_looked_up_in_path)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *found;
    struct host host;

    scratch_directory(&scratch, "1");
    scratch_directory(&scratch, "2/tool");
    scratch_directory(&scratch, "3");
    scratch_file(&scratch, "1/tool", "not executable");
    found = script(&scratch, "3/tool", "#!/bin/sh\n");
    host = probe_command(
        &scratch, "tool",
        arena_printf(scratch.arena, "/nowhere::%s/1:%s/2:3:/usr/bin", scratch.path, scratch.path));
    cr_expect(has_file(&host.command_files, found), "a relative part counts from the directory");
    cr_expect_not(has_file(&host.command_files, scratch_path(&scratch, "1/tool")));
    cr_expect_eq(probe_command(&scratch, "tool", NULL).command_files.count, 0);
    cr_expect_eq(probe_command(&scratch, "", "/usr/bin").command_files.count, 0);
    cr_expect_eq(probe_command(&scratch, "no-such-tool", "/usr/bin").command_files.count, 0);
    cr_expect_eq(probe_command(&scratch, "/", "/usr/bin").command_files.count, 0);
}

/* ---- ELF ---- */

struct image {
    Elf64_Ehdr header;
    Elf64_Phdr segments[2];
    char interpreter[PATH_MAX];
};

/* A program whose second segment names @interpreter. */
static struct image image_of(const char *interpreter)
{
    struct image image = {
        .header = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
                               EV_CURRENT},
                   .e_type = ET_DYN,
                   .e_ehsize = sizeof(Elf64_Ehdr),
                   .e_phoff = sizeof(Elf64_Ehdr),
                   .e_phentsize = sizeof(Elf64_Phdr),
                   .e_phnum = 2},
        .segments = {{.p_type = PT_LOAD},
                     {.p_type = PT_INTERP,
                      .p_offset = offsetof(struct image, interpreter),
                      .p_filesz = strlen(interpreter) + 1}},
    };

    strcpy(image.interpreter, interpreter);
    return image;
}

static size_t files_of_image(const struct scratch *scratch, const void *data, size_t size)
{
    char *path = scratch_bytes(scratch, "program", data, size, 0755);

    return probe_command(scratch, path, NULL).command_files.count;
}

Test(host, the_loader_of_a_program)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *loader = scratch_bytes(&scratch, "loader", "x", 1, 0755);
    struct image image = image_of(loader);
    char *path = scratch_bytes(&scratch, "program", &image, sizeof(image), 0755);
    struct host host = probe_command(&scratch, path, NULL);

    cr_expect(has_file(&host.command_files, path));
    cr_expect(has_file(&host.command_files, loader));
    /* without a NUL at its end too */
    image.segments[1].p_filesz--;
    cr_expect_eq(files_of_image(&scratch, &image, sizeof(image)), 2);
}

/* A loader is not interpreted again: a script in its place is nothing that the kernel would run. */
Test(host, the_loader_ends_the_chain)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *secret = script(&scratch, "secret", "x");
    char *loader = script(&scratch, "loader", arena_printf(scratch.arena, "#!%s\n", secret));
    struct image image = image_of(loader);
    char *path = scratch_bytes(&scratch, "program", &image, sizeof(image), 0755);
    struct host host = probe_command(&scratch, path, NULL);

    cr_expect_not(has_file(&host.command_files, secret));
}

Test(host, hostile_programs_name_no_loader)
{
    static const uint64_t numbers[] = {1,
                                       4000,
                                       4095,
                                       4096,
                                       4097,
                                       INT32_MAX,
                                       UINT32_MAX,
                                       1ULL << 40,
                                       INT64_MAX,
                                       UINT64_MAX,
                                       UINT64_MAX - 1,
                                       UINT64_MAX - 55,
                                       UINT64_MAX - 4095};
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *loader = scratch_bytes(&scratch, "loader", "x", 1, 0755);
    struct image good = image_of(loader);
    struct image image = good;

    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
        image = good;
        image.header.e_phoff = numbers[i];
        cr_expect_eq(files_of_image(&scratch, &image, sizeof(image)), 1, "e_phoff %zu", i);
        image = good;
        image.segments[1].p_offset = numbers[i];
        cr_expect_eq(files_of_image(&scratch, &image, sizeof(image)), 1, "p_offset %zu", i);
        if (numbers[i] < 4000)
            continue;
        image = good;
        image.segments[1].p_filesz = numbers[i];
        cr_expect_eq(files_of_image(&scratch, &image, sizeof(image)), 1, "p_filesz %zu", i);
    }
    image = good;
    image.header.e_phnum = 0;
    cr_expect_eq(files_of_image(&scratch, &image, sizeof(image)), 1, "no segments");
    image = good;
    image.header.e_phnum = UINT16_MAX;
    image.segments[1].p_type = PT_NULL;
    cr_expect_eq(files_of_image(&scratch, &image, sizeof(image)), 1, "65535 segments");
    image = good;
    image.header.e_phentsize = 1;
    cr_expect_eq(files_of_image(&scratch, &image, sizeof(image)), 1, "small segments");
    image = good;
    image.header.e_ident[EI_CLASS] = ELFCLASS32;
    cr_expect_eq(files_of_image(&scratch, &image, sizeof(image)), 1, "32 bits");
    image = good;
    image.segments[1].p_filesz = 0;
    cr_expect_eq(files_of_image(&scratch, &image, sizeof(image)), 1, "an empty name");
}

Test(host, programs_that_are_cut_short)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *loader = scratch_bytes(&scratch, "loader", "x", 1, 0755);
    struct image image = image_of(loader);
    size_t whole = offsetof(struct image, interpreter) + strlen(loader) + 1;

    for (size_t size = 0; size < whole; size++)
        cr_expect_eq(files_of_image(&scratch, &image, size), 1, "%zu bytes", size);
    cr_expect_eq(files_of_image(&scratch, &image, whole), 2);
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
