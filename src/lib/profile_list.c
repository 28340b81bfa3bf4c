/* SPDX-License-Identifier: Apache-2.0 */
/* sbx_profile_list: every profile that a name finds, with what its head says. */
#include "lib/profile_chain.h"

#include "base/error.h"

#include <sbx/profile.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct sbx_profile_list {
    struct arena *arena;
    struct sbx_profile_entry *items;
    size_t count;
    size_t capacity;
};

static const char *source_name(enum profile_source source)
{
    switch (source) {
    case PROFILE_SOURCE_USER:
        return "user";
    case PROFILE_SOURCE_SYSTEM:
        return "system";
    case PROFILE_SOURCE_SHIPPED:
        return "shipped";
    case PROFILE_SOURCE_FILE:
    default:
        return "file";
    }
}

/* The words of @list with spaces between them. */
static const char *join(struct arena *arena, const struct profile_words *list)
{
    const char *text = "";

    for (size_t i = 0; i < list->count && text != NULL; i++)
        text = arena_printf(arena, "%s%s%s", text, i == 0 ? "" : " ", list->items[i].word);
    return text;
}

static const char *first_problem(struct profile_finder *finder, const struct sbx_error *err)
{
    const struct profile_problem *problem = finder->problems->items;

    if (finder->problems->count == 0)
        return arena_strdup(finder->arena, err->message);
    return arena_printf(finder->arena, "line %u: %s", problem->mark.line, problem->message);
}

static int add_file(struct sbx_profile_list *list, struct profile_finder *finder,
                    const struct profile_file *file, size_t directory)
{
    struct sbx_error unread = {0};
    struct profile_problems problems = {0};
    struct profile_finder quiet = *finder;
    struct profile_document *document = NULL;
    struct sbx_profile_entry *entry = ARENA_PUSH(list->arena, list);
    int r;

    if (entry == NULL)
        return error_oom(finder->err);
    *entry = (struct sbx_profile_entry){.name = file->name,
                                        .path = file->path,
                                        .description = "",
                                        .matches = "",
                                        .source = source_name(file->source)};
    quiet.problems = &problems;
    quiet.err = &unread;
    r = profile_document_read(&quiet, file->name, file->path, file->source, directory, &document);
    if (r == -ENOMEM)
        return error_oom(finder->err);
    if (r < 0) {
        entry->problem = first_problem(&quiet, &unread);
        return entry->problem == NULL ? error_oom(finder->err) : 0;
    }
    entry->description = document->profile.description;
    entry->matches = join(list->arena, &document->profile.match);
    return entry->matches == NULL ? error_oom(finder->err) : 0;
}

static bool is_listed(const struct sbx_profile_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].name, name) == 0)
            return true;
    return false;
}

static int compare_entries(const void *left, const void *right)
{
    const struct sbx_profile_entry *a = left;
    const struct sbx_profile_entry *b = right;

    return strcmp(a->name, b->name);
}

static int fill(struct sbx_profile_list *list, struct profile_finder *finder)
{
    int r = profile_finder_start(finder);

    for (size_t i = 0; r == 0 && i < finder->directories.count; i++) {
        struct profile_files files = {0};

        r = profile_files_list(finder->reader, &finder->directories.items[i], &files, finder->err);
        for (size_t k = 0; r == 0 && k < files.count; k++)
            if (!profile_is_local_name(files.items[k].name) &&
                !is_listed(list, files.items[k].name))
                r = add_file(list, finder, &files.items[k], i);
    }
    if (r == 0 && list->count > 0)
        qsort(list->items, list->count, sizeof(*list->items), compare_entries);
    return r;
}

int sbx_profile_list_new(struct sbx_profile_list **ret_list, struct sbx_error *err)
{
    struct sbx_profile_list *list = calloc(1, sizeof(*list));
    struct profile_problems problems = {0};
    struct profile_reader reader = {0};
    struct profile_finder finder = {.reader = &reader, .problems = &problems, .err = err};
    int r;

    if (list == NULL)
        return error_oom(err);
    list->arena = arena_new();
    finder.arena = list->arena;
    r = list->arena == NULL ? error_oom(err) : fill(list, &finder);
    profile_reader_close(&reader);
    if (r < 0) {
        sbx_profile_list_free(list);
        return r;
    }
    *ret_list = list;
    return 0;
}

void sbx_profile_list_free(struct sbx_profile_list *list)
{
    if (list == NULL)
        return;
    arena_free(list->arena);
    free(list);
}

const struct sbx_profile_entry *sbx_profile_list_get(const struct sbx_profile_list *list,
                                                     size_t index)
{
    return index < list->count ? &list->items[index] : NULL;
}
