/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Layers of one profile, lowest first: what it extends, depth first and each file once, then the
 * profile, then the user's NAME.local.yaml.  The same holds for each profile on the way, so that a
 * local file of a building block counts wherever the block is used.
 */
#include "lib/profile_chain.h"

#include "base/cleanup.h"
#include "base/path.h"
#include "policy/nearest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SUFFIX       ".yaml"
#define LOCAL_SUFFIX ".local"

/* The profiles that are being read, innermost first: who extends whom. */
struct ancestry {
    const struct ancestry *outer;
    const struct profile_document *document;
};

/* One walk over a chain. */
struct walk {
    struct profile_finder *finder;
    struct profile_layers layers;
    const struct profile_document *documents[PROFILE_MAX_CHAIN]; /* of the layers, in their order */
};

/* Does @text end in @end, with something before it? */
static bool ends_in(const char *text, const char *end)
{
    size_t length = strlen(text);

    return length > strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

bool profile_is_file_name(const char *word)
{
    return strchr(word, '/') != NULL || ends_in(word, SUFFIX);
}

int profile_finder_start(struct profile_finder *finder)
{
    int r = host_probe_caller(finder->arena, (const char *const *)environ, &finder->caller,
                              finder->err);

    if (r < 0)
        return r;
    *finder->reader = (struct profile_reader){
        .arena = finder->arena, .uid = finder->caller.uid, .gid = finder->caller.gid};
    return profile_directories_find(finder->arena, &finder->caller, &finder->directories,
                                    finder->err);
}

/* How origins name the file: a shipped one by its name, another by its path from the home on. */
static const char *label_of(struct profile_finder *finder, const char *path,
                            enum profile_source source)
{
    const char *home = host_getenv(&finder->caller, "HOME");
    const char *rest;

    if (source == PROFILE_SOURCE_SHIPPED)
        return strrchr(path, '/') + 1;
    rest =
        home == NULL || home[0] != '/' || strcmp(home, "/") == 0 ? NULL : path_relative(path, home);
    return rest == NULL ? path : arena_printf(finder->arena, "~/%s", rest);
}

static int remember(struct profile_finder *finder, const char *path,
                    struct profile_document *document)
{
    struct profile_seen_file *slot = ARENA_PUSH(finder->arena, &finder->seen);

    if (slot == NULL)
        return error_oom(finder->err);
    *slot = (struct profile_seen_file){.path = path, .document = document};
    return 0;
}

int profile_document_read(struct profile_finder *finder, const char *name, const char *path,
                          enum profile_source source, size_t directory,
                          struct profile_document **ret_document)
{
    struct profile_document *document = arena_alloc(finder->arena, sizeof(*document));
    const char *label = label_of(finder, path, source);
    char *text;
    size_t size;
    int r;

    for (size_t i = 0; i < finder->seen.count; i++)
        if (strcmp(finder->seen.items[i].path, path) == 0) {
            *ret_document = finder->seen.items[i].document;
            return *ret_document == NULL ? -EINVAL : 0;
        }
    if (document == NULL || label == NULL)
        return error_oom(finder->err);
    r = profile_file_read(finder->reader, path, source, PROFILE_MAX_SIZE, &text, &size,
                          finder->err);
    if (r < 0)
        return r;
    r = profile_read(finder->arena, name, label, path, text, size, &document->profile,
                     finder->problems, finder->err);
    if (r == -EINVAL && remember(finder, path, NULL) < 0)
        return -ENOMEM;
    if (r < 0)
        return r;
    document->path = path;
    document->source = source;
    document->directory = directory;
    r = remember(finder, path, document);
    if (r == 0)
        *ret_document = document;
    return r;
}

/* The file of @name in the first directory from @first on that has one; -ENOENT without @err. */
static int find(struct profile_finder *finder, const char *name, size_t first,
                struct profile_document **ret_document)
{
    const struct profile_directories *directories = &finder->directories;

    for (size_t i = first; i < directories->count; i++) {
        const char *path =
            arena_printf(finder->arena, "%s/%s" SUFFIX, directories->items[i].path, name);
        int r;

        if (path == NULL)
            return error_oom(finder->err);
        r = profile_document_read(finder, name, path, directories->items[i].source, i,
                                  ret_document);
        if (r != -ENOENT)
            return r;
    }
    return -ENOENT;
}

static int problem(struct walk *walk, const struct profile_document *document,
                   struct profile_mark mark, const char *message, const char *hint)
{
    if (message == NULL ||
        profile_problem_add(walk->finder->arena, walk->finder->problems, document->profile.file,
                            document->profile.text, mark, message, hint) < 0)
        return error_oom(walk->finder->err);
    return -EINVAL;
}

static bool is_read(const struct walk *walk, const struct profile_document *document)
{
    for (size_t i = 0; i < walk->layers.count; i++)
        if (strcmp(walk->documents[i]->path, document->path) == 0)
            return true;
    return false;
}

static int push(struct walk *walk, const struct profile_document *document)
{
    struct profile_layer *layer = ARENA_PUSH(walk->finder->arena, &walk->layers);

    if (layer == NULL)
        return error_oom(walk->finder->err);
    layer->profile = &document->profile;
    walk->documents[walk->layers.count - 1] = document;
    return 0;
}

static int add(struct walk *walk, struct profile_document *document, const struct ancestry *outer);

/* The user's local file for @document, right after it. */
static int add_local(struct walk *walk, const struct profile_document *document,
                     const struct ancestry *outer)
{
    struct profile_finder *finder = walk->finder;

    for (size_t i = 0; i < finder->directories.count; i++) {
        const struct profile_directory *directory = &finder->directories.items[i];
        struct profile_document *local;
        const char *name;
        const char *path;
        int r;

        if (directory->source != PROFILE_SOURCE_USER)
            continue;
        name = arena_printf(finder->arena, "%s" LOCAL_SUFFIX, document->profile.name);
        path = name == NULL ? NULL
                            : arena_printf(finder->arena, "%s/%s" SUFFIX, directory->path, name);
        if (path == NULL)
            return error_oom(finder->err);
        r = profile_document_read(finder, name, path, directory->source, i, &local);
        if (r == 0)
            r = add(walk, local, outer);
        if (r < 0 && r != -ENOENT)
            return r;
    }
    return 0;
}

static int circular(struct walk *walk, const struct ancestry *inner, struct profile_mark mark,
                    const char *again)
{
    const char *way = again;

    for (const struct ancestry *step = inner; step != NULL && way != NULL; step = step->outer) {
        way = arena_printf(walk->finder->arena, "%s extends %s", step->document->profile.name, way);
        if (strcmp(step->document->profile.name, again) == 0)
            break;
    }
    return problem(walk, inner->document, mark,
                   way == NULL ? NULL : arena_printf(walk->finder->arena, "circular: %s", way),
                   "take one of these out");
}

/* A name that is nearly @name, of those that are there, as a hint. */
static const char *suggest(struct profile_finder *finder, const char *name)
{
    const char *best = NULL;

    for (size_t i = 0; i < finder->directories.count && best == NULL; i++) {
        struct profile_files files = {0};
        const char **words;

        if (profile_files_list(finder->reader, &finder->directories.items[i], &files, NULL) < 0)
            continue;
        words = arena_alloc(finder->arena, (files.count + 1) * sizeof(*words));
        for (size_t k = 0; words != NULL && k < files.count; k++)
            words[k] = files.items[k].name;
        best = words == NULL ? NULL : nearest_word(name, words);
    }
    return best == NULL ? "\"sbx profile list\" shows those that there are"
                        : arena_printf(finder->arena, "did you mean '%s'?", best);
}

/* What @document extends, at the word @word of its list. */
static int add_parent(struct walk *walk, const struct profile_document *document,
                      const struct profile_word *word, const struct ancestry *ancestry)
{
    struct profile_finder *finder = walk->finder;
    /* a file that extends its own name means the one that it hides */
    bool own = strcmp(word->word, document->profile.name) == 0 &&
               document->directory < finder->directories.count;
    struct profile_document *parent = NULL;
    int r = find(finder, word->word, own ? document->directory + 1 : 0, &parent);

    if (r == -ENOENT && own)
        return problem(walk, document, word->mark, "circular: it extends itself",
                       "no later directory has a profile of this name; take it out");
    if (r == -ENOENT)
        return problem(walk, document, word->mark,
                       arena_printf(finder->arena, "there is no profile '%s'", word->word),
                       suggest(finder, word->word));
    if (r < 0 || parent == NULL)
        return r < 0 ? r : -ENOENT;
    for (const struct ancestry *step = ancestry; step != NULL; step = step->outer)
        if (strcmp(step->document->path, parent->path) == 0)
            return circular(walk, ancestry, word->mark, word->word);
    return add(walk, parent, ancestry);
}

/* Everything @document stands on, then itself, then the user's local file. */
static int add(struct walk *walk, struct profile_document *document, const struct ancestry *outer)
{
    struct ancestry ancestry = {.outer = outer, .document = document};
    const struct profile_words *extends = &document->profile.extends;
    int result = 0;

    if (document->wrong)
        return -EINVAL;
    if (is_read(walk, document))
        return 0;
    for (size_t i = 0; i < extends->count; i++) {
        int r = add_parent(walk, document, &extends->items[i], &ancestry);

        if (r < 0 && r != -EINVAL)
            return r;
        /* go on: the next one may be wrong too, and the user wants to know of both */
        result = r < 0 ? r : result;
    }
    document->wrong = result < 0;
    if (result < 0)
        return result;
    if (walk->layers.count >= PROFILE_MAX_CHAIN)
        return problem(walk, document, (struct profile_mark){0},
                       "a profile is made of more than 64 files", "extend fewer");
    result = push(walk, document);
    if (result < 0 || document->directory >= walk->finder->directories.count ||
        profile_is_local_name(document->profile.name))
        return result;
    return add_local(walk, document, &ancestry);
}

static int walk_from(struct profile_finder *finder, struct profile_document *document,
                     struct profile_chain *ret_chain)
{
    struct walk walk = {.finder = finder};
    int r = add(&walk, document, NULL);

    if (r < 0)
        return r;
    ret_chain->top = document;
    ret_chain->layers = walk.layers;
    return 0;
}

int profile_chain_by_name(struct profile_finder *finder, const char *name,
                          struct profile_chain *ret_chain)
{
    struct profile_document *document;
    int r = profile_is_name(name) ? find(finder, name, 0, &document) : -ENOENT;

    if (r == -ENOENT) {
        error_set(finder->err, SBX_ERROR_USAGE, 0, "profile", NULL, "there is no profile '%s'",
                  name);
        error_add_hint(finder->err, suggest(finder, name));
    }
    return r < 0 ? r : walk_from(finder, document, ret_chain);
}

/* The directory of profiles that @path lies in, or their number. */
static size_t directory_of(const struct profile_finder *finder, const char *path)
{
    size_t i;

    for (i = 0; i < finder->directories.count; i++) {
        const char *name = path_relative(path, finder->directories.items[i].path);

        if (name != NULL && name[0] != '\0' && strchr(name, '/') == NULL)
            break;
    }
    return i;
}

int profile_chain_by_file(struct profile_finder *finder, const char *path,
                          struct profile_chain *ret_chain)
{
    const char *absolute = path_absolute(finder->arena, finder->caller.cwd, path);
    struct profile_document *document;
    enum profile_source source = PROFILE_SOURCE_FILE;
    const char *name;
    size_t directory;
    int r;

    if (absolute == NULL)
        return error_oom(finder->err);
    name = strrchr(absolute, '/') + 1;
    if (ends_in(name, SUFFIX))
        name = arena_strndup(finder->arena, name, strlen(name) - strlen(SUFFIX));
    if (name == NULL)
        return error_oom(finder->err);
    directory = directory_of(finder, absolute);
    if (directory < finder->directories.count)
        source = finder->directories.items[directory].source;
    r = profile_document_read(finder, name, absolute, source, directory, &document);
    if (r == -ENOENT) {
        error_set(finder->err, SBX_ERROR_USAGE, ENOENT, "profile", absolute, "'%s'", path);
        error_add_hint(finder->err,
                       "a word with a slash or with .yaml is a file; a name has neither");
    }
    if (r == -EISDIR)
        error_add_hint(finder->err, "name the file itself, or a profile by its name");
    return r < 0 ? r : walk_from(finder, document, ret_chain);
}

int profile_chain_without_file(struct profile_finder *finder, const char *name,
                               struct profile_chain *ret_chain)
{
    struct profile_document *document = arena_alloc(finder->arena, sizeof(*document));

    if (document == NULL)
        return error_oom(finder->err);
    document->profile =
        (struct profile){.name = name, .label = name, .file = name, .text = "", .description = ""};
    document->path = "";
    return walk_from(finder, document, ret_chain);
}
