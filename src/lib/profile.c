/* SPDX-License-Identifier: Apache-2.0 */
/* The public API of profiles: opaque handles over a chain of files and its settings. */
#include "lib/host_hint.h"
#include "lib/profile_choice.h"
#include "lib/profile_schema.h"
#include "lib/settings.h"

#include "base/error.h"
#include "base/path.h"
#include "policy/option.h"
#include "policy/profile_write.h"
#include "policy/value.h"

#include <sbx/profile.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct sbx_problems {
    struct arena *arena; /* of the texts; NULL where there are none */
    struct profile_problems list;
};

struct sbx_profile {
    struct arena *arena;
    const char *name;
    const char *path;
    bool from_file; /* it was named by its path */
    bool own_layer; /* a part of it is from the user's directory */
    const char *description;
    const char *reason;
    struct profile_layers layers;
    struct settings settings;
};

/* ------------------------------------------------------------------ problems */

struct sbx_problems *sbx_problems_new(void)
{
    return calloc(1, sizeof(struct sbx_problems));
}

static void clear(struct sbx_problems *problems)
{
    arena_free(problems->arena);
    *problems = (struct sbx_problems){0};
}

void sbx_problems_free(struct sbx_problems *problems)
{
    if (problems == NULL)
        return;
    clear(problems);
    free(problems);
}

size_t sbx_problems_count(const struct sbx_problems *problems)
{
    return problems->list.count;
}

int sbx_problems_get(const struct sbx_problems *problems, size_t index,
                     struct sbx_problem *ret_problem)
{
    const struct profile_problem *problem;

    if (index >= problems->list.count)
        return 0;
    problem = &problems->list.items[index];
    *ret_problem = (struct sbx_problem){
        .file = problem->file,
        .line = problem->mark.line,
        .column = problem->mark.column,
        .text = problem->text,
        .message = problem->message,
        .hint = problem->hint,
    };
    return 1;
}

/* ------------------------------------------------------------------ one profile */

/* What a caller asks for: a name, a file, or the profile of a command. */
struct wanted {
    const char *word;                    /* of --profile, or NULL */
    struct command_search search;        /* its command NULL: the word alone counts */
    const struct sbx_settings *settings; /* NULL: there are none */
    const char *workdir;                 /* --cd, or NULL */
    const char *reason;                  /* where the word decides */
    bool look; /* nothing will be run: a `refuse` that holds is no hindrance */
};

static int find(struct profile_finder *finder, const struct wanted *wanted,
                struct profile_chain *chain, const char **ret_reason)
{
    *ret_reason = wanted->reason;
    if (wanted->word == NULL)
        return profile_chain_by_command(finder, &wanted->search, wanted->workdir, chain,
                                        ret_reason);
    if (profile_is_file_name(wanted->word))
        return profile_chain_by_file(finder, wanted->word, chain);
    return profile_chain_by_name(finder, wanted->word, chain);
}

/* Ask the host what the chain depends on, and work out what it stands for there. */
static int work_out(struct profile_finder *finder, const struct profile_layers *layers,
                    struct settings *settings)
{
    struct host_request request;
    int r = profile_request(finder->arena, layers, &finder->caller, &request, finder->err);

    if (r == 0)
        r = host_probe_profile(finder->arena, &request, &finder->caller, finder->err);
    if (r == 0)
        r = profile_settings(finder->arena, layers, &finder->caller, settings, finder->problems,
                             finder->err);
    return r;
}

/* The same where it refuses to run: what is not for a run is no less worth a look. */
static int work_out_for_a_look(struct profile_finder *finder, const struct profile_layers *layers,
                               struct settings *settings)
{
    struct profile_layers peaceful = {0};

    for (size_t i = 0; i < layers->count; i++) {
        struct profile_layer *layer = ARENA_PUSH(finder->arena, &peaceful);
        struct profile *copy = arena_alloc(finder->arena, sizeof(*copy));

        if (layer == NULL || copy == NULL)
            return error_oom(finder->err);
        *copy = *layers->items[i].profile;
        copy->refusals = (struct profile_refusals){0};
        layer->profile = copy;
    }
    *finder->err = (struct sbx_error){0};
    return profile_settings(finder->arena, &peaceful, &finder->caller, settings, finder->problems,
                            finder->err);
}

static bool has_own_layer(const struct profile_finder *finder, const struct profile_layers *layers)
{
    for (size_t i = 0; i < finder->directories.count; i++)
        for (size_t k = 0; k < layers->count; k++)
            if (finder->directories.items[i].source == PROFILE_SOURCE_USER &&
                path_is_below(layers->items[k].profile->file, finder->directories.items[i].path))
                return true;
    return false;
}

/* Where options put something that a profile's program is not: what is shown at another place than
 * its own; in a tree of --root, where the host's own is another one, all of it. */
static int find_replaced(struct profile_finder *finder, const struct sbx_settings *settings,
                         bool has_root, struct host_strings *ret_places)
{
    for (size_t i = 0; settings != NULL && i < settings->list.count; i++) {
        const struct setting *setting = &settings->list.items[i];
        struct spec_mount mount = {0};
        char *place;
        int r;

        if (setting->option->id == OPTION_FILE)
            r = value_file(finder->arena, setting->value, setting->origin, &mount, finder->err);
        else if (setting->option->id == OPTION_RO || setting->option->id == OPTION_RW)
            r = value_bind(finder->arena, setting->value, setting->origin, &mount, finder->err);
        else
            continue;
        if (r < 0)
            return r;
        if (strcmp(mount.source, mount.target) == 0 && (!has_root || path_is_root(mount.target)))
            continue;
        place = path_absolute(finder->arena, finder->caller.cwd, mount.target);
        if (place == NULL || host_strings_add(ret_places, finder->arena, place) < 0)
            return error_oom(finder->err);
    }
    return 0;
}

static int make(struct sbx_profile *profile, struct profile_finder *finder,
                const struct wanted *wanted)
{
    struct profile_chain chain = {0};
    struct wanted complete = *wanted;
    struct command_search *search = &complete.search;
    int r = profile_finder_start(finder);

    /* in a tree the caller's PATH means nothing */
    if (search->search_path == NULL && search->root == NULL)
        search->search_path = host_getenv(&finder->caller, "PATH");
    if (r == 0 && search->root != NULL) {
        search->root = path_absolute(finder->arena, finder->caller.cwd, search->root);
        r = search->root == NULL ? error_oom(finder->err) : 0;
    }
    if (r == 0)
        r = find_replaced(finder, wanted->settings, search->root != NULL, &search->replaced);
    if (r == 0)
        r = find(finder, &complete, &chain, &profile->reason);
    if (r == 0)
        r = work_out(finder, &chain.layers, &profile->settings);
    if (r == -EPERM && wanted->look && strcmp(finder->err->operation, "refuse") == 0)
        r = work_out_for_a_look(finder, &chain.layers, &profile->settings);
    if (r < 0 || chain.top == NULL)
        return r < 0 ? r : -ENOENT;
    profile->layers = chain.layers;
    profile->name = chain.top->profile.name;
    profile->path = chain.top->path;
    profile->from_file = chain.top->source == PROFILE_SOURCE_FILE;
    profile->own_layer = has_own_layer(finder, &chain.layers);
    profile->description = chain.top->profile.description;
    return 0;
}

/* The first problem as an error, for those who show one only. */
static void fill_error(const struct sbx_problems *problems, struct sbx_error *err)
{
    const struct profile_problem *first = &problems->list.items[0];
    char origin[sizeof(err->origin)];

    if (problems->list.count > 1)
        error_set(err, SBX_ERROR_USAGE, 0, "profile", first->file, "%s (and %zu more)",
                  first->message, problems->list.count - 1);
    else
        error_set(err, SBX_ERROR_USAGE, 0, "profile", first->file, "%s", first->message);
    snprintf(origin, sizeof(origin), "%.100s:%u:%u", first->file, first->mark.line,
             first->mark.column);
    error_add_origin(err, origin);
    error_add_hint(err, first->hint);
}

static int load(const struct wanted *wanted, struct sbx_profile **ret_profile,
                struct sbx_problems *problems, struct sbx_error *err)
{
    struct sbx_profile *profile = calloc(1, sizeof(*profile));
    struct sbx_error local = {0};
    struct profile_reader reader = {0};
    struct profile_finder finder = {.reader = &reader, .problems = &problems->list, .err = &local};
    int r;

    clear(problems);
    if (profile == NULL)
        return error_oom(err);
    profile->arena = arena_new();
    finder.arena = profile->arena;
    r = profile->arena == NULL ? error_oom(&local) : make(profile, &finder, wanted);
    profile_reader_close(&reader);
    if (r == 0) {
        *ret_profile = profile;
        return 0;
    }
    if (err != NULL)
        *err = local;
    if (problems->list.count > 0) {
        fill_error(problems, err);
        /* the texts of the problems live as long as these are asked for */
        problems->arena = profile->arena;
        profile->arena = NULL;
    }
    host_hint_add(err);
    sbx_profile_free(profile);
    return r;
}

/* The value of the last --env PATH=..., or NULL. */
static const char *search_path_of(const struct sbx_settings *settings)
{
    const char *path = NULL;

    for (size_t i = 0; settings != NULL && i < settings->list.count; i++) {
        const struct setting *setting = &settings->list.items[i];

        if (setting->option == option_by_id(OPTION_ENV) && strncmp(setting->value, "PATH=", 5) == 0)
            path = setting->value + 5;
    }
    return path;
}

int sbx_profile_choose(const struct sbx_settings *settings, const char *command,
                       struct sbx_profile **ret_profile, struct sbx_problems *problems,
                       struct sbx_error *err)
{
    const struct wanted wanted = {
        .word = settings == NULL ? NULL : sbx_settings_get(settings, "profile"),
        .search = {.command = command,
                   .search_path = search_path_of(settings),
                   .root = settings == NULL ? NULL : sbx_settings_get(settings, "root")},
        .settings = settings,
        .workdir = settings == NULL ? NULL : sbx_settings_get(settings, "cd"),
        .reason = "--profile",
        .look = settings == NULL,
    };
    int r = load(&wanted, ret_profile, problems, err);

    if (r < 0 && wanted.word != NULL)
        error_add_origin(err, "--profile");
    return r;
}

int sbx_profile_load(const char *name, struct sbx_profile **ret_profile,
                     struct sbx_problems *problems, struct sbx_error *err)
{
    return load(&(struct wanted){.word = name, .reason = "asked for", .look = true}, ret_profile,
                problems, err);
}

int sbx_profile_check(const char *path, struct sbx_problems *problems, struct sbx_error *err)
{
    struct sbx_profile *profile = NULL;
    /* a name without a slash is a file here all the same */
    char *file = NULL;
    int r = strchr(path, '/') == NULL ? asprintf(&file, "./%s", path) : 0;

    if (r < 0)
        return error_oom(err);
    r = sbx_profile_load(file != NULL ? file : path, &profile, problems, err);
    free(file);
    sbx_profile_free(profile);
    return r;
}

void sbx_profile_free(struct sbx_profile *profile)
{
    if (profile == NULL)
        return;
    arena_free(profile->arena);
    free(profile);
}

const char *sbx_profile_name(const struct sbx_profile *profile)
{
    return profile->name;
}

const char *sbx_profile_path(const struct sbx_profile *profile)
{
    return profile->path;
}

const char *sbx_profile_description(const struct sbx_profile *profile)
{
    return profile->description;
}

const char *sbx_profile_reason(const struct sbx_profile *profile)
{
    return profile->reason;
}

const char *sbx_profile_layer(const struct sbx_profile *profile, size_t index)
{
    return index < profile->layers.count ? profile->layers.items[index].profile->file : NULL;
}

int sbx_profile_get(const struct sbx_profile *profile, size_t index,
                    struct sbx_profile_setting *ret_setting)
{
    const struct setting *setting;

    if (index >= profile->settings.count)
        return 0;
    setting = &profile->settings.items[index];
    *ret_setting = (struct sbx_profile_setting){
        .option = setting->option, .value = setting->value, .origin = setting->origin};
    return 1;
}

int sbx_profile_yaml(struct sbx_profile *profile, const char **ret_text, struct sbx_error *err)
{
    char *text;
    int r =
        profile_write_yaml(profile->arena, &profile->settings, profile->description, &text, err);

    if (r == 0)
        *ret_text = text;
    return r;
}

int sbx_profile_has_own_layer(const struct sbx_profile *profile)
{
    return profile->own_layer;
}

/* ------------------------------------------------------------------ into a run */

static int append(struct settings *list, struct arena *arena, const struct settings *more,
                  struct sbx_error *err)
{
    for (size_t i = 0; i < more->count; i++) {
        const struct setting *setting = &more->items[i];
        int r;

        if (setting->option == option_by_id(OPTION_PROFILE))
            continue;
        r = settings_add(list, arena, setting->option, setting->value, setting->origin, err);
        if (r < 0)
            return r;
    }
    return 0;
}

int sbx_settings_add_profile(struct sbx_settings *settings, const struct sbx_profile *profile,
                             struct sbx_error *err)
{
    struct settings list = {0};
    int r = append(&list, settings->arena, &profile->settings, err);

    if (r == 0)
        r = append(&list, settings->arena, &settings->list, err);
    if (r == 0)
        r = settings_add(&list, settings->arena, option_by_id(OPTION_PROFILE), profile->name,
                         profile->reason, err);
    if (r == 0 && profile->from_file &&
        host_strings_add_new(&settings->profile_files, settings->arena, profile->path) < 0)
        r = error_oom(err);
    if (r == 0)
        settings->list = list;
    return r;
}

/* ------------------------------------------------------------------ about profiles */

char *sbx_profile_directory(size_t index)
{
    struct arena *arena = arena_new();
    struct profile_reader reader = {0};
    struct profile_finder finder = {.arena = arena, .reader = &reader};
    char *path = NULL;

    if (arena != NULL && profile_finder_start(&finder) == 0 && index < finder.directories.count)
        path = strdup(finder.directories.items[index].path);
    arena_free(arena);
    return path;
}

char *sbx_profile_schema(void)
{
    char *text;

    return profile_schema_make(&text, NULL) < 0 ? NULL : text;
}
