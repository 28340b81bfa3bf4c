/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Becoming an ordinary user.
 *
 * Theory of operation.  After the exec that follows, other processes of that user may look at this
 * one: trace it, read its environment, take its descriptors (pidfd_getfd(2)).  So what was root's
 * must not be there any more: descriptors close with the exec, and variables that no command would
 * get are dropped now.  Until the exec the process is not dumpable, because its ids changed.
 */
#include "lib/settings.h"

#include "base/error.h"
#include "kernel/account.h"
#include "policy/environment.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool is_asked_for(const struct sbx_settings *settings, const char *entry)
{
    size_t length = strcspn(entry, "=");

    for (size_t i = 0; i < settings->list.count; i++) {
        const struct setting *setting = &settings->list.items[i];

        if (strcmp(setting->option->name, "env-all") == 0)
            return true;
        if (strcmp(setting->option->name, "env") == 0 && strlen(setting->value) == length &&
            strncmp(setting->value, entry, length) == 0)
            return true;
    }
    return false;
}

static void clean_environment(const struct sbx_settings *settings)
{
    char **write = environ;

    for (char **entry = environ; *entry != NULL; entry++)
        if (environment_is_passed(*entry) || is_asked_for(settings, *entry))
            *write++ = *entry;
    *write = NULL;
}

static int close_on_exec(const struct sbx_settings *settings)
{
    if (syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
        return -errno;
    for (size_t i = 0; i < settings->list.count; i++) {
        const struct setting *setting = &settings->list.items[i];

        /* a value that is no descriptor is an error of the plan, later */
        if (strcmp(setting->option->name, "keep-fd") == 0)
            (void)fcntl(atoi(setting->value), F_SETFD, 0);
    }
    return 0;
}

static int change_ids(struct arena *arena, const struct account *account)
{
    gid_t *groups;
    size_t count;
    int result = account_groups(arena, account->name, account->gid, &groups, &count);

    if (result < 0)
        return result;
    if (setgroups(count, groups) < 0 || setresgid(account->gid, account->gid, account->gid) < 0 ||
        setresuid(account->uid, account->uid, account->uid) < 0)
        return -errno;
    return 0;
}

static int set_account_variables(const struct account *account)
{
    if (setenv("HOME", account->home, 1) < 0 || setenv("USER", account->name, 1) < 0 ||
        setenv("LOGNAME", account->name, 1) < 0 ||
        setenv("SHELL", account->shell[0] != '\0' ? account->shell : "/bin/sh", 1) < 0)
        return -errno;
    return 0;
}

static int become(struct arena *arena, const struct sbx_settings *settings, const char *user,
                  struct sbx_error *err)
{
    struct account account;
    int result = account_by_name(arena, user, &account);

    if (result == -ENOENT)
        return error_usage(err, "--as", "there is no user '%s'", user);
    if (result == 0 && account.uid == geteuid() && account.uid == getuid())
        return 0;
    if (result == 0 && geteuid() != 0) {
        error_set(err, SBX_ERROR_USAGE, EPERM, "as", NULL, "only root can run a command as '%s'",
                  user);
        error_add_origin(err, "--as");
        error_add_hint(err, "leave --as out, or start sbx as root");
        return -EPERM;
    }
    if (result == 0)
        result = close_on_exec(settings);
    if (result == 0)
        result = change_ids(arena, &account);
    if (result == 0) {
        clean_environment(settings);
        result = set_account_variables(&account);
    }
    if (result < 0) {
        error_set(err, SBX_ERROR_SETUP, -result, "as", NULL, "cannot become user '%s'", user);
        error_add_origin(err, "--as");
        return result;
    }
    return 1;
}

int sbx_become_user(const struct sbx_settings *settings, const char *user, struct sbx_error *err)
{
    struct arena *arena = arena_new();
    int result = arena == NULL ? error_oom(err) : become(arena, settings, user, err);

    arena_free(arena);
    return result;
}
