/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/profile_rule.h"

#include "base/path.h"
#include "base/pattern.h"
#include "policy/option.h"
#include "policy/value.h"

#include <errno.h>
#include <string.h>

#define PATTERN_BYTES "*?["

bool profile_is_rule(const struct sbx_option *option)
{
    switch ((enum option_id)option->id) {
    case OPTION_RO:
    case OPTION_RW:
    case OPTION_HIDE:
    case OPTION_TMPFS:
    case OPTION_FILE:
    case OPTION_DEV_NODE:
        return true;
    default:
        return false;
    }
}

/* ------------------------------------------------------------------ escapes */

/* The byte that ends the first path of a value of this kind, 0 for none. */
static char separator_of(const struct sbx_option *option)
{
    switch (option->kind) {
    case SBX_VALUE_BIND:
    case SBX_VALUE_TMPFS:
        return ':';
    case SBX_VALUE_FILE:
        return '=';
    default:
        return '\0';
    }
}

/* @path with a backslash before each byte of @special; NULL out of memory. */
static const char *escape(struct arena *arena, const char *special, const char *path)
{
    char *text = arena_alloc(arena, strlen(path) * 2 + 1);
    char *end = text;

    if (text == NULL)
        return NULL;
    for (; *path != '\0'; path++) {
        if (strchr(special, *path) != NULL)
            *end++ = '\\';
        *end++ = *path;
    }
    return text;
}

/* The same for the first path of a value of @option. */
static const char *escape_first(struct arena *arena, const struct sbx_option *option,
                                const char *path)
{
    const char special[] = {separator_of(option), '\\', '\0'};

    return escape(arena, special[0] == '\0' ? "" : special, path);
}

/* The length of the first path of @value, up to its separator. */
static size_t first_length(const struct sbx_option *option, const char *value)
{
    char separator = separator_of(option);
    size_t length = 0;

    if (separator == '\0')
        return strlen(value);
    while (value[length] != '\0' && value[length] != separator)
        length += value[length] == '\\' && value[length + 1] != '\0' ? 2 : 1;
    return length;
}

/* ------------------------------------------------------------------ taking apart */

/* Write what @pattern stands for to @ret_path, as long as it is; false where that is not one path.
 */
static bool read_literal(const char *pattern, char *ret_path)
{
    while (*pattern != '\0') {
        size_t length = strcspn(pattern, "/");

        if (length > 0 && !pattern_is_literal(pattern, length, ret_path))
            return false;
        ret_path += length > 0 ? strlen(ret_path) : 0;
        pattern += length;
        if (*pattern == '/')
            *ret_path++ = *pattern++;
    }
    *ret_path = '\0';
    return true;
}

static int parse_value(struct arena *arena, const struct sbx_option *option, const char *value,
                       struct spec_mount *mount, struct sbx_error *err)
{
    int r;

    switch (option->kind) {
    case SBX_VALUE_BIND:
        return value_bind(arena, value, "", mount, err);
    case SBX_VALUE_TMPFS:
        return value_tmpfs(arena, value, "", mount, err);
    case SBX_VALUE_FILE:
        return value_file(arena, value, "", mount, err);
    default:
        r = value_path(arena, value, "", &mount->target, err);
        mount->source = mount->target;
        return r;
    }
}

/* What the parser has against it, kept. */
static int refuse(struct arena *arena, const struct sbx_error *err, struct expand_fault *ret_fault)
{
    ret_fault->message = arena_strdup(arena, err->message);
    ret_fault->hint = err->hint[0] == '\0' ? NULL : arena_strdup(arena, err->hint);
    return ret_fault->message == NULL ? -ENOMEM : -EINVAL;
}

/* A value that has `*`, `?` or `[` in its host path. */
static int parse_pattern(struct arena *arena, const char *cwd, struct spec_mount *mount,
                         struct profile_rule *rule, struct expand_fault *ret_fault)
{
    char *path = arena_alloc(arena, strlen(mount->source) + 1);
    const char *base;

    if (path == NULL)
        return -ENOMEM;
    if (read_literal(mount->source, path)) {
        if (mount->target == mount->source)
            mount->target = path;
        mount->source = path;
        return 0;
    }
    if (mount->target != mount->source) {
        *ret_fault = (struct expand_fault){"a pattern can't have a destination",
                                           "name one path; a star itself is written [*]"};
        return -EINVAL;
    }
    /* what the working directory has of stars is no pattern */
    base = escape(arena, PATTERN_BYTES "\\", cwd);
    rule->pattern = base == NULL ? NULL : path_absolute(arena, base, mount->source);
    return rule->pattern == NULL ? -ENOMEM : 0;
}

int profile_rule_parse(struct arena *arena, const struct sbx_option *option, const char *written,
                       const char *expanded, const char *cwd, bool key_only,
                       struct profile_rule *ret_rule, struct expand_fault *ret_fault)
{
    struct profile_rule rule = {.rest = ""};
    struct spec_mount mount = {0};
    struct sbx_error err = {0};
    int r;

    /* the place alone, without what is put there */
    if (key_only && option->kind == SBX_VALUE_FILE &&
        expanded[first_length(option, expanded)] == '\0')
        expanded = arena_printf(arena, "%s=/", expanded);
    r = expanded == NULL ? -ENOMEM : parse_value(arena, option, expanded, &mount, &err);
    if (r == -EINVAL)
        return refuse(arena, &err, ret_fault);
    if (r == 0 && expand_is_pattern(option, written))
        r = parse_pattern(arena, cwd, &mount, &rule, ret_fault);
    if (r < 0)
        return r;
    rule.noexec = mount.noexec;
    rule.optional = mount.optional;
    if (option->kind == SBX_VALUE_TMPFS)
        rule.rest = expanded + first_length(option, expanded);
    if (rule.pattern == NULL) {
        rule.target = path_absolute(arena, cwd, mount.target);
        rule.source = mount.source == NULL ? NULL : path_absolute(arena, cwd, mount.source);
        if (rule.target == NULL || (mount.source != NULL && rule.source == NULL))
            return -ENOMEM;
    }
    *ret_rule = rule;
    return 0;
}

/* ------------------------------------------------------------------ back to text */

static const char *bind_value(struct arena *arena, const struct sbx_option *option,
                              const struct profile_rule *rule)
{
    const char *source = escape_first(arena, option, rule->source);
    const char *target = escape_first(arena, option, rule->target);

    if (source == NULL || target == NULL)
        return NULL;
    if (rule->noexec || rule->optional)
        return arena_printf(arena, "%s:%s:%s%s%s", source, target, rule->noexec ? "noexec" : "",
                            rule->noexec && rule->optional ? "," : "",
                            rule->optional ? "optional" : "");
    return strcmp(source, target) == 0 ? source : arena_printf(arena, "%s:%s", source, target);
}

const char *profile_rule_value(struct arena *arena, const struct sbx_option *option,
                               const struct profile_rule *rule)
{
    const char *target;

    if (option->kind == SBX_VALUE_BIND)
        return bind_value(arena, option, rule);
    target = escape_first(arena, option, rule->target);
    if (target == NULL)
        return NULL;
    if (option->kind == SBX_VALUE_FILE)
        return arena_printf(arena, "%s=%s", target, rule->source);
    return rule->rest[0] == '\0' ? target : arena_printf(arena, "%s%s", target, rule->rest);
}

/* Does a path begin at @at of @value? */
static bool is_path_start(const struct sbx_option *option, const char *value, size_t at)
{
    if (option->kind != SBX_VALUE_PATH && separator_of(option) == '\0')
        return false;
    return at == 0 || ((option->kind == SBX_VALUE_BIND || option->kind == SBX_VALUE_FILE) &&
                       at == first_length(option, value) + 1);
}

/* @value with its host path as a pattern that only stands for it; NULL out of memory. */
static const char *as_pattern(struct arena *arena, const struct sbx_option *option,
                              const char *value)
{
    size_t first = first_length(option, value);
    char *pattern = arena_alloc(arena, first * 3 + 1);
    char *end = pattern;
    const char *path;

    if (pattern == NULL)
        return NULL;
    for (size_t i = 0; i < first; i++) {
        if (separator_of(option) != '\0' && value[i] == '\\' && i + 1 < first)
            i++;
        if (strchr(PATTERN_BYTES, value[i]) != NULL) {
            *end++ = '[';
            *end++ = value[i];
            *end++ = ']';
            continue;
        }
        if (value[i] == '\\')
            *end++ = '\\';
        *end++ = value[i];
    }
    path = escape_first(arena, option, pattern);
    return path == NULL ? NULL : arena_printf(arena, "%s%s", path, value + first);
}

const char *profile_literal(struct arena *arena, const struct sbx_option *option, const char *value)
{
    bool bind = option->kind == SBX_VALUE_BIND;
    bool path = option->id == OPTION_HIDE || option->id == OPTION_DEV_NODE;
    char *text;
    char *end;

    if ((bind || path) && strcspn(value, PATTERN_BYTES) < first_length(option, value))
        value = as_pattern(arena, option, value);
    text = value == NULL ? NULL : arena_alloc(arena, strlen(value) * 2 + 5);
    end = text;
    for (size_t i = 0; text != NULL && value[i] != '\0'; i++) {
        if (value[i] == '~' && is_path_start(option, value, i)) {
            *end++ = '.';
            *end++ = '/';
        }
        if (value[i] == '$')
            *end++ = '$';
        *end++ = value[i];
    }
    return text;
}
