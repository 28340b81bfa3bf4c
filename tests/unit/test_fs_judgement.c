/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/fs_judgement.h"

#include "base/cleanup.h"
#include "kernel/fault.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define DONE                                                                                       \
    {                                                                                              \
        .stage = TRIAL_STAGE_TRIED                                                                 \
    }

static const struct host_mount plain_mount = {.id = 30, .point = "/m", .type = "ext4"};

/* A directory for which all that came before the overlays over it has worked. */
static struct fs_facts facts_of(int first, int second)
{
    return (struct fs_facts){
        .path = "/m",
        .place = {.opened = FS_WORKED, .mode = S_IFDIR, .real = "/m"},
        .mount = &plain_mount,
        .place_trial = DONE,
        .overlay_trial = DONE,
        .locks_trial = DONE,
        .idmap_trial = DONE,
        .overlay = {.reopened = FS_WORKED,
                    .alone = FS_WORKED,
                    .made_private = FS_WORKED,
                    .alone_private = FS_WORKED,
                    .whole = FS_WORKED,
                    .staging = FS_WORKED,
                    .control = FS_WORKED,
                    .accepted_alone = FS_WORKED,
                    .found = FS_WORKED,
                    .first = first,
                    .second = second},
        .locks = {.entered = FS_WORKED, .copied = FS_WORKED, .control = FS_WORKED},
        .idmap = {.namespace = FS_WORKED, .copied = FS_WORKED, .mapped = FS_WORKED},
    };
}

static struct sbx_fs_path judge(struct arena *arena, const struct fs_facts *facts)
{
    struct sbx_fs_path path = {.depth = 9};

    cr_assert_eq(fs_judge_depth(arena, facts, &path), 0);
    cr_assert_eq(fs_judge_layer(arena, facts, &path), 0);
    cr_assert_not_null(path.depth_because);
    cr_assert(path.layer.answer == SBX_FS_YES || path.layer.because != NULL);
    return path;
}

#define EXPECT_TEXT(text, part)                                                                    \
    cr_expect((text) != NULL && strstr((text), (part)) != NULL, "'%s' is not in '%s'", (part),     \
              (text) == NULL ? "(null)" : (text))

Test(fs_judgement, depth_by_what_can_be_stacked)
{
    static const struct {
        int first;
        int second;
        int depth;
        enum sbx_fs_answer layer;
    } rows[] = {
        {FS_WORKED, FS_WORKED, 0, SBX_FS_YES},
        {FS_WORKED, -EINVAL, 1, SBX_FS_YES},
        {-EINVAL, FS_UNTRIED, 2, SBX_FS_NO},
        /* anything else says nothing */
        {-EACCES, FS_UNTRIED, -1, SBX_FS_UNKNOWN},
        {-EIO, FS_UNTRIED, -1, SBX_FS_UNKNOWN},
        {FS_WORKED, -EIO, -1, SBX_FS_UNKNOWN},
        {FS_WORKED, -EMEDIUMTYPE, -1, SBX_FS_UNKNOWN},
        {FS_WORKED, FS_UNTRIED, -1, SBX_FS_UNKNOWN},
        {FS_UNTRIED, FS_UNTRIED, -1, SBX_FS_UNKNOWN},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        _cleanup_arena_ struct arena *arena = arena_new();
        const struct fs_facts facts = facts_of(rows[i].first, rows[i].second);
        const struct sbx_fs_path path = judge(arena, &facts);

        cr_expect_eq(path.depth, rows[i].depth, "row %zu: %d", i, path.depth);
        cr_expect_eq(path.layer.answer, rows[i].layer, "row %zu", i);
    }
}

/* Each thing that has to work before: where it doesn't, nothing is known, and it is named. */
Test(fs_judgement, depth_is_unknown_where_a_step_before_failed)
{
    static const struct {
        size_t field;
        int result;
        const char *because;
        const char *hint;
    } rows[] = {
        {offsetof(struct fs_overlay, reopened), -EACCES, "opened again", NULL},
        {offsetof(struct fs_overlay, made_private), -EINVAL, "chroot", "chroot"},
        {offsetof(struct fs_overlay, made_private), -EPERM, "private: Operation not", NULL},
        {offsetof(struct fs_overlay, staging), -EPERM, "nothing can be mounted", NULL},
        {offsetof(struct fs_overlay, control), -ENODEV, "no overlay can be made", "modprobe"},
        {offsetof(struct fs_overlay, found), -ENOENT, "no directory", NULL},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        _cleanup_arena_ struct arena *arena = arena_new();
        struct fs_facts facts = facts_of(FS_UNTRIED, FS_UNTRIED);
        struct sbx_fs_path path;

        memcpy((char *)&facts.overlay + rows[i].field, &rows[i].result, sizeof(int));
        path = judge(arena, &facts);
        cr_expect_eq(path.depth, -1, "row %zu", i);
        cr_expect_eq(path.layer.answer, SBX_FS_UNKNOWN, "row %zu", i);
        EXPECT_TEXT(path.depth_because, rows[i].because);
        if (rows[i].hint != NULL)
            EXPECT_TEXT(path.depth_hint, rows[i].hint);
    }
}

Test(fs_judgement, an_id_mapped_mount_that_is_refused_says_nothing_of_depth)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    const struct host_mount mount = {.attributes = MOUNT_ATTR_IDMAP};
    struct fs_facts facts = facts_of(-EINVAL, FS_UNTRIED);
    struct sbx_fs_path path;

    facts.mount = &mount;
    path = judge(arena, &facts);
    cr_expect_eq(path.depth, -1);
    EXPECT_TEXT(path.depth_because, "id map");
    facts = facts_of(FS_WORKED, FS_WORKED);
    facts.mount = &mount;
    cr_expect_eq(judge(arena, &facts).depth, 0);
}

Test(fs_judgement, one_that_hangs_is_unknown_except_for_what_was_found_before)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct fs_facts facts = facts_of(FS_WORKED, FS_UNTRIED);
    struct sbx_fs_path path;

    facts.overlay_trial = (struct fs_trial){TRIAL_STAGE_HUNG, -ETIMEDOUT};
    path = judge(arena, &facts);
    cr_expect_eq(path.depth, -1);
    EXPECT_TEXT(path.depth_because, "did not answer within 2 s");
    cr_expect_eq(path.layer.answer, SBX_FS_UNKNOWN);
    facts.overlay.second = FS_WORKED;
    path = judge(arena, &facts);
    cr_expect_eq(path.depth, 0);
    cr_expect_null(path.depth_hint);
}

Test(fs_judgement, without_namespaces_the_reason_and_the_hint_are_those_of_a_run)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct fs_facts facts = {.mount = &plain_mount, .place = {.mode = S_IFDIR}};
    struct sbx_fs_path path;

    facts.faults = FAULT_NO_USERNS_LEFT;
    facts.overlay_trial = (struct fs_trial){TRIAL_STAGE_CLONE, -ENOSPC};
    facts.idmap_trial = facts.overlay_trial;
    facts.locks.entered = -ENOSPC;
    path = judge(arena, &facts);
    cr_expect_eq(path.depth, -1);
    EXPECT_TEXT(path.depth_because, "no namespaces");
    EXPECT_TEXT(path.depth_hint, "max_user_namespaces");
    cr_assert_eq(fs_judge_idmap(arena, &facts, &path), 0);
    cr_expect_eq(path.idmap.answer, SBX_FS_UNKNOWN);
    EXPECT_TEXT(path.idmap.hint, "max_user_namespaces");
    cr_assert_eq(fs_judge_locks(arena, &facts, &path), 0);
    cr_expect_null(path.locked);
    EXPECT_TEXT(path.locked_because, "No space");
    EXPECT_TEXT(path.locked_hint, "max_user_namespaces");
    /* and where the process was killed */
    facts.overlay_trial = (struct fs_trial){TRIAL_STAGE_TRIED, -ECHILD};
    path = judge(arena, &facts);
    cr_expect_eq(path.depth, -1);
    EXPECT_TEXT(path.depth_because, "killed");
}

static const struct sbx_fs_submount two_submounts[2] = {{.point = "/m/a"}, {.point = "/m/b"}};

static struct sbx_fs_verdict layer_of(struct arena *arena, const struct fs_facts *facts,
                                      size_t submounts, int *ret_depth)
{
    struct sbx_fs_path path = {.submounts = two_submounts, .submount_count = submounts};

    cr_assert_eq(fs_judge_depth(arena, facts, &path), 0);
    cr_assert_eq(fs_judge_layer(arena, facts, &path), 0);
    *ret_depth = path.depth;
    return path.layer;
}

Test(fs_judgement, locked_submounts_are_told_from_depth)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct fs_facts facts = facts_of(FS_WORKED, FS_WORKED);
    struct sbx_fs_verdict layer;
    int depth;

    /* another directory told the depth */
    facts.overlay.alone = facts.overlay.alone_private = -EINVAL;
    facts.overlay.accepted_alone = FS_UNTRIED;
    layer = layer_of(arena, &facts, 2, &depth);
    cr_expect_eq(depth, 0);
    cr_expect_eq(layer.answer, SBX_FS_NO);
    EXPECT_TEXT(layer.because, "2 mounts below it are locked to it for an ordinary user");
    EXPECT_TEXT(layer.hint, "root");
    EXPECT_TEXT(layer_of(arena, &facts, 1, &depth).because, "1 mount below it is locked");
    facts.admin = true;
    layer = layer_of(arena, &facts, 2, &depth);
    cr_expect_eq(layer.answer, SBX_FS_NO);
    cr_expect_null(layer.hint);
    cr_expect_null(strstr(layer.because, "ordinary"));
    /* there is no other directory */
    facts = facts_of(FS_UNTRIED, FS_UNTRIED);
    facts.overlay.alone = facts.overlay.alone_private = facts.overlay.found = -EINVAL;
    facts.overlay.accepted_alone = FS_UNTRIED;
    layer = layer_of(arena, &facts, 2, &depth);
    cr_expect_eq(depth, -1);
    cr_expect_eq(layer.answer, SBX_FS_NO);
    /* a refusal that this doesn't explain is none that we know */
    facts.overlay.whole = -EINVAL;
    cr_expect_eq(layer_of(arena, &facts, 2, &depth).answer, SBX_FS_UNKNOWN);
    facts.overlay.whole = FS_WORKED;
    cr_expect_eq(layer_of(arena, &facts, 0, &depth).answer, SBX_FS_UNKNOWN);
    facts.overlay.alone = -EPERM;
    cr_expect_eq(layer_of(arena, &facts, 2, &depth).answer, SBX_FS_UNKNOWN);
}

Test(fs_judgement, other_reasons_against_a_layer)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    const struct host_mount unbindable = {.unbindable = true};
    struct fs_facts facts = facts_of(FS_WORKED, FS_WORKED);
    struct sbx_fs_path path;

    facts.place.mode = S_IFREG;
    EXPECT_TEXT(judge(arena, &facts).layer.because, "a layer is a directory");
    facts.place.mode = S_IFDIR;
    facts.mount = &unbindable;
    path = judge(arena, &facts);
    cr_expect_eq(path.layer.answer, SBX_FS_NO);
    EXPECT_TEXT(path.layer.because, "unbindable");
    cr_expect_eq(path.depth, 0);
    facts = facts_of(FS_WORKED, FS_WORKED);
    facts.overlay.accepted_alone = -EMEDIUMTYPE;
    path = judge(arena, &facts);
    cr_expect_eq(path.layer.answer, SBX_FS_NO);
    EXPECT_TEXT(path.layer.because, "don't take such a directory");
    cr_expect_eq(path.depth, 0, "another directory told");
    facts.overlay.found = -ENOENT;
    facts.overlay.first = facts.overlay.second = FS_UNTRIED;
    path = judge(arena, &facts);
    cr_expect_eq(path.depth, -1);
    cr_expect_eq(path.layer.answer, SBX_FS_NO);
}

Test(fs_judgement, id_map)
{
    static const struct {
        int namespace, copied, mapped;
        uint64_t attributes;
        enum sbx_fs_answer answer;
        const char *because;
    } rows[] = {
        {FS_WORKED, FS_WORKED, FS_WORKED, 0, SBX_FS_YES, NULL},
        {FS_WORKED, FS_WORKED, -EINVAL, 0, SBX_FS_NO, "doesn't support"},
        {FS_WORKED, FS_WORKED, -EPERM, 0, SBX_FS_NO, "CAP_SYS_ADMIN"},
        {FS_WORKED, FS_WORKED, -EPERM, MOUNT_ATTR_IDMAP, SBX_FS_NO, "already"},
        {FS_WORKED, FS_WORKED, -EIO, 0, SBX_FS_UNKNOWN, "unexpected"},
        {FS_WORKED, FS_WORKED, FS_UNTRIED, 0, SBX_FS_UNKNOWN, "unexpected"},
        {FS_WORKED, -EACCES, FS_UNTRIED, 0, SBX_FS_UNKNOWN, "copied"},
        {-ENOSPC, FS_UNTRIED, FS_UNTRIED, 0, SBX_FS_UNKNOWN, "no user namespace"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        _cleanup_arena_ struct arena *arena = arena_new();
        const struct host_mount mount = {.attributes = rows[i].attributes};
        struct fs_facts facts = facts_of(FS_WORKED, FS_WORKED);
        struct sbx_fs_path path = {0};

        facts.mount = &mount;
        facts.idmap = (struct fs_idmap){rows[i].namespace, rows[i].copied, rows[i].mapped};
        cr_assert_eq(fs_judge_idmap(arena, &facts, &path), 0);
        cr_expect_eq(path.idmap.answer, rows[i].answer, "row %zu", i);
        if (rows[i].because != NULL)
            EXPECT_TEXT(path.idmap.because, rows[i].because);
        else
            cr_expect_null(path.idmap.because);
    }
}

Test(fs_judgement, locked_flags)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct fs_facts facts = facts_of(FS_WORKED, FS_WORKED);
    struct sbx_fs_path path = {0};

    cr_assert_eq(fs_judge_locks(arena, &facts, &path), 0);
    cr_expect_str_eq(path.locked, "");
    facts.locks.locked = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV | MOUNT_ATTR__ATIME;
    cr_assert_eq(fs_judge_locks(arena, &facts, &path), 0);
    cr_expect_str_eq(path.locked, "ro,nodev,atime");
    cr_expect_null(path.locked_because);
    /* without the control, a refusal may have any reason */
    facts.locks.control = -EPERM;
    path = (struct sbx_fs_path){0};
    cr_assert_eq(fs_judge_locks(arena, &facts, &path), 0);
    cr_expect_null(path.locked);
    EXPECT_TEXT(path.locked_because, "can't be set either");
    facts.locks.control = FS_UNTRIED;
    facts.locks.copied = -EINVAL;
    path = (struct sbx_fs_path){0};
    cr_assert_eq(fs_judge_locks(arena, &facts, &path), 0);
    cr_expect_null(path.locked);
    facts = facts_of(FS_WORKED, FS_WORKED);
    facts.locks.other = -EINVAL;
    path = (struct sbx_fs_path){0};
    cr_assert_eq(fs_judge_locks(arena, &facts, &path), 0);
    cr_expect_null(path.locked);
}

Test(fs_judgement, what_can_not_be_reached_is_an_error)
{
    static const struct host_mount rows[] = {{.id = 1, .point = "/", .type = "ext4"},
                                             {.id = 2, .point = "/far", .type = "nfs4"}};
    const struct host_mounts mounts = {(struct host_mount *)rows, 2, 2};
    struct fs_facts facts = {.path = "/far/x", .place_trial = DONE};
    struct sbx_error err = {0};

    facts.place.opened = -ENOENT;
    cr_expect_eq(fs_judge_failure(&facts, &mounts, &err), -ENOENT);
    EXPECT_TEXT(err.message, "/far/x");
    cr_expect_eq(err.number, ENOENT);
    err = (struct sbx_error){0};
    facts.place_trial = (struct fs_trial){TRIAL_STAGE_HUNG, -ETIMEDOUT};
    cr_expect_eq(fs_judge_failure(&facts, &mounts, &err), -ETIMEDOUT);
    EXPECT_TEXT(err.message, "did not answer");
    EXPECT_TEXT(err.hint, "/far (nfs4)");
    err = (struct sbx_error){0};
    facts.path = "far/x";
    cr_expect_eq(fs_judge_failure(&facts, &mounts, &err), -ETIMEDOUT);
    cr_expect_str_eq(err.hint, "", "a relative name says nothing of where it lies");
    err = (struct sbx_error){0};
    facts.place_trial = (struct fs_trial)DONE;
    facts.place.opened = FS_WORKED;
    cr_expect_lt(fs_judge_failure(&facts, &mounts, &err), 0);
    EXPECT_TEXT(err.message, "list of mounts");
    err = (struct sbx_error){0};
    facts.place_trial = (struct fs_trial){TRIAL_STAGE_CLONE, -EAGAIN};
    cr_expect_eq(fs_judge_failure(&facts, &mounts, &err), -EAGAIN);
}
