/* SPDX-License-Identifier: Apache-2.0 */
/* What a run needs of a home: the work tree, links of PATH, the command's interpreters. */
#include "base/cleanup.h"
#include "unit/host_trial.h"

#include <elf.h>

static bool has_file(const struct host_paths *files, const char *path)
{
    for (size_t i = 0; i < files->count; i++)
        if (strcmp(files->items[i].path, path) == 0)
            return true;
    return false;
}

/* ---- the work tree ---- */

static const char *worktree_from(const struct scratch *scratch, const char *directory)
{
    struct host_request request = {.workdir = scratch_path(scratch, directory)};
    struct host host = probe(scratch, no_environment, &request);

    return host.worktree.path;
}

Test(host_command, the_nearest_work_tree)
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

Test(host_command, the_work_tree_of_the_callers_own_directory)
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

Test(host_command, links_in_directories_of_path)
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

Test(host_command, directories_outside_of_a_home_are_not_looked_through)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *outside = scratch_directory(&scratch, "outside");

    scratch_directory(&scratch, "home/app");
    scratch_bytes(&scratch, "home/app/tool", "x", 1, 0755);
    scratch_link(&scratch, "outside/tool", "../home/app/tool");
    cr_expect_eq(probe_path(&scratch, outside).path_files.count, 0);
}

/* A link in the home may have been planted to bring another directory into view. */
Test(host_command, a_directory_of_path_that_is_a_link_in_the_home)
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

Test(host_command, a_chain_of_interpreters)
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

Test(host_command, a_command_that_is_a_link)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *real = script(&scratch, "real", "#!/bin/sh\n");
    char *link = scratch_link(&scratch, "link", "real");
    struct host host = probe_command(&scratch, "./link", NULL);

    cr_expect(has_file(&host.command_files, link));
    cr_expect(has_file(&host.command_files, real));
}

/* Whoever wrote the script must not choose what comes into view. */
Test(host_command, an_interpreter_that_cannot_be_executed_is_no_interpreter)
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

Test(host_command, a_script_that_is_its_own_interpreter_ends, .timeout = 20)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *path = scratch_path(&scratch, "self");
    struct host host;

    script(&scratch, "self", arena_printf(scratch.arena, "#!%s\n", path));
    host = probe_command(&scratch, path, NULL);
    cr_expect_eq(host.command_files.count, 1);
}

Test(host_command, first_lines_that_name_nothing)
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
Test(host_command, a_first_line_that_is_cut_off)
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

Test(host_command, commands_are_looked_up_in_path)
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

Test(host_command, the_loader_of_a_program)
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
Test(host_command, the_loader_ends_the_chain)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *secret = script(&scratch, "secret", "x");
    char *loader = script(&scratch, "loader", arena_printf(scratch.arena, "#!%s\n", secret));
    struct image image = image_of(loader);
    char *path = scratch_bytes(&scratch, "program", &image, sizeof(image), 0755);
    struct host host = probe_command(&scratch, path, NULL);

    cr_expect_not(has_file(&host.command_files, secret));
}

Test(host_command, hostile_programs_name_no_loader)
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

Test(host_command, programs_that_are_cut_short)
{
    _cleanup_scratch_ struct scratch scratch = scratch_new();
    char *loader = scratch_bytes(&scratch, "loader", "x", 1, 0755);
    struct image image = image_of(loader);
    size_t whole = offsetof(struct image, interpreter) + strlen(loader) + 1;

    for (size_t size = 0; size < whole; size++)
        cr_expect_eq(files_of_image(&scratch, &image, size), 1, "%zu bytes", size);
    cr_expect_eq(files_of_image(&scratch, &image, whole), 2);
}
