/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/arguments.h"

#include "cli/message.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What every step of the parser works with. */
struct parser {
    const char *verb;
    char *const *next; /* the word to read next */
    unsigned flags;
    struct arguments *arguments;
    struct sbx_error *err;
};

void arguments_free(struct arguments *arguments)
{
    free(arguments->items);
    *arguments = (struct arguments){0};
}

static const struct sbx_option *find_name(const char *name, size_t length)
{
    size_t count;
    const struct sbx_option *options = sbx_options(&count);

    for (size_t i = 0; i < count; i++)
        if (strlen(options[i].name) == length && strncmp(options[i].name, name, length) == 0)
            return &options[i];
    return NULL;
}

static const struct sbx_option *find_letter(char letter)
{
    size_t count;
    const struct sbx_option *options = sbx_options(&count);

    for (size_t i = 0; letter != '\0' && i < count; i++)
        if (options[i].letter == letter)
            return &options[i];
    return NULL;
}

/* Which option this is, counting it where it can be repeated: "--rw #2", "--time". */
static void describe(const struct parser *parser, const struct sbx_option *option,
                     char buffer[static ARGUMENT_ORIGIN])
{
    unsigned number = 1;

    for (size_t i = 0; i < parser->arguments->count; i++)
        if (parser->arguments->items[i].option == option)
            number++;
    if (option->repeatable)
        snprintf(buffer, ARGUMENT_ORIGIN, "--%s #%u", option->name, number);
    else
        snprintf(buffer, ARGUMENT_ORIGIN, "--%s", option->name);
}

/* Where an option that is not of the table stands: "option 3". */
static const char *position(const struct parser *parser, char buffer[static 32])
{
    snprintf(buffer, 32, "option %u", parser->arguments->words);
    return buffer;
}

static int add(struct parser *parser, const struct sbx_option *option, const char *value)
{
    struct arguments *arguments = parser->arguments;
    struct argument *argument;
    char origin[ARGUMENT_ORIGIN];

    if (arguments->count == arguments->capacity) {
        size_t capacity = arguments->capacity == 0 ? 16 : arguments->capacity * 2;
        struct argument *items =
            reallocarray(arguments->items, capacity, sizeof(*arguments->items));

        if (items == NULL) {
            *parser->err = (struct sbx_error){
                .kind = SBX_ERROR_INTERNAL, .number = ENOMEM, .message = "no memory for options"};
            return -ENOMEM;
        }
        arguments->items = items;
        arguments->capacity = capacity;
    }
    describe(parser, option, origin);
    argument = &arguments->items[arguments->count++];
    *argument = (struct argument){.option = option, .value = value};
    memcpy(argument->origin, origin, sizeof(origin));
    return 0;
}

/* The value of @option is the next word. */
static int add_with_next(struct parser *parser, const struct sbx_option *option)
{
    const char *value = *parser->next;
    char origin[ARGUMENT_ORIGIN], hint[160];

    /* "--" or another option right here means that the value was forgotten. */
    if (value == NULL || strncmp(value, "--", 2) == 0) {
        describe(parser, option, origin);
        snprintf(hint, sizeof(hint), "write --%s %s, or --%s=%s", option->name, option->value_name,
                 option->name, option->value_name);
        return message_usage(parser->err, origin, hint, "the value is missing");
    }
    parser->next++;
    return add(parser, option, value);
}

static int unknown_name(struct parser *parser, const char *name, size_t length)
{
    char text[64], buffer[32], hint[160];
    const struct sbx_option *nearest;

    snprintf(text, sizeof(text), "%.*s", (int)(length < 63 ? length : 63), name);
    nearest = sbx_option_nearest(text);
    if (strcmp(text, "json") == 0)
        snprintf(hint, sizeof(hint), "only \"sbx plan\" and \"sbx fs\" take --json");
    else if (strcmp(text, "version") == 0)
        snprintf(hint, sizeof(hint), "did you mean \"sbx version\"?");
    else if (nearest != NULL)
        snprintf(hint, sizeof(hint), "did you mean --%s?", nearest->name);
    else
        snprintf(hint, sizeof(hint), "\"sbx %s --help\" lists the options", parser->verb);
    return message_usage(parser->err, position(parser, buffer), hint, "unknown option --%s", text);
}

/* A word that starts with two hyphens and goes on. */
static int parse_long(struct parser *parser, const char *word)
{
    const char *name = word + 2;
    size_t length = strcspn(name, "=");
    const struct sbx_option *option = find_name(name, length);
    char buffer[32], hint[64];

    parser->arguments->words++;
    if (option == NULL && strcmp(name, "help") == 0) {
        parser->arguments->help = true;
        return 0;
    }
    if (option == NULL && strcmp(name, "json") == 0 && (parser->flags & ARGUMENTS_JSON) != 0) {
        parser->arguments->json = true;
        return 0;
    }
    if (option == NULL)
        return unknown_name(parser, name, length);
    if (option->kind == SBX_VALUE_FLAG) {
        if (name[length] == '\0')
            return add(parser, option, "");
        snprintf(hint, sizeof(hint), "write --%s alone", option->name);
        return message_usage(parser->err, position(parser, buffer), hint, "--%s takes no value",
                             option->name);
    }
    if (name[length] == '=')
        return add(parser, option, name + length + 1);
    return add_with_next(parser, option);
}

/* A word of letters: flags, of which the last may be an option with a value. */
static int parse_letters(struct parser *parser, const char *word)
{
    char buffer[32], hint[64];

    for (const char *letter = word + 1; *letter != '\0'; letter++) {
        const struct sbx_option *option = find_letter(*letter);
        int r;

        parser->arguments->words++;
        if (option == NULL && *letter == 'h') {
            parser->arguments->help = true;
            return 0;
        }
        if (option == NULL) {
            snprintf(hint, sizeof(hint), "\"sbx %s --help\" lists the options", parser->verb);
            return message_usage(parser->err, position(parser, buffer), hint, "unknown option -%c",
                                 *letter);
        }
        if (option->kind != SBX_VALUE_FLAG)
            return letter[1] != '\0' ? add(parser, option, letter + 1)
                                     : add_with_next(parser, option);
        r = add(parser, option, "");
        if (r < 0)
            return r;
    }
    return 0;
}

int arguments_parse(const char *verb, char *const *words, unsigned flags,
                    struct arguments *ret_arguments, struct sbx_error *err)
{
    struct arguments arguments = {0};
    struct parser parser = {
        .verb = verb, .next = words, .flags = flags, .arguments = &arguments, .err = err};
    int r = 0;

    while (*parser.next != NULL && !arguments.help) {
        const char *word = *parser.next;

        if (word[0] != '-' || word[1] == '\0')
            break;
        parser.next++;
        if (strcmp(word, "--") == 0)
            break;
        r = word[1] == '-' ? parse_long(&parser, word) : parse_letters(&parser, word);
        if (r < 0) {
            arguments_free(&arguments);
            return r;
        }
    }
    arguments.command = parser.next;
    *ret_arguments = arguments;
    return 0;
}
