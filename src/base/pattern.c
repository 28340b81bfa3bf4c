/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fnmatch(3) is not used for two reasons: what it matches depends on the locale of the program
 * that this library is linked to, and in the C locale `?` is one byte of a longer character.
 */
#include "base/pattern.h"

#include <stdint.h>
#include <string.h>

#define NO_CHARACTER 0x110000U /* and up: a byte that is no character */

/* The character at @text, of @left bytes; its length in *@ret_length. */
static uint32_t character_at(const char *text, size_t left, size_t *ret_length)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t length = bytes[0] < 0x80   ? 1
                    : bytes[0] < 0xc2 ? 0
                    : bytes[0] < 0xe0 ? 2
                    : bytes[0] < 0xf0 ? 3
                    : bytes[0] < 0xf5 ? 4
                                      : 0;
    uint32_t character = length == 1 ? bytes[0] : bytes[0] & (0x7fU >> length);

    *ret_length = 1;
    if (length == 0 || length > left)
        return NO_CHARACTER + bytes[0];
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return NO_CHARACTER + bytes[0];
        character = character << 6 | (bytes[i] & 0x3fU);
    }
    *ret_length = length;
    return character;
}

static bool is_within(uint32_t character, char first, char last)
{
    return character >= (unsigned char)first && character <= (unsigned char)last;
}

static bool is_in_class(uint32_t c, const char *name, size_t length)
{
    bool lower = is_within(c, 'a', 'z');
    bool upper = is_within(c, 'A', 'Z');
    bool digit = is_within(c, '0', '9');
    bool graph = is_within(c, '!', '~');
    bool cntrl = c < 0x20 || c == 0x7f;
    const struct {
        const char *name;
        bool holds;
    } classes[] = {
        {"alnum", lower || upper || digit},
        {"alpha", lower || upper},
        {"blank", c == ' ' || c == '\t'},
        {"cntrl", cntrl},
        {"digit", digit},
        {"graph", graph},
        {"lower", lower},
        {"print", graph || c == ' '},
        {"punct", graph && !lower && !upper && !digit},
        {"space", c == ' ' || is_within(c, '\t', '\r')},
        {"upper", upper},
        {"xdigit", digit || is_within(c, 'a', 'f') || is_within(c, 'A', 'F')},
    };

    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
        if (strlen(classes[i].name) == length && memcmp(classes[i].name, name, length) == 0)
            return classes[i].holds;
    return false;
}

/* The length of the class "[:name:]" at @text, 0 where there is none. */
static size_t class_length(const char *text, const char *end)
{
    size_t length = 2;

    if (end - text < 4 || text[0] != '[' || text[1] != ':')
        return 0;
    while (text + length + 1 < end && text[length] >= 'a' && text[length] <= 'z')
        length++;
    return text + length + 1 < end && text[length] == ':' && text[length + 1] == ']' ? length + 2
                                                                                     : 0;
}

/* The next character of a set, which a backslash may stand before. */
static uint32_t set_character(const char **at, const char *end)
{
    size_t length;
    uint32_t character;

    if (**at == '\\' && *at + 1 < end)
        ++*at;
    character = character_at(*at, (size_t)(end - *at), &length);
    *at += length;
    return character;
}

/*
 * Is @character in the set that begins after the "[" at @pattern?  *@ret_after is what follows its
 * "]"; NULL where it has none, and the "[" stands for itself.
 */
static bool is_in_set(const char *pattern, const char *end, uint32_t character,
                      const char **ret_after)
{
    const char *at = pattern;
    bool negated = at < end && (*at == '!' || *at == '^');
    bool found = false;

    *ret_after = NULL;
    at += negated ? 1 : 0;
    for (const char *first = at; at < end && (*at != ']' || at == first);) {
        size_t class = class_length(at, end);
        uint32_t low;
        uint32_t high;

        if (class > 0) {
            found = found || is_in_class(character, at + 2, class - 4);
            at += class;
            continue;
        }
        low = high = set_character(&at, end);
        if (end - at >= 2 && at[0] == '-' && at[1] != ']') {
            at++;
            high = set_character(&at, end);
        }
        found = found || (character >= low && character <= high);
    }
    if (at < end)
        *ret_after = at + 1;
    return found != negated;
}

/* Does the pattern's element at *@at (no star) fit @character?  *@at is moved past it. */
static bool element_fits(const char **at, const char *end, uint32_t character)
{
    size_t length;

    if (**at == '?') {
        ++*at;
        return true;
    }
    if (**at == '[') {
        const char *after;
        bool fits = is_in_set(*at + 1, end, character, &after);

        if (after != NULL) {
            *at = after;
            return fits;
        }
    }
    if (**at == '\\' && *at + 1 < end)
        ++*at;
    if (character_at(*at, (size_t)(end - *at), &length) != character)
        return false;
    *at += length;
    return true;
}

bool pattern_fits(const char *pattern, size_t length, const char *name)
{
    const char *end = pattern + length;
    const char *at = pattern;
    const char *star = NULL;  /* what follows the last "*" */
    const char *again = name; /* where what follows it was tried last */
    size_t left = strlen(name);
    const char *name_end = name + left;

    /* only a dot that is written fits one at the start */
    if (name[0] == '.' && !(length > 0 && pattern[0] == '.') &&
        !(length > 1 && pattern[0] == '\\' && pattern[1] == '.'))
        return false;
    while (name < name_end) {
        size_t bytes;
        uint32_t character = character_at(name, (size_t)(name_end - name), &bytes);

        if (at < end && *at == '*') {
            star = ++at;
            again = name;
            continue;
        }
        if (at < end && element_fits(&at, end, character)) {
            name += bytes;
            continue;
        }
        if (star == NULL)
            return false;
        /* let the last star take one character more: no earlier one has to be looked at again */
        character_at(again, (size_t)(name_end - again), &bytes);
        again += bytes;
        name = again;
        at = star;
    }
    while (at < end && *at == '*')
        at++;
    return at == end;
}

bool pattern_is_literal(const char *pattern, size_t length, char *ret_name)
{
    const char *end = pattern + length;
    const char *at = pattern;
    size_t used = 0;

    while (at < end) {
        if (*at == '*' || *at == '?')
            return false;
        if (end - at >= 3 && at[0] == '[' && at[2] == ']' && strchr("*?[", at[1]) != NULL) {
            ret_name[used++] = at[1];
            at += 3;
            continue;
        }
        if (*at == '[') {
            const char *after;

            is_in_set(at + 1, end, 0, &after);
            if (after != NULL)
                return false;
        }
        if (*at == '\\' && at + 1 < end)
            at++;
        ret_name[used++] = *at++;
    }
    ret_name[used] = '\0';
    return true;
}
