/* SPDX-License-Identifier: Apache-2.0 */
/* The list of what was looked at; and everything that is no mount. */
#include "policy/attest.h"

#include "base/cleanup.h"
#include "kernel/capability.h"
#include "policy/rlimit.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <string.h>
#include <sys/resource.h>

/* ---- the list ---- */

bool attest_wants(const struct attest *attest, enum attest_state state)
{
    return attest->all || state == ATTEST_DIFFERS;
}

int attest_add(struct attest *attest, const struct attest_item *item)
{
    struct attest_item *slot;

    attest->differences += item->state == ATTEST_DIFFERS;
    if (item->expected == NULL || item->found == NULL)
        return -ENOMEM;
    slot = ARENA_PUSH(attest->arena, &attest->items);
    if (slot == NULL)
        return -ENOMEM;
    *slot = *item;
    return 0;
}

const struct attest_item *attest_difference(const struct attest *attest)
{
    for (size_t i = 0; i < attest->items.count; i++)
        if (attest->items.items[i].state == ATTEST_DIFFERS)
            return &attest->items.items[i];
    return NULL;
}

static const char *origin_of(const struct plan *plan, enum step_kind kind)
{
    const struct step *step = plan_step(plan, kind);

    return step == NULL ? NULL : step->origin;
}

static enum attest_state state_of(bool good)
{
    return good ? ATTEST_AS_PLANNED : ATTEST_DIFFERS;
}

/* For what is told by two constant texts. */
static int add(struct attest *attest, bool good, const char *what, const char *subject,
               const char *expected, const char *found, const char *origin)
{
    if (!attest_wants(attest, state_of(good)))
        return 0;
    return attest_add(attest, &(struct attest_item){.state = state_of(good),
                                                    .what = what,
                                                    .subject = subject,
                                                    .expected = expected,
                                                    .found = found,
                                                    .origin = origin});
}

static const char *number(struct attest *attest, int64_t value)
{
    return arena_printf(attest->arena, "%" PRId64, value);
}

/* For two numbers. */
static int add_number(struct attest *attest, const char *what, const char *subject,
                      int64_t expected, int64_t found, const char *origin)
{
    if (!attest_wants(attest, state_of(expected == found)))
        return 0;
    return add(attest, expected == found, what, subject, number(attest, expected),
               number(attest, found), origin);
}

/* ---- namespaces and ids ---- */

static int compare_namespaces(struct attest *attest, const struct attest_facts *facts)
{
    const struct plan *plan = attest->plan;
    uint64_t own = 0;
    int result = 0;

    for (size_t i = 0; i < plan->steps.count; i++)
        if (plan->steps.items[i].kind == STEP_NAMESPACES ||
            plan->steps.items[i].kind == STEP_UNSHARE)
            own |= plan->steps.items[i].number;
    own |= plan_step(plan, STEP_NETWORK_ENTER) != NULL ? CLONE_NEWNET : 0;
    for (size_t i = 0; i < PROCESS_NAMESPACES && result == 0; i++) {
        bool wanted = (own & process_namespaces[i].flag) != 0;
        bool is_own = facts->here[i] != facts->inside[i];

        result = add(attest, wanted == is_own && (!wanted || facts->inside[i] != 0), "namespace",
                     process_namespaces[i].name, wanted ? "its own" : "the caller's",
                     facts->inside[i] == 0 ? "none"
                     : is_own              ? "its own"
                                           : "the caller's",
                     origin_of(plan, STEP_NAMESPACES));
    }
    return result;
}

/* "0 1000 1": the same numbers, whatever the space between them? */
static bool is_same_map(const char *planned, const char *found)
{
    for (;;) {
        planned += strspn(planned, " \t\n");
        found += strspn(found, " \t\n");
        if (*planned == '\0' || *found == '\0')
            return *planned == *found;
        for (; *planned > ' '; planned++, found++)
            if (*planned != *found)
                return false;
        if (*found > ' ')
            return false;
    }
}

static int compare_map(struct attest *attest, const char *what, const char *planned,
                       const char *found)
{
    bool good = is_same_map(planned, found);

    if (!attest_wants(attest, state_of(good)))
        return 0;
    return add(attest, good, what, NULL,
               arena_strndup(attest->arena, planned, strcspn(planned, "\n")),
               arena_strndup(attest->arena, found, strcspn(found, "\n")),
               origin_of(attest->plan, STEP_ID_MAP));
}

/* The second number of a map: who the command is on the host. */
static uint32_t outside_of(const char *map)
{
    return (uint32_t)strtoul(map + strcspn(map, " "), NULL, 10);
}

static int compare_id(struct attest *attest, const char *what, uint32_t expected,
                      const uint32_t found[static 4])
{
    int result = 0;

    for (size_t i = 0; i < 4 && result == 0; i++)
        if (i == 0 || found[i] != found[0])
            result = add_number(attest, what, NULL, expected, found[i],
                                origin_of(attest->plan, STEP_ID_MAP));
    return result;
}

static bool is_planned_group(const struct plan *plan, gid_t own, gid_t gid)
{
    for (size_t i = 0; i < plan->groups.count; i++)
        if (plan->groups.items[i].gid == gid)
            return true;
    return gid == own;
}

static int compare_groups(struct attest *attest, const struct attest_facts *facts, gid_t own)
{
    const struct process_status *status = &facts->status;

    for (size_t i = 0; i < status->group_count; i++)
        if (!is_planned_group(attest->plan, own, status->groups[i]))
            return add(attest, false, "groups", NULL, "those of the caller",
                       arena_printf(attest->arena, "%u", status->groups[i]), NULL);
    return add(attest, true, "groups", NULL, "those of the caller", "those of the caller", NULL);
}

static int compare_ids(struct attest *attest, const struct attest_facts *facts)
{
    const struct step *map = plan_step(attest->plan, STEP_ID_MAP);
    int result = compare_map(attest, "uid-map", map->source, facts->uid_map);

    if (result == 0)
        result = compare_map(attest, "gid-map", map->target, facts->gid_map);
    if (result == 0)
        result = compare_id(attest, "uid", outside_of(map->source), facts->status.uids);
    if (result == 0)
        result = compare_id(attest, "gid", outside_of(map->target), facts->status.gids);
    return result < 0 ? result : compare_groups(attest, facts, outside_of(map->target));
}

/* ---- rights ---- */

static int compare_capabilities(struct attest *attest, const struct attest_facts *facts)
{
    static const char *const names[PROCESS_CAPABILITY_SETS] = {
        [PROCESS_INHERITABLE] = "inheritable", [PROCESS_PERMITTED] = "permitted",
        [PROCESS_EFFECTIVE] = "effective",     [PROCESS_BOUNDING] = "bounding",
        [PROCESS_AMBIENT] = "ambient",
    };
    const char *origin = origin_of(attest->plan, STEP_CAPABILITIES);
    int result = 0;

    for (size_t i = 0; i < PROCESS_CAPABILITY_SETS && result == 0; i++) {
        uint64_t set = facts->status.capabilities[i];

        if (attest_wants(attest, state_of(set == 0)))
            result = add(attest, set == 0, "capabilities", names[i], "none",
                         set == 0 ? "none" : arena_printf(attest->arena, "%#" PRIx64, set), origin);
    }
    if (result == 0)
        result = add_number(attest, "securebits", NULL, CAPABILITY_SECUREBITS, facts->securebits,
                            origin);
    if (result == 0)
        result = add_number(attest, "no-new-privs", NULL, 1, facts->status.no_new_privs,
                            origin_of(attest->plan, STEP_NO_NEW_PRIVS));
    return result;
}

/* Filters of a container around sbx are inherited and count as well. */
static int compare_filter(struct attest *attest, const struct attest_facts *facts)
{
    const struct step *step = plan_step(attest->plan, STEP_SECCOMP);
    bool known = facts->own_filters >= 0 && facts->status.seccomp_filters >= 0;
    int expected = facts->own_filters + (step != NULL);
    const char *origin = step == NULL ? NULL : step->origin;
    int result = 0;

    if (step != NULL || (known && facts->own_filters == 0))
        result = add_number(attest, "seccomp", "mode", step != NULL ? 2 : 0,
                            facts->status.seccomp_mode, origin);
    if (result < 0)
        return result;
    if (known)
        return add_number(attest, "seccomp", "filters", expected, facts->status.seccomp_filters,
                          origin);
    return !attest->all
               ? 0
               : attest_add(attest, &(struct attest_item){
                                        .state = ATTEST_UNKNOWN,
                                        .what = "seccomp",
                                        .subject = "filters",
                                        .expected = step != NULL ? "one more than the caller's"
                                                                 : "the caller's",
                                        .found = "this kernel does not tell how many",
                                        .origin = origin});
}

static const char *refusal(struct attest *attest, int error)
{
    return error == 0 ? "it worked" : arena_printf(attest->arena, "%s", strerrorname_np(error));
}

/* Where the machine lets nobody make one who has no rights outside (Debian's switch at 0, a
 * security module), that is said before the limit is asked. */
static int compare_userns(struct attest *attest, int error)
{
    bool other = error == EPERM || error == EACCES;
    enum attest_state state = other ? ATTEST_UNKNOWN : state_of(error == ENOSPC);

    if (!attest_wants(attest, state))
        return 0;
    return attest_add(attest,
                      &(struct attest_item){.state = state,
                                            .what = "userns-limit",
                                            .subject = "a user namespace of its own",
                                            .expected = "ENOSPC",
                                            .found = refusal(attest, error),
                                            .origin = origin_of(attest->plan, STEP_USERNS_LIMIT)});
}

/* What can't be read back was tried. */
static int compare_tries(struct attest *attest, const struct attest_facts *facts,
                         const struct attest_command *command)
{
    const struct plan *plan = attest->plan;
    int result = 0;

    if ((plan->tries & PLAN_TRY_LANDLOCK) != 0 && command->first &&
        attest_wants(attest, state_of(facts->landlock_error == EACCES)))
        result = add(attest, facts->landlock_error == EACCES, "landlock",
                     "a directory made on a private tmpfs that no rule allows", "EACCES",
                     refusal(attest, facts->landlock_error), origin_of(plan, STEP_LANDLOCK));
    if (result == 0 && (plan->tries & PLAN_TRY_USERNS) != 0)
        result = compare_userns(attest, facts->userns_error);
    return result;
}

static int compare_keyring(struct attest *attest, const struct attest_facts *facts)
{
    bool none = facts->keyring == -ENOSYS; /* this kernel has no keys to pass on */
    bool fresh = facts->keyring > 0 && facts->keyring != facts->own_keyring;
    const char *found = none    ? "no key rings"
                        : fresh ? "its own"
                        : facts->keyring > 0
                            ? "the caller's"
                            : strerrorname_np(facts->keyring < 0 ? -facts->keyring : EIO);

    return add(attest, none || fresh, "keyring", NULL, "its own", found,
               origin_of(attest->plan, STEP_KEYRING));
}

static int compare_names(struct attest *attest, const struct attest_facts *facts)
{
    const struct step *step = plan_step(attest->plan, STEP_HOSTNAME);
    int result = add(attest, strcmp(step->target, facts->hostname) == 0, "hostname", NULL,
                     step->target, arena_strdup(attest->arena, facts->hostname), step->origin);

    return result < 0 ? result
                      : add(attest, strcmp("(none)", facts->domainname) == 0, "domainname", NULL,
                            "(none)", arena_strdup(attest->arena, facts->domainname), step->origin);
}

/* ---- the process ---- */

static int compare_job(struct attest *attest, const struct attest_facts *facts,
                       const struct attest_command *command)
{
    const struct process_status *status = &facts->status;
    const struct step *session = plan_step(attest->plan, STEP_SESSION);
    bool apart = command->first && session != NULL;
    int result = add(attest, status->process_group == status->pid, "process-group", NULL, "its own",
                     status->process_group == status->pid ? "its own" : "another's",
                     apart ? session->origin : origin_of(attest->plan, STEP_PROCESS_GROUP));

    if (result == 0 && apart)
        result = add(attest, status->session == status->pid, "session", NULL, "its own",
                     status->session == status->pid ? "its own" : "another's", session->origin);
    if (result == 0)
        result = add_number(attest, "dumpable", NULL, 0, facts->dumpable, NULL);
    return result;
}

static const char *limit_text(struct attest *attest, uint64_t soft, uint64_t hard)
{
    return arena_printf(attest->arena, "%" PRIu64 ", hard %" PRIu64, soft, hard);
}

static int compare_rlimits(struct attest *attest, const struct attest_facts *facts)
{
    const struct steps *steps = &attest->plan->steps;
    size_t count = 0;
    int result = 0;

    for (size_t i = 0; i < steps->count && result == 0; i++) {
        const struct step *step = &steps->items[i];
        const uint64_t *found;
        bool good;

        if (step->kind != STEP_RLIMIT)
            continue;
        found = facts->rlimits[count++];
        good = found[0] == step->number2 && found[1] == step->number3;
        if (attest_wants(attest, state_of(good)))
            result = add(attest, good, "rlimit", rlimit_name(step->number),
                         limit_text(attest, step->number2, step->number3),
                         limit_text(attest, found[0], found[1]), step->origin);
    }
    return result;
}

static bool is_asked_for(const struct attest_command *command, int fd)
{
    for (size_t i = 0; i < command->fd_count; i++)
        if (command->fds[i] == fd)
            return true;
    return false;
}

static bool is_open(const struct process_fds *fds, int fd)
{
    for (size_t i = 0; i < fds->count; i++)
        if (fds->items[i] == fd)
            return true;
    return false;
}

/* Those that were asked for; and the exec socket, which the exec closes. */
static int compare_descriptors(struct attest *attest, const struct attest_facts *facts,
                               const struct attest_command *command)
{
    const struct process_fds *fds = &facts->fds;
    const char *expected = "those asked for, and what the exec closes";
    const char *found = expected;

    if (facts->fds_error != 0)
        return !attest->all
                   ? 0
                   : attest_add(attest,
                                &(struct attest_item){.state = ATTEST_UNKNOWN,
                                                      .what = "descriptors",
                                                      .expected = expected,
                                                      .found = "this kernel does not tell them"});
    for (size_t i = 0; i < command->fd_count; i++)
        if (!is_open(fds, command->fds[i]))
            found = arena_printf(attest->arena, "%d is not open", command->fds[i]);
    for (size_t i = 0; i < fds->count; i++)
        if (!is_asked_for(command, fds->items[i]) &&
            !(fds->items[i] == facts->exec_socket && facts->closes_on_exec))
            found = arena_printf(attest->arena, "%d is open", fds->items[i]);
    return add(attest, found == expected, "descriptors", NULL, expected, found, NULL);
}

static int compare_directory(struct attest *attest, const struct attest_facts *facts)
{
    const struct step *step = plan_step(attest->plan, STEP_CHDIR);

    return add(attest, facts->in_directory, "directory", NULL, step->target, facts->directory,
               step->origin);
}

int attest_process(struct attest *attest, const struct attest_facts *facts,
                   const struct attest_command *command)
{
    int result = compare_namespaces(attest, facts);

    if (result == 0)
        result = compare_ids(attest, facts);
    if (result == 0)
        result = compare_capabilities(attest, facts);
    if (result == 0)
        result = compare_filter(attest, facts);
    if (result == 0)
        result = compare_tries(attest, facts, command);
    if (result == 0)
        result = compare_keyring(attest, facts);
    if (result == 0)
        result = compare_names(attest, facts);
    if (result == 0)
        result = compare_job(attest, facts, command);
    if (result == 0)
        result = compare_rlimits(attest, facts);
    if (result == 0)
        result = compare_descriptors(attest, facts, command);
    if (result == 0 && command->first)
        result = compare_directory(attest, facts);
    return result;
}
