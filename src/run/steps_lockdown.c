/* SPDX-License-Identifier: Apache-2.0 */
/* Steps that give up rights for good, and the last one: the exec of init. */
#include "run/child.h"

#include "kernel/landlock.h"
#include "run/place.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int apply_capabilities(struct child *child, const struct step *step)
{
    (void)step;
    return capability_drop_all(&child->inputs->capabilities);
}

int apply_no_new_privs(struct child *child, const struct step *step)
{
    (void)child;
    (void)step;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

static int allow(struct child *child, int ruleset, int abi, const struct landlock_rule *rule)
{
    int result;
    int fd;

    if (rule->kind == LANDLOCK_RULE_DESCRIPTOR) {
        child->what = "allow an open descriptor";
        result = landlock_allow_writes(ruleset, abi, rule->fd);
        return result < 0 ? result : 0;
    }
    child->what = rule->path;
    fd = place_leave_open(child, open(rule->path, O_PATH | O_CLOEXEC | O_NOFOLLOW));
    if (fd < 0)
        return -errno;
    result = rule->kind == LANDLOCK_RULE_DEVICE ? landlock_allow_writes(ruleset, abi, fd)
                                                : landlock_allow_tree(ruleset, abi, fd);
    return result < 0 ? result : 0;
}

int apply_landlock(struct child *child, const struct step *step)
{
    int abi = (int)step->number;
    int ruleset = landlock_ruleset(abi, (unsigned)step->number2);

    if (ruleset < 0)
        return ruleset;
    place_hold(child, ruleset);
    for (size_t i = 0; i < child->plan->landlock.count; i++) {
        int result = allow(child, ruleset, abi, &child->plan->landlock.items[i]);

        if (result == 0)
            result = place_sweep(child);
        if (result < 0)
            return result;
    }
    child->what = NULL;
    return landlock_enforce(ruleset);
}

/* Landlock can't be read back.  The staging tmpfs is writable and this process's own; it lies in no
 * tree that a rule allows, and as nothing shows it any more the directory is gone with it. */
static int try_landlock(const struct child *child)
{
    if ((child->plan->tries & PLAN_TRY_LANDLOCK) == 0)
        return 0;
    return mkdirat(child->staging, "landlock", 0700) < 0 ? errno : 0;
}

static int show_view(const struct child *child)
{
    const struct child_view view = {.type = CHILD_VIEW_TYPE, .landlock_error = try_landlock(child)};

    return send(child->control, &view, sizeof(view), MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* Init gets the control socket as descriptor 0 and nothing else; the program itself is
 * descriptor 1 until its exec closes it. */
int apply_init(struct child *child, const struct step *step)
{
    static const char *const argv[] = {"sbx-init", NULL};
    static const char *const envp[] = {NULL};
    int result =
        network_settle(child); /* nothing of the maker may be there when the command starts */

    (void)step;
    if (result < 0)
        return result;
    child->what = NULL;
    result = show_view(child);
    if (result < 0)
        return result;
    umask(child->umask);
    if (dup2(child->control, 0) < 0 || dup3(child->init, 1, O_CLOEXEC) < 0)
        return -errno;
    child->control = 0;
    if (syscall(SYS_close_range, 2U, ~0U, 0U) < 0)
        return -errno;
    syscall(SYS_execveat, 1, "", argv, envp, AT_EMPTY_PATH);
    return -errno;
}
