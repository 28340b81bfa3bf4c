/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/invariants.h"

#include "base/cleanup.h"
#include "base/path.h"
#include "plan/view_model.h"
#include "policy/default_view.h"
#include "policy/places.h"
#include "run/step.h"

#include <criterion/criterion.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>

#define EXPECT(planned, step, condition, why)                                                      \
    cr_expect(condition, "%s: %s %s [%s]: %s", (planned)->name, step_ops[(step)->kind].name,       \
              (step)->target != NULL ? (step)->target : "", (step)->origin, why)

#define FOR_EACH_STEP(step, planned)                                                               \
    for (const struct step *step = (planned)->plan.steps.items,                                    \
                           *end_ = step + (planned)->plan.steps.count;                             \
         step < end_; step++)

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static size_t position(const struct planned *planned, enum step_kind kind)
{
    for (size_t i = 0; i < planned->plan.steps.count; i++)
        if (planned->plan.steps.items[i].kind == kind)
            return i;
    return SIZE_MAX;
}

static size_t count_kind(const struct planned *planned, enum step_kind kind)
{
    size_t count = 0;

    FOR_EACH_STEP(step, planned)
    count += step->kind == kind;
    return count;
}

/* What is mounted at "/": the mirror, or what a tree that lacks mount points is rebuilt on. */
static size_t root_position(const struct planned *planned)
{
    size_t found = SIZE_MAX;

    for (size_t i = 0; i < planned->plan.steps.count; i++) {
        const struct step *step = &planned->plan.steps.items[i];

        if (!view_is_mount(step) || strcmp(step->target, "/") != 0)
            continue;
        cr_expect_eq(found, SIZE_MAX, "%s: there are two roots", planned->name);
        found = i;
    }
    cr_assert_neq(found, SIZE_MAX, "%s: there is no root", planned->name);
    return found;
}

/* How many steps sbx itself does: a scope, a cgroup, and then its limits, one after the other;
 * before the clone, or right after it where there is a scope. */
static size_t steps_of_sbx(const struct planned *planned)
{
    size_t scopes = count_kind(planned, STEP_SCOPE);
    size_t limits = count_kind(planned, STEP_CGROUP_LIMIT);
    size_t cgroups = count_kind(planned, STEP_CGROUP);
    size_t first = scopes == 0 ? 0 : 2;

    cr_expect_leq(cgroups, 1, "%s: two cgroups", planned->name);
    cr_expect_eq(scopes, planned->plan.scope, "%s: scopes", planned->name);
    if (scopes > 0)
        cr_expect_eq(position(planned, STEP_SCOPE), 1, "%s: the child must exist", planned->name);
    if (scopes + cgroups + limits > 0)
        cr_expect_eq(position(planned, STEP_CGROUP), first, "%s: limits of no cgroup",
                     planned->name);
    for (size_t i = 0; i < limits; i++)
        cr_expect_eq(planned->plan.steps.items[first + 1 + i].kind, STEP_CGROUP_LIMIT,
                     "%s: a limit comes late", planned->name);
    return scopes + cgroups + limits;
}

static size_t clone_position(const struct planned *planned)
{
    return planned->plan.scope ? 0 : steps_of_sbx(planned);
}

/* All namespaces are made, by the clone alone or by it and one unshare: with procfs in between, or
 * for that of cgroups, which the process makes that is in the sandbox's own.  That of the network
 * is begun right after and entered before the right to do so is given up. */
static void check_namespaces(const struct planned *planned)
{
    const uint64_t wanted =
        CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
    bool first = count_kind(planned, STEP_PROCFS) > 0;
    bool later = !first && count_kind(planned, STEP_CGROUP) > 0;
    size_t own = steps_of_sbx(planned);
    size_t clone = clone_position(planned);
    size_t next = own + 1; /* what the child does first */
    uint64_t made = planned->plan.steps.items[clone].number;

    if (first) {
        cr_expect_eq(count_kind(planned, STEP_PROCFS), 1, "%s", planned->name);
        cr_expect_eq(position(planned, STEP_PROCFS), next, "%s", planned->name);
        cr_expect_eq(position(planned, STEP_UNSHARE), next + 1, "%s", planned->name);
        cr_expect_eq(made, CLONE_NEWPID, "%s", planned->name);
        cr_expect(planned->host.is_admin, "%s: only real root may do this", planned->name);
        made |= planned->plan.steps.items[next + 1].number;
    } else if (later) {
        cr_expect_eq(made & CLONE_NEWCGROUP, 0, "%s: it would show sbx's own", planned->name);
        cr_expect_eq(position(planned, STEP_UNSHARE), next, "%s", planned->name);
        made |= planned->plan.steps.items[next].number;
    }
    cr_expect_eq(count_kind(planned, STEP_UNSHARE), first || later, "%s", planned->name);
    cr_expect_eq(made, wanted, "%s: namespaces %#llx", planned->name, (unsigned long long)made);
    if (planned->spec.net != SPEC_NET_NONE)
        return;
    cr_expect_eq(position(planned, STEP_NETWORK), next + (first ? 2 : later), "%s", planned->name);
    cr_expect_gt(position(planned, STEP_NETWORK_ENTER), position(planned, STEP_CHDIR));
    cr_expect_lt(position(planned, STEP_NETWORK_ENTER), position(planned, STEP_CAPABILITIES));
}

/* How the command gets out of the caller's job. */
static enum step_kind group_step(const struct planned *planned)
{
    return planned->plan.terminal.mode == PLAN_TERMINAL_SHARED ? STEP_PROCESS_GROUP : STEP_SESSION;
}

/* A command that is not to have the caller's terminal has no way to it. */
static void check_terminal(const struct planned *planned)
{
    const struct plan_terminal *terminal = &planned->plan.terminal;
    bool replaced = terminal->replaced != 0;

    cr_expect_eq(count_kind(planned, STEP_PROCESS_GROUP) + count_kind(planned, STEP_SESSION), 1,
                 "%s", planned->name);
    cr_expect_eq(count_kind(planned, STEP_TERMINAL), replaced, "%s", planned->name);
    if (terminal->mode == PLAN_TERMINAL_SHARED) {
        cr_expect_not(replaced, "%s", planned->name);
        return;
    }
    FOR_EACH_STEP(step, planned)
    EXPECT(planned, step, step->target == NULL || strcmp(step->target, "/dev/console") != 0,
           "the caller's terminal has a name");
    for (size_t i = 0; i < planned->host.fds.count; i++) {
        const struct host_fd *fd = &planned->host.fds.items[i];

        cr_expect_eq(fd->open && fd->terminal, terminal_replaces(terminal, fd->fd),
                     "%s: descriptor %d", planned->name, fd->fd);
    }
    for (size_t i = 0; i < planned->plan.landlock.count; i++) {
        const struct landlock_rule *rule = &planned->plan.landlock.items[i];

        cr_expect(rule->kind != LANDLOCK_RULE_DESCRIPTOR || !terminal_replaces(terminal, rule->fd),
                  "%s: Landlock lets descriptor %d be opened", planned->name, rule->fd);
    }
}

/* Each of these comes once and in this order. */
static void check_sequence(const struct planned *planned)
{
    const enum step_kind order[] = {
        STEP_NAMESPACES,   STEP_ID_MAP, STEP_HOSTNAME,       STEP_KEYRING,
        STEP_STAGING,      STEP_PIVOT,  STEP_CHDIR,          STEP_CAPABILITIES,
        STEP_NO_NEW_PRIVS, STEP_INIT,   group_step(planned), STEP_COMMAND,
    };
    size_t last = 0;

    for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
        size_t here = position(planned, order[i]);

        cr_expect_eq(count_kind(planned, order[i]), 1, "%s: %zu steps %s", planned->name,
                     count_kind(planned, order[i]), step_ops[order[i]].name);
        cr_expect(i == 0 ? here == clone_position(planned) : here > last, "%s: %s is out of order",
                  planned->name, step_ops[order[i]].name);
        last = here;
    }
    cr_expect_eq(root_position(planned) + 1, position(planned, STEP_STAGING));
    cr_expect_eq(last, planned->plan.steps.count - 1, "%s: the command is not last", planned->name);
    if (count_kind(planned, STEP_LANDLOCK) > 0) {
        cr_expect_gt(position(planned, STEP_LANDLOCK), position(planned, STEP_NO_NEW_PRIVS));
        cr_expect_lt(position(planned, STEP_LANDLOCK), position(planned, STEP_INIT));
    }
    if (count_kind(planned, STEP_USERNS_LIMIT) > 0) {
        cr_expect_gt(position(planned, STEP_USERNS_LIMIT), position(planned, STEP_ID_MAP));
        cr_expect_lt(position(planned, STEP_USERNS_LIMIT), root_position(planned));
    }
    FOR_EACH_STEP(step, planned)
    {
        size_t here = (size_t)(step - planned->plan.steps.items);

        EXPECT(planned, step, step->origin != NULL && step->origin[0] != '\0', "no origin");
        if (view_is_mount(step) && here != root_position(planned))
            EXPECT(planned, step,
                   here > root_position(planned) && here < position(planned, STEP_PIVOT),
                   "not between the root and the pivot");
        if (step->kind == STEP_HOST_DIRECTORY)
            EXPECT(planned, step,
                   here > position(planned, STEP_ID_MAP) && here < root_position(planned),
                   "not before the view");
        if (step->kind == STEP_RLIMIT || step->kind == STEP_SECCOMP)
            EXPECT(planned, step, here > position(planned, group_step(planned)), "too early");
    }
}

/* What lies around another comes before it; what is sealed is complete. */
static void check_parents_first(const struct planned *planned)
{
    FOR_EACH_STEP(step, planned)
    {
        if (!view_is_mount(step) && step->kind != STEP_SEAL)
            continue;
        for (const struct step *later = step + 1;
             later < planned->plan.steps.items + planned->plan.steps.count; later++) {
            if (!view_is_mount(later))
                continue;
            EXPECT(planned, later, !path_is_within(step->target, later->target),
                   step->kind == STEP_SEAL ? "comes after a seal on it" : "covers an earlier step");
            if (step->kind == STEP_SEAL)
                EXPECT(planned, later, !path_is_below(later->target, step->target),
                       "comes after the seal of what it lies in");
        }
    }
}

/* Where something has to be made, it is made on a private tmpfs, and nowhere else. */
static void check_made_places(const struct planned *planned)
{
    FOR_EACH_STEP(step, planned)
    {
        const struct step *around;
        bool on_tmpfs;

        if (!view_is_mount(step) || strcmp(step->target, "/") == 0)
            continue;
        around = view_decides(&planned->plan, step->target, true);
        on_tmpfs = around != NULL && around->kind == STEP_TMPFS;
        EXPECT(planned, step, around != NULL, "lies in nothing");
        if (step->kind == STEP_DIRECTORY || step->kind == STEP_SYMLINK)
            EXPECT(planned, step, on_tmpfs, "would be made on a file system of the host");
        else if (step->kind != STEP_MASK)
            EXPECT(planned, step, ((step->flags & STEP_CREATE) != 0) == on_tmpfs,
                   on_tmpfs ? "its place is not made" : "its place would be made on the host");
        if (around != NULL && step->kind != STEP_MASK)
            EXPECT(planned, step, around->kind != STEP_MASK, "its place is hidden");
    }
}

static bool asked_with(const struct step *step, const char *option)
{
    return starts_with(step->origin, option);
}

static void check_attributes(const struct planned *planned)
{
    FOR_EACH_STEP(step, planned)
    {
        bool writable = (step->attributes & MOUNT_ATTR_RDONLY) == 0;

        if (step->kind != STEP_MIRROR && step->kind != STEP_BIND && step->kind != STEP_TMPFS &&
            step->kind != STEP_PROC && step->kind != STEP_FILE && step->kind != STEP_CGROUPFS)
            continue;
        EXPECT(planned, step, (step->attributes & MOUNT_ATTR_NOSUID) != 0, "not nosuid");
        if (step->kind == STEP_BIND || step->kind == STEP_MIRROR)
            EXPECT(planned, step,
                   !writable || view_is_pin(step) || asked_with(step, "--rw") ||
                       (step->kind == STEP_BIND && asked_with(step, "--home")),
                   "writable, and nobody asked for that");
        if (step->kind == STEP_PROC)
            EXPECT(planned, step, writable == planned->spec.proc_writable, "the wrong access");
        if (step->kind == STEP_PROC)
            EXPECT(planned, step, (step->attributes & MOUNT_ATTR_NOEXEC) != 0, "not noexec");
        if (step->kind == STEP_CGROUPFS) {
            EXPECT(planned, step, writable == (planned->spec.cgroup.view == SPEC_CGROUP_DELEGATE),
                   "the wrong access");
            cr_expect_not_null(planned->plan.cgroup, "%s: sbx's own cgroup shows", planned->name);
        }
        if (step->kind == STEP_FILE)
            EXPECT(planned, step, !writable, "a writable copy");
        if ((step->attributes & MOUNT_ATTR_NODEV) == 0)
            EXPECT(planned, step,
                   step->kind == STEP_BIND &&
                       (starts_with(step->target, "/dev/") || asked_with(step, "--dev-node")),
                   "not nodev");
    }
}

/* The directories that are hidden as homes, told from the host's facts alone. */
static size_t find_homes(const struct planned *planned, const char *homes[2])
{
    const char *names[] = {host_getenv(&planned->host, "HOME"), planned->host.passwd_home};
    size_t count = 0;

    for (size_t i = 0; i < 2; i++) {
        const struct host_path *fact =
            names[i] == NULL ? NULL : host_path_find(&planned->fixture->facts, names[i]);

        if (fact != NULL && fact->type == HOST_FILE_DIRECTORY &&
            strcmp(fact->canonical, "/") != 0 && (i == 0 || fact->owner == planned->host.uid))
            homes[count++] = fact->canonical;
    }
    return planned->spec.home == SPEC_HOME_HOST ? 0 : count;
}

/* What is granted by implication is read-only, is what was seen, and is never a home. */
static void check_grants(const struct planned *planned)
{
    static const char *const implied[] = {"PATH", "command", "working directory",
                                          "worktree of the working directory"};
    const char *homes[2];
    size_t count = find_homes(planned, homes);

    FOR_EACH_STEP(step, planned)
    {
        bool is_implied = false;

        if (step->kind != STEP_BIND || view_is_pin(step))
            continue;
        for (size_t i = 0; i < ARRAY_SIZE(implied); i++)
            is_implied = is_implied || strcmp(step->origin, implied[i]) == 0;
        if (is_implied)
            EXPECT(planned, step, (step->attributes & MOUNT_ATTR_RDONLY) != 0 && step->inode != 0,
                   "an implied grant that is not read-only, or not pinned to what was seen");
        for (size_t i = 0; i < count; i++) {
            /* what is bound back in a tree was not asked for by itself */
            bool asked = starts_with(step->origin, "--") &&
                         (strcmp(step->origin, "--root") != 0 ||
                          path_is_within(planned->host.tree.path, homes[i]));

            /* what the host has mounted below /proc is nobody's, HOME=/proc or not */
            asked = asked || strcmp(step->origin, "host mount") == 0;
            if (path_is_below(step->source, homes[i]))
                EXPECT(planned, step, is_implied || asked,
                       "shows a part of a home, and nobody asked for that");
            if (path_is_within(homes[i], step->source) || path_is_within(homes[i], step->target))
                EXPECT(planned, step, starts_with(step->origin, "--"),
                       "shows a home, and nobody asked for that");
        }
    }
}

static bool has_rule(const struct planned *planned, enum landlock_rule_kind kind, const char *path)
{
    for (size_t i = 0; i < planned->plan.landlock.count; i++) {
        const struct landlock_rule *rule = &planned->plan.landlock.items[i];

        if (rule->kind == kind && kind != LANDLOCK_RULE_DESCRIPTOR && strcmp(rule->path, path) == 0)
            return true;
    }
    return false;
}

static bool is_sealed(const struct planned *planned, const char *target)
{
    FOR_EACH_STEP(step, planned)
    if (step->kind == STEP_SEAL && strcmp(step->target, target) == 0)
        return true;
    return false;
}

/* Landlock lets write at the writable mounts and devices, and nowhere else.  One rule may do for
 * all devices of a private /dev that is sealed and has no other mount in it. */
static void check_landlock(const struct planned *planned)
{
    bool for_dev = has_rule(planned, LANDLOCK_RULE_DEVICE, "/dev");

    FOR_EACH_STEP(step, planned)
    {
        bool device = step->kind == STEP_DEVPTS ||
                      (step->kind == STEP_BIND && (step->attributes & MOUNT_ATTR_NODEV) == 0);

        if (!view_is_mount(step) || step->kind == STEP_DIRECTORY || step->kind == STEP_SYMLINK)
            continue;
        EXPECT(planned, step,
               has_rule(planned, LANDLOCK_RULE_TREE, step->target) ==
                   (!device && !view_is_pin(step) && view_lets_write(&planned->plan, step->target)),
               "Landlock's trees are not the writable mounts");
        if (for_dev && path_is_within(step->target, "/dev"))
            EXPECT(planned, step,
                   device || has_rule(planned, LANDLOCK_RULE_TREE, step->target) ||
                       (strcmp(step->target, "/dev") == 0 && step->kind == STEP_TMPFS &&
                        is_sealed(planned, step->target)),
                   "Landlock's rule for devices lets write to something else");
        else
            EXPECT(planned, step, has_rule(planned, LANDLOCK_RULE_DEVICE, step->target) == device,
                   "Landlock's devices are not the view's");
    }
    for (size_t i = 0; i < planned->plan.landlock.count; i++) {
        const struct landlock_rule *rule = &planned->plan.landlock.items[i];
        const struct step *step;

        if (rule->kind == LANDLOCK_RULE_DESCRIPTOR) {
            cr_expect(rule->fd != 0 || planned->host.terminal != NULL,
                      "%s: a file as standard input may be written to", planned->name);
            continue;
        }
        step = view_decides(&planned->plan, rule->path, false);
        cr_expect(step != NULL && strcmp(step->target, rule->path) == 0,
                  "%s: a Landlock rule for %s, where nothing is mounted", planned->name,
                  rule->path);
    }
}

/* What is hidden at its own place is hidden wherever a directory above it shows, unless it was
 * asked for by itself. */
static void check_hidden_place(const struct planned *planned, const char *path)
{
    FOR_EACH_STEP(step, planned)
    {
        const char *place;

        if ((step->kind != STEP_BIND && step->kind != STEP_MIRROR) ||
            !path_is_below(path, step->source))
            continue;
        place = path_join(planned->arena, step->target, path_relative(path, step->source));
        EXPECT(planned, step, view_decides(&planned->plan, place, false) != step,
               arena_printf(planned->arena, "shows %s", path));
    }
}

static void check_hidden(const struct planned *planned, const char *path)
{
    check_hidden_place(planned, path);
    for (size_t i = 0; i < planned->host.aliases.count; i++)
        if (strcmp(planned->host.aliases.items[i].path, path) == 0)
            check_hidden_place(planned, planned->host.aliases.items[i].alias);
}

static void check_hidden_everywhere(const struct planned *planned)
{
    const char *homes[2];
    size_t count = find_homes(planned, homes);

    for (size_t i = 0; i < count; i++)
        check_hidden(planned, homes[i]);
    for (const char *const *path = root_secrets; planned->host.uid == 0 && *path != NULL; path++) {
        const struct host_path *fact = host_path_find(&planned->fixture->facts, *path);

        if (fact != NULL && fact->canonical != NULL)
            check_hidden(planned, fact->canonical);
    }
}

/* Was the host's @path asked for, itself or what it lies in? */
static bool asked_for(const struct planned *planned, const char *path)
{
    if (planned->spec.home == SPEC_HOME_HOST)
        return true;
    FOR_EACH_STEP(step, planned)
    if (step->kind == STEP_BIND && !view_is_pin(step) && starts_with(step->origin, "--") &&
        path_is_within(path, step->source))
        return true;
    return false;
}

static void check_secrets(const struct planned *planned)
{
    for (size_t i = 0; i < planned->fixture->secrets.count; i++) {
        const char *secret = planned->fixture->secrets.items[i];
        const char *shown = view_shows(planned->arena, &planned->plan, secret);

        /* the same name in a tree is the tree's own */
        if (shown != NULL && planned->host.tree.path != NULL &&
            !host_strings_contain(&planned->fixture->secrets, shown))
            continue;
        cr_expect(shown == NULL || asked_for(planned, shown), "%s: %s shows the host's %s",
                  planned->name, secret, shown);
    }
}

/* A socket can be reached through a read-only mount: it shows only where its own path was asked
 * for. */
static void check_sockets(const struct planned *planned)
{
    for (size_t i = 0; i < planned->host.sockets.count; i++) {
        const char *socket = planned->host.sockets.items[i];

        FOR_EACH_STEP(step, planned)
        {
            const char *place;

            if ((step->kind != STEP_BIND && step->kind != STEP_MIRROR) ||
                !path_is_within(socket, step->source) || strcmp(socket, step->source) == 0)
                continue;
            place = path_join(planned->arena, step->target, path_relative(socket, step->source));
            EXPECT(planned, step, view_decides(&planned->plan, place, false) != step,
                   arena_printf(planned->arena, "shows the socket %s", socket));
        }
    }
}

/* /dev/null and its like can be used wherever they show: a mount without devices would show a node
 * that nobody can open. */
static void check_devices(const struct planned *planned)
{
    static const char *const nodes[] = {"/dev/null", "/dev/zero", "/dev/urandom", "/dev/tty"};

    for (size_t i = 0; i < ARRAY_SIZE(nodes); i++) {
        const struct step *step = view_decides(&planned->plan, nodes[i], false);

        if (view_shows(planned->arena, &planned->plan, nodes[i]) != NULL)
            EXPECT(planned, step,
                   (step->attributes & MOUNT_ATTR_NODEV) == 0 ||
                       (strcmp(step->source, step->target) != 0 && asked_with(step, "--")),
                   arena_printf(planned->arena, "%s is there and can't be used", nodes[i]));
    }
}

/* A pin shows what was there before, with the same rights or fewer. */
static void check_pins(const struct planned *planned)
{
    FOR_EACH_STEP(step, planned)
    {
        const struct step *around;

        if (!view_is_pin(step))
            continue;
        around = view_decides(&planned->plan, step->target, true);
        EXPECT(planned, step, around->kind == STEP_BIND || around->kind == STEP_MIRROR,
               "a pin in what is no bind");
        EXPECT(planned, step,
               path_is_same_below(step->source, around->source, step->target, around->target),
               "a pin that shows something else");
        EXPECT(planned, step,
               step->attributes == around->attributes ||
                   step->attributes == (around->attributes | MOUNT_ATTR_RDONLY),
               "a pin with other rights");
        EXPECT(planned, step, (around->attributes & MOUNT_ATTR_RDONLY) == 0,
               "a pin where nothing can be moved");
    }
}

/* What an option protects or hides is not undone by a rename above it. */
static void check_not_moved(const struct planned *planned)
{
    FOR_EACH_STEP(step, planned)
    {
        bool guards = step->kind == STEP_TMPFS || step->kind == STEP_FILE ||
                      (step->kind == STEP_MASK && step->inode != 0) ||
                      (step->kind == STEP_BIND && !view_is_pin(step) &&
                       (step->attributes & MOUNT_ATTR_RDONLY) != 0 &&
                       (step->attributes & MOUNT_ATTR_NODEV) != 0);

        /* what --home and --hostname put there protects nothing */
        if (guards && asked_with(step, "--") && !asked_with(step, "--ho"))
            EXPECT(planned, step, !view_lets_move(planned->arena, &planned->plan, step->target),
                   "a directory above it can be renamed");
    }
}

/* At @place the bind @step would show profiles, or a link on the way to them. */
static void check_profile_place(const struct planned *planned, const struct step *step,
                                const char *place)
{
    const struct step *top = view_decides(&planned->plan, place, false);
    bool shows = top == step || view_is_pin(top);

    if (shows)
        EXPECT(planned, step, !view_lets_write(&planned->plan, place),
               arena_printf(planned->arena, "profiles can be written at %s", place));
    /* what lies over the place has to stay over it */
    if ((step->attributes & MOUNT_ATTR_RDONLY) == 0)
        EXPECT(planned, step,
               !view_lets_move(planned->arena, &planned->plan, shows ? place : top->target),
               arena_printf(planned->arena, "profiles can be moved away from %s", place));
}

/* At each name that @path has on the host, in each bind that shows it. */
static void check_profile_path(const struct planned *planned, const char *path)
{
    struct host_strings places = {0};

    cr_assert_eq(places_find(planned->arena, &planned->host.mounts, path, &places), 0);
    for (size_t i = 0; i < places.count; i++)
        FOR_EACH_STEP(step, planned)
        {
            if ((step->kind == STEP_BIND || step->kind == STEP_MIRROR) &&
                path_is_within(places.items[i], step->source))
                check_profile_place(planned, step,
                                    path_join(planned->arena, step->target,
                                              path_relative(places.items[i], step->source)));
        }
}

/* Nobody but the user outside decides what profiles say. */
static void check_profiles(const struct planned *planned)
{
    bool writable = false;

    FOR_EACH_STEP(step, planned)
    writable = writable ||
               ((step->kind == STEP_BIND || step->kind == STEP_MIRROR) &&
                (step->attributes & (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV)) == MOUNT_ATTR_NODEV);
    cr_expect(writable || count_kind(planned, STEP_HOST_DIRECTORY) == 0,
              "%s: a directory of the host is made for nothing", planned->name);
    for (size_t i = 0; i < planned->host.profile_directories.count; i++) {
        const char *directory = planned->host.profile_directories.items[i];
        const struct host_place *fact = host_place_find(&planned->host, directory);

        cr_expect(!writable || fact != NULL, "%s: nobody asked where profiles are", planned->name);
        if (fact == NULL)
            continue;
        check_profile_path(planned, fact->place);
        for (size_t k = 0; k < fact->links.count; k++)
            check_profile_path(planned, fact->links.items[k]);
    }
}

static void check_lockdown(const struct planned *planned)
{
    const struct spec *spec = &planned->spec;
    bool own_net = spec->net == SPEC_NET_NONE;

    cr_expect_eq(count_kind(planned, STEP_NETWORK), own_net ? 1 : 0, "%s: network", planned->name);
    cr_expect_eq(count_kind(planned, STEP_NETWORK_ENTER), own_net ? 1 : 0, "%s: network-enter",
                 planned->name);
    cr_expect_eq(count_kind(planned, STEP_USERNS_LIMIT), spec->userns ? 0 : 1, "%s: userns-limit",
                 planned->name);
    cr_expect_eq(count_kind(planned, STEP_SECCOMP), spec->seccomp == SPEC_SECCOMP_OFF ? 0 : 1,
                 "%s: seccomp", planned->name);
    cr_expect_eq(count_kind(planned, STEP_LANDLOCK),
                 planned->host.landlock_abi >= 2 && !spec->userns ? 1 : 0, "%s: landlock",
                 planned->name);
    cr_expect(
        planned->plan.degraded.count > 0 ||
            (planned->host.landlock_abi >= 6 && !spec->userns && spec->seccomp != SPEC_SECCOMP_OFF),
        "%s: something is absent, and the plan does not say so", planned->name);
}

void invariants_check(const struct planned *planned)
{
    check_namespaces(planned);
    invariants_of_limits(planned);
    invariants_of_paths(planned);
    check_sequence(planned);
    check_terminal(planned);
    check_parents_first(planned);
    check_made_places(planned);
    check_attributes(planned);
    check_grants(planned);
    check_landlock(planned);
    check_hidden_everywhere(planned);
    check_secrets(planned);
    check_sockets(planned);
    check_devices(planned);
    check_pins(planned);
    check_not_moved(planned);
    check_profiles(planned);
    check_lockdown(planned);
}
