/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/profile_write.h"

#include "base/cleanup.h"
#include "policy/option.h"
#include "policy/profile.h"
#include "policy/profile_rule.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>

struct writer {
    struct arena *arena;
    const struct settings *settings;
    yaml_emitter_t emitter;
    char *text;
    size_t size;
    size_t capacity;
    const struct setting *bad; /* a value that is not UTF-8 */
    bool failed;
};

/* ------------------------------------------------------------------ events */

static int take(void *data, unsigned char *bytes, size_t count)
{
    struct writer *writer = data;

    if (writer->size + count + 1 > writer->capacity) {
        size_t capacity = (writer->size + count + 1) * 2;
        char *text = arena_alloc(writer->arena, capacity);

        if (text == NULL)
            return 0;
        if (writer->size > 0)
            memcpy(text, writer->text, writer->size);
        writer->text = text;
        writer->capacity = capacity;
    }
    memcpy(writer->text + writer->size, bytes, count);
    writer->size += count;
    writer->text[writer->size] = '\0';
    return 1;
}

/* The emitter owns the event, also where it fails. */
static void emit(struct writer *writer, yaml_event_t *event, int made)
{
    if (made && writer->failed)
        yaml_event_delete(event);
    else if (!made || !yaml_emitter_emit(&writer->emitter, event))
        writer->failed = true;
}

/* Would every reader of YAML take this for text, without quotes? */
static bool is_plain(const char *text)
{
    static const char *const others[] = {"true", "false", "null", "yes", "no",
                                         "on",   "off",   "y",    "n"};
    size_t length = strlen(text);

    for (size_t i = 0; i < ARRAY_SIZE(others); i++)
        if (strcasecmp(text, others[i]) == 0)
            return false;
    /* "..." at the start of a line ends a document */
    return length > 0 && strchr("=+-", text[0]) == NULL && strncmp(text, "...", 3) != 0 &&
           strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._=+-") ==
               length;
}

static void put_scalar(struct writer *writer, const char *text, bool quoted)
{
    size_t length = strlen(text);
    yaml_event_t event;

    if (length > INT_MAX) {
        writer->failed = true;
        return;
    }
    emit(writer, &event,
         yaml_scalar_event_initialize(
             &event, NULL, NULL, (const yaml_char_t *)text, (int)length, 1, 1,
             quoted ? YAML_DOUBLE_QUOTED_SCALAR_STYLE : YAML_PLAIN_SCALAR_STYLE));
}

static void open_mapping(struct writer *writer)
{
    yaml_event_t event;

    emit(writer, &event,
         yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE));
}

static void close_mapping(struct writer *writer)
{
    yaml_event_t event;

    emit(writer, &event, yaml_mapping_end_event_initialize(&event));
}

static void open_list(struct writer *writer)
{
    yaml_event_t event;

    emit(writer, &event,
         yaml_sequence_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_SEQUENCE_STYLE));
}

static void close_list(struct writer *writer)
{
    yaml_event_t event;

    emit(writer, &event, yaml_sequence_end_event_initialize(&event));
}

/* ------------------------------------------------------------------ settings */

/* Is @text UTF-8 (RFC 3629)?  YAML has no other text. */
static bool is_utf8(const char *text)
{
    const unsigned char *bytes = (const unsigned char *)text;

    while (*bytes != '\0') {
        unsigned char first = *bytes++;
        unsigned more = first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
        unsigned char low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
        unsigned char high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;

        if ((first >= 0x80 && first < 0xc2) || first > 0xf4)
            return false;
        for (; more > 0; more--, low = 0x80, high = 0xbf) {
            if (*bytes < low || *bytes > high)
                return false;
            bytes++;
        }
    }
    return true;
}

static void put_value(struct writer *writer, const struct setting *setting)
{
    const char *text;

    if (setting->option->kind == SBX_VALUE_FLAG) {
        put_scalar(writer, "true", false);
        return;
    }
    text = profile_literal(writer->arena, setting->option, setting->value);
    if (text == NULL) {
        writer->failed = true;
        return;
    }
    if (!is_utf8(text)) {
        writer->bad = writer->bad == NULL ? setting : writer->bad;
        return;
    }
    put_scalar(writer, text, !is_plain(text));
}

/* All settings of the option that the one at @index has, if that is the first of them. */
static void put_option(struct writer *writer, size_t index)
{
    const struct setting *items = writer->settings->items;
    const struct sbx_option *option = items[index].option;
    size_t last = index;

    for (size_t i = 0; i < index; i++)
        if (items[i].option == option)
            return;
    put_scalar(writer, option->name, false);
    if (option->repeatable)
        open_list(writer);
    for (size_t i = index; i < writer->settings->count; i++) {
        if (items[i].option != option)
            continue;
        last = i;
        if (option->repeatable)
            put_value(writer, &items[i]);
    }
    if (option->repeatable)
        close_list(writer);
    else
        put_value(writer, &items[last]);
}

/* The same for the section. */
static void put_section(struct writer *writer, size_t index)
{
    const struct setting *items = writer->settings->items;
    const char *section = items[index].option->section;

    for (size_t i = 0; i < index; i++)
        if (strcmp(items[i].option->section, section) == 0)
            return;
    put_scalar(writer, section, false);
    open_mapping(writer);
    for (size_t i = index; i < writer->settings->count; i++)
        if (strcmp(items[i].option->section, section) == 0)
            put_option(writer, i);
    close_mapping(writer);
}

static void put_profile(struct writer *writer, const char *description)
{
    yaml_event_t event;

    emit(writer, &event, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING));
    emit(writer, &event, yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1));
    open_mapping(writer);
    put_scalar(writer, "sbx", false);
    put_scalar(writer, PROFILE_VERSION, false);
    if (description[0] != '\0') {
        put_scalar(writer, "description", false);
        put_scalar(writer, description, true);
    }
    for (size_t i = 0; i < writer->settings->count; i++)
        put_section(writer, i);
    close_mapping(writer);
    emit(writer, &event, yaml_document_end_event_initialize(&event, 1));
    emit(writer, &event, yaml_stream_end_event_initialize(&event));
}

int profile_write_yaml(struct arena *arena, const struct settings *settings,
                       const char *description, char **ret_text, struct sbx_error *err)
{
    struct writer writer = {.arena = arena, .settings = settings};
    int r;

    if (!yaml_emitter_initialize(&writer.emitter))
        return error_oom(err);
    yaml_emitter_set_output(&writer.emitter, take, &writer);
    yaml_emitter_set_unicode(&writer.emitter, 1);
    yaml_emitter_set_width(&writer.emitter, -1);
    put_profile(&writer, description);
    yaml_emitter_delete(&writer.emitter);
    if (writer.bad != NULL) {
        r = error_set(err, SBX_ERROR_USAGE, EILSEQ, "profile", NULL, "--%s '%s' is not UTF-8",
                      writer.bad->option->name, writer.bad->value);
        error_add_origin(err, writer.bad->origin);
        error_add_hint(err, "YAML can't hold such a name: give the file another one");
        return r;
    }
    if (writer.failed || writer.text == NULL)
        return error_oom(err);
    *ret_text = writer.text;
    return 0;
}
