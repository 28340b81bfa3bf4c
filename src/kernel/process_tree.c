/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/process_tree.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_PROCESSES 4096
#define FILE_LIMIT    (1U << 20)

struct pids {
    pid_t *items;
    size_t count;
    size_t capacity;
};

/* proc_pid_stat(5): the command's name may hold anything, so the fields begin after the last ')'.
 */
static int add_usage(struct arena *arena, pid_t pid, struct process_tree *tree)
{
    const char *path = arena_printf(arena, "/proc/%d/stat", pid);
    unsigned long long times[4];
    long long pages;
    char *text;
    char *fields;
    int result =
        path == NULL ? -ENOMEM : io_read_file(arena, AT_FDCWD, path, FILE_LIMIT, &text, NULL);

    if (result < 0)
        return result;
    fields = strrchr(text, ')');
    if (fields == NULL ||
        sscanf(fields + 1,
               " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %llu %llu %*d %*d %*d %*d "
               "%*u %*u %lld",
               &times[0], &times[1], &times[2], &times[3], &pages) != 5)
        return -EPROTO;
    tree->processes++;
    for (size_t i = 0; i < ARRAY_SIZE(times); i++)
        tree->cpu_ms += times[i] * 1000 / (uint64_t)sysconf(_SC_CLK_TCK);
    tree->memory += (uint64_t)(pages > 0 ? pages : 0) * (uint64_t)sysconf(_SC_PAGESIZE);
    return 0;
}

/* The children of each of its threads. */
static int add_children(struct arena *arena, pid_t pid, struct pids *pids)
{
    const char *path = arena_printf(arena, "/proc/%d/task", pid);
    _cleanup_closedir_ DIR *stream = path == NULL ? NULL : opendir(path);
    const struct dirent *entry;

    while (stream != NULL && (entry = readdir(stream)) != NULL) {
        char *text;
        char *save = NULL;

        path = arena_printf(arena, "/proc/%d/task/%s/children", pid, entry->d_name);
        if (path == NULL)
            return -ENOMEM;
        if (entry->d_name[0] == '.' ||
            io_read_file(arena, AT_FDCWD, path, FILE_LIMIT, &text, NULL) < 0)
            continue; /* the thread has ended */
        for (char *word = strtok_r(text, " ", &save); word != NULL && pids->count < MAX_PROCESSES;
             word = strtok_r(NULL, " ", &save)) {
            pid_t *slot = ARENA_PUSH(arena, pids);

            if (slot == NULL)
                return -ENOMEM;
            *slot = (pid_t)strtol(word, NULL, 10);
        }
    }
    return 0;
}

int process_tree_read(pid_t root, struct process_tree *ret_tree)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct process_tree tree = {0};
    struct pids pids = {0};
    pid_t *slot;
    int result;

    if (arena == NULL)
        return -ENOMEM;
    slot = ARENA_PUSH(arena, &pids);
    if (slot == NULL)
        return -ENOMEM;
    *slot = root;
    for (size_t i = 0; i < pids.count; i++) {
        result = add_usage(arena, pids.items[i], &tree);
        if (result == -ENOMEM || (result < 0 && i == 0))
            return result;
        if (result == 0 && add_children(arena, pids.items[i], &pids) < 0)
            return -ENOMEM;
    }
    *ret_tree = tree;
    return 0;
}
