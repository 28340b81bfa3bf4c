/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/doctor.h"

#include "base/error.h"
#include "run/json.h"

#include <errno.h>

static json_t *json_file(const struct sbx_check *check)
{
    json_t *object;

    if (check->file == NULL)
        return json_null();
    object = json_object();
    json_object_set_new(object, "path", json_text(check->file));
    json_object_set_new(object, "text", json_text(check->file_text));
    return object;
}

static json_t *json_check(const struct sbx_check *check)
{
    json_t *object = json_object();

    json_object_set_new(object, "name", json_text(check->name));
    json_object_set_new(object, "title", json_text(check->title));
    json_object_set_new(object, "state", json_text(sbx_check_state_name(check->state)));
    json_object_set_new(object, "used", json_boolean(check->used));
    json_object_set_new(object, "finding", json_text(check->finding));
    json_object_set_new(object, "cost", json_text(check->cost));
    json_object_set_new(object, "cause", json_text(check->cause));
    json_object_set_new(object, "fix", json_text(check->fix));
    json_object_set_new(object, "file", json_file(check));
    return object;
}

static json_t *json_doctor(const struct sbx_doctor *doctor)
{
    json_t *object = json_object();
    json_t *checks = json_array();
    json_t *notes = json_array();

    for (size_t i = 0; i < doctor->checks.count; i++)
        json_array_append_new(checks, json_check(&doctor->checks.items[i]));
    for (size_t i = 0; i < doctor->notes.count; i++)
        json_array_append_new(notes, json_text(doctor->notes.items[i]));
    json_object_set_new(object, "version", json_text(SBX_VERSION));
    json_object_set_new(object, "kernel", json_text(doctor->checkup.kernel));
    json_object_set_new(object, "machine", json_text(doctor->checkup.machine));
    json_object_set_new(object, "uid", json_integer(doctor->host.uid));
    json_object_set_new(object, "works", json_boolean(sbx_doctor_works(doctor)));
    json_object_set_new(object, "checks", checks);
    json_object_set_new(object, "notes", notes);
    return object;
}

int sbx_doctor_print_json(const struct sbx_doctor *doctor, FILE *stream, struct sbx_error *err)
{
    json_t *object = json_doctor(doctor);
    int result = 0;

    if (object == NULL)
        result = error_oom(err);
    else if (json_dumpf(object, stream, JSON_INDENT(2)) < 0 || fputc('\n', stream) == EOF)
        result =
            error_set(err, SBX_ERROR_INTERNAL, EIO, "doctor", NULL, "cannot write what was found");
    json_decref(object);
    return result;
}
