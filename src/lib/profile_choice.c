/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Theory of operation.  A profile grants something because a program is known to need it and to
 * use it well.  So the name alone does not choose: a downloaded ./ffmpeg is not the ffmpeg that
 * was reviewed.  Its file has to be one that only root can have put there, by every link and
 * directory on the way (kernel/command_trust.c).
 *
 * A file with something wrong in it ends the run where it could have been the one: where the
 * command's name stands in its `match`.
 */
#include "lib/profile_choice.h"

#include "base/io.h"
#include "base/path.h"
#include "kernel/profile_index.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define MATCH "match:"

/* Does @word stand in the first @size bytes of @text, with no byte of a name before or after it? */
static bool has_word(const char *text, size_t size, const char *word)
{
    size_t length = strlen(word);
    const char *end = text + size;

    for (const char *at = text; (at = memmem(at, (size_t)(end - at), word, length)) != NULL; at++) {
        bool begins = at == text || strchr(profile_name_bytes, at[-1]) == NULL;

        if (begins && (at + length == end || strchr(profile_name_bytes, at[length]) == NULL))
            return true;
    }
    return false;
}

/* Can the file's `match` have @word?  Most files can't, as their lines from "match:" to the next
 * key show, and need no parser.  Where no line begins so, the key is written in another way, or
 * isn't there; where two do, one is within some text: then any place counts. */
static bool can_match(const char *text, size_t size, const char *word)
{
    const char *start = strncmp(text, MATCH, strlen(MATCH)) == 0 ? text : strstr(text, "\n" MATCH);
    const char *end;
    const char *bracket;

    if (start == NULL)
        return has_word(text, size, "match") && has_word(text, size, word);
    start += strlen(MATCH);
    if (strstr(start, "\n" MATCH) != NULL)
        return has_word(text, size, word);
    for (end = strchr(start, '\n'); end != NULL; end = strchr(end + 1, '\n'))
        if (strchr(" \t-#]\r\n", end[1]) == NULL)
            break;
    if (end == NULL)
        end = text + size;
    /* lines within brackets begin anywhere */
    bracket = memchr(start, '[', (size_t)(end - start));
    bracket = bracket == NULL ? NULL : strchr(bracket, ']');
    if (bracket != NULL && bracket > end)
        end = bracket;
    /* an escape may stand for any letter */
    return memchr(start, '\\', (size_t)(end - start)) != NULL ||
           has_word(start, (size_t)(end - start), word);
}

/* Read the file where it can be a match at all: most can't, and are not parsed. */
static int read_candidate(struct profile_finder *finder, const struct profile_file *file,
                          size_t directory, const char *program,
                          struct profile_document **ret_document)
{
    char *text;
    size_t size;

    /* a look is enough to leave it out; what is taken is judged, and what can't be read told */
    if (io_read_file(finder->arena, AT_FDCWD, file->path, PROFILE_MAX_SIZE, &text, &size) == 0 &&
        !can_match(text, size, program))
        return -ENOENT;
    return profile_document_read(finder, file->name, file->path, file->source, directory,
                                 ret_document);
}

static bool matches(const struct profile *profile, const char *program)
{
    for (size_t i = 0; i < profile->match.count; i++)
        if (strcmp(profile->match.items[i].word, program) == 0)
            return true;
    return false;
}

/* Two profiles of one directory that both want the command: one has to go by the very name. */
static int ambiguous(struct profile_finder *finder, const char *program, const char *first,
                     const char *second)
{
    error_set(finder->err, SBX_ERROR_USAGE, 0, "profile", NULL,
              "both profile '%s' and profile '%s' match '%s'", first, second, program);
    error_add_hint(finder->err, "name one with --profile, or take it out of the other's match");
    return -EINVAL;
}

/* The files of @directory that may match: those that its index names for @program, if it has one,
 * else all.  Only the shipped ones have an index: the others change without a build. */
static int list_candidates(struct profile_finder *finder, size_t directory, const char *program,
                           struct profile_files *ret_files)
{
    const struct profile_directory *place = &finder->directories.items[directory];
    struct profile_files files = {0};
    struct profile_file *file;
    const char *name;
    int r = -ENOENT;

    if (place->source == PROFILE_SOURCE_SHIPPED)
        r = profile_index_find(finder->reader, place, program, &name, finder->err);
    if (r == -ENOENT)
        return profile_files_list(finder->reader, place, ret_files, finder->err);
    if (r == 0 && name != NULL) {
        file = ARENA_PUSH(finder->arena, &files);
        if (file == NULL)
            return error_oom(finder->err);
        *file = (struct profile_file){.name = name, .source = place->source};
        file->path = arena_printf(finder->arena, "%s/%s.yaml", place->path, name);
        if (file->path == NULL)
            return error_oom(finder->err);
    }
    if (r == 0)
        *ret_files = files;
    return r;
}

/* The profile in @directory that matches, NULL where none does.  Names in @seen are hidden by an
 * earlier directory; this one's are added. */
static int match_in(struct profile_finder *finder, size_t directory, const char *program,
                    struct host_strings *seen, struct profile_document **ret_document)
{
    struct profile_document *found = NULL;
    struct profile_files files = {0};
    int r = list_candidates(finder, directory, program, &files);

    for (size_t i = 0; r == 0 && i < files.count; i++) {
        struct profile_document *document;

        if (profile_is_local_name(files.items[i].name) ||
            host_strings_contain(seen, files.items[i].name))
            continue;
        if (host_strings_add(seen, finder->arena, files.items[i].name) < 0)
            return error_oom(finder->err);
        r = read_candidate(finder, &files.items[i], directory, program, &document);
        if (r == -ENOENT || (r == 0 && !matches(&document->profile, program))) {
            r = 0;
            continue;
        }
        if (r < 0)
            break;
        if (found == NULL || strcmp(files.items[i].name, program) == 0)
            found = document;
        else if (strcmp(found->profile.name, program) != 0)
            r = ambiguous(finder, program, found->profile.name, document->profile.name);
    }
    *ret_document = found;
    return r;
}

static int find_match(struct profile_finder *finder, const char *program,
                      const struct profile_document **ret_document)
{
    struct host_strings seen = {0};
    struct profile_document *document = NULL;
    int r = 0;

    for (size_t i = 0; r == 0 && document == NULL && i < finder->directories.count; i++)
        r = match_in(finder, i, program, &seen, &document);
    *ret_document = document;
    return r;
}

static const char *why_not(struct profile_finder *finder, const char *profile, const char *command,
                           const char *path, enum command_trust trust)
{
    const char *file = path != NULL ? path : command;

    switch (trust) {
    case COMMAND_NOT_FOUND:
        return arena_printf(finder->arena, "'%s' is not found, so it is not profile %s's program",
                            command, profile);
    case COMMAND_ELSEWHERE:
        return arena_printf(finder->arena,
                            "profile %s is not for '%s': it lies in no directory of programs",
                            profile, file);
    case COMMAND_REPLACED:
        return arena_printf(finder->arena,
                            "profile %s is not chosen: an option may put something else in the "
                            "place of '%s'",
                            profile, file);
    case COMMAND_WRITABLE:
    case COMMAND_TRUSTED:
    default:
        return arena_printf(finder->arena,
                            "profile %s is not for '%s': others than root can have written it",
                            profile, file);
    }
}

/* The profile `default`; where there is none, what a local file adds to the built-in one. */
static int fall_back(struct profile_finder *finder, struct profile_chain *ret_chain)
{
    struct sbx_error *err = finder->err;
    struct sbx_error local = {0};
    int r;

    finder->err = &local;
    r = profile_chain_by_name(finder, "default", ret_chain);
    finder->err = err;
    if (r == -ENOENT)
        return profile_chain_without_file(finder, "default", ret_chain);
    if (r < 0 && err != NULL)
        *err = local;
    return r;
}

int profile_chain_by_command(struct profile_finder *finder, const struct command_search *search,
                             const char *workdir, struct profile_chain *ret_chain,
                             const char **ret_reason)
{
    const char *command = search->command;
    struct host caller = finder->caller;
    const char *slash = strrchr(command, '/');
    const char *program = slash != NULL ? slash + 1 : command;
    const struct profile_document *document = NULL;
    enum command_trust trust = COMMAND_NOT_FOUND;
    const char *path = NULL;
    const char *reason;
    int r = program[0] == '\0' ? 0 : find_match(finder, program, &document);

    if (r == 0 && workdir != NULL) {
        caller.cwd = path_absolute(finder->arena, caller.cwd, workdir);
        r = caller.cwd == NULL ? error_oom(finder->err) : 0;
    }
    if (r == 0 && document != NULL)
        r = command_trust_probe(finder->arena, &caller, search, &trust, &path, finder->err);
    if (r < 0)
        return r;
    if (document == NULL)
        reason = arena_printf(finder->arena, "no profile matches '%s'", program);
    else if (trust == COMMAND_TRUSTED)
        reason = arena_printf(finder->arena, "matches %s", path);
    else
        reason = why_not(finder, document->profile.name, command, path, trust);
    if (reason == NULL)
        return error_oom(finder->err);
    if (document != NULL && trust == COMMAND_TRUSTED)
        r = profile_chain_by_file(finder, document->path, ret_chain);
    else
        r = fall_back(finder, ret_chain);
    if (r == 0)
        *ret_reason = reason;
    return r;
}
