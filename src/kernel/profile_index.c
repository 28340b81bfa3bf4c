/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/profile_index.h"

#include "base/path.h"

#include <errno.h>
#include <string.h>

#define INDEX_MAX_SIZE (1U << 20)

const char profile_index_name[] = "index";

/* What follows @beginning, "\nPROGRAM ", in the lines of @text; NULL where no line begins so. */
static const char *find_line(const char *text, const char *beginning)
{
    size_t length = strlen(beginning);
    const char *line;

    if (strncmp(text, beginning + 1, length - 1) == 0)
        return text + length - 1;
    line = strstr(text, beginning);
    return line == NULL ? NULL : line + length;
}

int profile_index_find(struct profile_reader *reader, const struct profile_directory *directory,
                       const char *program, const char **ret_name, struct sbx_error *err)
{
    struct arena *arena = reader->arena;
    const char *path = path_join(arena, directory->path, profile_index_name);
    const char *beginning = arena_printf(arena, "\n%s ", program);
    const char *line;
    const char *name = NULL;
    char *text;
    size_t size;
    int r;

    if (path == NULL || beginning == NULL)
        return error_oom(err);
    r = profile_file_read(reader, path, directory->source, INDEX_MAX_SIZE, &text, &size, err);
    if (r < 0)
        return r;
    line = find_line(text, beginning);
    if (line != NULL) {
        name = arena_strndup(arena, line, strcspn(line, "\n"));
        if (name == NULL)
            return error_oom(err);
    }
    /* what is no name can't be a profile's: as if the index had none */
    *ret_name = name != NULL && profile_is_name(name) ? name : NULL;
    return 0;
}
