/* SPDX-License-Identifier: Apache-2.0 */
/* What a run of this command from this directory needs of a home that is otherwise hidden. */
#include "kernel/host_internal.h"

#include "base/cleanup.h"
#include "base/path.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_LINKS        256 /* links of one PATH directory that are followed */
#define MAX_HOPS         40  /* as many as the kernel follows, see path_resolution(7) */
#define MAX_INTERPRETERS 5   /* as many as the kernel follows, see execve(2) */
#define HEAD_SIZE        4096
#define SCRIPT_HEAD      256 /* BINPRM_BUF_SIZE: how much of a script the kernel looks at */

static int add_file(struct arena *arena, struct host_paths *files, const struct host_path *fact)
{
    struct host_path *slot;

    for (size_t i = 0; i < files->count; i++)
        if (strcmp(files->items[i].path, fact->path) == 0)
            return 0;
    slot = ARENA_PUSH(arena, files);
    if (slot == NULL)
        return -ENOMEM;
    *slot = *fact;
    return 0;
}

/* A file that is to be shown, by every name on the way of links to it: add a fact for each. */
static int add_chain(struct arena *arena, struct host_paths *files, const char *path,
                     const struct host_path *end)
{
    struct host_path fact = *end;

    for (unsigned hop = 0; hop < MAX_HOPS; hop++) {
        char text[PATH_MAX];
        ssize_t length;
        char *directory;

        fact.path = path;
        if (add_file(arena, files, &fact) < 0)
            return -ENOMEM;
        if (strcmp(path, end->canonical) == 0)
            return 0; /* no link leads further */
        length = readlink(path, text, sizeof(text) - 1);
        if (length <= 0)
            break;
        text[length] = '\0';
        directory = path_parent(arena, path);
        path = directory == NULL ? NULL : path_absolute(arena, directory, text);
        if (path == NULL)
            return -ENOMEM;
    }
    fact.path = end->canonical;
    return add_file(arena, files, &fact);
}

static int find_worktree(struct arena *arena, struct host *host, const char *directory)
{
    struct stat status;

    for (;;) {
        char *mark = path_join(arena, directory, ".git");

        if (mark == NULL)
            return -ENOMEM;
        if (lstat(mark, &status) == 0 && (S_ISDIR(status.st_mode) || S_ISREG(status.st_mode))) {
            return host_path_probe(arena, directory, &host->worktree);
        }
        if (strcmp(directory, "/") == 0)
            return 0;
        directory = path_parent(arena, directory);
        if (directory == NULL)
            return -ENOMEM;
    }
}

/* A directory of PATH that lies in a home, and not by way of a link in it: a link may have been
 * planted by an earlier command, to bring what it leads to into view. */
static bool is_put_back(struct arena *arena, const struct host *host, const char *word,
                        const char *canonical)
{
    const char *homes[] = {host_getenv(host, "HOME"), host->passwd_home};

    for (size_t i = 0; i < ARRAY_SIZE(homes); i++) {
        struct host_path fact;

        if (homes[i] == NULL || homes[i][0] != '/' ||
            host_path_ask(arena, host, homes[i], &fact) < 0 || fact.canonical == NULL ||
            !path_is_below(canonical, fact.canonical))
            continue;
        if (strcmp(word, canonical) == 0 ||
            path_is_same_below(word, fact.path, canonical, fact.canonical))
            return true;
    }
    return false;
}

/* What the kernel may execute: a regular file with execute permission for the caller. */
static bool is_executable(const struct host_path *fact)
{
    return fact->type == HOST_FILE_REGULAR && fact->canonical != NULL &&
           access(fact->canonical, X_OK) == 0;
}

/* The directories of PATH that lie in a home come back into view; so must what their links name. */
static int add_links_of(struct arena *arena, struct host *host, const char *directory)
{
    _cleanup_closedir_ DIR *stream = opendir(directory);
    struct dirent *entry;
    unsigned links = 0;

    if (stream == NULL)
        return 0;
    while ((entry = readdir(stream)) != NULL && links < MAX_LINKS) {
        struct host_path fact;
        char *path;

        if (entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN)
            continue;
        path = path_join(arena, directory, entry->d_name);
        if (path == NULL || host_path_probe(arena, path, &fact) < 0)
            return -ENOMEM;
        if (!is_executable(&fact) || strcmp(path, fact.canonical) == 0)
            continue;
        links++;
        if (add_chain(arena, &host->path_files, path, &fact) < 0)
            return -ENOMEM;
    }
    return 0;
}

static int find_path_files(struct arena *arena, struct host *host, const char *search_path)
{
    char *copy = arena_strdup(arena, search_path);
    char *save = NULL;

    if (copy == NULL)
        return -ENOMEM;
    for (char *word = strtok_r(copy, ":", &save); word != NULL; word = strtok_r(NULL, ":", &save)) {
        struct host_path fact;

        if (word[0] != '/' || host_path_ask(arena, host, word, &fact) < 0)
            continue;
        if (fact.type != HOST_FILE_DIRECTORY || fact.canonical == NULL ||
            !is_put_back(arena, host, word, fact.canonical))
            continue;
        if (add_links_of(arena, host, fact.canonical) < 0)
            return -ENOMEM;
    }
    return 0;
}

/* The word after "#!", cut exactly as the kernel does (binfmt_script): blanks around it, and
 * nothing but a newline or a NUL ends the line. */
static char *script_interpreter(struct arena *arena, const char *head, size_t length)
{
    size_t end = length < SCRIPT_HEAD ? length : SCRIPT_HEAD;
    size_t start = 2;

    while (start < end && (head[start] == ' ' || head[start] == '\t'))
        start++;
    for (size_t i = start; i < end; i++)
        if (head[i] == ' ' || head[i] == '\t' || head[i] == '\n' || head[i] == '\0')
            return arena_strndup(arena, head + start, i - start);
    return NULL; /* the kernel refuses a name that is cut off */
}

/* The loader that an ELF program names in PT_INTERP. */
static char *elf_interpreter(struct arena *arena, const char *head, size_t length)
{
    Elf64_Ehdr elf;

    if (length < sizeof(elf))
        return NULL;
    memcpy(&elf, head, sizeof(elf));
    if (memcmp(elf.e_ident, ELFMAG, SELFMAG) != 0 || elf.e_ident[EI_CLASS] != ELFCLASS64 ||
        elf.e_phentsize != sizeof(Elf64_Phdr) || elf.e_phoff > length)
        return NULL;
    for (unsigned i = 0; i < elf.e_phnum; i++) {
        Elf64_Phdr segment;
        size_t offset = elf.e_phoff + i * sizeof(segment);

        if (offset + sizeof(segment) > length)
            return NULL;
        memcpy(&segment, head + offset, sizeof(segment));
        if (segment.p_type != PT_INTERP)
            continue;
        if (segment.p_offset >= length || segment.p_filesz > length - segment.p_offset)
            return NULL;
        return arena_strndup(arena, head + segment.p_offset, segment.p_filesz);
    }
    return NULL;
}

/* The interpreter that a program's first bytes name, or NULL; *@ret_script: it is a script. */
static char *interpreter_of(struct arena *arena, const char *path, bool *ret_script)
{
    _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    char head[HEAD_SIZE];
    ssize_t length = fd < 0 ? -1 : read(fd, head, sizeof(head));

    *ret_script = length >= 2 && head[0] == '#' && head[1] == '!';
    if (length < 4)
        return NULL;
    return *ret_script ? script_interpreter(arena, head, (size_t)length)
                       : elf_interpreter(arena, head, (size_t)length);
}

/* 1 with a fact about @path where it can be executed, 0 where not, or -ENOMEM. */
static int look_for_program(struct arena *arena, const char *path, struct host_path *ret_fact)
{
    if (host_path_probe(arena, path, ret_fact) < 0)
        return -ENOMEM;
    return is_executable(ret_fact) ? 1 : 0;
}

/* The file that the command's name leads to on the host; the sandbox looks it up again.  1, 0 where
 * there is none, or -ENOMEM. */
static int find_command(struct arena *arena, const struct host_request *request,
                        const char *directory, struct host_path *ret_fact)
{
    char *copy;
    char *save = NULL;
    int result = 0;

    if (request->command == NULL || request->command[0] == '\0')
        return 0;
    if (strchr(request->command, '/') != NULL) {
        char *path = path_absolute(arena, directory, request->command);

        return path == NULL ? -ENOMEM : look_for_program(arena, path, ret_fact);
    }
    if (request->search_path == NULL)
        return 0;
    copy = arena_strdup(arena, request->search_path);
    if (copy == NULL)
        return -ENOMEM;
    for (char *word = strtok_r(copy, ":", &save); word != NULL && result == 0;
         word = strtok_r(NULL, ":", &save)) {
        char *base = path_absolute(arena, directory, word);
        char *path = base == NULL ? NULL : path_join(arena, base, request->command);

        result = path == NULL ? -ENOMEM : look_for_program(arena, path, ret_fact);
    }
    return result;
}

/* The chain that execve(2) follows: a script's interpreter may be a script again, a program's
 * loader ends it.  Only what could be executed counts: a file that names one of the caller's
 * secrets as its interpreter must not bring it into view. */
static int find_command_files(struct arena *arena, const struct host_request *request,
                              struct host *host, const char *directory)
{
    struct host_path fact;
    bool script = true;
    int result = find_command(arena, request, directory, &fact);

    for (unsigned depth = 0; result > 0 && depth <= MAX_INTERPRETERS; depth++) {
        bool last = !script;
        char *path;

        if (add_chain(arena, &host->command_files, fact.path, &fact) < 0)
            return -ENOMEM;
        path = last ? NULL : interpreter_of(arena, fact.canonical, &script);
        if (path == NULL || path[0] != '/')
            return 0;
        path = path_absolute(arena, "/", path);
        result = path == NULL ? -ENOMEM : look_for_program(arena, path, &fact);
    }
    return result < 0 ? result : 0;
}

int host_command_probe(struct arena *arena, const struct host_request *request, struct host *host)
{
    const char *directory = host->cwd;
    int result;

    if (request->workdir != NULL) {
        struct host_path fact;

        if (host_path_ask(arena, host, request->workdir, &fact) < 0)
            return -ENOMEM;
        directory = fact.type == HOST_FILE_DIRECTORY && fact.canonical != NULL ? fact.canonical
                                                                               : request->workdir;
    }
    result = find_worktree(arena, host, directory);
    if (result == 0 && request->search_path != NULL)
        result = find_path_files(arena, host, request->search_path);
    if (result == 0)
        result = find_command_files(arena, request, host, directory);
    return result;
}
