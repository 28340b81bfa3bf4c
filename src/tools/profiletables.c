/* SPDX-License-Identifier: Apache-2.0 */
/*
 * profiletables: print the tables that policy/profile_builtin.h declares.
 *
 *     profiletables FILE.yaml...    C with what the profiles say, on standard output
 *
 * A host tool of the build: it is not installed.  It is linked without policy/profile_builtin.c,
 * which needs what is made here.  It ends with 1 and a message where a file can't be read or has
 * something wrong in it.
 */
#include "base/cleanup.h"
#include "base/io.h"
#include "policy/option.h"
#include "policy/profile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* One table a pass over all profiles, and a second pass for what refers to it: a table's place is
 * where its next item goes, so that both passes count alike. */
struct places {
    size_t text;
    size_t word;
    size_t condition;
    size_t entry;
    size_t refusal;
};

/* ------------------------------------------------------------------ texts */

static void print_text(const char *text)
{
    printf("    \"");
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        if (*c == '\n')
            printf("\\n\"\n    \"");
        else if (*c == '"' || *c == '\\' || *c == '?')
            printf("\\%c", *c);
        else if (*c < ' ' || *c > '~')
            printf("\\%03o", *c);
        else
            putchar(*c);
    }
    printf("\\0\"\n");
}

static size_t take_text(struct places *at, const char *text)
{
    size_t offset = at->text;

    at->text += strlen(text) + 1;
    return offset;
}

static void print_conditions_texts(const struct profile_conditions *when)
{
    for (size_t i = 0; i < when->count; i++)
        print_text(when->items[i].value);
}

/* In the order in which the tables take them. */
static void print_texts(const struct profile *profiles, size_t count)
{
    printf("\nconst char profile_builtin_texts[] =\n");
    for (size_t p = 0; p < count; p++) {
        const struct profile *profile = &profiles[p];

        for (size_t i = 0; i < profile->extends.count; i++)
            print_text(profile->extends.items[i].word);
        for (size_t i = 0; i < profile->match.count; i++)
            print_text(profile->match.items[i].word);
    }
    for (size_t p = 0; p < count; p++)
        for (size_t i = 0; i < profiles[p].entries.count; i++)
            print_conditions_texts(&profiles[p].entries.items[i].when);
    for (size_t p = 0; p < count; p++)
        for (size_t i = 0; i < profiles[p].refusals.count; i++)
            print_conditions_texts(&profiles[p].refusals.items[i].when);
    for (size_t p = 0; p < count; p++)
        for (size_t i = 0; i < profiles[p].entries.count; i++)
            print_text(profiles[p].entries.items[i].value);
    for (size_t p = 0; p < count; p++)
        for (size_t i = 0; i < profiles[p].refusals.count; i++)
            print_text(profiles[p].refusals.items[i].because);
    for (size_t p = 0; p < count; p++) {
        print_text(profiles[p].name);
        print_text(profiles[p].description);
        print_text(profiles[p].text);
    }
    printf("    ;\n");
}

/* ------------------------------------------------------------------ tables */

static void print_words(struct places *at, const struct profile_words *words)
{
    for (size_t i = 0; i < words->count; i++)
        printf("    {%zu, %u, %u},\n", take_text(at, words->items[i].word),
               words->items[i].mark.line, words->items[i].mark.column);
}

static void print_conditions(struct places *at, const struct profile_conditions *when)
{
    for (size_t i = 0; i < when->count; i++)
        printf("    {%zu, %u, %u, %u},\n", take_text(at, when->items[i].value),
               when->items[i].mark.line, when->items[i].mark.column, (unsigned)when->items[i].kind);
}

/* A span of a table whose items before it are counted by *@place. */
static void print_span(size_t *place, size_t count)
{
    printf("{%zu, %zu}", *place, count);
    *place += count;
}

static void print_entries(struct places *at, const struct profile_entries *entries)
{
    for (size_t i = 0; i < entries->count; i++) {
        const struct profile_entry *entry = &entries->items[i];

        printf("    {%zu, %u, %u, ", take_text(at, entry->value), entry->mark.line,
               entry->mark.column);
        print_span(&at->condition, entry->when.count);
        printf(", %td, %u, %s},\n", entry->option - option_by_id(0), (unsigned)entry->action,
               entry->optional ? "true" : "false");
    }
}

static void print_refusals(struct places *at, const struct profile_refusals *refusals)
{
    for (size_t i = 0; i < refusals->count; i++) {
        const struct profile_refusal *refusal = &refusals->items[i];

        printf("    {%zu, %u, %u, ", take_text(at, refusal->because), refusal->mark.line,
               refusal->mark.column);
        print_span(&at->condition, refusal->when.count);
        printf("},\n");
    }
}

/* The conditions of all entries come before those of refusals, profile by profile: the order in
 * which print_entries() and print_refusals() count them has to be the same. */
static void print_all_conditions(struct places *at, const struct profile *profiles, size_t count)
{
    printf("\nconst struct profile_builtin_condition profile_builtin_conditions[] = {\n");
    for (size_t p = 0; p < count; p++)
        for (size_t i = 0; i < profiles[p].entries.count; i++)
            print_conditions(at, &profiles[p].entries.items[i].when);
    for (size_t p = 0; p < count; p++)
        for (size_t i = 0; i < profiles[p].refusals.count; i++)
            print_conditions(at, &profiles[p].refusals.items[i].when);
    printf("};\n");
}

static void print_profile(struct places *at, const struct profile *profile)
{
    size_t name = take_text(at, profile->name);
    size_t description = take_text(at, profile->description);

    printf("    {%zu, %zu, %zu, %zu, ", name, description, take_text(at, profile->text),
           strlen(profile->text));
    print_span(&at->word, profile->extends.count);
    printf(", ");
    print_span(&at->word, profile->match.count);
    printf(", ");
    print_span(&at->entry, profile->entries.count);
    printf(", ");
    print_span(&at->refusal, profile->refusals.count);
    printf("},\n");
}

static int print_tables(const struct profile *profiles, size_t count, struct sbx_error *err)
{
    struct places at = {0};

    printf("/* Made by profiletables from profiles/: don't change it by hand. */\n"
           "#include \"policy/profile_builtin.h\"\n");
    print_texts(profiles, count);
    printf("\nconst struct profile_builtin_word profile_builtin_words[] = {\n");
    for (size_t p = 0; p < count; p++) {
        print_words(&at, &profiles[p].extends);
        print_words(&at, &profiles[p].match);
    }
    printf("};\n");
    print_all_conditions(&at, profiles, count);
    printf("\nconst struct profile_builtin_entry profile_builtin_entries[] = {\n");
    for (size_t p = 0; p < count; p++)
        print_entries(&at, &profiles[p].entries);
    printf("};\n\nconst struct profile_builtin_refusal profile_builtin_refusals[] = {\n");
    for (size_t p = 0; p < count; p++)
        print_refusals(&at, &profiles[p].refusals);
    printf("};\n\nconst struct profile_builtin profile_builtins[] = {\n");
    at.entry = at.refusal = 0;
    for (size_t p = 0; p < count; p++)
        print_profile(&at, &profiles[p]);
    printf("};\nconst size_t profile_builtin_count = %zu;\n", count);
    return fflush(stdout) == 0 && !ferror(stdout)
               ? 0
               : error_set(err, SBX_ERROR_SETUP, EIO, "write", NULL, "output");
}

struct profiles {
    struct profile *items;
    size_t count;
    size_t capacity;
};

static int read_profile(struct arena *arena, const char *path, struct profiles *profiles,
                        struct sbx_error *err)
{
    const char *base = strrchr(path, '/') == NULL ? path : strrchr(path, '/') + 1;
    const char *name = arena_strndup(arena, base, strcspn(base, "."));
    struct profile_problems problems = {0};
    struct profile *profile = ARENA_PUSH(arena, profiles);
    char *text;
    size_t size;
    int r;

    if (name == NULL || profile == NULL)
        return error_oom(err);
    r = io_read_file(arena, AT_FDCWD, path, PROFILE_MAX_SIZE, &text, &size);
    if (r < 0)
        return error_set(err, SBX_ERROR_SETUP, -r, "profile", path, "'%s' can't be read", path);
    r = profile_parse(arena, name, base, path, text, size, profile, &problems, err);
    return r == -EINVAL
               ? error_set(err, SBX_ERROR_USAGE, 0, "profile", path, "'%s' is not correct", path)
               : r;
}

static int make_tables(struct arena *arena, char **paths, struct sbx_error *err)
{
    struct profiles profiles = {0};

    for (; *paths != NULL; paths++) {
        int r = read_profile(arena, *paths, &profiles, err);

        if (r < 0)
            return r;
    }
    return print_tables(profiles.items, profiles.count, err);
}

int main(int argc, char **argv)
{
    _cleanup_arena_ struct arena *arena = arena_new();
    struct sbx_error err = {0};

    (void)argc;
    if (arena == NULL || make_tables(arena, argv + 1, &err) < 0) {
        fprintf(stderr, "profiletables: %s\n", arena == NULL ? "out of memory" : err.message);
        return 1;
    }
    return 0;
}
