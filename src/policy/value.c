/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/value.h"

#include "base/cleanup.h"
#include "base/cpu_list.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

/*
 * Sizes become rlimits and file lengths, which are signed and where all ones mean "no limit";
 * times become nanoseconds in 64 bits.
 */
#define MAX_SIZE ((uint64_t)INT64_MAX)
#define MAX_TIME ((uint64_t)INT64_MAX / 1000000)

#define HINT_SIZE     "write a whole number of bytes, or one with K, M or G, such as 64M"
#define HINT_TIME     "write a number with ms, s, min or h, such as 500ms, 10s or 1.5h"
#define HINT_CPUS     "write a number, with two decimals at most, such as 2 or 0.5"
#define HINT_CPU_LIST "write numbers and ranges with commas between them, such as 0-3,5"
#define HINT_ESCAPE   "within a path a colon is written \"\\:\", a backslash \"\\\\\""

/* A usage error with its hint, in one call. */
#define REFUSE(err, origin, hint, ...)                                                             \
    ({                                                                                             \
        int _refused = error_usage((err), (origin), __VA_ARGS__);                                  \
        error_add_hint((err), (hint));                                                             \
        _refused;                                                                                  \
    })

/* Read the digits at *@cursor and move it past them. -EINVAL without a digit, -ERANGE too large. */
static int read_digits(const char **cursor, uint64_t *ret_number)
{
    const char *text = *cursor;
    uint64_t number = 0;

    if (*text < '0' || *text > '9')
        return -EINVAL;
    for (; *text >= '0' && *text <= '9'; text++)
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, (uint64_t)(*text - '0'), &number))
            return -ERANGE;
    *cursor = text;
    *ret_number = number;
    return 0;
}

int value_count(const char *text, const char *origin, uint64_t min, uint64_t max,
                uint64_t *ret_number, struct sbx_error *err)
{
    const char *cursor = text;
    uint64_t number;
    int r = read_digits(&cursor, &number);

    if (r == -EINVAL || (r == 0 && *cursor != '\0'))
        return REFUSE(err, origin, "write digits only", "'%s' is not a whole number", text);
    if (r < 0 || number < min || number > max) {
        r = error_usage(err, origin, "'%s' is not from %" PRIu64 " to %" PRIu64, text, min, max);
        error_add_hint(err, "write a number within this range");
        return r;
    }
    *ret_number = number;
    return 0;
}

int value_size(const char *text, const char *origin, uint64_t *ret_bytes, struct sbx_error *err)
{
    const char *cursor = text;
    unsigned shift = 0;
    uint64_t number;
    int r = read_digits(&cursor, &number);

    if (r == -ERANGE)
        return REFUSE(err, origin, HINT_SIZE, "the size '%s' is too large", text);
    if (r == 0 && *cursor != '\0') {
        static const char units[] = "KMG";
        const char *unit = strchr(units, *cursor);

        if (unit == NULL || cursor[1] != '\0')
            r = -EINVAL;
        else
            shift = 10 * (unsigned)(unit - units + 1);
    }
    if (r < 0)
        return REFUSE(err, origin, HINT_SIZE, "'%s' is not a size", text);
    if (number > MAX_SIZE >> shift)
        return REFUSE(err, origin, HINT_SIZE, "the size '%s' is too large", text);
    *ret_bytes = number << shift;
    return 0;
}

/*
 * Read the decimals at *@cursor (after the point) as @ret_part of @ret_whole, a power of ten.
 * Zeros at the end say nothing and are left out; more than nine others are -ERANGE.
 */
static int read_decimals(const char **cursor, uint64_t *ret_part, uint64_t *ret_whole)
{
    size_t length = strspn(*cursor, "0123456789");
    size_t used = length;

    if (length == 0)
        return -EINVAL;
    while (used > 0 && (*cursor)[used - 1] == '0')
        used--;
    if (used > 9)
        return -ERANGE;
    *ret_part = 0;
    *ret_whole = 1;
    for (size_t i = 0; i < used; i++) {
        *ret_part = *ret_part * 10 + (uint64_t)((*cursor)[i] - '0');
        *ret_whole *= 10;
    }
    *cursor += length;
    return 0;
}

/* The milliseconds of a unit at the end of a time, 0 for what is none. */
static uint64_t time_unit(const char *text)
{
    static const struct {
        const char *name;
        uint64_t milliseconds;
    } units[] = {{"", 1000}, {"ms", 1}, {"s", 1000}, {"min", 60000}, {"h", 3600000}};

    for (size_t i = 0; i < ARRAY_SIZE(units); i++)
        if (strcmp(units[i].name, text) == 0)
            return units[i].milliseconds;
    return 0;
}

int value_time(const char *text, const char *origin, uint64_t *ret_milliseconds,
               struct sbx_error *err)
{
    const char *cursor = text;
    uint64_t number, unit = 0, part = 0, whole = 1;
    int r = read_digits(&cursor, &number);

    if (r == -ERANGE)
        return REFUSE(err, origin, HINT_TIME, "the time '%s' is too long", text);
    if (r == 0 && *cursor == '.') {
        cursor++;
        r = read_decimals(&cursor, &part, &whole);
    }
    if (r == 0 || r == -ERANGE)
        unit = time_unit(cursor + (r == 0 ? 0 : strspn(cursor, "0123456789")));
    if (r == -EINVAL || unit == 0)
        return REFUSE(err, origin, HINT_TIME, "'%s' is not a time", text);
    if (r == -ERANGE || part * unit % whole != 0)
        return REFUSE(err, origin, HINT_TIME, "the time '%s' is finer than a millisecond", text);
    if (__builtin_mul_overflow(number, unit, &number) ||
        __builtin_add_overflow(number, part * unit / whole, &number) || number > MAX_TIME)
        return REFUSE(err, origin, HINT_TIME, "the time '%s' is too long", text);
    if (number == 0)
        return REFUSE(err, origin, "leave the option out for no limit",
                      "the time '%s' is not more than zero", text);
    *ret_milliseconds = number;
    return 0;
}

int value_choice(const char *text, const char *origin, const char *choices, unsigned *ret_index,
                 struct sbx_error *err)
{
    size_t length = strlen(text);
    const char *word = choices;
    int r;

    for (unsigned index = 0;; index++) {
        size_t span = strcspn(word, "|");

        if (span == length && strncmp(word, text, length) == 0) {
            *ret_index = index;
            return 0;
        }
        if (word[span] == '\0')
            break;
        word += span + 1;
    }
    r = error_usage(err, origin, "'%s' is not one of %s", text, choices);
    error_add_hint(err, "write one of these words");
    return r;
}

/* A path that the kernel could take. @what names it in messages: "the path", "the source". */
static int check_path(const char *path, const char *what, const char *origin, struct sbx_error *err)
{
    if (path[0] == '\0')
        return REFUSE(err, origin, "write \".\" for the working directory", "%s is empty", what);
    if (strlen(path) >= PATH_MAX)
        return REFUSE(err, origin, "a path has 4095 bytes at most", "%s is too long", what);
    return 0;
}

int value_path(struct arena *arena, const char *text, const char *origin, const char **ret_path,
               struct sbx_error *err)
{
    int r = check_path(text, "the path", origin, err);
    const char *copy;

    if (r < 0)
        return r;
    copy = arena_strdup(arena, text);
    if (copy == NULL)
        return error_oom(err);
    *ret_path = copy;
    return 0;
}

/*
 * Copy the text at *@cursor up to an unescaped @separator (or the end), without its escapes, and
 * move the cursor onto that separator (or the end).
 */
static int read_part(struct arena *arena, const char **cursor, char separator, const char *origin,
                     const char **ret_part, struct sbx_error *err)
{
    const char *text = *cursor;
    char *part = arena_strdup(arena, text);
    char *end = part;

    if (part == NULL)
        return error_oom(err);
    for (; *text != '\0' && *text != separator; text++) {
        if (*text == '\\') {
            text++;
            if (*text != separator && *text != '\\') {
                int r = error_usage(err, origin, "a backslash in '%s' escapes nothing", *cursor);

                error_add_hint(err, "write a backslash that belongs to a path twice");
                return r;
            }
        }
        *end++ = *text;
    }
    *end = '\0';
    *cursor = text;
    *ret_part = part;
    return 0;
}

/* Take the next word of a comma list at *@cursor into @word; false at the end of the list. */
static bool next_word(const char **cursor, char *word, size_t size)
{
    size_t length;

    if (*cursor == NULL)
        return false;
    length = strcspn(*cursor, ",");
    /* What doesn't fit is no known word, cut or not. */
    if (length >= size)
        length = size - 1;
    memcpy(word, *cursor, length);
    word[length] = '\0';
    *cursor = strchr(*cursor, ',');
    if (*cursor != NULL)
        ++*cursor;
    return true;
}

static int bind_flags(const char *text, const char *origin, struct spec_mount *mount,
                      struct sbx_error *err)
{
    const char *cursor = text;
    char word[64];

    while (next_word(&cursor, word, sizeof(word))) {
        bool *flag = NULL;

        if (strcmp(word, "noexec") == 0)
            flag = &mount->noexec;
        else if (strcmp(word, "optional") == 0)
            flag = &mount->optional;
        if (flag == NULL)
            return REFUSE(err, origin, "the flags are noexec and optional; " HINT_ESCAPE,
                          "unknown flag '%s'", word);
        if (*flag)
            return REFUSE(err, origin, "name each flag once", "the flag '%s' is given twice", word);
        *flag = true;
    }
    return 0;
}

int value_bind(struct arena *arena, const char *text, const char *origin, struct spec_mount *ret,
               struct sbx_error *err)
{
    struct spec_mount mount = *ret;
    const char *cursor = text;
    int r;

    r = read_part(arena, &cursor, ':', origin, &mount.source, err);
    if (r < 0)
        return r;
    r = check_path(mount.source, "the source", origin, err);
    if (r < 0)
        return r;
    mount.target = mount.source;
    mount.noexec = false;
    mount.optional = false;
    if (*cursor == ':') {
        cursor++;
        r = read_part(arena, &cursor, ':', origin, &mount.target, err);
        if (r < 0)
            return r;
        if (mount.target[0] == '\0')
            return REFUSE(err, origin, "write SRC:SRC:FLAGS for flags alone",
                          "the destination is empty");
        r = check_path(mount.target, "the destination", origin, err);
        if (r < 0)
            return r;
    }
    if (*cursor == ':') {
        r = bind_flags(cursor + 1, origin, &mount, err);
        if (r < 0)
            return r;
    }
    *ret = mount;
    return 0;
}

static int tmpfs_mode(const char *text, const char *origin, uint32_t *ret_mode,
                      struct sbx_error *err)
{
    size_t length = strlen(text);
    uint32_t mode = 0;

    if (length < 3 || length > 5 || strspn(text, "01234567") != length)
        return REFUSE(err, origin, "write octal digits, such as mode=0700", "'%s' is not a mode",
                      text);
    for (; *text != '\0'; text++)
        mode = mode * 8 + (uint32_t)(*text - '0');
    if (mode > 07777)
        return REFUSE(err, origin, "write octal digits, such as mode=0700",
                      "the mode is larger than 7777");
    *ret_mode = mode;
    return 0;
}

static int tmpfs_options(const char *text, const char *origin, struct spec_mount *mount,
                         struct sbx_error *err)
{
    const char *cursor = text;
    bool has_size = false, has_mode = false, has_inodes = false;
    char word[64];
    int r;

    while (next_word(&cursor, word, sizeof(word))) {
        bool *seen;

        if (strncmp(word, "size=", 5) == 0) {
            seen = &has_size;
            r = value_size(word + 5, origin, &mount->size, err);
            if (r == 0 && mount->size == 0)
                r = REFUSE(err, origin, HINT_SIZE, "the size is zero");
        } else if (strncmp(word, "mode=", 5) == 0) {
            seen = &has_mode;
            r = tmpfs_mode(word + 5, origin, &mount->mode, err);
        } else if (strncmp(word, "inodes=", 7) == 0) {
            seen = &has_inodes;
            r = value_count(word + 7, origin, 2, INT32_MAX, &mount->inodes, err);
        } else {
            return REFUSE(err, origin,
                          "the options are size=SIZE, mode=MODE and inodes=N; " HINT_ESCAPE,
                          "unknown option '%s'", word);
        }
        if (r < 0)
            return r;
        if (*seen)
            return REFUSE(err, origin, "give each once", "'%.*s' is given twice",
                          (int)strcspn(word, "="), word);
        *seen = true;
    }
    return 0;
}

int value_tmpfs(struct arena *arena, const char *text, const char *origin, struct spec_mount *ret,
                struct sbx_error *err)
{
    struct spec_mount mount = *ret;
    const char *cursor = text;
    int r;

    r = read_part(arena, &cursor, ':', origin, &mount.target, err);
    if (r < 0)
        return r;
    r = check_path(mount.target, "the path", origin, err);
    if (r < 0)
        return r;
    mount.size = 0;
    mount.inodes = 0;
    mount.mode = 0755;
    if (*cursor == ':') {
        r = tmpfs_options(cursor + 1, origin, &mount, err);
        if (r < 0)
            return r;
    }
    *ret = mount;
    return 0;
}

int value_file(struct arena *arena, const char *text, const char *origin, struct spec_mount *ret,
               struct sbx_error *err)
{
    const char *cursor = text;
    const char *target = "", *source = NULL;
    int r;

    r = read_part(arena, &cursor, '=', origin, &target, err);
    if (r < 0)
        return r;
    if (*cursor != '=')
        return REFUSE(err, origin, "write DST=SRC: the place inside, then the file of the host",
                      "'%s' has no \"=\"", text);
    r = check_path(target, "the destination", origin, err);
    if (r == 0)
        r = value_path(arena, cursor + 1, origin, &source, err);
    if (r < 0)
        return r;
    ret->target = target;
    ret->source = source;
    return 0;
}

int value_env(struct arena *arena, const char *text, const char *origin, const char **ret_name,
              const char **ret_value, struct sbx_error *err)
{
    const char *equals = strchr(text, '=');
    const char *name, *value = NULL;

    if (text[0] == '\0' || equals == text)
        return REFUSE(err, origin, "write NAME, or NAME=VALUE", "the variable has no name");
    name = equals == NULL ? arena_strdup(arena, text)
                          : arena_strndup(arena, text, (size_t)(equals - text));
    if (equals != NULL)
        value = arena_strdup(arena, equals + 1);
    if (name == NULL || (equals != NULL && value == NULL))
        return error_oom(err);
    *ret_name = name;
    *ret_value = value;
    return 0;
}

int value_cpus(const char *text, const char *origin, uint64_t *ret_hundredths,
               struct sbx_error *err)
{
    const char *cursor = text;
    uint64_t number, part = 0, whole = 1;
    int r = read_digits(&cursor, &number);

    if (r == 0 && *cursor == '.') {
        cursor++;
        r = read_decimals(&cursor, &part, &whole);
    }
    if (r == -EINVAL || (r == 0 && *cursor != '\0'))
        return REFUSE(err, origin, HINT_CPUS, "'%s' is not a number of processors", text);
    if (r == 0 && whole <= 100 && number == 0 && part == 0)
        return REFUSE(err, origin, HINT_CPUS, "with no processor at all nothing can run");
    if (r < 0 ? cursor[0] == '.' || text != cursor : whole > 100)
        return REFUSE(err, origin, HINT_CPUS, "'%s' is finer than a hundredth of a processor",
                      text);
    if (r < 0 || number >= CPU_LIST_MAX)
        return REFUSE(err, origin, HINT_CPUS, "'%s' is more than any machine has", text);
    *ret_hundredths = number * 100 + part * (100 / whole);
    return 0;
}

int value_cpu_list(struct arena *arena, const char *text, const char *origin, const char **ret_list,
                   struct sbx_error *err)
{
    struct cpu_list list;
    const char *copy;
    int r = strchr(text, '\n') != NULL ? -EINVAL : cpu_list_parse(text, &list);

    if (r == -ERANGE)
        return REFUSE(err, origin, HINT_CPU_LIST, "a processor of '%s' is past any machine's",
                      text);
    if (r < 0)
        return REFUSE(err, origin, HINT_CPU_LIST, "'%s' is not a list of processors", text);
    copy = arena_strdup(arena, text);
    if (copy == NULL)
        return error_oom(err);
    *ret_list = copy;
    return 0;
}
