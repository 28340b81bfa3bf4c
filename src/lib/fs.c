/* SPDX-License-Identifier: Apache-2.0 */
/* The public API of file systems: an opaque handle over the answers. */
#include "lib/fs_json.h"
#include "lib/host_hint.h"

#include "base/error.h"
#include "kernel/account.h"
#include "kernel/fs_probe.h"
#include "kernel/mount_table.h"
#include "kernel/mountinfo.h"
#include "policy/fs_judgement.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct sbx_fs {
    struct arena *arena;
    struct host_mounts mounts;
    struct fs_caller caller;
    struct sbx_fs_path *items;
    size_t count;
};

/* The place of a home that a sandbox has private, or NULL; as the plan finds it (find_homes()). */
static const char *find_home(struct arena *arena, const char *home, bool of_account, uid_t uid)
{
    struct fs_place *place = arena_alloc(arena, sizeof(*place));

    if (home == NULL || home[0] != '/' || place == NULL)
        return NULL;
    if (fs_probe_place(home, place).result < 0 || place->opened != FS_WORKED ||
        !S_ISDIR(place->mode) || place->real[0] == '\0' || strcmp(place->real, "/") == 0)
        return NULL;
    /* the home of a system account may be a directory that everyone needs, as /usr/sbin */
    return of_account && place->owner != uid ? NULL : place->real;
}

/* Not by host_probe_caller(): it looks into the home, which may be where nothing answers. */
static void find_caller(struct sbx_fs *fs)
{
    char *cwd = getcwd(NULL, 0);
    struct account account = {0};
    uid_t uid = geteuid();

    if (account_by_uid(fs->arena, uid, &account) < 0)
        account.home = NULL;
    fs->caller = (struct fs_caller){
        .homes = {find_home(fs->arena, getenv("HOME"), false, uid),
                  find_home(fs->arena, account.home, true, uid)},
        .cwd = cwd != NULL && cwd[0] == '/' ? arena_strdup(fs->arena, cwd) : NULL,
        .proc_covered = mountinfo_covers_proc(&fs->mounts),
        .is_root = uid == 0,
    };
    free(cwd);
}

/* Look at one path; what can't be looked at gets its error. */
static int look_at(struct sbx_fs *fs, const char *path, struct sbx_fs_path *ret_path,
                   struct sbx_error *err)
{
    struct fs_facts *facts = arena_alloc(fs->arena, sizeof(*facts));
    struct sbx_error *failure;
    int r;

    path = arena_strdup(fs->arena, path);
    if (facts == NULL || path == NULL)
        return error_oom(err);
    r = fs_probe(fs->arena, &fs->mounts, path, facts, err);
    if (r < 0)
        return r;
    if (facts->mount != NULL)
        return fs_judge(fs->arena, facts, &fs->mounts, &fs->caller, ret_path) < 0 ? error_oom(err)
                                                                                  : 0;
    failure = arena_alloc(fs->arena, sizeof(*failure));
    if (failure == NULL)
        return error_oom(err);
    fs_judge_failure(facts, &fs->mounts, failure);
    *ret_path = (struct sbx_fs_path){.path = path, .error = failure, .depth = -1};
    return 0;
}

static int make(struct sbx_fs *fs, const char *const *paths, size_t count, struct sbx_error *err)
{
    int r = mount_table_read(fs->arena, &fs->mounts, err);

    if (r < 0)
        return r;
    fs->items = arena_alloc(fs->arena, (count + 1) * sizeof(*fs->items));
    if (fs->items == NULL)
        return error_oom(err);
    find_caller(fs);
    for (; fs->count < count && r == 0; fs->count++)
        r = look_at(fs, paths[fs->count], &fs->items[fs->count], err);
    return r;
}

int sbx_fs_new(const char *const *paths, size_t count, struct sbx_fs **ret_fs,
               struct sbx_error *err)
{
    struct sbx_fs *fs = calloc(1, sizeof(*fs));
    int r;

    if (fs == NULL)
        return error_oom(err);
    fs->arena = arena_new();
    r = fs->arena == NULL ? error_oom(err) : make(fs, paths, count, err);
    if (r < 0) {
        host_hint_add(err);
        sbx_fs_free(fs);
        return r;
    }
    *ret_fs = fs;
    return 0;
}

void sbx_fs_free(struct sbx_fs *fs)
{
    if (fs == NULL)
        return;
    arena_free(fs->arena);
    free(fs);
}

const struct sbx_fs_path *sbx_fs_get(const struct sbx_fs *fs, size_t index)
{
    return index < fs->count ? &fs->items[index] : NULL;
}

int sbx_fs_print_json(const struct sbx_fs *fs, FILE *stream, struct sbx_error *err)
{
    return fs_json_print(fs->items, fs->count, stream, err);
}
