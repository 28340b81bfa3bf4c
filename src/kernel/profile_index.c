/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/profile_index.h"

#include "base/path.h"

#include <errno.h>
#include <string.h>

#define INDEX_MAX_SIZE (1U << 20)

const char profile_index_name[] = "index";

/* <0, 0, >0: the line, or its first word, comes before @word, is it, or comes after it. */
static int compare_word(const char *line, const char *word, size_t length)
{
    int order = strncmp(line, word, length);

    if (order != 0)
        return order;
    return line[length] == ' ' ? 0 : (unsigned char)line[length] - ' ';
}

/* What follows "PROGRAM " in the line that begins with it; NULL where none does.  The lines are in
 * the order of their bytes, as the build has sorted them. */
static const char *find_line(const char *text, const char *program)
{
    size_t length = strlen(program);
    const char *from = text;
    const char *to = text + strlen(text);

    while (from < to) {
        const char *line = from + (to - from) / 2;
        int order;

        while (line > from && line[-1] != '\n')
            line--;
        order = compare_word(line, program, length);
        if (order == 0)
            return line + length + 1;
        if (order < 0) {
            line = strchrnul(line, '\n');
            from = *line == '\0' ? line : line + 1;
        } else {
            to = line;
        }
    }
    return NULL;
}

int profile_index_find(struct profile_reader *reader, const struct profile_directory *directory,
                       const char *program, const char **ret_name, struct sbx_error *err)
{
    struct arena *arena = reader->arena;
    const char *path = path_join(arena, directory->path, profile_index_name);
    const char *line;
    const char *name = NULL;
    char *text;
    size_t size;
    int r;

    if (path == NULL)
        return error_oom(err);
    r = profile_file_read(reader, path, directory->source, INDEX_MAX_SIZE, &text, &size, err);
    if (r < 0)
        return r;
    line = find_line(text, program);
    if (line != NULL) {
        name = arena_strndup(arena, line, strcspn(line, "\n"));
        if (name == NULL)
            return error_oom(err);
    }
    /* what is no name can't be a profile's: as if the index had none */
    *ret_name = name != NULL && profile_is_name(name) ? name : NULL;
    return 0;
}
