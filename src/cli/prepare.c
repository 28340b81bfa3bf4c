/* SPDX-License-Identifier: Apache-2.0 */
/* What `sbx run` and `sbx plan` share: from words to settings, as the right user. */
#include "cli/message.h"
#include "cli/problem.h"
#include "cli/verb.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

void cleanup_settings(struct sbx_settings **settings)
{
    sbx_settings_free(*settings);
}

void cleanup_plan(struct sbx_plan **plan)
{
    sbx_plan_free(*plan);
}

static int host_error(struct sbx_error *err, const char *origin, const char *hint,
                      const char *message)
{
    int number = errno;

    message_usage(err, origin, hint, "%s", message);
    err->kind = SBX_ERROR_INTERNAL;
    err->number = number;
    return -number;
}

/*
 * Root's memory must not be there for the user to look at, so after the change sbx starts again
 * from its own file.  The file is opened before: the user may not be able to reach its path.
 */
static int become_user(const struct call *call, const struct sbx_settings *settings,
                       const char *user, struct sbx_error *err)
{
    int fd = open("/proc/self/exe", O_PATH | O_CLOEXEC);
    int r;

    if (fd < 0)
        return host_error(err, "--as", "mount /proc", "sbx can't find its own program");
    r = sbx_become_user(settings, user, err);
    if (r > 0) {
        syscall(SYS_execveat, fd, "", call->argv, environ, AT_EMPTY_PATH);
        r = host_error(err, "--as",
                       "install sbx with permissions that let every user execute it (0755)",
                       "the user can't execute sbx");
    }
    close(fd);
    if (r < 0 && err->origin[0] == '\0')
        snprintf(err->origin, sizeof(err->origin), "--as");
    return r;
}

int prepare_settings(const struct call *call, const char *verb, const struct arguments *arguments,
                     struct sbx_settings **ret_settings, struct sbx_error *err)
{
    _cleanup_settings_ struct sbx_settings *settings = NULL;
    const char *user;
    int r;

    if (arguments->command[0] == NULL) {
        char hint[128];

        snprintf(hint, sizeof(hint),
                 "write sbx %s [OPTIONS] -- COMMAND; \"sbx %s --help\" says more", verb, verb);
        return message_usage(err, verb, hint, "there is no command");
    }
    settings = sbx_settings_new();
    if (settings == NULL) {
        errno = ENOMEM;
        return host_error(err, NULL, NULL, "no memory for the settings");
    }
    for (size_t i = 0; i < arguments->count; i++) {
        const struct argument *argument = &arguments->items[i];

        r = sbx_settings_add(settings, argument->option->name, argument->value, argument->origin,
                             err);
        if (r < 0)
            return r;
    }
    user = sbx_settings_get(settings, "as");
    if (user != NULL) {
        r = become_user(call, settings, user, err);
        if (r < 0)
            return r;
    }
    *ret_settings = settings;
    settings = NULL;
    return 0;
}

/* `as` of a profile.  Profiles are looked for again as that user, who has other ones: what root's
 * own say besides would be lost. */
static int become_user_of(const struct call *call, const struct sbx_settings *settings,
                          const struct sbx_profile *profile, const char *user,
                          struct sbx_error *err)
{
    bool change = geteuid() == 0 && strcmp(user, "root") != 0 && strcmp(user, "0") != 0;

    if (!change || !sbx_profile_has_own_layer(profile))
        return become_user(call, settings, user, err);
    return message_usage(err, "as",
                         "write --as on the command line, or put the profile into "
                         "/etc/sbx/profiles",
                         "'as' in a profile can't change the user where files of your own "
                         "directory are part of it: '%s' has other ones",
                         user);
}

int prepare_profile(const struct call *call, const char *command, struct sbx_settings *settings,
                    struct sbx_profile **ret_profile, struct sbx_error *err)
{
    _cleanup_problems_ struct sbx_problems *problems = sbx_problems_new();
    _cleanup_profile_ struct sbx_profile *profile = NULL;
    const char *before = sbx_settings_get(settings, "as");
    const char *user;
    int r;

    if (problems == NULL) {
        errno = ENOMEM;
        r = host_error(err, NULL, NULL, "no memory for the profile");
        verb_failed(err);
        return r;
    }
    r = sbx_profile_choose(settings, command, &profile, problems, err);
    if (r == 0)
        r = sbx_settings_add_profile(settings, profile, err);
    user = r < 0 || before != NULL ? NULL : sbx_settings_get(settings, "as");
    if (user != NULL)
        r = become_user_of(call, settings, profile, user, err);
    if (sbx_problems_count(problems) > 0)
        problems_print(problems);
    else if (r < 0)
        verb_failed(err);
    if (r == 0) {
        *ret_profile = profile;
        profile = NULL;
    }
    return r;
}
