/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/fs_json.h"

#include "base/error.h"
#include "run/json.h"

#include <errno.h>
#include <string.h>

/* jansson's setters take a NULL value as a failure, and free what they were given. */
static int set(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) < 0 ? -ENOMEM : 0;
}

/* What can't be said is null. */
static json_t *number_or_null(uint64_t number)
{
    return number != 0 ? json_integer((json_int_t)number) : json_null();
}

/* "rw,nosuid": a list of words; null for NULL. */
static json_t *list_of(const char *text)
{
    json_t *array;

    if (text == NULL)
        return json_null();
    array = json_array();
    while (array != NULL && *text != '\0') {
        size_t length = strcspn(text, ",");

        if (json_array_append_new(array, json_stringn(text, length)) < 0) {
            json_decref(array);
            return NULL;
        }
        text += length + (text[length] == ',');
    }
    return array;
}

static json_t *words_of(const char *const *words)
{
    json_t *array;

    if (words == NULL)
        return json_null();
    array = json_array();
    for (; array != NULL && *words != NULL; words++)
        if (json_array_append_new(array, json_text(*words)) < 0) {
            json_decref(array);
            return NULL;
        }
    return array;
}

/* Give @object up where filling it has failed. */
static json_t *finished(json_t *object, int r)
{
    if (r == 0)
        return object;
    json_decref(object);
    return NULL;
}

static json_t *verdict_of(const struct sbx_fs_verdict *verdict)
{
    static const char *const answers[] = {
        [SBX_FS_UNKNOWN] = "unknown", [SBX_FS_NO] = "no", [SBX_FS_YES] = "yes"};
    json_t *object = json_object();
    int r = set(object, "answer", json_text(answers[verdict->answer]));

    if (r == 0)
        r = set(object, "because", json_text(verdict->because));
    if (r == 0)
        r = set(object, "hint", json_text(verdict->hint));
    return finished(object, r);
}

static json_t *mount_of(const struct sbx_fs_path *path)
{
    json_t *object = json_object();
    int r = set(object, "id", json_integer(path->id));

    if (r == 0)
        r = set(object, "point", json_text(path->point));
    if (r == 0)
        r = set(object, "root", json_text(path->root));
    if (r == 0)
        r = set(object, "flags", list_of(path->flags));
    if (r == 0)
        r = set(object, "locked", list_of(path->locked));
    if (r == 0)
        r = set(object, "locked_because", json_text(path->locked_because));
    if (r == 0)
        r = set(object, "locked_hint", json_text(path->locked_hint));
    if (r == 0)
        r = set(object, "propagation", json_text(path->propagation));
    if (r == 0)
        r = set(object, "peer_group", number_or_null(path->peer_group));
    if (r == 0)
        r = set(object, "master", number_or_null(path->master));
    return finished(object, r);
}

static json_t *file_system_of(const struct sbx_fs_path *path)
{
    json_t *object = json_object();
    int r = set(object, "type", json_text(path->type));

    if (r == 0)
        r = set(object, "source", json_text(path->source));
    if (r == 0)
        r = set(object, "device", json_text(path->device));
    if (r == 0)
        r = set(object, "options", json_text(path->super_options));
    return finished(object, r);
}

static json_t *submount_of(const struct sbx_fs_submount *submount)
{
    json_t *object = json_object();
    int r = set(object, "point", json_text(submount->point));

    if (r == 0)
        r = set(object, "type", json_text(submount->type));
    if (r == 0)
        r = set(object, "source", json_text(submount->source));
    if (r == 0)
        r = set(object, "flags", list_of(submount->flags));
    if (r == 0)
        r = set(object, "level", json_integer((json_int_t)submount->level));
    if (r == 0)
        r = set(object, "covered", json_boolean(submount->covered));
    return finished(object, r);
}

static json_t *submounts_of(const struct sbx_fs_path *path)
{
    json_t *array = json_array();

    for (size_t i = 0; array != NULL && i < path->submount_count; i++)
        if (json_array_append_new(array, submount_of(&path->submounts[i])) < 0) {
            json_decref(array);
            return NULL;
        }
    return array;
}

static json_t *sandbox_of(const struct sbx_fs_path *path)
{
    json_t *object = json_object();
    int r = set(object, "shown", json_text(path->shown));

    if (r == 0)
        r = set(object, "read_only", words_of(path->read_only));
    if (r == 0)
        r = set(object, "writable", words_of(path->writable));
    return finished(object, r);
}

static json_t *error_of(const struct sbx_error *error)
{
    json_t *object = json_object();
    int r = set(object, "message", json_text(error->message));

    if (r == 0)
        r = set(object, "errno", number_or_null((uint64_t)error->number));
    if (r == 0)
        r = set(object, "text",
                error->number != 0 ? json_text(strerror(error->number)) : json_null());
    if (r == 0)
        r = set(object, "hint", json_text(error->hint[0] != '\0' ? error->hint : NULL));
    return finished(object, r);
}

static json_t *path_of(const struct sbx_fs_path *path)
{
    json_t *object = json_object();
    int r = set(object, "path", json_text(path->path));

    if (path->error != NULL)
        return finished(object, r == 0 ? set(object, "error", error_of(path->error)) : r);
    if (r == 0)
        r = set(object, "real_path", json_text(path->real));
    if (r == 0)
        r = set(object, "kind", json_text(path->kind));
    if (r == 0)
        r = set(object, "mount", mount_of(path));
    if (r == 0)
        r = set(object, "file_system", file_system_of(path));
    if (r == 0)
        r = set(object, "submounts", submounts_of(path));
    if (r == 0)
        r = set(object, "depth", path->depth < 0 ? json_null() : json_integer(path->depth));
    if (r == 0)
        r = set(object, "depth_because", json_text(path->depth_because));
    if (r == 0)
        r = set(object, "depth_hint", json_text(path->depth_hint));
    if (r == 0)
        r = set(object, "overlay_layer", verdict_of(&path->layer));
    if (r == 0)
        r = set(object, "idmap", verdict_of(&path->idmap));
    if (r == 0)
        r = set(object, "sandbox", sandbox_of(path));
    if (r == 0)
        r = set(object, "explanation", json_text(path->explanation));
    return finished(object, r);
}

int fs_json_print(const struct sbx_fs_path *paths, size_t count, FILE *stream,
                  struct sbx_error *err)
{
    json_t *array = json_array();
    int r = 0;

    for (size_t i = 0; i < count && r == 0; i++)
        if (json_array_append_new(array, path_of(&paths[i])) < 0)
            r = error_oom(err);
    if (r == 0 && (json_dumpf(array, stream, JSON_INDENT(2)) < 0 || fputc('\n', stream) == EOF))
        r = error_set(err, SBX_ERROR_INTERNAL, EIO, "fs", NULL, "cannot write the answers");
    json_decref(array);
    return r;
}
