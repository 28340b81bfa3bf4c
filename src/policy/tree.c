/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/tree.h"

#include "base/error.h"
#include "base/path.h"

#include <errno.h>
#include <string.h>

/* Ids of people, as login.defs(5) has them; root is one of them here. */
#define FIRST_PERSON 1000
#define LAST_PERSON  59999

static const char *const own_places[] = {"/proc", "/sys", "/dev"};

#define OWN_PLACES (sizeof(own_places) / sizeof(own_places[0]))

static bool is_usable_home(const char *home)
{
    if (home == NULL || home[0] != '/' || strcmp(home, "/") == 0)
        return false;
    for (size_t i = 0; i < OWN_PLACES; i++)
        if (path_is_within(home, own_places[i]))
            return false;
    return true;
}

/* The home of an account of the system's own may be a directory that everyone needs, as /usr/sbin;
 * so without being asked only a person's is made private, and what lies below /home. */
static bool is_private_home(const struct spec *spec, const char *home, uint64_t uid)
{
    const char *origin = spec->home_option.origin;
    bool is_asked = origin != NULL && strcmp(origin, "default") != 0;

    return is_asked || path_is_below(home, "/home") || uid == 0 ||
           (uid >= FIRST_PERSON && uid <= LAST_PERSON);
}

struct tree_account tree_account(const struct spec *spec, const struct host *host)
{
    const struct host_tree *tree = &host->tree;
    uint64_t uid = spec->uid.origin != NULL ? spec->uid.value : host->uid;
    struct tree_account account = {.user = tree->user, .home = tree->home, .shell = tree->shell};
    const struct host_path *fact;
    bool is_callers = false;

    if (!tree->has_account && spec->uid.origin == NULL && host->user != NULL &&
        !tree->user_is_taken) {
        account.user = host->user;
        account.home = host->passwd_home;
        account.is_added = true;
    }
    if (!tree->has_account && account.home == NULL && spec->uid.origin == NULL) {
        account.home = host_getenv(host, "HOME"); /* nobody knows this user: the caller says it */
        is_callers = true;
    }
    if (account.shell == NULL || account.shell[0] == '\0')
        account.shell = "/bin/sh";
    account.home_is_private =
        spec->home == SPEC_HOME_PRIVATE && is_usable_home(account.home) &&
        (account.is_added || is_callers || is_private_home(spec, account.home, uid));
    fact = account.home == NULL ? NULL : host_inside_path(host, account.home);
    if (!is_usable_home(account.home) ||
        (!account.home_is_private && spec->home != SPEC_HOME_DIRECTORY &&
         (fact == NULL || fact->type != HOST_FILE_DIRECTORY)))
        account.home = "/";
    return account;
}

int tree_check(const struct spec *spec, const struct host *host, struct sbx_error *err)
{
    const char *origin = spec->root.origin;

    if (host->tree.path == NULL) {
        int number = host->tree.error != 0 ? host->tree.error : ENOENT;

        error_set(err, SBX_ERROR_USAGE, number, "root", spec->root.value, "'%s'", spec->root.value);
        error_add_origin(err, origin);
        error_add_hint(err, number == EACCES
                                ? "the caller of sbx needs access to the tree"
                                : "it has to be a directory with a system in it, as debootstrap or "
                                  "mmdebstrap makes it");
        return -number;
    }
    for (size_t i = 0; i < OWN_PLACES; i++) {
        const struct host_place *place = host_inside_place(host, own_places[i]);

        if (place == NULL ||
            (place->error == 0 && place->directory && strcmp(place->place, own_places[i]) == 0))
            continue;
        error_usage(err, origin, "'%s' of the tree is %s: the sandbox's own can't be put there",
                    own_places[i], place->links.count > 0 ? "a link" : "no directory");
        error_add_hint(err, "make it an empty directory, or take it away");
        return -EINVAL;
    }
    return 0;
}

/* Where the view shows the host's directory @path, or NULL where it doesn't. */
static const char *shown_at(struct arena *arena, const struct spec *spec, const struct host *host,
                            const char *path)
{
    const char *rest;

    for (size_t i = spec->mounts.count; i > 0; i--) {
        const struct spec_mount *mount = &spec->mounts.items[i - 1];
        const struct host_path *source;

        if ((mount->kind != SPEC_MOUNT_RO && mount->kind != SPEC_MOUNT_RW) ||
            strcmp(mount->source, "/") == 0)
            continue;
        source = host_path_find(host, path_absolute(arena, host->cwd, mount->source));
        rest = source == NULL || source->canonical == NULL ? NULL
                                                           : path_relative(path, source->canonical);
        if (rest != NULL)
            return path_join(arena, path_absolute(arena, host->cwd, mount->target), rest);
    }
    rest = path_relative(path, host->tree.path);
    return rest == NULL ? NULL : path_join(arena, "/", rest);
}

const char *tree_workdir(struct arena *arena, const struct spec *spec, const struct host *host)
{
    const char *start = shown_at(arena, spec, host, host->cwd);

    if (start == NULL)
        start = "/";
    return spec->cd.value == NULL ? start : path_absolute(arena, start, spec->cd.value);
}
