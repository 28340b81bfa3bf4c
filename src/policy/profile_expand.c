/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Variables are replaced before a value is taken apart, so what is put in for one is escaped as the
 * field wants it that it is put into: a home with a colon in its name adds no field, and a working
 * directory called "*" is no pattern.
 */
#include "policy/profile_expand.h"

#include "base/cleanup.h"
#include "base/path.h"
#include "policy/nearest.h"
#include "policy/option.h"
#include "policy/profile.h"

#include <errno.h>
#include <string.h>

#define MAX_EXPANDED PROFILE_MAX_SIZE /* bytes that a value may grow to */
#define ANY_PATH     "/x"             /* what a variable stands for where there is no caller */

/* ------------------------------------------------------------------ fields */

enum field {
    FIELD_TEXT,         /* anything */
    FIELD_PATH,         /* a path to its end, without escapes */
    FIELD_ESCAPED_PATH, /* a path in which the separator and "\" have a "\" before them */
    FIELD_FLAGS,        /* a comma list */
    FIELD_NAME,         /* of an environment variable */
};

/* How a kind of value is divided: at each separator that is not escaped the next field begins. */
struct form {
    char separator; /* 0: one field */
    unsigned char last;
    enum field fields[3];
};

static const struct form path_form = {0, 0, {FIELD_PATH}};

static const struct form *form_of(const struct sbx_option *option)
{
    static const struct form bind = {':', 2, {FIELD_ESCAPED_PATH, FIELD_ESCAPED_PATH, FIELD_FLAGS}};
    static const struct form tmpfs = {':', 1, {FIELD_ESCAPED_PATH, FIELD_FLAGS}};
    static const struct form file = {'=', 1, {FIELD_ESCAPED_PATH, FIELD_PATH}};
    static const struct form env = {'=', 1, {FIELD_NAME, FIELD_TEXT}};
    static const struct form text = {0, 0, {FIELD_TEXT}};

    switch (option->kind) {
    case SBX_VALUE_BIND:
        return &bind;
    case SBX_VALUE_TMPFS:
        return &tmpfs;
    case SBX_VALUE_FILE:
        return &file;
    case SBX_VALUE_ENV:
        return &env;
    case SBX_VALUE_PATH:
        return &path_form;
    default:
        return &text;
    }
}

bool expand_is_pattern(const struct sbx_option *option, const char *value)
{
    if (option->id != OPTION_RO && option->id != OPTION_RW && option->id != OPTION_HIDE &&
        option->id != OPTION_DEV_NODE)
        return false;
    for (const char *cursor = value; *cursor != '\0'; cursor++) {
        if (cursor[0] == '$' && cursor[1] == '{') {
            cursor = strchr(cursor, '}');
            if (cursor == NULL)
                return false;
        } else if ((cursor[0] == '$' && cursor[1] == '$') ||
                   (option->kind == SBX_VALUE_BIND && cursor[0] == '\\' && cursor[1] != '\0')) {
            cursor++;
        } else if (option->kind == SBX_VALUE_BIND && *cursor == ':') {
            return false;
        } else if (strchr("*?[", *cursor) != NULL) {
            return true;
        }
    }
    return false;
}

/* ------------------------------------------------------------------ one expansion */

struct expansion {
    struct arena *arena;
    const struct host *caller; /* NULL: any */
    const struct form *form;
    unsigned field; /* the field at hand */
    bool start;     /* nothing of it was seen yet */
    bool pattern;   /* the first field is one */
    struct expand_fault *fault;
    char *text; /* what is there so far */
    size_t size;
    size_t capacity;
};

static int fail(struct expansion *expansion, const char *hint, const char *message)
{
    if (message == NULL || hint == NULL)
        return -ENOMEM;
    expansion->fault->message = message;
    expansion->fault->hint = hint;
    return -EINVAL;
}

static int put(struct expansion *expansion, char byte)
{
    if (expansion->size + 1 >= expansion->capacity) {
        size_t capacity = expansion->capacity * 2 + 64;
        char *text = arena_alloc(expansion->arena, capacity);

        if (text == NULL)
            return -ENOMEM;
        if (expansion->size > 0)
            memcpy(text, expansion->text, expansion->size);
        expansion->text = text;
        expansion->capacity = capacity;
    }
    if (expansion->size >= MAX_EXPANDED)
        return fail(expansion, "use less of it", "with its variables this is longer than 1 MiB");
    expansion->text[expansion->size++] = byte;
    expansion->text[expansion->size] = '\0';
    return 0;
}

static enum field field_of(const struct expansion *expansion)
{
    return expansion->form->fields[expansion->field];
}

static bool is_path(const struct expansion *expansion)
{
    return field_of(expansion) == FIELD_PATH || field_of(expansion) == FIELD_ESCAPED_PATH;
}

/* A byte of the value itself, without a meaning to variables; escapes that it needs go before it.
 */
static int put_literal(struct expansion *expansion, char byte)
{
    bool escaped = field_of(expansion) == FIELD_ESCAPED_PATH;
    bool stands = expansion->pattern && expansion->field == 0 && strchr("*?[\\", byte) != NULL;
    int r = 0;

    /* two levels: the pattern's escape is a backslash, which the field may want escaped */
    if (stands && escaped)
        r = put(expansion, '\\');
    if (stands && r == 0)
        r = put(expansion, '\\');
    if (escaped && r == 0 && (byte == '\\' || byte == expansion->form->separator))
        r = put(expansion, '\\');
    return r < 0 ? r : put(expansion, byte);
}

/* Text that was not written in the value: what @name stands for. */
static int insert(struct expansion *expansion, const char *text, const char *name)
{
    char apart = field_of(expansion) == FIELD_FLAGS ? ',' : '=';
    int r = 0;

    if ((field_of(expansion) == FIELD_FLAGS || field_of(expansion) == FIELD_NAME) &&
        strchr(text, apart) != NULL)
        return fail(
            expansion, "write here what is meant",
            arena_printf(expansion->arena, "what '%s' stands for has a '%c' in it", name, apart));
    for (; *text != '\0' && r == 0; text++)
        r = put_literal(expansion, *text);
    return r;
}

/* ------------------------------------------------------------------ homes */

static const char *home_of(const struct host *caller)
{
    const char *home;

    if (caller == NULL)
        return ANY_PATH;
    home = host_getenv(caller, "HOME");
    if (home == NULL || home[0] != '/')
        home = caller->passwd_home;
    return home != NULL && home[0] == '/' ? home : NULL;
}

static int no_home(struct expansion *expansion)
{
    return fail(expansion, "set HOME to an absolute path", "there is no home directory");
}

/* Is this a "~" that stands for the home? */
static bool is_home(const char *text, char separator)
{
    return text[0] == '~' &&
           (text[1] == '\0' || text[1] == '/' || (separator != '\0' && text[1] == separator));
}

static int other_home(struct expansion *expansion)
{
    return fail(expansion, "write the path of that home, or ./~ for a file of that name",
                "only the caller's own home, '~' or '~/', is known");
}

/* ------------------------------------------------------------------ variables */

/* Where a variable's value comes from. */
enum variable_source {
    FROM_HOME,        /* the home */
    FROM_CWD,         /* the working directory */
    FROM_USER,        /* the account's name, else its number */
    FROM_UID,         /* the user id */
    FROM_ENVIRONMENT, /* the caller's environment, where it is an absolute path; else `fallback` */
    FROM_CALLER,      /* the caller's environment, as it is; nothing else */
};

static const struct variable {
    const char *name;
    enum variable_source source;
    const char *fallback; /* "~" stands for the home, "%u" at the end for the user id */
} variables[] = {
    {"HOME", FROM_HOME, NULL},
    {"PWD", FROM_CWD, NULL},
    {"USER", FROM_USER, NULL},
    {"UID", FROM_UID, NULL},
    {"TMPDIR", FROM_ENVIRONMENT, "/tmp"},
    {"XDG_CONFIG_HOME", FROM_ENVIRONMENT, "~/.config"},
    {"XDG_DATA_HOME", FROM_ENVIRONMENT, "~/.local/share"},
    {"XDG_CACHE_HOME", FROM_ENVIRONMENT, "~/.cache"},
    {"XDG_STATE_HOME", FROM_ENVIRONMENT, "~/.local/state"},
    {"XDG_RUNTIME_DIR", FROM_ENVIRONMENT, "/run/user/%u"},
    {"DISPLAY", FROM_CALLER, NULL},
    {"WAYLAND_DISPLAY", FROM_CALLER, NULL},
    {"XAUTHORITY", FROM_CALLER, NULL},
    {"SSH_AUTH_SOCK", FROM_CALLER, NULL},
    {"PULSE_SERVER", FROM_CALLER, NULL},
    {"CARGO_HOME", FROM_CALLER, NULL},
    {"RUSTUP_HOME", FROM_CALLER, NULL},
    {"GOPATH", FROM_CALLER, NULL},
    {"GOCACHE", FROM_CALLER, NULL},
    {"NVM_DIR", FROM_CALLER, NULL},
    {"PYENV_ROOT", FROM_CALLER, NULL},
};

#define XDG     "XDG_" /* any other variable that begins so is the caller's */
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789"

static const struct variable *find_variable(const char *name)
{
    static const struct variable xdg = {XDG, FROM_CALLER, NULL};

    for (size_t i = 0; i < ARRAY_SIZE(variables); i++)
        if (strcmp(variables[i].name, name) == 0)
            return &variables[i];
    return strncmp(name, XDG, strlen(XDG)) == 0 && name[strlen(XDG)] != '\0' ? &xdg : NULL;
}

static int unknown_variable(struct expansion *expansion, const char *name)
{
    const char *names[ARRAY_SIZE(variables) + 1] = {0};
    char *upper = arena_strdup(expansion->arena, name);
    const char *near;

    if (upper == NULL)
        return -ENOMEM;
    for (char *letter = upper; *letter != '\0'; letter++)
        if (*letter >= 'a' && *letter <= 'z')
            *letter = (char)(*letter - 'a' + 'A');
    for (size_t i = 0; i < ARRAY_SIZE(variables); i++)
        names[i] = variables[i].name;
    near = nearest_word(upper, names);
    return fail(
        expansion,
        near != NULL
            ? arena_printf(expansion->arena, "did you mean ${%s}?", near)
            : "HOME, PWD, USER, UID, TMPDIR, XDG_... and some more are known; sbx-profile(5) "
              "has them all",
        arena_printf(expansion->arena, "unknown variable '%s'", name));
}

static unsigned user_id(const struct host *caller)
{
    return caller == NULL ? 1000 : (unsigned)caller->uid;
}

/* What a variable is where the environment has no absolute path; "" without a home. */
static const char *fallback_of(struct expansion *expansion, const char *fallback)
{
    const char *home = home_of(expansion->caller);
    size_t length = strlen(fallback);

    if (fallback[0] == '~')
        return home == NULL ? "" : arena_printf(expansion->arena, "%s%s", home, fallback + 1);
    if (length < 2 || strcmp(fallback + length - 2, "%u") != 0)
        return fallback;
    return arena_printf(expansion->arena, "%.*s%u", (int)length - 2, fallback,
                        user_id(expansion->caller));
}

/* Does @path name the home, or a directory that holds it?  No variable of the environment grants
 * that: GOPATH is the home on many a machine. */
static bool holds_home(struct expansion *expansion, const char *path)
{
    const char *home = home_of(expansion->caller);
    const char *normal = path[0] == '/' ? path_absolute(expansion->arena, "/", path) : NULL;

    home = home == NULL || normal == NULL ? NULL : path_absolute(expansion->arena, "/", home);
    return home != NULL && path_is_within(home, normal);
}

/* The variable's value, "" where it has none; NULL out of memory. */
static const char *value_of(struct expansion *expansion, const struct variable *variable,
                            const char *name)
{
    const struct host *caller = expansion->caller;
    const char *value = caller == NULL ? NULL : host_getenv(caller, name);

    switch (variable->source) {
    case FROM_HOME:
        value = home_of(caller);
        break;
    case FROM_CWD:
        value = caller == NULL ? ANY_PATH : caller->cwd;
        break;
    case FROM_USER:
        if (caller == NULL || caller->user != NULL)
            return caller == NULL ? "x" : caller->user;
        return arena_printf(expansion->arena, "%u", user_id(caller));
    case FROM_UID:
        return arena_printf(expansion->arena, "%u", user_id(caller));
    case FROM_ENVIRONMENT:
        if (value == NULL || value[0] != '/')
            return fallback_of(expansion, variable->fallback);
        break;
    case FROM_CALLER:
        if (value != NULL && holds_home(expansion, value))
            return "";
        break;
    }
    return value == NULL ? "" : value;
}

/* The default of @name, where it has no value. */
static int insert_default(struct expansion *expansion, const char *text, const char *name)
{
    const char *home = home_of(expansion->caller);
    int r;

    if (!is_home(text, '\0')) {
        if (text[0] == '~' && expansion->start && is_path(expansion))
            return other_home(expansion);
        return insert(expansion, text, name);
    }
    if (home == NULL)
        return no_home(expansion);
    r = insert(expansion, home, name);
    return r < 0 ? r : insert(expansion, text + 1, name);
}

/* One "${...}", @cursor behind its brace; moves it behind the closing one. */
static int expand_variable(struct expansion *expansion, const char **cursor)
{
    const char *end = strchr(*cursor, '}');
    size_t length = strspn(*cursor, LETTERS);
    const char *rest = *cursor + length;
    const char *name = arena_strndup(expansion->arena, *cursor, length);
    const char *otherwise = NULL;
    const struct variable *variable;
    const char *value;

    if (end == NULL)
        return fail(expansion, "write ${NAME} or ${NAME:-default}; $$ is a dollar sign",
                    "'${' without its '}'");
    if (length == 0 || (rest != end && strncmp(rest, ":-", 2) != 0))
        return fail(expansion, "write ${NAME} or ${NAME:-default}; $$ is a dollar sign",
                    "'${' without the name of a variable");
    if (rest != end)
        otherwise = arena_strndup(expansion->arena, rest + 2, (size_t)(end - rest) - 2);
    if (name == NULL || (rest != end && otherwise == NULL))
        return -ENOMEM;
    variable = find_variable(name);
    if (variable == NULL)
        return unknown_variable(expansion, name);
    value = value_of(expansion, variable, name);
    if (value == NULL)
        return -ENOMEM;
    *cursor = end + 1;
    if (value[0] != '\0')
        return insert(expansion, value, name);
    if (expansion->caller == NULL && (otherwise == NULL || otherwise[0] == '\0'))
        return insert(expansion, ANY_PATH, name);
    if (otherwise != NULL)
        return insert_default(expansion, otherwise, name);
    if (variable->source != FROM_CALLER)
        return no_home(expansion);
    return fail(
        expansion,
        arena_printf(expansion->arena, "write ${%s:-default} where it may not be set", name),
        arena_printf(expansion->arena, "the variable '%s' is not set", name));
}

/* ------------------------------------------------------------------ the whole value */

/* The "~" at @cursor, where a path begins. */
static int expand_home(struct expansion *expansion, const char *cursor)
{
    const char *home = home_of(expansion->caller);
    bool last = expansion->field == expansion->form->last;

    if (!is_home(cursor, last ? '\0' : expansion->form->separator))
        return other_home(expansion);
    return home == NULL ? no_home(expansion) : insert(expansion, home, "~");
}

/* Take one element of the value off @cursor. */
static int expand_next(struct expansion *expansion, const char **cursor)
{
    const char *text = *cursor;
    bool escaped = field_of(expansion) == FIELD_ESCAPED_PATH;

    if (text[0] == '~' && expansion->start && is_path(expansion)) {
        *cursor += 1;
        return expand_home(expansion, text);
    }
    if (text[0] == '$' && text[1] == '{') {
        *cursor += 2;
        return expand_variable(expansion, cursor);
    }
    if (text[0] == '$' && text[1] == '$') {
        *cursor += 2;
        return put(expansion, '$');
    }
    if (text[0] == '\\' && text[1] != '\0' && escaped) {
        int r = put(expansion, text[0]);

        *cursor += 2;
        return r < 0 ? r : put(expansion, text[1]);
    }
    *cursor += 1;
    return put(expansion, text[0]);
}

static int expand(struct expansion *expansion, const char *value, const char **ret_value)
{
    const struct form *form = expansion->form;

    expansion->start = true;
    while (*value != '\0') {
        bool separates =
            *value == form->separator && expansion->field < form->last && form->separator != '\0';
        int r = expand_next(expansion, &value);

        if (r < 0)
            return r;
        expansion->start = separates;
        expansion->field += separates ? 1 : 0;
    }
    *ret_value = expansion->text == NULL ? "" : expansion->text;
    return 0;
}

int expand_value(struct arena *arena, const struct sbx_option *option, const char *value,
                 const struct host *caller, const char **ret_value, struct expand_fault *ret_fault)
{
    struct expansion expansion = {
        .arena = arena,
        .caller = caller,
        .form = form_of(option),
        .pattern = expand_is_pattern(option, value),
        .fault = ret_fault,
    };

    return expand(&expansion, value, ret_value);
}

int expand_path(struct arena *arena, const char *path, const struct host *caller,
                const char **ret_path, struct expand_fault *ret_fault)
{
    struct expansion expansion = {
        .arena = arena, .caller = caller, .form = &path_form, .fault = ret_fault};

    return expand(&expansion, path, ret_path);
}
