/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any text in the small files that the host's facts come from: lists of sockets, cgroups,
 * subordinate ids, accounts, id maps, a process.  "SUFFIX\n TEXT NUL SUFFIX\n TEXT NUL ...":
 * whoever reads a file whose name ends in SUFFIX is given TEXT; other files are not there.  The
 * linker puts
 * __wrap_io_read_file() in the place of io_read_file() (--wrap in tests/CMakeLists.txt).
 */
#include "fuzz/fuzz.h"

#include "base/io.h"
#include "base/pattern.h"
#include "kernel/account.h"
#include "kernel/cgroup.h"
#include "kernel/checkup_internal.h"
#include "kernel/host_internal.h"
#include "kernel/process_tree.h"

#include <errno.h>
#include <jansson.h>
#include <unistd.h>

#define MOST_FILES 8

int __real_io_read_file(struct arena *arena, int directory, const char *path, size_t limit,
                        char **ret_data, size_t *ret_size);
int __wrap_io_read_file(struct arena *arena, int directory, const char *path, size_t limit,
                        char **ret_data, size_t *ret_size);

/* What there is to be read; the process has no other state. */
static struct {
    bool on;
    unsigned reads;
    size_t count;
    struct {
        const char *suffix;
        const char *text;
    } items[MOST_FILES];
} files;

int __wrap_io_read_file(struct arena *arena, int directory, const char *path, size_t limit,
                        char **ret_data, size_t *ret_size)
{
    if (!files.on)
        return __real_io_read_file(arena, directory, path, limit, ret_data, ret_size);
    /* a tree of processes may have no end */
    for (size_t i = 0; i < files.count && files.reads++ < 256; i++) {
        size_t length = strlen(files.items[i].suffix);
        size_t size = strlen(files.items[i].text);

        if (length > strlen(path) ||
            strcmp(path + strlen(path) - length, files.items[i].suffix) != 0)
            continue;
        if (size > limit)
            return -EFBIG;
        *ret_data = arena_strdup(arena, files.items[i].text);
        if (*ret_data == NULL)
            return -ENOMEM;
        if (ret_size != NULL)
            *ret_size = size;
        return 0;
    }
    return -ENOENT;
}

static void check_host(struct arena *arena)
{
    struct host_mount mounts[] = {{.root = "/", .point = "/", .type = "ext4"},
                                  {.root = "/", .point = "/nowhere", .type = "cgroup2"}};
    struct host host = {
        .uid = 1000, .user = "u", .cwd = "/nowhere/p", .mounts = {.items = mounts, .count = 2}};
    const struct host_request request = {.cgroups = true};
    struct checkup checkup = {0};
    struct host caller;

    CHECK(host_sockets_probe(arena, &host) <= 0);
    for (size_t i = 0; i < host.sockets.count; i++)
        CHECK(host.sockets.items[i][0] == '/', "%s", host.sockets.items[i]);
    CHECK(host_cgroups_probe(arena, &request, &host) == 0);
    for (size_t i = 0; i < host.cgroups.count; i++)
        CHECK(host.cgroups.items[i].path[0] == '/', "%s", host.cgroups.items[i].path);
    CHECK(checkup_read(arena, &host, &checkup) == 0);
    if (host_probe_caller(arena, (const char *const[]){NULL}, &caller, NULL) == 0)
        CHECK(!caller.is_root || geteuid() == 0);
}

static void check_account(struct arena *arena, const char *text)
{
    struct account account = {0};

    if (account_in_text(arena, text, strlen(text), "u", 0, &account) == 0)
        CHECK(strcmp(account.name, "u") == 0 && account.home != NULL && account.shell != NULL);
    if (account_in_text(arena, text, strlen(text), NULL, 1000, &account) == 0)
        CHECK(account.uid == 1000 && account.name != NULL);
}

static void check_pattern(struct arena *arena, const char *pattern, const char *name)
{
    char *literal = arena_alloc(arena, strlen(pattern) + 1);
    json_t *utf8 = json_string(pattern); /* as all that a profile says */

    (void)pattern_fits(pattern, strlen(pattern), name);
    if (pattern_is_literal(pattern, strlen(pattern), literal) && literal[0] != '\0' && utf8 != NULL)
        CHECK(pattern_fits(pattern, strlen(pattern), literal), "%s: %s", pattern, literal);
    json_decref(utf8);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {.data = data, .size = size};
    struct arena *arena = arena_new();
    struct process_tree tree;

    CHECK(arena != NULL);
    files.count = files.reads = 0;
    for (files.on = true; input.size > 0 && files.count < MOST_FILES; files.count++) {
        files.items[files.count].suffix = input_text(&input, arena, '\n');
        files.items[files.count].text = input_text(&input, arena, '\0');
    }
    check_host(arena);
    if (process_tree_read(getpid(), &tree) == 0)
        CHECK(tree.processes > 0);
    for (size_t i = 0; i < files.count; i++) {
        const char *text = files.items[i].text;
        char names[CGROUP_NAMES_SIZE];
        unsigned mask = cgroup_controllers_parse(text);

        CHECK(cgroup_controllers_parse(cgroup_controllers_print(mask, "", names)) == mask);
        check_account(arena, text);
        check_pattern(arena, files.items[i].suffix, text);
    }
    files.on = false;
    arena_free(arena);
    return 0;
}
