/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three passes.  What is in the bytes is looked at first, so that libyaml's lines are those of an
 * editor and its reader has nothing to refuse.  libyaml's documents have forgotten what was an
 * alias or had a tag, and nest as deep as the text does; so a pass over the events refuses all
 * that, and ends early where the text is made to be slow.  Then the document is built.
 */
#include "policy/profile_yaml.h"

#include <errno.h>
#include <string.h>

#define DIRECTIVE       "a directive (%) is not taken in a profile"
#define SECOND_DOCUMENT "a second document begins here"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

struct profile_mark profile_mark_of(const yaml_mark_t *mark)
{
    return (struct profile_mark){.line = (unsigned)mark->line + 1,
                                 .column = (unsigned)mark->column + 1};
}

struct profile_mark profile_yaml_mark(const yaml_node_t *node)
{
    return profile_mark_of(&node->start_mark);
}

int profile_yaml_problem(struct profile_reading *reading, struct profile_mark mark,
                         const char *message, const char *hint)
{
    /* lines are looked up for those alone that are shown: a line is found by counting */
    if (message == NULL ||
        profile_problem_add(reading->arena, &reading->problems, reading->profile->file, NULL, mark,
                            message, hint) < 0)
        return error_oom(reading->err);
    return reading->problems.count < PROFILE_MAX_FOUND ? 0 : -E2BIG;
}

/* ------------------------------------------------------------------ bytes */

/* The length of the UTF-8 character at @text (RFC 3629), 0 where there is none. */
static size_t character_length(const unsigned char *text, size_t left)
{
    size_t length;

    if (text[0] < 0x80)
        return 1;
    if (text[0] >= 0xc2 && text[0] <= 0xdf)
        length = 2;
    else if (text[0] >= 0xe0 && text[0] <= 0xef)
        length = 3;
    else if (text[0] >= 0xf0 && text[0] <= 0xf4)
        length = 4;
    else
        return 0;
    if (length > left)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((text[i] & 0xc0) != 0x80)
            return 0;
    /* overlong forms, surrogates, and what lies past U+10FFFF */
    if ((text[0] == 0xe0 && text[1] < 0xa0) || (text[0] == 0xed && text[1] > 0x9f) ||
        (text[0] == 0xf0 && text[1] < 0x90) || (text[0] == 0xf4 && text[1] > 0x8f))
        return 0;
    return length;
}

static bool is_one_of(const unsigned char *text, size_t length, const char *const *characters)
{
    for (; *characters != NULL; characters++)
        if (length == strlen(*characters) && memcmp(text, *characters, length) == 0)
            return true;
    return false;
}

/* What is wrong with the character at @text, or NULL. */
static const char *character_fault(const unsigned char *text, size_t length, size_t left,
                                   const char **ret_hint)
{
    /* YAML ends a line, and so a comment, where no editor shows an end */
    static const char *const breaks[] = {"\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xa9", NULL};
    static const char *const none[] = {BYTE_ORDER_MARK, "\xef\xbf\xbe", "\xef\xbf\xbf", NULL};

    *ret_hint = "take it out";
    if (length == 0) {
        *ret_hint = "save the file as UTF-8";
        return "this is not UTF-8";
    }
    if (text[0] == '\0')
        return "a NUL byte";
    if (text[0] == '\r' && (left < 2 || text[1] != '\n')) {
        *ret_hint = "end lines with a newline";
        return "a carriage return within a line";
    }
    if (is_one_of(text, length, breaks))
        return "an invisible line separator";
    if (is_one_of(text, length, none))
        return "an invisible character";
    if ((text[0] < ' ' && text[0] != '\t' && text[0] != '\n' && text[0] != '\r') ||
        text[0] == 0x7f || (length == 2 && text[0] == 0xc2 && text[1] < 0xa0)) {
        *ret_hint = "in double quotes it can be written as an escape, such as \\e";
        return "a control character";
    }
    return NULL;
}

/* Size, UTF-8 and what can't be seen; adds a problem at the first byte that is wrong. */
static int check_bytes(struct profile_reading *reading, size_t size)
{
    const unsigned char *text = (const unsigned char *)reading->profile->text;
    struct profile_mark mark = {.line = 1, .column = 1};

    if (size > PROFILE_MAX_SIZE)
        return profile_yaml_problem(reading, (struct profile_mark){0},
                                    "the file is larger than 1 MiB", NULL);
    for (size_t i = 0; i < size;) {
        size_t length = character_length(text + i, size - i);
        const char *hint;
        const char *message = character_fault(text + i, length, size - i, &hint);

        if (message != NULL)
            return profile_yaml_problem(reading, mark, message, hint);
        if (text[i] == '\n') {
            mark.line++;
            mark.column = 1;
        } else {
            mark.column++;
        }
        i += length;
    }
    return 0;
}

/* ------------------------------------------------------------------ events */

struct nesting {
    bool started; /* there is a document */
    unsigned depth;
    bool stop;        /* what follows is not looked at */
    bool no_document; /* there is nothing to build one from, or nothing that is safe */
};

/*
 * The first line from @text on, which lies in line @line, that is more than a comment or the end of
 * a document; NULL where there is none.
 */
static const char *next_content(const char *text, unsigned *line)
{
    for (;;) {
        const char *end = text + strcspn(text, "\n");
        const char *content = text + strspn(text, " \t\r");

        if (content < end && *content != '#' && strncmp(text, "...", 3) != 0)
            return text;
        if (*end == '\0')
            return NULL;
        text = end + 1;
        ++*line;
    }
}

/*
 * Is there a directive between documents, or one more document, from @text on?  libyaml compares
 * each %TAG with all before it: it doesn't get to see them.
 */
static int check_between(struct profile_reading *reading, const char *text, unsigned line,
                         bool ended, struct nesting *nesting)
{
    const char *content = next_content(text, &line);
    struct profile_mark mark = {.line = line, .column = 1};

    if (content == NULL || (*content != '%' && (!ended || strncmp(content, "---", 3) != 0)))
        return 0;
    nesting->stop = true;
    if (*content != '%')
        return profile_yaml_problem(reading, mark, SECOND_DOCUMENT,
                                    "one file holds one profile: take the \"---\" out");
    nesting->no_document = true;
    return profile_yaml_problem(reading, mark, DIRECTIVE, "leave it out");
}

/* Whatever the lines looked like: what libyaml takes for a directive or a second document. */
static int check_document(struct profile_reading *reading, const yaml_event_t *event,
                          struct nesting *nesting)
{
    bool directive = event->data.document_start.version_directive != NULL ||
                     event->data.document_start.tag_directives.start !=
                         event->data.document_start.tag_directives.end;

    if (!directive && !nesting->started) {
        nesting->started = true;
        return 0;
    }
    nesting->stop = true;
    nesting->no_document = true;
    return profile_yaml_problem(reading, profile_mark_of(&event->start_mark),
                                directive ? DIRECTIVE : SECOND_DOCUMENT, NULL);
}

static int check_node(struct profile_reading *reading, const yaml_event_t *event,
                      struct nesting *nesting, const yaml_char_t *anchor, const yaml_char_t *tag)
{
    struct profile_mark mark = profile_mark_of(&event->start_mark);
    int r = 0;

    nesting->no_document = nesting->no_document || anchor != NULL;
    if (anchor != NULL)
        r = profile_yaml_problem(reading, mark, "an anchor (&) is not taken in a profile",
                                 "write the value itself, or put it in quotes");
    if (r == 0 && tag != NULL)
        r = profile_yaml_problem(reading, mark, "a tag (!) is not taken in a profile",
                                 "leave it out, or put the value in quotes");
    return r;
}

static int enter(struct profile_reading *reading, const yaml_event_t *event,
                 struct nesting *nesting)
{
    if (++nesting->depth <= PROFILE_MAX_DEPTH)
        return 0;
    nesting->stop = true;
    nesting->no_document = true;
    return profile_yaml_problem(reading, profile_mark_of(&event->start_mark),
                                "lists and mappings are nested too deeply",
                                "a profile has no use for more than seven levels");
}

static int check_event(struct profile_reading *reading, const yaml_event_t *event,
                       struct nesting *nesting)
{
    struct profile_mark mark = profile_mark_of(&event->start_mark);
    int r = 0;

    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return check_document(reading, event, nesting);
    case YAML_DOCUMENT_END_EVENT:
        return check_between(reading,
                             profile_text_at(reading->profile->text, event->end_mark.index),
                             profile_mark_of(&event->end_mark).line, true, nesting);
    case YAML_ALIAS_EVENT:
        /* few aliases can stand for a document without end */
        nesting->no_document = true;
        return profile_yaml_problem(reading, mark, "an alias (*) is not taken in a profile",
                                    "write the value itself; put a pattern in quotes: \"*.key\"");
    case YAML_SCALAR_EVENT:
        r = check_node(reading, event, nesting, event->data.scalar.anchor, event->data.scalar.tag);
        if (r == 0 && strlen((const char *)event->data.scalar.value) != event->data.scalar.length)
            r = profile_yaml_problem(reading, mark, "a NUL in this text", "take it out");
        return r;
    case YAML_SEQUENCE_START_EVENT:
        r = check_node(reading, event, nesting, event->data.sequence_start.anchor,
                       event->data.sequence_start.tag);
        return r < 0 ? r : enter(reading, event, nesting);
    case YAML_MAPPING_START_EVENT:
        r = check_node(reading, event, nesting, event->data.mapping_start.anchor,
                       event->data.mapping_start.tag);
        return r < 0 ? r : enter(reading, event, nesting);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        nesting->depth--;
        return 0;
    case YAML_STREAM_END_EVENT:
        nesting->stop = true;
        return 0;
    default:
        return 0;
    }
}

/* A parser over the text, which is UTF-8 whatever its first bytes say. */
static bool start_parser(struct profile_reading *reading, size_t size, yaml_parser_t *parser)
{
    if (!yaml_parser_initialize(parser))
        return false;
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(parser, (const unsigned char *)reading->profile->text, size);
    return true;
}

/* Returns 1 where a document can be built; 0 where not, and as profile_yaml_problem(). */
static int check_events(struct profile_reading *reading, size_t size)
{
    struct nesting nesting = {0};
    yaml_parser_t parser;
    int r = 0;

    if (!start_parser(reading, size, &parser))
        return error_oom(reading->err);
    r = check_between(reading, reading->profile->text, 1, false, &nesting);
    while (r == 0 && !nesting.stop) {
        yaml_event_t event;

        if (!yaml_parser_parse(&parser, &event)) {
            nesting.no_document = true;
            r = profile_syntax_problem(reading, &parser);
            break;
        }
        r = check_event(reading, &event, &nesting);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    if (r == 0 && !nesting.started && !nesting.no_document) {
        nesting.no_document = true;
        r = profile_yaml_problem(reading, (struct profile_mark){0}, "the file is empty",
                                 "a profile begins with \"sbx: " PROFILE_VERSION "\"");
    }
    return r < 0 ? r : !nesting.no_document;
}

int profile_yaml_parse(struct profile_reading *reading, size_t size, yaml_document_t *ret_document)
{
    const size_t mark = strlen(BYTE_ORDER_MARK);
    yaml_parser_t parser;
    int r;

    if (size >= mark && memcmp(reading->profile->text, BYTE_ORDER_MARK, mark) == 0) {
        reading->profile->text += mark;
        size -= mark;
    }
    r = check_bytes(reading, size);
    if (r < 0 || reading->problems.count > 0)
        return r;
    r = check_events(reading, size);
    if (r <= 0)
        return r;
    if (!start_parser(reading, size, &parser))
        return error_oom(reading->err);
    r = yaml_parser_load(&parser, ret_document) ? 1 : profile_syntax_problem(reading, &parser);
    yaml_parser_delete(&parser);
    return r;
}
