/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/view.h"

#include "base/cleanup.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/mount.h>

/* A view with a mirror, and what becomes of it. */
struct trial {
    struct arena *arena;
    struct view view;
    struct host host;
    struct plan plan;
};

static void trial_end(struct trial *trial)
{
    arena_free(trial->arena);
}
#define _cleanup_trial_ _cleanup_(trial_end)

static struct view_entry entry_of(enum step_kind kind, const char *target, const char *origin)
{
    return (struct view_entry){
        .step = {.kind = kind,
                 .target = target,
                 .origin = origin,
                 .source = kind == STEP_BIND || kind == STEP_MIRROR ? target : NULL},
        .asked = strncmp(origin, "--", 2) == 0,
        .writable = kind == STEP_TMPFS,
        .directory = kind == STEP_TMPFS,
    };
}

static void add_entry(struct trial *trial, const struct view_entry *entry)
{
    cr_assert_eq(view_add(&trial->view, trial->arena, entry), 0);
}

static void add(struct trial *trial, enum step_kind kind, const char *target, const char *origin)
{
    struct view_entry entry = entry_of(kind, target, origin);

    add_entry(trial, &entry);
}

static void add_directory(struct trial *trial, enum step_kind kind, const char *target,
                          const char *origin)
{
    struct view_entry entry = entry_of(kind, target, origin);

    entry.directory = true;
    add_entry(trial, &entry);
}

static void add_bind(struct trial *trial, const char *source, const char *target,
                     const char *origin)
{
    struct view_entry entry = entry_of(STEP_BIND, target, origin);

    entry.step.source = source;
    entry.directory = true;
    add_entry(trial, &entry);
}

static struct trial trial_new(void)
{
    struct trial trial = {.arena = arena_new()};

    add(&trial, STEP_MIRROR, "/", "default");
    return trial;
}

static void work_out(struct trial *trial)
{
    cr_assert_eq(view_prune(&trial->view, trial->arena), 0);
    cr_assert_eq(view_mask_sockets(&trial->view, trial->arena, &trial->host), 0);
    cr_assert_eq(view_steps(&trial->view, trial->arena, &trial->plan), 0);
}

static const struct step *find(const struct trial *trial, enum step_kind kind, const char *target)
{
    for (size_t i = 0; i < trial->plan.steps.count; i++) {
        const struct step *step = &trial->plan.steps.items[i];

        if (step->kind == kind && step->target != NULL && strcmp(step->target, target) == 0)
            return step;
    }
    return NULL;
}

/* The targets of all steps in their order, as "kind:target ...".  The staging directory, which has
 * none, comes right after the root. */
static void expect_order(const struct trial *trial, const char *expected)
{
    static const char *const names[STEP_KIND_COUNT] = {
        [STEP_MIRROR] = "mirror",   [STEP_BIND] = "bind", [STEP_TMPFS] = "tmpfs",
        [STEP_MASK] = "mask",       [STEP_SEAL] = "seal", [STEP_DIRECTORY] = "dir",
        [STEP_SYMLINK] = "symlink", [STEP_PROC] = "proc", [STEP_DEVPTS] = "devpts",
    };
    const char *text = "";

    for (size_t i = 0; i < trial->plan.steps.count; i++) {
        const struct step *step = &trial->plan.steps.items[i];

        cr_expect_eq(step->kind == STEP_STAGING, i == 1);
        if (i != 1)
            text = arena_printf(trial->arena, "%s%s%s:%s", text, i > 0 ? " " : "",
                                names[step->kind], step->target);
    }
    cr_expect_str_eq(text, expected);
}

static bool has_rule(const struct trial *trial, enum landlock_rule_kind kind, const char *path)
{
    for (size_t i = 0; i < trial->plan.landlock.count; i++)
        if (trial->plan.landlock.items[i].kind == kind &&
            strcmp(trial->plan.landlock.items[i].path, path) == 0)
            return true;
    return false;
}

/* ---- one entry a path ---- */

Test(view, a_later_word_takes_the_place_of_an_earlier)
{
    _cleanup_trial_ struct trial trial = trial_new();

    add(&trial, STEP_TMPFS, "/tmp", "default");
    add(&trial, STEP_BIND, "/tmp", "--ro #1");
    add_directory(&trial, STEP_MASK, "/tmp", "--hide #1");
    cr_expect_eq(trial.view.count, 2);
    work_out(&trial);
    expect_order(&trial, "mirror:/ mask:/tmp");
    cr_expect_str_eq(find(&trial, STEP_MASK, "/tmp")->origin, "--hide #1");
}

Test(view, a_longer_path_is_another_place)
{
    _cleanup_trial_ struct trial trial = trial_new();

    add(&trial, STEP_BIND, "/a", "--ro #1");
    add(&trial, STEP_BIND, "/a/b", "--rw #1");
    add(&trial, STEP_BIND, "/ab", "--ro #2");
    work_out(&trial);
    expect_order(&trial, "mirror:/ bind:/a bind:/a/b bind:/ab");
}

/* ---- what is found where ---- */

Test(view, the_deepest_entry_covers)
{
    _cleanup_trial_ struct trial trial = trial_new();

    add(&trial, STEP_TMPFS, "/home/al", "default");
    add(&trial, STEP_BIND, "/home/al/work", "working directory");
    add(&trial, STEP_SYMLINK, "/home/al/link", "default");
    cr_expect_str_eq(view_covering(&trial.view, "/etc")->step.target, "/");
    cr_expect_str_eq(view_covering(&trial.view, "/home")->step.target, "/");
    cr_expect_str_eq(view_covering(&trial.view, "/home/al")->step.target, "/home/al");
    cr_expect_str_eq(view_covering(&trial.view, "/home/alice")->step.target, "/");
    cr_expect_str_eq(view_covering(&trial.view, "/home/al/x")->step.target, "/home/al");
    cr_expect_str_eq(view_covering(&trial.view, "/home/al/work/x")->step.target, "/home/al/work");
    cr_expect_str_eq(view_covering(&trial.view, "/home/al/link/x")->step.target, "/home/al",
                     "a link covers nothing");
    cr_expect(view_hides(&trial.view, "/home/al"));
    cr_expect(view_hides(&trial.view, "/home/al/x"));
    cr_expect_not(view_hides(&trial.view, "/home/al/work/x"));
    cr_expect_not(view_hides(&trial.view, "/home"));
}

Test(view, nothing_covers_in_an_empty_view)
{
    struct view view = {0};

    cr_expect_null(view_covering(&view, "/"));
    cr_expect_not(view_hides(&view, "/x"));
}

/* ---- order and places ---- */

Test(view, parents_come_first_whatever_the_order_of_the_words)
{
    _cleanup_trial_ struct trial trial = trial_new();

    add(&trial, STEP_BIND, "/t/a/b", "--ro #1");
    add(&trial, STEP_BIND, "/t/a-b", "--ro #2"); /* '-' sorts before '/' by bytes */
    add(&trial, STEP_BIND, "/t/a", "--ro #3");
    add(&trial, STEP_TMPFS, "/t", "--tmpfs #1");
    work_out(&trial);
    expect_order(&trial, "mirror:/ tmpfs:/t bind:/t/a bind:/t/a/b bind:/t/a-b");
}

Test(view, places_are_made_on_a_private_tmpfs_only)
{
    _cleanup_trial_ struct trial trial = trial_new();

    add(&trial, STEP_TMPFS, "/t", "default");
    add(&trial, STEP_BIND, "/t/deep/file", "--ro #1");
    add_bind(&trial, "/srv", "/t/dir", "--ro #2");
    add(&trial, STEP_BIND, "/t/dir/inside", "--ro #3");
    add(&trial, STEP_BIND, "/mnt", "--ro #4");
    work_out(&trial);
    cr_expect_eq(find(&trial, STEP_TMPFS, "/t")->flags, STEP_ON_DIRECTORY);
    cr_expect_eq(find(&trial, STEP_BIND, "/t/deep/file")->flags, STEP_CREATE);
    cr_expect_eq(find(&trial, STEP_BIND, "/t/dir")->flags, STEP_CREATE | STEP_ON_DIRECTORY);
    cr_expect_eq(find(&trial, STEP_BIND, "/t/dir/inside")->flags, 0, "on the host's tree");
    cr_expect_eq(find(&trial, STEP_BIND, "/mnt")->flags, 0);
}

Test(view, seals_come_after_all_that_lies_inside)
{
    _cleanup_trial_ struct trial trial = trial_new();
    struct view_entry dev = entry_of(STEP_TMPFS, "/dev", "default");

    dev.seal = true;
    dev.writable = false;
    add_entry(&trial, &dev);
    add(&trial, STEP_SYMLINK, "/dev/fd", "default");
    add(&trial, STEP_TMPFS, "/dev/shm", "default");
    add(&trial, STEP_DEVPTS, "/dev/pts", "default");
    work_out(&trial);
    expect_order(&trial, "mirror:/ tmpfs:/dev symlink:/dev/fd devpts:/dev/pts tmpfs:/dev/shm "
                         "seal:/dev");
    cr_expect_not(has_rule(&trial, LANDLOCK_RULE_TREE, "/dev"));
    cr_expect(has_rule(&trial, LANDLOCK_RULE_TREE, "/dev/shm"));
}

/* ---- what gives way ---- */

Test(view, defaults_give_way_to_an_option_that_hides_what_is_around_them)
{
    static const enum step_kind kinds[] = {STEP_MASK, STEP_TMPFS};

    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        _cleanup_trial_ struct trial trial = trial_new();

        add(&trial, STEP_TMPFS, "/dev", "default");
        add(&trial, STEP_SYMLINK, "/dev/fd", "default");
        add(&trial, STEP_BIND, "/dev/null", "default");
        add(&trial, STEP_TMPFS, "/dev/shm", "default");
        add(&trial, STEP_DEVPTS, "/dev/pts", "default");
        add_directory(&trial, kinds[i], "/dev", "--hide #1");
        work_out(&trial);
        cr_expect_eq(trial.plan.steps.count, 3, "kind %zu", i);
    }
}

Test(view, an_option_below_what_is_hidden_stays)
{
    _cleanup_trial_ struct trial trial = trial_new();

    add_directory(&trial, STEP_MASK, "/home", "--hide #1");
    add(&trial, STEP_BIND, "/home/al/work", "--ro #1");
    add(&trial, STEP_BIND, "/home/al/bin", "PATH");
    work_out(&trial);
    expect_order(&trial, "mirror:/ tmpfs:/home bind:/home/al/work seal:/home");
    cr_expect_eq(find(&trial, STEP_BIND, "/home/al/work")->flags & STEP_CREATE, STEP_CREATE);
    cr_expect_eq(find(&trial, STEP_TMPFS, "/home")->mode, 0555);
    cr_expect_str_eq(find(&trial, STEP_SEAL, "/home")->origin, "--hide #1");
    cr_expect_not(has_rule(&trial, LANDLOCK_RULE_TREE, "/home"));
}

Test(view, a_link_or_directory_needs_a_private_place)
{
    _cleanup_trial_ struct trial trial = trial_new();

    add(&trial, STEP_BIND, "/run", "--ro #1");
    add(&trial, STEP_DIRECTORY, "/run/lock", "default");
    add(&trial, STEP_SYMLINK, "/run/x", "default");
    add(&trial, STEP_DIRECTORY, "/nowhere/lock", "default");
    work_out(&trial);
    expect_order(&trial, "mirror:/ bind:/run");
}

Test(view, a_mask_on_what_is_empty_anyway_is_left_out)
{
    _cleanup_trial_ struct trial trial = trial_new();

    add(&trial, STEP_TMPFS, "/home/al", "default");
    add(&trial, STEP_MASK, "/home/al/secret", "root's secrets");
    add(&trial, STEP_MASK, "/etc/shadow", "root's secrets");
    work_out(&trial);
    expect_order(&trial, "mirror:/ mask:/etc/shadow tmpfs:/home/al");
}

/* A default mask counts again where an option shows what an outer option hides. */
Test(view, a_mask_in_what_was_put_back_stays)
{
    _cleanup_trial_ struct trial trial = trial_new();

    add(&trial, STEP_MASK, "/etc/ssl/private", "root's secrets");
    add(&trial, STEP_MASK, "/etc/shadow", "root's secrets");
    add_directory(&trial, STEP_MASK, "/etc", "--hide #1");
    add_bind(&trial, "/etc/ssl", "/etc/ssl", "--ro #1");
    work_out(&trial);
    expect_order(&trial, "mirror:/ tmpfs:/etc bind:/etc/ssl mask:/etc/ssl/private seal:/etc");
}

Test(view, a_private_home_in_what_was_put_back_stays)
{
    _cleanup_trial_ struct trial trial = trial_new();

    add(&trial, STEP_TMPFS, "/srv/x/home", "default");
    add_directory(&trial, STEP_MASK, "/srv", "--hide #1");
    add_bind(&trial, "/srv/x", "/srv/x", "--ro #1");
    work_out(&trial);
    expect_order(&trial, "mirror:/ tmpfs:/srv bind:/srv/x tmpfs:/srv/x/home seal:/srv");
}

Test(view, a_mask_that_an_option_goes_below_is_a_directory)
{
    _cleanup_trial_ struct trial trial = trial_new();

    add(&trial, STEP_MASK, "/sys/fs/cgroup", "default"); /* nobody asked what it is */
    add(&trial, STEP_BIND, "/sys/fs/cgroup/user.slice", "--ro #1");
    work_out(&trial);
    expect_order(&trial, "mirror:/ tmpfs:/sys/fs/cgroup bind:/sys/fs/cgroup/user.slice "
                         "seal:/sys/fs/cgroup");
}

/* ---- Landlock ---- */

Test(view, landlock_allows_what_is_writable)
{
    _cleanup_trial_ struct trial trial = trial_new();
    struct view_entry rw = entry_of(STEP_BIND, "/w", "--rw #1");
    struct view_entry device = entry_of(STEP_BIND, "/dev/null", "default");

    rw.writable = true;
    device.device = true;
    add_entry(&trial, &rw);
    add_entry(&trial, &device);
    add(&trial, STEP_BIND, "/r", "--ro #1");
    add(&trial, STEP_TMPFS, "/tmp", "default");
    add(&trial, STEP_MASK, "/m", "default");
    work_out(&trial);
    cr_expect_eq(trial.plan.landlock.count, 3);
    cr_expect(has_rule(&trial, LANDLOCK_RULE_TREE, "/w"));
    cr_expect(has_rule(&trial, LANDLOCK_RULE_TREE, "/tmp"));
    cr_expect(has_rule(&trial, LANDLOCK_RULE_DEVICE, "/dev/null"));
}

/* A private /dev, its devices from the host's, and a directory of devices. */
static void add_dev(struct trial *trial)
{
    struct view_entry dev = entry_of(STEP_TMPFS, "/dev", "default");
    struct view_entry null = entry_of(STEP_BIND, "/dev/null", "default");
    struct view_entry pts = entry_of(STEP_DEVPTS, "/dev/pts", "default");
    struct view_entry shm = entry_of(STEP_TMPFS, "/dev/shm", "default");

    dev.seal = true;
    null.step.source = "/dev/null";
    null.device = pts.device = true;
    shm.writable = true;
    add_entry(trial, &dev);
    add_entry(trial, &null);
    add_entry(trial, &pts);
    add_entry(trial, &shm);
    add(trial, STEP_SYMLINK, "/dev/fd", "default");
}

Test(view, one_rule_for_all_devices_of_a_private_dev)
{
    _cleanup_trial_ struct trial trial = trial_new();

    add_dev(&trial);
    work_out(&trial);
    cr_expect_eq(trial.plan.landlock.count, 2);
    cr_expect(has_rule(&trial, LANDLOCK_RULE_DEVICE, "/dev"));
    cr_expect(has_rule(&trial, LANDLOCK_RULE_TREE, "/dev/shm"));
}

/* What is read-only in /dev stays so by Landlock as well. */
Test(view, a_rule_for_each_device_where_something_else_is_in_dev)
{
    static const enum step_kind kinds[] = {STEP_BIND, STEP_FILE, STEP_MASK};

    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        _cleanup_trial_ struct trial trial = trial_new();
        struct view_entry other = entry_of(kinds[i], "/dev/other", "--ro #1");

        other.asked = true;
        other.step.source = "/srv/other";
        add_dev(&trial);
        add_entry(&trial, &other);
        work_out(&trial);
        cr_expect_eq(trial.plan.landlock.count, 3, "kind %zu", i);
        cr_expect(has_rule(&trial, LANDLOCK_RULE_DEVICE, "/dev/null"));
        cr_expect(has_rule(&trial, LANDLOCK_RULE_DEVICE, "/dev/pts"));
        cr_expect(has_rule(&trial, LANDLOCK_RULE_TREE, "/dev/shm"));
    }
}

/* ---- what the child may do in a shorter way ---- */

Test(view, the_hosts_dev_may_be_restricted_where_only_devices_are_taken_from_it)
{
    _cleanup_trial_ struct trial trial = trial_new();

    add_dev(&trial);
    work_out(&trial);
    cr_expect_neq(find(&trial, STEP_BIND, "/dev/null")->flags & STEP_OF_DEV, 0);
}

Test(view, the_hosts_dev_may_not_be_restricted_where_a_bind_shows_a_part_of_it)
{
    static const char *const sources[] = {"/dev/shm", "/dev"};

    for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
        _cleanup_trial_ struct trial trial = trial_new();

        add_dev(&trial);
        add_bind(&trial, sources[i], "/srv/x", "--rw #1");
        work_out(&trial);
        cr_expect_eq(find(&trial, STEP_BIND, "/dev/null")->flags & STEP_OF_DEV, 0, "%s",
                     sources[i]);
    }
}

Test(view, a_mask_is_found_by_its_name_only_where_the_hosts_sysfs_shows)
{
    _cleanup_trial_ struct trial trial = trial_new();
    _cleanup_trial_ struct trial covered = trial_new();
    struct view_entry mask = entry_of(STEP_MASK, "/sys/fs/bpf", "default");

    mask.step.flags = STEP_ON_SYSFS;
    trial.view.items[0].step.source = covered.view.items[0].step.source = "/";
    add_entry(&trial, &mask);
    work_out(&trial);
    cr_expect_neq(find(&trial, STEP_MASK, "/sys/fs/bpf")->flags & STEP_ON_SYSFS, 0);
    add_entry(&covered, &mask);
    add_bind(&covered, "/srv/fs", "/sys/fs", "--rw #1");
    work_out(&covered);
    cr_expect_eq(find(&covered, STEP_MASK, "/sys/fs/bpf")->flags & STEP_ON_SYSFS, 0);
}

Test(view, what_gives_way_has_no_rule)
{
    _cleanup_trial_ struct trial trial = trial_new();

    add(&trial, STEP_TMPFS, "/home/al", "default");
    add_directory(&trial, STEP_MASK, "/home", "--hide #1");
    work_out(&trial);
    cr_expect_eq(trial.plan.landlock.count, 0);
}

/* ---- sockets ---- */

static void add_socket(struct trial *trial, const char *path)
{
    cr_assert_eq(host_strings_add(&trial->host.sockets, trial->arena, path), 0);
}

Test(view, a_socket_is_masked_where_it_shows)
{
    _cleanup_trial_ struct trial trial = trial_new();

    add_socket(&trial, "/srv/s");
    add_socket(&trial, "/run/hidden");
    add(&trial, STEP_TMPFS, "/run", "default");
    work_out(&trial);
    expect_order(&trial, "mirror:/ tmpfs:/run mask:/srv/s");
    cr_expect_str_eq(find(&trial, STEP_MASK, "/srv/s")->origin, "host socket");
}

Test(view, a_socket_is_masked_in_each_bind_that_shows_it)
{
    _cleanup_trial_ struct trial trial = trial_new();

    add_socket(&trial, "/srv/in/s");
    add_bind(&trial, "/srv", "/a", "--ro #1");
    add_bind(&trial, "/srv/in", "/b", "--rw #1");
    add_bind(&trial, "/srv/other", "/c", "--ro #2");
    add_directory(&trial, STEP_MASK, "/a/in", "--hide #1");
    work_out(&trial);
    cr_expect_not_null(find(&trial, STEP_MASK, "/srv/in/s"));
    cr_expect_not_null(find(&trial, STEP_MASK, "/b/s"));
    cr_expect_null(find(&trial, STEP_MASK, "/a/in/s"), "the option hides it already");
    cr_expect_null(find(&trial, STEP_MASK, "/c/s"));
}

Test(view, a_socket_that_was_asked_for_shows)
{
    _cleanup_trial_ struct trial trial = trial_new();

    add_socket(&trial, "/srv/s");
    add_bind(&trial, "/srv/s", "/srv/s", "--ro #1");
    add_bind(&trial, "/srv/s", "/tmp/s", "--ro #2");
    work_out(&trial);
    expect_order(&trial, "mirror:/ bind:/srv/s bind:/tmp/s");
}

Test(view, a_socket_is_masked_where_its_file_system_shows_again)
{
    _cleanup_trial_ struct trial trial = trial_new();
    struct host_alias alias = {"/srv/s", "/mnt/s"};
    struct host_alias other = {"/home/al", "/mnt/al"}; /* of a directory: not a socket's */

    add_socket(&trial, "/srv/s");
    *ARENA_PUSH(trial.arena, &trial.host.aliases) = alias;
    *ARENA_PUSH(trial.arena, &trial.host.aliases) = other;
    work_out(&trial);
    expect_order(&trial, "mirror:/ mask:/mnt/s mask:/srv/s");
}

Test(view, a_socket_in_what_was_put_back_is_masked)
{
    _cleanup_trial_ struct trial trial = trial_new();

    add_socket(&trial, "/home/al/work/s");
    add_directory(&trial, STEP_MASK, "/home", "--hide #1");
    add_bind(&trial, "/home/al/work", "/home/al/work", "--ro #1");
    work_out(&trial);
    expect_order(&trial, "mirror:/ tmpfs:/home bind:/home/al/work mask:/home/al/work/s seal:/home");
}

/* The list grows while masks are added: many of them, at many places. */
Test(view, many_sockets)
{
    enum { COUNT = 200 };
    _cleanup_trial_ struct trial trial = trial_new();

    add_bind(&trial, "/srv", "/a", "--ro #1");
    for (int i = 0; i < COUNT; i++)
        add_socket(&trial, arena_printf(trial.arena, "/srv/%d", i));
    work_out(&trial);
    cr_expect_eq(trial.plan.steps.count, 3 + 2 * COUNT);
    for (int i = 0; i < COUNT; i++) {
        cr_expect_not_null(find(&trial, STEP_MASK, arena_printf(trial.arena, "/srv/%d", i)));
        cr_expect_not_null(find(&trial, STEP_MASK, arena_printf(trial.arena, "/a/%d", i)));
    }
}

/* ---- pins: what is above an asked entry can't be renamed ---- */

static void pin(struct trial *trial)
{
    cr_assert_eq(view_prune(&trial->view, trial->arena), 0);
    cr_assert_eq(view_pin_asked(&trial->view, trial->arena), 0);
    cr_assert_eq(view_steps(&trial->view, trial->arena, &trial->plan), 0);
}

static void add_writable(struct trial *trial, const char *source, const char *target,
                         uint64_t attributes)
{
    struct view_entry entry = entry_of(STEP_BIND, target, "--rw");

    entry.step.source = source;
    entry.step.attributes = attributes;
    entry.directory = entry.writable = true;
    add_entry(trial, &entry);
}

static void add_read_only(struct trial *trial, const char *source, const char *target)
{
    struct view_entry entry = entry_of(STEP_BIND, target, "--ro");

    entry.step.source = source;
    entry.step.attributes = MOUNT_ATTR_RDONLY;
    add_entry(trial, &entry);
}

/* The step at @target, which has to be a pin of @source; NULL: there is none. */
static const struct step *expect_pin(const struct trial *trial, const char *target,
                                     const char *source)
{
    for (size_t i = 0; i < trial->plan.steps.count; i++) {
        const struct step *step = &trial->plan.steps.items[i];

        if (step->target == NULL || strcmp(step->target, target) != 0)
            continue;
        cr_expect_eq(step->kind, STEP_BIND, "%s", target);
        cr_expect_eq((step->flags & STEP_PIN) != 0, source != NULL, "%s", target);
        if (source != NULL)
            cr_expect_str_eq(step->source, source);
        return step;
    }
    cr_expect_null(source, "nothing is at %s", target);
    return NULL;
}

Test(view, directories_between_a_writable_bind_and_what_is_guarded_are_pinned)
{
    _cleanup_trial_ struct trial trial = trial_new();
    const struct step *step;

    add_writable(&trial, "/s", "/w", MOUNT_ATTR_NOEXEC);
    add_read_only(&trial, "/x", "/w/a/b/c");
    pin(&trial);
    step = expect_pin(&trial, "/w/a", "/s/a");
    cr_expect_str_eq(step->origin, "--ro");
    cr_expect_eq(step->attributes, MOUNT_ATTR_NOEXEC);
    expect_pin(&trial, "/w/a/b", "/s/a/b");
    cr_expect_eq(trial.plan.steps.count, 6); /* with the mirror and the staging directory */
    /* the writable bind's own rule is that of its pins */
    cr_expect_eq(trial.plan.landlock.count, 1);
}

Test(view, a_pin_takes_the_place_of_no_other_entry)
{
    _cleanup_trial_ struct trial trial = trial_new();

    add_writable(&trial, "/w", "/w", 0);
    add_writable(&trial, "/x", "/w/a", 0);
    add_read_only(&trial, "/y", "/w/a/b/c");
    add_read_only(&trial, "/z", "/w/a/b/d");
    pin(&trial);
    expect_pin(&trial, "/w/a", NULL);
    expect_pin(&trial, "/w/a/b", "/x/b");
    cr_expect_eq(trial.plan.steps.count, 7);
}

/* A directory above the inner of two writable binds is one above all that lies in it. */
Test(view, all_that_is_above_is_pinned)
{
    _cleanup_trial_ struct trial trial = trial_new();

    add_writable(&trial, "/w", "/w", 0);
    add_writable(&trial, "/x", "/w/a/b", 0);
    add_read_only(&trial, "/y", "/w/a/b/c");
    pin(&trial);
    expect_pin(&trial, "/w/a", "/w/a");
    cr_expect_eq(trial.plan.steps.count, 6);
}

Test(view, nothing_else_is_pinned)
{
    _cleanup_trial_ struct trial trial = trial_new();
    struct view_entry absent = entry_of(STEP_MASK, "/w/e/f", "--hide");

    absent.absent = true;
    add_writable(&trial, "/w", "/w", 0);
    add_writable(&trial, "/x", "/w/a/b", 0);     /* writable as well */
    add(&trial, STEP_MASK, "/w/c/d", "default"); /* not asked for */
    add_entry(&trial, &absent);                  /* nothing there to guard */
    add_read_only(&trial, "/r", "/r");
    add_read_only(&trial, "/r/a/b", "/r/a/b"); /* nothing there to write to */
    add(&trial, STEP_TMPFS, "/t", "default");
    add_read_only(&trial, "/y", "/t/a/b"); /* nothing of the host's */
    pin(&trial);
    cr_expect_eq(trial.plan.steps.count, trial.view.count + 1);
    for (size_t i = 0; i < trial.plan.steps.count; i++)
        cr_expect_eq(trial.plan.steps.items[i].flags & STEP_PIN, 0);
}

/* A mask at another name of what is hidden counts where the view shows that name. */
Test(view, masks_are_pinned_where_they_hide_what_they_are_to_hide)
{
    _cleanup_trial_ struct trial trial = trial_new();
    struct view_entry right = entry_of(STEP_MASK, "/w/a/secret", "--hide");
    struct view_entry wrong = entry_of(STEP_MASK, "/w/b/secret", "--hide");

    right.host = "/s/a/secret";
    wrong.host = "/w/b/secret";
    add_writable(&trial, "/s", "/w", 0);
    add_entry(&trial, &right);
    add_entry(&trial, &wrong);
    pin(&trial);
    expect_pin(&trial, "/w/a", "/s/a");
    expect_pin(&trial, "/w/b", NULL);
}

Test(view, the_lowest_of_the_pins_may_be_missing)
{
    _cleanup_trial_ struct trial trial = trial_new();

    add_writable(&trial, "/w", "/w", 0);
    cr_assert_eq(view_pin(&trial.view, trial.arena, "/w/a/b/c/d", "x", 2), 0);
    cr_assert_eq(view_steps(&trial.view, trial.arena, &trial.plan), 0);
    cr_expect_eq(expect_pin(&trial, "/w/a", "/w/a")->flags & STEP_WHERE_THERE, 0);
    cr_expect_neq(expect_pin(&trial, "/w/a/b", "/w/a/b")->flags & STEP_WHERE_THERE, 0);
    cr_expect_neq(expect_pin(&trial, "/w/a/b/c", "/w/a/b/c")->flags & STEP_WHERE_THERE, 0);
}
