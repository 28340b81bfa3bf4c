/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is no YAML, said to somebody who doesn't know its grammar.  libyaml's own words name tokens
 * and simple keys; what was done wrong is known from them and from the byte where it stopped.
 */
#include "policy/profile_yaml.h"

#include "base/cleanup.h"

#include <string.h>

#define SAME_COLUMN "what belongs together begins in the same column; indent with spaces"
#define IN_QUOTES   "put the text in quotes"

/* One error of libyaml.  Of more rows that fit the first counts. */
struct syntax_error {
    const char *context; /* words of libyaml's context, or NULL: any */
    const char *problem; /* words of its problem */
    bool at_context;     /* the context's place tells more */
    const char *message;
    const char *hint;
};

static const struct syntax_error errors[] = {
    {NULL, "mapping values are not allowed", false, "a colon is not expected here",
     "text with \": \" in it goes in quotes; " SAME_COLUMN},
    {NULL, "block sequence entries are not allowed", false, "a list can't begin here",
     "put its first \"- \" on a line of its own, or write [a, b]"},
    {NULL, "mapping keys are not allowed", false, "'?' can't stand here", IN_QUOTES},
    {"simple key", "could not find expected ':'", true, "this key has no colon",
     "write \"KEY: VALUE\", with a space behind the colon"},
    {"alias", "did not find expected alphabetic", true, "text can't begin with '*'",
     "put a pattern in quotes: \"*.key\""},
    {"anchor", "did not find expected alphabetic", true, "text can't begin with '&'", IN_QUOTES},
    {"a tag", "", true, "text can't begin with '!'", IN_QUOTES},
    {"%TAG", "", true, "a directive (%) is not taken in a profile", "leave it out"},
    {"directive", "", true, "a directive (%) is not taken in a profile", "leave it out"},
    {NULL, "incompatible YAML document", false, "a directive (%) is not taken in a profile",
     "leave it out"},
    {NULL, "undefined tag handle", false, "a tag (!) is not taken in a profile", IN_QUOTES},
    {"quoted scalar", "unexpected end of stream", true, "this quote is not closed",
     "text that begins with a quote ends with the same"},
    {"quoted scalar", "unexpected document indicator", true, "this quote is not closed",
     "text that begins with a quote ends with the same"},
    {"quoted scalar", "", false, "there is no such escape in double quotes",
     "write \\\\ for a backslash, or use single quotes, which take it as it is"},
    {"block scalar", "", false, "this is not how a block of text begins",
     "write the text in one line; " IN_QUOTES " where it begins with '|' or '>'"},
    {"plain scalar", "tab", false, "a tab can't indent", SAME_COLUMN},
    {NULL, "unexpected ':'", false, "a colon is not expected here",
     "text with signs of YAML in it goes in quotes"},
    {NULL, "expected <document start>", false, "this does not belong to what is above it",
     SAME_COLUMN},
    {NULL, "expected key", false, "this does not belong to what is above it", SAME_COLUMN},
    {NULL, "expected '-' indicator", false, "this does not belong to the list above it",
     "each entry of a list begins with \"- \"; " SAME_COLUMN},
    {NULL, "expected node content", false, "a value is missing here", NULL},
};

/* What can't begin anything, by the byte that it is. */
static const struct {
    char byte;
    const char *message;
    const char *hint;
} starts[] = {
    {'\t', "a tab can't indent", SAME_COLUMN},
    {'@', "text can't begin with '@'", IN_QUOTES},
    {'`', "text can't begin with '`'", IN_QUOTES},
    {'%', "text can't begin with '%'", IN_QUOTES},
    {'|', "a block of text can't stand in brackets", IN_QUOTES},
    {'>', "a block of text can't stand in brackets", IN_QUOTES},
};

static bool has(const char *text, const char *words)
{
    return strstr(text == NULL ? "" : text, words) != NULL;
}

const char *profile_text_at(const char *text, size_t index)
{
    for (; *text != '\0'; text++) {
        /* bytes after the first of a character don't count */
        if (((unsigned char)*text & 0xc0) == 0x80)
            continue;
        if (index == 0)
            break;
        index--;
    }
    return text;
}

/* The last byte before @at in its line that is no space, or NUL. */
static char byte_before(const char *text, const char *at)
{
    while (at > text && (at[-1] == ' ' || at[-1] == '\t'))
        at--;
    return at > text && at[-1] != '\n' ? at[-1] : '\0';
}

/* Is the line before that of @at "key:value", which is one text, and goes on in the next line? */
static bool follows_tight_colon(const char *text, const char *at)
{
    const char *line;

    while (at > text && at[-1] != '\n')
        at--;
    if (at == text)
        return false;
    for (line = at - 1; line > text && line[-1] != '\n';)
        line--;
    line += strspn(line, " ");
    at = line + strspn(line, "abcdefghijklmnopqrstuvwxyz-");
    return at > line && at[0] == ':' && strchr(" \r\n", at[1]) == NULL;
}

/* [a, b or {a: b, where neither a comma nor the end comes. */
static int bracket_problem(struct profile_reading *reading, const yaml_parser_t *parser,
                           const char *at)
{
    struct profile_mark opened = profile_mark_of(&parser->context_mark);
    const char *sign = has(parser->problem, "']'") ? "]" : "}";

    if (*at == '\0')
        return profile_yaml_problem(
            reading, opened,
            arena_printf(reading->arena, "this bracket is not closed by '%s'", sign), NULL);
    return profile_yaml_problem(
        reading, profile_mark_of(&parser->problem_mark),
        arena_printf(reading->arena, "a comma or '%s' is missing before this", sign),
        arena_printf(reading->arena,
                     "the bracket is opened in line %u; text with { } [ ] or a comma in it goes in "
                     "quotes there",
                     opened.line));
}

int profile_syntax_problem(struct profile_reading *reading, const yaml_parser_t *parser)
{
    const char *text = reading->profile->text;
    const char *at = profile_text_at(text, parser->problem_mark.index);
    struct profile_mark mark = profile_mark_of(&parser->problem_mark);
    char before = byte_before(text, at);
    bool left_over = has(parser->problem, "expected key") || has(parser->problem, "'-' indicator");

    if (parser->error == YAML_MEMORY_ERROR)
        return error_oom(reading->err);
    if (has(parser->problem, "expected ',' or"))
        return bracket_problem(reading, parser, at);
    if (has(parser->problem, "mapping values") && follows_tight_colon(text, at))
        return profile_yaml_problem(reading, mark, "a colon is not expected here",
                                    "in the line above, put a space behind the colon");
    for (size_t i = 0; i < ARRAY_SIZE(starts); i++)
        if (has(parser->problem, "cannot start any token") && *at == starts[i].byte)
            return profile_yaml_problem(reading, mark, starts[i].message, starts[i].hint);
    if (left_over && (before == '"' || before == '\''))
        return profile_yaml_problem(reading, mark, "there is text behind the closing quote",
                                    "put all of it within the quotes");
    if (left_over && (before == ']' || before == '}'))
        return profile_yaml_problem(reading, mark, "there is text behind the closing bracket",
                                    "text that begins with [ or { goes in quotes: \"[ab]*.key\"");
    for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
        if ((errors[i].context == NULL || has(parser->context, errors[i].context)) &&
            has(parser->problem, errors[i].problem))
            return profile_yaml_problem(
                reading, errors[i].at_context ? profile_mark_of(&parser->context_mark) : mark,
                errors[i].message, errors[i].hint);
    return profile_yaml_problem(reading, mark,
                                arena_printf(reading->arena, "this is not YAML: %s",
                                             parser->problem != NULL ? parser->problem : "?"),
                                NULL);
}
