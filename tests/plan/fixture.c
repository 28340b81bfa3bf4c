/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/fixture.h"

#include "base/cleanup.h"
#include "base/path.h"
#include "policy/value.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 4 /* of include */

struct reader {
    struct arena *arena;
    struct fixture *fixture;
    const char *file;
    unsigned line;
    unsigned depth;
    const char **words; /* of the line, NULL-terminated */
    size_t count;
};

static void read_file(struct arena *arena, const char *name, unsigned depth,
                      struct fixture *fixture);

const char *fixture_directory(struct arena *arena, const char *name)
{
    const char *tests = getenv("SBX_TESTS");

    if (tests != NULL)
        return arena_printf(arena, "%s/plan/%s", tests, name);
    return path_join(arena, path_parent(arena, __FILE__), name);
}

void fixture_words(struct arena *arena, const char *line, struct host_strings *ret_words)
{
    while (*(line += strspn(line, " \t\n")) != '\0') {
        char *word = arena_alloc(arena, strlen(line) + 1);
        char *end = word;

        for (; *line != '\0' && strchr(" \t\n", *line) == NULL; line++) {
            char byte = *line;

            if (byte == '\\' && line[1] >= '0' && line[1] <= '3' &&
                strspn(line + 1, "01234567") >= 3) {
                byte = (char)strtoul((char[]){line[1], line[2], line[3], '\0'}, NULL, 8);
                line += 3;
            }
            *end++ = byte;
        }
        cr_assert_eq(host_strings_add(ret_words, arena, word), 0);
    }
}

static void need(const struct reader *reader, int good, const char *why)
{
    cr_assert(good, "%s.host:%u: %s: %s", reader->file, reader->line, reader->words[0], why);
}

static uint64_t number(const struct reader *reader, size_t index)
{
    char *end;
    unsigned long long value;

    need(reader, index < reader->count, "a number is missing");
    value = strtoull(reader->words[index], &end, 10);
    need(reader, *end == '\0' && end != reader->words[index], "this is not a number");
    return value;
}

static const char *word(const struct reader *reader, size_t index)
{
    need(reader, index < reader->count, "a word is missing");
    return strcmp(reader->words[index], "none") == 0 ? NULL : reader->words[index];
}

static struct host_path *path_slot(struct reader *reader, const char *path)
{
    struct host_paths *paths = &reader->fixture->facts.paths;
    struct host_path *slot = NULL;

    for (size_t i = 0; i < paths->count && slot == NULL; i++)
        if (strcmp(paths->items[i].path, path) == 0)
            slot = &paths->items[i];
    if (slot == NULL) {
        const struct host_path fact = {.path = path};

        cr_assert_eq(host_paths_add(paths, reader->arena, &fact), 0);
        slot = &paths->items[paths->count - 1];
    }
    *slot = (struct host_path){.path = path, .device = 2049};
    slot->inode = 1000 + (uint64_t)(slot - paths->items);
    return slot;
}

/* dir|file|socket|device|other PATH [owner=UID] */
static int read_path(struct reader *reader)
{
    static const char *const names[] = {[HOST_FILE_DIRECTORY] = "dir",
                                        [HOST_FILE_REGULAR] = "file",
                                        [HOST_FILE_SOCKET] = "socket",
                                        [HOST_FILE_DEVICE] = "device",
                                        [HOST_FILE_OTHER] = "other"};
    struct host_path *slot;
    size_t type = 0;

    while (type < ARRAY_SIZE(names) &&
           (names[type] == NULL || strcmp(names[type], reader->words[0]) != 0))
        type++;
    if (type == ARRAY_SIZE(names))
        return 0;
    slot = path_slot(reader, word(reader, 1));
    slot->type = (enum host_file_type)type;
    slot->canonical = slot->path;
    if (reader->count > 2) {
        need(reader, sscanf(reader->words[2], "owner=%u", &slot->owner) == 1, "owner=UID");
        need(reader, reader->count == 3, "too many words");
    }
    if (type == HOST_FILE_SOCKET)
        host_strings_add_new(&reader->fixture->facts.sockets, reader->arena, slot->path);
    return 1;
}

/* link PATH TARGET: PATH leads to TARGET, which is known already */
static void read_link(struct reader *reader)
{
    const struct host_path *target = host_path_find(&reader->fixture->facts, word(reader, 2));
    struct host_path fact;

    need(reader, target != NULL && target->canonical != NULL, "the target is not known yet");
    fact = *target;
    fact.path = word(reader, 1);
    *path_slot(reader, fact.path) = fact;
}

/* missing PATH [EACCES]: what opening it fails with */
static void read_missing(struct reader *reader)
{
    struct host_path *slot = path_slot(reader, word(reader, 1));
    const char *name = reader->count > 2 ? reader->words[2] : "ENOENT";

    slot->error = strcmp(name, "EACCES") == 0    ? EACCES
                  : strcmp(name, "ENOTDIR") == 0 ? ENOTDIR
                  : strcmp(name, "EIO") == 0     ? EIO
                                                 : ENOENT;
    need(reader, strcmp(strerrorname_np(slot->error), name) == 0, "this errno is not known here");
    slot->inode = 0;
}

/* fd N closed | fd N [read|write] [file] [directory] [path-only] [terminal] [pipe] [same-as-1] */
static void read_fd(struct reader *reader)
{
    struct host_fds *fds = &reader->fixture->facts.fds;
    struct host_fd fact = {.fd = (int)number(reader, 1), .open = true};
    struct host_fd *slot = NULL;

    fact.same = fact.fd;
    for (size_t i = 2; i < reader->count; i++) {
        const char *text = reader->words[i];

        if (strcmp(text, "closed") == 0)
            fact.open = false;
        else if (strcmp(text, "write") == 0)
            fact.writable = true;
        else if (strcmp(text, "file") == 0)
            fact.file = true;
        else if (strcmp(text, "directory") == 0)
            fact.directory = true;
        else if (strcmp(text, "path-only") == 0)
            fact.path_only = true;
        else if (strcmp(text, "terminal") == 0)
            fact.terminal = true;
        else if (strcmp(text, "pipe") == 0)
            fact.pipe = true;
        else if (strncmp(text, "same-as-", 8) == 0)
            fact.same = text[8] - '0';
        else
            need(reader, strcmp(text, "read") == 0, "this word is not known");
    }
    for (size_t i = 0; i < fds->count && slot == NULL; i++)
        if (fds->items[i].fd == fact.fd)
            slot = &fds->items[i];
    *(slot != NULL ? slot : ARENA_PUSH(reader->arena, fds)) = fact;
}

/* mount ID PARENT MAJOR:MINOR ROOT POINT TYPE */
static void read_mount(struct reader *reader)
{
    struct host_mount *mount = ARENA_PUSH(reader->arena, &reader->fixture->facts.mounts);

    mount->id = (int)number(reader, 1);
    mount->parent = (int)number(reader, 2);
    need(reader, sscanf(word(reader, 3), "%u:%u", &mount->major, &mount->minor) == 2, "the device");
    mount->root = word(reader, 4);
    mount->point = word(reader, 5);
    mount->type = word(reader, 6);
    need(reader, reader->count == 7, "too many words");
}

static void read_content(struct reader *reader)
{
    struct host_content *content = ARENA_PUSH(reader->arena, &reader->fixture->facts.contents);

    content->path = word(reader, 1);
    if (reader->count == 4 && strcmp(reader->words[2], "error") == 0) {
        content->error = (int)number(reader, 3);
        return;
    }
    content->data = word(reader, 2);
    content->size = strlen(content->data);
}

static void remove_at(struct host_strings *strings, size_t index)
{
    memmove(&strings->items[index], &strings->items[index + 1],
            (--strings->count - index) * sizeof(*strings->items));
}

static void remove_string(struct host_strings *strings, const char *text)
{
    for (size_t i = 0; i < strings->count; i++)
        if (strcmp(strings->items[i], text) == 0)
            remove_at(strings, i--);
}

/* env NAME=VALUE | unset NAME */
static void read_variable(struct reader *reader, bool set)
{
    struct host_strings *variables = &reader->fixture->variables;
    const char *text = word(reader, 1);
    size_t length = strcspn(text, "=");

    for (size_t i = 0; i < variables->count; i++)
        if (strncmp(variables->items[i], text, length) == 0 && variables->items[i][length] == '=')
            remove_at(variables, i--);
    if (set)
        host_strings_add(variables, reader->arena, text);
}

/* user NAME [remote] */
static void read_user(struct reader *reader)
{
    struct host *facts = &reader->fixture->facts;

    facts->user = word(reader, 1);
    facts->user_is_local = facts->user != NULL && reader->count == 2;
    if (reader->count > 2)
        need(reader, strcmp(reader->words[2], "remote") == 0, "this word is not known");
}

static int read_caller(struct reader *reader)
{
    struct host *facts = &reader->fixture->facts;
    const char *key = reader->words[0];

    if (strcmp(key, "uid") == 0) {
        facts->uid = (uid_t)number(reader, 1);
        facts->is_root = facts->is_admin = facts->uid == 0;
    } else if (strcmp(key, "nested") == 0)
        facts->is_root = facts->is_admin = strcmp(word(reader, 1), "yes") != 0;
    else if (strcmp(key, "admin") == 0)
        facts->is_admin = strcmp(word(reader, 1), "yes") == 0;
    else if (strcmp(key, "gid") == 0)
        facts->gid = (gid_t)number(reader, 1);
    else if (strcmp(key, "user") == 0)
        read_user(reader);
    else if (strcmp(key, "home") == 0)
        facts->passwd_home = word(reader, 1);
    else if (strcmp(key, "shell") == 0)
        facts->passwd_shell = word(reader, 1);
    else if (strcmp(key, "cwd") == 0)
        facts->cwd = word(reader, 1);
    else if (strcmp(key, "terminal") == 0)
        facts->terminal = word(reader, 1);
    else if (strcmp(key, "env") == 0 || strcmp(key, "unset") == 0)
        read_variable(reader, key[0] == 'e');
    else if (strcmp(key, "group") == 0)
        *(struct host_group *)ARENA_PUSH(reader->arena, &facts->groups) =
            (struct host_group){.gid = (gid_t)number(reader, 1), .name = word(reader, 2)};
    else
        return 0;
    return 1;
}

static int read_machine(struct reader *reader)
{
    struct host *facts = &reader->fixture->facts;
    const char *key = reader->words[0];

    if (strcmp(key, "landlock") == 0)
        facts->landlock_abi = (int)number(reader, 1);
    else if (strcmp(key, "memory") == 0)
        need(reader, value_size(word(reader, 1), "memory", &facts->memory, NULL) == 0, "a size");
    else if (fixture_read_cgroups(reader->arena, reader->words, reader->count, reader->fixture))
        return 1;
    else if (strcmp(key, "lost-sockets") == 0)
        facts->lost_sockets = (unsigned)number(reader, 1);
    else if (strcmp(key, "link") == 0)
        read_link(reader);
    else if (strcmp(key, "missing") == 0)
        read_missing(reader);
    else if (strcmp(key, "fd") == 0)
        read_fd(reader);
    else if (strcmp(key, "mount") == 0)
        read_mount(reader);
    else if (strcmp(key, "content") == 0)
        read_content(reader);
    else if (strcmp(key, "alias") == 0)
        *(struct host_alias *)ARENA_PUSH(reader->arena, &facts->aliases) =
            (struct host_alias){.path = word(reader, 1), .alias = word(reader, 2)};
    else
        return read_path(reader);
    return 1;
}

static void add_pair(struct reader *reader, struct fixture_pairs *pairs)
{
    struct fixture_pair *pair = ARENA_PUSH(reader->arena, pairs);

    *pair = (struct fixture_pair){.key = word(reader, 1), .value = word(reader, 2)};
    need(reader, host_path_find(&reader->fixture->facts, pair->value) != NULL, "unknown file");
}

static int read_derived(struct reader *reader)
{
    struct fixture *fixture = reader->fixture;
    const char *key = reader->words[0];

    if (strcmp(key, "include") == 0)
        read_file(reader->arena, word(reader, 1), reader->depth + 1, fixture);
    else if (strcmp(key, "worktree") == 0)
        host_strings_add_new(&fixture->worktrees, reader->arena, word(reader, 1));
    else if (strcmp(key, "probe") == 0)
        host_strings_add_new(&fixture->probes, reader->arena, word(reader, 1));
    else if (strcmp(key, "secret") == 0)
        host_strings_add_new(&fixture->secrets, reader->arena, word(reader, 1));
    else if (strcmp(key, "public") == 0)
        remove_string(&fixture->secrets, word(reader, 1));
    else if (strcmp(key, "path-link") == 0)
        add_pair(reader, &fixture->links);
    else if (strcmp(key, "command") == 0)
        add_pair(reader, &fixture->commands);
    else
        return 0;
    return 1;
}

static void read_file(struct arena *arena, const char *name, unsigned depth,
                      struct fixture *fixture)
{
    const char *path = arena_printf(arena, "%s/%s.host", fixture_directory(arena, "hosts"), name);
    _cleanup_fclose_ FILE *stream = fopen(path, "re");
    _cleanup_free_ char *line = NULL;
    struct reader reader = {.arena = arena, .fixture = fixture, .file = name, .depth = depth};
    size_t capacity = 0;

    cr_assert_not_null(stream, "cannot read %s", path);
    cr_assert_lt(depth, MAX_DEPTH, "%s: included too deeply", path);
    while (getline(&line, &capacity, stream) >= 0) {
        struct host_strings words = {0};

        reader.line++;
        fixture_words(arena, line, &words);
        reader.words = words.items;
        reader.count = words.count;
        if (words.count == 0 || words.items[0][0] == '#')
            continue;
        need(&reader, words.count > 1, "a value is missing");
        need(&reader, read_caller(&reader) || read_machine(&reader) || read_derived(&reader),
             "this word is not known");
    }
}

void fixture_read(struct arena *arena, const char *name, struct fixture *ret_fixture)
{
    struct fixture fixture = {0};
    const char **end;

    read_file(arena, name, 0, &fixture);
    cr_assert_not_null(fixture.facts.cwd, "%s.host: there is no cwd", name);
    end = ARENA_PUSH(arena, &fixture.variables);
    *end = NULL;
    fixture.environment = fixture.variables.items;
    fixture.facts.environment = fixture.environment;
    *ret_fixture = fixture;
}

/* As host_probe_caller() has it, without those of an installation. */
static struct host_strings profile_directories(struct arena *arena, const struct host *facts)
{
    const char *home = host_getenv(facts, "HOME");
    const char *names[] = {
        host_getenv(facts, "XDG_CONFIG_HOME"),
        home == NULL ? NULL : path_join(arena, home, ".config"),
        facts->passwd_home == NULL ? NULL : path_join(arena, facts->passwd_home, ".config"),
        "/etc"};
    struct host_strings directories = {0};

    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (names[i] != NULL && names[i][0] == '/')
            host_strings_add_new(&directories, arena,
                                 path_absolute(arena, names[i], "sbx/profiles"));
    return directories;
}

void fixture_caller(struct arena *arena, const struct fixture *fixture, struct host *ret_host)
{
    const struct host *facts = &fixture->facts;

    *ret_host = (struct host){
        .uid = facts->uid,
        .gid = facts->gid,
        .is_root = facts->is_root,
        .is_admin = facts->is_admin,
        .groups = facts->groups,
        .user = facts->user,
        .passwd_home = facts->passwd_home,
        .passwd_shell = facts->passwd_shell,
        .user_is_local = facts->user_is_local,
        .cwd = facts->cwd,
        .environment = facts->environment,
        .profile_directories = profile_directories(arena, facts),
        .state_directory = arena_printf(arena, "/run/user/%u/sbx", facts->uid),
    };
}

struct host_path fixture_fact(const struct fixture *fixture, const char *path)
{
    const struct host_path *known = host_path_find(&fixture->facts, path);

    return known != NULL
               ? *known
               : (struct host_path){.path = path, .type = HOST_FILE_MISSING, .error = ENOENT};
}

static void probe_fd(struct arena *arena, const struct fixture *fixture, int fd, struct host *host)
{
    struct host_fd *slot = ARENA_PUSH(arena, &host->fds);

    *slot = (struct host_fd){.fd = fd, .open = fd <= 2, .writable = fd == 1 || fd == 2, .same = fd};
    for (size_t i = 0; i < fixture->facts.fds.count; i++)
        if (fixture->facts.fds.items[i].fd == fd)
            *slot = fixture->facts.fds.items[i];
}

void fixture_aliases(struct arena *arena, const struct fixture *fixture, const char *path,
                     struct host *host)
{
    for (size_t i = 0; i < fixture->facts.aliases.count; i++)
        if (strcmp(fixture->facts.aliases.items[i].path, path) == 0)
            *(struct host_alias *)ARENA_PUSH(arena, &host->aliases) =
                fixture->facts.aliases.items[i];
}

static void probe_contents(struct arena *arena, const struct fixture *fixture,
                           const struct host_request *request, struct host *host)
{
    for (size_t i = 0; i < request->files.count; i++) {
        const struct host_content *known =
            host_content_find(&fixture->facts, request->files.items[i]);
        struct host_content *slot = ARENA_PUSH(arena, &host->contents);

        const struct host_path fact = fixture_fact(fixture, request->files.items[i]);

        *slot = known != NULL
                    ? *known
                    : (struct host_content){.path = request->files.items[i], .error = ENOENT};
        slot->device = fact.device;
        slot->inode = fact.inode;
    }
}

static void probe_command(struct arena *arena, const struct fixture *fixture,
                          const struct host_request *request, struct host *host)
{
    const struct host_path workdir =
        fixture_fact(fixture, request->workdir != NULL ? request->workdir : host->cwd);
    const char *directory = workdir.canonical != NULL ? workdir.canonical : workdir.path;

    while (!host_strings_contain(&fixture->worktrees, directory) && strcmp(directory, "/") != 0)
        directory = path_parent(arena, directory);
    if (host_strings_contain(&fixture->worktrees, directory))
        host->worktree = fixture_fact(fixture, directory);
    for (size_t i = 0; i < fixture->links.count; i++) {
        const char *list =
            request->search_path == NULL ? NULL : arena_printf(arena, ":%s:", request->search_path);

        if (list != NULL &&
            strstr(list, arena_printf(arena, ":%s:", fixture->links.items[i].key)) != NULL)
            *(struct host_path *)ARENA_PUSH(arena, &host->path_files) =
                fixture_fact(fixture, fixture->links.items[i].value);
    }
    for (size_t i = 0; i < fixture->commands.count; i++)
        if (strcmp(fixture->commands.items[i].key, request->command) == 0)
            *(struct host_path *)ARENA_PUSH(arena, &host->command_files) =
                fixture_fact(fixture, fixture->commands.items[i].value);
}

/* What the words dir and link say of the way to @path; a link whose end is missing has no word. */
struct host_place fixture_place(struct arena *arena, const struct fixture *fixture,
                                const char *path)
{
    struct host_place place = {.path = path, .place = "/", .there = "/", .directory = true};
    const char *end = path;

    while (*end != '\0') {
        struct host_path fact;
        const char *name;

        end += 1 + strcspn(end + 1, "/");
        name = arena_strndup(arena, path, (size_t)(end - path));
        fact = fixture_fact(fixture, name);
        name = path_join(arena, place.place, strrchr(name, '/') + 1);
        place.place = name;
        if (fact.canonical == NULL || strcmp(place.there, path_parent(arena, name)) != 0)
            continue;
        if (strcmp(fact.canonical, name) != 0)
            host_strings_add(&place.links, arena, name);
        place.place = place.there = fact.canonical;
        place.directory = fact.type == HOST_FILE_DIRECTORY;
    }
    return place;
}

void fixture_probe(struct arena *arena, const struct fixture *fixture,
                   const struct host_request *request, struct host *host)
{
    host->memory = fixture->facts.memory;
    host->landlock_abi = fixture->facts.landlock_abi;
    host->mounts = fixture->facts.mounts;
    host->terminal = fixture->facts.terminal;
    host->sockets = fixture->facts.sockets;
    host->lost_sockets = fixture->facts.lost_sockets;
    for (int fd = 0; fd <= 2; fd++)
        probe_fd(arena, fixture, fd, host);
    for (size_t i = 0; i < request->keep_fd_count; i++)
        probe_fd(arena, fixture, request->keep_fds[i], host);
    for (size_t i = 0; i < request->paths.count; i++) {
        const struct host_path fact = fixture_fact(fixture, request->paths.items[i]);

        cr_assert_eq(host_paths_add(&host->paths, arena, &fact), 0);
    }
    for (size_t i = 0; i < request->hidden.count; i++) {
        struct host_path fact = fixture_fact(fixture, request->hidden.items[i]);

        if (fact.canonical != NULL)
            fixture_aliases(arena, fixture, fact.canonical, host);
    }
    for (size_t i = 0; i < request->places.count; i++)
        *(struct host_place *)ARENA_PUSH(arena, &host->places) =
            fixture_place(arena, fixture, request->places.items[i]);
    for (size_t i = 0; i < host->sockets.count; i++)
        fixture_aliases(arena, fixture, host->sockets.items[i], host);
    probe_contents(arena, fixture, request, host);
    if (request->cgroups)
        fixture_cgroups(arena, fixture, request, host);
    if (request->tree.path != NULL)
        fixture_tree(arena, fixture, &request->tree, host);
    else
        probe_command(arena, fixture, request, host);
}
